"""What a column of a file is: the record's field that it fills, and what its cells hold."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from domain.text import Term, Text


class Holds(Enum):
    """What the cells of a column hold."""

    TEXT = "text"
    DATE = "date"
    TERM = "term"
    TERMS = "terms"
    YES_NO = "yes or no"
    NUMBER = "whole number"
    DISTRICT = "district"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the record's field that it fills, its heading, an example, and how it is to be filled in."""

    field: str
    zh: str
    en: str
    example: str
    holds: Holds = Holds.TEXT
    required: bool = False
    terms: type[Term] | None = None
    hint: Text | None = None
    # Those of the vocabulary that can be chosen here, where it is not all of them.
    offered: tuple[Term, ...] = ()

    @property
    def choices(self) -> tuple[Term, ...]:
        """What can be chosen; nothing where the column holds no words of a vocabulary."""
        return self.offered or tuple(self.terms or ())

    @property
    def heading(self) -> Text:
        """The heading in both languages."""
        return Text(self.zh, self.en)


def one_of(
    field: str,
    zh: str,
    en: str,
    terms: type[Term],
    example: Term,
    *,
    required: bool = False,
    offered: tuple[Term, ...] = (),
) -> Column:
    """A column that holds one word of a vocabulary, or of those that are ``offered`` of it."""
    return Column(field, zh, en, example.zh, Holds.TERM, required, terms, offered=offered)


SEVERAL = Text(
    "可填多项,以顿号分隔;见“代码表”。", "Several may be given, with commas between them; see the code lists."
)
