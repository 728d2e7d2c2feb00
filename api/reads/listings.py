"""What a paged list offers: its filters and orderings, one table per entity, both only over what is indexed."""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import ARRAY, Boolean, ColumnElement, Date, DateTime, FromClause, SmallInteger, Text, Uuid, func
from sqlalchemy.types import TypeEngine
from strawberry.annotation import StrawberryAnnotation

from api.reads.search import contains, wanted
from domain.base import Base
from domain.text import Term

Condition = Callable[[FromClause, Any], ColumnElement[bool]]
GLOBAL_ID = re.compile(r"([a-z]{2,4})_([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")


class Direction(enum.Enum):
    """排序方向 / which way a list is ordered"""

    ASC = "ASC"
    DESC = "DESC"


# What the values of orderings say.
WORDS = {
    "ASC": "升序 / smallest first",
    "DESC": "降序 / greatest first",
    "CREATED_AT": "创建时间 / when it was made",
    "SUBMITTED_AT": "提交时间 / when it was submitted",
    "REVIEW_DUE_ON": "审核期限 / when the review is due",
    "LAST_MESSAGE_AT": "最新消息时间 / when something was last said",
    "PUBLISHED_AT": "发布时间 / when it was published",
    "TITLE": "标题 / title",
    "HELD_ON": "会议日期 / the day it is held on",
    "VALID_UNTIL": "有效期(聘期)止 / the end of the term",
    "ASSESSED_ON": "评估日期 / the day of the assessment",
    "NEXT_DUE_ON": "最近期限 / when the next of its measures is due",
    "PLANNED_ON": "计划日期 / the day it is planned for",
    "RESPONSE_DUE_ON": "整改期限 / when the response is due",
    "INSPECTION_DUE_ON": "检查期限 / when the inspection is due",
    "ENDED_ON": "答复日期,未答复者视为最大 / when it was answered, those not answered being the greatest",
    "DAY": "日期 / day",
    "MONTH": "月份 / month",
    "DUE_ON": "期限 / when it is due",
    "NAME": "名称 / name",
    "DISPLAY_NAME": "姓名 / name",
    "DIVISION_CODE": "行政区划代码 / division code",
    "PLACE": "在压缩包中的次序 / place in the archive",
    "ROW": "行号 / row in the sheet",
    "LEVEL": "安全保护等级 / security level",
    "NEXT_ASSESSMENT_DUE_ON": "下次测评期限 / when the next assessment is due",
    "VALID_TO": "有效期止 / the last day that it holds",
    "BODY_CODE": "机构代码 / body code",
    "YEAR": "年度 / year",
}


@dataclass(frozen=True, slots=True)
class Filter:
    """One field of a filter: its GraphQL type, and the condition it becomes; ``needs`` names the columns it reads.

    ``search`` says that it looks for text, which the database can find the rows of (`api/reads/search.py`); ``each``
    is the column whose values it lists, where each value's rows are a range of an index (`api/reads/rows.py`). With
    ``chosen``, the value is a question, and the condition is given it as it is: PostgreSQL plans each value's own rows.
    """

    name: str
    annotation: Any
    type_: TypeEngine[Any]
    convert: Callable[[Any], Any]
    condition: Condition
    needs: frozenset[str]
    description: str
    search: bool = False
    each: str | None = None
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """One field of a filter that asks for the row ``key`` points to: of the list of ``target`` (a GraphQL type)."""

    name: str
    key: str
    target: str
    description: str

    @property
    def needs(self) -> frozenset[str]:
        """The columns that it reads."""
        return frozenset({self.key})


@dataclass(frozen=True)
class Listing:
    """An entity's paged list. ``orders`` maps the enum's values to columns; ``default`` is (value, descending)."""

    name: str
    model: type[Base]
    filters: Mapping[str, Filter | Relation]
    orders: Mapping[str, str]
    default: tuple[str, bool]
    filter_input: Any = field(repr=False)
    order_input: Any = field(repr=False)


# The lists by their types, and the types of their filters by name: both may name one another.
LISTINGS: dict[str, Listing] = {}
INPUTS: dict[str, Any] = {}

