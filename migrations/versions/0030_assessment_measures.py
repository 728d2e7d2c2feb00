"""A measure may treat what a level assessment found."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

TABLE, KEY = "rectification_measures", "assessment_finding_id"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column(KEY, sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f(f"fk_{TABLE}_tenant_id_{KEY}"), TABLE, "assessment_findings", ["tenant_id", KEY], ["tenant_id", "id"]
    )
    op.create_check_constraint(
        op.f(f"ck_{TABLE}_one_finding"), TABLE, f"num_nonnulls(risk_finding_id, {KEY}) <= 1"
    )
    op.create_index(op.f(f"ix_{TABLE}_tenant_id_{KEY}_id"), TABLE, ["tenant_id", KEY, "id"])


def downgrade() -> None:
    op.drop_column(TABLE, KEY)
