"""Setting an account's money against its bills: the bill that falls due first is paid first, the last one is released first.

The pool of an account is the money that is free for its bills. What the debts leave of it stays as an advance. A pool below
nothing is money that is already set against bills and has to come back.
"""

from typing import NamedTuple

import numpy as np

from app.domain import ledger
from app.domain.ledger import DocumentKind, Entries, LedgerAccount
from app.domain.values import Flags, Integers, sums_by


class BillAmounts(NamedTuple):
    """Amounts by bill: what is open, what is set against it, or what is moved; ``account`` is an index into the accounts at hand."""

    account: Integers
    bill_id: Integers
    #: days from 1970-01-01
    due_day: Integers
    amount_tiyin: Integers
    #: first day of the billing month, in days from 1970-01-01
    month_day: Integers


class Settlement(NamedTuple):
    """What comes of pools: the amounts set against bills (negative: released from them), and each account's advance."""

    moved: BillAmounts
    advance_tiyin: Integers


class Receipts(NamedTuple):
    """One or more payments in the order in which they pay, ascending by account; an amount below nothing gives a payment back."""

    account: Integers
    payment_id: Integers
    amount_tiyin: Integers
    #: index in ``ledger.ACCOUNTS`` of the account the money came in on
    debit: Integers


NO_BILLS = BillAmounts(*(np.zeros(0, dtype=np.int64) for _ in BillAmounts._fields))


def joined(*several: BillAmounts) -> BillAmounts:
    """Return several batches of amounts as one."""
    return BillAmounts(*(np.concatenate(columns) for columns in zip(*several, strict=True)))


def chosen(amounts: BillAmounts, rows: Integers | Flags) -> BillAmounts:
    """Return some rows, given by a mask or by their places."""
    return BillAmounts(*(column[rows] for column in amounts))


def settle(pool_tiyin: Integers, debts: BillAmounts, allocated: BillAmounts = NO_BILLS) -> Settlement:
    """Set each account's pool against its debts, or release what a pool below nothing lacks.

    :param debts: what is open of each bill, in any order
    :param allocated: what is set against each bill; needed for pools below nothing only

    >>> debts = BillAmounts(np.array([0, 0]), np.array([7, 8]), np.array([59, 31]), np.array([300, 300]), np.array([31, 0]))
    >>> moved, advance = settle(np.array([400]), debts)
    >>> moved.bill_id, moved.amount_tiyin, advance
    (array([8, 7]), array([300, 100]), array([0]))
    """
    oldest = chosen(debts, np.lexsort((debts.bill_id, debts.due_day, debts.account)))
    parts, advance = allocate(np.maximum(pool_tiyin, 0), oldest.account, oldest.amount_tiyin)
    newest = chosen(allocated, np.lexsort((-allocated.bill_id, -allocated.due_day, allocated.account)))
    back, lacking = allocate(np.maximum(-pool_tiyin, 0), newest.account, newest.amount_tiyin)
    assert not lacking.any(), "more is given back than is set against bills or left as an advance"
    moved = joined(oldest._replace(amount_tiyin=parts), newest._replace(amount_tiyin=-back))
    return Settlement(chosen(moved, moved.amount_tiyin != 0), advance)


def allocate(pool_tiyin: Integers, owner: Integers, debt_tiyin: Integers) -> tuple[Integers, Integers]:
    """Set each owner's pool against its debts in their order; return the part set against each debt, and what is left.

    :param pool_tiyin: money of each owner, not negative
    :param owner: owner (index into ``pool_tiyin``) of each debt, ascending; within an owner in the order of settling
    :param debt_tiyin: open part of each debt, not negative

    >>> allocate(np.array([500]), np.array([0, 0]), np.array([300, 300]))
    (array([300, 200]), array([0]))
    """
    running = np.cumsum(debt_tiyin)
    before_owner = np.append(0, running)[np.searchsorted(owner, owner, "left")]
    earlier = running - debt_tiyin - before_owner
    parts = np.clip(pool_tiyin[owner] - earlier, 0, debt_tiyin)
    left = pool_tiyin.copy()
    np.subtract.at(left, owner, parts)
    assert (left >= 0).all()
    return parts, left


def match(receipts: Receipts, moved: BillAmounts) -> tuple[Integers, BillAmounts]:
    """Divide what was set against bills among the payments it came from; return the payment (an index) of each part, and the parts.

    Payments and parts lie on one line of money, account behind account. Cut wherever either ends, each piece is of one payment.

    >>> receipts = Receipts(np.array([0, 0]), np.array([1, 2]), np.array([100, 400]), np.array([4, 4]))
    >>> paying, parts = match(receipts, BillAmounts(*np.array([[0], [7], [31], [300], [0]])))
    >>> paying, parts.amount_tiyin
    (array([0, 1]), array([100, 200]))
    """
    paid = np.cumsum(receipts.amount_tiyin)
    begin = np.append(0, paid)[np.searchsorted(receipts.account, moved.account, "left")]
    running = np.cumsum(moved.amount_tiyin)
    end = begin + running - np.append(0, running)[np.searchsorted(moved.account, moved.account, "left")]
    cuts = np.union1d(paid, end)
    width = np.diff(cuts, prepend=0)
    part = np.searchsorted(end, cuts)
    start = np.append(end - moved.amount_tiyin, np.iinfo(np.int64).max)
    kept = (width > 0) & (cuts - width >= start[part])
    parts = chosen(moved, part[kept])._replace(amount_tiyin=width[kept])
    return np.searchsorted(paid, cuts[kept]), parts


def advance_entries(moved: BillAmounts) -> Entries:
    """Return the entries that use advances for bills, or turn what is released from them into advances."""
    return ledger.entries(
        DocumentKind.ADVANCE_USE,
        LedgerAccount.ADVANCE,
        LedgerAccount.RECEIVABLE,
        account=moved.account,
        document=moved.bill_id,
        month_day=moved.month_day,
        amount_tiyin=moved.amount_tiyin,
    )


def receipt_entries(kind: DocumentKind, receipts: Receipts, against_bills_tiyin: Integers, *, month_day: int) -> Entries:
    """Return the entries of payments: what is set against bills lowers what is owed, the rest is an advance.

    :param against_bills_tiyin: of each payment; with the sign of its amount
    :param month_day: first day of the month the payments came in, in days from 1970-01-01
    """
    sums = (
        (LedgerAccount.RECEIVABLE, against_bills_tiyin),
        (LedgerAccount.ADVANCE, receipts.amount_tiyin - against_bills_tiyin),
    )
    result = []
    for debit in np.unique(receipts.debit).tolist():
        mine = receipts.debit == debit
        document = receipts.payment_id[mine]
        target = {"account": receipts.account[mine], "document": document, "month_day": np.full(len(document), month_day)}
        result += [ledger.entries(kind, ledger.ACCOUNTS[debit], credit, amount_tiyin=amount[mine], **target) for credit, amount in sums]
    return ledger.joined(*result)


def pools(receipts: Receipts, accounts: int) -> Integers:
    """Return what payments bring each account."""
    return sums_by(receipts.account, receipts.amount_tiyin, accounts)
