"""Forms are kept as they are shown: JSON text, whole and in the form's own order, which is handed on as it is."""

from __future__ import annotations

from typing import Any

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLES = ("filings", "filing_submissions")


def _table(names: str, **parts: Any) -> dict[str, Any]:
    return {name: parts.get(name) for name in names.split()}


_LEADER = _table("name title phone email")
_CONTACT = _table("name title phone email mobile")
_UNIT = _table(
    "unitName province city county address postcode divisionCode leader responsibleDepartment contact subordination"
    " subordinationOther unitType unitTypeOther industry industryOther systemTotal level2Count level3Count level4Count"
    " level5Count",
    leader=_LEADER,
    contact=_CONTACT,
)
_SYSTEM = _table(
    "systemName systemNumber businessTypes businessOther businessDescription serviceScope serviceScopeCount"
    " serviceScopeOther serviceAudience serviceAudienceOther networkCoverage networkCoverageOther networkNature"
    " networkNatureOther interconnections interconnectionOther keyProducts services assessorName inServiceOn"
    " isSubsystem parentSystem parentUnit",
    keyProducts=[_table("kind count domesticUse domesticPercent other")],
    services=[_table("kind used provider other")],
)
_GRADING = _table(
    "expertReviewed hasCompetentDepartment competentDepartment departmentApproved filledBy filledOn"
    " businessInformationLevel businessInformationBoxes systemServiceLevel systemServiceBoxes level gradedOn"
    " hasGradingReport"
)
# The form's tables at this revision, in their order: a dictionary is an object, a list holds such.
FORM: dict[str, Any] = {
    "unit": _UNIT,
    "system": _SYSTEM,
    "grading": _GRADING,
    "attachments": [_table("kind present filename")],
}


def upgrade() -> None:
    # No sub-select may stand in the conversion itself.
    op.execute(
        f"CREATE FUNCTION as_shown(form jsonb) RETURNS json LANGUAGE sql IMMUTABLE AS $$ SELECT {_shown(FORM, 'form')} $$"
    )
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ALTER COLUMN form TYPE json USING as_shown(form)")
    op.execute("DROP FUNCTION as_shown(jsonb)")


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ALTER COLUMN form TYPE jsonb USING form::jsonb")


def _shown(shape: Any, value: str) -> str:
    """A SQL expression for ``value`` (jsonb) with all keys of ``shape`` in their order."""
    match shape:
        case None:
            return value
        case [each]:
            row = _shown(each, "item")
            rows = f"SELECT coalesce(json_agg({row} ORDER BY place), '[]') FROM"  # noqa: S608 - our own names
            items = f"jsonb_array_elements({value}) WITH ORDINALITY AS items (item, place)"
            return f"CASE jsonb_typeof({value}) WHEN 'array' THEN ({rows} {items}) END"
    parts = ", ".join(f"'{key}', {_shown(part, f'({value} -> {key!r})')}" for key, part in shape.items())
    return f"CASE jsonb_typeof({value}) WHEN 'object' THEN json_build_object({parts}) END"
