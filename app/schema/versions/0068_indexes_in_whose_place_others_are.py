"""Indexes go in whose place there are others: of the division alone, and of bills that take another one back."""

from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

phase = "CONTRACT"

_TABLES = (
    "consumer account_benefit supply supply_term prepaid_volume service_point reading_import meter meter_installation bill_run "
    "shadow_run billable_charge penalty penalty_hold payment_block"
).split()


def upgrade() -> None:
    """Go forward."""
    for table in _TABLES:
        op.execute(f"DROP INDEX {table}_division_id_idx")
    op.execute("DROP INDEX subsidy_division_id_idx")
    op.execute("DROP INDEX bill_cancelled_month_idx")


def downgrade() -> None:
    """Go back."""
    for table in _TABLES:
        op.execute(f"CREATE INDEX {table}_division_id_idx ON {table} (division_id)")
    op.execute("CREATE INDEX subsidy_division_id_idx ON subsidy (division_id, billing_month)")
    op.execute("CREATE INDEX bill_cancelled_month_idx ON bill (account_id, billing_month) WHERE cancels_id IS NOT NULL")
