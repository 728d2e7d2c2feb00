"""A measure may treat what an inspection found."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

TABLE, KEY = "rectification_measures", "inspection_finding_id"
ONE_FINDING = f"ck_{TABLE}_one_finding"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column(KEY, sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f(f"fk_{TABLE}_tenant_id_{KEY}"), TABLE, "inspection_findings", ["tenant_id", KEY], ["tenant_id", "id"]
    )
    op.drop_constraint(op.f(ONE_FINDING), TABLE)
    op.create_check_constraint(
        op.f(ONE_FINDING), TABLE, f"num_nonnulls(risk_finding_id, assessment_finding_id, {KEY}) <= 1"
    )
    op.create_index(op.f(f"ix_{TABLE}_tenant_id_{KEY}_id"), TABLE, ["tenant_id", KEY, "id"])


def downgrade() -> None:
    op.drop_column(TABLE, KEY)
    op.create_check_constraint(op.f(ONE_FINDING), TABLE, "num_nonnulls(risk_finding_id, assessment_finding_id) <= 1")
