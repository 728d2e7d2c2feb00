"""Whether a body assesses a system, or a system of a unit, is an index's answer."""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

ASKED = ("system_id", "unit_id")
FORMER = "ix_assessments_tenant_id_body_id_id"


def upgrade() -> None:
    for column in ASKED:
        op.create_index(f"ix_assessments_tenant_id_body_id_{column}", "assessments", ["tenant_id", "body_id", column])
    op.drop_index(FORMER, "assessments")


def downgrade() -> None:
    op.create_index(FORMER, "assessments", ["tenant_id", "body_id", "id"])
    for column in reversed(ASKED):
        op.drop_index(f"ix_assessments_tenant_id_body_id_{column}", "assessments")
