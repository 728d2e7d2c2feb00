"""A city's rows as lines of JSON, table by table, in an order in which they can be put in again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Column, Table, Text, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.schema import ForeignKeyConstraint, sort_tables_and_constraints

from domain.entities import Base

STEP = 500
# What triggers write from the other rows.
DERIVED = frozenset({"search_entries"})
# Tables in another order than that of their keys, in which their rows mean something.
ORDERS: Mapping[str, tuple[str, ...]] = {
    "outbox_events": ("sequence",),
    "audit_events": ("transaction", "id"),
    "audit_seals": ("number",),
}


def tables() -> Iterator[tuple[Table, list[ForeignKeyConstraint]]]:
    """Every table after those that it points to; with the keys that are filled in afterwards: they make circles."""
    found = [
        (table, constraints)
        for table, constraints in sort_tables_and_constraints(  # type: ignore[no-untyped-call]
            Base.metadata.tables.values()
        )
        if table is None or table.name not in DERIVED
    ]
    later = {constraint for table, constraints in found if table is None for constraint in constraints}
    for table, _ in found:
        if table is not None:
            circular = [key for key in table.foreign_key_constraints if key in later or key.referred_table is table]
            yield table, sorted(circular, key=lambda key: str(key.name))


def deferred(constraints: list[ForeignKeyConstraint]) -> list[Column[Any]]:
    """The columns of such keys, beside the tenant."""
    return [column for key in constraints for column in key.columns if column.name != "tenant_id"]


def kept(table: Table) -> list[Column[Any]]:
    """The columns that are written out; what a sequence numbers is numbered anew."""
    return [column for column in table.columns if column.identity is None]


async def lines(session: AsyncSession, table: Table, tenant_id: UUID) -> AsyncIterator[bytes]:
    """The rows of the tenant."""
    tenant = table.c.id if table.name == "tenants" else table.c.tenant_id
    order = [table.c[name] for name in ORDERS.get(table.name, [column.name for column in table.primary_key])]
    rows = select(*kept(table)).where(tenant == tenant_id).order_by(*order).subquery("kept")
    rewrite = await _rewriting(session, table, tenant_id)
    found = await session.stream(
        select(cast(func.row_to_json(rows.table_valued()), Text)), execution_options={"yield_per": STEP}
    )
    async for (row,) in found:
        yield rewrite(row.encode()) + b"\n"


async def _rewriting(session: AsyncSession, table: Table, tenant_id: UUID) -> Callable[[bytes], bytes]:
    """Numbers of transactions mean nothing elsewhere: events are numbered from below zero in their order."""
    if table.name not in {"audit_events", "audit_seals"}:
        return lambda row: row
    events = Base.metadata.tables["audit_events"]
    many = await session.scalar(select(func.count()).select_from(events).where(events.c.tenant_id == tenant_id)) or 0
    place = -many - 1

    def event(row: bytes) -> bytes:
        nonlocal place
        place += 1
        return orjson.dumps({**orjson.loads(row), "transaction": place})

    def seal(row: bytes) -> bytes:
        read = orjson.loads(row)
        return orjson.dumps({**read, "through": read["total"] - many - 1})

    return event if table.name == "audit_events" else seal
