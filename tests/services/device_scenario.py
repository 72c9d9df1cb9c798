"""Readings that devices send, taken as a head-end sends them."""

from datetime import UTC, date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.metering import ImportContent, ReadingSource
from app.gateways.device_data import DeviceTexts, rows_of_texts
from app.models.metering import ReadingImport
from app.services import administration, metering

TODAY, NOW = date(2026, 3, 1), datetime(2026, 3, 1, 7, 0, tzinfo=UTC)


def device_import(session: Session, division_id: int) -> ReadingImport:
    """Add an import of devices' readings."""
    stored = administration.store_file(session, division_id=division_id, name="1.json", media_type="application/json", content=b"{}")
    target = ReadingImport(division_id=division_id, stored_file_id=stored.id, content=ImportContent.DEVICES)
    session.add(target)
    session.flush()
    return target


def send(
    session: Session, division_id: int, *rows: tuple[str, ...], source: ReadingSource = ReadingSource.TELEMETRY, today: date = TODAY
) -> ReadingImport:
    """Take readings: (device, day or moment, dial, register, quality), the last two may be left out."""
    target = device_import(session, division_id)
    texts = [DeviceTexts(number, *row) for number, row in enumerate(rows, 1)]
    metering.take_rows(session, target, rows_of_texts(texts), source=source, today=today, now=NOW)
    metering.finish(session, target)
    return target


def counts(target: ReadingImport) -> tuple[int, int, int, int]:
    """Return how many were accepted, held, parked, refused."""
    assert target.accepted + target.held + target.parked + target.rejected == target.received
    return target.accepted, target.held, target.parked, target.rejected


def refusals(session: Session, target: ReadingImport) -> list[tuple[int, str, str]]:
    """Return row, rule and column of what was refused."""
    rows = session.execute(
        text('SELECT row_no, problem, "column" FROM reading_import_row WHERE reading_import_id = :id ORDER BY row_no, id'),
        {"id": target.id},
    )
    return [(int(row[0]), str(row[1]), str(row[2])) for row in rows]


def waiting(session: Session) -> list[tuple[str, int]]:
    """Return what stands in the queue: doubt and dial in whole units."""
    rows = session.execute(text("SELECT doubt, dial_milli / 1000 FROM doubtful_reading WHERE status = 'WAITING' ORDER BY id"))
    return [(str(row[0]), int(row[1])) for row in rows]


def standing(session: Session, register_id: int) -> list[tuple[date, int, str]]:
    """Return the readings of a register that stand: day, dial in whole units, source."""
    rows = session.execute(
        text(
            "SELECT r.read_on, r.dial_milli / 1000, r.source FROM reading r WHERE r.register_id = :id "
            "AND NOT EXISTS (SELECT FROM reading n WHERE n.replaces_id = r.id) ORDER BY r.read_on, r.id"
        ),
        {"id": register_id},
    )
    return [(row[0], int(row[1]), str(row[2])) for row in rows]
