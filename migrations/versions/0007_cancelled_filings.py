"""A cancelled filing says why."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("filings", sa.Column("cancel_reason", sa.Text(), nullable=True))
    # The owner is under the policies too, and is of no tenant.
    op.execute("ALTER TABLE filings NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE filings SET cancel_reason = '系统停用' WHERE state = 'CANCELLED'")
    op.execute("ALTER TABLE filings FORCE ROW LEVEL SECURITY")
    op.create_check_constraint(
        op.f("ck_filings_cancelled_for_a_reason"), "filings", "state <> 'CANCELLED' OR cancel_reason IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_filings_cancelled_for_a_reason"), "filings")
    op.drop_column("filings", "cancel_reason")
