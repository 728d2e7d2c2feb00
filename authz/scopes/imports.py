"""Rows of imports: an organisation's own."""

from __future__ import annotations

from collections.abc import Mapping

from authz.scopes.language import C, D, Rows, U, own, visible
from domain.access import Role
from domain.imports.entities import ImportProblem, ImportRun

SCOPES: Mapping[str, Mapping[Role, Rows]] = {
    ImportRun.__tablename__: dict.fromkeys((C, D, U), own("organisation_id")),
    ImportProblem.__tablename__: {role: visible(role, ImportRun.__table__, "run_id") for role in (C, D, U)},
}
