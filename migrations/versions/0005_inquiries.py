"""Consultation: inquiries, their messages, the knowledge base; a document may belong to a message."""

import sqlalchemy as sa
from alembic import op

from migrations.protect import protect

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TOPICS = ("GRADING", "FILING", "REPLY", "RECTIFICATION", "ASSESSMENT", "INSPECTION", "PLATFORM", "OTHER")
ROLES = ("CITY_OFFICE", "DISTRICT_OFFICE", "UNIT", "EXPERT", "ASSESSOR")


def _term(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _row() -> list[sa.Column]:
    return [
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    ]


def _keys(table: str, **targets: str) -> list[sa.Constraint]:
    """The primary key, and foreign keys that stay within the tenant: column = the table it points to."""
    return [
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column],
                [f"{target}.tenant_id", f"{target}.id"],
                name=op.f(f"fk_{table}_tenant_id_{column}"),
            )
            for column, target in targets.items()
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
    ]


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_tenant_id_{'_'.join(columns)}"), table, ["tenant_id", *columns])


def upgrade() -> None:
    op.create_table(
        "inquiries",
        *_row(),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("opened_by_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("topic", _term("inquirytopic", *TOPICS), nullable=False),
        sa.Column("state", _term("inquirystate", "OPEN", "ANSWERED", "CLOSED"), nullable=False),
        sa.Column("last_message_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("closed_by_id", sa.Uuid()),
        sa.Column("close_reason", sa.Text()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state <> 'ANSWERED' OR answered_at IS NOT NULL", name=op.f("ck_inquiries_answered_at_known")
        ),
        sa.CheckConstraint(
            "(state = 'CLOSED') = (closed_at IS NOT NULL AND closed_by_id IS NOT NULL)",
            name=op.f("ck_inquiries_closed_is_complete"),
        ),
        *_keys("inquiries", unit_id="organisations", opened_by_id="users", closed_by_id="users"),
    )
    _index("inquiries", "created_at", "id")
    _index("inquiries", "last_message_at", "id")
    for column in ("state", "topic", "unit_id"):
        _index("inquiries", column, "last_message_at", "id")
    op.create_table(
        "inquiry_messages",
        *_row(),
        sa.Column("inquiry_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("side", _term("side", *ROLES), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        *_keys("inquiry_messages", inquiry_id="inquiries", author_id="users", organisation_id="organisations"),
    )
    _index("inquiry_messages", "inquiry_id", "id")
    op.create_table(
        "knowledge_articles",
        *_row(),
        sa.Column("inquiry_id", sa.Uuid(), nullable=False),
        sa.Column("topic", _term("inquirytopic", *TOPICS), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("state", _term("articlestate", "PUBLISHED", "WITHDRAWN"), nullable=False),
        sa.Column("published_by_id", sa.Uuid(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("withdraw_reason", sa.Text()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'WITHDRAWN') = (withdrawn_at IS NOT NULL)", name=op.f("ck_knowledge_articles_withdrawn_at_known")
        ),
        *_keys("knowledge_articles", inquiry_id="inquiries", published_by_id="users"),
    )
    _index("knowledge_articles", "created_at", "id")
    _index("knowledge_articles", "title", "id")
    _index("knowledge_articles", "topic", "created_at", "id")
    _index("knowledge_articles", "inquiry_id", "id")
    op.create_index(
        "uq_knowledge_articles_one_published",
        "knowledge_articles",
        ["tenant_id", "inquiry_id"],
        unique=True,
        postgresql_where="state = 'PUBLISHED'",
    )
    protect("inquiries", "SELECT, INSERT, UPDATE")
    protect("inquiry_messages", "SELECT, INSERT")
    protect("knowledge_articles", "SELECT, INSERT, UPDATE")
    _document_of_message()


def _document_of_message() -> None:
    op.add_column("documents", sa.Column("inquiry_message_id", sa.Uuid()))
    op.create_foreign_key(
        op.f("fk_documents_tenant_id_inquiry_message_id"),
        "documents",
        "inquiry_messages",
        ["tenant_id", "inquiry_message_id"],
        ["tenant_id", "id"],
    )
    _index("documents", "inquiry_message_id", "id")
    op.drop_constraint(op.f("ck_documents_attached_is_stored"), "documents")
    op.create_check_constraint(
        op.f("ck_documents_one_subject"), "documents", "num_nonnulls(filing_id, inquiry_message_id) <= 1"
    )
    op.create_check_constraint(
        op.f("ck_documents_attached_is_stored"),
        "documents",
        "num_nonnulls(filing_id, inquiry_message_id) = 0 OR state = 'STORED'",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_documents_attached_is_stored"), "documents")
    op.drop_constraint(op.f("ck_documents_one_subject"), "documents")
    op.create_check_constraint(
        op.f("ck_documents_attached_is_stored"), "documents", "filing_id IS NULL OR state = 'STORED'"
    )
    op.drop_index(op.f("ix_documents_tenant_id_inquiry_message_id_id"), "documents")
    op.drop_constraint(op.f("fk_documents_tenant_id_inquiry_message_id"), "documents")
    op.drop_column("documents", "inquiry_message_id")
    for table in ("knowledge_articles", "inquiry_messages", "inquiries"):
        op.drop_table(table)
