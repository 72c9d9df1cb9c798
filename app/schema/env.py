"""Alembic's entry: runs the revisions on the connection ``app.cli.schema`` hands over, as the schema's owner."""

from alembic import context
from sqlalchemy import text

from app.models.columns import is_in_database, metadata

connection = context.config.attributes["connection"]
connection.execute(text("SET lock_timeout = '4s'"))
connection.execute(text("SET statement_timeout = '60s'"))
context.configure(connection=connection, target_metadata=metadata, include_object=is_in_database, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
