"""State of supply: switched on or off at a moment, the orders that say so, and the hours without supply.

What the law allows on which day (notice, Fridays, holidays, frost) is not decided here but before an order is issued; those limits are
dated settings of the work on debts, to be confirmed by the customer.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class SupplyState(StrEnum):
    """Whether a service point has energy."""

    ON = "ON"
    OFF = "OFF"


class OffReason(StrEnum):
    """Why a supply is off."""

    DEBT = "DEBT"
    REQUEST = "REQUEST"  # the consumer asked for it
    SAFETY = "SAFETY"
    DEVICE = "DEVICE"  # the meter switched by itself, or its head-end says so


#: Reasons that an order may give.
ORDERED_REASONS = (OffReason.DEBT, OffReason.REQUEST, OffReason.SAFETY)


class StateSource(StrEnum):
    """Who says that a supply was switched."""

    RECORD = "RECORD"  # a brigade's record that an order was carried out
    DEVICE = "DEVICE"  # an event of a head-end


class SupplyOrderKind(StrEnum):
    """What an order demands."""

    DISCONNECTION = "DISCONNECTION"
    RECONNECTION = "RECONNECTION"


#: The state that an order leads to.
LEADS_TO: Mapping[SupplyOrderKind, SupplyState] = {
    SupplyOrderKind.DISCONNECTION: SupplyState.OFF,
    SupplyOrderKind.RECONNECTION: SupplyState.ON,
}


class SupplyOrderStatus(StrEnum):
    """Where an order stands."""

    DRAFT = "DRAFT"
    ISSUED = "ISSUED"
    DONE = "DONE"
    REFUSED = "REFUSED"  # the brigade could not carry it out
    WITHDRAWN = "WITHDRAWN"


class SupplyOrderEvent(StrEnum):
    """What happens to an order."""

    ISSUE = "ISSUE"
    EXECUTE = "EXECUTE"
    REFUSE = "REFUSE"
    WITHDRAW = "WITHDRAW"
    REOPEN = "REOPEN"  # the record that ended it is undone


TRANSITIONS: Mapping[tuple[SupplyOrderStatus, SupplyOrderEvent], SupplyOrderStatus] = {
    (SupplyOrderStatus.DRAFT, SupplyOrderEvent.ISSUE): SupplyOrderStatus.ISSUED,
    (SupplyOrderStatus.DRAFT, SupplyOrderEvent.WITHDRAW): SupplyOrderStatus.WITHDRAWN,
    (SupplyOrderStatus.ISSUED, SupplyOrderEvent.EXECUTE): SupplyOrderStatus.DONE,
    (SupplyOrderStatus.ISSUED, SupplyOrderEvent.REFUSE): SupplyOrderStatus.REFUSED,
    (SupplyOrderStatus.ISSUED, SupplyOrderEvent.WITHDRAW): SupplyOrderStatus.WITHDRAWN,
    (SupplyOrderStatus.DONE, SupplyOrderEvent.REOPEN): SupplyOrderStatus.ISSUED,
    (SupplyOrderStatus.REFUSED, SupplyOrderEvent.REOPEN): SupplyOrderStatus.ISSUED,
}

#: Where an order still waits for somebody; a service point has one such order at most.
OPEN_ORDERS = frozenset({SupplyOrderStatus.DRAFT, SupplyOrderStatus.ISSUED})


class Consent(StrEnum):
    """Whether the consumer let the brigade in and signed its record."""

    SIGNED = "SIGNED"
    SIGNATURE_REFUSED = "SIGNATURE_REFUSED"
    ACCESS_REFUSED = "ACCESS_REFUSED"


class SupplyFault(StrEnum):
    """Why a supply cannot be switched, or an order cannot take a step."""

    ALREADY_OFF = "ALREADY_OFF"
    ALREADY_ON = "ALREADY_ON"
    LATER_STATE = "LATER_STATE"
    ORDER_OPEN = "ORDER_OPEN"
    ORDER_STATUS = "ORDER_STATUS"
    TERM_FALLS = "TERM_FALLS"
    NOT_SUPPLIED = "NOT_SUPPLIED"
    NO_ORDER = "NO_ORDER"
    FUTURE_MOMENT = "FUTURE_MOMENT"
    OTHER_CONTENTS = "OTHER_CONTENTS"


class SupplyRefused(Exception):
    """A supply is not switched, or an order does not take a step.

    :ivar detail: the number, day or moment that the fault is about
    """

    def __init__(self, fault: SupplyFault, detail: str = "") -> None:
        super().__init__(fault.value, detail)
        self.fault, self.detail = fault, detail


def next_status(status: SupplyOrderStatus, event: SupplyOrderEvent) -> SupplyOrderStatus:
    """Return where an order stands after an event.

    :raises SupplyRefused: if the event is not possible there
    """
    found = TRANSITIONS.get((status, event))
    if found is None:
        raise SupplyRefused(SupplyFault.ORDER_STATUS, status.value)
    return found


class StateInterval(NamedTuple):
    """A state of a service point from a moment up to another one, which is excluded; None: it lasts."""

    id: int
    state: SupplyState
    source: StateSource
    begins_at: datetime
    ends_at: datetime | None


class Placement(NamedTuple):
    """How a new state fits among those of a service point.

    :ivar shortened_id: the interval that ends where the new one begins
    :ivar replaced_id: a device's word for the same switch, which the record takes the place of
    :ivar ends_at: where the new one ends; None: it lasts
    """

    shortened_id: int | None
    replaced_id: int | None
    ends_at: datetime | None


def state_at(intervals: Iterable[StateInterval], at: datetime) -> StateInterval | None:
    """Return the interval that holds a moment; None: the supply is on and was never switched before."""
    return next((each for each in intervals if each.begins_at <= at and (each.ends_at is None or at < each.ends_at)), None)


def place(intervals: Sequence[StateInterval], state: SupplyState, source: StateSource, at: datetime) -> Placement:
    """Return how a switch at a moment fits among the intervals of a service point, which are in order and do not overlap.

    A record takes the place of what a device told of the same switch: right after it, or while it lasts. A device may tell late; its
    interval then ends where the next one begins.

    :raises SupplyRefused: if the supply is in this state already, or a later record, or another state of the same moment, stands
    """
    current = next((each for each in reversed(intervals) if each.begins_at < at), None)
    following = next((each for each in intervals if each.begins_at >= at), None)
    is_record = source == StateSource.RECORD
    if following and is_record and following.source == StateSource.RECORD:
        raise SupplyRefused(SupplyFault.LATER_STATE, following.begins_at.isoformat())
    held = current if is_record else state_at(intervals, at)
    takes_over = is_record and held is not None and held.source == StateSource.DEVICE
    if (held.state if held else SupplyState.ON) == state and not takes_over:
        raise SupplyRefused(SupplyFault.ALREADY_OFF if state == SupplyState.OFF else SupplyFault.ALREADY_ON)
    shortened_id = current.id if current else None
    if following and is_record and following.state == state:
        return Placement(shortened_id, following.id, following.ends_at)
    if following and following.begins_at == at:
        raise SupplyRefused(SupplyFault.LATER_STATE, at.isoformat())
    return Placement(shortened_id, None, following.begins_at if following else None)


def hours_off(intervals: Iterable[tuple[datetime, datetime | None]], begins_at: datetime, ends_at: datetime) -> int:
    """Return the full minutes without supply between two moments, the second excluded, in thousandths of an hour, rounded down.

    >>> from datetime import UTC
    >>> at = lambda hour: datetime(2026, 3, 1, hour, tzinfo=UTC)
    >>> hours_off([(at(1), at(3)), (at(22), None)], at(2), at(23))
    2000

    :param intervals: those in which the supply is off
    """
    seconds = sum(max(0, int((min(end or ends_at, ends_at) - max(start, begins_at)).total_seconds())) for start, end in intervals)
    return seconds // 60 * 1000 // 60