COMBINED = {
    "and": ("list[{name}] | None", "须同时满足 / all of which must hold"),
    "or": ("list[{name}] | None", "至少满足其一 / one of which must hold"),
    "not": ("{name} | None", "须不满足 / which must not hold"),
}


def listing(
    name: str, model: type[Base], filters: list[Filter | Relation], orders: Mapping[str, str], default: str
) -> Listing:
    """The list of ``name`` (a GraphQL type) with its input types; a ``-`` before the default order: descending."""
    made = Listing(
        name=name,
        model=model,
        filters={each.name: each for each in filters},
        orders=orders,
        default=(default.removeprefix("-"), default.startswith("-")),
        filter_input=_filter_input(name, filters),
        order_input=_order_input(name, orders),
    )
    LISTINGS[name] = made
    return made


def _filter_input(name: str, filters: list[Filter | Relation]) -> Any:
    own = f"{name}Filter"
    # What names filters, this one among them, is found when the schema is built.
    later = {each.name: f"{each.target}Filter | None" for each in filters if isinstance(each, Relation)}
    later |= {word: annotation.format(name=own) for word, (annotation, _) in COMBINED.items()}
    said = {each.name: each.description for each in filters} | {word: text for word, (_, text) in COMBINED.items()}
    plain = {each.name: each.annotation | None for each in filters if isinstance(each, Filter)}
    made = strawberry.input(
        type(
            own,
            (),
            {
                "__annotations__": {f"{each}_": plain.get(each, Any) for each in said},
                # "and", "or" and "not" are words of Python.
                **{
                    f"{each}_": strawberry.field(default=None, name=each, description=text)
                    for each, text in said.items()
                },
            },
        ),
        description=f"{name}列表的筛选条件,须同时满足 / conditions for lists of {name}, all of which must hold",
    )
    for field_ in made.__strawberry_definition__.fields:  # type: ignore[attr-defined]  # set by input
        if field_.graphql_name in later:
            field_.type_annotation = StrawberryAnnotation(later[field_.graphql_name], namespace=INPUTS)
    INPUTS[own] = made
    return made


def _order_input(name: str, orders: Mapping[str, str]) -> Any:
    values: Any = enum.Enum(f"{name}OrderField", {value: value for value in orders})  # type: ignore[misc]
    described = _described(values, f"{name}列表可按此排序 / what lists of {name} can be ordered by")
    direction = "方向,默认升序;空值视为最大 / which way, ascending by default; nulls count as the greatest"
    made = type(
        f"{name}Order",
        (),
        {
            "__annotations__": {"field": described, "direction": Direction | None},
            "field": strawberry.field(description="按何排序 / by what"),
            "direction": strawberry.field(default=None, description=direction),
        },
    )
    return strawberry.input(made, description=f"{name}列表的排序 / an ordering of lists of {name}")


def _described(values: Any, description: str | None) -> Any:
    """An enum whose values say what they are."""
    made = strawberry.enum(values, description=description)
    for value in made.__strawberry_definition__.values:
        value.description = WORDS[value.name]
    return made


_described(Direction, Direction.__doc__)


def uuid_of(prefix: str) -> Callable[[Any], UUID | None]:
    """Reads a global id of one kind; any other id is of nothing."""

    def convert(value: Any) -> UUID | None:
        match = GLOBAL_ID.fullmatch(str(value))
        return UUID(match[2]) if match and match[1] == prefix else None

    return convert


def any_uuid(value: Any) -> UUID | None:
    """Reads a global id of whatever kind."""
    match = GLOBAL_ID.fullmatch(str(value))
    return UUID(match[2]) if match else None


def prefix_of(value: Any) -> str | None:
    """The kind of a global id, None for what is none."""
    match = GLOBAL_ID.fullmatch(value) if isinstance(value, str) else None
    return match[1] if match else None


def by_id(name: str, column: str, prefix: str, description: str) -> Filter:
    """The rows that point to one entity."""
    return Filter(
        name, strawberry.ID, Uuid(), uuid_of(prefix), lambda t, v: t.c[column] == v, frozenset({column}), description
    )


