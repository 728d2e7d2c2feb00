"""Tenants have a state and limits; what is erased after its grace takes its trail with it, and nothing else does."""

import sqlalchemy as sa
from alembic import op

from migrations.protect import APP

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

STATES = ("ACTIVE", "SUSPENDED", "DELETING", "ERASED")
SETTABLE = ("state", "erase_after", "most_users", "most_requests", "is_default")
DIRECTORY = "dengbao_directory"
LISTED = "id uuid, slug text, name text, division_code text, is_default boolean, created_at timestamptz"


def upgrade() -> None:
    state = sa.Enum(*STATES, name="tenantstate", native_enum=False, length=40, create_constraint=True)
    op.add_column("tenants", sa.Column("state", state, nullable=False, server_default="ACTIVE"))
    op.add_column("tenants", sa.Column("erase_after", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tenants", sa.Column("most_users", sa.Integer(), nullable=True))
    op.add_column("tenants", sa.Column("most_requests", sa.Integer(), nullable=True))
    limits = "least(most_users, most_requests) > 0"
    op.create_check_constraint(op.f("ck_tenants_limits"), "tenants", limits)
    erased = "(state IN ('DELETING', 'ERASED')) = (erase_after IS NOT NULL)"
    op.create_check_constraint(op.f("ck_tenants_erase_after"), "tenants", erased)
    op.execute(f"GRANT UPDATE ({', '.join(SETTABLE)}) ON tenants TO {APP}")
    _list_tenants(f"{LISTED}, state text, erase_after timestamptz", ", state, erase_after")
    op.execute(
        """
        CREATE FUNCTION notify_tenant() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM pg_notify('dengbao_invalidate', NEW.id || ' tenants');
          RETURN NULL;
        END $$
        """
    )
    op.execute("CREATE TRIGGER invalidate AFTER UPDATE ON tenants FOR EACH ROW EXECUTE FUNCTION notify_tenant()")
    # Only the owner has the right to delete at all, and only a city whose grace is over loses its trail.
    _refuse(
        """
        IF TG_OP = 'DELETE' AND EXISTS (
          SELECT FROM public.tenants WHERE id = OLD.tenant_id AND state = 'DELETING' AND erase_after <= now()
        ) THEN
          RETURN OLD;
        END IF;
        """
    )


def downgrade() -> None:
    _refuse("")
    op.execute("DROP TRIGGER invalidate ON tenants")
    op.execute("DROP FUNCTION notify_tenant()")
    _list_tenants(LISTED, "")
    op.execute(f"REVOKE UPDATE ON tenants FROM {APP}")
    for name in ("state", "erase_after", "most_users", "most_requests"):
        op.drop_column("tenants", name)


def _refuse(unless: str) -> None:
    op.execute(
        f"""
        CREATE OR REPLACE FUNCTION refuse_change_of_trail() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          {unless}
          RAISE EXCEPTION 'the audit trail is only ever added to' USING ERRCODE = 'insufficient_privilege';
        END $$
        """
    )


def _list_tenants(columns: str, more: str) -> None:
    """The operator's list, of the role that sees all tenants and can do nothing else."""
    op.execute(f"GRANT {DIRECTORY} TO CURRENT_USER")
    op.execute("DROP FUNCTION list_tenants()")
    op.execute(
        f"""
        CREATE FUNCTION list_tenants() RETURNS TABLE ({columns})
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
          SELECT id, slug, name, division_code, is_default, created_at{more} FROM public.tenants
        $$
        """
    )
    op.execute(f"GRANT CREATE ON SCHEMA public TO {DIRECTORY}")
    op.execute("REVOKE ALL ON FUNCTION list_tenants() FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION list_tenants() TO {APP}")
    op.execute(f"ALTER FUNCTION list_tenants() OWNER TO {DIRECTORY}")
    op.execute(f"REVOKE CREATE ON SCHEMA public FROM {DIRECTORY}")
    op.execute(f"REVOKE {DIRECTORY} FROM CURRENT_USER")
