"""What looking into a file comes to (文件检查): what an archive holds, what the scanner said, why it is refused."""

from __future__ import annotations

from dataclasses import dataclass

from domain.documents.entities import ScanState
from domain.text import Text


@dataclass(frozen=True, slots=True)
class Announced:
    """A file in the store as it was announced; ``proven`` when the store itself has checked its digest."""

    key: str
    filename: str
    size: int
    sha256: str
    proven: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One file in an archive, or in an archive within it (``depth`` 2 and more); ``size`` in bytes, digest in hex."""

    name: str
    size: int
    sha256: str
    depth: int


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found; with a ``rejection`` the file cannot be taken, and it says why and what to do."""

    scan: ScanState
    entries: tuple[Entry, ...] = ()
    rejection: Text | None = None


class Unexamined(Exception):  # noqa: N818 - the file is as it was, and is looked at again later
    """The file could not be looked at now: the scanner does not answer, or it took longer than may be waited for."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of an archive is unpacked at most. Sizes in bytes; nested archives count into the same sums."""

    entries: int = 20_000
    unpacked: int = 8 << 30
    # What unpacks to more than ``ratio`` times its size is a bomb; below ``ratio_from`` nobody is harmed.
    ratio: int = 200
    ratio_from: int = 64 << 20
    depth: int = 3
    name_bytes: int = 1024
    directory: int = 64 << 20


DIGEST_DIFFERS = Text(
    "收到的文件与登记的大小或摘要不符。请重新申请上传。",
    "What came is not what was announced, by size or digest. Request a new upload.",
)
OTHER_TYPE = Text(
    "文件内容与扩展名不符。请以正确的格式重新上传。",
    "The content is not of the type that the name says. Upload it in the right form.",
)
POLYGLOT = Text(
    "文件同时是另一种格式(其后附有压缩包)。请上传未经拼接的原始文件。",
    "The file is an archive at the same time, put behind it. Upload the file alone.",
)
CORRUPT = Text(
    "压缩包已损坏或不完整,无法解开。请重新打包后上传。",
    "The archive is damaged or incomplete and cannot be unpacked. Make it anew and upload that.",
)
ENCRYPTED = Text(
    "压缩包设有密码。请去除密码后重新打包上传。",
    "The archive is encrypted. Make it without a password and upload that.",
)
EMPTY = Text("压缩包内没有文件。", "The archive holds no file.")
MULTI_VOLUME = Text(
    "不接受分卷压缩包。请打成一个压缩包。", "Archives in several volumes are not taken. Make one of them."
)
METHOD = Text(
    "压缩包使用了无法识别的压缩方法。请用常用方式(ZIP 标准压缩)重新打包。",
    "The archive is compressed by a method that is not known here. Make it with ordinary ZIP compression.",
)
TOO_MANY = Text(
    "压缩包内文件过多,最多 {limit} 个。请分成几个压缩包。",
    "The archive holds too many files; {limit} are the most. Make several archives.",
)
TOO_DEEP = Text(
    "压缩包嵌套过深,最多 {limit} 层。请将内层压缩包解开后重新打包。",
    "Archives are nested too deeply; {limit} levels are the most. Unpack the inner ones first.",
)
BOMB = Text(
    "压缩包解开后远大于其本身,疑为压缩炸弹,不予接受。请检查来源,或分成几个压缩包。",
    "The archive unpacks to far more than itself, as a decompression bomb does. Check where it is from, or split it.",
)
UNSAFE_NAME = Text(
    "压缩包内第 {number} 个文件的名称不安全({why})。请改名后重新打包。",
    "The name of file {number} in the archive is not safe ({why}). Rename it and make the archive anew.",
)
LINK = Text(
    "压缩包内第 {number} 项是链接或特殊文件。请以普通文件重新打包。",
    "Item {number} in the archive is a link or special file. Make the archive of plain files.",
)
NOT_OFFICE = Text(
    "文件不是完整的 Office 文档。请用 Office 重新保存后上传。",
    "The file is no whole Office document. Save it anew and upload that.",
)
INFECTED = Text(
    "发现病毒({signature}),文件不予接受。请在本机杀毒后重新上传。",
    "Malware was found ({signature}); the file is not taken. Clean your computer and upload a clean file.",
)
