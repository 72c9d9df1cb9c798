"""Months of the audit trail and of the log of calls: made ahead, and detached when they are old.

The database's own functions do it, as the owner of the schema: a month gets the guards of its table, and keeps them when it is detached.
"""

from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.calendar import month_start, months_after
from app.queries.administration import months as queries

#: Months that are there before they begin.
AHEAD = 3


class MonthNotEnded(Exception):
    """A month is detached after it is over."""


def make_ahead(session: Session, *, today: date) -> list[str]:
    """Make the months from this one on that are missing; return their tables' names."""
    wanted = [months_after(today, count) for count in range(AHEAD + 1)]
    missing = [(table, month) for table in queries.PARTITIONED for month in queries.missing(session, table, wanted)]
    for table, month in missing:
        session.execute(text("SELECT make_month(:table, :month)"), {"table": table, "month": month})
    return [f"{table}_{month:%Y_%m}" for table, month in missing]


def detach(session: Session, table: str, *, before: date, today: date) -> list[str]:
    """Detach the months before one; what they hold stays, unchangeable, where only the check of the trail still looks. Return their names.

    The session must be the schema owner's.

    :raises MonthNotEnded: if the last of them is not over
    """
    if month_start(before) > month_start(today):
        raise MonthNotEnded
    old = [each for each in queries.attached(session, table) if each.month < month_start(before)]
    for each in old:
        session.execute(text("SELECT detach_month(:table, :month)"), {"table": table, "month": each.month})
    return [each.name for each in old]
