"""Every filter in a list's own order, and every ordering, is a range of an index."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

INDEXES = (
    ("organisations", "created_at"),
    ("users", "created_at"),
    ("systems", "level", "name"),
    ("systems", "important", "name"),
    ("gradings", "level", "created_at"),
    ("filings", "state", "created_at"),
    ("filings", "authority", "created_at"),
    ("filings", "channel", "created_at"),
    ("filings", "level", "created_at"),
    ("filings", "district_id", "created_at"),
)


def upgrade() -> None:
    for table, *columns in INDEXES:
        keys = ["tenant_id", *columns, "id"]
        op.create_index(op.f(f"ix_{table}_{'_'.join(keys)}"), table, keys)


def downgrade() -> None:
    for table, *columns in INDEXES:
        op.drop_index(op.f(f"ix_{table}_{'_'.join(['tenant_id', *columns, 'id'])}"), table_name=table)
