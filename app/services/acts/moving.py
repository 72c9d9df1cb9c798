"""Devices move with the acts about meters: off a place to the brigade that took them, and from the brigade to a place."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.acts import ActRefusal, ActRefused
from app.domain.equipment import DeviceEvent, DevicePlace, MovementRefused, PlaceKind, StockPlaceKind
from app.models.acts import Act
from app.models.equipment import Device, MeterInstallation, StockPlace
from app.models.reference import Brigade
from app.queries import equipment as queries
from app.services import equipment


def take_off(session: Session, act: Act, installation: MeterInstallation, *, today: date) -> None:
    """Move a meter from its place to the brigade of an act; one that was interfered with is kept as evidence there.

    :raises ActRefused: if no brigade is named, or the meter cannot be moved so
    """
    device, point = session.get_one(Device, installation.meter_id), installation.service_point_id
    kept = _kept_by(session, act)
    with _in_words("brigade_id"):
        if device.state is None:  # it serves since before movements were recorded
            _take_over(session, device.id, point, installation.valid_from, today, None)
        equipment.move(session, device.id, DeviceEvent.REMOVE, on=act.effective_on, today=today, to=kept, act_id=act.id)
        if queries.is_evidence(session, device.id, reason_id=act.parameters.get("reason_id"), since=installation.valid_from):
            equipment.move(session, device.id, DeviceEvent.HOLD, on=act.effective_on, today=today, to=kept, act_id=act.id)


def put_up(session: Session, act: Act, device_id: int, service_point_id: int, *, today: date) -> None:
    """Move a meter to its place: from the brigade it was issued to, or taken over where it comes with its place.

    :raises ActRefused: if the meter is not ready, or cannot be moved so
    """
    with _in_words("serial_number"):
        if session.get_one(Device, device_id).state is None:
            _take_over(session, device_id, service_point_id, act.effective_on, today, act.id)
        else:
            to = DevicePlace(PlaceKind.SERVICE_POINT, service_point_id=service_point_id)
            equipment.move(session, device_id, DeviceEvent.INSTALL, on=act.effective_on, today=today, to=to, act_id=act.id)


def move_back(session: Session, undone: Act, counter: Act) -> None:
    """Take back the movements of an act.

    :raises ActRefused: if one of its meters was moved since
    """
    with _in_words(None):
        equipment.undo_act(session, undone.id, counter_id=counter.id)


def _take_over(session: Session, device_id: int, service_point_id: int, on: date, today: date, act_id: int | None) -> None:
    to = DevicePlace(PlaceKind.SERVICE_POINT, service_point_id=service_point_id)
    equipment.move(session, device_id, DeviceEvent.TAKE_OVER, on=on, today=today, to=to, act_id=act_id)


def _kept_by(session: Session, act: Act) -> DevicePlace:
    """Return the place of the brigade's devices; it is made with the first of them."""
    brigade_id = act.parameters.get("brigade_id")
    if not brigade_id:
        raise ActRefused(ActRefusal.NO_BRIGADE, column="brigade_id")
    place = session.scalar(select(StockPlace).where(StockPlace.brigade_id == int(brigade_id)))
    if place is None:
        brigade = session.get_one(Brigade, int(brigade_id))
        place = StockPlace(
            division_id=brigade.division_id, kind=StockPlaceKind.BRIGADE, name=brigade.name, keeper=brigade.name, brigade_id=brigade.id
        )
        session.add(place)
        session.flush()
    return DevicePlace(PlaceKind.BRIGADE, place.id)


@contextmanager
def _in_words(column: str | None) -> Iterator[None]:
    try:
        yield
    except MovementRefused as refused:
        raise ActRefused(ActRefusal.NOT_MOVED, f"{refused.refusal.value} {refused.detail}", column=column) from refused
