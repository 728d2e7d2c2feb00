"""The filing package (备案材料包): what is in one, by name (docs/PACKAGE.md).

``manifest.json`` lists every other file with size and digests; ``form.json`` is the form as data, ``grading.json`` the
grading as it was filed, ``form.pdf`` the form as it is printed, ``attachments/<kind>/<file>`` what goes with it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from domain.documents.examination import Limits
from domain.documents.kinds import DocumentKind
from domain.text import Text

FORMAT, VERSION = "dengbao.filing-package", 1
MANIFEST, SIGNATURE, FORM, GRADING, PRINTED = "manifest.json", "manifest.sig", "form.json", "grading.json", "form.pdf"
ATTACHMENTS = "attachments"
# What a package is unpacked to at most; a larger attachment is uploaded by itself.
LIMITS = Limits(entries=200, unpacked=512 << 20, depth=1)
# How long what is read as JSON may be, in bytes.
LONGEST_JSON = 1 << 20
# What a unit sends with a filing; papers of others (replies, orders) are not its to send.
PACKED = (
    DocumentKind.GRADING_REPORT,
    DocumentKind.TOPOLOGY,
    DocumentKind.ORGANISATION_AND_RULES,
    DocumentKind.PROTECTION_PLAN,
    DocumentKind.PRODUCT_LIST,
    DocumentKind.ASSESSMENT_REPORT,
    DocumentKind.EXPERT_OPINION,
    DocumentKind.SUPERIOR_APPROVAL,
    DocumentKind.OTHER,
)


class Part(BaseModel):
    """A part of what a package holds as JSON; what a later program adds is read over."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


class Subject(Part):
    """Whose filing it is, for people; it has to agree with the form, which counts."""

    unit_name: str | None = None
    system_name: str | None = None
    system_number: str | None = None


class Listed(Part):
    """A file as the manifest lists it; ``size`` in bytes, digests in hex."""

    path: str = Field(max_length=1024)
    size: int = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    sm3: str = Field(pattern="^[0-9a-f]{64}$")


class Manifest(Part):
    """``manifest.json``."""

    format: str
    version: int
    created_at: dt.datetime
    subject: Subject
    files: list[Listed] = Field(max_length=LIMITS.entries)


@dataclass(frozen=True, slots=True)
class Digests:
    """Size in bytes, and digests in hex, of a file's content."""

    size: int
    sha256: str
    sm3: str


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A file of an archive that lies at ``path`` now; ``rejection`` where it cannot be taken for what its name says."""

    name: str
    path: Path
    digests: Digests
    rejection: Text | None = None


class Unreadable(Exception):  # noqa: N818 - it is told to whoever sent the archive
    """The archive cannot be unpacked, and why."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason
