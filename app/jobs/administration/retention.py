"""Rows that are kept for a time, deleted when it is over."""

from app import clock
from app.domain.administration.retention import RETENTION
from app.extensions import db, transaction
from app.queries import administration as queries
from app.services.administration import retention as service


def delete_old() -> dict[str, int]:
    """Delete what is older than it is kept, a transaction a step; return the rows of each table that had some."""
    days = {code: int(queries.value_on(db.session(), code, clock.today())) for code in RETENTION.values()}
    deleted = {table: _all_of(table, days) for table in RETENTION}
    return {table: rows for table, rows in deleted.items() if rows}


def _all_of(table: str, days: dict[str, int]) -> int:
    total = 0
    while True:
        with transaction() as session:
            rows = service.delete_old(session, table, days, now=clock.now())
        total += rows
        if rows < service.ROWS:
            return total
