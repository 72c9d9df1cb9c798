"""Readings of a source and payments by a channel are found by an index, however few there are of them."""

from alembic import op

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None

phase = "EXPAND"


def upgrade() -> None:
    """Go forward; indexes of a large base are made meanwhile, so nobody writes."""
    op.execute("SET LOCAL statement_timeout = 0")
    op.execute("CREATE INDEX reading_source_idx ON reading (division_id, source, id)")
    op.execute("CREATE INDEX payment_channel_idx ON payment (division_id, channel, received_on, id)")


def downgrade() -> None:
    """Go back."""
    op.execute("DROP INDEX payment_channel_idx")
    op.execute("DROP INDEX reading_source_idx")
