"""Reports that are too long to wait for are written by jobs."""

from alembic import op

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None

phase = "EXPAND"

_KINDS = (
    "READING_CHECK", "READING_ACCEPT", "BILL_PREVIEW", "BILL_POST", "DIVISION_IMPORT", "NOTICE_SEND", "REFERENCE_IMPORT", "BILL_PRINT",
    "INVOICE_ISSUE", "ACT_PRINT", "PENALTY_PREVIEW", "PENALTY_ACCRUAL", "SUBSIDY_IMPORT", "BILL_CORRECTION", "SHADOW_RUN", "PAYMENT_FILE_LOAD",
    "RECONCILE", "LEDGER_VERIFY", "NODE_RESUME", "HELD_DECISION", "BULK_ACT", "LIST_EXPORT",
)  # fmt: skip


def upgrade() -> None:
    """Go forward."""
    _allow(*_KINDS, "REPORT_FILE")


def downgrade() -> None:
    """Go back; only while no job of the new kind was asked for."""
    _allow(*_KINDS)


def _allow(*kinds: str) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.execute(f"ALTER TABLE job_run DROP CONSTRAINT job_run_kind, ADD CONSTRAINT job_run_kind CHECK (kind IN ({listed}))")
