"""The filing form's GraphQL types, made from the tables of ``domain.filings.form``: one definition serves both.

Each table becomes an output type of its name and, where a unit may enter it, an input type ``…Input``.
"""

import types
import typing
from typing import Any

import strawberry
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo

from api.reads.sources import json
from api.schema.common import vocabulary
from domain.documents.kinds import DocumentKind
from domain.filings import form as forms
from domain.filings import form_terms
from domain.text import Term

for _term in vars(form_terms).values():
    if isinstance(_term, type) and issubclass(_term, Term) and _term is not Term:
        vocabulary(_term)

vocabulary(DocumentKind)


# What a unit enters of a table goes by the whole table's name.
ENTERED: dict[type, type] = {forms.GradingEntry: forms.GradingTable, forms.FilingFormEntry: forms.FilingForm}


def _bare(annotation: Any) -> tuple[Any, bool]:
    """An annotation without its constraints and without None, and whether None was in it."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _bare(typing.get_args(annotation)[0])
    if origin in {typing.Union, types.UnionType}:
        some = [each for each in typing.get_args(annotation) if each is not type(None)]
        return _bare(some[0])[0], True
    return annotation, False


def _annotation(annotation: Any, made: dict[type, type]) -> Any:
    bare, optional = _bare(annotation)
    if typing.get_origin(bare) is list:
        found: Any = list[_annotation(typing.get_args(bare)[0], made)]  # type: ignore[misc]  # built at run time
    elif isinstance(bare, type) and issubclass(bare, forms.Table):
        found = made[bare]
    else:
        found = bare
    return found | None if optional else found


def types_of(tables: list[type[forms.Table]], *, entered: bool) -> dict[type, type]:
    """The GraphQL type of each table: an input (``entered``) or an output; parts come before what holds them."""
    made: dict[type, type] = {}
    for table in tables:
        name = f"{ENTERED.get(table, table).__name__}Input" if entered else table.__name__
        fields: dict[str, FieldInfo] = table.model_fields
        members = {
            field: _input(info) if entered else json(info.description or field, to_camel(field))
            for field, info in fields.items()
        }
        annotations = {field: _annotation(info.rebuild_annotation(), made) for field, info in fields.items()}
        cls = type(name, (), {"__annotations__": annotations, "__doc__": table.__doc__, **members})
        decorate = strawberry.input if entered else strawberry.type
        made[table] = decorate(cls, description=table.__doc__)
    return made


def _input(info: FieldInfo) -> Any:
    default = strawberry.field(description=info.description)
    return default if info.is_required() else strawberry.field(description=info.description, default=None)


_PARTS: list[type[forms.Table]] = [
    forms.Leader,
    forms.Contact,
    forms.UnitTable,
    forms.KeyProduct,
    forms.ServiceUse,
    forms.SystemTable,
]
OUTPUT = types_of([*_PARTS, forms.GradingTable, forms.Attachment, forms.FilingForm], entered=False)
INPUT = types_of([*_PARTS, forms.GradingEntry, forms.FilingFormEntry], entered=True)

FilingForm = OUTPUT[forms.FilingForm]
FilingFormInput = INPUT[forms.FilingFormEntry]
