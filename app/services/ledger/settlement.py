"""Money set against bills and released from them: allocations, debts, and the entries to post.

What goes against which bill is for ``domain.settlement`` to say. The caller holds the locks of the accounts' positions, and posts
the entries together with those of its document.
"""

from datetime import date

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain import settlement
from app.domain.calendar import day_number, month_start
from app.domain.ledger import DocumentKind, Entries
from app.domain.settlement import NO_BILLS, BillAmounts, Receipts, Settlement
from app.domain.values import Integers, sums_by
from app.queries import ledger as queries
from app.services import bulk
from app.services.ledger.posting import PostingAccounts
from app.services.ledger.totals import ADD_MOVED

_REMOVE = text(
    f"""
    WITH gone AS (DELETE FROM debt WHERE bill_id = ANY(:ids) RETURNING account_id, division_id, due_on, remaining_tiyin),
    moved AS (SELECT account_id, division_id, due_on, -remaining_tiyin AS amount, -1 AS debts FROM gone),
    {ADD_MOVED}
    """
)
_REDUCE = text(
    f"""
    WITH paid AS (SELECT * FROM unnest(CAST(:bill AS bigint[]), CAST(:part AS bigint[])) AS p (bill_id, part)),
    gone AS (
        DELETE FROM debt d USING paid p WHERE d.bill_id = p.bill_id AND d.remaining_tiyin = p.part
        RETURNING d.account_id, d.division_id, d.due_on, p.part
    ),
    less AS (
        UPDATE debt d SET remaining_tiyin = d.remaining_tiyin - p.part FROM paid p
        WHERE d.bill_id = p.bill_id AND d.remaining_tiyin <> p.part
        RETURNING d.account_id, d.division_id, d.due_on, p.part
    ),
    moved AS (
        SELECT account_id, division_id, due_on, -part AS amount, -1 AS debts FROM gone
        UNION ALL SELECT account_id, division_id, due_on, -part, 0 FROM less
    ),
    {ADD_MOVED}
    """
)
_RAISE = text(
    f"""
    WITH released AS (
        SELECT b.id, b.billing_month, b.account_id, b.division_id, b.due_on, p.part
        FROM unnest(CAST(:bill AS bigint[]), CAST(:month AS int[]), CAST(:part AS bigint[])) AS p (bill_id, month, part)
        JOIN bill b ON b.id = p.bill_id AND b.billing_month = DATE '1970-01-01' + p.month
    ),
    raised AS (
        INSERT INTO debt (bill_id, billing_month, account_id, division_id, due_on, remaining_tiyin)
        SELECT id, billing_month, account_id, division_id, due_on, part FROM released
        ON CONFLICT (bill_id) DO UPDATE SET remaining_tiyin = debt.remaining_tiyin + excluded.remaining_tiyin
        RETURNING bill_id, (xmax = 0)::int AS debts
    ),
    moved AS (
        SELECT r.account_id, r.division_id, r.due_on, r.part AS amount, d.debts FROM raised d JOIN released r ON r.id = d.bill_id
    ),
    {ADD_MOVED}
    """
)


def settle(
    session: Session,
    books: PostingAccounts,
    pool_tiyin: Integers,
    *,
    on: date,
    debts: BillAmounts | None = None,
    adjustment_id: int | None = None,
) -> Entries:
    """Set each account's pool against its open debts, the oldest first; release what a pool below nothing lacks, the newest first.

    :param pool_tiyin: of each account: its advance with what came and what went
    :param debts: what is open; None: what the table of debts has
    :param adjustment_id: the credit note that the money comes from, or goes back to
    :return: the entries that move it between advances and debts
    """
    moved = _settled(session, books, pool_tiyin, debts).moved
    _change_debts(session, moved)
    _write_allocations(session, books, moved, on=on, adjustment_id=adjustment_id)
    return settlement.advance_entries(moved)


