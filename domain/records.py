"""Records: what is entered of an entity, as a typed table whose fields may all be absent while it is being checked.

One table serves a form on a screen and a row of a file, so that both are held to the same rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from domain.errors import ErrorCode, Problem
from domain.filings.form import Table, problems_of
from domain.text import Text

Record = TypeVar("Record", bound=Table)

FILL_IN = Text("请填写此项。", "Fill this in.")


def read_record(table: type[Record], given: Mapping[str, Any]) -> tuple[Record, list[Problem]]:
    """What of ``given`` fits ``table``, and a problem for each value that does not, named by its field."""
    try:
        return table.model_validate(given), []
    except ValidationError as error:
        problems = [replace(each, field=(each.field or "").lstrip(".")) for each in problems_of(error, "")]
        unfit = {to_camel(str(each["loc"][0])) for each in error.errors()}
        return table.model_validate({name: v for name, v in given.items() if to_camel(name) not in unfit}), problems


def absent(record: Table, names: Sequence[str], problems: Sequence[Problem]) -> list[Problem]:
    """A problem for each of the fields ``names`` that is empty, unless its value was refused already."""
    refused = {each.field for each in problems}
    return [
        Problem(ErrorCode.INVALID_INPUT, FILL_IN, to_camel(name))
        for name in names
        if getattr(record, name) is None and to_camel(name) not in refused
    ]


def within(prefix: str, problems: Sequence[Problem]) -> list[Problem]:
    """The problems of a part of an input, named from the input's root."""
    return [replace(each, field=f"{prefix}.{each.field}") for each in problems]
