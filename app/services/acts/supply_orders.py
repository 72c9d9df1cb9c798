"""Orders to cut a supply or to restore it, and the record of the brigade that ends one: carried out, or not."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from typing import Any

from sqlalchemy.orm import Session

from app.domain.acts import ActKind, ActOutcome, ActRefusal, ActRefused
from app.domain.calendar import TASHKENT
from app.domain.metering import ReadingSource
from app.domain.seals import SealedPart, numbers_in
from app.domain.supply import (
    LEADS_TO,
    Consent,
    OffReason,
    SupplyFault,
    SupplyOrderEvent,
    SupplyOrderKind,
    SupplyOrderStatus,
    SupplyRefused,
    state_at,
)
from app.models.acts import Act
from app.models.reference import Brigade
from app.models.supply import SupplyOrder
from app.queries import acts as queries
from app.queries import supply as supply_queries
from app.queries.acts import RegisterOnDay
from app.services import metering, supply
from app.services.acts import sealing
from app.services.acts import supply as steps
from app.services.acts.core import performs
from app.services.supply import OrderRequest, Switched

_REFUSALS = {
    SupplyFault.ALREADY_OFF: (ActRefusal.SUPPLY_IS_OFF, None),
    SupplyFault.ALREADY_ON: (ActRefusal.SUPPLY_IS_ON, None),
    SupplyFault.LATER_STATE: (ActRefusal.LATER_STATE, "hour"),
    SupplyFault.ORDER_OPEN: (ActRefusal.ORDER_OPEN, None),
    SupplyFault.ORDER_STATUS: (ActRefusal.ORDER_STATUS, None),
    SupplyFault.TERM_FALLS: (ActRefusal.ORDER_TERM, "term_on"),
    SupplyFault.NO_ORDER: (ActRefusal.NO_ORDER, None),
    SupplyFault.NOT_SUPPLIED: (ActRefusal.NOT_SUPPLIED, "effective_on"),
}


def refusal_of(refused: SupplyRefused) -> ActRefused:
    """Return why an act is refused whose order or supply does not stand so."""
    refusal, column = _REFUSALS[refused.fault]
    return ActRefused(refusal, refused.detail, column=column)


@contextmanager
def _refusals() -> Iterator[None]:
    """Refuse the act where the supply or the order does not stand so."""
    try:
        yield
    except SupplyRefused as refused:
        raise refusal_of(refused) from refused


def _withdraw(session: Session, _counter: Act, undone: Act, _today: date) -> ActOutcome:
    """Withdraw an order that was issued and not carried out."""
    order = supply.locked_order(session, undone.result["undo"]["order_id"])
    with _refusals():
        supply.advance(session, order, SupplyOrderEvent.WITHDRAW)
    return ActOutcome(_head(order))


@performs(ActKind.ORDER_DISCONNECTION, reverse=_withdraw, is_ordered=False)
def order_disconnection(session: Session, act: Act, _today: date) -> ActOutcome:
    """Issue an order to cut a supply: a draft, or a new one.

    :raises ActRefused: if another order waits, or the supply is off by a record
    """
    return _issue(session, act, SupplyOrderKind.DISCONNECTION)


@performs(ActKind.ORDER_RECONNECTION, reverse=_withdraw, is_ordered=False)
def order_reconnection(session: Session, act: Act, _today: date) -> ActOutcome:
    """Issue an order to restore a supply: a draft, or a new one.

    :raises ActRefused: if another order waits, or the supply is on
    """
    return _issue(session, act, SupplyOrderKind.RECONNECTION)


def _issue(session: Session, act: Act, kind: SupplyOrderKind) -> ActOutcome:
    given = act.parameters
    assert act.account_id is not None
    # Of a reconnection the reason is that of the state; the one here stands for none.
    reason = OffReason(given["off_reason"]) if given.get("off_reason") else OffReason.REQUEST
    term_on = date.fromisoformat(given["term_on"])
    brigade = _brigade(session, act)
    wanted = OrderRequest(act.account_id, kind, reason, act.effective_on, term_on, given.get("note") or "", brigade.id if brigade else None)
    with _refusals():
        order = _drafted(session, wanted, given.get("order_id"))
        supply.advance(session, order, SupplyOrderEvent.ISSUE)
    order.issued_act_id = act.id
    session.flush()
    details = {"address": str(order.service_point), "term_on": order.term_on.isoformat(), "brigade": _name(brigade), "note": order.note}
    return ActOutcome(_head(order) | details, undo={"order_id": order.id})


def _brigade(session: Session, act: Act) -> Brigade | None:
    """Return the brigade that an act names.

    :raises ActRefused: if it is another division's
    """
    chosen = act.parameters.get("brigade_id")
    brigade = session.get(Brigade, int(chosen)) if chosen else None
    if chosen and (brigade is None or brigade.division_id != act.division_id):
        raise ActRefused(ActRefusal.OTHER_DIVISION, column="brigade_id")
    return brigade


def _name(brigade: Brigade | None) -> str:
    return brigade.name if brigade else ""


def _drafted(session: Session, wanted: OrderRequest, order_id: int | None) -> SupplyOrder:
    """Return the order to issue, as the act says it."""
    if order_id is None:
        return supply.draft_order(session, wanted)
    order = supply.locked_order(session, order_id)
    if (order.account_id, order.kind) != (wanted.account_id, wanted.kind):
        raise ActRefused(ActRefusal.NO_ORDER)
    order.off_reason = supply.check_order(session, order.service_point_id, wanted)
    order.ordered_on, order.term_on, order.note = wanted.ordered_on, wanted.term_on, wanted.note
    order.brigade_id = wanted.brigade_id
    return order


def _reopen(session: Session, counter: Act, undone: Act, _today: date) -> ActOutcome:
    """Take a record back: the order waits again, the supply stands as before, and the readings are withdrawn."""
    undo = undone.result["undo"]
    order = supply.locked_order(session, undo["order_id"])
    if order.ended_act_id != undone.id:
        raise ActRefused(ActRefusal.CHANGED_MEANWHILE)
    with _refusals():
        waiting = supply_queries.open_order(session, order.service_point_id)
        if waiting:
            raise SupplyRefused(SupplyFault.ORDER_OPEN, f"№ {waiting.id}")
        supply.advance(session, order, SupplyOrderEvent.REOPEN)
    order.ended_act_id = None
    if undo.get("switched") and not supply.take_back(session, Switched(*undo["switched"]), counter):
        raise ActRefused(ActRefusal.CHANGED_MEANWHILE)
    steps.withdraw_readings(session, undo.get("readings", []))
    sealing.take_back(session, undone, counter)
    session.flush()
    return ActOutcome(_head(order))


@performs(ActKind.DISCONNECT, reverse=_reopen, is_ordered=False)
def disconnect(session: Session, act: Act, today: date) -> ActOutcome:
    """Record that a brigade cut a supply: the hour, what the registers showed, the seal, and witnesses where the consumer refused.

    :raises ActRefused: if the order is not open, the moment is before the order's day, or the supply stands otherwise
    """
    return _record(session, act, SupplyOrderKind.DISCONNECTION, today)


@performs(ActKind.RECONNECT, reverse=_reopen, is_ordered=False)
def reconnect(session: Session, act: Act, today: date) -> ActOutcome:
    """Record that a brigade restored a supply.

    :raises ActRefused: if the order is not open, the moment is before the order's day, or the supply stands otherwise
    """
    return _record(session, act, SupplyOrderKind.RECONNECTION, today)


def _record(session: Session, act: Act, kind: SupplyOrderKind, today: date) -> ActOutcome:
    order, given = _order_of(session, act, kind), act.parameters
    hour, brigade = time.fromisoformat(given["hour"]), _brigade(session, act)
    at, brigade_id = datetime.combine(act.effective_on, hour, TASHKENT), brigade.id if brigade else None
    with _refusals():
        supply.advance(session, order, SupplyOrderEvent.EXECUTE)
        before = state_at(supply_queries.intervals(session, order.service_point_id), at)
        switched = supply.switch_by_record(session, order, act, at=at, brigade_id=brigade_id)
    order.ended_act_id = act.id
    readings, dials = _readings(session, act, order, today)
    # The consumer was told when the device said that it switched.
    is_told = switched.replaced_id is not None or (before is not None and before.state == LEADS_TO[kind])
    told = [] if is_told else steps.tell(session, act, supply.TOLD[LEADS_TO[kind]], {}, today=today)
    undo = {"order_id": order.id, "switched": list(switched), "readings": readings, "told": told}
    details = _head(order) | {"address": str(order.service_point), "switched_hour": hour.isoformat("minutes"), "dials": dials}
    further = {"seal_number": given.get("seal_number") or "", "brigade": _name(brigade)}
    return ActOutcome(details | further | _seal(session, act, order, today) | _agreed(act), undo)


def _seal(session: Session, act: Act, order: SupplyOrder, today: date) -> dict[str, Any]:
    """Take the seals off where the supply was cut before, apply the brigade's seal, and record those that were found broken.

    :raises ActRefused: if a seal is not moved
    """
    place = sealing.place_of_supply(session, order.service_point_id, act.effective_on)
    broken = sealing.broken_of(session, act, place, today=today)
    taken = []
    if order.kind == SupplyOrderKind.RECONNECTION:
        taken = sealing.take_off_switch(session, act, place, today=today)
        place = place._replace(sealed_part=SealedPart.TERMINAL_COVER)
    sealing.apply(session, act, numbers_in(act.parameters.get("seal_number")), place, today=today, column="seal_number")
    return {"seals_removed": taken, "seals_broken": broken}


@performs(ActKind.REFUSE_SUPPLY_ORDER, reverse=_reopen, is_ordered=False)
def refuse_supply_order(session: Session, act: Act, _today: date) -> ActOutcome:
    """Record that a brigade could not carry an order out; the supply stands as it did.

    :raises ActRefused: if the order is not open, or the day is before the order's
    """
    order = _order_of(session, act, None)
    with _refusals():
        supply.advance(session, order, SupplyOrderEvent.REFUSE)
    order.ended_act_id = act.id
    return ActOutcome(_head(order) | {"address": str(order.service_point)} | _agreed(act), {"order_id": order.id})


def _order_of(session: Session, act: Act, kind: SupplyOrderKind | None) -> SupplyOrder:
    """Return the issued order that a record is about."""
    with _refusals():
        order = supply.locked_order(session, act.parameters["order_id"] or 0)
    if order.account_id != act.account_id or kind not in {None, order.kind} or order.status == SupplyOrderStatus.DRAFT:
        raise ActRefused(ActRefusal.NO_ORDER)
    if act.effective_on < order.ordered_on:
        raise ActRefused(ActRefusal.BEFORE_ORDER, order.ordered_on.isoformat(), column="effective_on")
    return order


def _agreed(act: Act) -> dict[str, Any]:
    """Return who signed: the consumer, or two witnesses where access or the signature was refused."""
    consent = Consent(act.parameters["consent"])
    names = [(act.parameters.get(name) or "").strip() for name in ("witness_1", "witness_2")]
    if consent != Consent.SIGNED and (not all(names) or names[0].casefold() == names[1].casefold()):
        raise ActRefused(ActRefusal.WITNESSES, column="witness_1" if not names[0] else "witness_2")
    return {"consent": consent.value, "witness_1": names[0], "witness_2": names[1]}


def _head(order: SupplyOrder) -> dict[str, Any]:
    return {
        "order_number": order.id,
        "order_kind": str(order.kind),
        "off_reason": str(order.off_reason),
        "order_status": str(order.status),
    }


def _readings(session: Session, act: Act, order: SupplyOrder, today: date) -> tuple[list[int], list[str]]:
    """Record what the brigade read from registers; return the new readings, and what was read as the document names it.

    :raises ActRefused: if a reading breaks a rule, or another of the day stands
    """
    given = act.parameters.get("readings") or {}
    rows = [
        row for row in queries.registers_on(session, order.service_point_id, act.effective_on, until=False) if str(row.register_id) in given
    ]
    made = []
    for meter in dict.fromkeys(row.serial_number for row in rows):
        fresh = [row for row in rows if row.serial_number == meter and not _is_read(row, given[str(row.register_id)])]
        if fresh:
            made += _entered(session, act, meter, fresh, today)
    return made, steps.dials_of(act, rows)


def _is_read(row: RegisterOnDay, dial: int) -> bool:
    """Return whether the very value was recorded on the day already."""
    if row.dial_milli is not None and row.dial_milli != dial:
        place = f"{row.serial_number} {row.code}"
        raise ActRefused(ActRefusal.READING_DIFFERS, place, column=f"reading_{row.register_id}")
    return row.dial_milli is not None


def _entered(session: Session, act: Act, meter: str, rows: list[RegisterOnDay], today: date) -> list[int]:
    given, by_code = act.parameters["readings"], {row.code: row for row in rows}
    dials = {row.code: metering.dial_text(given[str(row.register_id)]) for row in rows}
    assert act.account_id is not None
    try:
        made = metering.enter_registers(
            session, account_id=act.account_id, meter_number=meter, read_on=act.effective_on.isoformat(), dials=dials,
            source=ReadingSource.CONTROLLER, sure=True, today=today,
        )  # fmt: skip
    except metering.ReadingRefused as refused:
        column = f"reading_{by_code.get(refused.register, rows[0]).register_id}"
        raise ActRefused(ActRefusal.READING_REFUSED, refused.problem.value, column=column) from refused
    return [each.id for each in made]
