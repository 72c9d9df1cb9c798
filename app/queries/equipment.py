"""Devices, where they are, and what moved them there."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.domain.equipment import DeviceEvent, DeviceState
from app.models.equipment import Movement
from app.queries.records import fetch_all, fetch_optional


def stands(movement: str) -> str:
    """Return the SQL that tells whether a movement (by its alias) stands: it neither undoes another nor was undone."""
    return f"{movement}.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM movement undone WHERE undone.reverses_id = {movement}.id)"


def last_standing(session: Session, device_id: int) -> Movement | None:
    """Return the last movement of a device that stands."""
    undone = aliased(Movement)
    return session.scalar(
        select(Movement)
        .where(Movement.device_id == device_id, Movement.reverses_id.is_(None))
        .where(~select(undone.id).where(undone.reverses_id == Movement.id).exists())
        .order_by(Movement.step_no.desc())
        .limit(1)
    )


def is_taken_over(session: Session, device_id: int) -> bool:
    """Return whether a device stood at its place before movements were recorded."""
    taken = select(Movement.id).where(
        Movement.device_id == device_id, Movement.event == DeviceEvent.TAKE_OVER, Movement.reverses_id.is_(None)
    )
    return session.scalar(taken.limit(1)) is not None


def counted_there(session: Session, device_id: int, point_id: int, on: date) -> str | None:
    """Return the serial number of another meter with a register of the device that counts at a place of supply on a day or later."""
    statement = """
        SELECT o.serial_number FROM meter_installation i JOIN device o ON o.id = i.meter_id
        WHERE i.service_point_id = :point AND i.meter_id <> :device AND coalesce(i.valid_to > :day, true)
          AND EXISTS (
              SELECT 1 FROM register mine JOIN register g ON g.meter_id = o.id AND g.code = mine.code WHERE mine.meter_id = :device
          )
        ORDER BY i.valid_from LIMIT 1
        """
    return fetch_optional(session, statement, str, point=point_id, device=device_id, day=on)


class FoundDevice(NamedTuple):
    """A device found by what was written of it."""

    id: int
    name: str
    division: str
    state: DeviceState | None


def devices_by_serial(session: Session, serial: str) -> list[FoundDevice]:
    """Return the devices with a serial number, however it is written, in the reader's divisions."""
    statement = """
        SELECT d.id, concat_ws(' ', k.name, d.serial_number) AS name, v.name AS division, d.state
        FROM device d JOIN device_model k ON k.id = d.model_id JOIN division v ON v.id = d.division_id
        WHERE device_serial(d.serial_number) = device_serial(:serial) ORDER BY d.id
        """
    return fetch_all(session, statement, FoundDevice, serial=serial)


#: The last movement of each device that stood on a day.
REPLAY = f"""
    SELECT DISTINCT ON (m.device_id) m.* FROM movement m WHERE {stands("m")} AND m.moved_on <= :day ORDER BY m.device_id, m.step_no DESC
"""


class Stock(NamedTuple):
    """A device that a warehouse or a brigade kept at the end of a day."""

    device_id: int
    kind: str
    model: str
    serial_number: str
    state: DeviceState | None
    since_on: date


def stock(session: Session, stock_place_id: int, on: date) -> list[Stock]:
    """Return what a warehouse or a brigade kept at the end of a day: the replay of movements, not what stands on devices."""
    statement = f"""
        SELECT r.device_id, n.code AS kind, k.name AS model, d.serial_number, r.to_state AS state, r.moved_on AS since_on
        FROM ({REPLAY}) r JOIN device d ON d.id = r.device_id JOIN device_model k ON k.id = d.model_id
        JOIN device_kind n ON n.id = k.device_kind_id
        WHERE r.to_stock_place_id = :place
        ORDER BY k.name, d.serial_number, d.id
        """
    # Only devices that ever came to the place are replayed.
    came = "m.device_id IN (SELECT c.device_id FROM movement c WHERE c.to_stock_place_id = :place) AND m.moved_on <= :day"
    return fetch_all(session, statement.replace("m.moved_on <= :day", came), Stock, place=stock_place_id, day=on)
