"""Money and quantities as integers, and the only place where anything is rounded.

Money is ``Tiyin`` (1 soʻm = 100 tiyin), quantities are ``Milli`` (thousandths of the resource's unit), rates are soʻm
per unit with four decimals, carried as integers of 1/10 000 soʻm (``rate_e4``). Arrays are ``int64``.
"""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NewType

import numpy as np
from numpy.typing import NDArray

from app.domain.readers import LARGEST_MONEY_TIYIN, LARGEST_QUANTITY_MILLI

Tiyin = NewType("Tiyin", int)
Milli = NewType("Milli", int)
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

TIYIN_PER_SOM = 100
MILLI_PER_UNIT = 1000
RATE_SCALE = 10_000

#: Largest amount and quantity the system carries.
MAX_AMOUNT_TIYIN, MAX_QUANTITY_MILLI = LARGEST_MONEY_TIYIN, LARGEST_QUANTITY_MILLI

#: More than anything carried, yet a bill's worth of them adds up without leaving 64 bits.
BEYOND = 2**57
_INT64_SAFE = 2**62


class AmountTooLarge(ValueError):
    """An amount is beyond 10^13 soʻm; it is refused, never wrapped."""


def tiyin_of(som: Decimal) -> Tiyin:
    """Return an amount of soʻm as tiyin, halves away from zero.

    >>> tiyin_of(Decimal("10932.205"))
    1093221
    """
    amount = int((som * TIYIN_PER_SOM).quantize(Decimal(1), ROUND_HALF_UP))
    check_amounts(np.array([amount], dtype=object))
    return Tiyin(amount)


def milli_of(units: Decimal) -> Milli:
    """Return a quantity in units as thousandths, halves away from zero.

    :raises AmountTooLarge: if it is beyond 10^12 units in either direction
    """
    quantity = int((units * MILLI_PER_UNIT).quantize(Decimal(1), ROUND_HALF_UP))
    if abs(quantity) > MAX_QUANTITY_MILLI:
        raise AmountTooLarge
    return Milli(quantity)


def rate_e4_of(rate: Decimal) -> int:
    """Return a rate in soʻm per unit as an integer of 1/10 000 soʻm; more than four decimals are a broken invariant."""
    scaled = rate * RATE_SCALE
    assert scaled == scaled.to_integral_value(), rate
    return int(scaled)


def check_amounts(amounts: NDArray[np.generic]) -> None:
    """Refuse amounts beyond what the system carries.

    :raises AmountTooLarge: if any is beyond 10^13 soʻm in either direction
    """
    if len(amounts) and max(abs(int(amounts.max())), abs(int(amounts.min()))) > MAX_AMOUNT_TIYIN:
        raise AmountTooLarge


def half_up(exact: Fraction) -> int:
    """Return the nearest whole number, halves away from zero.

    >>> half_up(Fraction(-5, 2))
    -3
    """
    magnitude = int(abs(exact) + Fraction(1, 2))
    return magnitude if exact >= 0 else -magnitude


def divide_half_up(dividend: Integers, divisor: Integers | int) -> Integers:
    """Return the quotients with halves away from zero; the divisors are positive."""
    magnitude = np.abs(dividend)
    quotient: Integers = np.sign(dividend) * ((2 * magnitude + divisor) // (2 * np.asarray(divisor)))
    return quotient


def multiply_divide(left: Integers, right: Integers, divisor: Integers) -> Integers:
    """Return ``left * right / divisor`` exactly, halves away from zero, also where the product leaves 64 bits.

    A result beyond ``±BEYOND`` is returned as ``±BEYOND``: larger than anything that is carried, so that the check of
    the whole refuses the row it belongs to and no other.
    """
    size = np.abs(left).astype(np.float64) * np.abs(right)
    large = (size >= _INT64_SAFE / 2) | (np.abs(divisor) >= _INT64_SAFE / 4)
    result = divide_half_up(np.where(large, 0, left) * np.where(large, 0, right), np.where(large, 1, divisor))
    if large.any():
        result[large] = _multiply_divide_exactly(left[large], right[large], divisor[large])
    return np.clip(result, -BEYOND, BEYOND)


def _multiply_divide_exactly(left: Integers, right: Integers, divisor: Integers) -> Integers:
    """Do the same with Python's unbounded integers, for the few rows that need it."""
    wide = divide_half_up(left.astype(object) * right.astype(object), divisor.astype(object))
    return np.clip(wide, -BEYOND, BEYOND).astype(np.int64)


def vat_inside(gross_tiyin: Integers, vat_percent_e2: Integers) -> Integers:
    """Return the VAT contained in amounts that include it: ``gross · r / (100 + r)``.

    :param vat_percent_e2: percent with two decimals; 1200 is 12 %
    """
    return multiply_divide(gross_tiyin, vat_percent_e2, 10_000 + vat_percent_e2)


def share_out(totals: Integers, owners: Integers, weights: Integers) -> Integers:
    """Share each total among its parts in proportion to their weights, by largest remainder; nothing is lost.

    :param totals: one total per owner
    :param owners: owner (index into ``totals``) of each part, ascending
    :param weights: non-negative weight of each part, a positive sum per owner; ``total * weight`` must fit 62 bits

    >>> share_out(np.array([400]), np.array([0, 0, 0]), np.array([31, 28, 31]))
    array([138, 124, 138])
    """
    sums = np.bincount(owners, weights, minlength=len(totals)).astype(np.int64)
    whole, remainder = np.divmod(totals[owners] * weights, divisor(sums[owners]))
    missing = totals - sums_by(owners, whole, len(totals))
    order = np.lexsort((np.arange(len(owners)), -remainder, owners))
    rank = np.empty(len(owners), dtype=np.int64)
    rank[order] = np.arange(len(owners)) - np.searchsorted(owners, owners[order], "left")
    return whole + (rank < missing[owners])


def members_of(counts: Integers) -> tuple[Integers, Integers]:
    """Return for the members of groups of so many each, one after another, which group they are of and which member of it, from 0.

    >>> [column.tolist() for column in members_of(np.array([2, 0, 3]))]
    [[0, 0, 2, 2, 2], [0, 1, 0, 1, 2]]
    """
    group = np.repeat(np.arange(len(counts)), counts)
    return group, np.arange(len(group)) - np.repeat(np.cumsum(counts) - counts, counts)


def sums_by(owners: Integers, values: Integers, count: int) -> Integers:
    """Return the exact integer sum of the values of each owner (0 … count − 1)."""
    result = np.zeros(count, dtype=np.int64)
    np.add.at(result, owners, values)
    return result


def divisor(counts: Integers) -> Integers:
    """Return what is divided by where there may be nothing to divide: counts, and 1 in place of 0.

    >>> divisor(np.array([0, 1, 7]))
    array([1, 1, 7])
    """
    return np.maximum(counts, 1)
