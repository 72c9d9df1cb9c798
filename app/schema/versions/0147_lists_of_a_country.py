"""Debts of an age and legal consumers are listed in a country as quickly as in a district."""

from alembic import op

revision = "0147"
down_revision = "0146"
branch_labels = None
depends_on = None

phase = "EXPAND"


def upgrade() -> None:
    """Go forward; of large tables while nobody works, because writers wait."""
    op.execute("SET LOCAL statement_timeout = 0")
    op.execute("CREATE INDEX debt_due_on_idx ON debt (due_on, bill_id)")
    op.execute("CREATE INDEX consumer_kind_idx ON consumer (kind, id) INCLUDE (division_id)")


def downgrade() -> None:
    """Go back."""
    op.execute("DROP INDEX consumer_kind_idx")
    op.execute("DROP INDEX debt_due_on_idx")
