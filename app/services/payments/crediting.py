"""Tenders become payments: what is not posted yet is set against debts, some at a time, in the order of arrival."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.orm import Session

from app.domain.payments import TenderStatus
from app.domain.payments.channels import Channel
from app.models.payments import Payment
from app.queries import ledger
from app.queries.ledger import periods
from app.queries.records import fetch_all
from app.services.ledger import lock_positions
from app.services.payments import by_contract
from app.services.payments.booking import ConflictingRepeat, MoneyReceived, PaymentAlreadyReversed, book_many, reverse

#: What may be wrong with one tender, so that the others go on without it.
_OF_ONE_TENDER = (IntegrityError, NoResultFound, ConflictingRepeat, PaymentAlreadyReversed)
#: Tenders of one transaction.
BATCH = 500

_OF_TENDER = """
    SELECT t.id, k.channel, t.payment_contract_id, t.reference, t.account_id, t.amount_tiyin, t.status, t.received_on, t.cancel_reason,
           (SELECT count(*) FROM payment p JOIN payment r ON r.reverses_id = p.id WHERE p.tender_id = t.id) AS undone,
           t.account_number, t.account_number <> (SELECT number FROM account WHERE id = t.account_id) AS names_other
    FROM tender t JOIN payment_contract k ON k.id = t.payment_contract_id
    WHERE t.waiting AND t.account_id IS NOT NULL
"""
_NEXT = "SELECT id, account_id FROM tender WHERE waiting AND account_id IS NOT NULL AND id > :after ORDER BY id LIMIT :limit"
_THESE = f"{_OF_TENDER} AND t.id = ANY(:ids) ORDER BY t.id FOR UPDATE OF t SKIP LOCKED"
_ONE = f"{_OF_TENDER} AND t.id = :id FOR UPDATE OF t"


class _Next(NamedTuple):
    id: int
    account_id: int


class _Tender(NamedTuple):
    """A tender that is not posted yet, and how many of its payments were reversed."""

    id: int
    channel: str
    payment_contract_id: int
    reference: str
    account_id: int
    amount_tiyin: int
    status: str
    received_on: date | None
    cancel_reason: int | None
    undone: int
    account_number: str
    names_other: bool | None

    @property
    def paid_on(self) -> date:
        """The day of a performed tender."""
        assert self.received_on is not None, "what is performed has its day"
        return self.received_on


def credit(session: Session, *, today: date, after: int = 0, limit: int = BATCH) -> tuple[int, int, list[int]]:
    """Credit the next waiting tenders behind one, once nobody bills their accounts; what another process is at is left to it.

    :return: the last tender looked at (0: none is left), how many were credited, and those that could not be: they go on waiting
    """
    waiting = fetch_all(session, _NEXT, _Next, after=after, limit=limit)
    if not waiting:
        return 0, 0, []
    _wait_for_books(session, [row.account_id for row in waiting])
    rows = fetch_all(session, _THESE, _Tender, ids=[row.id for row in waiting])
    failed: list[int] = []
    try:
        with session.begin_nested():
            _credit(session, rows, today)
    except _OF_ONE_TENDER:
        # One that the database refuses must not hold up the others.
        failed = [row.id for row in rows if not _credited_alone(session, row, today)]
    return waiting[-1].id, len(rows) - len(failed), failed


def _wait_for_books(session: Session, account_ids: Sequence[int]) -> None:
    """Wait for whoever bills accounts or closes a month of theirs.

    That is done before a tender is locked: a provider that repeats or cancels its call meanwhile would have to wait as well.
    """
    accounts = np.unique(np.array(account_ids, dtype=np.int64))
    lock_positions(session, accounts)
    periods.first_open_months(session, np.unique(ledger.divisions_of(session, accounts)).tolist())


def credit_tender(session: Session, tender_id: int, *, today: date) -> int:
    """Credit one tender at once, if it waits, and return its payment, or the payment that reverses it."""
    _credit(session, fetch_all(session, _ONE, _Tender, id=tender_id), today)
    statement = select(func.max(Payment.id)).where(Payment.tender_id == tender_id)
    payment_id: int = session.execute(statement).scalar_one()
    return session.scalar(select(Payment.id).where(Payment.reverses_id == payment_id)) or payment_id


def _credited_alone(session: Session, row: _Tender, today: date) -> bool:
    try:
        with session.begin_nested():
            _credit(session, [row], today)
    except _OF_ONE_TENDER:
        return False
    return True


def _credit(session: Session, rows: Sequence[_Tender], today: date) -> None:
    performed = [row for row in rows if row.status == TenderStatus.PERFORMED]
    for day in sorted({row.paid_on for row in performed}):
        book_many(session, [money for row in performed if row.paid_on == day for money in _moneys(session, row)], received_on=day)
    for row in rows:
        if row.status == TenderStatus.REVERSED:
            _undo(session, row, today)
    session.execute(text("UPDATE tender SET waiting = false WHERE id = ANY(:ids)"), {"ids": [row.id for row in rows]})


def _moneys(session: Session, row: _Tender) -> list[MoneyReceived]:
    """Return what is booked of a tender: one payment, or one an account where the payer named the contract.

    What was reversed and moved by a person is booked where that person said.
    """
    channel, reference = Channel(row.channel), _reference(row)
    if row.undone == 0 and row.names_other:
        parts = by_contract.shares(session, row.account_number, row.account_id, row.amount_tiyin, on=row.paid_on)
        if len(parts) > 1:
            return [MoneyReceived(channel, f"{reference}:{account_id}", account_id, part, row.id) for account_id, part in parts.items()]
    return [MoneyReceived(channel, reference, row.account_id, row.amount_tiyin, row.id)]


def _reference(row: _Tender) -> str:
    """Return the idempotency key of a tender's payment: of each that was reversed and moved, another.

    Two contracts of a channel may number alike.
    """
    return f"{row.payment_contract_id}:{row.reference}" + (f":{row.undone}" if row.undone else "")


def _undo(session: Session, row: _Tender, today: date) -> None:
    payments = standing_payments(session, row.id)
    assert payments, "what is undone was credited"
    reason = f"provider: {row.cancel_reason}" if row.cancel_reason is not None else "provider"
    for payment_id in payments:
        key = f"{_reference(row)}:undone" + (f":{payment_id}" if len(payments) > 1 else "")
        reverse(session, payment_id, reference=key, reason=reason, reversed_on=today)


def standing_payments(session: Session, tender_id: int) -> list[int]:
    """Return the payments of a tender that were not reversed."""
    stands = (
        "SELECT id FROM payment p WHERE tender_id = :id AND NOT EXISTS (SELECT 1 FROM payment r WHERE r.reverses_id = p.id) ORDER BY id"
    )
    return fetch_all(session, stands, int, id=tender_id)
