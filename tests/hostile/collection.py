"""A collection of hostile files (恶意文件), made here and now: bombs, path tricks, polyglots, broken headers.

``collection()`` gives each by what it is, with the reason for which it has to be refused. Nothing in it does harm by
itself, and nothing is kept in the repository.
"""

from __future__ import annotations

import io
import stat
import struct
import subprocess
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from api.demo.files import docx, pdf, zip_archive
from api.demo.rar import ARCHIVE, FILE, LONG_BLOCK, MARK, UNICODE_NAME, rar_archive
from domain.documents import examination as why
from domain.text import Text
from storage.archives.streams import SEVEN_ZIP
from tests.hostile.rar5 import rar5_archive

GOOD = {"备案表.xml": b"<filing/>", "说明.txt": "说明".encode() * 50}
ZEROS = bytes(1 << 20)
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 64
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1024
PROGRAM = b"MZ\x90\0" + b"\0" * 128


class Hostile(NamedTuple):
    """One file: the name it comes under, its bytes, and why it is refused."""

    filename: str
    content: bytes
    reason: Text


def collection() -> dict[str, Hostile]:
    """All of them, by what each is."""
    made: dict[str, Hostile] = {}
    for group in (_names, _zips, _bombs, _types, _rars, _sevens):
        made.update(group())
    return made


def _names() -> dict[str, Hostile]:
    names = {
        "a name that leads to the parent": "../x.txt",
        "a name that leads there from within": "a/../../x.txt",
        "a name that leads there by backslashes": "..\\x.txt",
        "a name that leads there with a blank": ".. /x.txt",
        "a name from the root": "/etc/passwd",
        "a name on a drive": "C:/windows/x.txt",
        "a name on a drive, by a colon alone": "c:x.txt",
        "a name on another computer": "\\\\server\\share\\x.txt",
        "a name with an empty part": "a//x.txt",
        "a name that stays where it is": "./x.txt",
        "a name of a zero byte": "x.txt\0.exe",
        "a name of two lines": "x\n.txt",
        "a name with a bell": "x\a.txt",
        "a name that reads backwards": "x\u202etxt.exe",
        "a name with a blank of no width": "x\u200b.txt",
        "a name with a line separator": "x\u2028.txt",
        "the console's name": "CON",
        "a device's name with an end": "a/aux.txt",
        "a device's name with a number": "LPT1.doc",
        "a name longer than any system takes": "长" * 400 + ".txt",
    }
    made = {what: Hostile("x.zip", _raw_zip([(name, b"x")]), why.UNSAFE_NAME) for what, name in names.items()}
    pairs = {
        "the same name twice": ("x.txt", "x.txt"),
        "the same name in other case": ("x.txt", "X.TXT"),
        "the same name in full width": ("x.txt", "\uff58.txt"),
        "the same name composed otherwise": ("\u00e9.txt", "e\u0301.txt"),
        "the same name with a dot behind": ("x.txt", "x.txt."),
    }
    for what, pair in pairs.items():
        made[what] = Hostile("x.zip", _raw_zip([(name, b"x") for name in pair]), why.UNSAFE_NAME)
    return made


