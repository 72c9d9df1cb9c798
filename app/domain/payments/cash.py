"""Cash at the counter: what a cashier is asked before a sum is taken, and how a till is counted."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from app.domain.values import TIYIN_PER_SOM

#: Bank notes and coins in circulation, in soʻm; the largest first. Source: Central Bank of Uzbekistan, list of notes and coins.
DENOMINATIONS = (200_000, 100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50)
#: More pieces of one kind than this are a slip of the key.
MOST_PIECES = 1_000_000


class CashQuestion(StrEnum):
    """Why a cashier is asked before a sum is taken."""

    LARGE_SUM = "LARGE_SUM"
    ABOVE_DEBT = "ABOVE_DEBT"
    SAME_SUM = "SAME_SUM"


class CashLimits(NamedTuple):
    """Above what a cashier is asked."""

    confirm_above_tiyin: int
    #: so many times what is owed (or the last bill, if nothing is owed)
    times_debt: int


def questions(amount_tiyin: int, *, owed_tiyin: int, limits: CashLimits, was_taken_lately: bool) -> list[CashQuestion]:
    """Return what a cashier is asked about a sum; nothing: it is taken at once.

    >>> questions(50_000_00, owed_tiyin=10_000_00, limits=CashLimits(5_000_000_00, 3), was_taken_lately=False)
    [<CashQuestion.ABOVE_DEBT: 'ABOVE_DEBT'>]

    :param owed_tiyin: the debt, or the last bill if there is none; 0: neither is known, so that nothing is compared
    :param was_taken_lately: the same sum was taken for the account some minutes ago
    """
    asked = {
        CashQuestion.LARGE_SUM: amount_tiyin > limits.confirm_above_tiyin,
        CashQuestion.ABOVE_DEBT: 0 < owed_tiyin * limits.times_debt < amount_tiyin,
        CashQuestion.SAME_SUM: was_taken_lately,
    }
    return [question for question, is_asked in asked.items() if is_asked]


def counted(pieces: Mapping[int, int], rest_tiyin: int = 0) -> int:
    """Return what a till holds, in tiyin.

    >>> counted({50_000: 2, 1_000: 3}, 50)
    10300050

    :param pieces: how many there are of each denomination in soʻm
    """
    return sum(som * pieces_of for som, pieces_of in pieces.items()) * TIYIN_PER_SOM + rest_tiyin
