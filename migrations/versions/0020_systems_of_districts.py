"""A system knows the district whose office sees it, so that the office's list is a range of an index at any size.

It is the district of the system's unit where that files with the district: triggers keep it, whoever writes.
"""

import sqlalchemy as sa
from alembic import op

from migrations.protect import unforced

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# Offices see filings that were handed in: drafts, which have none of these dates, would be walked past one by one.
SUBMITTED = sa.text("state <> 'DRAFT'")
DATED = (["submitted_at"], ["review_due_on"], ["district_id", "submitted_at"])


def upgrade() -> None:
    op.add_column("systems", sa.Column("district_id", sa.Uuid(), nullable=True))
    with unforced("systems", "organisations"):
        op.execute(
            "UPDATE systems s SET district_id = u.district_id FROM organisations u"
            " WHERE u.tenant_id = s.tenant_id AND u.id = s.unit_id AND u.authority_level = 'DISTRICT'"
        )
    op.create_foreign_key(
        op.f("fk_systems_tenant_id_district_id"),
        "systems",
        "districts",
        ["tenant_id", "district_id"],
        ["tenant_id", "id"],
    )
    # The unit is locked, so that it does not move to another district while it gets a system.
    op.execute(
        """
        CREATE FUNCTION district_of_system() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          NEW.district_id := (
            SELECT CASE authority_level WHEN 'DISTRICT' THEN district_id END FROM public.organisations
            WHERE tenant_id = NEW.tenant_id AND id = NEW.unit_id FOR SHARE
          );
          RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER district BEFORE INSERT OR UPDATE OF unit_id, district_id ON systems"
        " FOR EACH ROW EXECUTE FUNCTION district_of_system()"
    )
    op.execute(
        """
        CREATE FUNCTION systems_of_moved_unit() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          UPDATE public.systems SET district_id = NULL WHERE tenant_id = NEW.tenant_id AND unit_id = NEW.id;
          RETURN NULL;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER moved AFTER UPDATE OF district_id, authority_level ON organisations FOR EACH ROW"
        " WHEN ((OLD.district_id, OLD.authority_level) IS DISTINCT FROM (NEW.district_id, NEW.authority_level))"
        " EXECUTE FUNCTION systems_of_moved_unit()"
    )
    _indexes()


def _indexes() -> None:
    for table in ("systems", "organisations"):
        keys = ["tenant_id", "district_id", "name", "id"]
        op.create_index(op.f(f"ix_{table}_{'_'.join(keys)}"), table, keys)
    _dated(SUBMITTED)


def _dated(where: sa.TextClause | None) -> None:
    for columns in DATED:
        keys = ["tenant_id", *columns, "id"]
        name = op.f(f"ix_filings_{'_'.join(keys)}")
        op.drop_index(name, "filings")
        op.create_index(name, "filings", keys, postgresql_where=where)


def downgrade() -> None:
    _dated(None)
    for table in ("systems", "organisations"):
        op.drop_index(op.f(f"ix_{table}_tenant_id_district_id_name_id"), table)
    op.execute("DROP TRIGGER moved ON organisations")
    op.execute("DROP TRIGGER district ON systems")
    op.execute("DROP FUNCTION systems_of_moved_unit()")
    op.execute("DROP FUNCTION district_of_system()")
    op.drop_column("systems", "district_id")
