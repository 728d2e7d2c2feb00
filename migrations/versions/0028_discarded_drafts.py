"""Drafts can be given up; an office enters a grading as it was filed; an import that is given up has failed."""

import sqlalchemy as sa
from alembic import op

from migrations.protect import unforced
from migrations.vocabulary import admit, expel

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

STATES = (
    ("filings", "state", "ck_filings_filingstate"),
    ("filing_transitions", "from_state", "ck_filing_transitions_from_state"),
    ("filing_transitions", "to_state", "ck_filing_transitions_to_state"),
    ("gradings", "state", "ck_gradings_gradingstate"),
    ("grading_transitions", "from_state", "ck_grading_transitions_from_state"),
    ("grading_transitions", "to_state", "ck_grading_transitions_to_state"),
)
NOT_SUBMITTED = "ck_filings_submitted_at_known"
ENDED = "ck_import_runs_ended"


def upgrade() -> None:
    for table, column, constraint in STATES:
        admit(table, column, constraint, "DISCARDED")
    _check("filings", NOT_SUBMITTED, "state IN ('DRAFT', 'DISCARDED') OR submitted_at IS NOT NULL")
    op.add_column("gradings", sa.Column("as_filed", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.alter_column("gradings", "as_filed", server_default=None)
    op.create_check_constraint(op.f("ck_gradings_as_filed"), "gradings", "NOT as_filed OR confirmed_by_id IS NULL")
    admit("import_runs", "state", "ck_import_runs_importstate", "FAILED")
    _check("import_runs", ENDED, "(ended_at IS NOT NULL) = (state IN ('DONE', 'REFUSED', 'FAILED'))")


def downgrade() -> None:
    # What was given up ends otherwise, so that nothing that points to it is lost.
    with unforced("filings", "filing_transitions", "gradings", "grading_transitions", "import_runs"):
        op.execute(
            "UPDATE filings SET state = 'WITHDRAWN', submitted_at = coalesce(submitted_at, created_at) "
            "WHERE state = 'DISCARDED'"
        )
        op.execute("UPDATE filing_transitions SET to_state = 'WITHDRAWN' WHERE to_state = 'DISCARDED'")
        op.execute("UPDATE gradings SET state = 'SUPERSEDED' WHERE state = 'DISCARDED'")
        op.execute("UPDATE grading_transitions SET to_state = 'SUPERSEDED' WHERE to_state = 'DISCARDED'")
        op.execute("UPDATE import_runs SET state = 'REFUSED' WHERE state = 'FAILED'")
    _check("import_runs", ENDED, "(ended_at IS NOT NULL) = (state IN ('DONE', 'REFUSED'))")
    expel("import_runs", "state", "ck_import_runs_importstate", "FAILED")
    op.drop_column("gradings", "as_filed")
    _check("filings", NOT_SUBMITTED, "state = 'DRAFT' OR submitted_at IS NOT NULL")
    for table, column, constraint in STATES:
        expel(table, column, constraint, "DISCARDED")


def _check(table: str, name: str, condition: str) -> None:
    op.drop_constraint(op.f(name), table)
    op.create_check_constraint(op.f(name), table, condition)
