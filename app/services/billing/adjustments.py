"""Credit and debit notes: money given back to a consumer at once, or asked for on the next bill.

Above the operating parameter ``billing.adjustment_limit_som``, for an account and a person in a day, a second person approves a note,
and the undoing of one.
A debit note is a billable charge; it is taken back as every charge is. A credit note lowers revenue and VAT; its money
goes to the oldest debts, what is left is an advance. Its allocations name it. It counts for the month it is posted in, or
for the first open month where that one is closed.
"""

from datetime import date, datetime
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.domain import ledger
from app.domain.administration import ApprovalKind, ApprovalStatus, roles
from app.domain.administration.translations import catalog_text
from app.domain.billing import Component
from app.domain.billing.corrections import AdjustmentKind
from app.domain.calendar import day_number, month_start, months_after
from app.domain.ledger import DocumentKind, LedgerAccount
from app.domain.values import MAX_AMOUNT_TIYIN, AmountTooLarge, Integers, vat_inside
from app.models.accounts import Account
from app.models.administration import Approval
from app.models.billing import BillableCharge
from app.models.billing.corrections import Adjustment
from app.queries import ledger as ledger_queries
from app.queries import locks, tariffs
from app.queries.locks import Lock
from app.services import ledger as ledger_service
from app.services.administration import approvals, limits
from app.services.ledger import PostingAccounts
from app.services.once import added, once


class ConflictingNote(Exception):
    """The reference was used for another credit note; the text is that one's id."""


class NoteAlreadyReversed(Exception):
    """A credit note is reversed once, and a reversal is not reversed."""


class CreditNote(NamedTuple):
    """Money to give back, VAT included, and the document that says so."""

    account_id: int
    amount_tiyin: int
    vat_tiyin: int
    basis: str
    #: idempotency key
    reference: str


class NoteRequest(NamedTuple):
    """A note somebody wants: which way, how much, VAT included, and the document that says so."""

    kind: AdjustmentKind
    account_id: int
    amount_tiyin: int
    basis: str
    #: idempotency key
    reference: str


NoteResult = Adjustment | BillableCharge | Approval


def adjust(session: Session, wish: NoteRequest, *, today: date) -> NoteResult:
    """Write a note, or above the limit put it before a second person; a repeat gives what the first gave.

    :raises AmountTooLarge: if the amount is beyond what the system carries
    :raises ConflictingNote: if the reference was used with other contents
    """
    kind, key, contents = ApprovalKind.ADJUSTMENT, Approval.contents["reference"].astext, wish._asdict()
    account = session.execute(select(Account).where(Account.id == wish.account_id)).scalar_one()
    asked = select(Approval).where(Approval.kind == kind, key == wish.reference)
    # Before anything is counted, so that a repeat is not counted again.
    locks.acquire(session, Lock.KEY, kind, wish.reference)
    if session.scalar(asked) is None and (_is_made(session, wish) or _use_limit(session, account, wish.amount_tiyin, today)):
        return _make(session, wish, today=today)
    return once(
        session,
        (kind, wish.reference),
        find=asked,
        contents={"contents": contents},
        conflict=ConflictingNote,
        make=lambda: approvals.ask(
            session, kind, division_id=account.division_id, subject=repr(account), contents=contents, basis=wish.basis
        ),
    )


def reverse_note(session: Session, adjustment_id: int, *, basis: str, today: date) -> Adjustment | Approval:
    """Reverse a credit note, or above the limit put that before a second person.

    :raises NoteAlreadyReversed: if it was reversed before, or is itself a reversal
    """
    note = _reversible(session, adjustment_id)
    if _use_limit(session, note.account, note.amount_tiyin, today):
        return reverse(session, adjustment_id, basis=basis, posted_on=today)
    waiting = session.scalar(
        select(Approval).where(
            Approval.kind == ApprovalKind.ADJUSTMENT, Approval.subject_id == note.id, Approval.status == ApprovalStatus.PENDING
        )
    )
    contents = {"reverses_id": note.id, "amount_tiyin": note.amount_tiyin}
    return waiting or approvals.ask(
        session, ApprovalKind.ADJUSTMENT, division_id=note.division_id, subject=repr(note.account), subject_id=note.id,
        contents=contents, basis=basis,
    )  # fmt: skip


def apply(session: Session, request: Approval, today: date, _now: datetime) -> None:
    """Write an approved note, or reverse one."""
    if request.subject_id is not None:
        reverse(session, request.subject_id, basis=request.basis or "", posted_on=today)
    else:
        wish = NoteRequest(**{**request.contents, "kind": AdjustmentKind(request.contents["kind"])})
        _make(session, wish, today=today)


def vat_of(session: Session, amount_tiyin: int, day: date) -> int:
    """Return the VAT inside an amount by the rate of a day."""
    return int(vat_inside(np.array([amount_tiyin]), np.array([tariffs.vat_percent_e2(session, day)]))[0])


def _use_limit(session: Session, account: Account, amount_tiyin: int, today: date) -> bool:
    """Count a sum against what one person may do alone in a day; return whether he may."""
    code = "billing.adjustment_limit_som"
    return limits.use(session, code, amount_tiyin, division_id=account.division_id, account_id=account.id, today=today)


def _is_made(session: Session, wish: NoteRequest) -> bool:
    """Return whether a note was made with the reference before."""
    if wish.kind == AdjustmentKind.CREDIT_NOTE:
        return session.scalar(select(Adjustment.id).where(Adjustment.reference == wish.reference)) is not None
    return session.scalar(_debits(wish.account_id, wish.reference)) is not None


def _debits(account_id: int, reference: str) -> Select[Any]:
    return select(BillableCharge).where(BillableCharge.account_id == account_id, BillableCharge.derivation["reference"].astext == reference)


