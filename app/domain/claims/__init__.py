"""Penalty per day of delay: pure, for one bill or for a country.

The base of a day is what was unpaid of a bill when the day began, so a bill that is paid late by a day costs one day. Parts
of a bill that are penalty themselves bear none, and payments cover the rest of the bill first. All days of a bill are added
up exactly and rounded once, then held below the cap; a month charges what the total rose by. So the days may be split
anywhere without changing the total, and what accrued stays when the bill is paid.

Sources: first day, daily rate of households and cap: Cabinet of Ministers resolution no. 22 of 2018-01-12, cl. 113, replaced
by no. 319 of 2024-05-31, whose text was not read. Rate of legal consumers: law no. 670-I of 1998-08-29, art. 32, recalled
and not read. All of them are dated operating parameters. That the cap is a share of the largest sum overdue, and the day of
payment counts, is ours; to be confirmed by the customer.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from app.domain.calendar import DAY_BITS, DAY_MASK
from app.domain.values import Flags, Integers, divide_half_up, members_of, sums_by

#: Rates are millionths of the base a day: 1000 is 0.1 %.
RATE_E6 = 1_000_000
#: Longest history of a bill in days: with the largest amount and rate, the products below stay within 64 bits.
LONGEST_DAYS = 9_000


class EffectiveValues(NamedTuple):
    """Values that hold from a day on; the first holds before it, too."""

    from_day: Integers
    value: Integers


class PenaltyTerms(NamedTuple):
    """What the office charges for delay."""

    #: daily rate in millionths of the base, by kind of consumer
    rate_e6: tuple[EffectiveValues, ...]
    #: most that a bill's penalty may come to, in percent of its largest base; that of the first day of delay holds
    cap_percent: EffectiveValues
    #: days from the due day to the first day of delay
    start_days: EffectiveValues


class Histories(NamedTuple):
    """Bills with all that happened to them; payments, holds: one row each, with the index of the bill (of the account)."""

    #: what bears penalty; 0 for a bill that was taken back
    principal_tiyin: Integers
    due_day: Integers
    #: index into ``Terms.rate_e6``
    kind: Integers
    #: index of the account; holds refer to it
    account: Integers
    paid_bill: Integers
    paid_day: Integers
    #: negative when a payment was taken back
    paid_tiyin: Integers
    held_account: Integers
    held_from: Integers
    #: exclusive
    held_to: Integers


class AccrualPeriods(NamedTuple):
    """Days of a bill with one base and one rate, ascending by bill and day."""

    bill: Integers
    from_day: Integers
    to_day: Integers
    base_tiyin: Integers
    rate_e6: Integers


class Accrued(NamedTuple):
    """The penalty of each bill over all its days, and how it came about."""

    #: first day that bears penalty
    first_day: Integers
    total_tiyin: Integers
    cap_tiyin: Integers
    pieces: AccrualPeriods


def at(steps: EffectiveValues, day: Integers) -> Integers:
    """Return the values in force on days."""
    return steps.value[np.maximum(np.searchsorted(steps.from_day, day, "right") - 1, 0)]


def accrue(bills: Histories, terms: PenaltyTerms, *, since_day: int, to_day: int) -> Accrued:
    """Return the penalty of bills for their days of delay before ``to_day``.

    :param since_day: the first day the office counts; earlier delay bears no penalty here
    """
    first = np.maximum(bills.due_day + at(terms.start_days, bills.due_day), since_day)
    pieces = _pieces(bills, terms, first, to_day)
    count = len(first)
    largest = np.zeros(count, dtype=np.int64)
    np.maximum.at(largest, pieces.bill, pieces.base_tiyin)
    cap = largest * at(terms.cap_percent, first) // 100
    return Accrued(first, np.minimum(rounded_total(pieces, count), cap), cap, pieces)


def rounded_total(pieces: AccrualPeriods, count: int) -> Integers:
    """Return for each bill the sum of base × days × rate, added up exactly and rounded once, halves up; in tiyin."""
    days = pieces.to_day - pieces.from_day
    assert not len(days) or int(days.max()) <= LONGEST_DAYS
    whole, rest = np.divmod(pieces.base_tiyin * days, RATE_E6)
    total: Integers = sums_by(pieces.bill, whole * pieces.rate_e6, count)
    total += divide_half_up(sums_by(pieces.bill, rest * pieces.rate_e6, count), RATE_E6)
    return total


class ExplainedPeriod(NamedTuple):
    """A piece as a charge keeps it: days by their ISO dates, base in tiyin, rate in millionths a day."""

    from_day: str
    to_day: str
    base_tiyin: int
    rate_e6: int


def total_of(told: Sequence[ExplainedPeriod], cap_tiyin: int) -> int:
    """Return the penalty of a bill computed again from the pieces that a charge keeps.

    >>> total_of([ExplainedPeriod("2026-02-11", "2026-03-01", 100_000_00, 1000)], 50_000_00)
    180000
    """
    parts = [
        (date.fromisoformat(piece.to_day) - date.fromisoformat(piece.from_day)).days * piece.base_tiyin * piece.rate_e6 for piece in told
    ]
    return min((2 * sum(parts) + RATE_E6) // (2 * RATE_E6), cap_tiyin)


def _pieces(bills: Histories, terms: PenaltyTerms, first: Integers, to_day: int) -> AccrualPeriods:
    """Cut each bill's days of delay wherever its base or its rate may change; days that bear nothing are left out."""
    every, begin = np.arange(len(first)), np.minimum(first, to_day)
    cuts = np.unique(
        np.concatenate([
            (every << DAY_BITS) + begin,
            (every << DAY_BITS) + to_day,
            *((bill << DAY_BITS) + np.clip(day, begin[bill], to_day) for bill, day in _changes(bills, terms)),
        ])
    )  # fmt: skip
    bill, day = cuts >> DAY_BITS, cuts & DAY_MASK
    follows = np.flatnonzero(bill[:-1] == bill[1:])
    bill, from_day, until = bill[follows], day[follows], day[follows + 1]
    base = _unpaid(bills, bill, from_day)
    rate = np.where(_held(bills, bill, from_day), 0, _rates(terms, bills.kind[bill], from_day))
    kept = (base > 0) & (rate > 0)
    return AccrualPeriods(bill[kept], from_day[kept], until[kept], base[kept], rate[kept])


