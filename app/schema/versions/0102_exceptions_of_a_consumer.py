"""Exceptions of bill runs are listed a row a consumer: those of an account that stand alike are found by an index."""

from alembic import op

revision = "0102"
down_revision = "0086"
branch_labels = None
depends_on = None

phase = "EXPAND"


def upgrade() -> None:
    """Go forward."""
    op.create_index("bill_exception_account_id_status_id_idx", "bill_exception", ["account_id", "status", "id"])


def downgrade() -> None:
    """Go back."""
    op.drop_index("bill_exception_account_id_status_id_idx", "bill_exception")
