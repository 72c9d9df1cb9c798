"""Bills by their kind of reading and readings by their kind have an index of the rare ones; the usual ones are near anyway."""

from alembic import op

revision = "0073"
down_revision = "0071"
branch_labels = None
depends_on = None

phase = "EXPAND"


def upgrade() -> None:
    """Go forward; indexes of a large base are made meanwhile, so nobody writes."""
    op.execute("SET LOCAL statement_timeout = 0")
    op.execute("CREATE INDEX bill_quality_idx ON bill (division_id, quality, billing_month, id) WHERE quality <> 'ACTUAL'")
    op.execute("CREATE INDEX reading_kind_idx ON reading (division_id, kind, id) WHERE kind <> 'PERIODIC'")


def downgrade() -> None:
    """Go back."""
    op.execute("DROP INDEX reading_kind_idx")
    op.execute("DROP INDEX bill_quality_idx")
