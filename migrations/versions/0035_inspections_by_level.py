"""Inspections and self-inspections of a level, and those that were late, are ranges of an index."""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

INDEXES = (
    ("inspections", ("level", "planned_on")),
    ("self_inspections", ("level", "due_on")),
    ("self_inspections", ("late", "due_on")),
)


def upgrade() -> None:
    for table, columns in INDEXES:
        op.create_index(_name(table, columns), table, ["tenant_id", *columns, "id"])


def downgrade() -> None:
    for table, columns in INDEXES:
        op.drop_index(_name(table, columns), table)


def _name(table: str, columns: tuple[str, ...]) -> str:
    return op.f(f"ix_{table}_tenant_id_{'_'.join(columns)}_id")
