"""A compiled statement, ready to be run for anybody with the role it was made for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select
from sqlalchemy.dialects.postgresql.asyncpg import PGCompiler_asyncpg, PGDialect_asyncpg

from api.reads.json_rows import ROW, PlainSelect, RowsAsJson
from api.reads.plans import Variables
from authz.scopes import scope_values
from domain.access import Caller


class _SqlCompiler(PGCompiler_asyncpg):
    """Writes our own constants (states, prefixes, type names) into the statement.

    PostgreSQL then knows them when it plans, for any values, and a partial index can be one for ``state <> 'DRAFT'``.
    What a request brings is a parameter without a value here, and is never written out.
    """

    def visit_bindparam(self, bindparam: BindParameter[Any], **options: Any) -> str:  # type: ignore[override]
        """A parameter, or the constant that it stands for."""
        options["literal_binds"] = bindparam.value is not None
        written: str = super().visit_bindparam(bindparam, **options)  # type: ignore[no-untyped-call]
        return written

    def visit_rows_as_json(self, element: RowsAsJson, **_: Any) -> str:
        """The rows' SELECT, in one that makes JSON of them."""
        return f"(SELECT {element.value} FROM ({element.rows._compiler_dispatch(self)}) AS {ROW})"  # noqa: S608 - ours

    def visit_plain_select(self, element: PlainSelect, **_: Any) -> str:
        """The SELECT, beside whose table SQLAlchemy's own within it are put."""
        around, table = self.stack[-1], element.table
        froms = set() if table is None else {table}
        self.stack.append({**around, "asfrom_froms": froms, "correlate_froms": around["correlate_froms"] | froms})
        columns = ", ".join(f"{self._text(each)} AS {self._quote(name)}" for name, each in element.columns.items())
        text = f"SELECT {columns}"
        if table is not None:
            text += f" FROM {table._compiler_dispatch(self, asfrom=True)}"
        if element.where:
            all_hold = self._generate_delimited_and_list(element.where)  # type: ignore[no-untyped-call]
            text += f" WHERE {all_hold}"
        if element.order:
            text += f" ORDER BY {', '.join(map(self._text, element.order))}"
        if element.limit is not None:
            text += f" LIMIT {int(element.limit)}"
        self.stack.pop()
        return text

    def _text(self, element: ColumnElement[Any]) -> str:
        return str(element._compiler_dispatch(self))

    def _quote(self, name: str) -> str:
        return self.preparer.quote(name)


_DIALECT = PGDialect_asyncpg()  # type: ignore[no-untyped-call]  # SQLAlchemy's dialects are not annotated
_DIALECT.statement_compiler = _SqlCompiler
_DIALECT._backslash_escapes = False


@dataclass(frozen=True, slots=True)
class Plan:
    """One SELECT of one JSON value, and where its parameters come from, in order.

    ``objects`` is how many it may give at most, by the page sizes that it was made with.
    """

    sql: str
    parameters: tuple[Callable[[Variables, Mapping[str, Any]], Any], ...]
    objects: int = 0

    @property
    def weight(self) -> int:
        """About how many bytes it takes: measured, a parameter is a closure of some 200."""
        return 500 + len(self.sql) + 200 * len(self.parameters)

    def arguments(self, variables: Variables, context: Mapping[str, Any]) -> list[Any]:
        """The parameters' values for this request. Raises: RequestError for a value that cannot be used."""
        return [parameter(variables, context) for parameter in self.parameters]


def context_of(caller: Caller, **more: Any) -> dict[str, Any]:
    """What a plan is told of who asks."""
    return {
        **scope_values(caller),
        "scope_language": caller.language,
        **more,
    }


def make_plan(statement: Select[Any], binders: Mapping[str, Callable[[Variables], Any]], objects: int = 0) -> Plan:
    """Render ``statement``; parameters are found by name: a binder's, or the context's (``scope_…``)."""
    compiled = statement.compile(dialect=_DIALECT)
    names = compiled.positiontup or ()
    parameters = [_bound(binders[name]) if name in binders else _of_context(name) for name in names]
    return Plan(str(compiled), tuple(parameters), objects)


def _bound(binder: Callable[[Variables], Any]) -> Callable[[Variables, Mapping[str, Any]], Any]:
    return lambda variables, _: binder(variables)


def _of_context(name: str) -> Callable[[Variables, Mapping[str, Any]], Any]:
    return lambda _, context: context[name]
