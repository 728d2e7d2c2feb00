"""Papers: what was issued, word for word; a document may be a reply's letter."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.protect import protect

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KINDS = (
    "FILING_ARCHIVE", "GRADING_REPORT", "TOPOLOGY", "ORGANISATION_AND_RULES", "PROTECTION_PLAN", "PRODUCT_LIST",
    "ASSESSMENT_REPORT", "EXPERT_OPINION", "SUPERIOR_APPROVAL", "RECTIFICATION_PLAN", "RISK_ASSESSMENT_REPORT",
    "INSPECTION_EVIDENCE", "REPLY_LETTER", "OPINION_DOCUMENT", "OTHER",
)
SUBJECTS = {"grading_id": "gradings", "reply_letter_id": "reply_letters", "panel_case_id": "panel_cases"}
PAPERS = {"grading_id": "GRADING_REPORT", "panel_case_id": "OPINION_DOCUMENT", "reply_letter_id": "REPLY_LETTER"}
BEFORE = "filing_id, inquiry_message_id, grading_id, panel_case_id"
AFTER = f"{BEFORE}, reply_letter_id"


def upgrade() -> None:
    op.create_table(
        "papers",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(*KINDS, name="documentkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=False),
        *(sa.Column(key, sa.Uuid()) for key in SUBJECTS),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint(f"num_nonnulls({', '.join(SUBJECTS)}) = 1", name=op.f("ck_papers_one_subject")),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", key], [f"{table}.tenant_id", f"{table}.id"], name=op.f(f"fk_papers_tenant_id_{key}")
            )
            for key, table in {"owner_id": "organisations", "made_by_id": "users", **SUBJECTS}.items()
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_papers")),
        *(sa.UniqueConstraint("tenant_id", key, name=op.f(f"uq_papers_tenant_id_{key}")) for key in SUBJECTS),
    )
    protect("papers", "SELECT, INSERT")
    op.add_column("documents", sa.Column("reply_letter_id", sa.Uuid()))
    op.create_foreign_key(
        op.f("fk_documents_tenant_id_reply_letter_id"),
        "documents",
        "reply_letters",
        ["tenant_id", "reply_letter_id"],
        ["tenant_id", "id"],
    )
    op.create_index(op.f("ix_documents_tenant_id_reply_letter_id_id"), "documents", ["tenant_id", "reply_letter_id", "id"])
    for key, kind in PAPERS.items():
        op.create_index(
            f"uq_documents_{key}_paper",
            "documents",
            ["tenant_id", key, "media_type"],
            unique=True,
            postgresql_where=f"kind = '{kind}'",
        )
    _subjects(AFTER)


def downgrade() -> None:
    _subjects(BEFORE)
    for key in PAPERS:
        op.drop_index(f"uq_documents_{key}_paper", "documents")
    op.drop_column("documents", "reply_letter_id")
    op.drop_table("papers")


def _subjects(keys: str) -> None:
    """A document belongs to one of these at most, and then it is stored."""
    for name, condition in (
        ("one_subject", f"num_nonnulls({keys}) <= 1"),
        ("attached_is_stored", f"num_nonnulls({keys}) = 0 OR state = 'STORED'"),
    ):
        op.drop_constraint(op.f(f"ck_documents_{name}"), "documents")
        op.create_check_constraint(op.f(f"ck_documents_{name}"), "documents", condition)
