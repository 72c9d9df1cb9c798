"""Schedules of reports by e-mail: which days a report covers, when it is due, and what became of a sending."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from app.domain.calendar import TASHKENT, month_period, month_start, months_after
from app.domain.reports import PeriodKind


class RelativePeriod(StrEnum):
    """The days a scheduled report covers, seen from the day it is made."""

    LAST_MONTH = "LAST_MONTH"
    MONTH_SO_FAR = "MONTH_SO_FAR"
    YESTERDAY = "YESTERDAY"


class Rhythm(StrEnum):
    """How often a schedule is due."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


class FileFormat(StrEnum):
    """Files reports are sent as; the name in small letters ends the file's name."""

    CSV = "CSV"
    XLSX = "XLSX"
    PDF = "PDF"


class ScheduleStatus(StrEnum):
    """Whether a schedule runs."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    #: its owner does not work here any more: somebody else may let it go on
    OWNER_LEFT = "OWNER_LEFT"


class SendingOutcome(StrEnum):
    """What became of a report for one receiver."""

    ATTACHED = "ATTACHED"
    #: the file was too large for a letter, which leads to it
    LINKED = "LINKED"
    NOT_ACTIVE = "NOT_ACTIVE"
    LEFT = "LEFT"
    NO_RIGHT = "NO_RIGHT"
    NO_DIVISION = "NO_DIVISION"
    NO_ADDRESS = "NO_ADDRESS"
    TOO_MANY_ROWS = "TOO_MANY_ROWS"


#: Outcomes that leave a letter in the outbox.
WRITTEN = frozenset({SendingOutcome.ATTACHED, SendingOutcome.LINKED})
#: The longest month.
MONTH_DAYS = 31


class Receiver(NamedTuple):
    """A user a report is for, on the day it is made.

    :ivar is_appointed: holds a post that day, or never held one
    :ivar language: empty: none was chosen
    """

    username: str
    is_active: bool
    is_appointed: bool
    email: str
    language: str


def refusal(receiver: Receiver, *, may_see: bool, works_there: bool, works_anywhere: bool) -> SendingOutcome | None:
    """Return why a receiver gets nothing; None: the report is made.

    :param may_see: may ask for the report
    :param works_there: the division is one of the receiver's
    """
    reasons = (
        (not receiver.is_active, SendingOutcome.NOT_ACTIVE),
        (not receiver.is_appointed or not works_anywhere, SendingOutcome.LEFT),
        (not may_see, SendingOutcome.NO_RIGHT),
        (not works_there, SendingOutcome.NO_DIVISION),
        (not receiver.email, SendingOutcome.NO_ADDRESS),
    )
    return next((outcome for holds, outcome in reasons if holds), None)


def covers(kind: PeriodKind, span: RelativePeriod) -> bool:
    """Return whether a report can cover these days: one of months covers no single day."""
    return not (kind == PeriodKind.MONTHS and span == RelativePeriod.YESTERDAY)


def days_of(span: RelativePeriod, on: date) -> tuple[date, date]:
    """Return the first and the last day of a period.

    >>> days_of(RelativePeriod.LAST_MONTH, date(2026, 3, 1))
    (datetime.date(2026, 2, 1), datetime.date(2026, 2, 28))

    :param on: the day the report is due
    """
    if span == RelativePeriod.LAST_MONTH:
        month = months_after(on, -1)
        return month, month_period(month).last
    if span == RelativePeriod.MONTH_SO_FAR:
        return month_start(on), on
    return on - timedelta(days=1), on - timedelta(days=1)


class Timing(NamedTuple):
    """When a schedule is due.

    :ivar weekday: 1 is Monday; of weekly ones
    :ivar month_day: of monthly ones; in a shorter month, its last day
    :ivar hour: of Tashkent
    """

    rhythm: Rhythm
    weekday: int | None
    month_day: int | None
    hour: int

    def falls_on(self, day: date) -> bool:
        """Return whether the schedule is due on a day.

        >>> Timing(Rhythm.MONTHLY, None, 31, 8).falls_on(date(2026, 2, 28))
        True
        """
        if self.rhythm == Rhythm.WEEKLY:
            return day.isoweekday() == self.weekday
        if self.rhythm == Rhythm.MONTHLY:
            assert self.month_day is not None
            return day.day == min(self.month_day, month_period(day).last.day)
        return True

    def last_due(self, now: datetime, since: datetime) -> date | None:
        """Return the latest day on which the schedule was due, at its hour; None: not since that moment."""
        today = now.astimezone(TASHKENT).date()
        for back in range(MONTH_DAYS + 1):
            day = today - timedelta(days=back)
            moment = datetime.combine(day, time(self.hour), TASHKENT)
            if self.falls_on(day) and moment <= now:
                return day if moment >= since else None
        return None
