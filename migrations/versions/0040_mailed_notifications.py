"""An office's officers are told of what came to them by e-mail."""

from migrations.vocabulary import admit, expel

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

TABLES = ("notifications", "notification_preferences")
KINDS = ("PACKAGE_ARRIVED", "PACKAGE_REFUSED")


def upgrade() -> None:
    for table in TABLES:
        admit(table, "kind", f"ck_{table}_notificationkind", *KINDS)


def downgrade() -> None:
    for table in TABLES:
        expel(table, "kind", f"ck_{table}_notificationkind", *KINDS)
