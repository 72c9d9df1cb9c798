"""The forecast of a month's money follows from how earlier months went, and says how far it was off."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from app.domain.calendar import months_after
from app.domain.payments.forecast import FEWEST, MONTHS, forecast
from tests.strategies import amounts_tiyin

TODAY = date(2026, 10, 14)
days_of_month = st.integers(1, 31)
#: Money of some days of the months before and of this one.
money = st.dictionaries(
    st.builds(lambda back, day: months_after(TODAY, -back).replace(day=min(day, 28)), st.integers(0, 2 * MONTHS), days_of_month),
    amounts_tiyin.map(abs),
    max_size=60,
)


def even(months: int, tiyin: int) -> dict[date, int]:
    """Return money that comes on the 5th and on the 25th of each month up to this one."""
    return {months_after(TODAY, -back).replace(day=day): tiyin for back in range(months + 1) for day in (5, 25) if back or day <= TODAY.day}


def test_months_that_went_alike_are_told_without_error() -> None:
    found = forecast(even(8, 700), TODAY)

    assert found is not None
    assert (found.received_tiyin, found.forecast_tiyin, found.share, found.months) == (700, 1400, 500, MONTHS)
    assert (found.mean_error, found.worst_error) == (0, 0)


def test_month_that_went_otherwise_is_the_worst_error() -> None:
    received = even(12, 700)
    received[date(2026, 9, 25)] = 2100

    found = forecast(received, TODAY)

    assert found is not None
    assert found.worst_error == 500, "1,400 was forecast of 2,800"
    assert found.mean_error is not None
    assert 0 < found.mean_error < 500


def test_too_few_months_give_no_forecast() -> None:
    assert forecast(even(FEWEST - 1, 700), TODAY) is None
    assert forecast(even(FEWEST, 700), TODAY) is not None
    assert forecast({}, TODAY) is None


def test_money_that_always_comes_at_the_end_gives_no_forecast() -> None:
    late = {day: tiyin for day, tiyin in even(6, 700).items() if day.day == 25}

    assert forecast(late, TODAY) is None, "no share of it had come by this day"


@given(money)
def test_forecast_is_never_less_than_what_has_come(received: dict[date, int]) -> None:
    found = forecast(received, TODAY)

    if found is not None:
        so_far = sum(tiyin for day, tiyin in received.items() if day.replace(day=1) == TODAY.replace(day=1) and day <= TODAY)
        assert found.received_tiyin == so_far
        assert found.forecast_tiyin >= so_far
        assert 0 <= found.share <= 1000


@given(money, st.integers(2, 9))
def test_forecast_of_more_money_is_as_many_times_more(received: dict[date, int], times: int) -> None:
    once, more = forecast(received, TODAY), forecast({day: tiyin * times for day, tiyin in received.items()}, TODAY)

    assert (once is None) == (more is None)
    if once is not None and more is not None:
        assert abs(more.forecast_tiyin - once.forecast_tiyin * times) <= times
        assert (more.share, more.mean_error) == (once.share, once.mean_error) or abs(more.share - once.share) <= 1
