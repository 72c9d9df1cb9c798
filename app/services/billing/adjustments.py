"""Credit notes: money given back to a consumer at once, and taken again when a note is reversed.

A credit note lowers revenue and VAT; its money goes to the oldest debts, what is left is an advance. Its allocations name it.
It counts for the month it is posted in, or for the first open month where that one is closed.
"""

from datetime import date
from typing import NamedTuple

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain import ledger, payments
from app.domain.calendar import month_start
from app.domain.ledger import DocumentKind, Entries, LedgerAccount
from app.domain.values import MAX_AMOUNT_TIYIN, AmountTooLarge, Integers
from app.models.corrections import Adjustment
from app.queries import ledger as ledger_queries
from app.queries.billing import corrections as queries
from app.services import ledger as ledger_service
from app.services.ledger import Books


class ConflictingNote(Exception):
    """The reference was used for another credit note; the text is that one's id."""


class AlreadyReversed(Exception):
    """A credit note is undone once, and an undoing is not undone."""


class CreditNote(NamedTuple):
    """Money to give back, VAT included, and the document that says so."""

    account_id: int
    amount_tiyin: int
    vat_tiyin: int
    basis: str
    #: idempotency key
    reference: str


def credit(session: Session, note: CreditNote, *, posted_on: date) -> Adjustment:
    """Give money back once; a repeat returns the first note.

    :raises ConflictingNote: if the reference was used with other contents
    :raises AmountTooLarge: if the amount is beyond what the system carries
    """
    if note.amount_tiyin > MAX_AMOUNT_TIYIN:
        raise AmountTooLarge
    ids = np.array([note.account_id], dtype=np.int64)
    _, advance = ledger_service.lock_positions(session, ids)
    first: Adjustment | None = session.scalar(select(Adjustment).where(Adjustment.reference == note.reference))
    if first is not None:
        if any(getattr(first, name) != value for name, value in note._asdict().items()):
            raise ConflictingNote(str(first.id))
        return first
    books = Books(ids, ledger_queries.divisions_of(session, ids))
    made = Adjustment(division_id=int(books.division_id[0]), posted_on=posted_on, **note._asdict())
    session.add(made)
    session.flush()
    debts = ledger_queries.open_debts(session, ids)
    parts, _ = payments.allocate(advance + note.amount_tiyin, np.zeros(len(debts.bill_id), dtype=np.int64), debts.remaining_tiyin)
    kept = parts > 0
    ledger_service.reduce_debts(session, debts.bill_id[kept], parts[kept])
    moved = _set_against(session, books, made, debts.bill_id[kept], parts[kept])
    _post(session, books, made, moved, sign=1)
    return made


def reverse(session: Session, adjustment_id: int, *, basis: str, posted_on: date) -> Adjustment:
    """Undo a credit note by a further one: what is left as advance goes first, then the newest allocations.

    :raises AlreadyReversed: if it was undone before, or is itself an undoing
    """
    note = session.execute(select(Adjustment).where(Adjustment.id == adjustment_id)).scalar_one()
    ids = np.array([note.account_id], dtype=np.int64)
    _, advance = ledger_service.lock_positions(session, ids)
    if note.reverses_id or session.scalar(select(Adjustment.id).where(Adjustment.reverses_id == note.id)):
        raise AlreadyReversed
    books = Books(ids, np.array([note.division_id], dtype=np.int64))
    made = Adjustment(
        division_id=note.division_id,
        account_id=note.account_id,
        amount_tiyin=note.amount_tiyin,
        vat_tiyin=note.vat_tiyin,
        posted_on=posted_on,
        basis=basis,
        reference=f"reversal:{note.id}",
        reverses_id=note.id,
    )
    session.add(made)
    session.flush()
    missing = np.maximum(note.amount_tiyin - advance, 0)
    bill, _, allocated = queries.allocated_bills(session, ids, without=ids[:0])
    parts, left = payments.allocate(missing, np.zeros(len(bill), dtype=np.int64), allocated)
    assert not left.any(), "more was given back than is set against bills or left as an advance"
    kept = parts > 0
    ledger_service.raise_debts(session, bill[kept], parts[kept])
    moved = _set_against(session, books, made, bill[kept], -parts[kept])
    _post(session, books, made, moved, sign=-1)
    return made


def _set_against(session: Session, books: Books, note: Adjustment, bills: Integers, parts: Integers) -> Entries:
    owner = np.zeros(len(parts), dtype=np.int64)
    ledger_service.write_allocations(session, books, owner, bills, parts, on=note.posted_on, adjustment_id=note.id)
    return ledger.entries(
        DocumentKind.ADVANCE_USE, LedgerAccount.ADVANCE, LedgerAccount.RECEIVABLE, account=owner, document=bills, amount_tiyin=parts
    )


def _post(session: Session, books: Books, note: Adjustment, moved: Entries, *, sign: int) -> None:
    one, document = np.zeros(1, dtype=np.int64), np.array([note.id], dtype=np.int64)
    sums = ((LedgerAccount.REVENUE, note.amount_tiyin - note.vat_tiyin), (LedgerAccount.VAT, note.vat_tiyin))
    given = [
        ledger.entries(
            DocumentKind.ADJUSTMENT, debit, LedgerAccount.ADVANCE, account=one, document=document, amount_tiyin=np.array([sign * amount])
        )
        for debit, amount in sums
    ]
    entries = ledger.joined(*given, moved)
    ledger_service.post(session, books, entries, month=month_start(note.posted_on), posted_on=note.posted_on)
