"""A second person for files of subsidies above the limit."""

from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

phase = "EXPAND"

_BEFORE = (
    "REFERENCE_CHANGE", "INSPECTION_RECORD", "CHARGE_REVERSAL", "ADJUSTMENT", "BILL_CORRECTION", "PERIOD_REOPEN", "TENDER_TRANSFER",
    "PAYMENT_MOVE", "HELD_DECISION", "ACT", "TRANSLATION", "COMPANY_SETTING",
)  # fmt: skip


def upgrade() -> None:
    """Go forward."""
    _allow(*_BEFORE, "SUBSIDY_GRANT")


def downgrade() -> None:
    """Go back; only while nothing of the new kind was asked for."""
    _allow(*_BEFORE)


def _allow(*kinds: str) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.execute(f"ALTER TABLE approval DROP CONSTRAINT approval_kind, ADD CONSTRAINT approval_kind CHECK (kind IN ({listed}))")
