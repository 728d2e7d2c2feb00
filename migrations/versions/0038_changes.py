"""Workers hear which filings have changed and who has a new notification, for those who have subscribed."""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Told at the commit, each row once. A payload holds keys and nothing else: what a listener is shown is read again.
    op.execute(
        """
        CREATE OR REPLACE FUNCTION notify_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM pg_notify('dengbao_outbox', current_setting('app.tenant', true));
          PERFORM pg_notify('dengbao_changes', tenant_id || ' filings ' || subject_id)
            FROM made WHERE subject_type = 'Filing';
          RETURN NULL;
        END $$
        """
    )
    _replace_wake("REFERENCING NEW TABLE AS made")
    op.execute(
        """
        CREATE FUNCTION notify_told() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM pg_notify('dengbao_changes', tenant_id || ' notifications ' || id || ' ' || user_id)
            FROM made WHERE in_app;
          RETURN NULL;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER tell AFTER INSERT ON notifications REFERENCING NEW TABLE AS made "
        "FOR EACH STATEMENT EXECUTE FUNCTION notify_told()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER tell ON notifications")
    op.execute("DROP FUNCTION notify_told()")
    _replace_wake("")
    op.execute(
        """
        CREATE OR REPLACE FUNCTION notify_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM pg_notify('dengbao_outbox', current_setting('app.tenant', true));
          RETURN NULL;
        END $$
        """
    )


def _replace_wake(referencing: str) -> None:
    op.execute("DROP TRIGGER wake ON outbox_events")
    op.execute(
        f"CREATE TRIGGER wake AFTER INSERT ON outbox_events {referencing} "
        "FOR EACH STATEMENT EXECUTE FUNCTION notify_outbox()"
    )
