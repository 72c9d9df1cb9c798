"""Exceptions of bill runs from before people worked on them are settled where the account was billed since.

An account that was billed with a question mark is done with once a later month is billed; one that was left without a bill, once that
month is. What somebody took up, and what the last month says, stays open.
"""

from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None

phase = "MIGRATE"


def upgrade() -> None:
    """Go forward."""
    op.execute("SET LOCAL statement_timeout = 0")
    op.execute("SELECT set_config('app.reason', 'the account was billed since', true)")
    op.execute(
        """
        UPDATE bill_exception e SET status = 'SETTLED'
        FROM bill_run r, account_position p
        WHERE r.id = e.bill_run_id AND p.account_id = e.account_id AND e.status = 'OPEN' AND e.owner IS NULL
          AND (p.billed_month > r.billing_month OR (e.parked AND p.billed_month = r.billing_month))
        """
    )


def downgrade() -> None:
    """Go back: what was settled stays settled, as nobody worked on it."""
