"""State of supply: points switched on and off by records and by devices, and the orders to switch them.

An order is drafted, issued by an act, and ended by the record of the brigade (``services/acts/supply_orders``). What forbids an order on a
day (notice, weekday, holiday, frost, consumers who are protected) belongs into ``check_order`` once the work on debts knows it.
"""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.calendar import TASHKENT
from app.domain.notices import KINDS, NoticeKind
from app.domain.supply import (
    LEADS_TO,
    OffReason,
    Placement,
    StateSource,
    SupplyFault,
    SupplyOrderEvent,
    SupplyOrderKind,
    SupplyRefused,
    SupplyState,
    next_status,
    place,
)
from app.models.accounts import Account, ServicePoint, Supply
from app.models.acts import Act
from app.models.supply import PointState, SupplyOrder
from app.queries import supply as queries
from app.services import notices
from app.services.once import added, once

#: What the consumer is told of a switch.
TOLD = {SupplyState.OFF: NoticeKind.DISCONNECTION, SupplyState.ON: NoticeKind.RECONNECTION}


class OrderRequest(NamedTuple):
    """What an order demands, of which account, until when."""

    account_id: int
    kind: SupplyOrderKind
    off_reason: OffReason
    ordered_on: date
    term_on: date
    note: str = ""
    brigade_id: int | None = None


class SwitchEvent(NamedTuple):
    """What a head-end tells of a meter's switch.

    :ivar reference: what the event is known by at the head-end; the same event twice is one
    """

    service_point_id: int
    state: SupplyState
    at: datetime
    reference: str


def place_of(session: Session, account_id: int, *, on: date) -> ServicePoint:
    """Return the place an account is supplied at on a day.

    :raises SupplyRefused: if it is not
    """
    held = (Supply.account_id == account_id, Supply.valid_from <= on, Supply.valid_to.is_(None) | (Supply.valid_to > on))
    point: ServicePoint | None = session.scalar(select(ServicePoint).join(Supply, Supply.service_point_id == ServicePoint.id).where(*held))
    if point is None:
        raise SupplyRefused(SupplyFault.NOT_SUPPLIED, on.isoformat())
    return point


def draft_order(session: Session, request: OrderRequest) -> SupplyOrder:
    """Draft an order about an account's supply.

    :raises SupplyRefused: if another order waits, the supply stands so already, or the term is over before the order's day
    """
    point = place_of(session, request.account_id, on=request.ordered_on)
    lock_point(session, point.id)
    waiting = queries.open_order(session, point.id)
    if waiting:
        raise SupplyRefused(SupplyFault.ORDER_OPEN, f"№ {waiting.id}")
    reason = check_order(session, point.id, request)
    account = session.get_one(Account, request.account_id)
    order = SupplyOrder(
        division_id=account.division_id, account_id=account.id, service_point_id=point.id, kind=request.kind, off_reason=reason,
        ordered_on=request.ordered_on, term_on=request.term_on, note=request.note, brigade_id=request.brigade_id,
    )  # fmt: skip
    return added(session, order)


def check_order(session: Session, service_point_id: int, request: OrderRequest) -> OffReason:
    """Refuse an order that makes no sense as the supply stands; return the reason it bears.

    A reconnection bears the reason for which the supply is off.

    :raises SupplyRefused: if the supply stands so already, or the term is over before the order's day
    """
    if request.term_on < request.ordered_on:
        raise SupplyRefused(SupplyFault.TERM_FALLS)
    standing = queries.standing(session, service_point_id)
    is_off = standing is not None and standing.supply_state == SupplyState.OFF
    if request.kind == SupplyOrderKind.RECONNECTION:
        if not standing or not standing.off_reason:
            raise SupplyRefused(SupplyFault.ALREADY_ON)
        return OffReason(standing.off_reason)
    if is_off and standing and standing.state_source == StateSource.RECORD:
        raise SupplyRefused(SupplyFault.ALREADY_OFF, standing.begins_at.isoformat())
    return request.off_reason


def lock_point(session: Session, service_point_id: int) -> None:
    """Let whoever switches a point or orders that wait for one another."""
    session.execute(select(ServicePoint.id).where(ServicePoint.id == service_point_id).with_for_update())


def locked_order(session: Session, order_id: int) -> SupplyOrder:
    """Return an order whose status nobody else changes meanwhile.

    :raises SupplyRefused: if there is none of this number
    """
    order = session.execute(select(SupplyOrder).where(SupplyOrder.id == order_id).with_for_update()).scalar_one_or_none()
    if order is None:
        raise SupplyRefused(SupplyFault.NO_ORDER)
    return order


def advance(session: Session, order: SupplyOrder, event: SupplyOrderEvent) -> None:
    """Let an order take a step.

    :raises SupplyRefused: if it does not stand so
    """
    order.status = next_status(order.status, event)
    session.flush()


