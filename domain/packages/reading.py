"""Reading a filing package: everything that is wrong with it at once, each with its file, its place and what to do.

Nothing is taken from the manifest on trust: its digests are compared with what was unpacked, its subject with the form.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from domain.documents.file_types import FILE_TYPES, suffix_of
from domain.documents.kinds import DocumentKind
from domain.errors import ErrorCode, Problem
from domain.filings.consistency import contradictions, read_entry
from domain.filings.form import FilingForm, FilingFormEntry, merge, problems_of
from domain.filings.missing import MissingItem, missing_items
from domain.filings.prefill import with_derived
from domain.packages.filed import FiledGrading, determined
from domain.packages.layout import (
    ATTACHMENTS,
    FORM,
    FORMAT,
    GRADING,
    LONGEST_JSON,
    MANIFEST,
    PACKED,
    PRINTED,
    SIGNATURE,
    VERSION,
    Listed,
    Manifest,
    Unpacked,
)
from domain.packages.signing import signer
from domain.text import Text

_Model = TypeVar("_Model", bound=BaseModel)

ABSENT = Text("包内没有 {name}。请重新制作(dengbao package create)。", "The package has no {name}. Make it anew.")
NOT_LISTED = Text("清单未列此文件。请重新制作材料包。", "The manifest does not list this file. Make the package anew.")
NOT_THERE = Text("清单所列文件不在包内。请重新制作材料包。", "It is listed and not in the package. Make it anew.")
TWICE = Text("清单重复列出此文件。请重新制作材料包。", "The manifest lists it twice. Make the package anew.")
CHANGED = Text(
    "文件与清单所载 {what} 不符,传输中受损或事后改动。请向单位索取原包。",
    "It is not what the manifest says by its {what}: damaged, or changed since. Ask for the package again.",
)
NO_JSON = Text("不是可读的 JSON 文件(UTF-8,1 MiB 以内)。", "It is no JSON in UTF-8 of at most 1 MiB.")
OTHER_FORMAT = Text(
    "不是本平台的备案材料包(format 须为 {format})。", "It is no filing package: format has to be {format}."
)
OTHER_VERSION = Text(
    "材料包格式版本为 {given},本程序只读版本 {known}。请用相应版本的程序重新制作。",
    "The package is of version {given}; this program reads version {known}. Make it with a program that writes that.",
)
OTHER_SUBJECT = Text(
    "清单所载与备案表不一致(表中为“{said}”)。请重新制作材料包。",
    "The manifest says otherwise than the form ({said}). Make the package anew.",
)
BAD_SIGNATURE = Text(
    "签名无效:清单在签名后被改动,或签名文件损坏。请向单位索取原包。",
    "The signature does not hold: the manifest was changed, or the signature damaged. Ask for the package again.",
)
BAD_PLACE = Text(
    "附件须放在 attachments/<材料种类>/<文件名> 下,种类为:{kinds}。",
    "An attachment lies at attachments/<kind>/<file>, its kind one of {kinds}.",
)
BAD_TYPE = Text("只接受以下类型的文件:{known}。", "Files of these types are taken: {known}.")
NO_PDF = Text("打印的备案表须为 PDF。", "The printed form has to be a PDF.")


@dataclass(frozen=True, slots=True)
class PackedFile:
    """An attachment: what it is in the workflow, its file name, and where it lies."""

    kind: DocumentKind
    filename: str
    file: Unpacked


@dataclass(slots=True)
class Package:
    """What was read; with ``problems`` it cannot be taken in.

    ``form`` and ``grading`` are as they would be entered, ``signer`` the public key of a signature that holds, in hex.
    """

    entry: FilingFormEntry = field(default_factory=FilingFormEntry)
    form: Mapping[str, Any] = field(default_factory=dict)
    grading: FiledGrading | None = None
    attachments: list[PackedFile] = field(default_factory=list)
    signer: str | None = None
    problems: list[Problem] = field(default_factory=list)

    def filled(self) -> FilingForm:
        """The form with what follows from grading and attachments."""
        form = merge(FilingForm(), self.entry)
        if self.grading is None:
            return form
        return with_derived(form, determined(self.grading), {each.kind: each.filename for each in self.attachments})

    def missing(self) -> list[MissingItem]:
        """What the filing lacks; without a grading its level is not known, and table 4 is not asked for."""
        kinds = {DocumentKind.FILING_ARCHIVE, *(each.kind for each in self.attachments)}
        level = determined(self.grading).level if self.grading else 2
        return missing_items(self.filled(), level, kinds)


def read_package(files: Sequence[Unpacked]) -> Package:
    """What the unpacked files are as a package, and everything that is wrong with them."""
    made, by_name = read_parts(files), {file.name: file for file in files}
    made.problems += [_absent(name) for name in (MANIFEST, PRINTED) if name not in by_name]
    if (printed := by_name.get(PRINTED)) and _head(printed) != b"%PDF-":
        made.problems.append(_wrong(PRINTED, NO_PDF))
    manifest = by_name.get(MANIFEST)
    if manifest is not None:
        _read_signature(made, manifest, by_name.get(SIGNATURE))
        made.problems += _manifest_problems(manifest, by_name, made.entry)
    return made


def read_parts(files: Sequence[Unpacked]) -> Package:
    """What form, grading and attachments say, whatever else there is of a package."""
    made, by_name = Package(), {file.name: file for file in files}
    if FORM not in by_name:
        made.problems.append(_absent(FORM))
    _read_form(made, by_name.get(FORM))
    _read_grading(made, by_name.get(GRADING))
    _read_attachments(made, files)
    return made


def _read_form(made: Package, file: Unpacked | None) -> None:
    if file is None:
        return
    given = _json(file)
    if not isinstance(given, dict):
        made.problems.append(_wrong(FORM, NO_JSON))
        return
    made.entry, wrong = read_entry(given, FORM)
    made.form = given
    made.problems += [*wrong, *contradictions(made.entry, None, FORM)]


def _read_grading(made: Package, file: Unpacked | None) -> None:
    if file is not None:
        made.grading = _model(FiledGrading, file, made.problems)


def _read_attachments(made: Package, files: Sequence[Unpacked]) -> None:
    for file in files:
        if not file.name.startswith(f"{ATTACHMENTS}/"):
            continue
        _, *place = file.name.split("/")
        if len(place) != 2 or place[0] not in PACKED:
            made.problems.append(_wrong(file.name, BAD_PLACE.format(kinds=" ".join(PACKED))))
        elif suffix_of(place[1]) not in FILE_TYPES:
            made.problems.append(_wrong(file.name, BAD_TYPE.format(known=" ".join(FILE_TYPES))))
        elif file.rejection is not None:
            made.problems.append(_wrong(file.name, file.rejection))
        else:
            made.attachments.append(PackedFile(DocumentKind[place[0]], place[1], file))


def _read_signature(made: Package, manifest: Unpacked, file: Unpacked | None) -> None:
    if file is None:
        return
    if max(file.digests.size, manifest.digests.size) <= LONGEST_JSON:
        made.signer = signer(manifest.path.read_bytes(), file.path.read_bytes())
    if made.signer is None:
        made.problems.append(_wrong(SIGNATURE, BAD_SIGNATURE))


def _manifest_problems(file: Unpacked, by_name: Mapping[str, Unpacked], entry: FilingFormEntry) -> Iterator[Problem]:
    problems: list[Problem] = []
    manifest = _model(Manifest, file, problems)
    yield from problems
    if manifest is None:
        return
    if manifest.format != FORMAT:
        yield _wrong(f"{MANIFEST}.format", OTHER_FORMAT.format(format=FORMAT))
    if manifest.version != VERSION:
        yield _wrong(f"{MANIFEST}.version", OTHER_VERSION.format(given=manifest.version, known=VERSION))
    yield from _differing(manifest.files, by_name)
    said = {
        "unitName": (manifest.subject.unit_name, entry.unit.unit_name if entry.unit else None),
        "systemName": (manifest.subject.system_name, entry.system.system_name if entry.system else None),
        "systemNumber": (manifest.subject.system_number, entry.system.system_number if entry.system else None),
    }
    for name, (listed, filled) in said.items():
        if listed != filled:
            yield _wrong(f"{MANIFEST}.subject.{name}", OTHER_SUBJECT.format(said=filled or ""))


def _differing(listed: Sequence[Listed], by_name: Mapping[str, Unpacked]) -> Iterator[Problem]:
    """Files that are listed and not there, there and not listed, or not what is listed."""
    seen: set[str] = set()
    for each in listed:
        if each.path in seen:
            yield _wrong(each.path, TWICE)
        seen.add(each.path)
        file = by_name.get(each.path)
        if file is None:
            yield _wrong(each.path, NOT_THERE)
            continue
        found = file.digests
        for what, is_, was in (
            ("size", found.size, each.size),
            ("SHA-256", found.sha256, each.sha256),
            ("SM3", found.sm3, each.sm3),
        ):
            if is_ != was:
                yield _wrong(each.path, CHANGED.format(what=what))
    yield from (_wrong(name, NOT_LISTED) for name in by_name.keys() - seen - {MANIFEST, SIGNATURE})


def _model(model: type[_Model], file: Unpacked, problems: list[Problem]) -> _Model | None:
    given = _json(file)
    if given is None:
        problems.append(_wrong(file.name, NO_JSON))
        return None
    try:
        return model.model_validate(given)
    except ValidationError as error:
        problems += problems_of(error, file.name)
        return None


def _json(file: Unpacked) -> Any:
    """What the file says, None where it is no JSON that is read here."""
    if file.digests.size > LONGEST_JSON:
        return None
    try:
        return json.loads(file.path.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None


def _head(file: Unpacked) -> bytes:
    with file.path.open("rb") as opened:
        return opened.read(5)


def _absent(name: str) -> Problem:
    return _wrong(name, ABSENT.format(name=name))


def _wrong(place: str, message: Text) -> Problem:
    return Problem(ErrorCode.INVALID_INPUT, message, place)
