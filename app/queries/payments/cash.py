"""What a cashier's screens show: shifts, their receipts, and what one receipt prints."""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.queries.documents import as_made
from app.queries.names import named, shown
from app.queries.records import fetch_all, fetch_one, fetch_optional


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
    created_at: datetime
    #: the division of the account, in Uzbek, as the first receipts name it
    division: str
    #: the office that took it, in the consumer's language: of the cashier's shift, else the account's
    office: str
    #: the same in the reader's
    shown_office: str
    #: the consumer's
    language: str
    #: who took it, as the shift recorded the name; else the user name
    cashier: str
    #: the company that took it; empty: neither the division nor one above it has a STIR
    seller: str | None
    seller_stir: str | None
    reverses_id: int | None
    reversed_by: int | None


def receipt(session: Session, payment_id: int) -> Receipt | None:
    """Return what a payment's receipt shows, as it was when it was made, or None if it is not there (or not the reader's)."""
    statement = f"""
        SELECT p.id, p.account_id, a.number AS account_number, c.name AS consumer_name, {as_made.ADDRESS} AS address, p.channel,
               p.amount_tiyin, p.received_on, p.created_by,
               p.created_at, d.name AS division, coalesce({named("shift", "c.language")}, {as_made.consumers_name("d")}) AS office,
               coalesce({shown("shift")}, {shown("d")}) AS shown_office, c.language, coalesce(shift.cashier_name, p.created_by) AS cashier,
               seller.legal_name AS seller, seller.stir AS seller_stir, p.reverses_id,
               (SELECT r.id FROM payment r WHERE r.reverses_id = p.id) AS reversed_by
        FROM payment p {as_made.addressee("p", "DATE 'infinity'")} {as_made.seller("p")}
        LEFT JOIN LATERAL shift_of_payment(p.id) shift ON true
        WHERE p.id = :id
        """
    return fetch_optional(session, statement, Receipt, id=payment_id)


class OpenShift(NamedTuple):
    """A shift that is not closed, without what cash it should hold: it is counted blind."""

    id: int
    status: str
    business_day: date
    opened_at: datetime
    float_tiyin: int
    tenders: int


def open_shift(session: Session, cashier: str) -> OpenShift | None:
    """Return a cashier's shift that is not closed; None: there is none."""
    statement = (
        "SELECT c.id, c.status, c.business_day, c.created_at AS opened_at, c.float_tiyin, s.tenders "
        "FROM payment_control c CROSS JOIN LATERAL control_sums(c.id) s "
        "WHERE c.kind = 'SHIFT' AND c.status <> 'CLOSED' AND c.cashier = :cashier"
    )
    return fetch_optional(session, statement, OpenShift, cashier=cashier)


class ControlTender(NamedTuple):
    """A tender received under a control, or given back under it, with its receipt."""

    id: int
    reference: str
    #: the payment it was credited as, whose number stands on the receipt; None: it is not credited yet, or not any more
    payment_id: int | None
    taken_at: datetime
    account_id: int | None
    account_number: str
    consumer_name: str | None
    amount_tiyin: int
    status: str
    waiting: bool
    given_back: bool | None
    received: bool | None


_TENDERS = """
    SELECT t.id, t.reference, p.id AS payment_id, to_timestamp(greatest(t.performed_ms, t.created_ms) / 1000.0) AS taken_at, t.account_id,
           coalesce(a.number, t.account_number) AS account_number, c.name AS consumer_name, t.amount_tiyin, t.status, t.waiting,
           t.reversal_control_id = :id AS given_back, t.payment_control_id = :id AS received
    FROM tender t
    LEFT JOIN account a ON a.id = t.account_id LEFT JOIN consumer c ON c.id = a.consumer_id
    LEFT JOIN LATERAL (SELECT max(p.id) AS id FROM payment p WHERE p.tender_id = t.id AND p.reverses_id IS NULL) p ON true
    WHERE t.payment_control_id = :id OR t.reversal_control_id = :id ORDER BY t.id DESC LIMIT :limit
"""


def control_tenders(session: Session, control_id: int, *, limit: int = 200) -> list[ControlTender]:
    """Return the newest tenders of a control, and those given back under it."""
    return fetch_all(session, _TENDERS, ControlTender, id=control_id, limit=limit)


def was_taken_lately(session: Session, account_id: int, amount_tiyin: int, *, since_ms: int) -> bool:
    """Return whether the same sum was received for an account since a moment, through whatever channel, and stands."""
    statement = """
        SELECT EXISTS (SELECT 1 FROM tender WHERE account_id = :account_id AND amount_tiyin = :amount_tiyin
                       AND status = 'PERFORMED' AND performed_ms >= :since_ms) AS taken
        """
    return fetch_one(session, statement, bool, account_id=account_id, amount_tiyin=amount_tiyin, since_ms=since_ms)


def last_bill_tiyin(session: Session, account_id: int) -> int:
    """Return the amount of an account's last bill that stands; 0: there is none."""
    statement = """
        SELECT coalesce((SELECT b.amount_tiyin FROM bill b WHERE b.account_id = :account_id AND b.cancels_id IS NULL
            AND NOT EXISTS (SELECT 1 FROM bill c WHERE c.cancels_id = b.id AND c.billing_month = b.billing_month)
            ORDER BY b.billing_month DESC, b.id DESC LIMIT 1), 0) AS amount_tiyin
        """
    return fetch_one(session, statement, int, account_id=account_id)
