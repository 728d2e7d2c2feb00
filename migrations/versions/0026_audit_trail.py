"""The audit trail: outcomes, origins, digests and seals; nobody changes or deletes what is in it."""

import sqlalchemy as sa
from alembic import op

from migrations.protect import protect, unforced

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

FORMER_INDEX = "ix_audit_events_tenant_id_subject_type_subject_id_id"
INDEXES = (
    ("subject_id", "created_at", "id"),
    ("action", "created_at", "id"),
    ("outcome", "created_at", "id"),
    ("transaction", "id"),
)
NEW_COLUMNS = ("outcome", "reason", "attempts", "address", "user_agent", "request_id", "transaction", "digest")

# As in domain/audit/content.py at this revision; a test holds the two together.
DIGEST = """
encode(sha256('\\x00'::bytea || convert_to(jsonb_build_object(
  'v', 1, 'tenant', {e}.tenant_id, 'id', {e}.id,
  'at', to_char({e}.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
  'action', {e}.action, 'outcome', {e}.outcome, 'reason', {e}.reason, 'attempts', {e}.attempts,
  'user', {e}.user_id, 'membership', {e}.membership_id, 'organisation', {e}.organisation_id,
  'subjectType', {e}.subject_type, 'subject', {e}.subject_id, 'before', {e}.before, 'after', {e}.after,
  'address', {e}.address, 'userAgent', {e}.user_agent, 'requestId', {e}.request_id
)::text, 'UTF8')), 'hex')
"""


def upgrade() -> None:
    outcome = sa.Enum(
        "ACCEPTED", "REFUSED", name="auditoutcome", native_enum=False, length=40, create_constraint=True
    )
    op.add_column("audit_events", sa.Column("outcome", outcome, nullable=False, server_default="ACCEPTED"))
    op.add_column("audit_events", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("audit_events", sa.Column("attempts", sa.Integer(), nullable=False, server_default="1"))
    op.create_check_constraint(op.f("ck_audit_events_attempts"), "audit_events", "attempts > 0")
    for name in ("address", "user_agent", "request_id", "digest"):
        op.add_column("audit_events", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("audit_events", sa.Column("transaction", sa.BigInteger(), nullable=True))
    with unforced("audit_events"):
        # What is there comes before every transaction that is still to be numbered, in the order of its making.
        op.execute(
            f"""
            UPDATE audit_events e SET digest = {DIGEST.format(e="e")}, transaction = o.place - o.count - 1
            FROM (SELECT tenant_id, id, row_number() OVER (PARTITION BY tenant_id ORDER BY created_at, id) AS place,
                    count(*) OVER (PARTITION BY tenant_id) AS count FROM audit_events) o
            WHERE o.tenant_id = e.tenant_id AND o.id = e.id
            """
        )
    op.alter_column("audit_events", "digest", nullable=False)
    op.alter_column("audit_events", "transaction", nullable=False)
    op.drop_index(FORMER_INDEX, "audit_events")
    for columns in INDEXES:
        op.create_index(_name(columns), "audit_events", ["tenant_id", *columns])
    op.create_table(
        "audit_seals",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("through", sa.BigInteger(), nullable=False),
        sa.Column("tree", sa.Text(), nullable=False),
        sa.Column("former_root", sa.Text(), nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.CheckConstraint("number > 0 AND events > 0 AND total >= events", name=op.f("ck_audit_seals_counts")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_audit_seals_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_audit_seals")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_audit_seals_tenant_id_number")),
        sa.UniqueConstraint("tenant_id", "former_root", name=op.f("uq_audit_seals_tenant_id_former_root")),
    )
    protect("audit_seals", "SELECT, INSERT")
    _stamp()
    _append_only()


def downgrade() -> None:
    for table in ("audit_events", "audit_seals"):
        op.execute(f"DROP TRIGGER append_only ON {table}")
        op.execute(f"DROP TRIGGER never_emptied ON {table}")
    op.execute("DROP FUNCTION refuse_change_of_trail()")
    op.execute("DROP TRIGGER stamp ON audit_events")
    op.execute("DROP FUNCTION stamp_audit_event()")
    op.drop_table("audit_seals")
    for columns in INDEXES:
        op.drop_index(_name(columns), "audit_events")
    op.create_index(FORMER_INDEX, "audit_events", ["tenant_id", "subject_type", "subject_id", "id"])
    with unforced("audit_events"):
        op.execute("DELETE FROM audit_events WHERE outcome <> 'ACCEPTED'")
    for name in NEW_COLUMNS:
        op.drop_column("audit_events", name)


def _name(columns: tuple[str, ...]) -> str:
    return op.f(f"ix_audit_events_tenant_id_{'_'.join(columns)}")


def _stamp() -> None:
    """Each event gets its transaction's number and the digest of its content as it is written, whoever writes it.

    A number below zero is that of an event restored from elsewhere, which comes before all that is written here.
    """
    op.execute(
        f"""
        CREATE FUNCTION stamp_audit_event() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF NEW.transaction IS NULL OR NEW.transaction >= 0 THEN
            NEW.transaction := pg_current_xact_id()::text::bigint;
          END IF;
          NEW.digest := {DIGEST.format(e="NEW")};
          RETURN NEW;
        END $$
        """
    )
    op.execute("CREATE TRIGGER stamp BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION stamp_audit_event()")


def _append_only() -> None:
    """Beside the rights, which hold the application back: also the owner changes nothing by mistake."""
    op.execute(
        """
        CREATE FUNCTION refuse_change_of_trail() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          RAISE EXCEPTION 'the audit trail is only ever added to' USING ERRCODE = 'insufficient_privilege';
        END $$
        """
    )
    for table in ("audit_events", "audit_seals"):
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW "
            "EXECUTE FUNCTION refuse_change_of_trail()"
        )
        op.execute(
            f"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table} FOR EACH STATEMENT "
            "EXECUTE FUNCTION refuse_change_of_trail()"
        )
