"""Imports: a file of units, systems or filings on its way in, and the problems of its rows."""

import sqlalchemy as sa
from alembic import op

from migrations.protect import protect

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ROLES = ("CITY_OFFICE", "DISTRICT_OFFICE", "UNIT", "EXPERT", "ASSESSOR")
STATES = ("WAITING", "RUNNING", "INTERRUPTED", "DONE", "REFUSED")


def _term(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _row() -> list[sa.Column]:
    return [
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    ]


def _keys(table: str, **targets: str) -> list[sa.Constraint]:
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
        "import_runs",
        *_row(),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("started_by_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("role", _term("role", *ROLES), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _term("importkind", "UNITS", "SYSTEMS", "FILINGS"), nullable=False),
        sa.Column("mode", _term("importmode", "ALL_OR_NOTHING", "ROW_BY_ROW"), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("state", _term("importstate", *STATES), nullable=False),
        sa.Column("rows_total", sa.Integer()),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("rows_done", "created", "updated", "unchanged", "problem_count")
        ),
        sa.Column("reason_zh", sa.Text()),
        sa.Column("reason_en", sa.Text()),
        sa.Column("begun_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(ended_at IS NOT NULL) = (state IN ('DONE', 'REFUSED'))", name=op.f("ck_import_runs_ended")
        ),
        sa.CheckConstraint("rows_total IS NULL OR rows_done <= rows_total", name=op.f("ck_import_runs_rows_done")),
        *_keys(
            "import_runs",
            organisation_id="organisations",
            started_by_id="users",
            membership_id="memberships",
            document_id="documents",
        ),
    )
    _index("import_runs", "created_at", "id")
    _index("import_runs", "organisation_id", "created_at", "id")
    op.create_table(
        "import_problems",
        *_row(),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text()) for name in ("column_letter", "heading_zh", "heading_en")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("message_zh", "message_en")),
        sa.CheckConstraint("row_number > 0", name=op.f("ck_import_problems_row_number")),
        *_keys("import_problems", run_id="import_runs"),
    )
    _index("import_problems", "run_id", "row_number", "id")
    protect("import_runs", "SELECT, INSERT, UPDATE")
    protect("import_problems", "SELECT, INSERT, DELETE")


def downgrade() -> None:
    op.drop_table("import_problems")
    op.drop_table("import_runs")
