"""Texts that very many systems have are looked for along the list's own index, without touching the rows."""

import sqlalchemy as sa
from alembic import op

from migrations.protect import unforced

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

INDEX = "ix_systems_tenant_id_name_id"
KEYS = ["tenant_id", "name", "id"]


def upgrade() -> None:
    op.add_column("systems", sa.Column("found_by", sa.Text(), nullable=True))
    op.execute(
        """
        CREATE FUNCTION found_by_of_system() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          NEW.found_by := public.search_text(concat_ws(E'\\n', NEW.name, NEW.code));
          RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER found_by BEFORE INSERT OR UPDATE OF name, code, found_by ON systems"
        " FOR EACH ROW EXECUTE FUNCTION found_by_of_system()"
    )
    op.execute("ALTER TABLE systems ENABLE ALWAYS TRIGGER found_by")
    with unforced("systems"):
        op.execute("UPDATE systems SET found_by = NULL")
    op.drop_index(op.f(INDEX), "systems")
    op.create_index(op.f(INDEX), "systems", KEYS, postgresql_include=["found_by"])


def downgrade() -> None:
    op.drop_index(op.f(INDEX), "systems")
    op.create_index(op.f(INDEX), "systems", KEYS)
    op.execute("DROP TRIGGER found_by ON systems")
    op.execute("DROP FUNCTION found_by_of_system()")
    op.drop_column("systems", "found_by")
