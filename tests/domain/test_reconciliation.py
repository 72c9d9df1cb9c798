"""A provider's day beside ours and the ledger's: one verdict a transaction, and sums that add up."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.payments import TenderStatus as Mine
from app.domain.payments import reconciliation
from app.domain.payments.reconciliation import (
    DOUBTS,
    STATES,
    STATUSES,
    VERDICTS,
    OurRecords,
    ProviderRecords,
    TransactionVerdict,
    match,
    next_ask,
    totals,
)
from app.domain.payments.reconciliation import DoubtReason as Why
from app.domain.payments.reconciliation import StatementState as State
from tests.strategies import int64s

#: reference → amount and state
Statement = dict[str, tuple[int, State]]
#: reference → amount, status and what the ledger has
Tenders = dict[str, tuple[int, Mine, int]]

MOMENT = datetime(2026, 3, 4, 6, 0, tzinfo=UTC)


def sides(statement: Statement, tenders: Tenders) -> tuple[ProviderRecords, OurRecords]:
    theirs = ProviderRecords(
        list(statement),
        int64s([amount for amount, _ in statement.values()]),
        int64s([STATES.index(state) for _, state in statement.values()]),
    )
    rows = list(tenders.values())
    ours = OurRecords(
        list(tenders),
        int64s([row[0] for row in rows]),
        int64s([STATUSES.index(row[1]) for row in rows]),
        int64s([row[2] for row in rows]),
    )
    return theirs, ours


def verdict_of(theirs: tuple[int, State] | None, ours: tuple[int, Mine, int] | None) -> tuple[TransactionVerdict, Why | None]:
    found = match(*sides({"1": theirs} if theirs else {}, {"1": ours} if ours else {}))
    assert found.reference == ["1"]
    return VERDICTS[found.verdict[0]], DOUBTS[found.doubt[0]] if found.doubt[0] >= 0 else None


@pytest.mark.parametrize(
    ("theirs", "ours", "expected"),
    [
        ((500, State.PERFORMED), (500, Mine.PERFORMED, 500), (TransactionVerdict.EQUAL, None)),
        ((500, State.CANCELLED), (500, Mine.REVERSED, 0), (TransactionVerdict.EQUAL, None)),
        ((500, State.CANCELLED), (500, Mine.CANCELLED, 0), (TransactionVerdict.EQUAL, None)),
        ((500, State.CANCELLED), (500, Mine.CREATED, 0), (TransactionVerdict.EQUAL, None)),
        ((500, State.CANCELLED), None, (TransactionVerdict.EQUAL, None)),
        (None, (500, Mine.REVERSED, 0), (TransactionVerdict.EQUAL, None)),
        ((500, State.PERFORMED), None, (TransactionVerdict.ONLY_THEIRS, None)),
        (None, (500, Mine.PERFORMED, 500), (TransactionVerdict.ONLY_OURS, None)),
        (None, (500, Mine.PERFORMED, 0), (TransactionVerdict.ONLY_OURS, None)),
        ((501, State.PERFORMED), (500, Mine.PERFORMED, 500), (TransactionVerdict.IN_DOUBT, Why.AMOUNT)),
        ((501, State.CANCELLED), (500, Mine.CANCELLED, 0), (TransactionVerdict.IN_DOUBT, Why.AMOUNT)),
        ((500, State.CANCELLED), (500, Mine.PERFORMED, 500), (TransactionVerdict.IN_DOUBT, Why.STATE)),
        ((500, State.PERFORMED), (500, Mine.REVERSED, 0), (TransactionVerdict.IN_DOUBT, Why.STATE)),
        ((500, State.PERFORMED), (500, Mine.CREATED, 0), (TransactionVerdict.IN_DOUBT, Why.STATE)),
        ((500, State.PENDING), (500, Mine.PERFORMED, 500), (TransactionVerdict.IN_DOUBT, Why.PENDING)),
        ((500, State.PENDING), (500, Mine.CREATED, 0), (TransactionVerdict.IN_DOUBT, Why.PENDING)),
        ((500, State.PENDING), None, (TransactionVerdict.IN_DOUBT, Why.PENDING)),
        ((500, State.PERFORMED), (500, Mine.PERFORMED, 0), (TransactionVerdict.IN_DOUBT, Why.NOT_CREDITED)),
        ((500, State.CANCELLED), (500, Mine.REVERSED, 500), (TransactionVerdict.IN_DOUBT, Why.NOT_UNDONE)),
        (None, (500, Mine.REVERSED, 500), (TransactionVerdict.IN_DOUBT, Why.NOT_UNDONE)),
    ],
)
def test_verdict(
    theirs: tuple[int, State] | None, ours: tuple[int, Mine, int] | None, expected: tuple[TransactionVerdict, Why | None]
) -> None:
    assert verdict_of(theirs, ours) == expected


references = st.text("0123456789abcé", min_size=1, max_size=3)
amounts = st.integers(1, 10**15)
statements = st.dictionaries(references, st.tuples(amounts, st.sampled_from(State)), max_size=12)
tenders = st.dictionaries(references, st.tuples(amounts, st.sampled_from(Mine), st.one_of(st.just(0), amounts)), max_size=12)


@given(statements, tenders)
def test_every_row_of_either_side_gets_exactly_one_verdict(statement: Statement, mine: Tenders) -> None:
    found = match(*sides(statement, mine))

    assert sorted(found.reference) == sorted(statement.keys() | mine.keys())
    assert sorted(found.theirs[found.theirs >= 0].tolist()) == list(range(len(statement)))
    assert sorted(found.ours[found.ours >= 0].tolist()) == list(range(len(mine)))
    for reference, verdict, doubt in zip(found.reference, found.verdict.tolist(), found.doubt.tolist(), strict=True):
        alone = verdict_of(statement.get(reference), mine.get(reference))
        assert (VERDICTS[verdict], DOUBTS[doubt] if doubt >= 0 else None) == alone


@given(statements, tenders)
def test_sums_of_the_verdicts_are_the_sums_of_the_sides(statement: Statement, mine: Tenders) -> None:
    found = totals(match(*sides(statement, mine)))

    assert set(found) == set(TransactionVerdict)
    assert sum(each.rows for each in found.values()) == len(statement.keys() | mine.keys())
    assert sum(each.theirs_tiyin for each in found.values()) == sum(
        amount for amount, state in statement.values() if state == State.PERFORMED
    )
    assert sum(each.ours_tiyin for each in found.values()) == sum(row[0] for row in mine.values() if row[1] == Mine.PERFORMED)
    assert sum(each.ledger_tiyin for each in found.values()) == sum(row[2] for row in mine.values())
    equal = found[TransactionVerdict.EQUAL]
    assert equal.theirs_tiyin == equal.ours_tiyin == equal.ledger_tiyin == equal.disputed_tiyin
    assert found[TransactionVerdict.ONLY_THEIRS].ours_tiyin == found[TransactionVerdict.ONLY_OURS].theirs_tiyin == 0


def test_a_large_day_is_matched_in_one_go() -> None:
    count = 300_000
    statement: Statement = {f"{number:024x}": (number + 1, State.PERFORMED) for number in range(count)}
    mine: Tenders = {f"{number:024x}": (number + 1, Mine.PERFORMED, number + 1) for number in range(1, count + 1)}

    found = totals(match(*sides(statement, mine)))

    assert {verdict: total.rows for verdict, total in found.items()} == {
        TransactionVerdict.EQUAL: count - 1, TransactionVerdict.ONLY_THEIRS: 1, TransactionVerdict.ONLY_OURS: 1,
        TransactionVerdict.IN_DOUBT: 0,
    }  # fmt: skip


def test_what_is_not_equal_is_asked_about_three_times() -> None:
    asked = [next_ask(MOMENT, times) for times in range(4)]

    assert asked == [MOMENT + timedelta(minutes=5), MOMENT + timedelta(hours=1), MOMENT + timedelta(days=1), None]


@pytest.mark.parametrize(
    ("amount", "percent", "expected"),
    [(0, "1", 0), (100, "0", 100), (100, "100", 0), (150, "1", 148), (50, "1", 49), (49, "1", 49), (10**17, "0.125", 99875 * 10**12)],
)
def test_commission_is_rounded_to_the_tiyin_halves_up(amount: int, percent: str, expected: int) -> None:
    assert reconciliation.less_commission(amount, Decimal(percent)) == expected
