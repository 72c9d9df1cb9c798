"""Devices, where they are, and what moved them there."""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.domain.equipment import DeviceEvent, DeviceState, EquipmentDocumentKind
from app.models.equipment import Movement
from app.queries.movements import DEVICES
from app.queries.names import shown
from app.queries.records import Choice, fetch_all, fetch_one, fetch_optional

_LONGEST_ID = 19


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


def is_evidence(session: Session, device_id: int, *, reason_id: int | None, since: date) -> bool:
    """Return whether a meter that is taken off was interfered with: the cause says so, or the meter told so since it was installed.

    What the meter told is no evidence once its inspection ended without a record.
    """
    statement = """
        SELECT EXISTS (SELECT FROM meter_change_reason WHERE id = CAST(:reason AS bigint) AND code = 'TAMPER')
            OR EXISTS (
                SELECT FROM device_event e
                WHERE e.device_id = :device AND e.kind = 'TAMPERED'
                  AND (e.happened_at AT TIME ZONE 'Asia/Tashkent')::date >= :since
                  AND NOT EXISTS (
                      SELECT FROM inspection n
                      WHERE n.device_event_id = e.id AND n.status = 'ENDED' AND n.inspection_record_id IS NULL))
        """
    return fetch_one(session, statement, bool, device=device_id, reason=reason_id, since=since)


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
        WHERE d.id = ANY (ARRAY(SELECT device_ids(:serial))) ORDER BY d.id
        """
    return fetch_all(session, statement, FoundDevice, serial=serial)


def names_of_number(session: Session, serial: str) -> list[str]:
    """Return the devices with a serial number, however it is written, with their divisions, also those that the reader does not see."""
    return fetch_all(session, "SELECT concat(name, ' (', division, ')') FROM devices_of_number(:serial)", str, serial=serial)


def device_listed(session: Session, written: str) -> list[FoundDevice]:
    """Return the device that ``#`` and its number in the list mean."""
    if not (written.startswith("#") and written[1:].isdecimal() and len(written) < _LONGEST_ID):
        return []
    statement = """
        SELECT d.id, concat_ws(' ', k.name, d.serial_number) AS name, v.name AS division, d.state
        FROM device d JOIN device_model k ON k.id = d.model_id JOIN division v ON v.id = d.division_id WHERE d.id = :id
        """
    return fetch_all(session, statement, FoundDevice, id=int(written[1:]))


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
        FROM ({DEVICES.kept()}) r JOIN device d ON d.id = r.device_id JOIN device_model k ON k.id = d.model_id
        JOIN device_kind n ON n.id = k.device_kind_id
        ORDER BY k.name, d.serial_number, d.id
        """
    return fetch_all(session, statement, Stock, place=stock_place_id, day=on)


def point_of_account(session: Session, number: str, on: date) -> int | None:
    """Return the place of supply of an account on a day; the first one, if there are several."""
    statement = """
        SELECT s.service_point_id FROM account a JOIN supply s ON s.account_id = a.id
        WHERE a.number = :number AND s.valid_from <= :day AND coalesce(s.valid_to > :day, true) ORDER BY s.valid_from, s.id LIMIT 1
        """
    return fetch_optional(session, statement, int, number=number, day=on)


def signers(session: Session, document_id: int) -> list[str]:
    """Return who signed a document, in order."""
    statement = "SELECT created_by FROM equipment_signature WHERE equipment_document_id = :id ORDER BY id"
    return fetch_all(session, statement, str, id=document_id)


#: Tells of a document (``d``) that it lacks the signature of ``:username``.
UNSIGNED = """
    d.status = 'REQUESTED'
    AND NOT EXISTS (SELECT FROM equipment_signature s WHERE s.equipment_document_id = d.id AND s.created_by = :username)
"""


class DocumentToSign(NamedTuple):
    """A document of equipment that lacks a person's signature."""

    id: int
    kind: EquipmentDocumentKind
    document_on: date
    division: str
    reason: str
    signatures: int
    signatures_needed: int
    created_by: str
    created_at: datetime


def documents_to_sign(session: Session, username: str, *, limit: int = 200) -> list[DocumentToSign]:
    """Return the documents that lack the signature of a person, oldest first."""
    statement = f"""
        SELECT d.id, d.kind, d.document_on, {shown("v")} AS division, d.reason,
               (SELECT count(*) FROM equipment_signature x WHERE x.equipment_document_id = d.id) AS signatures, d.signatures_needed,
               d.created_by, d.created_at
        FROM equipment_document d JOIN division v ON v.id = d.division_id WHERE {UNSIGNED} ORDER BY d.id LIMIT :limit
        """
    return fetch_all(session, statement, DocumentToSign, username=username, limit=limit)


def unsigned_count(session: Session, username: str) -> int:
    """Return how many documents lack the signature of a person."""
    return fetch_one(session, f"SELECT count(*) FROM equipment_document d WHERE {UNSIGNED}", int, username=username)


def undone_by(session: Session, document_id: int) -> int | None:
    """Return the counter-document of a document."""
    return fetch_optional(session, "SELECT id FROM equipment_document WHERE reverses_id = :id", int, id=document_id)


def differences(session: Session, document_id: int) -> list[int]:
    """Return the documents of what an inventory found different."""
    return fetch_all(session, "SELECT id FROM equipment_document WHERE inventory_id = :id ORDER BY id", int, id=document_id)


def other_divisions(session: Session) -> list[Choice]:
    """Return the divisions that devices can be sent to: those with a warehouse have people who take them."""
    statement = f"SELECT d.id, {shown('d')} AS name FROM division d WHERE d.parent_id IS NOT NULL ORDER BY name, d.id"
    return fetch_all(session, statement, Choice)


#: Rules of the proof of the books about devices and where none is: each selects (row, stored, computed) where the two differ.
DEVICE_PROOFS = {
    "state and place of a device = its movements": DEVICES.of_things(),
    "movement begins where the one before ended": DEVICES.of_movements(),
    "supplies without a meter = those that are kept": """
        SELECT 'supply ' || coalesce(s.id, u.supply_id), count(u.supply_id), count(s.id)
        FROM (
            SELECT s.id FROM supply s WHERE s.valid_to IS NULL
              AND NOT EXISTS (SELECT FROM meter_installation i WHERE i.service_point_id = s.service_point_id AND i.valid_to IS NULL)
              AND NOT EXISTS (
                SELECT FROM supply_term t WHERE t.account_id = s.account_id AND t.kind = 'UNMETERED_NORM' AND t.valid_to IS NULL)
        ) s FULL JOIN unmetered_supply u ON u.supply_id = s.id
        WHERE s.id IS NULL OR u.supply_id IS NULL GROUP BY s.id, u.supply_id""",
}
