"""The month beside the number of each bill that rows refer to, so that months can be looked up, proved and kept apart.

Written by who writes the row; compared with the bill's own month by the references that are checked once a statement.
"""

from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

#: Table → the column of the month, the column of the bill.
_MONTHS = {"bill_line": "billing_month", "consumption": "billing_month", "debt": "billing_month", "allocation": "bill_month"}
#: The month of a document that an entry is for.
_DOCUMENTS = """
    UPDATE ledger_entry e SET document_month = d.month
    FROM (
        SELECT 'BILL' AS kind, id, billing_month AS month FROM bill
        UNION ALL SELECT 'PAYMENT', id, date_trunc('month', received_on)::date FROM payment
        UNION ALL SELECT 'ADJUSTMENT', id, date_trunc('month', posted_on)::date FROM adjustment
    ) d
    WHERE d.id = e.document_id AND d.kind = CASE WHEN e.document_kind IN ('BILL', 'ADVANCE_USE', 'BILL_CANCELLATION') THEN 'BILL'
                                                 WHEN e.document_kind IN ('PAYMENT', 'PAYMENT_REVERSAL') THEN 'PAYMENT'
                                                 ELSE 'ADJUSTMENT' END
"""


def upgrade() -> None:
    """Go forward; tables of a large base are rewritten, so none works meanwhile."""
    op.execute("SET LOCAL statement_timeout = 0")
    for table, column in _MONTHS.items():
        _add(table, column, f"UPDATE {table} x SET {column} = b.billing_month FROM bill b WHERE b.id = x.bill_id")
    _add("ledger_entry", "document_month", _DOCUMENTS)
    for table, column in _MONTHS.items():
        _check(table, "bill_id", column)
    _check("bill", "cancels_id", "billing_month")
    _keep("bill_id, billing_month, account_id, division_id")


def downgrade() -> None:
    """Go back."""
    _keep("bill_id, account_id, division_id")
    _check("bill", "cancels_id", "billing_month", back=True)
    for table, column in _MONTHS.items():
        _check(table, "bill_id", column, back=True)
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    op.execute("ALTER TABLE ledger_entry DROP COLUMN document_month")


def _add(table: str, column: str, fill: str) -> None:
    """Add a column and fill it; facts stay facts, and nothing is audited that nobody did."""
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} date")
    op.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    op.execute(fill)
    op.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL")


def _check(table: str, column: str, month: str, *, back: bool = False) -> None:
    """Let the reference to a bill compare the month too."""
    connection = op.get_bind()
    definition = connection.exec_driver_sql(f"SELECT pg_get_functiondef('check_references_of_{table}()'::regprocedure)").scalar_one()
    by_id = (f"SELECT DISTINCT {column} FROM added", f"LEFT JOIN bill p ON p.id = n.{column} WHERE")
    by_month = (
        f"SELECT DISTINCT {column}, {month} FROM added",
        f"LEFT JOIN bill p ON p.id = n.{column} AND p.billing_month = n.{month} WHERE",
    )
    for old, new in zip(by_month if back else by_id, by_id if back else by_month, strict=True):
        assert definition.count(old) == 1, f"{table} is checked otherwise"
        definition = definition.replace(old, new)
    connection.exec_driver_sql(definition.replace("%", "%%"))


def _keep(columns: str) -> None:
    """Let what a debt refers to stay as it is."""
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns.split(", "))
    op.execute("DROP TRIGGER debt_references_stay ON debt")
    op.execute(
        f"CREATE TRIGGER debt_references_stay BEFORE UPDATE OF {columns} ON debt "
        f"FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION refuse_change()"
    )
