"""Filing packages for tests: sound ones, and sound ones with something changed."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clients.papers import paper
from domain.documents.kinds import DocumentKind
from domain.filings.form import FilingForm
from domain.filings.sample import completed, entered
from storage.packages import Parts, make_package

AT = dt.datetime(2026, 11, 1, 8, tzinfo=dt.UTC)
GRADING = {
    "businessInformation": {"harms": [{"object": "SOCIAL_ORDER_PUBLIC_INTEREST", "degree": "SERIOUS"}]},
    "systemService": {"harms": [{"object": "LEGITIMATE_RIGHTS", "degree": "SERIOUS"}]},
    "gradedOn": "2026-10-08",
}
TOPOLOGY = "attachments/TOPOLOGY/拓扑图.pdf"


def answers(**system: Any) -> dict[str, Any]:
    """A complete form's answers, some of table 2 changed."""
    made = entered(completed(FilingForm(), 3))
    made["system"] |= system
    return made


def package(
    folder: Path,
    form: Mapping[str, Any],
    grading: Mapping[str, Any] | None = GRADING,
    key: Ed25519PrivateKey | None = None,
    topology: bytes | None = None,
) -> bytes:
    """A package as ``dengbao package create`` makes it, with a topology."""
    (folder / "form.json").write_text(json.dumps(form, ensure_ascii=False), encoding="utf-8")
    (folder / "拓扑图.pdf").write_bytes(topology or paper("拓扑图"))
    filed = None
    if grading is not None:
        filed = folder / "grading.json"
        filed.write_text(json.dumps(grading), encoding="utf-8")
    parts = Parts(folder / "form.json", filed, [(DocumentKind.TOPOLOGY, folder / "拓扑图.pdf")], key)
    made = make_package(parts, folder / "package.zip", AT)
    assert made.problems == [], made.problems
    return (folder / "package.zip").read_bytes()


def unzipped(content: bytes) -> dict[str, bytes]:
    """An archive's files."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: Mapping[str, bytes]) -> bytes:
    """An archive of files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()
