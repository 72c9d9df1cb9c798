"""Which months of a table that is kept by month are there."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.queries.records import fetch_all

#: Tables that are kept by month.
PARTITIONED = ("audit_entry", "gateway_call")


class Month(NamedTuple):
    """A month of a table, and the table that holds it."""

    name: str
    month: date


_ATTACHED = """
    SELECT c.relname AS name, to_date(right(c.relname, 7), 'YYYY_MM') AS month
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = CAST(:table AS regclass) AND c.relname ~ '_[0-9]{4}_[0-9]{2}$' ORDER BY month
"""


def attached(session: Session, table: str) -> list[Month]:
    """Return the months of a table, the oldest first."""
    return fetch_all(session, _ATTACHED, Month, table=table)


def missing(session: Session, table: str, months: Sequence[date]) -> list[date]:
    """Return those of some months that a table does not have."""
    known = {each.month for each in attached(session, table)}
    return [month for month in months if month not in known]
