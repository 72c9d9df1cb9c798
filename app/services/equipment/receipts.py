"""New devices come with a receipt: their model, year and registers; a number stands once, unless two persons say otherwise."""

from sqlalchemy.orm import Session

from app.domain.equipment import MovementRefusal, MovementRefused
from app.domain.metering import RegisterCode
from app.models.equipment import Device, DeviceModel, EquipmentDocument, Register
from app.queries import equipment as queries


def receive(session: Session, document: EquipmentDocument, serial: str) -> Device:
    """Return the device a receipt names, added if it is new; one whose receipt was undone is received again.

    :raises MovementRefused: if no model is said, or a device with the number is there, naming it
    """
    given = document.parameters
    model = session.get(DeviceModel, given.get("model_id") or 0)
    if model is None:
        raise MovementRefused(MovementRefusal.NO_MODEL, column="model_id")
    for other in queries.devices_by_serial(session, serial):
        device = session.get_one(Device, other.id)
        if device.state is None and device.model_id == model.id and device.division_id == document.division_id:
            return device
    others = queries.names_of_number(session, serial)
    if others and not given.get("is_double"):
        raise MovementRefused(MovementRefusal.SERIAL_TAKEN, ", ".join(others), column="devices")
    device = Device(
        division_id=document.division_id, model_id=model.id, serial_number=serial, made_in_year=given.get("made_in_year"),
        is_double=bool(others),
    )  # fmt: skip
    session.add(device)
    session.flush()
    if model.device_kind.has_registers:
        codes, digits = given.get("registers") or [RegisterCode.TOTAL], given.get("digits") or 5
        session.add_all(Register(meter_id=device.id, code=code, digits=digits, decimals=given.get("decimals") or 0) for code in codes)
        session.flush()
    return device
