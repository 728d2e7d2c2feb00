"""Whose a document or a paper can be: a key for each subject, added and taken out by name, whatever others added."""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

from migrations.protect import unforced
from migrations.vocabulary import definition

_KEYS = re.compile(r"num_nonnulls\((.*?)\)")


def add_subject(table: str, key: str, target: str) -> None:
    """``table`` (documents or papers) can belong to ``target`` by ``key``, behind the keys that it has already."""
    op.add_column(table, sa.Column(key, sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f(f"fk_{table}_tenant_id_{key}"), table, target, ["tenant_id", key], ["tenant_id", "id"])
    _write(table, [*_keys(table), key])
    if table == "papers":
        op.create_unique_constraint(op.f(f"uq_papers_tenant_id_{key}"), table, ["tenant_id", key])
    else:
        op.create_index(op.f(f"ix_documents_tenant_id_{key}_id"), table, ["tenant_id", key, "id"])


def remove_subject(table: str, key: str) -> None:
    """Take it back; the rows that belong to such a subject are deleted."""
    _write(table, [each for each in _keys(table) if each != key])
    with unforced(table):  # the owner is under the policies too, and is of no tenant
        op.execute(f"DELETE FROM {table} WHERE {key} IS NOT NULL")  # noqa: S608 - our own names
    op.drop_column(table, key)


def _keys(table: str) -> list[str]:
    found = _KEYS.search(definition(table, f"ck_{table}_one_subject"))
    assert found  # noqa: S101 - the constraint says so
    return found[1].split(", ")


def _write(table: str, keys: list[str]) -> None:
    counted = f"num_nonnulls({', '.join(keys)})"
    checks = {"one_subject": f"{counted} = 1"}
    if table == "documents":
        checks = {"one_subject": f"{counted} <= 1", "attached_is_stored": f"{counted} = 0 OR state = 'STORED'"}
    for name, condition in checks.items():
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
