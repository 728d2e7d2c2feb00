"""Rows of the directory of providers: everybody in the city can read it."""

from __future__ import annotations

from collections.abc import Mapping

from authz.scopes.language import Rows, everything
from domain.access import Role
from domain.providers.entities import Provider

SCOPES: Mapping[str, Mapping[Role, Rows]] = {Provider.__tablename__: dict.fromkeys(Role, everything)}
