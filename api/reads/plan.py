"""A compiled statement, ready to be run for anybody with the role it was made for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

from api.reads.plans import Variables
from authz.scopes import scope_values
from domain.access import Caller

_DIALECT = PGDialect_asyncpg()  # type: ignore[no-untyped-call]  # SQLAlchemy's dialects are not annotated


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
    """Render ``statement``; parameters are found by name: a binder's, a context's (``scope_…``), or constant."""
    compiled = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    constants = compiled.params
    processors = compiled._bind_processors
    parameters: list[Callable[[Variables, Mapping[str, Any]], Any]] = []
    for name in compiled.positiontup or ():
        if name in binders:
            parameters.append(_bound(binders[name]))
        elif name.startswith("scope_"):
            parameters.append(_of_context(name))
        else:
            process: Any = processors.get(name)
            value = constants[name]
            parameters.append(_constant(process(value) if process and value is not None else value))
    return Plan(str(compiled), tuple(parameters), objects)


def _bound(binder: Callable[[Variables], Any]) -> Callable[[Variables, Mapping[str, Any]], Any]:
    return lambda variables, _: binder(variables)


def _of_context(name: str) -> Callable[[Variables, Mapping[str, Any]], Any]:
    return lambda _, context: context[name]


def _constant(value: Any) -> Callable[[Variables, Mapping[str, Any]], Any]:
    return lambda _, __: value
