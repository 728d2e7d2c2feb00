"""Each run of the review's clock is kept; rulings on days are entities; replies name items; letters can be verified."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.protect import APP, protect

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

DIRECTORY = "dengbao_directory"
VERIFIED = "tenant_id, number, verification_code, state"


def upgrade() -> None:
    _review_periods()
    _rulings()
    op.add_column(
        "reply_letters",
        sa.Column("named_items", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
    )
    op.alter_column("reply_letters", "named_items", server_default=None)
    _verification()


def downgrade() -> None:
    op.execute(f"GRANT {DIRECTORY} TO CURRENT_USER")
    op.execute("DROP FUNCTION verify_letter(text, text)")
    op.execute(f"REVOKE {DIRECTORY} FROM CURRENT_USER")
    op.execute("DROP POLICY directory ON reply_letters")
    op.execute(f"REVOKE SELECT ({VERIFIED}) ON reply_letters FROM {DIRECTORY}")
    op.drop_column("reply_letters", "named_items")
    op.drop_constraint(op.f("uq_calendar_days_tenant_id_day"), "calendar_days")
    op.drop_constraint(op.f("fk_calendar_days_tenant_id_decided_by_id"), "calendar_days")
    op.drop_constraint(op.f("pk_calendar_days"), "calendar_days")
    op.create_primary_key(op.f("pk_calendar_days"), "calendar_days", ["tenant_id", "day"])
    for column in ("id", "created_at", "decided_by_id"):
        op.drop_column("calendar_days", column)
    op.drop_table("review_periods")


def _review_periods() -> None:
    op.create_table(
        "review_periods",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filing_id", sa.Uuid(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("reply_letter_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(ended_on IS NULL) = (reply_letter_id IS NULL)", name=op.f("ck_review_periods_ended_by_a_reply")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "filing_id"],
            ["filings.tenant_id", "filings.id"],
            name=op.f("fk_review_periods_tenant_id_filing_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reply_letter_id"],
            ["reply_letters.tenant_id", "reply_letters.id"],
            name=op.f("fk_review_periods_tenant_id_reply_letter_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_review_periods")),
    )
    op.create_index(op.f("ix_review_periods_tenant_id_filing_id_id"), "review_periods", ["tenant_id", "filing_id", "id"])
    op.create_index(op.f("ix_review_periods_tenant_id_ended_on_id"), "review_periods", ["tenant_id", "ended_on", "id"])
    op.create_index(
        "uq_review_periods_one_running",
        "review_periods",
        ["tenant_id", "filing_id"],
        unique=True,
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    # Reviews that run already have theirs; the owner is under the policies too, and is of no tenant.
    op.execute("ALTER TABLE filings NO FORCE ROW LEVEL SECURITY")
    op.execute(
        """
        INSERT INTO review_periods (tenant_id, id, created_at, filing_id, started_on, due_on, provisional)
        SELECT tenant_id, gen_random_uuid(), review_started_at, id,
          (review_started_at AT TIME ZONE 'Asia/Shanghai')::date, review_due_on, review_due_provisional
        FROM filings WHERE state = 'UNDER_REVIEW' AND review_started_at IS NOT NULL
        """
    )
    op.execute("ALTER TABLE filings FORCE ROW LEVEL SECURITY")
    protect("review_periods", "SELECT, INSERT, UPDATE")


def _rulings() -> None:
    """Rulings get a key of their own, as every entity has."""
    op.add_column(
        "calendar_days", sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False)
    )
    op.add_column(
        "calendar_days",
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )
    op.add_column("calendar_days", sa.Column("decided_by_id", sa.Uuid(), nullable=True))
    for column in ("id", "created_at"):
        op.alter_column("calendar_days", column, server_default=None)
    op.drop_constraint(op.f("pk_calendar_days"), "calendar_days")
    op.create_primary_key(op.f("pk_calendar_days"), "calendar_days", ["tenant_id", "id"])
    op.create_unique_constraint(op.f("uq_calendar_days_tenant_id_day"), "calendar_days", ["tenant_id", "day"])
    op.create_foreign_key(
        op.f("fk_calendar_days_tenant_id_decided_by_id"),
        "calendar_days",
        "users",
        ["tenant_id", "decided_by_id"],
        ["tenant_id", "id"],
    )


def _verification() -> None:
    """Anyone holding a letter may ask whether it is genuine: one narrow function that says yes or no, of any city.

    Digests are compared, so that the time it takes tells nothing about the code.
    """
    op.execute(f"GRANT SELECT ({VERIFIED}) ON reply_letters TO {DIRECTORY}")
    op.execute(f"CREATE POLICY directory ON reply_letters FOR SELECT TO {DIRECTORY} USING (true)")
    op.execute(
        """
        CREATE FUNCTION verify_letter(wanted text, code text) RETURNS boolean
        LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
          SELECT coalesce(bool_or(
            sha256(convert_to(letter.verification_code, 'UTF8')) = sha256(convert_to(code, 'UTF8'))
          ), false)
          FROM public.tenants AS city CROSS JOIN LATERAL (
            SELECT verification_code FROM public.reply_letters
            WHERE tenant_id = city.id AND number = wanted AND state = 'ISSUED'
          ) AS letter
        $$
        """
    )
    op.execute(f"GRANT {DIRECTORY} TO CURRENT_USER")
    op.execute(f"GRANT CREATE ON SCHEMA public TO {DIRECTORY}")
    op.execute("REVOKE ALL ON FUNCTION verify_letter(text, text) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION verify_letter(text, text) TO {APP}")
    op.execute(f"ALTER FUNCTION verify_letter(text, text) OWNER TO {DIRECTORY}")
    op.execute(f"REVOKE CREATE ON SCHEMA public FROM {DIRECTORY}")
    op.execute(f"REVOKE {DIRECTORY} FROM CURRENT_USER")
