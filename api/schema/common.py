"""What every subject's GraphQL types are made of: nodes, connections, user errors, vocabularies, scalars."""

import datetime as dt
from typing import Annotated, Any, Generic, NewType, TypeVar

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.scalar import ScalarDefinition

from domain import base
from domain.errors import ErrorCode
from domain.text import Term

T = TypeVar("T")

TODAY = base.TODAY

BigInt = NewType("BigInt", int)
MAX_BIG_INT = 2**53 - 1  # what a JSON number carries without loss


def _big_int(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str) or (isinstance(value, str) and not value.isdigit()):
        raise ValueError("BigInt is a whole number")
    if not -MAX_BIG_INT <= int(value) <= MAX_BIG_INT:
        raise ValueError("BigInt is at most 2^53 - 1")
    return int(value)


def _moment(value: Any) -> dt.datetime:
    if not isinstance(value, str):
        raise ValueError("DateTime is written as text (RFC 3339)")
    read = dt.datetime.fromisoformat(value)
    if read.tzinfo is None:
        raise ValueError("DateTime needs an offset, such as 2026-11-24T09:00:00+08:00")
    return read


def _day(value: Any) -> dt.date:
    if not isinstance(value, str) or len(value) != len("2026-11-24"):
        raise ValueError("Date is written as 2026-11-24")
    return dt.date.fromisoformat(value)


def _scalar(name: str, description: str, parse: Any, url: str) -> ScalarDefinition:
    return ScalarDefinition(
        name=name,
        description=description,
        specified_by_url=url,
        serialize=str if parse is not _big_int else int,
        parse_value=parse,
        parse_literal=None,
    )


SCALARS: dict[object, ScalarDefinition] = {
    dt.datetime: _scalar(
        "DateTime",
        "时刻,含时区偏移(RFC 3339) / a moment with its offset",
        _moment,
        "https://scalars.graphql.org/andimarek/date-time",
    ),
    dt.date: _scalar("Date", "日期 / a calendar day", _day, "https://scalars.graphql.org/andimarek/local-date"),
    BigInt: _scalar(
        "BigInt",
        "整数,绝对值小于 2^53 / a whole number below 2^53",
        _big_int,
        "https://datatracker.ietf.org/doc/html/rfc8259#section-6",
    ),
}


def vocabulary(term: type[Term]) -> type[Term]:
    """Show a vocabulary as a GraphQL enum, each value described in both languages."""
    if "__strawberry_definition__" in vars(term):
        return term
    made = strawberry.enum(term, description=term.__doc__)
    definition: StrawberryEnumDefinition = made.__strawberry_definition__  # type: ignore[attr-defined]  # set by enum
    for value in definition.values:
        member = term[value.name]
        value.description = f"{member.zh} / {member.en}" + (f" ({member.code})" if member.code else "")
    return made


vocabulary(ErrorCode)


@strawberry.interface(description="有全局标识的对象 / whatever has a global id")
class Node:
    """Whatever has a global id."""

    id: strawberry.ID = strawberry.field(description="全局标识 / opaque global id")


@strawberry.type(description="分页信息 / where a page lies in its list")
class PageInfo:
    """Where a page lies in its list."""

    has_next_page: bool = strawberry.field(description="之后还有 / there is more after it")
    has_previous_page: bool = strawberry.field(description="之前还有 / there is more before it")
    start_cursor: str | None = strawberry.field(description="首条的游标 / the first row's cursor")
    end_cursor: str | None = strawberry.field(description="末条的游标 / the last row's cursor")


@strawberry.type(description="列表中的一条 / one entry of a list")
class Edge(Generic[T]):
    """One entry of a list."""

    cursor: str = strawberry.field(description="游标 / its place in the list")
    node: T | None = strawberry.field(description="对象 / the object")


@strawberry.type(description="分页列表 / a paged list")
class Connection(Generic[T]):
    """A paged list."""

    edges: list[Edge[T]] = strawberry.field(description="条目及其游标 / entries with their cursors")
    nodes: list[T] = strawberry.field(description="条目 / the entries alone")
    page_info: PageInfo = strawberry.field(description="分页信息 / where this page lies")
    total_count: int = strawberry.field(description="总数,至多 100000 / how many there are, counted up to 100,000")
    total_count_is_exact: bool = strawberry.field(description="总数是否精确 / whether the count stopped short")


@strawberry.type(description="办理未成的原因 / why something was not done")
class UserError:
    """Why something was not done."""

    code: ErrorCode = strawberry.field(description="代码 / what kind of reason")
    field: str | None = strawberry.field(description="输入中的位置 / where in the input")
    message: str = strawberry.field(description="说明与处理办法 / the reason and the remedy")


def lazy(name: str, module: str) -> Any:
    """The type ``name`` of another subject's module, which may in turn know this one."""
    return Annotated[name, strawberry.lazy(f"api.schema.{module}")]
