"""Running numbers (编号): of letters, opinion documents, units and systems, each series without gaps or doubles."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, bindparam
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base
from domain.work import TENANT, Work


class Counter(Base):
    """A tenant's running numbers, one row a series; locked while a number is taken, so none is lost or doubled."""

    __tablename__ = "counters"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    series: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]


_NEXT = (
    insert(Counter)
    .values(tenant_id=TENANT, series=bindparam("series"), value=1)
    .on_conflict_do_update(index_elements=[Counter.tenant_id, Counter.series], set_={"value": Counter.value + 1})
    .returning(Counter.value)
)


async def next_number(work: Work, series: str) -> int:
    """The next number of a series; others wait until this transaction ends, so that none is lost or given twice."""
    ((number,),) = await work.rows(_NEXT, series=series)
    return int(number)
