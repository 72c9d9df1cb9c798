"""What devices did by themselves, as head-ends tell it: kept once, however often it is sent."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain import metering, readers
from app.domain.metering import DeviceEventKind, ParkedStatus, RowProblem, RowStatus, Thresholds
from app.domain.readers import Misread, ReadingFault
from app.domain.supply import SupplyRefused, SupplyState
from app.gateways.device_data.events import EVENT_WORDS, EventTexts
from app.models.metering import ReadingImport
from app.queries.records import fetch_all
from app.services import bulk, supply
from app.services.seals import inspections


class EventRefused(NamedTuple):
    """Why an event is refused: the rule, the field, and what stands there."""

    problem: RowProblem
    column: str
    value: str


class _KeptEvent(NamedTuple):
    """An event that is new, and where its device was installed at the moment."""

    id: int
    device_id: int | None
    kind: str
    happened_at: datetime
    service_point_id: int | None


#: Where the device of an event (``e``) was installed at its moment.
_PLACE = """(
        SELECT i.service_point_id FROM meter_installation i
        WHERE i.meter_id = e.device_id AND (e.happened_at AT TIME ZONE 'Asia/Tashkent')::date >= i.valid_from
          AND ((e.happened_at AT TIME ZONE 'Asia/Tashkent')::date < i.valid_to OR i.valid_to IS NULL)
        ORDER BY i.valid_from DESC LIMIT 1
    ) AS service_point_id"""
_KEEP = f"""
    WITH kept AS (
        INSERT INTO device_event (
            division_id, meter_data_source_id, reading_import_id, serial_key, serial_number, device_id, kind, happened_at
        )
        SELECT coalesce(m.division_id, :division_id), :source_id, :import_id, device_serial(k.serial), k.serial, m.id, k.kind, k.happened_at
        FROM unnest(CAST(:serials AS text[]), CAST(:kinds AS text[]), CAST(:moments AS timestamptz[])) k (serial, kind, happened_at)
        LEFT JOIN LATERAL (
            SELECT d.id, d.division_id
            FROM devices_known(ARRAY[device_serial(k.serial)]) n JOIN device d ON d.id = n.id JOIN division v ON v.id = d.division_id
            WHERE starts_with(v.path, (SELECT path FROM division WHERE id = :division_id))
        ) m ON true
        ON CONFLICT ON CONSTRAINT device_event_key DO NOTHING
        RETURNING id, device_id, kind, happened_at
    )
    SELECT e.id, e.device_id, e.kind, e.happened_at, {_PLACE} FROM kept e ORDER BY e.happened_at, e.id
"""
#: Events that waited for a device which is known by now.
_FOUND = f"""
    WITH kept AS (
        UPDATE device_event v SET device_id = f.device_id, division_id = f.division_id
        FROM (
            SELECT w.id, d.id AS device_id, d.division_id
            FROM device_event w CROSS JOIN LATERAL devices_known(ARRAY[w.serial_key::text]) n
            JOIN device d ON d.id = n.id JOIN division p ON p.id = d.division_id
            WHERE w.status = 'WAITING' AND starts_with(p.path, (SELECT path FROM division WHERE id = :division_id))
              AND EXISTS (SELECT FROM meter_installation i WHERE i.meter_id = d.id)
        ) f
        WHERE f.id = v.id AND v.status = 'WAITING'
        RETURNING v.id, v.device_id, v.kind, v.happened_at
    )
    SELECT e.id, e.device_id, e.kind, e.happened_at, {_PLACE} FROM kept e ORDER BY e.happened_at, e.id
