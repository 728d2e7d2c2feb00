"""A tenant's transaction, as use cases have it: SQLAlchemy's session, and two shorter ways for what every write does.

``storage`` implements it. The short ways are for statements that are always the same: rows found by their key, and
lines added to a trail. A statement given to ``fetch`` is compiled once, so it has to be the same object each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncSession

from domain.base import TenantRow

Entity = TypeVar("Entity", bound=TenantRow)


class Transaction(AsyncSession):
    """Committed as a whole or not at all. What was changed in it and not yet flushed, ``fetch`` does not see."""

    async def fetch(self, statement: Executable, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The rows that ``statement`` yields, its parameters bound to ``values``."""
        raise NotImplementedError

    def loaded(self, entity: type[Entity], row: tuple[Any, ...], *, anew: bool) -> Entity:
        """The entity of a fetched ``row`` of all its columns, known to the session until the transaction ends.

        One that is known already stays as it is, unless ``anew``: then it is what was fetched.
        """
        raise NotImplementedError

    def append(self, row: TenantRow) -> None:
        """Add a row that is written once and never changed: with the next flush, behind all else.

        Its defaults (its key among them) are filled in at once; the session does not know it.
        """
        raise NotImplementedError
