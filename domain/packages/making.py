"""Making a filing package: its manifest, from the files that go into it. The same files make the same package."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from domain.filings.form import FilingFormEntry
from domain.packages.layout import FORMAT, VERSION, Digests, Listed, Manifest, Subject


def manifest_of(entry: FilingFormEntry, files: Mapping[str, Digests], at: dt.datetime) -> bytes:
    """The content of ``manifest.json`` for ``files`` by their names in the package."""
    manifest = Manifest(
        format=FORMAT,
        version=VERSION,
        created_at=at,
        subject=Subject(
            unit_name=entry.unit.unit_name if entry.unit else None,
            system_name=entry.system.system_name if entry.system else None,
            system_number=entry.system.system_number if entry.system else None,
        ),
        files=[
            Listed(path=name, size=each.size, sha256=each.sha256, sm3=each.sm3) for name, each in sorted(files.items())
        ],
    )
    return manifest.model_dump_json(by_alias=True, indent=1).encode() + b"\n"
