"""Interval profiles: the energy of a register by steps of a day, and what stands in for steps nobody sent.

Source: interval rules of California's VEE: a gap of up to two hours is filled in a straight line between its neighbors, a longer one by the
average of reference days.
"""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np

from app.domain.values import Flags, Integers, divide_half_up

#: Steps a profile may have, in minutes.
STEPS_MINUTES = (15, 30, 60)
DAY_MINUTES = 24 * 60
#: A gap of up to so many minutes is filled in a straight line.
LINEAR_MINUTES = 120


class IntervalQuality(StrEnum):
    """How the energy of a step came about."""

    ACTUAL = "ACTUAL"
    ESTIMATED = "ESTIMATED"  # by the device or the system that sent it
    LINEAR = "LINEAR"  # between its neighbors
    REFERENCE = "REFERENCE"  # the average of reference days
    MISSING = "MISSING"  # nobody sent it, and there are no reference days

    @property
    def letter(self) -> str:
        """The first letter, which a day keeps of each step; no two begin alike."""
        return self.value[0]


#: What the letters of a day mean.
QUALITY_OF_LETTER = {quality.letter: quality for quality in IntervalQuality}


def steps_of_day(step_minutes: int) -> int:
    """Return how many steps a day has.

    >>> steps_of_day(30)
    48
    """
    return DAY_MINUTES // step_minutes


def gaps_of(missing: Flags) -> list[tuple[int, int]]:
    """Return the gaps of a day as half-open ranges of steps.

    >>> gaps_of(np.array([False, True, True, False, True]))
    [(1, 3), (4, 5)]
    """
    edges = np.diff(np.concatenate([[0], missing.astype(np.int8), [0]]))
    return list(zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True))


def fill_gaps(
    quantities_milli: Integers, qualities: Sequence[IntervalQuality], *, step_minutes: int, reference_days: Sequence[Integers]
) -> tuple[Integers, list[IntervalQuality]]:
    """Return a day's energy without its gaps, and how each step came about.

    A short gap that begins or ends the day has one neighbor only, and is filled as a long one. Without reference days a long gap stays
    missing, with nothing in it.

    :param reference_days: complete days of the same register and step
    """
    filled, told = quantities_milli.copy(), list(qualities)
    missing = np.array([quality == IntervalQuality.MISSING for quality in qualities])
    for first, end in gaps_of(missing):
        is_short = (end - first) * step_minutes <= LINEAR_MINUTES and first > 0 and end < len(filled)
        if is_short:
            filled[first:end] = _line(int(filled[first - 1]), int(filled[end]), end - first)
        elif reference_days:
            filled[first:end] = divide_half_up(np.sum([day[first:end] for day in reference_days], axis=0), len(reference_days))
        else:
            filled[first:end] = 0
            continue
        told[first:end] = [IntervalQuality.LINEAR if is_short else IntervalQuality.REFERENCE] * (end - first)
    return filled, told


def _line(before: int, after: int, count: int) -> Integers:
    """Return so many values between two, each the same step further.

    >>> _line(100, 400, 2).tolist()
    [200, 300]
    """
    steps = np.arange(1, count + 1)
    return divide_half_up(before * (count + 1) + (after - before) * steps, count + 1)
