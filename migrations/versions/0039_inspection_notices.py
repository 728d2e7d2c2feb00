"""A unit is notified of an inspection by a numbered notice (监督检查通知书), a paper of the inspection."""

from alembic import op

from migrations.subjects import add_subject, remove_subject
from migrations.vocabulary import admit, expel

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

KEY, KIND = "inspection_notice_id", "INSPECTION_NOTICE"
TABLES = ("documents", "papers")


def upgrade() -> None:
    for table in TABLES:
        admit(table, "kind", f"ck_{table}_documentkind", KIND)
        add_subject(table, KEY, "inspections")
    admit("letter_templates", "kind", "ck_letter_templates_letterkind", KIND)
    op.create_index(
        f"uq_documents_{KEY}_paper",
        "documents",
        ["tenant_id", KEY, "media_type"],
        unique=True,
        postgresql_where=f"kind = '{KIND}'",
    )


def downgrade() -> None:
    op.drop_index(f"uq_documents_{KEY}_paper", "documents")
    expel("letter_templates", "kind", "ck_letter_templates_letterkind", KIND)
    for table in reversed(TABLES):
        expel(table, "kind", f"ck_{table}_documentkind", KIND)
        remove_subject(table, KEY)
