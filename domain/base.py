"""What every stored entity has in common.

Keys lead with the tenant: a row cannot point into another tenant, and a unique value of one tenant says nothing
to another. Vocabularies are text with a CHECK, because a native enum loses its index below a row-level policy.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Enum,
    ForeignKeyConstraint,
    MetaData,
    SmallInteger,
    Text,
    UniqueConstraint,
    Uuid,
    literal_column,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from uuid_utils.compat import uuid7

from domain.text import Term

NAMING = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


def new_id() -> UUID:
    """A new UUIDv7: ordered by time, so that indexes grow at one end."""
    return UUID(bytes=uuid7().bytes)


# The day that it is in China, in SQL; written out, as a parameter would be one more in every statement that asks.
TODAY: ColumnElement[dt.date] = literal_column("(now() AT TIME ZONE 'Asia/Shanghai')::date", Date())


class Base(DeclarativeBase):
    """The root of all entities; plain Python types map to timezone-aware and text columns."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        dt.datetime: DateTime(timezone=True),
        str: Text(),
        UUID: Uuid(),
        dict[str, Any]: JSONB(),
    }


class TenantRow(Base):
    """A row that belongs to one tenant and is known by a UUIDv7 within it."""

    __abstract__ = True

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-20)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-19)
    created_at: Mapped[dt.datetime] = mapped_column(sort_order=-18)


class Versioned:
    """Counts its changes; an update that names an older version is refused."""

    version: Mapped[int] = mapped_column(default=1)


def term(vocabulary: type[Term], name: str | None = None) -> Enum:
    """A text column with a CHECK that only members of ``vocabulary`` can enter; ``name`` where a table has two."""
    return Enum(
        vocabulary,
        native_enum=False,
        length=40,
        create_constraint=True,
        name=name or vocabulary.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )


def level() -> SmallInteger:
    """A security level, 1 to 5; the tables that use it say so in a CHECK."""
    return SmallInteger()


def refers(column: str, table: str, *, name: str | None = None) -> ForeignKeyConstraint:
    """A foreign key that stays within its tenant."""
    return ForeignKeyConstraint(["tenant_id", column], [f"{table}.tenant_id", f"{table}.id"], name=name)


def unique(*columns: str) -> UniqueConstraint:
    """A uniqueness that holds within one tenant and reveals nothing to another."""
    return UniqueConstraint("tenant_id", *columns)
