"""Debts by age: bands of days since the day a bill was due, and how far work on a debtor went."""

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

#: Settings that end the bands; what is later than the last is the last band.
BAND_PARAMETERS = tuple(f"claims.debt_band_{number}" for number in range(1, 6))


class DebtStage(StrEnum):
    """How far the work on a debtor went."""

    NEW = "NEW"
    CONTACTED = "CONTACTED"
    PROMISED = "PROMISED"  # he says when he pays
    DISPUTED = "DISPUTED"  # he says he does not owe it
    TO_CLAIM = "TO_CLAIM"  # given on to the lawyers


class Band(NamedTuple):
    """Debts of some ages: days since the due day, both ends included; 0: not overdue yet; no end: all that are older."""

    first_day: int
    last_day: int | None

    def due_days(self, today: date) -> tuple[date | None, date | None]:
        """Return the first and the last due day of the band's debts; None: there is no such end.

        >>> [Band(1, 30).due_days(date(2026, 3, 31)), Band(0, 0).due_days(date(2026, 3, 31)), Band(366, None).due_days(date(2026, 3, 31))]
        [(datetime.date(2026, 3, 1), datetime.date(2026, 3, 30)), (datetime.date(2026, 3, 31), None), (None, datetime.date(2025, 3, 30))]
        """
        last = None if self.first_day == 0 else today - timedelta(days=self.first_day)
        return (None if self.last_day is None else today - timedelta(days=self.last_day)), last


def bands(last_days: Iterable[int]) -> list[Band]:
    """Return the bands that end at some days, ascending; an order that makes no sense is put right.

    >>> [tuple(band) for band in bands([30, 60, 60])]
    [(0, 0), (1, 30), (31, 60), (61, None)]
    """
    ends = [0, *sorted({day for day in last_days if day > 0})]
    closed = [Band(before + 1, end) for before, end in pairwise(ends)]
    return [Band(0, 0), *closed, Band(ends[-1] + 1, None)]
