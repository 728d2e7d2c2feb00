"""Words for people: every message exists in Chinese and in English."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, Self


class Text(NamedTuple):
    """One sentence in both languages; ``format`` fills the same placeholders in each."""

    zh: str
    en: str

    def format(self, **values: object) -> Text:
        """Fill the placeholders of both sentences."""
        return Text(self.zh.format(**values), self.en.format(**values))

    def in_language(self, language: str) -> str:
        """The sentence in ``language`` (``"zh"`` or ``"en"``; anything else reads as Chinese)."""
        return self.en if language == "en" else self.zh


class Term(StrEnum):
    """A closed vocabulary: each member has its Chinese and English term and, where a form prints one, a code.

    Members are written ``NAME = "NAME", "中文", "English", "code"``; the value equals the name, so that
    what is stored, what GraphQL shows and what the code says are one word.
    """

    zh: str
    en: str
    code: str

    def __new__(cls, value: str, zh: str, en: str, code: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.zh, member.en, member.code = zh, en, code
        return member
