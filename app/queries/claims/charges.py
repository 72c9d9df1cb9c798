"""Charges beside the month's energy, for people."""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.queries.live import live
from app.queries.records import fetch_all, fetch_optional

_CHARGES = f"""
    SELECT c.id, c.account_id, a.number AS account_number, c.division_id, c.component, c.period_from, c.period_to, c.quantity_milli,
           c.amount_tiyin, c.vat_tiyin, c.basis, c.derivation, c.reverses_id, r.id AS reversed_by_id, c.created_at, c.created_by,
           (SELECT l.bill_id FROM bill_line l JOIN bill b ON b.id = l.bill_id AND b.billing_month = l.billing_month
            WHERE l.charge_id = c.id AND {live("b")}
            ORDER BY l.bill_id DESC LIMIT 1) AS bill_id
    FROM billable_charge c JOIN account a ON a.id = c.account_id LEFT JOIN billable_charge r ON r.reverses_id = c.id
"""


class ChargeRow(NamedTuple):
    """A charge, what took it back, and the live bill it stands on; without one it waits for the next bill."""

    id: int
    account_id: int
    account_number: str
    division_id: int
    component: str
    period_from: date
    period_to: date
    quantity_milli: int
    amount_tiyin: int
    vat_tiyin: int
    basis: str
    derivation: dict[str, Any]
    reverses_id: int | None
    reversed_by_id: int | None
    created_at: datetime
    created_by: str
    bill_id: int | None


def charge(session: Session, charge_id: int) -> ChargeRow | None:
    """Return a charge."""
    return fetch_optional(session, _CHARGES + " WHERE c.id = :id", ChargeRow, id=charge_id)


def account_charges(session: Session, account_id: int, limit: int = 50) -> list[ChargeRow]:
    """Return the newest charges of an account."""
    statement = _CHARGES + " WHERE c.account_id = :id ORDER BY c.id DESC LIMIT :limit"
    return fetch_all(session, statement, ChargeRow, id=account_id, limit=limit)
