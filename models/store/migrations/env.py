"""Alembic's entry: runs the revisions on the connection, and in the transaction, handed to it."""

from alembic import context

from models.tables import Row

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Row.metadata,
    transactional_ddl=False,  # the caller's transaction holds lock, schema and version together
)
context.run_migrations()
