"""Which rows each role can see: one predicate per entity and role, from the table of the API's contract.

``scope(role, table)`` is used by reads, writes, counts, filters and searches alike. Each subject's module here has its
rows of the table (``SCOPES``) and the columns that a role cannot see even in rows that it can (``HIDDEN``).
"""

from __future__ import annotations

from authz.scopes import (
    assessments,
    documents,
    filings,
    imports,
    inquiries,
    inspections,
    mailed,
    organisations,
    panels,
    people,
    providers,
    rectification,
    systems,
)
from authz.scopes.language import (
    ADMIN,
    BY_KEY,
    DISTRICT,
    HIDDEN,
    MEMBERSHIP,
    ORGANISATION,
    SCOPES,
    SESSION,
    TENANT,
    USER,
    Named,
    Reached,
    Way,
    hidden,
    named_by,
    reached_by,
    scope,
    scope_values,
    spread,
)

__all__ = [
    "ADMIN",
    "BY_KEY",
    "DISTRICT",
    "HIDDEN",
    "MEMBERSHIP",
    "ORGANISATION",
    "SCOPES",
    "SESSION",
    "TENANT",
    "USER",
    "Named",
    "Reached",
    "Way",
    "hidden",
    "named_by",
    "reached_by",
    "scope",
    "scope_values",
    "spread",
]

for _subject in (
    assessments,
    documents,
    filings,
    imports,
    inquiries,
    inspections,
    mailed,
    organisations,
    panels,
    people,
    providers,
    rectification,
    systems,
):
    SCOPES.update(_subject.SCOPES)
for _subject in (inquiries, inspections, organisations):
    HIDDEN.update(_subject.HIDDEN)
