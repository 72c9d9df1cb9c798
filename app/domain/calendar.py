"""Days, half-open periods and billing months.

Billing thinks in days. Arrays hold days as ``int64`` counted from 1970-01-01, so that periods can be cut and compared in bulk.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

_EPOCH = date(1970, 1, 1)

#: The zone days are counted in: UTC+5, no daylight saving.
TASHKENT = ZoneInfo("Asia/Tashkent")

#: Keys of (account, day) pairs in arrays: the account's index in the high bits, the day number in the low ones.
DAY_BITS = 22
#: Leaves the day number of such a key.
DAY_MASK = (1 << DAY_BITS) - 1

#: Stands for "no end" in arrays of days: 9999-12-31.
NO_END = (date(9999, 12, 31) - _EPOCH).days


class Period(NamedTuple):
    """Days from ``start`` up to but without ``end``."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """Number of days in the period."""
        return (self.end - self.start).days

    @property
    def last(self) -> date:
        """Its last day.

        >>> Period(date(2026, 2, 1), date(2026, 3, 1)).last
        datetime.date(2026, 2, 28)
        """
        return self.end - timedelta(days=1)


def day_number(day: date) -> int:
    """Return the day as a count from 1970-01-01."""
    return (day - _EPOCH).days


def day_of(number: int) -> date:
    """Return the date of a day number."""
    return _EPOCH + timedelta(days=int(number))


def month_start(day: date) -> date:
    """Return the first day of the month that holds ``day``."""
    return day.replace(day=1)


def months_after(month: date, count: int) -> date:
    """Return the first day of the month ``count`` months after (before, if negative) the month that holds ``month``.

    >>> months_after(date(2026, 1, 15), -2)
    datetime.date(2025, 11, 1)
    """
    months = month.year * 12 + month.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


def latest_months(last: date, count: int) -> list[date]:
    """Return the first days of so many months, the one that holds ``last`` first, then those before it.

    >>> latest_months(date(2026, 1, 15), 2)
    [datetime.date(2026, 1, 1), datetime.date(2025, 12, 1)]
    """
    return [months_after(last, -back) for back in range(count)]


def months_between(start: date, end: date) -> list[date]:
    """Return the first days of the months from one day up to another, which is not included.

    >>> months_between(date(2026, 11, 1), date(2027, 1, 1))
    [datetime.date(2026, 11, 1), datetime.date(2026, 12, 1)]
    """
    month, months = month_start(start), list[date]()
    while month < end:
        months.append(month)
        month = months_after(month, 1)
    return months


def month_period(month: date) -> Period:
    """Return the days of a billing month."""
    return Period(month_start(month), months_after(month, 1))


def working_day_after(start: date, count: int, is_working: Callable[[date], bool]) -> date:
    """Return the working day that comes so many working days after a day, which itself is not counted.

    >>> working_day_after(date(2026, 11, 27), 1, lambda day: day.weekday() < 5)
    datetime.date(2026, 11, 30)
    """
    day = start
    for _ in range(count):
        day += timedelta(days=1)
        while not is_working(day):
            day += timedelta(days=1)
    return day


def working_days_between(start: date, end: date, is_working: Callable[[date], bool]) -> int:
    """Return how many working days lie after a day, up to and including another.

    >>> working_days_between(date(2026, 11, 27), date(2026, 12, 1), lambda day: day.weekday() < 5)
    2
    """
    return sum(is_working(start + timedelta(days=number)) for number in range(1, (end - start).days + 1))
