"""The paged list of what archives hold."""

from __future__ import annotations

from api.reads.listings import by_id, listing
from domain.documents.entities import ArchiveEntry

ARCHIVE_ENTRIES = listing(
    "ArchiveEntry",
    ArchiveEntry,
    [by_id("documentId", "document_id", "doc", "某压缩包内的 / in one archive")],
    {"PLACE": "place", "NAME": "name"},
    "PLACE",
)
