"""Uploads in parts and their progress, what archives hold, how much is whose; files that are refused say why."""

import sqlalchemy as sa
from alembic import op

from migrations.protect import protect, unforced
from migrations.vocabulary import admit, expel

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

STATES = ("CHECKING", "DISCARDED")
COLUMNS = {
    "parts_name": sa.Text(),
    "part_size": sa.Integer(),
    "received_bytes": sa.BigInteger(),
    "checked_bytes": sa.BigInteger(),
    "rejection_zh": sa.Text(),
    "rejection_en": sa.Text(),
}
COUNTED = {"received_bytes", "checked_bytes"}
CHECKS = {
    "stored_is_harmless": "state <> 'STORED' OR scan IN ('CLEAN', 'SKIPPED')",
    "rejected_with_reason": "(state = 'REJECTED') = (rejection_zh IS NOT NULL)",
}
SETTINGS = {"storage_quota": 1 << 40, "person_storage_quota": 50 << 30, "retention_years": 10}
SETTING_CHECKS = {
    "quotas": "storage_quota > 0 AND person_storage_quota > 0",
    "retention_years": "retention_years BETWEEN 1 AND 30",
}


def upgrade() -> None:
    admit("documents", "state", "ck_documents_documentstate", *STATES)
    for name, type_ in COLUMNS.items():
        counted = name in COUNTED
        op.add_column(
            "documents", sa.Column(name, type_, nullable=not counted, server_default="0" if counted else None)
        )
    with unforced("documents"):
        op.execute("UPDATE documents SET received_bytes = size, checked_bytes = size WHERE state = 'STORED'")
        op.execute("UPDATE documents SET rejection_zh = '不符', rejection_en = 'refused' WHERE state = 'REJECTED'")
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_documents_{name}"), "documents", condition)
    op.create_index(op.f("ix_documents_tenant_id_object_key"), "documents", ["tenant_id", "object_key"])
    _create_entries()
    _create_uses()
    for name, default in SETTINGS.items():
        type_ = sa.Integer() if name == "retention_years" else sa.BigInteger()
        op.add_column("tenant_settings", sa.Column(name, type_, nullable=False, server_default=str(default)))
    for name, condition in SETTING_CHECKS.items():
        op.create_check_constraint(op.f(f"ck_tenant_settings_{name}"), "tenant_settings", condition)


def downgrade() -> None:
    for name in SETTING_CHECKS:
        op.drop_constraint(op.f(f"ck_tenant_settings_{name}"), "tenant_settings")
    for name in SETTINGS:
        op.drop_column("tenant_settings", name)
    op.drop_table("storage_uses")
    op.drop_table("archive_entries")
    op.drop_index(op.f("ix_documents_tenant_id_object_key"), "documents")
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_documents_{name}"), "documents")
    for name in COLUMNS:
        op.drop_column("documents", name)
    expel("documents", "state", "ck_documents_documentstate", *STATES)


def _create_entries() -> None:
    op.create_table(
        "archive_entries",
        *_keys(),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.CheckConstraint("size >= 0 AND place > 0 AND depth > 0", name=op.f("ck_archive_entries_counts")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"],
            ["documents.tenant_id", "documents.id"],
            name=op.f("fk_archive_entries_tenant_id_document_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_archive_entries")),
        sa.UniqueConstraint(
            "tenant_id", "document_id", "place", name=op.f("uq_archive_entries_tenant_id_document_id_place")
        ),
    )
    for column in ("name", "place"):
        op.create_index(
            op.f(f"ix_archive_entries_tenant_id_document_id_{column}_id"),
            "archive_entries",
            ["tenant_id", "document_id", column, "id"],
        )
    protect("archive_entries", "SELECT, INSERT")


def _create_uses() -> None:
    op.create_table(
        "storage_uses",
        *_keys(),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("bytes >= 0", name=op.f("ck_storage_uses_bytes")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"], ["users.tenant_id", "users.id"], name=op.f("fk_storage_uses_tenant_id_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_storage_uses")),
    )
    protect("storage_uses", "SELECT, INSERT, UPDATE")


def _keys() -> list[sa.Column]:
    return [
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    ]