"""
_STATES = {DeviceEventKind.DISCONNECTED: SupplyState.OFF, DeviceEventKind.RECONNECTED: SupplyState.ON}


def take_events(
    session: Session, target: ReadingImport, rows: Sequence[EventTexts], limits: Thresholds, *, now: datetime
) -> dict[int, EventRefused]:
    """Keep events of devices, and return those that are refused by row; what happened to an unknown device waits for it."""
    refused: dict[int, EventRefused] = {}
    good: list[tuple[str, str, datetime]] = []
    for row in rows:
        found = _read(row, now + timedelta(minutes=limits.clock_minutes))
        if isinstance(found, EventRefused):
            refused[row.row_no] = found
        else:
            good.append(found)
    given = {"division_id": target.division_id, "source_id": target.meter_data_source_id, "import_id": target.id}
    lists = {name: [each[place] for each in good] for place, name in enumerate(("serials", "kinds", "moments"))}
    for event in fetch_all(session, _KEEP, _KeptEvent, **given, **lists):
        _follow(session, event, now)
    _refuse(session, target, [row for row in rows if row.row_no in refused], refused)
    target.received += len(rows)
    target.accepted += len(good)
    target.rejected += len(refused)
    session.flush()
    return refused


def follow_waiting(session: Session, division_id: int, *, now: datetime) -> int:
    """Let the state of supply follow events whose devices are installed by now, in a division and below; return how many there were."""
    found = fetch_all(session, _FOUND, _KeptEvent, division_id=division_id)
    for event in found:
        _follow(session, event, now)
    return len(found)


def _follow(session: Session, event: _KeptEvent, now: datetime) -> None:
    """Let the state of supply follow an event, or open an inspection; what is installed nowhere waits, what does not fit is put aside."""
    if event.service_point_id is None:
        return
    if event.kind == DeviceEventKind.TAMPERED:
        assert event.device_id is not None
        opened = inspections.open_for_event(session, event.device_id, event_id=event.id, at=event.happened_at)
        _decide(session, event, ParkedStatus.POSTED if opened else ParkedStatus.DISCARDED)
        return
    switched = supply.SwitchEvent(
        event.service_point_id, _STATES[DeviceEventKind(event.kind)], event.happened_at, f"device-event:{event.id}"
    )
    try:
        with session.begin_nested():
            supply.switch_by_device(session, switched, now=max(now, event.happened_at))
        status = ParkedStatus.POSTED
    except SupplyRefused:
        status = ParkedStatus.DISCARDED
    _decide(session, event, status)


def _decide(session: Session, event: _KeptEvent, status: ParkedStatus) -> None:
    session.execute(text("UPDATE device_event SET status = :status WHERE id = :id"), {"id": event.id, "status": status})


def _read(row: EventTexts, latest: datetime) -> tuple[str, str, datetime] | EventRefused:
    if row.fault:
        return EventRefused(metering.problem_of(ReadingFault(row.fault[0])), row.fault[1], "")
    try:
        serial = readers.code(row.meter_number)
    except Misread as misread:
        return EventRefused(metering.problem_of(misread.fault), "meter_number", row.meter_number)
    if not serial:
        return EventRefused(RowProblem.EMPTY, "meter_number", "")
    kind = EVENT_WORDS.get(row.event.strip().upper())
    if kind is None:
        return EventRefused(RowProblem.UNKNOWN_EVENT, "event", row.event)
    try:
        happened_at = readers.moment(row.happened_at)
    except Misread as misread:
        return EventRefused(metering.problem_of(misread.fault), "happened_at", row.happened_at)
    if happened_at > latest:
        return EventRefused(RowProblem.IN_THE_FUTURE, "happened_at", row.happened_at)
    return serial, kind, happened_at


def _refuse(session: Session, target: ReadingImport, chosen: Sequence[EventTexts], refused: dict[int, EventRefused]) -> None:
    why = [refused[row.row_no] for row in chosen]
    bulk.copy(
        session,
        "reading_import_row",
        {
            "division_id": target.division_id,
            "reading_import_id": target.id,
            "row_no": [row.row_no for row in chosen],
            "account_number": "",
            "meter_number": [row.meter_number[:64] for row in chosen],
            "read_on": [row.happened_at[:64] for row in chosen],
            "dial": [row.event[:64] for row in chosen],
            "register": "",
            "status": RowStatus.REJECTED,
            "problem": [each.problem for each in why],
            '"column"': [each.column for each in why],
            "about": [{"value": each.value[:100]} if each.value else None for each in why],
        },
        len(chosen),
    )
