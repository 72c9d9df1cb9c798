"""Money over the counter: taken into the cashier's shift and booked at once, or given back out of it."""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.payments import TenderEvent, TenderStatus
from app.models.payments import Payment, PaymentContract, Tender
from app.queries import payments as queries
from app.services.payments.booking import AlreadyReversed, ConflictingRepeat, reverse
from app.services.payments.controls import cash_contract, shift
from app.services.payments.crediting import credit_tender
from app.services.payments.tenders import Asked, Undoing, cancel, take


class PaymentsBlocked(Exception):
    """No money may be taken for an account until another debt is paid."""


class Cash(NamedTuple):
    """Money a consumer puts on the counter."""

    #: the form's key, which makes a second Enter harmless
    reference: str
    account_number: str
    amount_tiyin: int


class Cashier(NamedTuple):
    """Who takes or gives money, and for which division."""

    name: str
    division_id: int


def take_cash(session: Session, cash: Cash, *, cashier: Cashier, now: datetime, today: date) -> int:
    """Book money over the counter once and return the payment's id; a repeat returns the first's.

    :raises ConflictingRepeat: if the form was used for another sum or account
    :raises PaymentsBlocked: if no money may be taken for the account
    :raises ShiftCounted: if the cashier's shift takes nothing more
    """
    now_ms = int(now.timestamp() * 1000)
    control = shift(session, cashier=cashier.name, division_id=cashier.division_id, today=today)
    asked = Asked(
        cash_contract(session), cash.reference, cash.account_number, cash.amount_tiyin, now_ms, is_performed=True, control_id=control.id,
        at_counter=True,
    )  # fmt: skip
    (taken,) = take(session, [asked], now_ms=now_ms, today=today)
    if taken.tender is None:
        raise PaymentsBlocked
    if not taken.agrees(asked):
        raise ConflictingRepeat(str(taken.tender.id))
    return credit_tender(session, taken.tender.id, today=today)


def give_back(session: Session, payment_id: int, *, cashier: Cashier, reason: str, now: datetime, today: date) -> int:
    """Undo a payment by a further one; what came over the counter goes back out of the cashier's shift.

    :raises AlreadyReversed: if it was undone before, or is itself an undoing
    :raises ShiftCounted: if the cashier's shift gives nothing more
    """
    tender = _cash_tender(session, payment_id)
    if tender is None:
        return reverse(session, payment_id, reference=f"reversal:{payment_id}", reason=reason, reversed_on=today)
    found = queries.tender_of(session, cash_contract(session), tender.id, lock=True)
    if found is None or found.status != TenderStatus.PERFORMED:
        raise AlreadyReversed
    control = shift(session, cashier=cashier.name, division_id=cashier.division_id, today=today)
    cancel(session, found, Undoing(TenderEvent.CANCEL, None, int(now.timestamp() * 1000), today, control_id=control.id))
    session.execute(text("UPDATE tender SET purpose = :reason WHERE id = :id"), {"id": tender.id, "reason": reason[:500]})
    return credit_tender(session, tender.id, today=today)


def _cash_tender(session: Session, payment_id: int) -> Tender | None:
    """Return the tender of a payment over the counter."""
    statement = (
        select(Tender).join(Payment, Payment.tender_id == Tender.id).join(PaymentContract, PaymentContract.id == Tender.payment_contract_id)
    )
    return session.execute(statement.where(Payment.id == payment_id, PaymentContract.channel == "CASHIER")).scalar_one_or_none()
