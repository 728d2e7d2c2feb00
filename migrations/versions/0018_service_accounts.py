"""Service accounts and their keys; users are people or programs; memberships as a list of their own."""

import sqlalchemy as sa
from alembic import op

from migrations.protect import protect

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

KINDS = ("PERSON", "PROGRAM")
# Table, and the change after which a remembered caller may be wrong.
INVALIDATING = {
    "service_accounts": "UPDATE OF revoked_at, operations OR DELETE",
    "service_account_keys": "UPDATE OF revoked_at, expires_at OR DELETE",
}


def _row() -> list[sa.Column]:
    return [
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    ]


def _keys(table: str, **targets: str) -> list[sa.Constraint]:
    return [
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column],
                [f"{target}.tenant_id", f"{target}.id"],
                name=op.f(f"fk_{table}_tenant_id_{column}"),
            )
            for column, target in targets.items()
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
    ]


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_tenant_id_{'_'.join(columns)}"), table, ["tenant_id", *columns])


def upgrade() -> None:
    kind = sa.Enum(*KINDS, name="userkind", native_enum=False, create_constraint=False, length=40)
    op.add_column("users", sa.Column("kind", kind, nullable=False, server_default="PERSON"))
    op.alter_column("users", "kind", server_default=None)
    op.create_check_constraint(op.f("ck_users_userkind"), "users", "kind IN ('PERSON', 'PROGRAM')")
    op.create_table(
        "service_accounts",
        *_row(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("operations", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_by_id", sa.Uuid()),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by_id IS NULL)", name=op.f("ck_service_accounts_revoked_by_somebody")
        ),
        sa.UniqueConstraint("tenant_id", "user_id", name=op.f("uq_service_accounts_tenant_id_user_id")),
        *_keys(
            "service_accounts",
            user_id="users",
            membership_id="memberships",
            organisation_id="organisations",
            created_by_id="users",
            revoked_by_id="users",
        ),
    )
    _index("service_accounts", "created_at", "id")
    _index("service_accounts", "organisation_id", "created_at", "id")
    op.create_table(
        "service_account_keys",
        *_row(),
        sa.Column("service_account_id", sa.Uuid(), nullable=False),
        sa.Column("secret_digest", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
        *_keys("service_account_keys", service_account_id="service_accounts", created_by_id="users"),
    )
    _index("service_account_keys", "service_account_id", "id")
    for table, events in INVALIDATING.items():
        protect(table, "SELECT, INSERT, UPDATE")
        op.execute(
            f"CREATE TRIGGER invalidate AFTER {events} ON {table} FOR EACH ROW EXECUTE FUNCTION notify_invalidate()"
        )
    _index("memberships", "created_at", "id")
    _index("memberships", "role", "created_at", "id")


def downgrade() -> None:
    op.drop_index(op.f("ix_memberships_tenant_id_role_created_at_id"), "memberships")
    op.drop_index(op.f("ix_memberships_tenant_id_created_at_id"), "memberships")
    op.drop_table("service_account_keys")
    op.drop_table("service_accounts")
    op.drop_column("users", "kind")
