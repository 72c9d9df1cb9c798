"""Payments of an account, and money on its way there."""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.queries.holdings import ALWAYS, Holding
from app.queries.records import fetch_all


class AccountPayment(NamedTuple):
    """A payment as an account's list shows it."""

    id: int
    channel: str
    reference: str
    amount_tiyin: int
    received_on: date
    created_at: datetime
    created_by: str
    reverses_id: int | None
    reason: str | None
    reversed: bool


def account_payments(
    session: Session, account_id: int, *, held: Holding = ALWAYS, limit: int = 24, skipped: int = 0, before: int | None = None
) -> list[AccountPayment]:
    """Return an account's payments, newest first; a reversed one is marked.

    :param held: only what is of the time of its present consumer; the whole life of the account if not said
    :param skipped: so many of the newest are left out, as the pages before showed them
    :param before: only those with a smaller id; None: from the newest on
    """
    statement = """
        SELECT p.id, p.channel, p.reference, p.amount_tiyin, p.received_on, p.created_at, p.created_by, p.reverses_id, p.reason,
               EXISTS (SELECT 1 FROM payment r WHERE r.reverses_id = p.id) AS reversed
        FROM payment p WHERE p.account_id = :account_id
          AND (p.received_on, p.created_at) >= (CAST(:held_since AS date), CAST(:held_from AS timestamptz))
          AND (CAST(:before AS bigint) IS NULL OR p.id < :before)
        ORDER BY p.id DESC LIMIT :limit OFFSET :skipped
        """
    page = {"limit": limit, "skipped": skipped, "before": before}
    return fetch_all(session, statement, AccountPayment, account_id=account_id, **held.given, **page)


class TenderOnItsWay(NamedTuple):
    """Money of an account that is not posted yet, or that a provider announced and has not taken yet."""

    id: int
    channel: str
    amount_tiyin: int
    status: str
    created_at: datetime


def tenders_on_their_way(session: Session, account_id: int, *, since: datetime, held: Holding = ALWAYS) -> list[TenderOnItsWay]:
    """Return what was taken or announced for an account and is not among its payments yet, newest first.

    :param since: what was announced before that and never taken is left out
    :param held: only what is of the time of its present consumer; the whole life of the account if not said
    """
    statement = """
        SELECT t.id, k.channel, t.amount_tiyin, t.status, t.created_at
        FROM tender t JOIN payment_contract k ON k.id = t.payment_contract_id
        WHERE t.account_id = :account_id AND (t.waiting AND t.status = 'PERFORMED' OR t.status = 'CREATED' AND t.created_at > :since)
          AND t.created_at >= :held_from
        ORDER BY t.id DESC LIMIT 50
        """
    return fetch_all(session, statement, TenderOnItsWay, account_id=account_id, since=since, held_from=held.recorded_at)
