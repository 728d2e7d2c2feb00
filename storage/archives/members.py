"""What the readers of the three kinds of archive have in common: members one after the other, or why not."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from domain.documents.examination import LINK, TOO_MANY, UNSAFE_NAME, Limits
from domain.text import Text

PIECE = 1 << 18


class Refused(Exception):  # noqa: N818 - it is told to whoever sent the file
    """The archive is not taken, and why."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: its name as it stands there, the size it claims, and its bytes.

    ``pieces`` have to be read before the next member is asked for.
    """

    name: str
    size: int
    pieces: Iterator[bytes]


class Names:
    """Looks at the names of one archive's items, one after the other."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._seen: set[str] = set()
        self._count = 0

    def check(self, name: str, *, plain: bool = True) -> None:
        """``plain`` is False for links, devices and the like. Raises: Refused."""
        self._count += 1
        if self._count > self._limits.entries:
            raise Refused(TOO_MANY.format(limit=self._limits.entries))
        if not plain:
            raise Refused(LINK.format(number=self._count))
        why = self._why_unsafe(name)
        if why is not None:
            raise Refused(
                Text(
                    UNSAFE_NAME.zh.format(number=self._count, why=why.zh),
                    UNSAFE_NAME.en.format(number=self._count, why=why.en),
                )
            )
        self._seen.add(_folded(name))

    def _why_unsafe(self, name: str) -> Text | None:
        stem = name.removesuffix("/")
        parts = stem.replace("\\", "/").split("/")
        tricks = (
            (not stem, Text("名称为空", "it is empty")),
            (len(name.encode("utf-8", "replace")) > self._limits.name_bytes, Text("名称过长", "it is too long")),
            (stem.startswith(("/", "\\")) or _has_drive(stem), Text("绝对路径", "an absolute path")),
            (".." in (part.strip() for part in parts), Text("指向上级目录", "it leads to a parent folder")),
            (any(part in {"", "."} for part in parts), Text("路径含空段", "a part of its path is empty")),
            ("\\" in stem, Text("含反斜杠", "a backslash")),
            (any(_invisible(char) for char in stem), Text("含不可见字符", "a character that is not to be seen")),
            (any(_is_device(part) for part in parts), Text("系统保留名", "a name that systems reserve")),
            (_folded(name) in self._seen, Text("与另一文件同名", "another file has the same name")),
        )
        return next((why for holds, why in tricks if holds), None)


_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))}
)


def _folded(name: str) -> str:
    """What some systems take for the same name: letters in other case, signs composed otherwise, dots behind."""
    parts = (part.rstrip(" .") for part in name.removesuffix("/").split("/"))
    return unicodedata.normalize("NFKC", "/".join(parts)).casefold()


def _has_drive(name: str) -> bool:
    return len(name) > 1 and name[1] == ":" and name[0].isascii() and name[0].isalpha()


def _is_device(part: str) -> bool:
    return part.split(".", maxsplit=1)[0].strip().casefold() in _DEVICES


def _invisible(char: str) -> bool:
    """Control characters, bidirectional overrides, halves of surrogate pairs, separators of lines."""
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
