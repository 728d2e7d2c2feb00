"""Packages that came by e-mail, and how far each mailbox was read."""

import sqlalchemy as sa
from alembic import op

from migrations.protect import protect

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

STATES = ("WAITING", "ENTERED", "REFUSED")
TARGETS = {"organisation_id": "organisations", "document_id": "documents", "filing_id": "filings"}


def _row() -> list[sa.Column]:
    return [
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    ]


def upgrade() -> None:
    table = "mailed_packages"
    op.create_table(
        table,
        *_row(),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="mailedpackagestate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason_zh", sa.Text()),
        sa.Column("reason_en", sa.Text()),
        sa.Column("document_id", sa.Uuid()),
        sa.Column("filing_id", sa.Uuid()),
        sa.CheckConstraint(
            "(state = 'REFUSED') = (reason_zh IS NOT NULL)", name=op.f(f"ck_{table}_refused_with_reason")
        ),
        sa.CheckConstraint("(state = 'ENTERED') = (filing_id IS NOT NULL)", name=op.f(f"ck_{table}_entered_as_filing")),
        sa.CheckConstraint("place > 0", name=op.f(f"ck_{table}_place")),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column],
                [f"{target}.tenant_id", f"{target}.id"],
                name=op.f(f"fk_{table}_tenant_id_{column}"),
            )
            for column, target in TARGETS.items()
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(
            "tenant_id", "organisation_id", "message_id", "place",
            name=op.f(f"uq_{table}_tenant_id_organisation_id_message_id_place"),
        ),
    )
    for columns in (("created_at", "id"), ("organisation_id", "created_at", "id"), ("document_id",)):
        op.create_index(op.f(f"ix_{table}_tenant_id_{'_'.join(columns)}"), table, ["tenant_id", *columns])
    op.create_table(
        "mailbox_positions",
        *_row(),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("validity", sa.BigInteger(), nullable=False),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_mailbox_positions_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_mailbox_positions")),
        sa.UniqueConstraint("tenant_id", "mailbox", name=op.f("uq_mailbox_positions_tenant_id_mailbox")),
    )
    protect(table, "SELECT, INSERT, UPDATE")
    protect("mailbox_positions", "SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("mailbox_positions")
    op.drop_table("mailed_packages")
