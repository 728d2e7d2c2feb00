"""Every numbered paper can be verified by its number and code, not only reply letters."""

import sqlalchemy as sa
from alembic import op

from migrations.protect import APP, unforced

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

DIRECTORY = "dengbao_directory"
INDEX = "ix_papers_tenant_id_number"
# What tells a genuine paper, and nothing else of it.
VERIFIED = {
    "papers": "tenant_id, number, verification_code",
    "rectification_orders": "tenant_id, number, verification_code, state",
}
DIGESTS = "sha256(convert_to(issued.verification_code, 'UTF8')) = sha256(convert_to(code, 'UTF8'))"
FUNCTION = """
    CREATE OR REPLACE FUNCTION verify_letter(wanted text, code text) RETURNS boolean
    LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      SELECT coalesce(bool_or({digests}), false)
      FROM public.tenants AS city CROSS JOIN LATERAL ({issued}) AS issued
    $$
"""
OF_REPLIES = """
    SELECT verification_code FROM public.reply_letters
    WHERE tenant_id = city.id AND number = wanted AND state = 'ISSUED'
"""
OF_ALL = f"""
    {OF_REPLIES}
    UNION ALL
    SELECT verification_code FROM public.rectification_orders
    WHERE tenant_id = city.id AND number = wanted AND state = 'ISSUED'
    UNION ALL
    SELECT verification_code FROM public.papers
    WHERE tenant_id = city.id AND number = wanted AND verification_code IS NOT NULL
"""


def upgrade() -> None:
    for column in ("number", "verification_code"):
        op.add_column("papers", sa.Column(column, sa.Text(), nullable=True))
    with unforced("papers"):
        op.execute("UPDATE papers SET number = content->>'number', verification_code = content->>'code'")
    op.create_index(op.f(INDEX), "papers", ["tenant_id", "number"])
    for table, columns in VERIFIED.items():
        op.execute(f"GRANT SELECT ({columns}) ON {table} TO {DIRECTORY}")
        op.execute(f"CREATE POLICY directory ON {table} FOR SELECT TO {DIRECTORY} USING (true)")
    _verify_by(OF_ALL)


def downgrade() -> None:
    _verify_by(OF_REPLIES)
    for table, columns in VERIFIED.items():
        op.execute(f"DROP POLICY directory ON {table}")
        op.execute(f"REVOKE SELECT ({columns}) ON {table} FROM {DIRECTORY}")
    for column in ("number", "verification_code"):
        op.drop_column("papers", column)


def _verify_by(issued: str) -> None:
    """Have the function look into ``issued``; it stays the directory's, and the application's to call."""
    op.execute(f"GRANT {DIRECTORY} TO CURRENT_USER")
    op.execute(f"GRANT CREATE ON SCHEMA public TO {DIRECTORY}")
    op.execute(FUNCTION.format(digests=DIGESTS, issued=issued))
    op.execute("REVOKE ALL ON FUNCTION verify_letter(text, text) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION verify_letter(text, text) TO {APP}")
    op.execute(f"REVOKE CREATE ON SCHEMA public FROM {DIRECTORY}")
    op.execute(f"REVOKE {DIRECTORY} FROM CURRENT_USER")
