"""Days, periods and billing months."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import calendar
from app.domain.calendar import Period

days = st.dates(date(1970, 1, 1), date(2999, 12, 31))


@pytest.mark.parametrize(
    ("month", "count", "expected"),
    [
        (date(2026, 1, 15), 0, date(2026, 1, 1)),
        (date(2026, 1, 31), 1, date(2026, 2, 1)),
        (date(2026, 1, 15), -2, date(2025, 11, 1)),
        (date(2026, 12, 31), 1, date(2027, 1, 1)),
        (date(2026, 1, 1), -1, date(2025, 12, 1)),
        (date(2026, 6, 30), 12, date(2027, 6, 1)),
        (date(2026, 6, 30), -18, date(2024, 12, 1)),
        (date(1970, 1, 1), 674, date(2026, 3, 1)),
    ],
)
def test_months_are_counted_from_the_first_day(month: date, count: int, expected: date):
    assert calendar.months_after(month, count) == expected


@given(days, st.integers(-300, 300), st.integers(-300, 300))
def test_months_add_up(day: date, first: int, second: int):
    in_two_steps = calendar.months_after(calendar.months_after(day, first), second)

    assert in_two_steps == calendar.months_after(day, first + second)


@pytest.mark.parametrize(
    ("month", "length"),
    [(date(2026, 2, 10), 28), (date(2028, 2, 29), 29), (date(2100, 2, 1), 28), (date(2026, 3, 31), 31), (date(2026, 4, 1), 30)],
)
def test_a_billing_month_has_the_days_of_the_calendar(month: date, length: int):
    assert calendar.month_period(month).days == length


@given(days)
def test_a_month_holds_its_days_and_ends_where_the_next_begins(day: date):
    period = calendar.month_period(day)

    assert period.start == calendar.month_start(day)
    assert period.start <= day < period.end
    assert period.end == calendar.month_period(period.end).start


def test_the_end_of_a_period_is_outside():
    assert Period(date(2026, 3, 1), date(2026, 3, 1)).days == 0
    assert Period(date(2026, 3, 1), date(2026, 3, 2)).days == 1
    assert Period(date(2026, 2, 1), date(2026, 3, 1)).last == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("day", "number"), [(date(1970, 1, 1), 0), (date(1970, 1, 2), 1), (date(2000, 3, 1), 11017), (date(2026, 3, 1), 20513)]
)
def test_days_are_counted_from_1970(day: date, number: int):
    assert calendar.day_number(day) == number


@given(days)
def test_a_day_survives_the_way_through_its_number(day: date):
    number = calendar.day_number(day)

    assert calendar.day_of(number) == day
    assert calendar.day_number(day + timedelta(days=1)) == number + 1


def test_no_end_is_a_day_and_fits_the_low_bits_of_a_key():
    assert calendar.day_of(calendar.NO_END) == date(9999, 12, 31)
    assert calendar.NO_END < 1 << calendar.DAY_BITS


def _is_weekday(day: date) -> bool:
    return day.weekday() < 5


@given(st.dates(date(1970, 1, 1), date(2900, 1, 1)), st.integers(0, 60))
def test_working_days_are_counted_from_the_day_after(start: date, count: int):
    end = calendar.working_day_after(start, count, _is_weekday)

    assert calendar.working_days_between(start, end, _is_weekday) == count
    assert end == start or _is_weekday(end)


def test_no_working_day_lies_after_a_day_up_to_itself():
    monday = date(2026, 11, 30)

    assert calendar.working_days_between(monday, monday, _is_weekday) == 0
    assert calendar.working_days_between(monday, date(2026, 12, 7), _is_weekday) == 5
    assert calendar.working_day_after(date(2026, 11, 27), 1, _is_weekday) == monday
