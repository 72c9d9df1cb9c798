"""Whose a telephone is, what its accounts owe, and which meter a reading is of."""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.queries.records import fetch_all, fetch_one


class AccountOfNumber(NamedTuple):
    """An open account whose consumer has a telephone."""

    id: int
    division_id: int
    number: str
    consumer_name: str
    language: str
    debt_tiyin: int
    advance_tiyin: int
    due_on: date | None


def accounts_of(session: Session, phone: str) -> list[AccountOfNumber]:
    """Return the open accounts of a telephone, by their numbers; at most twenty."""
    statement = """
        SELECT a.id, a.division_id, a.number, c.name AS consumer_name, c.language, coalesce(p.debt_tiyin, 0) AS debt_tiyin,
               coalesce(p.advance_tiyin, 0) AS advance_tiyin, (SELECT min(d.due_on) FROM debt d WHERE d.account_id = a.id) AS due_on
        FROM consumer c JOIN account a ON a.consumer_id = c.id AND a.status = 'OPEN'
        LEFT JOIN account_position p ON p.account_id = a.id
        WHERE reverse(c.phone) = reverse(CAST(:phone AS text)) ORDER BY a.number LIMIT 20
        """
    return fetch_all(session, statement, AccountOfNumber, phone=phone)


def answers_since(session: Session, phone: str, since: datetime) -> int:
    """Return how many answers a telephone got since a moment."""
    statement = "SELECT count(*) FROM inquiry WHERE phone = :phone AND created_at >= :since AND outcome = 'ANSWERED'"
    return fetch_one(session, statement, int, phone=phone, since=since)


class MeterRead(NamedTuple):
    """A register that is read now."""

    serial_number: str
    register: str


def registers_of(session: Session, account_id: int) -> list[MeterRead]:
    """Return the registers that count an account's energy now."""
    statement = """
        SELECT d.serial_number, r.code AS register
        FROM supply s JOIN meter_installation i ON i.service_point_id = s.service_point_id AND i.valid_to IS NULL
        JOIN device d ON d.id = i.meter_id JOIN register r ON r.meter_id = d.id
        WHERE s.account_id = :account_id AND s.valid_to IS NULL ORDER BY d.serial_number, r.code
        """
    return fetch_all(session, statement, MeterRead, account_id=account_id)
