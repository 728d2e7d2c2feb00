"""The type that papers are set in, and what of a text it can show.

Noto Serif SC and Noto Sans SC come whole with a package (docs/DEPENDENCIES.md): all of GB 2312, and of GBK but for one
character. What they have is read once a process, from their character maps alone: to open them with a library takes
40 MB that a worker never gives back.
"""

from __future__ import annotations

import struct
import threading
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pylopdf_fonts_zh_cn import sans_path, serif_path

# What stands for a character that cannot be shown, as in Chinese printing.
GETA = "〓"
SERIF, SANS = "Noto Serif SC", "Noto Sans SC"
# Characters of these categories are not to be seen, and may turn round what is (bidirectional overrides).
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def folder() -> Path:
    """Where both fonts are."""
    return serif_path().parent


_reading = threading.Lock()
_SEGMENTS = 12  # the format of a character map that reaches beyond U+FFFF


def covered() -> frozenset[int]:
    """The code points that both fonts can show."""
    with _reading:  # threads that ask at once read once
        return _covered()


@cache
def _covered() -> frozenset[int]:
    return frozenset(_characters(serif_path())) & frozenset(_characters(sans_path()))


def _characters(path: Path) -> Iterator[int]:
    """What a font's character map holds (OpenType 1.9, ``cmap`` format 12). Raises: LookupError where it has none."""
    with path.open("rb") as file:
        tables = struct.unpack(">4xH6x", file.read(12))[0]
        places = dict(struct.unpack(">4s4xII", file.read(16))[:2] for _ in range(tables))
        file.seek(places[b"cmap"])
        maps = struct.unpack(">2xH", file.read(4))[0]
        for _, _, offset in list(struct.iter_unpack(">HHI", file.read(8 * maps))):
            file.seek(places[b"cmap"] + offset)
            kind, groups = struct.unpack(">H10xI", file.read(16))
            if kind == _SEGMENTS:
                for first, last, _ in struct.iter_unpack(">III", file.read(12 * groups)):
                    yield from range(first, last + 1)
                return
    raise LookupError(f"{path.name} has no character map of segments")


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