def withdraw_draft(session: Session, order_id: int) -> SupplyOrder:
    """Give a draft up; an order that was issued is withdrawn by the counter-act of its issue.

    :raises SupplyRefused: if it is no draft any more
    """
    order = locked_order(session, order_id)
    if order.issued_act_id is not None:
        raise SupplyRefused(SupplyFault.ORDER_STATUS, order.status.value)
    advance(session, order, SupplyOrderEvent.WITHDRAW)
    return order


class Switched(NamedTuple):
    """A state that was recorded, and what it changed of the others; the counter-act needs it."""

    state_id: int
    ends_at: str | None
    shortened_id: int | None
    replaced_id: int | None


def switch_by_record(session: Session, order: SupplyOrder, act: Act, *, at: datetime, brigade_id: int | None) -> Switched:
    """Switch a point as the record of an order says.

    :raises SupplyRefused: if the supply stands so already, or a later record stands
    """
    state = LEADS_TO[order.kind]
    row = PointState(
        division_id=order.division_id, account_id=order.account_id, service_point_id=order.service_point_id, supply_state=state,
        off_reason=order.off_reason if state == SupplyState.OFF else None, begins_at=at, state_source=StateSource.RECORD,
        supply_order_id=order.id, brigade_id=brigade_id, act_id=act.id,
    )  # fmt: skip
    placement = _switch(session, row, act)
    ends_at = row.ends_at.isoformat() if row.ends_at else None
    return Switched(row.id, ends_at, placement.shortened_id, placement.replaced_id)


def switch_by_device(session: Session, event: SwitchEvent, *, now: datetime) -> PointState | None:
    """Record once what a head-end tells of a meter's switch; None: the supply stood so already, and nothing is recorded.

    A repeat returns what the first recorded. An event may come late: the state then lasts until the next one.

    :raises SupplyRefused: if it is of the future, nobody was ever supplied there, another state of the moment stands, or the reference
        was used for another event
    """
    if event.at > now:
        raise SupplyRefused(SupplyFault.FUTURE_MOMENT, event.at.isoformat())
    found: PointState | None = once(
        session,
        ("point_state", event.reference),
        find=select(PointState).where(PointState.reference == event.reference),
        contents={"service_point_id": event.service_point_id, "supply_state": event.state, "begins_at": event.at},
        conflict=lambda first: SupplyRefused(SupplyFault.OTHER_CONTENTS, first),
        make=lambda: _switch_by_device(session, event, now),
    )
    return found


def _switch_by_device(session: Session, event: SwitchEvent, now: datetime) -> PointState | None:
    account_id = queries.holder_at(session, event.service_point_id, event.at)
    if account_id is None:
        raise SupplyRefused(SupplyFault.NOT_SUPPLIED)
    row = PointState(
        division_id=session.get_one(ServicePoint, event.service_point_id).division_id, account_id=account_id,
        service_point_id=event.service_point_id, supply_state=event.state, begins_at=event.at, state_source=StateSource.DEVICE,
        off_reason=OffReason.DEVICE if event.state == SupplyState.OFF else None, reference=event.reference,
    )  # fmt: skip
    try:
        _switch(session, row, None)
    except SupplyRefused as refused:
        if refused.fault in {SupplyFault.ALREADY_OFF, SupplyFault.ALREADY_ON}:
            return None
        raise
    _tell(session, row, now)
    return row


def _tell(session: Session, row: PointState, now: datetime) -> None:
    """Tell the consumer what a device did, unless another state followed or the message would be late."""
    kind = TOLD[row.supply_state]
    if row.ends_at is None and now - row.begins_at <= KINDS[kind].lifetime:
        notices.notify(session, row.account_id, kind, {"day": row.begins_at.astimezone(TASHKENT).date()}, now=now)


def _switch(session: Session, row: PointState, act: Act | None) -> Placement:
    lock_point(session, row.service_point_id)
    found = place(queries.intervals(session, row.service_point_id), row.supply_state, row.state_source, row.begins_at)
    if found.shortened_id is not None:
        _state(session, found.shortened_id).ends_at = row.begins_at
    if found.replaced_id is not None and act is not None:
        _state(session, found.replaced_id).withdrawn_act_id = act.id
    session.flush()
    row.ends_at = found.ends_at
    added(session, row)
    return found


def take_back(session: Session, switched: Switched, counter: Act) -> bool:
    """Take a recorded state back, so that what stood there before goes on; return False if another state ended it since."""
    row = _state(session, switched.state_id)
    lock_point(session, row.service_point_id)
    if row.withdrawn_act_id is not None or (row.ends_at.isoformat() if row.ends_at else None) != switched.ends_at:
        return False
    row.withdrawn_act_id = counter.id
    session.flush()
    ends_at = row.ends_at
    if switched.replaced_id is not None:
        replaced = _state(session, switched.replaced_id)
        replaced.withdrawn_act_id, ends_at = None, replaced.begins_at
    if switched.shortened_id is not None:
        _state(session, switched.shortened_id).ends_at = ends_at
    session.flush()
    return True


def _state(session: Session, state_id: int) -> PointState:
    return session.execute(select(PointState).where(PointState.id == state_id).with_for_update()).scalar_one()
