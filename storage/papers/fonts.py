"""The type that papers are set in, and what of a text it can show.

Noto Serif SC and Noto Sans SC come whole with a package (docs/DEPENDENCIES.md): all of GB 2312, and of GBK but for one
character. They are read once a process.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont
from pylopdf_fonts_zh_cn import sans_path, serif_path

# What stands for a character that cannot be shown, as in Chinese printing.
GETA = "〓"
SERIF, SANS = "Noto Serif SC", "Noto Sans SC"
# Characters of these categories are not to be seen, and may turn round what is (bidirectional overrides).
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def folder() -> Path:
    """Where both fonts are."""
    return serif_path().parent


@cache
def covered() -> frozenset[int]:
    """The code points that both fonts can show."""
    found = []
    for path in (serif_path(), sans_path()):
        with TTFont(path, lazy=True) as font:
            found.append(frozenset(font.getBestCmap()))
    return frozenset.intersection(*found)


@dataclass(slots=True)
class Shown:
    """Makes texts fit to be set, and remembers what it had to take out of them."""

    missing: dict[str, None] = field(default_factory=dict)
    can_show: Callable[[], frozenset[int]] = covered

    def text(self, text: str) -> str:
        """``text`` with a geta mark in the place of each character that cannot be shown."""
        whole = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
        return "".join(self._character(char) for char in whole)

    def _character(self, char: str) -> str:
        if char == "\n":
            return char
        if unicodedata.category(char) in UNSEEN or ord(char) not in self.can_show():
            self.missing[char] = None
            return GETA
        return char

    def note(self) -> str | None:
        """What the paper says of the characters that it cannot show, None when it shows all."""
        if not self.missing:
            return None
        codes = "、".join(f"U+{ord(char):04X}" for char in self.missing)
        return f"注:文中“{GETA}”为字库未收的字符,依次为 {codes}。"
