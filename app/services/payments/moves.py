"""Payments given back, moved to another account or put into suspense: asked for by one person, done when a second one agrees.

The payment stays in the books; a further one reverses it. Its tender then has another account, or none, and is credited anew.
"""

from datetime import date, datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.administration import ApprovalKind, ApprovalStatus, roles
from app.domain.administration.translations import catalog_text
from app.domain.payments import PaymentMove, TenderEvent, TenderStatus
from app.domain.payments.channels import Channel
from app.models.accounts import Account
from app.models.administration import Approval
from app.models.payments import Payment
from app.queries import payments as queries
from app.queries.payments import TenderRecord
from app.services.administration import approvals
from app.services.payments import controls
from app.services.payments.booking import MoneyReceived, PaymentAlreadyReversed, book, check_stands, reverse
from app.services.payments.crediting import credit_tender, standing_payments
from app.services.payments.tenders import Cancellation, cancel, reassign


class AskedAlready(Exception):
    """A request about the payment waits for a decision."""


class SameAccount(Exception):
    """A payment is moved to another account than its own."""


class NoTender(Exception):
    """Only what came as a tender has a place in suspense."""


def ask(session: Session, payment_id: int, move: PaymentMove, *, account_id: int | None, reason: str) -> Approval:
    """Ask a second person to give a payment back, or to move it.

    :param account_id: where it is moved to; None with any other move
    :raises PaymentAlreadyReversed: if it was reversed before, or is itself a reversal
    :raises AskedAlready: if a request about it waits
    :raises SameAccount: if it is to be moved where it is
    :raises NoTender: if it is to be put into suspense and never was a tender
    """
    assert (move == PaymentMove.TRANSFER) == (account_id is not None)
    payment = _standing(session, payment_id)
    waiting = select(Approval.id).where(
        Approval.kind == ApprovalKind.PAYMENT_MOVE, Approval.subject_id == payment_id, Approval.status == ApprovalStatus.PENDING
    )
    if session.scalar(waiting) is not None:
        raise AskedAlready
    if account_id == payment.account_id:
        raise SameAccount
    if move == PaymentMove.SUSPENSE and payment.tender_id is None:
        raise NoTender
    here = session.execute(select(Account.number).where(Account.id == payment.account_id)).scalar_one()
    there = session.scalar(select(Account.number).where(Account.id == account_id)) if account_id else ""
    subject = f"№ {payment.id}: {here}" + (f" → {there}" if there else "")
    return approvals.ask(
        session, ApprovalKind.PAYMENT_MOVE, division_id=payment.division_id, subject=subject,
        subject_id=payment.id, contents={"move": move, "account_id": account_id, "amount_tiyin": payment.amount_tiyin}, basis=reason,
    )  # fmt: skip


def _move(session: Session, request: Approval, today: date, now: datetime) -> None:
    payment = _standing(session, request.subject_id or 0)
    if payment.tender_id is None:
        _move_booked(session, payment, request, today)
    elif request.contents["move"] == PaymentMove.REFUND:
        _give_back(session, payment, request, today, now)
    else:
        _give_account(session, payment, request, today)


def _move_booked(session: Session, payment: Payment, request: Approval, today: date) -> None:
    """Reverse a payment that never was a tender, and book it where it belongs."""
    reverse(session, payment.id, reference=f"reversal:{payment.id}", reason=request.basis or "", reversed_on=today)
    if account_id := request.contents["account_id"]:
        book(session, MoneyReceived(Channel(payment.channel), f"moved:{payment.id}", account_id, payment.amount_tiyin), received_on=today)


def _give_back(session: Session, payment: Payment, request: Approval, today: date, now: datetime) -> None:
    """Reverse a tender; cash goes out of the shift of who asked, other money back the way it came, on the provider's day.

    :raises ShiftCounted: if his shift gives nothing more
    """
    tender = _tender(session, payment)
    control_id = controls.open_cash_shift(session, tender.contract_id, request, today)
    cancel(session, tender, Cancellation(TenderEvent.CANCEL, None, int(now.timestamp() * 1000), today, control_id=control_id))
    session.execute(text("UPDATE tender SET purpose = :reason WHERE id = :id"), {"id": tender.id, "reason": (request.basis or "")[:500]})
    credit_tender(session, tender.id, today=today)


def _give_account(session: Session, payment: Payment, request: Approval, today: date) -> None:
    """Reverse a payment and give its tender another account, or none: then it is in suspense."""
    tender, account_id = _tender(session, payment), request.contents["account_id"]
    # A payment by the number of a contract is several: all of the tender's money moves.
    for payment_id in standing_payments(session, tender.id):
        reverse(session, payment_id, reference=f"reversal:{payment_id}", reason=request.basis or "", reversed_on=today)
    reassign(session, tender.id, account_id)
    if account_id:
        credit_tender(session, tender.id, today=today)
    else:
        controls.enter_suspense(session, tender.id, on=today, reason=request.basis or "moved")


def _standing(session: Session, payment_id: int) -> Payment:
    """Return a payment that can be reversed; whoever reverses it locks its account and looks again.

    :raises PaymentAlreadyReversed: if it was reversed before, or is itself a reversal
    """
    payment = session.execute(select(Payment).where(Payment.id == payment_id)).scalar_one()
    check_stands(session, payment)
    return payment


def _tender(session: Session, payment: Payment) -> TenderRecord:
    """Return a payment's tender, locked.

    :raises PaymentAlreadyReversed: if its provider took it back meanwhile
    """
    tender = queries.tender_by_id(session, payment.tender_id or 0, lock=True)
    if tender is None or tender.status != TenderStatus.PERFORMED:
        raise PaymentAlreadyReversed
    return tender


APPROVAL = approvals.declare(
    approvals.ApprovalSpec(
        ApprovalKind.PAYMENT_MOVE,
        catalog_text("A payment moved or given back"),
        catalog_text("approve that payments are moved or given back"),
        (roles.SUPERVISOR,),
        _move,
        page_of=approvals.page_of_subject("PaymentView.show"),
        describe=lambda request: {"move": request.contents.get("move")},
        too_late=(
            approvals.TooLate(PaymentAlreadyReversed, catalog_text("This payment was reversed already, or is itself a reversal.")),
            controls.SHIFT_COUNTED,
        ),
    )
)
