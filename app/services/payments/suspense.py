"""Money whose account is unknown: found by a person, transferred or given back after a second one agreed."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.administration import ApprovalKind, ApprovalStatus, roles
from app.domain.administration.translations import catalog_text
from app.domain.payments import PaymentMove, TenderEvent, TenderStatus
from app.models.accounts import Account
from app.models.administration import Approval
from app.models.payments import Tender
from app.queries import payments as queries
from app.services.administration import approvals
from app.services.payments.controls import SHIFT_COUNTED, open_cash_shift, release_from_suspense
from app.services.payments.tenders import Cancellation, cancel, reassign


class NotInSuspense(Exception):
    """The money has an account, was given back, or its transfer waits for a decision already."""


def ask_transfer(session: Session, tender_id: int, *, account_id: int | None, basis: str) -> Approval:
    """Ask a second person to transfer money in suspense to an account, or (without one) to give it back to the payer.

    :raises NotInSuspense: if it is not there, or was asked for already
    """
    tender = _locked(session, tender_id)
    asked = select(Approval.id).where(
        Approval.kind == ApprovalKind.TENDER_TRANSFER, Approval.subject_id == tender_id, Approval.status == ApprovalStatus.PENDING
    )
    if session.scalar(asked) is not None:
        raise NotInSuspense
    number = session.scalar(select(Account.number).where(Account.id == account_id)) if account_id else ""
    subject = tender.reference + (f" → {number}" if number else "")
    return approvals.ask(
        session, ApprovalKind.TENDER_TRANSFER, division_id=tender.division_id, subject=subject,
        subject_id=tender.id, contents={"account_id": account_id, "amount_tiyin": tender.amount_tiyin}, basis=basis,
    )  # fmt: skip


def _transfer(session: Session, request: Approval, today: date, now: datetime) -> None:
    """Give money its account, and it is posted like any other; or give it back."""
    tender, account_id = _locked(session, request.subject_id or 0), request.contents["account_id"]
    if account_id is None:
        record = queries.tender_by_id(session, tender.id)
        assert record is not None
        control_id = open_cash_shift(session, record.contract_id, request, today)
        cancel(session, record, Cancellation(TenderEvent.CANCEL, None, int(now.timestamp() * 1000), today, control_id=control_id))
        return
    release_from_suspense(session, tender.id, on=today, reason=request.basis or "transferred")
    reassign(session, tender.id, account_id)


def _locked(session: Session, tender_id: int) -> Tender:
    tender = session.execute(select(Tender).where(Tender.id == tender_id).with_for_update()).scalar_one_or_none()
    if tender is None or tender.account_id is not None or tender.status != TenderStatus.PERFORMED:
        raise NotInSuspense
    return tender


def _describe(request: Approval) -> dict[str, object]:
    return {"move": PaymentMove.REFUND if request.contents["account_id"] is None else request.contents.get("move")}


APPROVAL = approvals.declare(
    approvals.ApprovalSpec(
        ApprovalKind.TENDER_TRANSFER,
        catalog_text("Transfer of money in suspense"),
        catalog_text("approve transfers of money in suspense"),
        (roles.SUPERVISOR,),
        _transfer,
        page_of=approvals.page_of_subject("TenderView.show"),
        describe=_describe,
        too_late=(
            approvals.TooLate(NotInSuspense, catalog_text("The money is not in suspense any more: it found its account, or went back.")),
            SHIFT_COUNTED,
        ),
    )
)
