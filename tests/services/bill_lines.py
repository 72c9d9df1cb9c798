"""Lines of the bills of an account."""

from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.builders import Home


def lines_of(session: Session, home: Home, month: date) -> list[tuple[Any, ...]]:
    rows = session.execute(
        text(
            "SELECT l.kind, l.component, l.zone, l.block_no, l.quantity_milli / 1000, l.amount_tiyin FROM bill_line l "
            "JOIN bill b ON b.id = l.bill_id WHERE b.account_id = :id AND b.billing_month = :month ORDER BY l.line_no"
        ),
        {"id": home.account_id, "month": month},
    )
    return [tuple(row) for row in rows]
