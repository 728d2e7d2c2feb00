"""Alembic's entry: runs on the connection that the runner hands over, in its transaction."""

from alembic import context

from domain.entities import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
