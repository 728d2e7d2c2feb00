"""Papers (公文): the PDF that was made of a subject's paper."""

from typing import Any

from sqlalchemy import and_

from api.reads.sources import to_one_on
from domain.documents.file_types import FILE_TYPES
from domain.documents.kinds import DocumentKind

_PDF = FILE_TYPES[".pdf"].media_type
_PAPERS = (
    DocumentKind.GRADING_REPORT,
    DocumentKind.OPINION_DOCUMENT,
    DocumentKind.REPLY_LETTER,
    DocumentKind.ASSESSMENT_RECEIPT,
    DocumentKind.RECTIFICATION_ORDER,
    DocumentKind.INSPECTION_REPORT,
    DocumentKind.INSPECTION_NOTICE,
)


def as_pdf(key: str, description: str) -> Any:
    """The PDF of the paper whose foreign key ``key`` points here; null until it is made."""
    return to_one_on(
        lambda mine, other: and_(other.c[key] == mine.c.id, other.c.kind.in_(_PAPERS), other.c.media_type == _PDF),
        description,
    )
