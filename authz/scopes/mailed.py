"""Rows of packages that came by e-mail: an office's own."""

from __future__ import annotations

from collections.abc import Mapping

from authz.scopes.language import C, D, Rows, own
from domain.access import Role
from domain.mailed.entities import MailedPackage

SCOPES: Mapping[str, Mapping[Role, Rows]] = {
    MailedPackage.__tablename__: dict.fromkeys((C, D), own("organisation_id")),
}
