"""Money set against bills: the oldest debt first, released from the newest bill first, and none lost on the way."""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import ledger, settlement
from app.domain.ledger import ACCOUNTS, DocumentKind, LedgerAccount
from app.domain.settlement import BillAmounts, Receipts
from app.domain.values import MAX_AMOUNT_TIYIN, Integers, sums_by
from tests.strategies import int64s, money_tiyin

#: Pool and debts of some owners.
books = st.lists(st.tuples(money_tiyin, st.lists(money_tiyin, max_size=6)), max_size=8)
Books = list[tuple[int, list[int]]]


def allocate(given_books: Books) -> tuple[list[list[int]], list[int]]:
    """Return the parts of each owner's debts, and what is left of each pool."""
    owners = int64s([owner for owner, (_, debts) in enumerate(given_books) for _ in debts])
    debts = int64s([debt for _, debts in given_books for debt in debts])
    parts, left = settlement.allocate(int64s([pool for pool, _ in given_books]), owners, debts)
    return [parts[owners == owner].tolist() for owner in range(len(given_books))], left.tolist()


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

    parts, left = settlement.allocate(pool, np.arange(owners), pool)

    assert (parts == MAX_AMOUNT_TIYIN).all()
    assert not left.any()


def test_the_pool_that_is_given_is_not_changed():
    pool = int64s([500])

    settlement.allocate(pool, int64s([0]), int64s([200]))

    assert pool.tolist() == [500]


class Bills(NamedTuple):
    """Bills of some accounts in any order, and the money of each account."""

    amounts: BillAmounts
    pool_tiyin: Integers


@st.composite
def bills(draw: st.DrawFn) -> Bills:
    """Draw bills that often fall due on the same day, in any order, and pools that often do not reach."""
    accounts = draw(st.integers(1, 5))
    rows = draw(st.lists(st.tuples(st.integers(0, accounts - 1), st.integers(0, 3), st.integers(1, 900)), max_size=12))
    ids = draw(st.permutations(range(1, len(rows) + 1)))
    account, due_day, amount = (int64s([row[place] for row in rows]) for place in range(3))
    pool = draw(st.lists(st.integers(0, 2_000), min_size=accounts, max_size=accounts))
    return Bills(BillAmounts(account, int64s(ids), due_day, amount, due_day - 40), int64s(pool))


def on_bills(amounts: BillAmounts) -> dict[int, int]:
    """Return the amounts by bill."""
    found = dict(zip(amounts.bill_id.tolist(), amounts.amount_tiyin.tolist(), strict=True))
    assert len(found) == len(amounts.bill_id)
    return found


def in_turn(amounts: BillAmounts, pool: list[int], *, newest_first: bool = False) -> tuple[dict[int, int], list[int]]:
    """Serve one bill after another, without any of the code under test; return what each gets, and what is left."""
    rows = zip(*(column.tolist() for column in (amounts.due_day, amounts.bill_id, amounts.account, amounts.amount_tiyin)), strict=True)
    served, left = {}, list(pool)
    for _, bill, account, amount in sorted(rows, reverse=newest_first):
        served[bill] = min(amount, left[account])
        left[account] -= served[bill]
    return {bill: part for bill, part in served.items() if part}, left


