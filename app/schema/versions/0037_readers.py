"""Files of readings: the register, what makes a refusal plain, sheets not read, and files put aside; more refusals of registry rows."""

import re

from alembic import op
from sqlalchemy import text

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_WIDENED: tuple[tuple[str, str, str, list[str]], ...] = (
    ("reading_import", "reading_import_status", "status", ["DISCARDED"]),
    (
        "registry_problem",
        "registry_problem_problem",
        "problem",
        ["TOO_MANY_DECIMALS", "ERROR_CELL", "LONG_NUMBER", "EXTRA_CELLS", "BAD_QUOTES"],
    ),
)


def upgrade() -> None:
    """Go forward."""
    for table, constraint, column, more in _WIDENED:
        known = _words(constraint)
        _check(table, constraint, column, [*known, *(word for word in more if word not in known)])
    op.execute("ALTER TABLE reading_import ADD COLUMN unread_sheets jsonb NOT NULL DEFAULT '[]'")
    op.execute("ALTER TABLE reading_import_row ADD COLUMN register varchar(64) NOT NULL DEFAULT '', ADD COLUMN about jsonb")


def downgrade() -> None:
    """Go back; only while no row uses the new words."""
    op.execute("ALTER TABLE reading_import_row DROP COLUMN register, DROP COLUMN about")
    op.execute("ALTER TABLE reading_import DROP COLUMN unread_sheets")
    for table, constraint, column, more in _WIDENED:
        _check(table, constraint, column, [word for word in _words(constraint) if word not in more])


def _words(constraint: str) -> list[str]:
    statement = text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name")
    return re.findall(r"'([A-Z_]+)'", str(op.get_bind().scalar(statement, {"name": constraint})))


def _check(table: str, constraint: str, column: str, words: list[str]) -> None:
    listed = ", ".join(f"'{word}'" for word in words)
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} CHECK ({column} IN ({listed}))")
