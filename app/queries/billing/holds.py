"""Held bills: what was decided about them, and what waits."""

from datetime import date, datetime
from typing import NamedTuple

import numpy as np
from sqlalchemy.orm import Session

from app.domain.billing import HoldStatus
from app.domain.values import Integers
from app.queries import arrays
from app.queries.live import live
from app.queries.records import fetch_all, fetch_one, fetch_optional

STATUSES: tuple[HoldStatus, ...] = tuple(HoldStatus)


class Decided(NamedTuple):
    """What holds of a month stand at, by account."""

    account_id: Integers
    status: Integers  #: place among ``STATUSES``
    amount_tiyin: Integers


def decided(session: Session, ids: Integers, month: date) -> Decided:
    """Return the holds of some accounts for a month."""
    statement = (
        "SELECT account_id, array_position(CAST(:statuses AS text[]), status::text) - 1, coalesce(amount_tiyin, 0) FROM bill_hold "
        "WHERE billing_month = :month AND account_id = ANY(:ids) ORDER BY account_id"
    )
    return Decided(*arrays.columns(session, statement, 3, ids=ids, month=month, statuses=[*STATUSES]))


class HoldRow(NamedTuple):
    """A held bill with what a person looks at to decide."""

    id: int
    division_id: int
    account_id: int
    number: str
    billing_month: date
    bill_run_id: int
    reason: str
    unit: str
    quantity_milli: int | None
    amount_tiyin: int | None
    status: str
    owner: str | None
    created_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    remark: str | None


def hold(session: Session, hold_id: int) -> HoldRow | None:
    """Return a held bill."""
    statement = """
        SELECT h.id, h.division_id, h.account_id, a.number, h.billing_month, h.bill_run_id, h.reason,
               coalesce((SELECT r.unit FROM supply s
                         JOIN service_point p ON p.id = s.service_point_id JOIN resource r ON r.id = p.resource_id
                         WHERE s.account_id = a.id ORDER BY s.valid_from DESC LIMIT 1), '') AS unit,
               h.quantity_milli, h.amount_tiyin, h.status, h.owner, h.created_at, h.decided_by, h.decided_at, h.remark
        FROM bill_hold h JOIN account a ON a.id = h.account_id WHERE h.id = :id
        """
    return fetch_optional(session, statement, HoldRow, id=hold_id)


def count_waiting(session: Session, run_id: int) -> int:
    """Return how many bills a run holds back that nobody decided about."""
    statement = "SELECT count(*) FROM bill_hold WHERE bill_run_id = :run AND status = 'OPEN'"
    return fetch_one(session, statement, int, run=run_id)


class BillBefore(NamedTuple):
    """Month, energy and amount of a bill."""

    month: date
    quantity_milli: int
    amount_tiyin: int


def energy_before(session: Session, account_id: int, month: date) -> list[BillBefore]:
    """Return the twelve bills before a month, the newest first."""
    statement = f"""
        SELECT b.billing_month AS month, b.quantity_milli, b.amount_tiyin FROM bill b
        WHERE b.account_id = :id AND b.billing_month < :month AND {live("b")} ORDER BY b.billing_month DESC LIMIT 12
        """
    return fetch_all(session, statement, BillBefore, id=account_id, month=month)


def places(ids: Integers, account_id: Integers) -> Integers:
    """Return the places of accounts among ascending ids."""
    return arrays.positions(ids, account_id) if len(account_id) else np.zeros(0, dtype=np.int64)
