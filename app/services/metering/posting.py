"""Parked readings, judged as if they came now once their device is registered and installed."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

import numpy as np
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.calendar import day_number
from app.domain.metering import REGISTERS, ImportStatus, ReadingSource, Verdict
from app.gateways.device_data import DeviceRows, device_rows
from app.models.metering import ReadingImport
from app.queries.metering import devices as queries
from app.queries.metering.devices import ParkedRow
from app.services.metering.devices import take_rows

#: Readings that are posted in one step.
STEP_ROWS = 10_000
_COUNT_AGAIN = text(
    """
    UPDATE parked_device p SET readings = c.waiting, status = CASE WHEN c.waiting = 0 THEN 'POSTED' ELSE p.status END
    FROM (
        SELECT d.id, count(r.id) AS waiting FROM parked_device d
        LEFT JOIN parked_reading r ON r.parked_device_id = d.id AND r.status = 'WAITING' WHERE d.id = ANY(:ids) GROUP BY d.id
    ) c WHERE p.id = c.id
    """
)


def next_to_post(session: Session, division_id: int, *, device_id: int | None = None, after: int = 0) -> list[ParkedRow]:
    """Return the next parked readings whose device is installed by now.

    :param device_id: of one parked device; None: of all
    """
    return queries.parked_rows(session, division_id, device_id=device_id, after=after, limit=STEP_ROWS)


def post_parked(session: Session, rows: Sequence[ParkedRow], *, today: date, now: datetime) -> int:
    """Judge parked readings under the import they came with; return how many found their device.

    What is good is recorded, what is doubtful goes to the queue, what is refused stands with the import.
    """
    of_import: dict[tuple[int, str], list[ParkedRow]] = defaultdict(list)
    for row in rows:
        of_import[row.reading_import_id, row.source].append(row)
    posted = sum(_post(session, import_id, ReadingSource(source), some, today, now) for (import_id, source), some in of_import.items())
    session.execute(_COUNT_AGAIN, {"ids": sorted({row.parked_device_id for row in rows})})
    return posted


def _post(session: Session, import_id: int, source: ReadingSource, some: Sequence[ParkedRow], today: date, now: datetime) -> int:
    target = session.execute(select(ReadingImport).where(ReadingImport.id == import_id).with_for_update()).scalar_one()
    target.received -= len(some)
    target.parked -= len(some)
    taken = take_rows(session, target, _rows_of(some), source=source, today=today, now=now)
    target.status = ImportStatus.ACCEPTED if target.accepted + target.held + target.parked else target.status
    found = [row.id for row, verdict in zip(some, taken.verdict.tolist(), strict=True) if verdict != Verdict.PARKED]
    session.execute(text("UPDATE parked_reading SET status = 'POSTED' WHERE id = ANY(:ids)"), {"ids": found})
    session.flush()
    return len(found)


def _rows_of(some: Sequence[ParkedRow]) -> DeviceRows:
    places = {code: place for place, code in enumerate(REGISTERS)}
    devices: dict[str, int] = {}
    table = [
        (row.row_no, day_number(row.read_on), -1, row.dial_milli, row.decimals, places.get(row.register, -1), int(row.is_reliable),  # type: ignore[call-overload]
         devices.setdefault(row.serial_number, len(devices)))
        for row in some
    ]  # fmt: skip
    return device_rows(np.array(table, dtype=np.int64), list(devices), [])
