"""Roles, row-level security, rights, the directory of tenants, and notices of what caches must forget."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APP = "dengbao_app"
DIRECTORY = "dengbao_directory"
READ_WRITE = "SELECT, INSERT, UPDATE"

# What the application may do on each table. Nothing is ever deleted but what is no record.
RIGHTS = {
    "tenants": "SELECT, INSERT",
    "districts": READ_WRITE,
    "calendar_days": "SELECT, INSERT, UPDATE, DELETE",
    "organisations": READ_WRITE,
    "users": READ_WRITE,
    "memberships": READ_WRITE,
    "sign_in_sessions": READ_WRITE,
    "sign_in_attempts": "SELECT, INSERT, DELETE",
    "policy_rules": "SELECT, INSERT, DELETE",
    "systems": READ_WRITE,
    "gradings": READ_WRITE,
    "filings": READ_WRITE,
    "filing_transitions": "SELECT, INSERT",
    "documents": READ_WRITE,
    "reply_letters": READ_WRITE,
    "counters": READ_WRITE,
    "monthly_returns": READ_WRITE,
    "panel_cases": READ_WRITE,
    "panel_assignments": READ_WRITE,
    "assessments": READ_WRITE,
    "audit_events": "SELECT, INSERT",
    "outbox_events": READ_WRITE,
    "idempotency_keys": "SELECT, INSERT, UPDATE, DELETE",
}
TENANT = "nullif(current_setting('app.tenant', true), '')::uuid"

# Table, and the events after which a cached caller or policy may be wrong.
INVALIDATING = {
    "policy_rules": "INSERT OR UPDATE OR DELETE",
    "memberships": "INSERT OR UPDATE OR DELETE",
    "organisations": "UPDATE OF kind, district_id",
    "users": "UPDATE OF disabled_at, password_hash OR DELETE",
    "sign_in_sessions": "UPDATE OF ended_at OR DELETE",
}


def upgrade() -> None:
    _create_role(APP)
    _create_role(DIRECTORY)
    op.execute(
        f"""
        DO $$ BEGIN
          IF NOT pg_has_role(current_user, '{APP}', 'MEMBER') THEN
            GRANT {APP} TO CURRENT_USER;
          END IF;
        END $$
        """
    )
    op.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    op.execute(f"GRANT USAGE ON SCHEMA public TO {APP}, {DIRECTORY}")
    op.execute(f"GRANT SELECT ON alembic_version TO {APP}")
    for table, rights in RIGHTS.items():
        column = "id" if table == "tenants" else "tenant_id"
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({column} = {TENANT}) WITH CHECK ({column} = {TENANT})")
        op.execute(f"GRANT {rights} ON {table} TO {APP}")
    _create_directory()
    _create_notices()
    _freeze_issued_replies()


def downgrade() -> None:
    op.execute("DROP TRIGGER issued_is_final ON reply_letters")
    op.execute("DROP FUNCTION refuse_change_of_issued_reply()")
    for table in INVALIDATING:
        op.execute(f"DROP TRIGGER invalidate ON {table}")
    op.execute("DROP FUNCTION notify_invalidate()")
    op.execute(f"GRANT {DIRECTORY} TO CURRENT_USER")
    op.execute("DROP FUNCTION resolve_tenant(text)")
    op.execute("DROP FUNCTION list_tenants()")
    op.execute("DROP POLICY directory ON tenants")
    op.execute(f"REVOKE ALL ON tenants FROM {DIRECTORY}")
    for table in RIGHTS:
        op.execute(f"REVOKE ALL ON {table} FROM {APP}")
        op.execute(f"DROP POLICY tenant ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    op.execute(f"REVOKE ALL ON alembic_version FROM {APP}")
    # The roles belong to the whole server, where another database may use them: they stay.
    op.execute(f"REVOKE ALL ON SCHEMA public FROM {APP}, {DIRECTORY}")
    op.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")


def _create_role(name: str) -> None:
    op.execute(
        f"""
        DO $$ BEGIN
          IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') THEN
            CREATE ROLE {name} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
          END IF;
        END $$
        """
    )


def _create_directory() -> None:
    """Two functions that see all tenants, for a role that can do nothing else."""
    op.execute(f"GRANT SELECT ON tenants TO {DIRECTORY}")
    op.execute(f"CREATE POLICY directory ON tenants FOR SELECT TO {DIRECTORY} USING (true)")
    op.execute(
        """
        CREATE FUNCTION resolve_tenant(wanted text) RETURNS uuid
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
          SELECT id FROM public.tenants WHERE CASE WHEN wanted IS NULL THEN is_default ELSE slug = wanted END
        $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION list_tenants() RETURNS TABLE (
          id uuid, slug text, name text, division_code text, is_default boolean, created_at timestamptz
        )
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
          SELECT id, slug, name, division_code, is_default, created_at FROM public.tenants
        $$
        """
    )
    op.execute(f"GRANT {DIRECTORY} TO CURRENT_USER")
    op.execute(f"GRANT CREATE ON SCHEMA public TO {DIRECTORY}")
    for function in ("resolve_tenant(text)", "list_tenants()"):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {APP}")
        op.execute(f"ALTER FUNCTION {function} OWNER TO {DIRECTORY}")
    op.execute(f"REVOKE CREATE ON SCHEMA public FROM {DIRECTORY}")
    op.execute(f"REVOKE {DIRECTORY} FROM CURRENT_USER")


def _create_notices() -> None:
    """After a change of rights every worker hears ``<tenant> <table>`` and forgets what it remembered of it."""
    op.execute(
        """
        CREATE FUNCTION notify_invalidate() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM pg_notify('dengbao_invalidate', coalesce(NEW.tenant_id, OLD.tenant_id) || ' ' || TG_TABLE_NAME);
          RETURN NULL;
        END $$
        """
    )
    for table, events in INVALIDATING.items():
        op.execute(
            f"CREATE TRIGGER invalidate AFTER {events} ON {table} FOR EACH ROW EXECUTE FUNCTION notify_invalidate()"
        )


def _freeze_issued_replies() -> None:
    """An issued reply is never changed (workflow.md, life of a filing)."""
    op.execute(
        """
        CREATE FUNCTION refuse_change_of_issued_reply() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          RAISE EXCEPTION 'an issued reply is never changed' USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER issued_is_final BEFORE UPDATE ON reply_letters FOR EACH ROW WHEN (OLD.state = 'ISSUED') "
        "EXECUTE FUNCTION refuse_change_of_issued_reply()"
    )
