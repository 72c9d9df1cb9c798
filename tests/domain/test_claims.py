"""Penalty: exact, the same however the days are split, never above the cap; a day-by-day reference agrees."""

from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import claims
from app.domain.claims import EffectiveValues, Histories, PenaltyTerms

HOUSEHOLD, LEGAL = 0, 1
DUE = 20_000


class Bill(NamedTuple):
    principal: int
    paid: tuple[tuple[int, int], ...] = ()
    due: int = DUE
    kind: int = HOUSEHOLD
    account: int = 0


def steps(*pairs: tuple[int, int]) -> EffectiveValues:
    return EffectiveValues(*(np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True)))


TERMS = PenaltyTerms(rate_e6=(steps((0, 1000)), steps((0, 4000))), cap_percent=steps((0, 50)), start_days=steps((0, 1)))


def accrued(
    bills: list[Bill], to_day: int, terms: PenaltyTerms = TERMS, holds: tuple[tuple[int, int, int], ...] = (), since: int = 0
) -> claims.Accrued:
    paid = [(index, day, amount) for index, bill in enumerate(bills) for day, amount in bill.paid]
    columns = [np.array([getattr(bill, name) for bill in bills], dtype=np.int64) for name in ("principal", "due", "kind", "account")]
    rows = [np.array(table, dtype=np.int64).reshape(-1, 3) for table in (paid, holds)]
    history = Histories(*columns, *rows[0].T, *rows[1].T)
    return claims.accrue(history, terms, since_day=since, to_day=to_day)


def total(bill: Bill, to_day: int, **more: object) -> int:
    return int(accrued([bill], to_day, **more).total_tiyin[0])  # type: ignore[arg-type]


