"""Words that a vocabulary's CHECK lets in: added and taken out by name, whatever others have added meanwhile."""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

from migrations.protect import unforced

_WORD = re.compile(r"'((?:[^']|'')*)'")


def admit(table: str, column: str, constraint: str, *words: str) -> None:
    """Let ``words`` into ``column``, beside those that its CHECK ``constraint`` lets in already."""
    _write(table, column, constraint, list(dict.fromkeys((*_words(table, constraint), *words))))


def expel(table: str, column: str, constraint: str, *words: str) -> None:
    """Let ``words`` no longer into ``column``; rows that hold one of them are deleted."""
    listed = ", ".join(f"'{word}'" for word in words)
    with unforced(table):  # the owner is under the policies too, and is of no tenant
        op.execute(f"DELETE FROM {table} WHERE {column} IN ({listed})")  # noqa: S608 - our own names
    _write(table, column, constraint, [word for word in _words(table, constraint) if word not in words])


def definition(table: str, constraint: str) -> str:
    """A constraint as the database has it. Raises: LookupError."""
    found: str | None = op.get_bind().scalar(
        sa.text(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conname = :name AND conrelid = CAST(:table AS regclass)"
        ),
        {"name": constraint, "table": table},
    )
    if found is None:
        raise LookupError(f"{table} has no constraint {constraint}")
    return found


def _words(table: str, constraint: str) -> list[str]:
    return _WORD.findall(definition(table, constraint))


def _write(table: str, column: str, constraint: str, words: list[str]) -> None:
    listed = ", ".join(f"'{word}'" for word in words)
    op.drop_constraint(op.f(constraint), table)
    op.create_check_constraint(op.f(constraint), table, f"{column} IN ({listed})")
