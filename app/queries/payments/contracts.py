"""Our contracts with providers of payments, as they are and as they were."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.queries.records import fetch_all, fetch_optional


class PaymentContractRecord(NamedTuple):
    """A contract with a payment provider; the secret is never shown."""

    id: int
    channel: str
    merchant_number: str
    service_number: str
    login: str
    key_sha256: str
    secret: str | None
    networks: str
    smallest_tiyin: int
    largest_tiyin: int
    is_stopped: bool
    unknown_transaction: str
    repeated_cancel: str
    repeated_payment: str
    cancel_days: int

    def __repr__(self) -> str:
        return f"<contract {self.id} {self.channel}>"


_CONTRACT = (
    "SELECT id, channel, merchant_number, service_number, login, key_sha256, secret, networks, smallest_tiyin, largest_tiyin, is_stopped, "
    "unknown_transaction, repeated_cancel, repeated_payment, cancel_days FROM payment_contract "
)


def contract(session: Session, channel: str) -> PaymentContractRecord | None:
    """Return the newest active contract of a channel."""
    statement = f"{_CONTRACT} WHERE channel = :channel AND is_active ORDER BY id DESC LIMIT 1"
    return fetch_optional(session, statement, PaymentContractRecord, channel=channel)


def contract_as_of(session: Session, channel: str, moment: datetime) -> PaymentContractRecord | None:
    """Return the contract that ``contract`` gave at a moment, without its keys."""
    columns = ", ".join(f"k.{column}" for column in PaymentContractRecord._fields)
    statement = f"""
        SELECT {columns} FROM payment_contract k_now CROSS JOIN LATERAL as_of(k_now, k_now.id, :moment) k
        WHERE k.channel = :channel AND k.is_active AND k.created_at <= :moment ORDER BY k.id DESC LIMIT 1
        """
    return fetch_optional(session, statement, PaymentContractRecord, channel=channel, moment=moment)


def contracts(session: Session) -> list[PaymentContractRecord]:
    """Return all active contracts, the newest first."""
    return fetch_all(session, f"{_CONTRACT} WHERE is_active ORDER BY id DESC", PaymentContractRecord)
