"""A job's headers are an object or nothing: the library cannot read anything else, and its worker would end."""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE jobs.queue SET headers = NULL WHERE jsonb_typeof(headers) NOT IN ('object', 'null')")
    op.execute("ALTER TABLE jobs.queue ADD CONSTRAINT ck_queue_headers CHECK (jsonb_typeof(headers) IN ('object', 'null'))")


def downgrade() -> None:
    op.execute("ALTER TABLE jobs.queue DROP CONSTRAINT ck_queue_headers")
