"""Notifications and preferences; outbox events say who caused them and wake those who deliver them."""

import sqlalchemy as sa
from alembic import op

from migrations.protect import protect

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KINDS = (
    "GRADING_AWAITS_APPROVAL", "GRADING_CONFIRMED", "GRADING_RETURNED", "GRADING_ADVICE_GIVEN",
    "FILING_SUBMITTED", "FILING_WITHDRAWN", "FILING_RECEIVED", "FILING_RESUBMITTED", "FILING_CANCELLED",
    "FILING_ACCEPTED", "FILING_INCOMPLETE", "FILING_IN_RE_REVIEW", "LEVEL_TO_ADJUST", "RE_REVIEW_CONCLUDED",
    "REPLY_DRAFTED", "REPLY_RETURNED", "RETURN_SUBMITTED", "CASE_OPENED", "OPINIONS_IN", "CASE_ASSIGNED",
    "INQUIRY_OPENED", "INQUIRY_ANSWERED",
    "REVIEW_DUE_SOON", "REVIEW_OVERDUE", "RETURN_DUE",
)  # fmt: skip


def _kind(name: str) -> sa.Enum:
    return sa.Enum(*KINDS, name=name, native_enum=False, length=40, create_constraint=True)


def upgrade() -> None:
    op.create_table(
        "notifications",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _kind("notificationkind"), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("in_app", sa.Boolean(), nullable=False),
        sa.Column("unread", sa.Boolean(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("unread = (read_at IS NULL)", name=op.f("ck_notifications_read_at_known")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.id"], name=op.f("fk_notifications_tenant_id_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "membership_id"],
            ["memberships.tenant_id", "memberships.id"],
            name=op.f("fk_notifications_tenant_id_membership_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_notifications")),
        sa.UniqueConstraint("tenant_id", "user_id", "occasion", name=op.f("uq_notifications_tenant_id_user_id_occasion")),
    )
    op.create_index(
        op.f("ix_notifications_tenant_id_user_id_created_at_id"),
        "notifications",
        ["tenant_id", "user_id", "created_at", "id"],
    )
    op.create_index(
        op.f("ix_notifications_tenant_id_user_id_unread_created_at_id"),
        "notifications",
        ["tenant_id", "user_id", "unread", "created_at", "id"],
    )
    op.create_table(
        "notification_preferences",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _kind("notificationkind"), nullable=False),
        sa.Column("in_app", sa.Boolean(), nullable=False),
        sa.Column("email", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_notification_preferences_tenant_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_notification_preferences")),
        sa.UniqueConstraint(
            "tenant_id", "user_id", "kind", name=op.f("uq_notification_preferences_tenant_id_user_id_kind")
        ),
    )
    protect("notifications", "SELECT, INSERT, UPDATE")
    protect("notification_preferences", "SELECT, INSERT, UPDATE")
    op.add_column("outbox_events", sa.Column("user_id", sa.Uuid(), nullable=True))
    # A statement's events are all of the bound tenant; a transaction's are told once, when it is committed.
    op.execute(
        """
        CREATE FUNCTION notify_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM pg_notify('dengbao_outbox', current_setting('app.tenant', true));
          RETURN NULL;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER wake AFTER INSERT ON outbox_events FOR EACH STATEMENT EXECUTE FUNCTION notify_outbox()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER wake ON outbox_events")
    op.execute("DROP FUNCTION notify_outbox()")
    op.drop_column("outbox_events", "user_id")
    op.drop_table("notification_preferences")
    op.drop_table("notifications")
