"""Positions change where they stand: no index of what a bill or a payment changes, and room for the change on the row's page."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.execute("DROP INDEX account_position_debtors_idx")
    op.execute("CREATE INDEX account_position_division_id_idx ON account_position (division_id, account_id)")
    op.execute("ALTER TABLE account_position SET (fillfactor = 50)")


def downgrade() -> None:
    """Go back."""
    op.execute("ALTER TABLE account_position RESET (fillfactor)")
    op.execute("DROP INDEX account_position_division_id_idx")
    op.execute("CREATE INDEX account_position_debtors_idx ON account_position (division_id, debt_tiyin DESC, account_id)")
