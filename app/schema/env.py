"""Alembic's entry: runs the revisions on the connection ``app.cli.schema`` hands over, as the schema's owner."""

from alembic import context
from alembic.operations.ops import ExecuteSQLOp, MigrationScript
from sqlalchemy import text

from app.models.columns import changed_members, is_in_database, metadata


def add_members(_context: object, _revision: object, directives: list[MigrationScript]) -> None:
    """Add to a revision that is written from the models what columns of enums have learnt to hold."""
    operations = [each for each in directives if each.upgrade_ops is not None and each.downgrade_ops is not None]
    for script in operations:
        for forth, back in changed_members(connection):
            script.upgrade_ops.ops.append(ExecuteSQLOp(forth))
            script.downgrade_ops.ops.append(ExecuteSQLOp(back))


connection = context.config.attributes["connection"]
# Nobody waits long behind a revision: it gives up and is tried again. What needs longer says so itself (SET LOCAL).
connection.execute(text("SET lock_timeout = '4s'"))
connection.execute(text("SET statement_timeout = '60s'"))
context.configure(
    connection=connection,
    target_metadata=metadata,
    include_object=is_in_database,
    process_revision_directives=add_members,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
