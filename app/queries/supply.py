"""Whether service points are on or off, for how long, and the orders about that."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain import supply
from app.domain.supply import OffReason, StateInterval, StateSource, SupplyOrderKind, SupplyOrderStatus, SupplyState
from app.queries.records import fetch_all, fetch_optional


def intervals(session: Session, service_point_id: int) -> list[StateInterval]:
    """Return the states of a service point that stand, in order."""
    statement = """
        SELECT id, supply_state AS state, state_source AS source, begins_at, ends_at FROM point_state
        WHERE service_point_id = :point AND withdrawn_act_id IS NULL ORDER BY begins_at, id
        """
    return fetch_all(session, statement, StateInterval, point=service_point_id)


class StandingState(NamedTuple):
    """How a service point stands now: since when, why, and by which document."""

    id: int
    supply_state: SupplyState
    off_reason: OffReason | None
    state_source: StateSource
    begins_at: datetime
    supply_order_id: int | None
    act_id: int | None
    reference: str | None


def standing(session: Session, service_point_id: int) -> StandingState | None:
    """Return the state of a service point that lasts; None: it is on and was never switched."""
    statement = """
        SELECT id, supply_state, off_reason, state_source, begins_at, supply_order_id, act_id, reference FROM point_state
        WHERE service_point_id = :point AND withdrawn_act_id IS NULL AND ends_at IS NULL
        """
    return fetch_optional(session, statement, StandingState, point=service_point_id)


class AccountOrder(NamedTuple):
    """An order about an account's supply that is not done yet."""

    id: int
    kind: SupplyOrderKind
    status: SupplyOrderStatus
    off_reason: OffReason
    ordered_on: date
    term_on: date


def open_order(session: Session, service_point_id: int) -> AccountOrder | None:
    """Return the order about a service point that waits for somebody."""
    statement = """
        SELECT id, kind, status, off_reason, ordered_on, term_on FROM supply_order
        WHERE service_point_id = :point AND status IN ('DRAFT', 'ISSUED')
        """
    return fetch_optional(session, statement, AccountOrder, point=service_point_id)


def holder_at(session: Session, service_point_id: int, at: datetime) -> int | None:
    """Return the account supplied at a place at a moment, else the last one before, else the first one after."""
    statement = """
        SELECT account_id FROM supply WHERE service_point_id = :point
        ORDER BY valid_from <= (CAST(:at AS timestamptz) AT TIME ZONE 'Asia/Tashkent')::date DESC,
                 abs(valid_from - (CAST(:at AS timestamptz) AT TIME ZONE 'Asia/Tashkent')::date) LIMIT 1
        """
    return fetch_optional(session, statement, int, point=service_point_id, at=at)


class _Off(NamedTuple):
    service_point_id: int
    begins_at: datetime
    ends_at: datetime | None


def hours_off(session: Session, service_point_ids: Sequence[int], begins_at: datetime, ends_at: datetime) -> dict[int, int]:
    """Return how long points were without supply between two moments, the second excluded, in thousandths of an hour.

    Points that were on all the time are left out.
    """
    statement = """
        SELECT service_point_id, begins_at, ends_at FROM point_state
        WHERE service_point_id = ANY (:points) AND supply_state = 'OFF' AND withdrawn_act_id IS NULL
          AND begins_at < :end AND (ends_at IS NULL OR ends_at > :start)
        ORDER BY service_point_id, begins_at, id
        """
    found: dict[int, list[tuple[datetime, datetime | None]]] = {}
    for row in fetch_all(session, statement, _Off, points=list(service_point_ids), start=begins_at, end=ends_at):
        found.setdefault(row.service_point_id, []).append((row.begins_at, row.ends_at))
    return {point: supply.hours_off(rows, begins_at, ends_at) for point, rows in found.items()}


class OpenOrder(NamedTuple):
    """An order that waits, with its place and how long it has waited."""

    id: int
    kind: SupplyOrderKind
    status: SupplyOrderStatus
    off_reason: OffReason
    account_id: int
    account_number: str
    address: str
    brigade: str | None
    ordered_on: date
    term_on: date
    late_days: int


def open_orders(session: Session, *, today: date, limit: int) -> list[OpenOrder]:
    """Return the orders that wait, those with the earliest term first."""
    statement = """
        SELECT o.id, o.kind, o.status, o.off_reason, o.account_id, a.number AS account_number,
               concat_ws(', ', m.name, st.name, sp.house || coalesce('-' || sp.flat, '')) AS address,
               b.name AS brigade, o.ordered_on, o.term_on,
               greatest(CAST(:today AS date) - o.term_on, 0) AS late_days
        FROM supply_order o JOIN account a ON a.id = o.account_id
        JOIN service_point sp ON sp.id = o.service_point_id JOIN street st ON st.id = sp.street_id
        LEFT JOIN mahalla m ON m.id = st.mahalla_id LEFT JOIN brigade b ON b.id = o.brigade_id
        WHERE o.status IN ('DRAFT', 'ISSUED') ORDER BY o.term_on, o.id LIMIT :limit
        """
    return fetch_all(session, statement, OpenOrder, today=today, limit=limit)


class OrderAct(NamedTuple):
    """An act about an order: issued, carried out, not carried out, or one of these undone."""

    id: int
    kind: str
    status: str
    effective_on: date
    reason: str
    reverses_id: int | None
    created_at: datetime
    created_by: str


def acts_of_order(session: Session, order_id: int, account_id: int) -> list[OrderAct]:
    """Return the acts about an order, oldest first."""
    statement = """
        SELECT x.id, x.kind, x.status, x.effective_on, x.reason, x.reverses_id, x.created_at, x.created_by FROM act x
        LEFT JOIN act undone ON undone.id = x.reverses_id
        WHERE x.account_id = :account_id AND CAST(:order_id AS text) IN (
            coalesce(undone.result, x.result) -> 'undo' ->> 'order_id', coalesce(undone.parameters, x.parameters) ->> 'order_id')
        ORDER BY x.id
        """
    return fetch_all(session, statement, OrderAct, order_id=order_id, account_id=account_id)
