"""Consumers who want to know of each payment are told in the transaction that books it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.notices import NoticeKind
from app.queries.records import fetch_all
from app.services import notices


class _Paid(NamedTuple):
    account_id: int
    amount_tiyin: int
    received_on: date
    created_at: datetime


_WANTED = """
    SELECT p.account_id, p.amount_tiyin, p.received_on, p.created_at
    FROM payment p JOIN notice_preference f ON f.account_id = p.account_id AND f.notice_kind = 'PAYMENT_RECEIVED'
    WHERE p.id = ANY(:ids) AND p.amount_tiyin > 0 AND (f.by_sms OR f.by_email OR f.by_portal) ORDER BY p.id
    """


def tell_payers(session: Session, payment_ids: Sequence[int]) -> None:
    """Write to those who chose to be told of the payments of their accounts."""
    found = fetch_all(session, _WANTED, _Paid, ids=list(payment_ids))
    told = [notices.NoticeAbout(each.account_id, {"amount": each.amount_tiyin, "day": each.received_on}) for each in found]
    if told:
        notices.notify_many(session, NoticeKind.PAYMENT_RECEIVED, told, now=found[0].created_at)
