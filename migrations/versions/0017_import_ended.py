"""Whoever started an import is told when it has ended."""

from alembic import op

from migrations.protect import unforced

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLES = ("notifications", "notification_preferences")
BEFORE = (
    "GRADING_AWAITS_APPROVAL", "GRADING_CONFIRMED", "GRADING_RETURNED", "GRADING_ADVICE_GIVEN",
    "FILING_SUBMITTED", "FILING_WITHDRAWN", "FILING_RECEIVED", "FILING_RESUBMITTED", "FILING_CANCELLED",
    "FILING_ACCEPTED", "FILING_INCOMPLETE", "FILING_IN_RE_REVIEW", "LEVEL_TO_ADJUST", "RE_REVIEW_CONCLUDED",
    "REPLY_DRAFTED", "REPLY_RETURNED", "RETURN_SUBMITTED", "CASE_OPENED", "OPINIONS_IN",
    "EXPERT_STEPPED_BACK", "CASE_ASSIGNED",
    "INQUIRY_OPENED", "INQUIRY_ANSWERED",
    "REVIEW_DUE_SOON", "REVIEW_OVERDUE", "RETURN_DUE",
)  # fmt: skip


def _kinds(*kinds: str) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    for table in TABLES:
        op.drop_constraint(op.f(f"ck_{table}_notificationkind"), table)
        op.create_check_constraint(op.f(f"ck_{table}_notificationkind"), table, f"kind IN ({listed})")


def upgrade() -> None:
    _kinds(*BEFORE, "IMPORT_ENDED")


def downgrade() -> None:
    with unforced(*TABLES):
        for table in TABLES:
            op.execute(f"DELETE FROM {table} WHERE kind = 'IMPORT_ENDED'")
    _kinds(*BEFORE)
