"""Inquiries and published answers are found by characters and pairs of characters."""

from alembic import op

from migrations.protect import unforced
from migrations.searchable import not_searchable, searchable

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SEARCHED = {"inquiries": ("title",), "knowledge_articles": ("title", "question", "answer")}


def upgrade() -> None:
    for table, columns in SEARCHED.items():
        searchable(table, *columns)


def downgrade() -> None:
    for table in SEARCHED:
        not_searchable(table)
    with unforced("search_entries"):  # the owner is under the policies too, and is of no tenant
        op.execute("DELETE FROM search_entries WHERE kind IN ('inquiries', 'knowledge_articles')")
