"""Files of readings: every row judged, the good ones booked."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app.domain import identifiers, readers
from app.domain.metering import (
    FileProblem,
    ImportStatus,
    ReadingKind,
    ReadingSource,
    RowStatus,
)
from app.gateways.meter_data import ReadingRow
from app.models.administration import StoredFile
from app.models.metering import ReadingImport, ReadingImportRow
from app.queries import metering as queries
from app.queries.metering import Series
from app.services import bulk
from app.services.metering.readings import Judged, Refused, judge, read_value


class NotChecked(Exception):
    """Only a checked file can be accepted or discarded."""


#: Meter installation and register → day and dial of its last reading, and the row of the file it stands in.
Seen = dict[tuple[int, int], tuple[date, int, int]]


def receive_file(session: Session, stored: StoredFile) -> ReadingImport:
    """Take in a file of readings; one with the contents of a file that was recorded is refused at once."""
    target = ReadingImport(division_id=stored.division_id, stored_file_id=stored.id)
    session.add(target)
    session.flush()
    refuse_if_recorded(session, target)
    return target


def refuse_if_recorded(session: Session, target: ReadingImport) -> bool:
    """Refuse a file if readings of another one with the same contents were recorded; return whether it was."""
    digest = session.scalar(select(StoredFile.sha256).where(StoredFile.id == target.stored_file_id))
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:digest))"), {"digest": digest})
    before = session.scalar(
        text(
            "SELECT i.id FROM reading_import i JOIN stored_file f ON f.id = i.stored_file_id WHERE f.sha256 = :digest AND i.id <> :id "
            "AND (i.status = 'ACCEPTED' OR EXISTS (SELECT FROM reading_import_row r WHERE r.reading_import_id = i.id "
            "AND r.status = 'ACCEPTED')) LIMIT 1"
        ),
        {"digest": digest, "id": target.id},
    )
    if before:
        refuse_file(target, FileProblem.ALREADY_LOADED, "It has the number %(number)s.", number=before)
        session.flush()
    return before is not None


def refuse_file(target: ReadingImport, problem: FileProblem, detail: str = "", **parameters: str | int) -> None:
    """Refuse a whole file, saying why.

    :param detail: a message of the catalogs, and what stands in its places
    """
    target.status = ImportStatus.REFUSED
    target.problem = {"problem": problem, "detail": detail[:300], "parameters": parameters}


def discard_file(session: Session, target: ReadingImport) -> None:
    """Put a checked file aside; the same contents may be loaded again.

    :raises NotChecked: if it is not checked, or its readings are being recorded
    """
    recorded = queries.import_rows(session, target.id, only=(RowStatus.ACCEPTED,), most=1)
    if target.status != ImportStatus.CHECKED or recorded:
        raise NotChecked
    target.status = ImportStatus.DISCARDED
    session.flush()


def reading_import(session: Session, import_id: int) -> ReadingImport:
    """Return a file of readings, locked."""
    return session.execute(select(ReadingImport).where(ReadingImport.id == import_id).with_for_update()).scalar_one()


def check_rows(session: Session, target: ReadingImport, rows: Sequence[ReadingRow], seen: Seen | None = None, *, today: date) -> None:
    """Judge rows of a file and keep each with its verdict; nothing is booked yet.

    Rows of one file may follow each other: the first good reading of a register is the "last reading" of the next row.

    :param seen: the last good reading of each register in the rows before; filled on
    """
    seen = {} if seen is None else seen
    known = _known_series(session, target, rows)
    for number, series in known.items():
        known[number] = [_follow(each, seen) for each in series]
    verdicts = [_verdict(row, known, today) for row in rows]
    for each in (each for series in known.values() for each in series):
        if each.last_read_on is not None and each.last_dial_milli is not None:
            seen[_key(each)] = each.last_read_on, each.last_dial_milli, each.last_row
    bulk.copy(
        session,
        "reading_import_row",
        {
            "division_id": target.division_id,
            "reading_import_id": target.id,
            "row_no": [row.row_no for row in rows],
            "account_number": [row.account_number[:64] for row in rows],
            "meter_number": [row.meter_number[:64] for row in rows],
            "read_on": [row.read_on[:64] for row in rows],
            "dial": [row.dial[:64] for row in rows],
            "register": [row.register[:64] for row in rows],
            "status": [verdict["status"] for verdict in verdicts],
            "problem": [verdict.get("problem") for verdict in verdicts],
            '"column"': [verdict.get("column") for verdict in verdicts],
            "about": [verdict.get("about") for verdict in verdicts],
            "doubt": [verdict.get("doubt") for verdict in verdicts],
            "quantity_milli": [verdict.get("quantity_milli") for verdict in verdicts],
        },
        len(rows),
    )
    rejected = sum(verdict["status"] == RowStatus.REJECTED for verdict in verdicts)
    target.received += len(rows)
    target.rejected += rejected
    target.accepted += len(rows) - rejected
    session.flush()


def _key(series: Series) -> tuple[int, int]:
    return series.meter_installation_id, series.register_id


def _follow(series: Series, seen: Seen) -> Series:
    if _key(series) not in seen:
        return series
    read_on, dial_milli, row_no = seen[_key(series)]
    return series._replace(last_read_on=read_on, last_dial_milli=dial_milli, last_row=row_no)


def forget_rows(session: Session, target: ReadingImport) -> None:
    """Begin the check of a file anew after an interruption."""
    session.execute(text("DELETE FROM reading_import_row WHERE reading_import_id = :id"), {"id": target.id})
    target.received = target.accepted = target.rejected = 0
    session.flush()


def finish_check(session: Session, target: ReadingImport) -> None:
    """Mark a file as checked, so that people may look at it and accept it; one without a good row is refused."""
    assert target.accepted + target.rejected == target.received
    target.status = ImportStatus.CHECKED if target.accepted else ImportStatus.REFUSED
    session.flush()


def accept_rows(session: Session, target: ReadingImport, *, after: int, most: int, today: date) -> int:
    """Book the next good rows of a checked file; a row that is no longer good is rejected.

    :return: the number of the last row looked at; 0 if there was none
    :raises NotChecked: if the file is not checked
    """
    if target.status != ImportStatus.CHECKED:
        raise NotChecked
    stored = queries.import_rows(session, target.id, only=(RowStatus.GOOD,), after=after, most=most)
    if not stored:
        return 0
    rows = [ReadingRow(row.row_no, row.account_number, row.meter_number, row.read_on, row.dial, row.register) for row in stored]
    known = _known_series(session, target, rows)
    good: list[Judged] = []
    accepted: list[int] = []
    for row in rows:
        try:
            judged = _judge_in_file(row, known, today)
        except Refused as refused:
            _reject_late(session, target, row, refused)
        else:
            good.append(judged)
            accepted.append(row.row_no)
    ids = _book(session, target, good)
    session.execute(
        text(
            "UPDATE reading_import_row r SET status = 'ACCEPTED', reading_id = u.reading_id "
            "FROM unnest(CAST(:rows AS int[]), CAST(:ids AS bigint[])) AS u (row_no, reading_id) "
            "WHERE r.reading_import_id = :id AND r.row_no = u.row_no"
        ),
        {"rows": accepted, "ids": ids, "id": target.id},
    )
    return int(rows[-1].row_no)


def finish_acceptance(session: Session, target: ReadingImport) -> None:
    """Mark a file as accepted: every row was booked or rejected; one of which nothing was booked is refused."""
    assert target.accepted + target.rejected == target.received
    target.status = ImportStatus.ACCEPTED if target.accepted else ImportStatus.REFUSED
    session.flush()


def _book(session: Session, target: ReadingImport, good: list[Judged]) -> list[int]:
    ids: list[int] = bulk.reserve_ids(session, "reading", len(good)).tolist()
    bulk.copy(
        session,
        "reading",
        {
            "id": ids,
            "division_id": [judged.series.division_id for judged in good],
            "account_id": [judged.series.account_id for judged in good],
            "meter_installation_id": [judged.series.meter_installation_id for judged in good],
            "register_id": [judged.series.register_id for judged in good],
            "read_on": [judged.read_on for judged in good],
            "dial_milli": [judged.dial_milli for judged in good],
            "kind": ReadingKind.PERIODIC,
            "source": ReadingSource.FILE,
            "reading_import_id": target.id,
        },
        len(good),
    )
    return ids


def _reject_late(session: Session, target: ReadingImport, row: ReadingRow, refused: Refused) -> None:
    session.execute(
        update(ReadingImportRow)
        .where(ReadingImportRow.reading_import_id == target.id, ReadingImportRow.row_no == row.row_no)
        .values(status=RowStatus.REJECTED, problem=refused.problem, column=refused.column, about=refused.about or None)
    )
    target.accepted -= 1
    target.rejected += 1


def _known_series(session: Session, target: ReadingImport, rows: Sequence[ReadingRow]) -> dict[str, list[Series]]:
    """Return the registers the rows name, of accounts in the file's division and below."""
    numbers = sorted({identifiers.compact(row.account_number) for row in rows})
    inside = {
        row[0]
        for row in session.execute(
            text(
                "SELECT a.number FROM account a JOIN division d ON d.id = a.division_id "
                "WHERE a.number = ANY(:numbers) AND starts_with(d.path, (SELECT path FROM division WHERE id = :division_id))"
            ),
            {"numbers": numbers, "division_id": target.division_id},
        )
    }
    known: dict[str, list[Series]] = defaultdict(list)
    for series in queries.series_by_number(session, sorted(inside)):
        known[series.account_number].append(series)
    return known


def _judge_in_file(row: ReadingRow, known: dict[str, list[Series]], today: date) -> Judged:
    """Judge a row and let the next row of the same register follow on it."""
    number = "" if row.refusal else read_value(row.account_number, "account_number", readers.account_number)
    judged = judge(row, known.get(number, []), today=today)
    known[number] = [
        series._replace(last_read_on=judged.read_on, last_dial_milli=judged.dial_milli, last_row=row.row_no)
        if _key(series) == _key(judged.series)
        else series
        for series in known[number]
    ]
    return judged


def _verdict(row: ReadingRow, known: dict[str, list[Series]], today: date) -> dict[str, Any]:
    try:
        judged = _judge_in_file(row, known, today)
    except Refused as refused:
        return {"status": RowStatus.REJECTED, "problem": refused.problem, "column": refused.column, "about": refused.about or None}
    return {"status": RowStatus.GOOD, "doubt": judged.doubt, "quantity_milli": judged.quantity_milli}
