"""Receipts of gateways: kept as they came, once; each moves its message as far as it proves."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.domain.notices import NoticeStatus, ReceiptMeaning, ReceiptUse, status_by_receipt
from app.models.notices import DeliveryReceipt, Notice
from app.queries.administration import whole_company
from app.services.notices.outbox import reference_of


class ReceiptRequest(NamedTuple):
    """What a gateway said, under which contract."""

    contract_id: int
    reference: str
    meaning: ReceiptMeaning
    body: str


def take_receipt(session: Session, request: ReceiptRequest, *, now: datetime) -> ReceiptUse:
    """Keep a receipt and move its message; as ``take_receipts`` does."""
    return take_receipts(session, [request], now=now)[0]


def take_receipts(session: Session, requests: Sequence[ReceiptRequest], *, now: datetime) -> list[ReceiptUse]:
    """Keep the receipts of one call in a few statements, move their messages, and return what was done with each, in their order.

    A repeat does nothing, and a receipt about a message of another contract is kept only. Messages are locked by their numbers, as the
    sending job locks them, so that neither waits for the other in a circle.

    :param requests: all of one contract
    """
    digests = [_digest(each.body) for each in requests]
    found, known = _notices(session, requests), _known(session, requests, digests)
    company, uses, rows = whole_company(session), [], {}
    for request, digest in zip(requests, digests, strict=True):
        if digest in known:
            uses.append(ReceiptUse.IGNORED)
            continue
        known.add(digest)
        notice = found.get(request.reference)
        uses.append(ReceiptUse.UNKNOWN if notice is None else _applied(notice, request.meaning, now))
        of_notice = {"division_id": notice.division_id if notice else company, "notice_id": notice.id if notice else None}
        rows[digest] = of_notice | _said(request) | {"receipt_use": uses[-1], "body_sha256": digest}
    session.flush()
    if rows:
        # Of those that two calls bring at once and that move no message, one is kept.
        added = insert(DeliveryReceipt).on_conflict_do_nothing(index_elements=["message_contract_id", "body_sha256"])
        session.execute(added, [rows[digest] for digest in sorted(rows)])
    return uses


def _notices(session: Session, requests: Sequence[ReceiptRequest]) -> Mapping[str, Notice]:
    """Return the messages receipts are about by their references, locked; only its own contract tells of a message."""
    ids = sorted({number for each in requests if (number := _number(each.reference)) is not None})
    if not ids:
        return {}
    wanted = select(Notice).where(Notice.id.in_(ids), Notice.message_contract_id == requests[0].contract_id)
    return {reference_of(each.id): each for each in session.scalars(wanted.order_by(Notice.id).with_for_update())}


def _number(reference: str) -> int | None:
    """Return our number of the message a gateway names, or None if it is no number of ours."""
    number = reference.removeprefix("notice-")
    is_ours = number.isascii() and number.isdecimal() and len(number) <= 18 and reference == reference_of(int(number))
    return int(number) if is_ours else None


def _known(session: Session, requests: Sequence[ReceiptRequest], digests: Sequence[str]) -> set[str]:
    same = (DeliveryReceipt.message_contract_id == requests[0].contract_id, DeliveryReceipt.body_sha256.in_(digests))
    return set(session.scalars(select(DeliveryReceipt.body_sha256).where(*same)))


def _said(request: ReceiptRequest) -> dict[str, Any]:
    return {
        "message_contract_id": request.contract_id, "reference": request.reference, "meaning": request.meaning, "body": request.body,
    }  # fmt: skip


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
