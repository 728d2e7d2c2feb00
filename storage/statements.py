"""Statements made once: their SQL, how values go into it and how rows come out, for asyncpg to run as they are.

To make a statement, and to see that it is the same as the last time, costs SQLAlchemy several times what the driver
needs to run it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ClauseElement, Column, Dialect, Executable, Insert, Select, Update, bindparam, inspect, select
from sqlalchemy import insert as insert_into
from sqlalchemy import update as update_of
from sqlalchemy.orm import InstanceState
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from domain.base import Base, TenantRow

Process = Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL as the driver takes it; each parameter has its name, what it is where it is not given, and how it is sent."""

    sql: str
    parameters: Sequence[tuple[str, Any, Process]]
    columns: Sequence[Process]

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """``values`` in the statement's order."""
        given = [(values.get(name, fixed), process) for name, fixed, process in self.parameters]
        return [value if process is None or value is None else process(value) for value, process in given]

    def row(self, record: Sequence[Any]) -> tuple[Any, ...]:
        """A record of the driver's as Python has its values."""
        return tuple(
            value if process is None or value is None else process(value)
            for value, process in zip(record, self.columns, strict=True)
        )


class Statements:
    """What was compiled so far; a statement is known by its identity."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self.compiled: Callable[[Executable], Statement] = lru_cache(maxsize=1024)(self._compile)

    def _compile(self, statement: Executable) -> Statement:
        compiled: Any = statement.compile(dialect=self._dialect)  # type: ignore[attr-defined]
        assert isinstance(compiled, SQLCompiler)  # noqa: S101 - what else is executable is DDL
        # Constants of the statement (IN lists among them) are bound with it; what is not known yet is given each time.
        open_ = {name: None for name, bind in compiled.binds.items() if bind.required}
        state = compiled.construct_expanded_state(open_, escape_names=False)
        ways = {name: self._in(bind.type) for name, bind in compiled.binds.items()} | dict(state.processors)
        parameters = [(name, state.parameters[name], ways.get(name)) for name in state.positiontup or ()]
        columns = getattr(statement, "exported_columns", ())
        return Statement(state.statement, parameters, [self._out(column.type) for column in columns])

    def _in(self, type_: TypeEngine[Any]) -> Process:
        return type_.dialect_impl(self._dialect).bind_processor(self._dialect)

    def _out(self, type_: TypeEngine[Any]) -> Process:
        return type_.dialect_impl(self._dialect).result_processor(self._dialect, None)


@lru_cache(maxsize=512)
def by_key(entity: type[Any], *, lock: bool) -> Select[Any]:
    """The statement that finds one row by its key; its parameters have the names of the key's columns."""
    mapper = inspect(entity)
    query = select(*mapper.columns).where(
        *(each == bindparam(each.name, type_=each.type) for each in mapper.primary_key)
    )
    return query.with_for_update() if lock else query


@lru_cache(maxsize=256)
def insert(entity: type[TenantRow]) -> Insert:
    """The statement that writes one row of ``entity``, without what the database fills in itself."""
    return insert_into(entity).values({column.name: bindparam(column.name) for column in written(entity)})


@lru_cache(maxsize=256)
def written(entity: type[TenantRow]) -> tuple[Column[Any], ...]:
    """The columns that we write; a server's default alone (an identity, a trigger's value) is the server's."""
    return tuple(
        column for column in inspect(entity).columns if column.server_default is None or column.default is not None
    )


# A row that is there, and the new values of its columns.
Change = tuple[Base, Mapping[str, Any]]


@lru_cache(maxsize=512)
def update(entity: type[Base], names: frozenset[str]) -> Update:
    """The statement that changes the columns ``names`` of one row; the key's parameters are ``key_of``'s."""
    key = (each == bindparam(f"key_{each.name}", type_=each.type) for each in inspect(entity).primary_key)
    return update_of(entity).where(*key).values({name: bindparam(name) for name in sorted(names)})


def key_of(row: Base) -> dict[str, Any]:
    """The parameters of ``update`` that say which row."""
    return {f"key_{each.name}": getattr(row, each.name) for each in inspect(type(row)).primary_key}


def changes_of(rows: Iterable[Base]) -> list[Change] | None:
    """What has to be written of ``rows``, table by table in the order of their keys, as everybody locks them.

    A row that was given what it had has no values. None: all is SQLAlchemy's to write (an expression, a JSON null).
    """
    found: list[Change] = []
    for row in rows:
        state: InstanceState[Any] = inspect(row)
        columns = state.mapper.columns
        values = {
            name: state.dict[name]
            for name, old in state.committed_state.items()
            if name in columns and name in state.dict and state.dict[name] != old
        }
        for name, value in values.items():
            if isinstance(value, ClauseElement) or (value is None and columns[name].type.should_evaluate_none):
                return None
        found.append((row, values))
    return sorted(found, key=lambda each: (each[0].__tablename__, *map(str, key_of(each[0]).values())))


def fill_in(row: TenantRow) -> None:
    """Give a new row its defaults."""
    said = vars(row)  # nobody listens to a row that no session knows
    for column in written(type(row)):
        if column.name not in said:
            said[column.name] = _default(column.default)


def _default(default: Any) -> Any:
    if default is None:
        return None
    return default.arg(None) if default.is_callable else default.arg
