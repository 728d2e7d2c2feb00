"""Texts that very many systems have are looked for along the list's own index, without touching the rows."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

INDEX = "ix_systems_tenant_id_name_id"
KEYS = ["tenant_id", "name", "id"]


def upgrade() -> None:
    # What `search_text` says of name and code, in terms that hold for ever.
    said = sa.Computed("lower(normalize(name || E'\\n' || code, NFKC))", persisted=True)
    op.add_column("systems", sa.Column("found_by", sa.Text(), said, nullable=False))
    op.drop_index(op.f(INDEX), "systems")
    op.create_index(op.f(INDEX), "systems", KEYS, postgresql_include=["found_by", "unit_id", "district_id"])


def downgrade() -> None:
    op.drop_index(op.f(INDEX), "systems")
    op.create_index(op.f(INDEX), "systems", KEYS)
    op.drop_column("systems", "found_by")
