"""A printed form (表单): tables of cells that may reach over several columns and rows, and a cover.

The model of forms, as ``content`` is that of letters and reports; ``TICKED`` and ``OPEN`` in a text are its boxes.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

TICKED, OPEN = "☑", "☐"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell over so many ``columns`` and ``rows``; ``label``: it is printed, and not filled in."""

    text: str
    columns: int = 1
    rows: int = 1
    label: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table on pages of its own; ``widths`` are shares of the page's, ``notes`` stand below."""

    caption: str
    widths: tuple[int, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PrintedForm:
    """A form: its title and what its cover says, line by line, then its tables; ``at`` is the moment its files bear."""

    title: str
    subtitle: str
    issuer: str
    cover: tuple[tuple[str, str], ...]
    sheets: tuple[Sheet, ...]
    at: dt.datetime
