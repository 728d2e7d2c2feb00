"""What proves who a person is (one-time codes, links to choose a password, identity providers), changes of policy."""

import sqlalchemy as sa
from alembic import op

from migrations.protect import protect

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

ROLES = ("CITY_OFFICE", "DISTRICT_OFFICE", "UNIT", "EXPERT", "ASSESSOR")
DUTIES = ("OFFICER", "LEADER", "ADVISOR", "ADMIN", "FILER", "APPROVER", "EXPERT", "ASSESSOR")
RIGHTS = {
    "totp_credentials": "SELECT, INSERT, UPDATE",
    "password_resets": "SELECT, INSERT, UPDATE",
    "external_identities": "SELECT, INSERT",
    "policy_changes": "SELECT, INSERT",
}
USERS = "UPDATE OF disabled_at, password_hash{} OR DELETE"


def _term(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _row() -> list[sa.Column]:
    return [
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    ]


def _keys(table: str, column: str = "user_id") -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint(
            ["tenant_id", column], ["users.tenant_id", "users.id"], name=op.f(f"fk_{table}_tenant_id_{column}")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
    ]


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_tenant_id_{'_'.join(columns)}"), table, ["tenant_id", *columns])


def _notify_of_users(*more: str) -> None:
    """A person who has to choose a password is another caller."""
    op.execute("DROP TRIGGER invalidate ON users")
    events = USERS.format("".join(f", {column}" for column in more))
    op.execute(f"CREATE TRIGGER invalidate AFTER {events} ON users FOR EACH ROW EXECUTE FUNCTION notify_invalidate()")


def upgrade() -> None:
    op.add_column("users", sa.Column("must_change_password", sa.Boolean(), nullable=False, server_default="false"))
    op.alter_column("users", "must_change_password", server_default=None)
    _notify_of_users("must_change_password")
    op.add_column("memberships", sa.Column("provider", sa.Text()))
    op.create_index(
        "uq_memberships_one_in_force",
        "memberships",
        ["tenant_id", "user_id", "organisation_id", "role"],
        unique=True,
        postgresql_where="revoked_at IS NULL",
    )
    _sessions()
    op.create_table(
        "totp_credentials",
        *_row(),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("recovery_digests", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("last_step", sa.BigInteger()),
        *_keys("totp_credentials"),
    )
    _index("totp_credentials", "user_id", "id")
    op.create_index(
        "uq_totp_credentials_one_in_force",
        "totp_credentials",
        ["tenant_id", "user_id"],
        unique=True,
        postgresql_where="confirmed_at IS NOT NULL AND ended_at IS NULL",
    )
    op.create_table(
        "password_resets",
        *_row(),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        *_keys("password_resets"),
    )
    _index("password_resets", "user_id", "created_at")
    op.create_table(
        "external_identities",
        *_row(),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.UniqueConstraint(
            "tenant_id", "issuer", "subject", name=op.f("uq_external_identities_tenant_id_issuer_subject")
        ),
        *_keys("external_identities"),
    )
    _index("external_identities", "user_id")
    op.create_table(
        "policy_changes",
        *_row(),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("role", _term("role", *ROLES), nullable=False),
        sa.Column("duty", _term("duty", *DUTIES)),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_by_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_policy_changes_tenant_id")),
        *_keys("policy_changes", "changed_by_id"),
    )
    _index("policy_changes", "created_at", "id")
    _index("policy_changes", "operation", "created_at", "id")
    for table, rights in RIGHTS.items():
        protect(table, rights)


def _sessions() -> None:
    method = sa.Enum("PASSWORD", "PROVIDER", name="signinmethod", native_enum=False, create_constraint=False, length=40)
    op.add_column("sign_in_sessions", sa.Column("method", method, nullable=False, server_default="PASSWORD"))
    op.alter_column("sign_in_sessions", "method", server_default=None)
    op.create_check_constraint(
        op.f("ck_sign_in_sessions_signinmethod"), "sign_in_sessions", "method IN ('PASSWORD', 'PROVIDER')"
    )
    op.add_column("sign_in_sessions", sa.Column("address", sa.Text()))
    op.add_column("sign_in_sessions", sa.Column("last_used_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    for table in RIGHTS:
        op.drop_table(table)
    for column in ("last_used_at", "address", "method"):
        op.drop_column("sign_in_sessions", column)
    op.drop_index("uq_memberships_one_in_force", "memberships")
    op.drop_column("memberships", "provider")
    _notify_of_users()
    op.drop_column("users", "must_change_password")
