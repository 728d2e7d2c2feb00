"""Sessions and appointments are found by text; the city office is told when an expert steps back."""

from alembic import op

from migrations.protect import unforced
from migrations.searchable import not_searchable, searchable

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLES = ("notifications", "notification_preferences")
NEW = "EXPERT_STEPPED_BACK"
KINDS = (
    "GRADING_AWAITS_APPROVAL",
    "GRADING_CONFIRMED",
    "GRADING_RETURNED",
    "GRADING_ADVICE_GIVEN",
    "FILING_SUBMITTED",
    "FILING_WITHDRAWN",
    "FILING_RECEIVED",
    "FILING_RESUBMITTED",
    "FILING_CANCELLED",
    "FILING_ACCEPTED",
    "FILING_INCOMPLETE",
    "FILING_IN_RE_REVIEW",
    "LEVEL_TO_ADJUST",
    "RE_REVIEW_CONCLUDED",
    "REPLY_DRAFTED",
    "REPLY_RETURNED",
    "RETURN_SUBMITTED",
    "CASE_OPENED",
    "OPINIONS_IN",
    "EXPERT_STEPPED_BACK",
    "CASE_ASSIGNED",
    "INQUIRY_OPENED",
    "INQUIRY_ANSWERED",
    "REVIEW_DUE_SOON",
    "REVIEW_OVERDUE",
    "RETURN_DUE",
)


def upgrade() -> None:
    _kinds(KINDS)
    searchable("panel_sessions", "place", "note")
    searchable("expert_appointments", "employer_name")


def downgrade() -> None:
    not_searchable("expert_appointments")
    not_searchable("panel_sessions")
    with unforced(*TABLES):
        for table in TABLES:
            op.execute(f"DELETE FROM {table} WHERE kind = '{NEW}'")  # noqa: S608 - our own names
    _kinds(tuple(kind for kind in KINDS if kind != NEW))


def _kinds(kinds: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    for table in TABLES:
        name = op.f(f"ck_{table}_notificationkind")
        op.drop_constraint(name, table)
        op.create_check_constraint(name, table, f"kind IN ({listed})")