def _zips() -> dict[str, Hostile]:
    good = zip_archive(GOOD)
    central = good.index(b"PK\x01\x02")
    cases: dict[str, tuple[bytes, Text]] = {
        "an archive of nothing": (_raw_zip([]), why.EMPTY),
        "an archive of folders": (_raw_zip([("a/", b""), ("a/b/", b"")]), why.EMPTY),
        "half an archive": (good[: len(good) // 2], why.CORRUPT),
        "an archive without its end": (good[:-22], why.CORRUPT),
        "an archive without its directory": (good[:central] + good[-22:], why.CORRUPT),
        "a directory beyond the end": (good[:-6] + struct.pack("<I", 1 << 30) + good[-2:], why.CORRUPT),
        "a directory of another length": (good[:-10] + struct.pack("<I", 1 << 20) + good[-6:], why.CORRUPT),
        "a checksum that is wrong": (_patched(good, central, 16, b"\0\0\0\0"), why.CORRUPT),
        "a stream that is none": (_raw_zip([("x.txt", b"\xff" * 50)], method=8), why.CORRUPT),
        "a size that is too great": (_patched(good, central, 24, struct.pack("<I", 5000)), why.CORRUPT),
        "a size that is too small": (_patched(good, central, 24, struct.pack("<I", 1)), why.CORRUPT),
        "two names for one file": (good.replace("备案表.xml".encode(), "备案来.xml".encode(), 1), why.CORRUPT),
        "a name that is no UTF-8": (good.replace("备".encode(), b"\xff\xfe\xfd"), why.CORRUPT),
        "a file at another place": (_patched(good, central, 42, struct.pack("<I", 7)), why.CORRUPT),
        "an archive with a password": (_patched(good, central, 8, struct.pack("<H", 0x801)), why.ENCRYPTED),
        "a method that hides another (AES)": (_patched(good, central, 10, struct.pack("<H", 99)), why.METHOD),
        "a method that nobody knows": (_patched(good, central, 10, struct.pack("<H", 77)), why.METHOD),
        "an archive on another disk": (_patched(good, central, 34, struct.pack("<H", 3)), why.MULTI_VOLUME),
        "a link": (_raw_zip([("x", b"/etc/passwd")], mode=stat.S_IFLNK | 0o777), why.LINK),
        "a pipe": (_raw_zip([("x", b"")], mode=stat.S_IFIFO | 0o644), why.LINK),
        "a device": (_raw_zip([("x", b"")], mode=stat.S_IFBLK | 0o644), why.LINK),
    }
    return {what: Hostile("x.zip", content, reason) for what, (content, reason) in cases.items()}


def _bombs() -> dict[str, Hostile]:
    bomb = _deflated({"零.bin": 100})
    deep = zip_archive({"x.txt": b"x"})
    for _ in range(3):
        deep = zip_archive({"内层.zip": deep})
    many = zip_archive({"x": b"x"})
    parts = {"[Content_Types].xml": 1, "word/document.xml": 100}
    cases: dict[str, tuple[str, bytes, Text]] = {
        "a bomb": ("x.zip", bomb, why.BOMB),
        "a bomb of many parts": ("x.zip", _deflated({f"{n}.bin": 10 for n in range(8)}), why.BOMB),
        "a bomb in an archive": ("x.zip", _stored({"内层.zip": bomb}), why.BOMB),
        "a bomb in an archive of another kind": ("x.rar", rar_archive({"内层.zip": bomb}), why.BOMB),
        "a bomb of the same bytes again and again": ("x.zip", _overlapping(), why.BOMB),
        "a bomb in a document": ("x.docx", _deflated(parts), why.BOMB),
        "archives within archives": ("x.zip", deep, why.TOO_DEEP),
        "archives of three kinds within each other": (
            "x.rar",
            rar_archive({"a.zip": zip_archive({"b.rar": rar_archive({"c.zip": zip_archive(GOOD)})})}),
            why.TOO_DEEP,
        ),
        "more files than may be": ("x.zip", many[:-14] + struct.pack("<HH", 60_000, 60_000) + many[-10:], why.TOO_MANY),
        "more files than may be, in a RAR": ("x.rar", rar_archive({f"{n}": b"" for n in range(20_001)}), why.TOO_MANY),
    }
    return {what: Hostile(*case) for what, case in cases.items()}


def _types() -> dict[str, Hostile]:
    good, page = zip_archive(GOOD), pdf("题", ["行"])
    cases: dict[str, tuple[str, bytes, Text]] = {
        "a program by the name of an archive": ("x.zip", PROGRAM, why.OTHER_TYPE),
        "a program by the name of a page": ("x.pdf", PROGRAM, why.OTHER_TYPE),
        "a web page by the name of a page": ("x.pdf", b"<html><script>alert(1)</script>", why.OTHER_TYPE),
        "a page with something before it": ("x.pdf", b"\n" + page, why.OTHER_TYPE),
        "a single byte": ("x.pdf", b"%", why.OTHER_TYPE),
        "a RAR by the name of a ZIP": ("x.zip", rar_archive(GOOD), why.OTHER_TYPE),
        "a ZIP by the name of a RAR": ("x.rar", good, why.OTHER_TYPE),
        "a ZIP by the name of a 7z": ("x.7z", good, why.OTHER_TYPE),
        "a picture by another's name": ("x.jpg", PNG, why.OTHER_TYPE),
        "an old document by the name of a new one": ("x.docx", OLE, why.OTHER_TYPE),
        "an archive that unpacks itself": ("x.zip", PROGRAM + good, why.OTHER_TYPE),
        "an archive by the name of a document": ("x.docx", good, why.NOT_OFFICE),
        "an archive by the name of a workbook": ("x.xlsx", good, why.NOT_OFFICE),
        "half a document": ("x.docx", docx("题", ["行"])[:900], why.CORRUPT),
        "a page and an archive": ("x.pdf", page + good, why.POLYGLOT),
        "a picture and an archive": ("x.png", PNG + good, why.POLYGLOT),
        "a photograph and an archive": ("x.jpeg", JPEG + good, why.POLYGLOT),
        "a document and an archive": ("x.doc", OLE + good, why.POLYGLOT),
    }
    return {what: Hostile(*case) for what, case in cases.items()}


def _rars() -> dict[str, Hostile]:
    good, five = rar_archive(GOOD), rar5_archive(GOOD)
    cases: dict[str, tuple[bytes, Text]] = {
        "a RAR of its mark alone": (MARK, why.EMPTY),
        "half a RAR": (good[: len(good) // 2], why.CORRUPT),
        "a RAR of another content": (good.replace(b"<filing/>", b"<FILING/>"), why.CORRUPT),
        "a RAR header that is wrong": (good[:22] + b"\xff" + good[23:], why.CORRUPT),
        "a RAR with a password": (_rar_flagged(0x04), why.ENCRYPTED),
        "a RAR with hidden names": (_rar_flagged(0, 0x80), why.ENCRYPTED),
        "one volume of a RAR": (_rar_flagged(0, 0x01), why.MULTI_VOLUME),
        "a RAR that leads to the parent": (rar_archive({"../x": b"x"}), why.UNSAFE_NAME),
        "a RAR from the root": (rar_archive({"/x": b"x"}), why.UNSAFE_NAME),
        "a RAR with one name twice": (rar_archive({"x": b"x", "X": b"x"}), why.UNSAFE_NAME),
        "half a RAR 5": (five[:60], why.CORRUPT),
        "a RAR 5 of noise": (five[:8] + bytes(range(256)), why.CORRUPT),
        "a RAR 5 of another content": (five.replace(b"<filing/>", b"<FILING/>"), why.CORRUPT),
        "a RAR 5 with hidden names": (rar5_archive(GOOD, locked=True), why.ENCRYPTED),
        "a RAR 5 that leads to the parent": (rar5_archive({"a/../../x": b"x"}), why.UNSAFE_NAME),
        "a RAR 5 with a link": (rar5_archive({"x": b""}, link=True), why.LINK),
    }
    return {what: Hostile("x.rar", content, reason) for what, (content, reason) in cases.items()}


def _sevens() -> dict[str, Hostile]:
    good = _seven(GOOD)
    cases: dict[str, tuple[bytes, Text]] = {
        "half a 7z": (good[:-20], why.CORRUPT),
        "a 7z of noise": (good[:6] + bytes(range(200)), why.CORRUPT),
        "a 7z of another content": (good[:40] + bytes([good[40] ^ 0xFF]) + good[41:], why.CORRUPT),
        "a 7z with a password": (_seven(GOOD, "-psecret"), why.ENCRYPTED),
        "a 7z with hidden names": (_seven(GOOD, "-psecret", "-mhe=on"), why.ENCRYPTED),
        "a 7z with a link": (_seven({}, "-snl", link=True), why.LINK),
        "a 7z that leads to the parent": (_seven({"x.txt": b"x"}, rename=("x.txt", "../x.txt")), why.UNSAFE_NAME),
        "a 7z bomb": (_seven({"零.bin": ZEROS * 80}), why.BOMB),
    }
    return {what: Hostile("x.7z", content, reason) for what, (content, reason) in cases.items()}


# --- how they are made ---


def _raw_zip(files: list[tuple[str, bytes]], *, method: int = 0, mode: int = 0) -> bytes:
    """A ZIP archive whose names are written as they are, which no library would."""
    body, directory = b"", b""
    for name, content in files:
        encoded = name.encode()
        head = struct.pack(
            "<HHHHHIIIHH",
            20,
            0x800,
            method,
            0,
            0x5C21,
            zlib.crc32(content),
            len(content),
            len(content),
            len(encoded),
            0,
        )
        directory += b"PK\x01\x02" + struct.pack("<H", 0x0314) + head
        directory += struct.pack("<HHHII", 0, 0, 0, mode << 16, len(body)) + encoded
        body += b"PK\x03\x04" + head + encoded + content
    end = struct.pack("<HHHHIIH", 0, 0, len(files), len(files), len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end


def _patched(archive: bytes, central: int, offset: int, value: bytes) -> bytes:
    """``archive`` with other bytes at an offset in the first entry of its directory."""
    at = central + offset
    return archive[:at] + value + archive[at + len(value) :]


def _deflated(files: Mapping[str, int]) -> bytes:
    """A ZIP archive of zeros, so many mebibytes to a name."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, size in files.items():
            with archive.open(name, "w", force_zip64=True) as file:
                for _ in range(size):
                    file.write(ZEROS)
    return made.getvalue()


def _stored(files: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def _overlapping() -> bytes:
    """A ZIP archive whose directory names one file's bytes a hundred times."""
    one = _raw_zip([("0.bin", bytes(4000))])
    central, end = one.index(b"PK\x01\x02"), one.index(b"PK\x05\x06")
    entry = one[central:end]
    directory = b"".join(entry.replace(b"0.bin", f"{n:05d}".encode()) for n in range(100))
    tail = struct.pack("<HHHHIIH", 0, 0, 100, 100, len(directory), central, 0)
    return one[:central] + directory + b"PK\x05\x06" + tail


def _rar_flagged(of_file: int, of_archive: int = 0) -> bytes:
    """A RAR 4 archive with flags that its content does not bear out."""
    parts, content = [MARK], b"x" * 16
    for kind, flags, body in (
        (ARCHIVE, of_archive, b"\0" * 6),
        (
            FILE,
            UNICODE_NAME | LONG_BLOCK | of_file,
            struct.pack("<IIBIIBBHI", 16, 16, 0, zlib.crc32(content), 0x5C210000, 20, 0x30, 1, 0x20) + b"x",
        ),
    ):
        head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
        parts.append(struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head)
    return b"".join([*parts, content])


def _seven(
    files: Mapping[str, bytes], *options: str, link: bool = False, rename: tuple[str, str] | None = None
) -> bytes:
    """A 7z archive, made by the program that will have to read it."""
    with tempfile.TemporaryDirectory() as folder:
        inside, target = Path(folder, "in"), Path(folder, "x.7z")
        inside.mkdir()
        for name, content in files.items():
            (inside / name).write_bytes(content)
        if link:
            (inside / "link").symlink_to("/etc/passwd")
        _run("a", *options, str(target), ".", at=inside)
        if rename:
            _run("rn", str(target), *rename, at=inside)
        return target.read_bytes()


def _run(*arguments: str, at: Path) -> None:
    subprocess.run(  # noqa: S603 - a program of ours
        [SEVEN_ZIP, *arguments, "-y", "-mx1"], cwd=at, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    )
