"""Integers of money and quantity: conversion, rounding, sharing."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain import values
from app.domain.values import BEYOND, MAX_AMOUNT_TIYIN, AmountTooLarge, Integers
from tests import strategies
from tests.strategies import int64s, vectors

CENT = Decimal("0.01")


def test_the_reference_cases_of_values_are_there():
    selected = [vector for rule in strategies.RULES["values"] for vector in vectors(rule)]

    assert {vector["rule"] for vector in selected} == {"money_round", "vat_inside"}


def test_every_reference_case_is_selected_or_known_to_be_absent():
    implemented = {rule for rules in strategies.RULES.values() for rule in rules}

    assert {vector["rule"] for vector in vectors()} == implemented


@pytest.mark.parametrize(
    ("som", "tiyin"),
    [
        ("0", 0),
        ("0.01", 1),
        ("0.004", 0),
        ("0.005", 1),
        ("-0.005", -1),
        ("-0.004", 0),
        ("10932.205", 1_093_221),
        ("1234567.89", 123_456_789),
        ("10000000000000", 10**15),
        ("-10000000000000", -(10**15)),
        ("10000000000000.004", 10**15),
    ],
)
def test_som_become_tiyin_with_halves_away_from_zero(som: str, tiyin: int):
    assert values.tiyin_of(Decimal(som)) == tiyin


@pytest.mark.parametrize("som", ["10000000000000.01", "10000000000000.005", "-10000000000000.01", "1e14", "-1e14", "1e18"])
def test_an_amount_beyond_ten_to_the_thirteen_som_is_refused(som: str):
    with pytest.raises(AmountTooLarge):
        values.tiyin_of(Decimal(som))


@given(strategies.amounts_tiyin)
def test_every_amount_that_is_carried_survives_the_way_through_som(tiyin: int):
    assert values.tiyin_of(Decimal(tiyin) / 100) == tiyin


@given(st.one_of(st.integers(MAX_AMOUNT_TIYIN + 1, 10**20), st.integers(-(10**20), -MAX_AMOUNT_TIYIN - 1)))
def test_no_amount_beyond_is_wrapped_or_cut(tiyin: int):
    with pytest.raises(AmountTooLarge):
        values.tiyin_of(Decimal(tiyin) / 100)


@pytest.mark.parametrize(
    ("units", "milli"),
    [("0", 0), ("10.5", 10_500), ("0.0005", 1), ("0.0004", 0), ("-0.0005", -1), ("1000000000000", 10**15)],
)
def test_units_become_thousandths_with_halves_away_from_zero(units: str, milli: int):
    assert values.milli_of(Decimal(units)) == milli


@pytest.mark.parametrize(("rate", "rate_e4"), [("450", 4_500_000), ("295.465", 2_954_650), ("0.0001", 1), ("0", 0)])
def test_a_rate_keeps_its_four_decimals(rate: str, rate_e4: int):
    assert values.rate_e4_of(Decimal(rate)) == rate_e4


def test_a_rate_with_five_decimals_is_a_broken_invariant():
    with pytest.raises(AssertionError):
        values.rate_e4_of(Decimal("0.00001"))


@pytest.mark.parametrize("amounts", [[], [0], [MAX_AMOUNT_TIYIN, -MAX_AMOUNT_TIYIN]])
def test_amounts_up_to_the_limit_pass(amounts: list[int]):
    values.check_amounts(int64s(amounts))


@pytest.mark.parametrize("amounts", [[0, MAX_AMOUNT_TIYIN + 1], [-MAX_AMOUNT_TIYIN - 1, 5], [-(2**63)]])
def test_one_amount_beyond_the_limit_refuses_all(amounts: list[int]):
    with pytest.raises(AmountTooLarge):
        values.check_amounts(int64s(amounts))


@pytest.mark.parametrize(
    ("dividend", "divisor", "quotient"),
    [(0, 7, 0), (5, 2, 3), (-5, 2, -3), (4, 3, 1), (-4, 3, -1), (5, 3, 2), (-5, 3, -2), (1, 2, 1), (-1, 2, -1), (1, 3, 0)],
)
def test_division_rounds_halves_away_from_zero(dividend: int, divisor: int, quotient: int):
    assert values.divide_half_up(int64s([dividend]), divisor).tolist() == [quotient]


@given(st.integers(-(2**60), 2**60), st.integers(1, 2**60))
def test_division_agrees_with_decimal_rounding(dividend: int, divisor: int):
    expected = strategies.half_up(Fraction(dividend, divisor))

    assert values.divide_half_up(int64s([dividend]), int64s([divisor])).tolist() == [expected]


@given(st.lists(st.tuples(strategies.any_int64, strategies.any_int64, st.integers(1, strategies.LARGEST_INT64)), max_size=8))
@example([(2**60, 1, 1), (2**31, 2**30, 1), (2**62, 2**62, 2**62), (-(2**57), 1, 1), (2**57 + 1, 1, 1), (3, 1, 2), (-3, 1, 2)])
def test_multiply_divide_equals_exact_fractions_and_stops_at_beyond(rows: list[tuple[int, int, int]]):
    left, right, divisor = (int64s([row[place] for row in rows]) for place in range(3))

    result = values.multiply_divide(left, right, divisor)

    expected = [max(-BEYOND, min(BEYOND, strategies.half_up(Fraction(a * b, c)))) for a, b, c in rows]
    assert result.dtype == np.int64
    assert result.tolist() == expected


@given(st.lists(st.tuples(st.integers(-(2**31), 2**31), st.integers(-(2**31), 2**31), st.integers(1, 2**20)), min_size=1))
def test_multiply_divide_does_not_depend_on_the_rows_beside(rows: list[tuple[int, int, int]]):
    columns = [int64s([row[place] for row in rows]) for place in range(3)]
    huge = [np.append(column, value) for column, value in zip(columns, (2**62, 2**62, 1), strict=True)]

    assert values.multiply_divide(*huge)[:-1].tolist() == values.multiply_divide(*columns).tolist()


def test_a_bills_worth_of_what_is_beyond_adds_up_within_64_bits():
    lines = np.full(32, BEYOND, dtype=np.int64)

    assert int(lines.sum()) == 32 * BEYOND > MAX_AMOUNT_TIYIN


@pytest.mark.parametrize("vector", vectors("money_round"), ids=lambda vector: vector["id"])
def test_money_is_rounded_half_up_to_the_tiyin(vector: dict[str, Any]):
    exact = Decimal(vector["input"]["kwh"]) * Decimal(vector["input"]["price"])

    tiyin = values.tiyin_of(exact)

    assert Decimal(tiyin) / 100 == Decimal(vector["expected"]["half_up"])


@pytest.mark.parametrize("vector", vectors("vat_inside"), ids=lambda vector: vector["id"])
def test_vat_is_taken_out_of_the_gross_amount(vector: dict[str, Any]):
    gross = values.tiyin_of(Decimal(vector["input"]["gross"]))
    percent_e2 = int(Decimal(vector["input"]["rate"]) * 100)

    vat = int(values.vat_inside(int64s([gross]), int64s([percent_e2]))[0])

    assert Decimal(vat) / 100 == Decimal(vector["expected"]["vat"])
    assert Decimal(gross - vat) / 100 == Decimal(vector["expected"]["net"])


@given(strategies.amounts_tiyin, st.integers(0, 10_000))
def test_vat_is_the_exact_share_and_changes_sign_with_the_amount(gross: int, percent_e2: int):
    vat, mirrored = values.vat_inside(int64s([gross, -gross]), int64s([percent_e2, percent_e2])).tolist()

    exact = Decimal(gross) * percent_e2 / (10_000 + percent_e2)
    assert vat == strategies.half_up(Fraction(gross * percent_e2, 10_000 + percent_e2))
    assert abs(vat - exact) <= Decimal("0.5") + CENT
    assert mirrored == -vat


def test_vat_of_half_a_tiyin_agrees_with_decimal():
    gross = [1, 14, 15, 112, 9333]

    vat = values.vat_inside(int64s(gross), np.full(5, 1200))

    assert vat.tolist() == [int((Decimal(each) * 12 / 112).quantize(Decimal(1), ROUND_HALF_UP)) for each in gross]


@given(strategies.shared())
def test_sharing_loses_nothing_and_is_fair(given_shares: tuple[Integers, Integers, Integers]):
    totals, owners, weights = given_shares

    parts = values.share_out(totals, owners, weights)

    for owner, total in enumerate(totals.tolist()):
        mine = parts[owners == owner].tolist()
        my_weights = weights[owners == owner].tolist()
        assert sum(mine) == total
        for part, weight in zip(mine, my_weights, strict=True):
            assert abs(part - Fraction(total * weight, sum(my_weights))) < 1


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (400, [31, 28, 31], [138, 124, 138]),
        (10, [1, 1, 1], [4, 3, 3]),  # of equal remainders the earlier part is served first
        (-10, [1, 1, 1], [-3, -3, -4]),
        (5, [0, 1, 0], [0, 5, 0]),
        (0, [3, 4], [0, 0]),
        (1, [1, 1], [1, 0]),
    ],
)
def test_remainders_go_to_the_largest_fractions(total: int, weights: list[int], parts: list[int]):
    shares = values.share_out(int64s([total]), np.zeros(len(weights), dtype=np.int64), int64s(weights))

    assert shares.tolist() == parts


def test_an_owner_without_parts_disturbs_nobody():
    parts = values.share_out(int64s([7, 100, 9]), int64s([0, 0, 2]), int64s([1, 1, 5]))

    assert parts.tolist() == [4, 3, 9]


def test_sums_are_exact_where_a_float_would_round():
    owners = int64s([1, 1, 0])

    sums = values.sums_by(owners, int64s([2**60 + 1, 1, 5]), 3)

    assert sums.tolist() == [5, 2**60 + 2, 0]