def by_any_id(name: str, column: str, description: str) -> Filter:
    """The rows that point to one entity of whatever kind: keys are not given out twice."""
    return Filter(
        name, strawberry.ID, Uuid(), any_uuid, lambda t, v: t.c[column] == v, frozenset({column}), description
    )


def by_word(name: str, column: str, description: str) -> Filter:
    """The rows with one value, which is of no closed vocabulary."""
    return Filter(name, str, Text(), str, lambda t, v: t.c[column] == v, frozenset({column}), description)


def by_relation(name: str, key: str, target: str, description: str) -> Relation:
    """The rows whose ``key`` points to one that the caller sees and that the filter of ``target``'s list matches."""
    return Relation(name, key, target, description)


def by_term(name: str, column: str, term: type[Term], description: str) -> Filter:
    """The rows with one value of a vocabulary."""
    return Filter(name, term, Text(), str, lambda t, v: t.c[column] == v, frozenset({column}), description)


def by_terms(name: str, column: str, term: type[Term], description: str, *, indexed: bool = False) -> Filter:
    """The rows with one of several values of a vocabulary; ``indexed`` where one value's are, in every ordering."""
    return Filter(
        name,
        list[term],  # type: ignore[valid-type]  # built at run time from the vocabulary
        ARRAY(Text()),
        _list,
        lambda t, v: t.c[column] == func.any(v),
        frozenset({column}),
        description,
        each=column if indexed else None,
    )


def by_name(name: str, column: str, description: str) -> Filter:
    """The rows with one name of the platform's, as it is written."""
    return Filter(name, str, Text(), str, lambda t, v: t.c[column] == v, frozenset({column}), description)


def by_level(name: str, column: str, description: str) -> Filter:
    """The rows of one security level."""
    return Filter(name, int, SmallInteger(), _small, lambda t, v: t.c[column] == v, frozenset({column}), description)


def by_flag(name: str, column: str, description: str) -> Filter:
    """The rows for which something holds, or does not."""
    return Filter(name, bool, Boolean(), bool, lambda t, v: t.c[column] == v, frozenset({column}), description)


def from_moment(name: str, column: str, description: str) -> Filter:
    """The rows of a moment or later."""
    return Filter(
        name,
        dt.datetime,
        DateTime(timezone=True),
        moment,
        lambda t, v: t.c[column] >= v,
        frozenset({column}),
        description,
    )


def before_moment(name: str, column: str, description: str) -> Filter:
    """The rows of before a moment."""
    return Filter(
        name,
        dt.datetime,
        DateTime(timezone=True),
        moment,
        lambda t, v: t.c[column] < v,
        frozenset({column}),
        description,
    )


def from_date(name: str, column: str, description: str) -> Filter:
    """The rows of a day or later."""
    return Filter(name, dt.date, Date(), day, lambda t, v: t.c[column] >= v, frozenset({column}), description)


def until_date(name: str, column: str, description: str) -> Filter:
    """The rows of up to a day, that day included."""
    return Filter(name, dt.date, Date(), day, lambda t, v: t.c[column] <= v, frozenset({column}), description)


def by_text(columns: tuple[str, ...], description: str) -> Filter:
    """The rows whose columns together contain every word of a text, in whatever case and width."""
    return Filter("text", str, Text(), wanted, partial(contains, columns), frozenset(columns), description, search=True)


def moment(value: Any) -> dt.datetime:
    """A moment from RFC 3339 text; one without an offset is China's."""
    read = dt.datetime.fromisoformat(value)
    return read if read.tzinfo else read.replace(tzinfo=dt.timezone(dt.timedelta(hours=8)))


def day(value: Any) -> dt.date:
    """A day from ISO 8601 text."""
    return dt.date.fromisoformat(value)


def _small(value: Any) -> int:
    # Beyond a smallint there is no level: 0 matches none.
    return int(value) if 0 <= int(value) <= 9 else 0


def _list(value: Any) -> list[str]:
    return [str(item) for item in (value if isinstance(value, list) else [value]) if item is not None]
