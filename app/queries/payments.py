"""Payments, tenders and contracts with payment providers."""

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session


class ContractRecord(NamedTuple):
    """A contract with a payment provider."""

    id: int
    channel: str
    merchant_number: str
    key_sha256: str
    smallest_tiyin: int
    largest_tiyin: int


class TenderRecord(NamedTuple):
    """A tender as its provider asks about it."""

    id: int
    reference: str
    account_id: int
    account_number: str
    amount_tiyin: int
    status: str
    provider_ms: int
    created_ms: int
    performed_ms: int
    cancelled_ms: int
    cancel_reason: int | None


class Receipt(NamedTuple):
    """What a receipt shows."""

    id: int
    account_id: int
    account_number: str
    consumer_name: str
    address: str
    channel: str
    amount_tiyin: int
    received_on: date
    created_by: str
    debt_tiyin: int
    advance_tiyin: int
    reverses_id: int | None
    reversed_by: int | None


_TENDER = (
    "SELECT t.id, t.reference, t.account_id, a.number, t.amount_tiyin, t.status, t.provider_ms, t.created_ms, t.performed_ms, "
    "t.cancelled_ms, t.cancel_reason FROM tender t JOIN account a ON a.id = t.account_id "
)


def contract(session: Session, channel: str) -> ContractRecord | None:
    """Return the active contract of a channel."""
    statement = text(
        "SELECT id, channel, merchant_number, key_sha256, smallest_tiyin, largest_tiyin FROM payment_contract "
        "WHERE channel = :channel AND is_active ORDER BY id DESC LIMIT 1"
    )
    row = session.execute(statement, {"channel": channel}).one_or_none()
    return ContractRecord(*row) if row else None


def tender(session: Session, contract_id: int, reference: str, *, lock: bool = False) -> TenderRecord | None:
    """Return a tender by the provider's number; locked, nobody else moves it meanwhile."""
    statement = text(
        f"{_TENDER} WHERE t.payment_contract_id = :contract_id AND t.reference = :reference {'FOR UPDATE OF t' if lock else ''}"
    )
    row = session.execute(statement, {"contract_id": contract_id, "reference": reference}).one_or_none()
    return TenderRecord(*row) if row else None


def tenders_between(session: Session, contract_id: int, first_ms: int, last_ms: int) -> list[TenderRecord]:
    """Return tenders by the provider's moment, both ends included, in its order."""
    statement = text(
        f"{_TENDER} WHERE t.payment_contract_id = :contract_id AND t.provider_ms BETWEEN :first AND :last "
        "ORDER BY t.provider_ms, t.id LIMIT 10000"
    )
    rows = session.execute(statement, {"contract_id": contract_id, "first": first_ms, "last": last_ms})
    return [TenderRecord(*row) for row in rows]


def receipt(session: Session, payment_id: int) -> Receipt | None:
    """Return what a payment's receipt shows, or None if it is not there (or not the reader's)."""
    statement = text(
        """
        SELECT p.id, p.account_id, a.number, c.name, coalesce(concat_ws(', ', st.name, sp.house || coalesce('-' || sp.flat, '')), ''),
               p.channel, p.amount_tiyin, p.received_on, p.created_by, q.debt_tiyin, q.advance_tiyin, p.reverses_id,
               (SELECT r.id FROM payment r WHERE r.reverses_id = p.id)
        FROM payment p JOIN account a ON a.id = p.account_id JOIN consumer c ON c.id = a.consumer_id
        JOIN account_position q ON q.account_id = p.account_id
        LEFT JOIN LATERAL (SELECT * FROM supply s WHERE s.account_id = a.id ORDER BY s.valid_from DESC LIMIT 1) s ON true
        LEFT JOIN service_point sp ON sp.id = s.service_point_id LEFT JOIN street st ON st.id = sp.street_id
        WHERE p.id = :id
        """
    )
    row = session.execute(statement, {"id": payment_id}).one_or_none()
    return Receipt(*row) if row else None


def account_payments(session: Session, account_id: int, *, most: int = 24) -> list[Any]:
    """Return an account's payments, newest first; a reversed one is marked."""
    statement = text(
        """
        SELECT p.id, p.channel, p.reference, p.amount_tiyin, p.received_on, p.created_at, p.created_by, p.reverses_id, p.reason,
               EXISTS (SELECT 1 FROM payment r WHERE r.reverses_id = p.id) AS reversed
        FROM payment p WHERE p.account_id = :account_id ORDER BY p.id DESC LIMIT :most
        """
    )
    return list(session.execute(statement, {"account_id": account_id, "most": most}))


def taken_today(session: Session, actor: str, today: date) -> tuple[int, int]:
    """Return how many payments a cashier took today, and their sum in tiyin, reversals taken off."""
    statement = text(
        "SELECT count(*), coalesce(sum(CASE WHEN reverses_id IS NULL THEN amount_tiyin ELSE -amount_tiyin END), 0) "
        "FROM payment WHERE channel = 'CASHIER' AND created_by = :actor AND received_on = :today"
    )
    row = session.execute(statement, {"actor": actor, "today": today}).one()
    return int(row[0]), int(row[1])
