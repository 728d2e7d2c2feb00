"""An assignment says when its opinion was given: whom one waits for is no secret, what was said is."""

import sqlalchemy as sa
from alembic import op

from migrations.protect import unforced

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("panel_assignments", sa.Column("opinion_given_at", sa.DateTime(timezone=True), nullable=True))
    with unforced("panel_assignments", "opinions"):
        op.execute(
            """
            UPDATE panel_assignments a SET opinion_given_at = o.created_at FROM opinions o
            WHERE o.tenant_id = a.tenant_id AND o.case_id = a.case_id AND o.expert_id = a.expert_id
            """
        )


def downgrade() -> None:
    op.drop_column("panel_assignments", "opinion_given_at")
