"""Text in lists: found by bigrams where the rows with it are few, and where they are many by walking the list.

The database keeps what each row is found by (`domain/search`), and one narrow function of it lists the ids that hold
every word of a text, or says null when there are too many to list. A list takes either way: the bound decides how
rows are found, never which.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    FromClause,
    Text,
    Uuid,
    case,
    cast,
    false,
    func,
    literal_column,
    select,
    true,
)

from api.http.errors import Code, request_error

LONGEST = 200


def wanted(value: Any) -> str:
    """A text to look for. Raises: RequestError(BAD_USER_INPUT)."""
    if len(str(value)) > LONGEST:
        raise request_error(
            Code.BAD_USER_INPUT,
            f"检索文字最多 {LONGEST} 个字符。请缩短。",
            f"A text to look for may have {LONGEST} characters. Shorten it.",
            argument="text",
        )
    return str(value)


def contains(columns: tuple[str, ...], table: FromClause, text: ColumnElement[Any]) -> ColumnElement[bool]:
    """The row's columns together hold every word of ``text``; wildcards mean themselves."""
    # Tables with very many rows keep it, in the index of the list.
    content = (
        table.c.found_by
        if "found_by" in table.c
        else func.search_text(func.concat_ws(literal_column("E'\\n'"), *(table.c[column] for column in columns)))
    )
    # A sub-select, so that the patterns are made once and not for every row.
    patterns = select(func.search_patterns(text)).scalar_subquery()
    holds = content.op("LIKE", is_comparison=True)(func.all(cast(patterns, ARRAY(Text()))))
    # As a CASE it counts as holding for half of the rows. By itself PostgreSQL takes it for all but impossible, and
    # would read and sort a whole list rather than walk it until a page is full.
    return case((holds, true()), else_=false())


def hits(kind: str, text: ColumnElement[Any]) -> CTE:
    """The ids of the rows of ``kind`` with ``text``, as one array ``ids``; null where they are many."""
    found = func.search_ids(literal_column(f"'{kind}'"), text, type_=ARRAY(Uuid()))
    return select(found.label("ids")).cte("hits", nesting=True)
