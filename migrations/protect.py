"""What every new table of a tenant gets in its migration: row-level security, and the application's rights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import op

APP = "dengbao_app"
TENANT = "nullif(current_setting('app.tenant', true), '')::uuid"
# Worked out once for each table that a statement names, and not for each row of what it hangs on.
ONCE = f"(SELECT {TENANT})"


def protect(table: str, rights: str) -> None:
    """Force row-level security on ``table`` by its ``tenant_id``, and grant ``rights`` to the application."""
    seen, own = f"tenant_id = {ONCE}", f"tenant_id = {TENANT}"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {table} USING ({seen}) WITH CHECK ({own})")
    op.execute(f"GRANT {rights} ON {table} TO {APP}")


@contextmanager
def unforced(*tables: str) -> Iterator[None]:
    """The schema's owner sees all tenants' rows of ``tables`` meanwhile: to fill new columns of what is there.

    Others see nothing of it: it is undone in the migration's own transaction, which holds the tables locked.
    """
    for table in tables:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    yield
    for table in tables:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
