"""A division with a warehouse, a brigade and new meters, for tests of equipment."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import count
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.equipment import DeviceEvent, DevicePlace, EquipmentDocumentKind, PlaceKind, StockPlaceKind
from app.models.administration import Division
from app.models.equipment import Device, DeviceModel, EquipmentDocument, Movement, Register, StockPlace
from app.models.reference import Brigade, Resource
from app.services import equipment
from app.services.equipment import DocumentRequest

TODAY = date(2026, 3, 31)
NOW = datetime(2026, 3, 31, 6, tzinfo=UTC)
RECEIVED = date(2026, 3, 1)
_numbers = count(1)
CERTIFICATE = {"certificate_number": "C-1", "verified_to": "2034-03-01"}


class Stores(NamedTuple):
    """Who keeps devices of a division."""

    division: Division
    warehouse: DevicePlace
    brigade: DevicePlace


def make_stores(session: Session, division: Division, *, most_devices: int | None = None) -> Stores:
    """Add a warehouse and a brigade to a division."""
    warehouse = StockPlace(division_id=division.id, kind=StockPlaceKind.WAREHOUSE, name="Store", keeper="Keeper")
    crew = Brigade(division_id=division.id, name="Brigade")
    session.add(crew)
    session.flush()
    brigade = StockPlace(
        division_id=division.id,
        kind=StockPlaceKind.BRIGADE,
        name="Brigade",
        keeper="Foreman",
        most_devices=most_devices,
        brigade_id=crew.id,
    )
    session.add_all([warehouse, brigade])
    session.flush()
    return Stores(division, DevicePlace(PlaceKind.WAREHOUSE, warehouse.id), DevicePlace(PlaceKind.BRIGADE, brigade.id))


def make_device(session: Session, division: Division, serial: str = "N-1", *, kind_id: int = 1) -> Device:
    """Add a device of which no movement is recorded yet."""
    electricity = session.scalars(select(Resource).where(Resource.code == "ELECTRICITY")).one()
    model = session.scalar(select(DeviceModel).where(DeviceModel.device_kind_id == kind_id)) or DeviceModel(
        name=f"Kind {kind_id}", resource_id=electricity.id, device_kind_id=kind_id
    )
    session.add(model)
    session.flush()
    device = Device(division_id=division.id, model_id=model.id, serial_number=serial)
    session.add(device)
    session.flush()
    if kind_id == 1:
        session.add(Register(meter_id=device.id, code="TOTAL", digits=5))
        session.flush()
    return device


def receive(session: Session, stores: Stores, serial: str = "N-1", *, kind_id: int = 1) -> Device:
    """Receive a new device."""
    device = make_device(session, stores.division, serial, kind_id=kind_id)
    equipment.move(session, device.id, DeviceEvent.RECEIVE, on=RECEIVED, today=TODAY, to=stores.warehouse)
    return device


def ready(session: Session, stores: Stores, serial: str = "N-1") -> Device:
    """Receive, verify and seal a new meter."""
    device = receive(session, stores, serial)
    equipment.move(session, device.id, DeviceEvent.VERIFY, on=RECEIVED, today=TODAY, details=CERTIFICATE)
    receive_seals(session, stores, f"P{serial[1:]}")
    equipment.move(session, device.id, DeviceEvent.SEAL, on=RECEIVED, today=TODAY, details={"seals": [f"P{serial[1:]}"]})
    return device


def draw_seals(
    session: Session, stores: Stores, kind: EquipmentDocumentKind, *seals: str, on: date = RECEIVED, **more: Any
) -> EquipmentDocument:
    """Draw up a document of seals; each call another one."""
    given = {"seals": list(seals), "seal_kind_id": 1} | more.pop("given", {})
    wanted = DocumentRequest(kind, stores.division.id, on, "7", "plan", given, f"seals {next(_numbers)}", **more)
    return equipment.submit(session, wanted, today=TODAY)


def receive_seals(session: Session, stores: Stores, *seals: str, at_brigade: bool = False) -> None:
    """Receive seals in the warehouse, and issue them to the brigade if wanted."""
    draw_seals(session, stores, EquipmentDocumentKind.RECEIVE_SEALS, *seals, stock_place_id=stores.warehouse.stock_place_id)
    if at_brigade:
        draw_seals(session, stores, EquipmentDocumentKind.ISSUE_SEALS, *seals, stock_place_id=stores.brigade.stock_place_id)


def issued(session: Session, stores: Stores, serial: str = "N-1") -> Device:
    """Issue a verified and sealed meter to the brigade."""
    device = ready(session, stores, serial)
    equipment.move(session, device.id, DeviceEvent.ISSUE, on=RECEIVED, today=TODAY, to=stores.brigade)
    return device


def history(session: Session, device: Device) -> Iterator[Movement]:
    """Yield the movements of a device in order."""
    yield from session.scalars(select(Movement).where(Movement.device_id == device.id).order_by(Movement.step_no))
