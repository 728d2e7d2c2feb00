"""The revision that this program expects, known without loading Alembic: serving needs nothing else of it."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def head() -> str:
    """The latest revision: migrations are named ``<revision>_<what it does>.py``, in order."""
    return max(path.name.partition("_")[0] for path in (Path(__file__).parent / "versions").glob("[0-9]*_*.py"))
