"""Accounting periods: a month of a division is open for postings until it is closed.

Closed months are a beginning of the calendar without gaps: a month is closed after the month before it, and reopened only
while no later one is closed. So one day says all: the first open month. Source: our rule; the law on accounting
no. ЗРУ-404 of 2016-04-13 asks that closed reports are corrected in the period the error is found in (RECALL).
"""

from datetime import date
from enum import StrEnum


class PeriodStatus(StrEnum):
    """Whether a month takes postings."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"


#: The rule under which the database refuses an entry of a closed month.
CLOSED_MONTH = "accounting_period_is_open"


def posting_month(month: date, first_open: date | None) -> date:
    """Return the month an entry counts for: its own, or the first open one if its own is closed.

    :param first_open: None: nothing was ever closed

    >>> posting_month(date(2026, 1, 1), date(2026, 3, 1))
    datetime.date(2026, 3, 1)
    """
    return month if first_open is None else max(month, first_open)
