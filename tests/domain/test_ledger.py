"""Entries are balanced, and what they do to an account adds up."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import ledger
from app.domain.ledger import ACCOUNTS, DOCUMENT_KINDS, DocumentKind, Entries, LedgerAccount
from app.domain.values import MAX_AMOUNT_TIYIN
from tests.strategies import amounts_tiyin, int64s

COUNT = 4

rows = st.tuples(st.integers(0, COUNT - 1), st.integers(1, 10**6), amounts_tiyin)
sides = st.lists(st.sampled_from(LedgerAccount), min_size=2, max_size=2, unique=True)
#: Kind, debit and credit, and (account, document, amount) of some batches of entries.
batches = st.lists(st.tuples(st.sampled_from(DocumentKind), sides, st.lists(rows, max_size=6)), min_size=1, max_size=5)
Batches = list[tuple[DocumentKind, list[LedgerAccount], list[tuple[int, int, int]]]]


def posted(given_batches: Batches) -> Entries:
    return ledger.joined(*(entries(*batch) for batch in given_batches))


def entries(kind: DocumentKind, both: list[LedgerAccount], of: list[tuple[int, int, int]]) -> Entries:
    account, document, amount = (int64s([row[place] for row in of]) for place in range(3))
    return ledger.entries(kind, *both, account=account, document=document, month_day=document * 0, amount_tiyin=amount)


def turnover(of: Entries, kind: LedgerAccount, account: int) -> int:
    """Return debits minus credits of a ledger account and an account, one entry at a time."""
    signed = 0
    for row in zip(*(column.tolist() for column in of), strict=True):
        entry = Entries(*row)
        if entry.account == account:
            signed += entry.amount_tiyin * ((ACCOUNTS[entry.debit] is kind) - (ACCOUNTS[entry.credit] is kind))
    return signed


@pytest.mark.parametrize("account", LedgerAccount)
def test_the_code_of_a_ledger_account_leads_back_to_it(account: LedgerAccount):
    assert ACCOUNTS[ledger.code(account)] is account


def test_a_positive_amount_is_posted_as_it_is_and_a_negative_one_the_other_way():
    both = [LedgerAccount.RECEIVABLE, LedgerAccount.REVENUE]

    result = entries(DocumentKind.BILL, both, [(0, 7, 500), (1, 8, -300), (2, 9, 0)])

    assert result.account.tolist() == [0, 1]
    assert result.document.tolist() == [7, 8]
    assert [ACCOUNTS[index] for index in result.debit] == [LedgerAccount.RECEIVABLE, LedgerAccount.REVENUE]
    assert [ACCOUNTS[index] for index in result.credit] == [LedgerAccount.REVENUE, LedgerAccount.RECEIVABLE]
    assert result.amount_tiyin.tolist() == [500, 300]
    assert {DOCUMENT_KINDS[index] for index in result.kind} == {DocumentKind.BILL}


@pytest.mark.parametrize("sign", [1, -1])
def test_bill_is_owed_and_one_that_gives_back_is_an_advance_and_reversals_turn_both_round(sign: int):
    made = ledger.bill_entries(
        DocumentKind.BILL, account=int64s([0, 1, 2]), document=int64s([7, 8, 9]), month_day=20454, amount_tiyin=int64s([1120, -560, 0]),
        vat_tiyin=int64s([120, -60, 1]), sign=sign,
    )  # fmt: skip

    assert set(made.month_day.tolist()) == {20454}
    by_account = {
        kind: [turnover(made, kind, account) * sign for account in range(3)]
        for kind in (LedgerAccount.RECEIVABLE, LedgerAccount.ADVANCE, LedgerAccount.REVENUE, LedgerAccount.VAT)
    }
    assert by_account == {
        LedgerAccount.RECEIVABLE: [1120, 0, 0],
        LedgerAccount.ADVANCE: [0, -560, 0],
        LedgerAccount.REVENUE: [-1000, 500, 1],
        LedgerAccount.VAT: [-120, 60, -1],
    }


@given(batches)
def test_every_entry_moves_a_positive_amount_between_two_ledger_accounts(given_batches: Batches):
    result = posted(given_batches)

    assert (result.amount_tiyin > 0).all()
    assert (result.debit != result.credit).all()
    assert len(result.account) == sum(1 for _, _, of in given_batches for _, _, amount in of if amount)


@given(batches)
def test_debits_equal_credits_for_every_account(given_batches: Batches):
    result = posted(given_batches)

    for account in range(COUNT):
        assert sum(turnover(result, kind, account) for kind in LedgerAccount) == 0


@given(batches)
def test_movements_are_what_the_entries_do_one_by_one(given_batches: Batches):
    result = posted(given_batches)

    moved = ledger.movements(result, COUNT)

    for account in range(COUNT):
        net = {kind: turnover(result, kind, account) for kind in LedgerAccount}
        assert moved.charged_tiyin[account] + moved.adjusted_tiyin[account] == -net[LedgerAccount.REVENUE] - net[LedgerAccount.VAT]
        assert moved.paid_tiyin[account] == net[LedgerAccount.CASH] + net[LedgerAccount.PROVIDER]
        assert moved.debt_tiyin[account] == net[LedgerAccount.RECEIVABLE]
        assert moved.advance_tiyin[account] == -net[LedgerAccount.ADVANCE]


@given(batches)
def test_what_is_owed_less_what_is_ahead_is_what_was_charged_less_what_was_paid(given_batches: Batches):
    moved = ledger.movements(posted(given_batches), COUNT)

    owed = moved.debt_tiyin - moved.advance_tiyin
    assert (owed == moved.charged_tiyin - moved.paid_tiyin + moved.adjusted_tiyin).all()


@given(batches)
def test_entries_and_their_reversals_leave_nothing(given_batches: Batches):
    back: Batches = [(kind, both[::-1], of) for kind, both, of in given_batches]

    moved = ledger.movements(posted(given_batches + back), COUNT)

    assert not any(column.any() for column in moved)


@pytest.mark.parametrize(
    ("kind", "debit", "credit", "expected"),
    [
        (DocumentKind.BILL, LedgerAccount.RECEIVABLE, LedgerAccount.REVENUE, {"charged": 100, "debt": 100}),
        (DocumentKind.BILL, LedgerAccount.RECEIVABLE, LedgerAccount.VAT, {"charged": 100, "debt": 100}),
        (DocumentKind.BILL, LedgerAccount.ADVANCE, LedgerAccount.REVENUE, {"charged": 100, "advance": -100}),
        (DocumentKind.BILL_CANCELLATION, LedgerAccount.REVENUE, LedgerAccount.RECEIVABLE, {"charged": -100, "debt": -100}),
        (DocumentKind.ADJUSTMENT, LedgerAccount.REVENUE, LedgerAccount.ADVANCE, {"adjusted": -100, "advance": 100}),
        (DocumentKind.PAYMENT, LedgerAccount.CASH, LedgerAccount.RECEIVABLE, {"paid": 100, "debt": -100}),
        (DocumentKind.PAYMENT, LedgerAccount.PROVIDER, LedgerAccount.ADVANCE, {"paid": 100, "advance": 100}),
        (DocumentKind.PAYMENT_REVERSAL, LedgerAccount.RECEIVABLE, LedgerAccount.CASH, {"paid": -100, "debt": 100}),
        (DocumentKind.ADVANCE_USE, LedgerAccount.ADVANCE, LedgerAccount.RECEIVABLE, {"advance": -100, "debt": -100}),
    ],
)
def test_a_document_moves_the_accounts_it_names(kind: DocumentKind, debit: LedgerAccount, credit: LedgerAccount, expected: dict[str, Any]):
    moved = ledger.movements(entries(kind, [debit, credit], [(0, 1, 100)]), 1)

    nothing = {"charged": 0, "paid": 0, "debt": 0, "advance": 0, "adjusted": 0}
    assert {name.removesuffix("_tiyin"): int(column[0]) for name, column in moved._asdict().items()} == nothing | expected


def test_movements_of_the_largest_amounts_stay_exact():
    both = [LedgerAccount.RECEIVABLE, LedgerAccount.REVENUE]

    moved = ledger.movements(entries(DocumentKind.BILL, both, [(0, 1, MAX_AMOUNT_TIYIN)] * 1000), 1)

    assert moved.debt_tiyin.tolist() == [1000 * MAX_AMOUNT_TIYIN]


def test_no_entries_move_nothing():
    moved = ledger.movements(entries(DocumentKind.BILL, [LedgerAccount.CASH, LedgerAccount.VAT], []), 2)

    assert [column.tolist() for column in moved] == [[0, 0]] * 5
