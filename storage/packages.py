"""Filing packages on disk: unpacked within bounds into a folder of ours, and written as ZIP, always the same bytes."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.documents.examination import EMPTY, OTHER_TYPE
from domain.documents.file_types import FILE_TYPES, HEAD_BYTES, archive_kind, suffix_of
from domain.documents.kinds import DocumentKind
from domain.filings.printed import Cover, printed
from domain.packages.layout import (
    ATTACHMENTS,
    FORM,
    GRADING,
    LIMITS,
    MANIFEST,
    PRINTED,
    SIGNATURE,
    Digests,
    Unpacked,
    Unreadable,
)
from domain.packages.making import manifest_of
from domain.packages.reading import Package, read_package, read_parts
from domain.packages.signing import signed
from domain.text import Text
from storage.archives.looking import READERS, look_into
from storage.archives.members import PIECE, Member, Refused
from storage.papers.press import form_pdf

TOO_LARGE = Text(
    "材料包解开后超过 {limit} MiB。请将较大的附件单独上传。",
    "The package unpacks to more than {limit} MiB. Upload its larger attachments by themselves.",
)
MEMBERS_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can bear
READABLE = 0o100644 << 16


def digests_of(path: Path) -> Digests:
    """Size and digests of a file, in constant memory."""
    sha256, sm3, size = hashes.Hash(hashes.SHA256()), hashes.Hash(hashes.SM3()), 0
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            sha256.update(piece)
            sm3.update(piece)
            size += len(piece)
    return Digests(size, sha256.finalize().hex(), sm3.finalize().hex())


def unpack(archive: Path, folder: Path) -> list[Unpacked]:
    """The archive's files, each in ``folder`` under a name of ours, attachments looked into. Raises: Unreadable."""
    with archive.open("rb") as file:
        kind = archive_kind(file.read(HEAD_BYTES))
    if kind is None:
        raise Unreadable(OTHER_TYPE)
    made, unpacked = [], 0
    try:
        for number, member in enumerate(READERS[kind](archive, LIMITS)):
            unpacked += member.size
            if unpacked > LIMITS.unpacked:
                raise Unreadable(TOO_LARGE.format(limit=LIMITS.unpacked >> 20))
            made.append(_put(member, folder / f"{number}{_suffix(member.name)}"))
    except Refused as refused:
        raise Unreadable(refused.reason) from refused
    if not made:
        raise Unreadable(EMPTY)
    return made


def _put(member: Member, path: Path) -> Unpacked:
    left = member.size
    with path.open("xb") as file:
        for piece in member.pieces:
            left -= len(piece)
            if left < 0:
                raise Unreadable(OTHER_TYPE)
            file.write(piece)
    return _as_packed(member.name, path)


def _suffix(name: str) -> str:
    suffix = suffix_of(name)
    return suffix if suffix in FILE_TYPES else ""


def write_zip(target: Path, files: Mapping[str, Path]) -> None:
    """Write ``files`` by their names in the archive, in the order of those; the same files give the same bytes."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, path in sorted(files.items()):
            info = zipfile.ZipInfo(name, MEMBERS_DATE)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, READABLE
            info.create_system = 3
            with path.open("rb") as given, archive.open(info, "w", force_zip64=path.stat().st_size > 1 << 30) as kept:
                shutil.copyfileobj(given, kept, PIECE)


def open_package(archive: Path, folder: Path) -> Package:
    """What a package on disk says, and what is wrong with it; it is unpacked into ``folder``. Raises: Unreadable."""
    return read_package(unpack(archive, folder))


@dataclass(frozen=True, slots=True)
class Parts:
    """What a package is made of: files on disk, attachments by their kinds, and the key that signs it."""

    form: Path
    grading: Path | None = None
    attachments: Sequence[tuple[DocumentKind, Path]] = ()
    key: Ed25519PrivateKey | None = None


def make_package(parts: Parts, target: Path, at: dt.datetime) -> Package:
    """Write the package at ``target``, made ``at`` that moment; the same parts and moment give the same bytes.

    What is returned is the package as it reads again; with problems, which are all of them, nothing is written.
    """
    with tempfile.TemporaryDirectory(prefix="dengbao-package-") as name:
        folder = Path(name)
        files = {FORM: parts.form} | ({GRADING: parts.grading} if parts.grading else {})
        for kind, path in parts.attachments:
            files[f"{ATTACHMENTS}/{kind}/{path.name}"] = path
        found = read_parts([_as_packed(each, path) for each, path in files.items()])
        if found.problems:
            return found
        files[PRINTED] = folder / PRINTED
        files[PRINTED].write_bytes(form_pdf(printed(found.filled(), Cover(), at)))
        manifest = manifest_of(found.entry, {each: digests_of(path) for each, path in files.items()}, at)
        files[MANIFEST] = folder / MANIFEST
        files[MANIFEST].write_bytes(manifest)
        if parts.key is not None:
            files[SIGNATURE] = folder / SIGNATURE
            files[SIGNATURE].write_bytes(signed(manifest, parts.key))
        made, unpacked = folder / "package.zip", folder / "unpacked"
        write_zip(made, files)
        unpacked.mkdir()
        found = open_package(made, unpacked)
        if not found.problems:
            shutil.copyfile(made, target)
        return found


def _as_packed(name: str, path: Path) -> Unpacked:
    """A file as it would be found in the package."""
    attached = name.startswith(f"{ATTACHMENTS}/") and path.suffix.lower() in FILE_TYPES
    rejection = look_into(path, path.name).rejection if attached else None
    return Unpacked(name, path, digests_of(path), rejection)
