"""Money whose account is unknown: found by a person, transferred after a second one agreed."""

from datetime import date, datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.administration import ApprovalKind, ApprovalStatus
from app.domain.payments import ControlAccount, TenderStatus
from app.models.accounts import Account
from app.models.administration import Approval
from app.models.payments import ControlEntry, Tender
from app.services.administration import approvals


class NotInSuspense(Exception):
    """The money has an account, was given back, or its transfer waits for a decision already."""


def ask_transfer(session: Session, tender_id: int, *, account_id: int, basis: str) -> Approval:
    """Ask a second person to transfer money in suspense to an account.

    :raises NotInSuspense: if it is not there, or was asked for already
    """
    tender = _locked(session, tender_id)
    asked = select(Approval.id).where(
        Approval.kind == ApprovalKind.TENDER_TRANSFER, Approval.subject_id == tender_id, Approval.status == ApprovalStatus.PENDING
    )
    if session.scalar(asked) is not None:
        raise NotInSuspense
    account = session.execute(select(Account).where(Account.id == account_id)).scalar_one()
    return approvals.ask(
        session, ApprovalKind.TENDER_TRANSFER, division_id=tender.division_id, subject=f"{tender.reference} → {account.number}",
        subject_id=tender.id, contents={"account_id": account.id}, basis=basis,
    )  # fmt: skip


@approvals.decides(ApprovalKind.TENDER_TRANSFER)
def _transfer(session: Session, request: Approval, today: date, _now: datetime) -> None:
    """Give money its account; the ledger hears of it like of any other."""
    if request.status != ApprovalStatus.APPROVED:
        return
    tender = _locked(session, request.subject_id or 0)
    account = session.execute(select(Account).where(Account.id == int(request.contents["account_id"]))).scalar_one()
    session.add(
        ControlEntry(
            division_id=tender.division_id,
            payment_control_id=tender.payment_control_id,
            tender_id=tender.id,
            debit=ControlAccount.SUSPENSE,
            credit=ControlAccount.PROVIDER,
            amount_tiyin=tender.amount_tiyin,
            posted_on=today,
            reason=(request.basis or "transferred")[:300],
        )
    )
    session.execute(
        text("UPDATE tender SET account_id = :account_id, division_id = :division_id, waiting = true WHERE id = :id"),
        {"id": tender.id, "account_id": account.id, "division_id": account.division_id},
    )


def _locked(session: Session, tender_id: int) -> Tender:
    tender = session.execute(select(Tender).where(Tender.id == tender_id).with_for_update()).scalar_one_or_none()
    if tender is None or tender.account_id is not None or tender.status != TenderStatus.PERFORMED:
        raise NotInSuspense
    return tender
