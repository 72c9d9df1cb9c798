"""The square of the form factor of an element: how much more an uneven load loses than the same energy spread evenly.

The better source wins: the interval profile of the element, then the typical curve of its class, then a fill factor. A fill
factor alone misses the losses of single lines by a fifth to a third (``docs/losses.md``).
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from app.domain.balances.figures import ComputedFigure, figure, number

#: Fill factor where nothing is known of a load.
DEFAULT_FILL = 0.5
#: Quarter hours of a profile that may be missing before the curve of the class is taken.
LARGEST_SHARE_MISSING = 0.1


class FormSource(StrEnum):
    """What a form factor was found from."""

    PROFILE = "PROFILE"
    CURVE = "CURVE"
    FILL = "FILL"


class WrongLoadCurve(Exception):
    """A profile, curve or fill factor gives no form factor: no energy, a value below zero, a fill factor outside ]0; 1]."""


class FormFactor(NamedTuple):
    """A form factor squared with its source."""

    squared: float
    source: FormSource
    figure: ComputedFigure


def form_factor(
    *, profile_kw: Sequence[float | None] = (), curve: Sequence[float] = (), fill: float | None = None, step_hours: float = 1.0
) -> FormFactor:
    """Return the form factor squared from the best source that is there.

    :param profile_kw: mean load of each interval; None where it is missing
    :param curve: load of the class in each interval, in any unit
    :param step_hours: length of the intervals
    :raises WrongLoadCurve: if the source that is used gives none
    """
    known = [value for value in profile_kw if value is not None]
    if known and len(known) >= (1 - LARGEST_SHARE_MISSING) * len(profile_kw):
        return _of_loads(known, step_hours, FormSource.PROFILE)
    if curve:
        return _of_loads(curve, step_hours, FormSource.CURVE)
    return _of_fill(DEFAULT_FILL if fill is None else fill)


def _of_loads(loads: Sequence[float], step_hours: float, source: FormSource) -> FormFactor:
    """Return the exact form factor squared of a row of loads."""
    values = np.array(loads, dtype=np.float64)
    if (values < 0).any() or not values.sum() > 0:
        raise WrongLoadCurve
    squares, energy = number(np.square(values).sum() * step_hours), number(values.sum() * step_hours)
    found = figure("form_of_profile", squares_kw2h=squares, active_kwh=energy, hours=len(values) * step_hours)
    return FormFactor(found.value, source, found)


def _of_fill(fill: float) -> FormFactor:
    if not 0 < fill <= 1:
        raise WrongLoadCurve
    found = figure("form_of_fill", fill=fill)
    return FormFactor(found.value, FormSource.FILL, found)
