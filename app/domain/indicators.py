"""Figures that divisions are measured by: what they count, which way is better, how far a plan is met, and how divisions compare."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from app.domain import readers
from app.domain.reports import share

#: Groups of like size that divisions fall into by a figure, from the best to the worst.
HEATS = 5


class IndicatorUnit(StrEnum):
    """What a figure counts."""

    MONEY = "MONEY"  # tiyin
    COUNT = "COUNT"
    PERCENT = "PERCENT"  # tenths of a percent


#: Decimals of figures as people write them.
PLACES = {IndicatorUnit.MONEY: readers.MONEY_PLACES, IndicatorUnit.PERCENT: 1, IndicatorUnit.COUNT: 0}


def read_figure(written: str, unit: IndicatorUnit, *, least: int) -> int:
    """Return a figure as it is kept, from what a person wrote.

    >>> read_figure("12,5", IndicatorUnit.PERCENT, least=0)
    125

    :raises readers.Misread: if it is no number, less than the least, or more than any money
    """
    figure = readers.number(written, PLACES[unit])
    if not least <= figure <= readers.LARGEST_MONEY_TIYIN:
        raise readers.Misread(readers.ReadingFault.OUT_OF_RANGE)
    return figure


class Direction(StrEnum):
    """Which way a figure is better."""

    MORE = "MORE"
    LESS = "LESS"


class IndicatorSpan(StrEnum):
    """What time a figure is of."""

    MONTH = "MONTH"
    TODAY = "TODAY"
    NOW = "NOW"  # how things stand


class IndicatorGroup(StrEnum):
    """Figures that stand together."""

    TODAY = "TODAY"
    MONEY = "MONEY"
    READINGS = "READINGS"
    WORK = "WORK"


class Measured(NamedTuple):
    """What was counted: the figure, or for a share the part and what it is a part of."""

    part: int = 0
    whole: int = 0

    def plus(self, other: "Measured") -> "Measured":
        """Return both together.

        >>> Measured(1, 2).plus(Measured(3, 4))
        Measured(part=4, whole=6)
        """
        return Measured(self.part + other.part, self.whole + other.whole)

    def value(self, unit: IndicatorUnit) -> int | None:
        """Return the figure in its unit; None: a share of nothing.

        >>> Measured(1, 3).value(IndicatorUnit.PERCENT), Measured(0, 0).value(IndicatorUnit.PERCENT), Measured(7).value(IndicatorUnit.COUNT)
        (333, None, 7)
        """
        return share(self.part, self.whole) if unit == IndicatorUnit.PERCENT else self.part


def total(measured: Iterable[Measured]) -> Measured:
    """Return what figures of divisions are together.

    >>> total([Measured(1, 2), Measured(3, 4)])
    Measured(part=4, whole=6)
    """
    found = Measured()
    for each in measured:
        found = found.plus(each)
    return found


def change(value: int | None, before: int | None, unit: IndicatorUnit) -> int | None:
    """Return by how much a figure rose, in tenths of a percent of what it was; of shares in tenths of a percentage point.

    >>> change(110, 100, IndicatorUnit.COUNT), change(905, 950, IndicatorUnit.PERCENT), change(5, 0, IndicatorUnit.COUNT)
    (100, -45, None)
    """
    if value is None or before is None:
        return None
    if unit == IndicatorUnit.PERCENT:
        return value - before
    return share(value - before, before) if before > 0 else None


def fulfilment(value: int | None, target: int | None) -> int | None:
    """Return how much of its target a figure is, in tenths of a percent; None: there is no target, or it is zero.

    >>> fulfilment(90, 120), fulfilment(None, 120), fulfilment(90, 0)
    (750, None, None)
    """
    return None if value is None or not target else share(value, target)


def is_met(value: int | None, target: int | None, direction: Direction) -> bool | None:
    """Return whether a figure is as good as its target; None: there is none.

    >>> is_met(90, 120, Direction.MORE), is_met(90, 120, Direction.LESS), is_met(90, None, Direction.MORE)
    (False, True, None)
    """
    if value is None or target is None:
        return None
    return value >= target if direction == Direction.MORE else value <= target


def ranks(values: Sequence[int | None], direction: Direction) -> list[int | None]:
    """Return the place of each figure, 1 for the best; equal ones share a place, and what is not known has none.

    >>> ranks([50, None, 70, 50], Direction.MORE), ranks([50, 70], Direction.LESS)
    ([2, None, 1, 2], [1, 2])
    """
    known = sorted((value for value in values if value is not None), reverse=direction == Direction.MORE)
    return [None if value is None else known.index(value) + 1 for value in values]


def heats(places: Sequence[int | None]) -> list[int | None]:
    """Return the group each place belongs to, 1 for the best of ``HEATS``; those that share a place belong to the group of their middle.

    >>> heats([1, 2, 3, 4, 5]), heats([1, 1, 1, None]), heats([1, 2, 3, 3, 3, 3, 3, 3, 3, 3])
    ([1, 2, 3, 4, 5], [3, 3, 3, None], [1, 1, 4, 4, 4, 4, 4, 4, 4, 4])
    """
    known = [place for place in places if place is not None]
    return [None if place is None else 1 + (2 * place + known.count(place) - 2) * HEATS // (2 * len(known)) for place in places]