def by_days(bill: Bill, to_day: int, terms: PenaltyTerms = TERMS, holds: tuple[tuple[int, int, int], ...] = (), since: int = 0) -> int:
    """Add the days up one after the other, in fractions."""

    def on(table: EffectiveValues, day: int) -> int:
        held = [value for start, value in zip(table.from_day.tolist(), table.value.tolist(), strict=True) if start <= day]
        return int(held[-1] if held else table.value[0])

    first = max(bill.due + on(terms.start_days, bill.due), since)
    sum_, largest = Fraction(0), 0
    for day in range(first, to_day):
        base = min(max(bill.principal - sum(amount for at, amount in bill.paid if at < day), 0), bill.principal)
        if any(account == bill.account and start <= day < end for account, start, end in holds):
            continue
        rate = on(terms.rate_e6[bill.kind], day)
        sum_ += Fraction(base * rate, 10**6)
        largest = max(largest, base if rate else 0)
    rounded = int(sum_ + Fraction(1, 2))
    return min(rounded, largest * on(terms.cap_percent, first) // 100)


@pytest.mark.parametrize(
    ("what", "bill", "to_day", "expected"),
    [
        ("due on the 10th, looked at before the 11th", Bill(100_000_00), DUE + 1, 0),
        ("the 11th alone", Bill(100_000_00), DUE + 2, 100_00),
        ("paid on the due day", Bill(100_000_00, ((DUE, 100_000_00),)), DUE + 31, 0),
        ("paid one day late", Bill(100_000_00, ((DUE + 1, 100_000_00),)), DUE + 31, 100_00),
        ("half paid after ten days", Bill(100_000_00, ((DUE + 10, 50_000_00),)), DUE + 21, 1_000_00 + 500_00),
        ("ten days of a legal consumer", Bill(100_000_00, kind=LEGAL), DUE + 11, 4_000_00),
        ("held at half after 500 days", Bill(100_000_00), DUE + 900, 50_000_00),
        ("a payment taken back", Bill(100_000_00, ((DUE, 100_000_00), (DUE + 5, -100_000_00))), DUE + 11, 500_00),
        ("nothing owed", Bill(0), DUE + 100, 0),
        ("10^13 soʻm", Bill(10**15), DUE + 101, 10**14),
    ],
)
def test_penalty_of_a_bill(what: str, bill: Bill, to_day: int, expected: int) -> None:
    assert total(bill, to_day) == expected == by_days(bill, to_day), what


def test_pieces_are_rounded_once() -> None:
    bill = Bill(333, ((DUE + 1, 1), (DUE + 2, 1), (DUE + 3, 1)))

    assert total(bill, DUE + 5) == 1  # 0.333 + 0.332 + 0.331 + 0.330
    assert [int(n) for n in accrued([bill], DUE + 5).pieces.base_tiyin] == [333, 332, 331, 330]


def test_change_of_the_rate_splits_the_days() -> None:
    terms = TERMS._replace(rate_e6=(steps((0, 1000), (DUE + 11, 2000)), TERMS.rate_e6[1]))

    found = accrued([Bill(100_000_00)], DUE + 16, terms)

    assert found.total_tiyin.tolist() == [10 * 100_00 + 5 * 200_00]
    assert found.pieces.rate_e6.tolist() == [1000, 2000]


def test_cap_of_the_first_day_of_delay_holds() -> None:
    terms = TERMS._replace(cap_percent=steps((0, 50), (DUE + 5, 10)))

    assert total(Bill(1000_00), DUE + 900, terms=terms) == 500_00


def test_hold_stops_the_penalty_of_its_account_alone() -> None:
    bills = [Bill(100_000_00, account=0), Bill(100_000_00, account=1)]

    found = accrued(bills, DUE + 11, holds=((1, DUE + 3, DUE + 8),))

    assert found.total_tiyin.tolist() == [1_000_00, 500_00]


def test_delay_before_the_office_counts_bears_nothing() -> None:
    assert total(Bill(100_000_00), DUE + 21, since=DUE + 11) == 1_000_00


def test_accrued_penalty_stays_when_the_bill_is_paid() -> None:
    bill = Bill(100_000_00, ((DUE + 10, 100_000_00),))

    assert total(bill, DUE + 11) == total(bill, DUE + 400) == 1_000_00


amounts = st.one_of(st.integers(1, 10**6), st.integers(1, 10**15))
days = st.integers(DUE - 5, DUE + 60)


@st.composite
def bills(draw: st.DrawFn) -> Bill:
    principal = draw(amounts)
    paid = draw(st.lists(st.tuples(days, st.integers(1, principal)), max_size=4))
    return Bill(
        principal, tuple(paid), draw(st.integers(DUE - 20, DUE + 20)), draw(st.sampled_from([HOUSEHOLD, LEGAL])), draw(st.integers(0, 2))
    )


@st.composite
def terms_of(draw: st.DrawFn) -> PenaltyTerms:
    def dated(low: int, high: int) -> EffectiveValues:
        later = draw(st.lists(days, max_size=2, unique=True))
        return steps(*((day, draw(st.integers(low, high))) for day in [0, *sorted(later)]))

    return PenaltyTerms((dated(0, 10_000), dated(0, 10_000)), dated(1, 100), dated(1, 10))


@st.composite
def holds_of(draw: st.DrawFn) -> tuple[tuple[int, int, int], ...]:
    found = []
    for account in range(3):
        ends = sorted(draw(st.lists(days, max_size=4, unique=True)))
        found += [(account, ends[at], ends[at + 1]) for at in range(0, len(ends) - 1, 2)]
    return tuple(found)


@given(st.lists(bills(), min_size=1, max_size=6), terms_of(), holds_of(), days, days)
@settings(max_examples=400, deadline=None)
def test_bulk_agrees_with_days_added_one_by_one(
    many: list[Bill], terms: PenaltyTerms, holds: tuple[tuple[int, int, int], ...], since: int, to_day: int
) -> None:
    found = accrued(many, to_day, terms, holds, since)

    assert found.total_tiyin.tolist() == [by_days(bill, to_day, terms, holds, since) for bill in many]
    assert (found.total_tiyin <= found.cap_tiyin).all()


@given(bills(), days, days)
def test_penalty_never_falls_as_days_pass_and_a_split_changes_nothing(bill: Bill, one: int, other: int) -> None:
    middle, end = sorted((one, other))
    charged = total(bill, middle)

    assert charged + (total(bill, end) - charged) == total(bill, end) >= charged


@given(bills(), st.integers(1, 30), days)
def test_paying_earlier_never_costs_more(bill: Bill, earlier: int, to_day: int) -> None:
    sooner = bill._replace(paid=tuple((day - earlier, amount) for day, amount in bill.paid))

    assert total(sooner, to_day) <= total(bill, to_day)