def _make(session: Session, wish: NoteRequest, *, today: date) -> Adjustment | BillableCharge:
    if wish.kind == AdjustmentKind.CREDIT_NOTE:
        vat = vat_of(session, wish.amount_tiyin, today)
        return credit(session, CreditNote(wish.account_id, wish.amount_tiyin, vat, wish.basis, wish.reference), posted_on=today)
    return debit(session, wish, today=today)


def debit(session: Session, wish: NoteRequest, *, today: date) -> BillableCharge:
    """Ask for money on the next bill, once a reference; whoever calls has seen to it that it may be asked for.

    :raises AmountTooLarge: if the amount is beyond what the system carries
    :raises ConflictingNote: if the reference was used with other contents
    """
    if wish.amount_tiyin > MAX_AMOUNT_TIYIN:
        raise AmountTooLarge
    account = session.execute(select(Account).where(Account.id == wish.account_id)).scalar_one()
    charge = BillableCharge(
        division_id=account.division_id,
        account_id=account.id,
        component=Component.ADJUSTMENT,
        period_from=month_start(today),
        period_to=months_after(today, 1),
        amount_tiyin=wish.amount_tiyin,
        vat_tiyin=vat_of(session, wish.amount_tiyin, today),
        basis=wish.basis,
        derivation={"reference": wish.reference},
    )
    return once(
        session,
        ("billable_charge", wish.reference),
        find=_debits(account.id, wish.reference),
        contents={"amount_tiyin": wish.amount_tiyin, "basis": wish.basis},
        conflict=ConflictingNote,
        make=lambda: added(session, charge),
    )


def credit(session: Session, note: CreditNote, *, posted_on: date) -> Adjustment:
    """Give money back once; a repeat returns the first note.

    :raises ConflictingNote: if the reference was used with other contents
    :raises AmountTooLarge: if the amount is beyond what the system carries
    """
    if note.amount_tiyin > MAX_AMOUNT_TIYIN:
        raise AmountTooLarge
    return once(
        session,
        ("adjustment", note.reference),
        find=select(Adjustment).where(Adjustment.reference == note.reference),
        contents=note._asdict(),
        conflict=ConflictingNote,
        make=lambda: _credit(session, note, posted_on),
    )


def _credit(session: Session, note: CreditNote, posted_on: date) -> Adjustment:
    ids = np.array([note.account_id], dtype=np.int64)
    _, advance = ledger_service.lock_positions(session, ids)
    books = PostingAccounts(ids, ledger_queries.divisions_of(session, ids))
    made = added(session, Adjustment(division_id=int(books.division_id[0]), posted_on=posted_on, **note._asdict()))
    _post(session, books, made, advance + note.amount_tiyin, sign=1)
    return made


def reverse(session: Session, adjustment_id: int, *, basis: str, posted_on: date) -> Adjustment:
    """Reverse a credit note by a further one: what is left as advance goes first, then the newest allocations.

    :raises NoteAlreadyReversed: if it was reversed before, or is itself a reversal
    """
    note = session.execute(select(Adjustment).where(Adjustment.id == adjustment_id)).scalar_one()
    ids = np.array([note.account_id], dtype=np.int64)
    _, advance = ledger_service.lock_positions(session, ids)
    _reversible(session, adjustment_id)
    books = PostingAccounts(ids, np.array([note.division_id], dtype=np.int64))
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
    added(session, made)
    _post(session, books, made, advance - note.amount_tiyin, sign=-1)
    return made


def _reversible(session: Session, adjustment_id: int) -> Adjustment:
    note = session.execute(select(Adjustment).where(Adjustment.id == adjustment_id)).scalar_one()
    if note.reverses_id or session.scalar(select(Adjustment.id).where(Adjustment.reverses_id == note.id)):
        raise NoteAlreadyReversed
    return note


def _post(session: Session, books: PostingAccounts, note: Adjustment, pool_tiyin: Integers, *, sign: int) -> None:
    """Post a credit note (sign 1) or its reversal (−1), and settle the pool that it leaves."""
    moved = ledger_service.settle(session, books, pool_tiyin, on=note.posted_on, adjustment_id=note.id)
    one, document = np.zeros(1, dtype=np.int64), np.array([note.id], dtype=np.int64)
    month = month_start(note.posted_on)
    sums = ((LedgerAccount.REVENUE, note.amount_tiyin - note.vat_tiyin), (LedgerAccount.VAT, note.vat_tiyin))
    given = [
        ledger.entries(
            DocumentKind.ADJUSTMENT,
            debit,
            LedgerAccount.ADVANCE,
            account=one,
            document=document,
            month_day=one + day_number(month),
            amount_tiyin=np.array([sign * amount]),
        )
        for debit, amount in sums
    ]
    entries = ledger.joined(*given, moved)
    ledger_service.post(session, books, entries, month=month, posted_on=note.posted_on)


def _page_of(request: Approval) -> approvals.PageAddress:
    if request.subject_id is not None:
        return "AdjustmentView.show", {"pk": request.subject_id}
    return "AccountView.show", {"pk": request.contents["account_id"]}


APPROVAL = approvals.declare(
    approvals.ApprovalSpec(
        ApprovalKind.ADJUSTMENT,
        catalog_text("Adjustment over the limit"),
        catalog_text("approve adjustments over the limit"),
        (roles.SUPERVISOR,),
        apply,
        page_of=_page_of,
        describe=lambda request: {"note_kind": request.contents.get("kind")},
        too_late=(approvals.TooLate(NoteAlreadyReversed, catalog_text("This credit note was reversed already, or reverses another one.")),),
    )
)
