"""Debtors are the accounts of their oldest debts: the index of debts by due day gives them by age, and counting them reads nothing else."""

from alembic import op

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None

phase = "EXPAND"

_BEFORE = """
    CREATE VIEW debtor WITH (security_invoker = true) AS
    SELECT p.account_id, p.division_id, a.consumer_id, c.kind AS consumer_kind, c.phone,
           o.due_on AS oldest_due_on, p.debt_tiyin, w.owner, coalesce(w.stage, 'NEW') AS stage
    FROM account_position p JOIN account a ON a.id = p.account_id JOIN consumer c ON c.id = a.consumer_id
    CROSS JOIN LATERAL (SELECT d.due_on FROM debt d WHERE d.account_id = p.account_id ORDER BY d.due_on, d.bill_id LIMIT 1) o
    LEFT JOIN debt_work w ON w.account_id = p.account_id AND w.newest_due_on >= o.due_on
    WHERE p.debt_tiyin > 0
"""
# Outer joins by keys: what is not asked for is not read.
_AFTER = """
    CREATE VIEW debtor WITH (security_invoker = true) AS
    SELECT d.account_id, d.division_id, a.consumer_id, c.kind AS consumer_kind, c.phone,
           d.due_on AS oldest_due_on, p.debt_tiyin, w.owner, coalesce(w.stage, 'NEW') AS stage, d.bill_id AS oldest_bill_id
    FROM debt d
    JOIN LATERAL (SELECT o.bill_id FROM debt o WHERE o.account_id = d.account_id ORDER BY o.due_on, o.bill_id LIMIT 1) o
        ON o.bill_id = d.bill_id
    LEFT JOIN account_position p ON p.account_id = d.account_id
    LEFT JOIN account a ON a.id = d.account_id
    LEFT JOIN consumer c ON c.id = a.consumer_id
    LEFT JOIN debt_work w ON w.account_id = d.account_id AND w.newest_due_on >= d.due_on
"""


def upgrade() -> None:
    """Go forward."""
    _replace(_AFTER)


def downgrade() -> None:
    """Go back."""
    _replace(_BEFORE)


def _replace(view: str) -> None:
    op.execute("DROP VIEW debtor")
    op.execute(view)
    op.execute("GRANT SELECT ON debtor TO pcb_web, pcb_worker")
