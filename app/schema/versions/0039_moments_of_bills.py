"""Bills and readings know the moment they were made, not the beginning of their transaction.

An act bills an old owner, writes the new one in, and bills him, all at once: each paper shows what held when it was made.
"""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_TABLES = ("bill", "reading")


def upgrade() -> None:
    """Go forward."""
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ALTER COLUMN created_at SET DEFAULT clock_timestamp()")


def downgrade() -> None:
    """Go back."""
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ALTER COLUMN created_at SET DEFAULT now()")
