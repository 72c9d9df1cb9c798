"""What devices did by themselves, as head-ends tell it: kept once, however often it is sent."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain import metering, readers
from app.domain.metering import RowProblem, RowStatus, Thresholds
from app.domain.readers import Misread, ReadingFault
from app.gateways.device_data.events import EVENT_WORDS, EventTexts
from app.models.metering import ReadingImport
from app.services import bulk


class EventRefused(NamedTuple):
    """Why an event is refused: the rule, the field, and what stands there."""

    problem: RowProblem
    column: str
    value: str


_KEEP = text(
    """
    INSERT INTO device_event (division_id, meter_data_source_id, reading_import_id, serial_key, serial_number, device_id, kind, happened_at)
    SELECT coalesce(m.division_id, :division_id), :source_id, :import_id, device_serial(k.serial), k.serial, m.id, k.kind, k.happened_at
    FROM unnest(CAST(:serials AS text[]), CAST(:kinds AS text[]), CAST(:moments AS timestamptz[])) k (serial, kind, happened_at)
    LEFT JOIN (
        SELECT d.id, d.division_id, d.serial_number FROM device d JOIN division v ON v.id = d.division_id
        WHERE NOT d.is_double AND starts_with(v.path, (SELECT path FROM division WHERE id = :division_id))
    ) m ON device_serial(m.serial_number) = device_serial(k.serial)
    ON CONFLICT ON CONSTRAINT device_event_key DO NOTHING
    """
)


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
    session.execute(_KEEP, {**given, **lists})
    _refuse(session, target, [row for row in rows if row.row_no in refused], refused)
    target.received += len(rows)
    target.accepted += len(good)
    target.rejected += len(refused)
    session.flush()
    return refused


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
