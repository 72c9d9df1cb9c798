"""Indexes that give the rows of a division in the order of their lists."""

from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

phase = "EXPAND"

_TABLES = (
    "consumer account_benefit supply supply_term prepaid_volume service_point reading reading_import meter meter_installation "
    "bill_run bill_exception tax_invoice shadow_run billable_charge penalty_run penalty penalty_hold inspection_record tender "
    "payment_block ledger_entry job_run notice approval division_access staff_member substitution"
).split()


def upgrade() -> None:
    """Go forward; of large tables while nobody works, because writers wait."""
    op.execute("SET LOCAL statement_timeout = 0")
    for table in _TABLES:
        op.execute(f"CREATE INDEX {table}_division_id_id_idx ON {table} (division_id, id)")
    op.execute("CREATE INDEX bill_account_id_idx ON bill (account_id, billing_month)")
    op.execute("CREATE INDEX subsidy_division_id_billing_month_idx ON subsidy (division_id, billing_month, id)")


def downgrade() -> None:
    """Go back."""
    for table in _TABLES:
        op.execute(f"DROP INDEX {table}_division_id_id_idx")
    op.execute("DROP INDEX bill_account_id_idx")
    op.execute("DROP INDEX subsidy_division_id_billing_month_idx")
