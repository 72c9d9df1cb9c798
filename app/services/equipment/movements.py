"""How a device is moved: the only writer of movements, and of the state, the place and the end of verification of devices.

What a movement writes on the device is what the replay of its movements gives; ``ledger verify`` compares the two.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.domain.equipment import (
    NOWHERE,
    ROUTES,
    DeviceEvent,
    DevicePlace,
    DeviceState,
    MovementRefusal,
    MovementRefused,
    PlaceKind,
    StepNotPossible,
    is_fresh,
    moved,
)
from app.models.equipment import Device, EquipmentDocument, Movement, StockPlace
from app.queries import administration as parameters
from app.queries import equipment as queries
from app.queries import verification
from app.queries.records import fetch_all
from app.services.equipment import sealing
from app.services.seals import SealCause

_READY_FIRST = "equipment.ready_before_installation"


def move(
    session: Session,
    device_id: int,
    event: DeviceEvent,
    *,
    on: date,
    today: date,
    to: DevicePlace | None = None,
    document_id: int | None = None,
    act_id: int | None = None,
    details: Mapping[str, Any] | None = None,
) -> Movement:
    """Move a device: check that it may go this way, record the movement, and write what it leaves on the device.

    ``details`` of VERIFY: ``verified_to`` (ISO, the first day the certificate no longer holds), ``certificate_number``,
    ``issued_on`` (ISO; the movement's day where it is left out), ``seals``; of SEAL: ``seals``, ``sealed_part``.

    :param to: where it comes; None: it stays where it is, or an event that leads nowhere else; of SEAL: whose seals they are
    :raises MovementRefused: if its state, its place, the day or a guard of the event does not allow it
    """
    device = _locked(session, device_id)
    state, begin = _state_of(device), place_of(device)
    try:
        to_state = moved(state, event)
    except StepNotPossible:
        raise MovementRefused(MovementRefusal.NOT_POSSIBLE, f"{device}: {state or '—'}") from None
    _check_day(device, on, today)
    end = _end(session, device, event, begin, to)
    _check_guards(session, device, event, end, on, details or {})
    movement = _record(
        session, device, event, on, (begin, end), to_state, equipment_document_id=document_id, act_id=act_id,
        details=_written(device, event, details or {}),
    )  # fmt: skip
    sealing.follow(session, movement, keeper_id=to.stock_place_id if to else None, today=today)
    if event == DeviceEvent.SEND:
        session.execute(text("SELECT hand_over_device(:device, :receiver)"), {"device": device.id, "receiver": end.division_id})
        session.expire(device)
    return movement


def undo(session: Session, movement: Movement, *, document_id: int | None = None, act_id: int | None = None) -> Movement:
    """Take back the last movement of a device: it stands again as it stood before, as if the movement had not happened on its day.

    :raises MovementRefused: if the device was moved since
    """
    device = _locked(session, movement.device_id)
    last = queries.last_standing(session, device.id)
    if last is None or last.id != movement.id or movement.reverses_id is not None:
        raise MovementRefused(MovementRefusal.NOT_LAST, str(device))
    begin, end = place_of(device), DevicePlace(PlaceKind(movement.from_kind), movement.from_stock_place_id, movement.from_point_id)
    before = movement.details.get("before")
    undone = _record(
        session, device, DeviceEvent(movement.event), movement.moved_on, (begin, end), movement.from_state,
        equipment_document_id=document_id, act_id=act_id, reverses_id=movement.id, details={},
    )  # fmt: skip
    previous = queries.last_standing(session, device.id)
    device.moved_on = previous.moved_on if previous else _sent_on(movement)
    if movement.event == DeviceEvent.VERIFY:
        device.verified_to = date.fromisoformat(before) if before else None
    session.flush()
    return undone


def _sent_on(taken: Movement) -> date | None:
    """Return when a device was sent that a division took: the sender's movements are not read there."""
    written = taken.details.get("sent_on")
    return date.fromisoformat(written) if written else None


def undo_document(session: Session, document: EquipmentDocument, *, counter_id: int) -> list[Movement]:
    """Take back the movements of a document, the last first.

    :raises MovementRefused: if one of its devices was moved since
    """
    found = (
        select(Movement).where(Movement.equipment_document_id == document.id, Movement.reverses_id.is_(None)).order_by(Movement.id.desc())
    )
    sealing.take_back(session, SealCause(equipment_document_id=document.id), counter_id=counter_id)
    return [undo(session, movement, document_id=counter_id) for movement in session.scalars(found).all()]


def undo_act(session: Session, act_id: int, *, counter_id: int) -> list[Movement]:
    """Take back the movements of an act, the last first.

    :raises MovementRefused: if one of its devices was moved since
    """
    found = select(Movement).where(Movement.act_id == act_id, Movement.reverses_id.is_(None)).order_by(Movement.id.desc())
    sealing.take_back(session, SealCause(act_id=act_id), counter_id=counter_id)
    return [undo(session, movement, act_id=counter_id) for movement in session.scalars(found).all()]


def take_over(session: Session, division_id: int) -> int:
    """Record that devices of a division stand installed whose movements were never recorded; return how many.

    Meters that come with their place, and those of the years before movements, begin so.
    """
    return len(fetch_all(session, _TAKE_OVER, int, division_id=division_id))


_TAKE_OVER = """
    WITH taken AS (
        INSERT INTO movement (division_id, device_id, step_no, event, moved_on, to_state, from_kind, to_kind, to_point_id)
        SELECT DISTINCT ON (i.meter_id) i.division_id, i.meter_id, 1, 'TAKE_OVER', i.valid_from, 'INSTALLED', 'NOWHERE', 'SERVICE_POINT',
               i.service_point_id
        FROM meter_installation i JOIN device d ON d.id = i.meter_id AND d.step_no = 0
        WHERE i.division_id = :division_id AND i.valid_to IS NULL ORDER BY i.meter_id, i.valid_from DESC
        RETURNING device_id, moved_on, to_point_id
    )
    UPDATE device d SET step_no = 1, moved_on = t.moved_on, state = 'INSTALLED', place_kind = 'SERVICE_POINT',
        service_point_id = t.to_point_id
    FROM taken t WHERE t.device_id = d.id RETURNING d.id
"""


def place_of(device: Device) -> DevicePlace:
    """Return where a device is."""
    if device.place_kind is None:
        return NOWHERE
    return DevicePlace(PlaceKind(device.place_kind), device.stock_place_id, device.service_point_id)


def _state_of(device: Device) -> DeviceState | None:
    return DeviceState(device.state) if device.state else None


def _locked(session: Session, device_id: int) -> Device:
    device = session.execute(select(Device).where(Device.id == device_id).with_for_update(of=Device)).scalar_one_or_none()
    if device is None:
        raise MovementRefused(MovementRefusal.UNKNOWN_DEVICE, str(device_id))
    return device


def _check_day(device: Device, on: date, today: date) -> None:
    if on > today:
        raise MovementRefused(MovementRefusal.FUTURE_DAY, column="document_on")
    if device.moved_on is not None and on < device.moved_on:
        raise MovementRefused(MovementRefusal.LATER_MOVEMENT, f"{device}: {device.moved_on:%d.%m.%Y}", column="document_on")


def _end(session: Session, device: Device, event: DeviceEvent, begin: DevicePlace, to: DevicePlace | None) -> DevicePlace:
    """Return where an event takes a device.

    :raises MovementRefused: if it does not begin where the device is, or does not lead there
    """
    route = ROUTES[event]
    if begin.kind not in route.begin:
        raise MovementRefused(MovementRefusal.WRONG_PLACE, str(device))
    if not route.end or (event == DeviceEvent.VERIFY and begin.kind == PlaceKind.SERVICE_POINT):
        return begin
    if to is None and event == DeviceEvent.VERIFY and begin.kind == PlaceKind.WAREHOUSE:
        return begin
    end = to or (DevicePlace(route.end[0]) if route.end[0] in (PlaceKind.METROLOGY, PlaceKind.NOWHERE) else None)
    if end is None:
        raise MovementRefused(MovementRefusal.NO_PLACE, column="stock_place")
    if end.stock_place_id is not None:
        end = _kept(session, device, end.stock_place_id)
    if end.kind not in route.end:
        raise MovementRefused(MovementRefusal.WRONG_PLACE, str(device), column="stock_place")
    return end


def _kept(session: Session, device: Device, stock_place_id: int) -> DevicePlace:
    """Return a warehouse or brigade that takes one more device; of two documents at once the second waits.

    :raises MovementRefused: if it is of another division, or full
    """
    place = session.execute(select(StockPlace).where(StockPlace.id == stock_place_id).with_for_update(of=StockPlace)).scalar_one_or_none()
    if place is None or place.division_id != device.division_id:
        raise MovementRefused(MovementRefusal.OTHER_PLACE, str(device), column="stock_place")
    kept = session.scalar(select(func.count()).select_from(Device).where(Device.stock_place_id == place.id)) or 0
    if place.most_devices is not None and kept >= place.most_devices and device.stock_place_id != place.id:
        raise MovementRefused(MovementRefusal.PLACE_FULL, f"{place}: {place.most_devices}", column="stock_place")
    return DevicePlace(PlaceKind(place.kind), place.id)


def _check_guards(session: Session, device: Device, event: DeviceEvent, end: DevicePlace, on: date, details: Mapping[str, Any]) -> None:
    if event in (DeviceEvent.ISSUE, DeviceEvent.INSTALL):
        _check_ready(session, device, event, on)
    if event == DeviceEvent.INSTALL:
        _check_free(session, device, end, on)
    if event == DeviceEvent.VERIFY:
        _check_certificate(session, device, on, details)
    if event == DeviceEvent.SEAL and not details.get("seals"):
        raise MovementRefused(MovementRefusal.NO_SEAL, str(device), column="devices")
    if event == DeviceEvent.SEND and end.division_id in (None, device.division_id):
        raise MovementRefused(MovementRefusal.SAME_DIVISION, column="to_division")


def _check_ready(session: Session, device: Device, event: DeviceEvent, on: date) -> None:
    """Refuse to issue or install what is not verified and sealed; devices that were taken over with their place are exempt."""
    if not device.model.device_kind.is_verified:
        return
    is_exempt = queries.is_taken_over(session, device.id) or not parameters.value_on(session, _READY_FIRST, on)
    needed = DeviceState.SEALED_READY if event == DeviceEvent.ISSUE else DeviceState.ISSUED
    if not is_exempt and device.state != needed:
        raise MovementRefused(MovementRefusal.NOT_READY, str(device))
    if not is_fresh(device.verified_to, on) and not (is_exempt and device.verified_to is None):
        raise MovementRefused(MovementRefusal.NOT_VERIFIED, str(device))


def _check_free(session: Session, device: Device, end: DevicePlace, on: date) -> None:
    if end.service_point_id is None:
        raise MovementRefused(MovementRefusal.NO_POINT, column="account_number")
    other = queries.counted_there(session, device.id, end.service_point_id, on)
    if other:
        raise MovementRefused(MovementRefusal.POINT_TAKEN, other)


def _check_certificate(session: Session, device: Device, on: date, details: Mapping[str, Any]) -> None:
    """Refuse a certificate that ends, or is older than the one that is known: by the days they were issued, else by their ends."""
    if not details.get("verified_to") or not details.get("certificate_number"):
        raise MovementRefused(MovementRefusal.NO_CERTIFICATE, str(device), column="certificate_number")
    ends = date.fromisoformat(details["verified_to"])
    if ends <= on:
        raise MovementRefused(MovementRefusal.EXPIRED_CERTIFICATE, f"{device}: {ends:%d.%m.%Y}", column="verified_to")
    issued, last = date.fromisoformat(details.get("issued_on") or on.isoformat()), verification.last_issued_on(session, device.id)
    if issued > on:
        raise MovementRefused(MovementRefusal.FUTURE_DAY, column="issued_on")
    if device.verified_to is not None and (issued < (last or issued) or (issued == (last or issued) and ends < device.verified_to)):
        raise MovementRefused(MovementRefusal.OLDER_CERTIFICATE, f"{device}: {device.verified_to:%d.%m.%Y}", column="verified_to")


def _written(device: Device, event: DeviceEvent, details: Mapping[str, Any]) -> dict[str, Any]:
    """Write the end of a verification on the device; return the details as they are kept, with what undoing it needs."""
    if event == DeviceEvent.TAKE and device.moved_on is not None:
        return {**details, "sent_on": device.moved_on.isoformat()}
    if event != DeviceEvent.VERIFY:
        return dict(details)
    before = device.verified_to.isoformat() if device.verified_to else None
    device.verified_to = date.fromisoformat(details["verified_to"])
    return {**details, "before": before}


def _record(
    session: Session,
    device: Device,
    event: DeviceEvent,
    on: date,
    way: tuple[DevicePlace, DevicePlace],
    to_state: DeviceState | None,
    **more: Any,
) -> Movement:
    begin, end = way
    device.step_no += 1
    movement = Movement(
        division_id=device.division_id, device_id=device.id, step_no=device.step_no, event=event, moved_on=on,
        from_state=device.state, to_state=to_state, from_kind=begin.kind, from_stock_place_id=begin.stock_place_id,
        from_point_id=begin.service_point_id, to_kind=end.kind, to_stock_place_id=end.stock_place_id,
        to_point_id=end.service_point_id, to_division_id=end.division_id, **more,
    )  # fmt: skip
    device.moved_on, device.state = on, to_state
    # A device whose first movement was undone stands as if it had never been moved.
    device.place_kind = end.kind if to_state is not None else None
    device.stock_place_id, device.service_point_id = end.stock_place_id, end.service_point_id
    session.add(movement)
    session.flush()
    return movement


def install(session: Session, device_id: int, service_point_id: int, *, on: date, today: date, act_id: int | None = None) -> Movement:
    """Install a device at a place of supply by an act; one without movements is taken over with its place.

    :raises MovementRefused: as ``move``
    """
    device = _locked(session, device_id)
    event = DeviceEvent.TAKE_OVER if device.state is None else DeviceEvent.INSTALL
    place = DevicePlace(PlaceKind.SERVICE_POINT, service_point_id=service_point_id)
    return move(session, device_id, event, on=on, today=today, to=place, act_id=act_id)
