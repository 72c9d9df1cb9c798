"""Receipts of gateways: kept as they came, once; each moves its message as far as it proves."""

import hashlib
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.notices import NoticeStatus, ReceiptMeaning, ReceiptUse, status_by_receipt
from app.models.notices import DeliveryReceipt, Notice
from app.queries import locks
from app.queries.administration import whole_company
from app.queries.locks import Lock
from app.services.notices.outbox import reference_of


class ReceiptRequest(NamedTuple):
    """What a gateway said, under which contract."""

    contract_id: int
    reference: str
    meaning: ReceiptMeaning
    body: str


def take_receipt(session: Session, request: ReceiptRequest, *, now: datetime) -> ReceiptUse:
    """Keep a receipt and move its message; a repeat does nothing, and one about a message of another contract is kept only."""
    notice = _notice(session, request)
    if _is_known(session, request):
        return ReceiptUse.IGNORED
    use = ReceiptUse.UNKNOWN if notice is None else _applied(notice, request.meaning, now)
    receipt = DeliveryReceipt(
        division_id=whole_company(session) if notice is None else notice.division_id,
        message_contract_id=request.contract_id,
        notice_id=None if notice is None else notice.id,
        reference=request.reference,
        meaning=request.meaning,
        receipt_use=use,
        body=request.body,
        body_sha256=_digest(request.body),
    )
    session.add(receipt)
    session.flush()
    return use


def _notice(session: Session, request: ReceiptRequest) -> Notice | None:
    """Return the message a receipt is about, locked; only its own contract tells of it."""
    number = request.reference.removeprefix("notice-")
    if not (number.isascii() and number.isdecimal() and len(number) <= 18) or request.reference != reference_of(int(number)):
        return None
    wanted = select(Notice).where(Notice.id == int(number), Notice.message_contract_id == request.contract_id)
    return session.scalar(wanted.with_for_update())


def _is_known(session: Session, request: ReceiptRequest) -> bool:
    locks.acquire(session, Lock.KEY, DeliveryReceipt.__tablename__, request.contract_id, _digest(request.body))
    same = (DeliveryReceipt.message_contract_id == request.contract_id, DeliveryReceipt.body_sha256 == _digest(request.body))
    return session.scalar(select(DeliveryReceipt.id).where(*same)) is not None


def _applied(notice: Notice, meaning: ReceiptMeaning, now: datetime) -> ReceiptUse:
    status = status_by_receipt(notice.status, meaning)
    if status is None:
        return ReceiptUse.IGNORED
    notice.status = status
    notice.sent_at = notice.sent_at or now
    if status == NoticeStatus.DELIVERED:
        notice.delivered_at, notice.problem, notice.detail = now, None, None
    return ReceiptUse.APPLIED


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode(errors="surrogatepass")).hexdigest()
