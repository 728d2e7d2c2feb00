"""What was handed in is kept as it was, each time."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TENANT = "tenant_id = nullif(current_setting('app.tenant', true), '')::uuid"


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
    op.execute("ALTER TABLE filing_submissions ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE filing_submissions FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON filing_submissions USING ({TENANT}) WITH CHECK ({TENANT})")
    op.execute("GRANT SELECT, INSERT ON filing_submissions TO dengbao_app")


def downgrade() -> None:
    op.drop_table("filing_submissions")
