"""What is read: each view as a GraphQL operation, and as the statement that one would write for it by hand.

A view's files: ``name.graphql`` (the platform's, and the ORM's), ``name.sql`` ($1 is the tenant), and
``name.postgraphile.graphql`` where PostGraphile can express it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class View:
    """One view; ``goal`` is the share of the hand-written endpoint's rate to reach."""

    name: str
    title: str
    goal: float
    parameters: tuple[str, ...] = ()

    @property
    def graphql(self) -> str:
        """The operation."""
        return (HERE / f"{self.name}.graphql").read_text()

    @property
    def sql(self) -> str:
        """The statement."""
        return (HERE / f"{self.name}.sql").read_text()

    @property
    def postgraphile(self) -> str | None:
        """PostGraphile's operation, where it has one."""
        path = HERE / f"{self.name}.postgraphile.graphql"
        return path.read_text() if path.exists() else None

    def given(self, values: Mapping[str, object]) -> dict[str, object]:
        """The values of its parameters."""
        return {name: values[name] for name in self.parameters}

    def variables(self, values: Mapping[str, object]) -> dict[str, object]:
        """The same as the operation's variables: keys as global ids."""
        return {k: f"fil_{v}" if isinstance(v, UUID) else v for k, v in self.given(values).items()}


VIEWS = (
    View("filings", "list view: 50 filings with system, unit, documents, latest reply", 0.9),
    View("filing", "one filing with everything", 0.8, ("id",)),
    View("units", "20 units with counts and latest filings", 0.8),
    View("search", "search: systems by a part of their name", 0.8, ("text",)),
)

# Measured where the city has a million of them (`bench/assessments.py`), beside the hand-written statement alone.
ASSESSMENTS = View("assessments", "assessments of important systems: 50 with system, unit, body, progress, report", 0.8)

# A filing of the newest that has most of everything, and a text that a few systems have in their names.
VALUES = """
SELECT (SELECT f.id FROM filings f WHERE f.tenant_id = $1 AND f.state = 'ACCEPTED' AND f.level >= 3
  ORDER BY (SELECT count(*) FROM original.documents d WHERE d.tenant_id = $1 AND d.filing_id = f.id) DESC,
    f.created_at DESC LIMIT 1) AS id, '规划审批系统第12' AS text
FROM original.tenants WHERE id = $1
"""
