"""Files of readings: every row judged, the good ones booked."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app.domain import identifiers
from app.domain.metering import (
    FileProblem,
    ImportStatus,
    ReadingKind,
    ReadingSource,
    RowProblem,
    RowStatus,
)
from app.models.administration import StoredFile
from app.models.metering import ReadingImport, ReadingImportRow
from app.queries import metering as queries
from app.queries.metering import Series
from app.services import bulk
from app.services.metering.readings import Judged, RawRow, Refused, judge


class NotChecked(Exception):
    """Only a checked file can be accepted."""


#: Meter installation → day and dial of its last reading.
Seen = dict[int, tuple[date, int]]


def receive_file(session: Session, stored: StoredFile) -> ReadingImport:
    """Take in a file of readings; a file with the same contents as an accepted one is refused at once."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:digest))"), {"digest": stored.sha256})
    reading_import = ReadingImport(division_id=stored.division_id, stored_file_id=stored.id)
    before = session.scalar(
        select(ReadingImport.id)
        .join(StoredFile, StoredFile.id == ReadingImport.stored_file_id)
        .where(StoredFile.sha256 == stored.sha256, ReadingImport.status != ImportStatus.REFUSED)
        .limit(1)
    )
    session.add(reading_import)
    if before:
        refuse_file(reading_import, FileProblem.ALREADY_LOADED, str(before))
    session.flush()
    return reading_import


def refuse_file(reading_import: ReadingImport, problem: FileProblem, detail: str = "") -> None:
    """Refuse a whole file, saying why."""
    reading_import.status = ImportStatus.REFUSED
    reading_import.problem = {"problem": problem, "detail": detail[:300]}


def reading_import(session: Session, import_id: int) -> ReadingImport:
    """Return a file of readings, locked."""
    return session.execute(select(ReadingImport).where(ReadingImport.id == import_id).with_for_update()).scalar_one()


def check_rows(session: Session, target: ReadingImport, rows: Sequence[RawRow], seen: Seen | None = None, *, today: date) -> None:
    """Judge rows of a file and keep each with its verdict; nothing is booked yet.

    Rows of one file may follow each other: the first good reading of a register is the "last reading" of the next row.

    :param seen: the last good reading of each installation in the rows before; filled on
    """
    seen = {} if seen is None else seen
    known = _known_series(session, target, rows)
    for number, series in known.items():
        known[number] = [_follow(each, seen) for each in series]
    verdicts = [_verdict(row, known, today) for row in rows]
    for each in (each for series in known.values() for each in series):
        if each.last_read_on is not None and each.last_dial_milli is not None:
            seen[each.meter_installation_id] = each.last_read_on, each.last_dial_milli
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
            "status": [verdict["status"] for verdict in verdicts],
            "problem": [verdict.get("problem") for verdict in verdicts],
            '"column"': [verdict.get("column") for verdict in verdicts],
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


def _follow(series: Series, seen: Seen) -> Series:
    if series.meter_installation_id not in seen:
        return series
    read_on, dial_milli = seen[series.meter_installation_id]
    return series._replace(last_read_on=read_on, last_dial_milli=dial_milli)


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
    rows = [RawRow(row.row_no, row.account_number, row.meter_number, row.read_on, row.dial) for row in stored]
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
    return rows[-1].row_no


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


def _reject_late(session: Session, target: ReadingImport, row: RawRow, refused: Refused) -> None:
    session.execute(
        update(ReadingImportRow)
        .where(ReadingImportRow.reading_import_id == target.id, ReadingImportRow.row_no == row.row_no)
        .values(status=RowStatus.REJECTED, problem=refused.problem, column=refused.column)
    )
    target.accepted -= 1
    target.rejected += 1


def _known_series(session: Session, target: ReadingImport, rows: Sequence[RawRow]) -> dict[str, list[Series]]:
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


def _judge_in_file(row: RawRow, known: dict[str, list[Series]], today: date) -> Judged:
    """Judge a row and let the next row of the same register follow on it."""
    try:
        number = identifiers.account_number(row.account_number)
    except identifiers.InvalidIdentifier:
        raise Refused(RowProblem.NOT_AN_ACCOUNT_NUMBER if row.account_number.strip() else RowProblem.EMPTY, "account_number") from None
    judged = judge(row, known.get(number, []), today=today)
    known[number] = [
        series._replace(last_read_on=judged.read_on, last_dial_milli=judged.dial_milli)
        if series.meter_installation_id == judged.series.meter_installation_id
        else series
        for series in known[number]
    ]
    return judged


def _verdict(row: RawRow, known: dict[str, list[Series]], today: date) -> dict[str, Any]:
    try:
        judged = _judge_in_file(row, known, today)
    except Refused as refused:
        return {"status": RowStatus.REJECTED, "problem": refused.problem, "column": refused.column}
    return {"status": RowStatus.GOOD, "doubt": judged.doubt, "quantity_milli": judged.quantity_milli}
