"""What was handed in is kept as it was, each time."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.protect import protect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "filing_submissions",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filing_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("form_edition", sa.Text(), nullable=False),
        sa.Column("form", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("documents", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("level BETWEEN 2 AND 5", name=op.f("ck_filing_submissions_level")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "by_id"], ["users.tenant_id", "users.id"], name=op.f("fk_filing_submissions_tenant_id_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "filing_id"],
            ["filings.tenant_id", "filings.id"],
            name=op.f("fk_filing_submissions_tenant_id_filing_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_filing_submissions")),
    )
    op.create_index(
        op.f("ix_filing_submissions_tenant_id_filing_id_id"), "filing_submissions", ["tenant_id", "filing_id", "id"]
    )
    protect("filing_submissions", "SELECT, INSERT")


def downgrade() -> None:
    op.drop_table("filing_submissions")
