"""Accounting periods: a month of a division is open for postings until it is closed.

Closed months are a beginning of the calendar without gaps: a month is closed after the month before it, and reopened only
while no later one is closed. So one day says all: the first open month. Source: our rule; the law on accounting
no. ЗРУ-404 of 2016-04-13 asks that closed reports are corrected in the period the error is found in (RECALL).
"""

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from app.domain.calendar import months_after


class PeriodStatus(StrEnum):
    """Whether a month takes postings."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"


def posting_month(month: date, first_open: date | None) -> date:
    """Return the month an entry counts for: its own, or the first open one if its own is closed.

    :param first_open: None: nothing was ever closed

    >>> posting_month(date(2026, 1, 1), date(2026, 3, 1))
    datetime.date(2026, 3, 1)
    """
    return month if first_open is None else max(month, first_open)


class PeriodCheck(StrEnum):
    """What has to hold before a month is closed."""

    MONTH_OVER = "MONTH_OVER"
    STILL_OPEN = "STILL_OPEN"
    MONTHS_BEFORE = "MONTHS_BEFORE"
    ACCOUNTS_BILLED = "ACCOUNTS_BILLED"
    BILL_RUNS = "BILL_RUNS"
    PENALTY_RUNS = "PENALTY_RUNS"
    BOOKS = "BOOKS"


class Checked(NamedTuple):
    """How many rows stand in the way of closing a month by one check."""

    check: PeriodCheck
    found: int

    @property
    def passed(self) -> bool:
        """Tell whether nothing stands in the way."""
        return self.found == 0


class MonthOf(NamedTuple):
    """A month of a division: how many of its divisions (itself and those below) closed it."""

    month: date
    closed: int
    divisions: int
    #: anything was posted in it or before it, or it was closed; a month before is neither open nor closed
    begun: bool = True

    @property
    def status(self) -> PeriodStatus:
        """Closed when every division of the subtree closed it."""
        return PeriodStatus.CLOSED if self.closed == self.divisions else PeriodStatus.OPEN


def is_over(month: date, today: date) -> bool:
    """Tell whether the last day of a month has passed.

    >>> is_over(date(2026, 1, 1), date(2026, 1, 31)), is_over(date(2026, 1, 1), date(2026, 2, 1))
    (False, True)
    """
    return months_after(month, 1) <= today