def settle_receipts(session: Session, books: PostingAccounts, receipts: Receipts, *, on: date) -> Entries:
    """Set payments against the open debts of their accounts, the oldest first, in the order of the payments; return their entries."""
    moved = _settled(session, books, settlement.pools(receipts, len(books.account_id))).moved
    _change_debts(session, moved)
    paying, parts = settlement.match(receipts, moved)
    _write_allocations(session, books, parts, on=on, payment_id=receipts.payment_id[paying])
    against_bills = sums_by(paying, parts.amount_tiyin, len(receipts.payment_id))
    return settlement.receipt_entries(DocumentKind.PAYMENT, receipts, against_bills, month_day=day_number(month_start(on)))


def reverse_receipts(session: Session, books: PostingAccounts, reversals: Receipts, advance_tiyin: Integers, *, on: date) -> Entries:
    """Take payments back, one an account: from its advance, then from the bills that were settled last; return their entries.

    :param reversals: amounts below nothing
    """
    lacking = np.minimum(advance_tiyin + settlement.pools(reversals, len(books.account_id)), 0)
    moved = _settled(session, books, lacking, NO_BILLS).moved
    _change_debts(session, moved)
    _write_allocations(session, books, moved, on=on, payment_id=reversals.payment_id[moved.account])
    released = sums_by(moved.account, moved.amount_tiyin, len(books.account_id))
    month_day = day_number(month_start(on))
    return settlement.receipt_entries(DocumentKind.PAYMENT_REVERSAL, reversals, released[reversals.account], month_day=month_day)


def release_bills(session: Session, books: PostingAccounts, allocated: BillAmounts, *, on: date) -> Entries:
    """Take the debts of bills away and turn what was set against them into advances; return the entries.

    :param allocated: what is set against each of the bills; 0: nothing
    """
    session.execute(_REMOVE, {"ids": allocated.bill_id.tolist()})
    moved = settlement.chosen(allocated, allocated.amount_tiyin > 0)
    moved = moved._replace(amount_tiyin=-moved.amount_tiyin)
    _write_allocations(session, books, moved, on=on)
    return settlement.advance_entries(moved)


def _settled(session: Session, books: PostingAccounts, pool_tiyin: Integers, debts: BillAmounts | None = None) -> Settlement:
    if debts is None:
        debts = queries.open_debts(session, books.account_id)
    allocated = queries.allocated(session, books.account_id) if (pool_tiyin < 0).any() else NO_BILLS
    return settlement.settle(pool_tiyin, debts, allocated)


def _change_debts(session: Session, moved: BillAmounts) -> None:
    """Lower debts by what is set against them, and raise them by what is released; a debt with nothing left goes."""
    paid = moved.amount_tiyin > 0
    if paid.any():
        _reduce_debts(session, moved.bill_id[paid], moved.amount_tiyin[paid])
    if not paid.all():
        _raise_debts(session, settlement.chosen(moved, ~paid))


def _reduce_debts(session: Session, bill_ids: Integers, parts: Integers) -> None:
    session.execute(_REDUCE, {"bill": bill_ids, "part": parts})


def _raise_debts(session: Session, released: BillAmounts) -> None:
    session.execute(_RAISE, {"bill": released.bill_id, "month": released.month_day, "part": -released.amount_tiyin})


def _write_allocations(
    session: Session,
    books: PostingAccounts,
    moved: BillAmounts,
    *,
    on: date,
    payment_id: Integers | None = None,
    adjustment_id: int | None = None,
) -> None:
    bulk.copy(
        session,
        "allocation",
        {
            "division_id": books.division_id[moved.account],
            "account_id": books.account_id[moved.account],
            "bill_id": moved.bill_id,
            "bill_month": bulk.dates(moved.month_day),
            "payment_id": payment_id,
            "adjustment_id": adjustment_id,
            "amount_tiyin": moved.amount_tiyin,
            "allocated_on": on,
        },
        len(moved.bill_id),
    )
