"""How much money a month will bring, told from how earlier months went.

Of each earlier month it is known which share of its money had come by the same day. The forecast is the money that has come so far
divided by the mean of those shares. How far the same method was off in earlier months is told with it.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from app.domain.calendar import latest_months, month_period, months_after

#: Earlier months that a forecast is made from.
MONTHS = 6
#: Fewer earlier months give no forecast.
FEWEST = 2


class CashForecast(NamedTuple):
    """What a month will bring.

    :ivar months: earlier months it is told from
    :ivar share: tenths of a percent of a month's money that had come by this day, in those months
    :ivar mean_error: by how many tenths of a percent the method was off by this day of earlier months, without sign; None: too few
    :ivar worst_error: the same in the month it was off most
    """

    received_tiyin: int
    forecast_tiyin: int
    months: int
    share: int
    mean_error: int | None
    worst_error: int | None
    tested: int


def forecast(received: Mapping[date, int], today: date) -> CashForecast | None:
    """Return the forecast of the month of a day, from the money of single days in tiyin; None: too few earlier months brought money.

    >>> days = {date(2026, month, day): 100 for month in (1, 2, 3, 4) for day in (5, 25)}
    >>> found = forecast({day: tiyin for day, tiyin in days.items() if day <= date(2026, 4, 20)}, date(2026, 4, 20))
    >>> found.received_tiyin, found.forecast_tiyin, found.share, found.mean_error
    (100, 200, 500, 0)
    """
    month = today.replace(day=1)
    found = _projected(received, month, today.day)
    if found is None:
        return None
    errors = [
        each for each in (_error(received, months_after(month, -back), today.day) for back in range(1, MONTHS + 1)) if each is not None
    ]
    mean, worst = ((2 * sum(errors) + len(errors)) // (2 * len(errors)), max(errors)) if errors else (None, None)
    return CashForecast(*found, mean, worst, len(errors))


def _projected(received: Mapping[date, int], month: date, day: int) -> tuple[int, int, int, int] | None:
    """Return what has come by a day of a month, what the month will bring, from how many months, and their share."""
    so_far = _by(received, month, day)
    parts, wholes = _history(received, month, day)
    by_day, all_money = sum(parts), sum(wholes)
    if len(wholes) < FEWEST or by_day <= 0:
        return None
    return (
        so_far,
        max(so_far, (2 * so_far * all_money + by_day) // (2 * by_day)),
        len(wholes),
        (2000 * by_day + all_money) // (2 * all_money),
    )


def _history(received: Mapping[date, int], month: date, day: int) -> tuple[Sequence[int], Sequence[int]]:
    earlier = latest_months(months_after(month, -1), MONTHS)
    known = [(_by(received, each, day), _by(received, each, 31)) for each in earlier]
    known = [(part, whole) for part, whole in known if whole > 0]
    return [part for part, _whole in known], [whole for _part, whole in known]


def _by(received: Mapping[date, int], month: date, day: int) -> int:
    """Return what came from the first of a month to one of its days; past its last, all of it."""
    period = month_period(month)
    return sum(received.get(month.replace(day=number), 0) for number in range(1, min(day, period.days) + 1))


def _error(received: Mapping[date, int], month: date, day: int) -> int | None:
    """Return by how much the forecast of a month that is over was off, in tenths of a percent of what came; None: there was none."""
    found, whole = _projected(received, month, day), _by(received, month, 31)
    if found is None or whole <= 0:
        return None
    return (2000 * abs(found[1] - whole) + whole) // (2 * whole)