def _changes(bills: Histories, terms: PenaltyTerms) -> list[tuple[Integers, Integers]]:
    """Return (bill, day) of everything that may change a base or a rate."""
    found = [(bills.paid_bill, bills.paid_day + 1)]
    for kind, steps in enumerate(terms.rate_e6):
        of_kind = np.flatnonzero(bills.kind == kind)
        found.append((np.repeat(of_kind, len(steps.from_day)), np.tile(steps.from_day, len(of_kind))))
    hold, bill = _pairs(bills)
    return [*found, (bill, bills.held_from[hold]), (bill, bills.held_to[hold])]


def _pairs(bills: Histories) -> tuple[Integers, Integers]:
    """Return every hold with each bill of its account."""
    order = np.argsort(bills.account, kind="stable")
    account = bills.account[order]
    start = np.searchsorted(account, bills.held_account, "left")
    count = np.searchsorted(account, bills.held_account, "right") - start
    hold, place = members_of(count)
    return hold, order[start[hold] + place]


def _unpaid(bills: Histories, bill: Integers, day: Integers) -> Integers:
    """Return what was unpaid of bills when days began: payments of earlier days count."""
    key = (bills.paid_bill << DAY_BITS) + bills.paid_day
    order = np.argsort(key, kind="stable")
    paid = np.append(0, np.cumsum(bills.paid_tiyin[order]))
    key = key[order]
    before = paid[np.searchsorted(key, (bill << DAY_BITS) + day, "left")] - paid[np.searchsorted(key, bill << DAY_BITS, "left")]
    unpaid: Integers = np.clip(bills.principal_tiyin[bill] - before, 0, bills.principal_tiyin[bill])
    return unpaid


def _rates(terms: PenaltyTerms, kind: Integers, day: Integers) -> Integers:
    rate = np.zeros(len(kind), dtype=np.int64)
    for index, steps in enumerate(terms.rate_e6):
        rate[kind == index] = at(steps, day[kind == index])
    return rate


def _held(bills: Histories, bill: Integers, day: Integers) -> Flags:
    """Tell which pieces begin on a day on which their account is held; holds of an account do not overlap."""
    if not len(bills.held_account):
        return np.zeros(len(bill), dtype=bool)
    key = (bills.held_account << DAY_BITS) + bills.held_from
    order = np.argsort(key)
    place = np.searchsorted(key[order], (bills.account[bill] << DAY_BITS) + day, "right") - 1
    hold = order[np.maximum(place, 0)]
    held: Flags = (place >= 0) & (bills.held_account[hold] == bills.account[bill]) & (day < bills.held_to[hold])
    return held
