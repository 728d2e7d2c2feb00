"""Row-level security works the tenant out once for each table that a statement names.

A list reaches its rows' units, systems and documents by a sub-select for each row, and with each of them the session's
setting was read, compared with the empty text and made a UUID again. As a sub-select of its own, which hangs on no row,
PostgreSQL runs it once a statement (an InitPlan) and compares with what came out of it.

A district's list of one state is one range of an index: without it, the district's was walked past all other states.
"""

import sqlalchemy as sa
from alembic import op

from migrations.protect import ONCE, TENANT

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

INDEX = ("tenant_id", "district_id", "state", "created_at", "id")
POLICIES = "SELECT tablename FROM pg_policies WHERE schemaname = 'public' AND policyname = 'tenant' ORDER BY tablename"


def upgrade() -> None:
    _see_by(ONCE)
    op.create_index(_name(), "filings", list(INDEX))


def downgrade() -> None:
    op.drop_index(_name(), "filings")
    _see_by(TENANT)


def _name() -> str:
    return op.f(f"ix_filings_{'_'.join(INDEX)}")


def _see_by(tenant: str) -> None:
    for table in op.get_bind().execute(sa.text(POLICIES)).scalars().all():
        column = "id" if table == "tenants" else "tenant_id"
        op.execute(f"ALTER POLICY tenant ON {table} USING ({column} = {tenant})")
