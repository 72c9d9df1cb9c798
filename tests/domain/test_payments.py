"""Money set against debts, and the life of a tender."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import payments
from app.domain.payments import TenderEvent, TenderStatus
from app.domain.values import MAX_AMOUNT_TIYIN
from tests.strategies import int64s, money_tiyin

STEPS = {
    (TenderStatus.CREATED, TenderEvent.PERFORM): TenderStatus.PERFORMED,
    (TenderStatus.CREATED, TenderEvent.CANCEL): TenderStatus.CANCELLED,
    (TenderStatus.CREATED, TenderEvent.EXPIRE): TenderStatus.CANCELLED,
    (TenderStatus.PERFORMED, TenderEvent.CANCEL): TenderStatus.REVERSED,
}

#: Pool and debts of some owners.
books = st.lists(st.tuples(money_tiyin, st.lists(money_tiyin, max_size=6)), max_size=8)
Books = list[tuple[int, list[int]]]


def allocate(given_books: Books) -> tuple[list[list[int]], list[int]]:
    """Return the parts of each owner's debts, and what is left of each pool."""
    owners = int64s([owner for owner, (_, debts) in enumerate(given_books) for _ in debts])
    debts = int64s([debt for _, debts in given_books for debt in debts])
    parts, left = payments.allocate(int64s([pool for pool, _ in given_books]), owners, debts)
    return [parts[owners == owner].tolist() for owner in range(len(given_books))], left.tolist()


@pytest.mark.parametrize("status", TenderStatus)
@pytest.mark.parametrize("event", TenderEvent)
def test_a_tender_takes_the_listed_steps_and_no_others(status: TenderStatus, event: TenderEvent):
    assert payments.next_status(status, event) is STEPS.get((status, event))


def test_no_step_leads_out_of_a_cancelled_or_reversed_tender():
    assert {status for status, _ in payments.TRANSITIONS} == {TenderStatus.CREATED, TenderStatus.PERFORMED}


@pytest.mark.parametrize(
    ("pool", "debts", "parts", "left"),
    [
        (0, [300, 300], [0, 0], 0),
        (500, [300, 300], [300, 200], 0),
        (600, [300, 300], [300, 300], 0),
        (601, [300, 300], [300, 300], 1),
        (299, [300, 300], [299, 0], 0),
        (100, [0, 50, 0, 70], [0, 50, 0, 50], 0),
        (100, [], [], 100),
        (MAX_AMOUNT_TIYIN, [MAX_AMOUNT_TIYIN - 1], [MAX_AMOUNT_TIYIN - 1], 1),
    ],
)
def test_the_oldest_debt_is_served_first_and_the_rest_is_an_advance(pool: int, debts: list[int], parts: list[int], left: int):
    assert allocate([(pool, debts)]) == ([parts], [left])


@given(books)
def test_allocation_neither_loses_nor_makes_money(given_books: Books):
    parts, left = allocate(given_books)

    for (pool, debts), mine, rest in zip(given_books, parts, left, strict=True):
        assert sum(mine) + rest == pool
        assert rest >= 0
        assert all(0 <= part <= debt for part, debt in zip(mine, debts, strict=True))


@given(books)
def test_no_debt_is_touched_before_the_older_one_is_paid(given_books: Books):
    parts, left = allocate(given_books)

    for (_, debts), mine, rest in zip(given_books, parts, left, strict=True):
        open_after = [debt - part for debt, part in zip(debts, mine, strict=True)]
        first_open = next((place for place, remaining in enumerate(open_after) if remaining), len(debts))
        assert not any(mine[first_open + 1 :])
        assert not rest or first_open == len(debts)


@given(books)
def test_one_owner_gets_the_same_alone_and_among_others(given_books: Books):
    parts, left = allocate(given_books)

    for owner, book in enumerate(given_books):
        assert allocate([book]) == ([parts[owner]], [left[owner]])


@given(money_tiyin, money_tiyin, st.lists(money_tiyin, max_size=6))
def test_two_payments_serve_debts_as_one_of_their_sum_does(first: int, second: int, debts: list[int]):
    [parts], [left] = allocate([(first, debts)])
    [more], [left_after] = allocate([(left + second, [debt - part for debt, part in zip(debts, parts, strict=True)])])

    assert ([np.add(parts, more).astype(int).tolist()], [left_after]) == allocate([(first + second, debts)])


def test_debts_of_a_whole_country_do_not_leave_64_bits():
    owners = 20_000
    pool = np.full(owners, MAX_AMOUNT_TIYIN, dtype=np.int64)

    parts, left = payments.allocate(pool, np.arange(owners), pool)

    assert (parts == MAX_AMOUNT_TIYIN).all()
    assert not left.any()


def test_the_pool_that_is_given_is_not_changed():
    pool = int64s([500])

    payments.allocate(pool, int64s([0]), int64s([200]))

    assert pool.tolist() == [500]
