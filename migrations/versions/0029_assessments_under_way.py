"""Whether an assessment has not ended is a column, by which the overview is an index's range."""

import sqlalchemy as sa
from alembic import op

from migrations.protect import unforced

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

ENDED = "state IN ('RECEIVED', 'DECLINED', 'CANCELLED')"
INDEXES = (("under_way", "due_on"), ("important", "under_way", "due_on"))


def upgrade() -> None:
    op.add_column("assessments", sa.Column("under_way", sa.Boolean(), server_default="true", nullable=False))
    with unforced("assessments"):  # the owner is under the policies too, and is of no tenant
        op.execute(f"UPDATE assessments SET under_way = false WHERE {ENDED}")  # noqa: S608 - our own words
    op.alter_column("assessments", "under_way", server_default=None)
    condition = f"under_way = (state NOT{ENDED.removeprefix('state')})"
    op.create_check_constraint(op.f("ck_assessments_under_way"), "assessments", condition)
    for columns in INDEXES:
        op.create_index(_name(columns), "assessments", ["tenant_id", *columns, "id"])


def downgrade() -> None:
    for columns in INDEXES:
        op.drop_index(_name(columns), "assessments")
    op.drop_column("assessments", "under_way")


def _name(columns: tuple[str, ...]) -> str:
    return op.f(f"ix_assessments_tenant_id_{'_'.join(columns)}_id")