def allocated_before(given_bills: Bills, share: int) -> tuple[BillAmounts, BillAmounts]:
    """Return what is open and what is set against bills after they were settled with a share of their accounts' money."""
    moved = on_bills(settlement.settle(given_bills.pool_tiyin * share // 10, given_bills.amounts).moved)
    paid = int64s([moved.get(bill, 0) for bill in given_bills.amounts.bill_id.tolist()])
    debts = given_bills.amounts._replace(amount_tiyin=given_bills.amounts.amount_tiyin - paid)
    return settlement.chosen(debts, debts.amount_tiyin > 0), settlement.chosen(given_bills.amounts._replace(amount_tiyin=paid), paid > 0)


@given(bills())
def test_what_comes_in_is_set_against_bills_or_is_an_advance(given_bills: Bills):
    moved, advance = settlement.settle(given_bills.pool_tiyin, given_bills.amounts)

    served = sums_by(moved.account, moved.amount_tiyin, len(given_bills.pool_tiyin))
    assert (served + advance == given_bills.pool_tiyin).all()
    assert (advance >= 0).all()


@given(bills())
def test_no_bill_gets_more_than_its_debt_and_none_gets_nothing(given_bills: Bills):
    moved, _ = settlement.settle(given_bills.pool_tiyin, given_bills.amounts)

    open_before = on_bills(given_bills.amounts)
    assert all(0 < part <= open_before[bill] for bill, part in on_bills(moved).items())


@given(bills())
def test_bills_are_settled_by_due_day_and_then_by_id_as_one_after_another_would_be(given_bills: Bills):
    moved, advance = settlement.settle(given_bills.pool_tiyin, given_bills.amounts)

    assert (on_bills(moved), advance.tolist()) == in_turn(given_bills.amounts, given_bills.pool_tiyin.tolist())


@given(bills(), st.integers(0, 10))
def test_money_is_released_from_the_bill_that_falls_due_last(given_bills: Bills, share: int):
    debts, allocated = allocated_before(given_bills, share)
    lacking = sums_by(allocated.account, allocated.amount_tiyin, len(given_bills.pool_tiyin)) // 2

    moved, advance = settlement.settle(-lacking, debts, allocated)

    expected, _ = in_turn(allocated, lacking.tolist(), newest_first=True)
    assert on_bills(moved) == {bill: -part for bill, part in expected.items()}
    assert not advance.any()


@given(bills(), st.integers(0, 10), st.lists(st.integers(0, 900), min_size=5, max_size=5))
def test_what_is_taken_back_after_it_was_settled_leaves_everything_as_it_was(given_bills: Bills, share: int, received: list[int]):
    debts, allocated = allocated_before(given_bills, share)
    amount = int64s(received[: len(given_bills.pool_tiyin)])
    there = settlement.settle(amount, debts)
    after = settlement.joined(allocated, there.moved)
    bill_ids = np.unique(after.bill_id)
    first = np.array([after.bill_id.tolist().index(bill) for bill in bill_ids.tolist()], dtype=np.int64)
    sums = sums_by(np.searchsorted(bill_ids, after.bill_id), after.amount_tiyin, len(bill_ids))

    back = settlement.settle(there.advance_tiyin - amount, debts, settlement.chosen(after, first)._replace(amount_tiyin=sums))

    assert on_bills(back.moved) == {bill: -part for bill, part in on_bills(there.moved).items()}
    assert not back.advance_tiyin.any()


@given(bills(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(given_bills: Bills, random):
    order = list(range(len(given_bills.amounts.bill_id)))
    random.shuffle(order)

    shuffled = settlement.settle(given_bills.pool_tiyin, settlement.chosen(given_bills.amounts, int64s(order)))

    assert on_bills(shuffled.moved) == on_bills(settlement.settle(given_bills.pool_tiyin, given_bills.amounts).moved)


@given(bills())
def test_an_account_is_settled_alike_alone_and_among_others(given_bills: Bills):
    moved, advance = settlement.settle(given_bills.pool_tiyin, given_bills.amounts)

    for account, pool in enumerate(given_bills.pool_tiyin.tolist()):
        mine = settlement.chosen(given_bills.amounts, given_bills.amounts.account == account)
        alone = settlement.settle(int64s([pool]), mine._replace(account=np.zeros_like(mine.account)))
        assert on_bills(alone.moved) == on_bills(settlement.chosen(moved, moved.account == account))
        assert alone.advance_tiyin.tolist() == [advance[account]]


@given(bills())
def test_accounts_that_lack_money_and_accounts_that_have_some_are_settled_together(given_bills: Bills):
    allocated = given_bills.amounts._replace(bill_id=given_bills.amounts.bill_id + 1_000)
    limit = sums_by(allocated.account, allocated.amount_tiyin, len(given_bills.pool_tiyin))
    pool = np.where(np.arange(len(limit)) % 2, given_bills.pool_tiyin, -limit)

    moved, advance = settlement.settle(pool, given_bills.amounts, allocated)

    assert (sums_by(moved.account, moved.amount_tiyin, len(pool)) + advance == pool).all()
    assert ((moved.amount_tiyin > 0) == (pool[moved.account] > 0)).all()


def test_more_than_is_set_against_bills_cannot_be_given_back():
    allocated = BillAmounts(int64s([0]), int64s([7]), int64s([31]), int64s([300]), int64s([0]))

    with pytest.raises(AssertionError, match="more is given back"):
        settlement.settle(int64s([-301]), settlement.NO_BILLS, allocated)


@st.composite
def receipts(draw: st.DrawFn, accounts: int) -> Receipts:
    """Draw payments of some accounts, in the order in which they pay."""
    rows = sorted(
        draw(st.lists(st.tuples(st.integers(0, accounts - 1), st.integers(1, 900)), min_size=1, max_size=8)), key=lambda row: row[0]
    )
    debits = draw(st.lists(st.sampled_from([LedgerAccount.CASH, LedgerAccount.PROVIDER]), min_size=len(rows), max_size=len(rows)))
    account, amount = int64s([row[0] for row in rows]), int64s([row[1] for row in rows])
    return Receipts(account, np.arange(len(rows)) + 70, amount, int64s([ledger.code(debit) for debit in debits]))


@given(bills(), st.data())
def test_payments_matched_at_once_pay_what_they_would_pay_one_after_another(given_bills: Bills, data: st.DataObject):
    paid = data.draw(receipts(len(given_bills.pool_tiyin)))
    moved = settlement.settle(settlement.pools(paid, len(given_bills.pool_tiyin)), given_bills.amounts).moved

    paying, parts = settlement.match(paid, moved)

    expected, debts = {}, given_bills.amounts
    for place in range(len(paid.payment_id)):
        pool = np.zeros_like(given_bills.pool_tiyin)
        pool[paid.account[place]] = paid.amount_tiyin[place]
        served = on_bills(settlement.settle(pool, debts).moved)
        expected |= {(place, bill): part for bill, part in served.items()}
        debts = debts._replace(amount_tiyin=debts.amount_tiyin - int64s([served.get(bill, 0) for bill in debts.bill_id.tolist()]))
    found = zip(paying.tolist(), parts.bill_id.tolist(), parts.amount_tiyin.tolist(), strict=True)
    assert {(place, bill): part for place, bill, part in found} == expected


@given(bills(), st.data(), st.sampled_from([1, -1]))
def test_entries_of_payments_carry_each_payment_whole(given_bills: Bills, data: st.DataObject, sign: int):
    paid = data.draw(receipts(len(given_bills.pool_tiyin)))
    moved = settlement.settle(settlement.pools(paid, len(given_bills.pool_tiyin)), given_bills.amounts).moved
    paying, parts = settlement.match(paid, moved)
    against = sums_by(paying, parts.amount_tiyin, len(paid.payment_id))

    posted = settlement.receipt_entries(
        DocumentKind.PAYMENT, paid._replace(amount_tiyin=sign * paid.amount_tiyin), sign * against, month_day=31
    )

    effect = ledger.movements(posted, len(given_bills.pool_tiyin))
    pools = settlement.pools(paid, len(given_bills.pool_tiyin))
    served = sums_by(moved.account, moved.amount_tiyin, len(pools))
    assert (effect.paid_tiyin == sign * pools).all()
    assert (effect.debt_tiyin == -sign * served).all()
    assert (effect.advance_tiyin == sign * (pools - served)).all()
    assert {ACCOUNTS[each] for each in np.concatenate([posted.debit, posted.credit])} <= {
        LedgerAccount.CASH, LedgerAccount.PROVIDER, LedgerAccount.RECEIVABLE, LedgerAccount.ADVANCE,
    }  # fmt: skip


@given(bills())
def test_entries_of_advances_move_what_is_settled_and_nothing_else(given_bills: Bills):
    moved, _ = settlement.settle(given_bills.pool_tiyin, given_bills.amounts)

    effect = ledger.movements(settlement.advance_entries(moved), len(given_bills.pool_tiyin))

    served = sums_by(moved.account, moved.amount_tiyin, len(given_bills.pool_tiyin))
    assert (effect.debt_tiyin == -served).all()
    assert (effect.advance_tiyin == -served).all()
    assert not effect.charged_tiyin.any()
    assert not effect.paid_tiyin.any()
