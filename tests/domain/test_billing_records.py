"""Rows of the engine chosen and joined, months counted, and flags raised."""

from datetime import date

import numpy as np
import pytest

from app.domain import billing
from app.domain.billing.records import Charges, chosen, distinct, first_day_of, flagged, joined, month_with, months_since_epoch, only
from app.domain.calendar import day_number


@pytest.mark.parametrize(("year", "month", "expected"), [(1970, 1, 0), (1970, 12, 11), (1971, 1, 12), (2026, 3, 56 * 12 + 2)])
def test_months_are_counted_from_january_1970(year: int, month: int, expected: int) -> None:
    assert months_since_epoch(year, month) == expected
    assert first_day_of(np.array([expected])).tolist() == [day_number(date(year, month, 1))]
    days = np.array([day_number(date(year, month, number)) for number in (1, 28)])
    assert month_with(days).tolist() == [expected] * 2


@pytest.mark.parametrize(("values", "expected"), [([], []), ([5], [5]), ([3, 1, 3, 2, 1], [1, 2, 3]), ([2, 2], [2])])
def test_different_values_rise(values: list[int], expected: list[int]) -> None:
    assert distinct(np.array(values, dtype=np.int64)).tolist() == expected


def test_flags_are_raised_for_the_accounts_that_are_named() -> None:
    assert flagged(np.array([2, 0, 2]), 4).tolist() == [True, False, True, False]


def charges(*accounts: int) -> Charges:
    """Return charges of accounts, each with its place as number."""
    columns = [np.zeros(len(accounts), dtype=np.int64)] * len(Charges._fields)
    return Charges(*columns)._replace(account=np.array(accounts), id=np.arange(len(accounts)))


def test_rows_are_chosen_by_their_places_or_their_accounts() -> None:
    rows = charges(0, 1, 1, 2)

    assert chosen(rows, np.array([3, 0])).id.tolist() == [3, 0]  # type: ignore[type-var]
    assert only(rows, np.array([False, True, False])).id.tolist() == [1, 2]  # type: ignore[type-var]


def test_rows_of_several_records_follow_each_other() -> None:
    assert joined(charges(0, 1), charges(), charges(5)).account.tolist() == [0, 1, 5]  # type: ignore[type-var]


def test_without_rules_accounts_have_nothing_but_readings_and_tariffs() -> None:
    rules = billing.no_rules(3)

    assert [len(column) for rows in (rules.terms, rules.benefits, rules.charges, rules.prepaid) for column in rows] == [0] * (5 + 6 + 8 + 6)
    assert rules[4].shape[0] == 3
