"""The example of docs/READS.md is what is compiled today."""

from __future__ import annotations

import re
from pathlib import Path

from api.schema.build import schema
from domain.access import Role
from tests.reads.support import Compiled

PAGE = Path(__file__).parents[2] / "docs" / "READS.md"


def fenced(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found
    return found[1]


def bare(sql: str) -> str:
    """Without comments, line breaks, and the names that SQLAlchemy gives to columns nobody reads."""
    sql = re.sub(r"--.*", "", sql)
    sql = re.sub(r" AS (row_to_json|coalesce)_\d+| AS anon_1$", "", sql.strip())
    return re.sub(r"\s+", "", sql)


def test_the_documented_statement_is_the_one_that_is_made() -> None:
    given = {"state": "UNDER_REVIEW", "n": 2}
    plan, _, _ = Compiled(schema(), None).plan(fenced("graphql"), given, Role.DISTRICT_OFFICE)  # type: ignore[arg-type]  # not run
    assert bare(plan.sql) == bare(fenced("sql"))
