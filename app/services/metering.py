"""Readings: judged, entered by hand, taken from files."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app.domain import identifiers, metering
from app.domain.metering import (
    Dials,
    Doubt,
    FileProblem,
    ImportStatus,
    ReadingKind,
    ReadingSource,
    RowProblem,
    RowStatus,
)
from app.domain.values import MILLI_PER_UNIT, NotANumber, decimal_of, milli_of
from app.models.administration import StoredFile
from app.models.metering import Reading, ReadingImport, ReadingImportRow
from app.queries import metering as queries
from app.queries.metering import Series
from app.services import bulk


class Refused(Exception):
    """A reading breaks a rule.

    :ivar problem: which rule
    :ivar column: which field it is about
    """

    def __init__(self, problem: RowProblem, column: str) -> None:
        super().__init__(problem.value)
        self.problem, self.column = problem, column


class Doubtful(Exception):
    """A reading is believable only if somebody says so.

    :ivar doubt: what is odd about it
    :ivar quantity_milli: the energy it would mean
    """

    def __init__(self, doubt: Doubt, quantity_milli: int) -> None:
        super().__init__(doubt.value)
        self.doubt, self.quantity_milli = doubt, quantity_milli


class AlreadyBilled(Exception):
    """A reading that a bill was made with, or that others follow, is corrected by the next one."""


class NotChecked(Exception):
    """Only a checked file can be accepted."""


#: Meter installation → day and dial of its last reading.
Seen = dict[int, tuple[date, int]]


class RawRow(NamedTuple):
    """A row of a file of readings as it stands there."""

    row_no: int
    account_number: str
    meter_number: str
    read_on: str
    dial: str


class Judged(NamedTuple):
    """A reading that may be booked."""

    series: Series
    read_on: date
    dial_milli: int
    quantity_milli: int | None
    doubt: Doubt | None


def judge(row: RawRow, known: Sequence[Series], *, today: date) -> Judged:
    """Check a reading against the register it claims to be of.

    :param known: the registers of the account the row names
    :raises Refused: naming the rule and the field
    """
    if not known:
        raise Refused(RowProblem.UNKNOWN_ACCOUNT, "account_number")
    read_on = _date_of(row.read_on)
    if read_on > today:
        raise Refused(RowProblem.IN_THE_FUTURE, "read_on")
    series = _series_on(row, known, read_on)
    dial_milli = _dial_of(row.dial, series)
    if series.last_read_on is None:
        return Judged(series, read_on, dial_milli, None, None)
    if read_on <= series.last_read_on:
        raise Refused(RowProblem.BEFORE_LAST_READING, "read_on")
    quantity, rolled_over = _consumption(series, dial_milli)
    days = (read_on - series.last_read_on).days
    largest = series.capacity_milli_per_hour * 24 * days
    average = series.history_milli * days // series.history_days if series.history_days else 0
    found = metering.doubts(quantity, average_milli=average, largest_milli=largest, zeros_before=0)
    if Doubt.IMPOSSIBLE in found:
        raise Refused(RowProblem.LOWER_THAN_LAST if rolled_over else RowProblem.IMPOSSIBLE, "dial")
    doubt = found[0] if found else (Doubt.HIGH if rolled_over and average == 0 else None)
    return Judged(series, read_on, dial_milli, quantity, doubt)


def enter(
    session: Session,
    *,
    account_id: int,
    meter_number: str,
    read_on: str,
    dial: str,
    source: ReadingSource,
    sure: bool,
    today: date,
) -> Reading:
    """Book a reading typed by a person.

    :param sure: the person was asked about the doubt and means it
    :raises Refused: if it breaks a rule
    :raises Doubtful: if it is odd and nobody was asked yet
    """
    session.execute(text("SELECT 1 FROM account WHERE id = :id FOR NO KEY UPDATE"), {"id": account_id})
    judged = judge(RawRow(0, "", meter_number, read_on, dial), queries.series_of_account(session, account_id), today=today)
    if judged.doubt and not sure:
        raise Doubtful(judged.doubt, judged.quantity_milli or 0)
    reading = Reading(
        division_id=judged.series.division_id,
        account_id=judged.series.account_id,
        meter_installation_id=judged.series.meter_installation_id,
        register_id=judged.series.register_id,
        read_on=judged.read_on,
        dial_milli=judged.dial_milli,
        kind=ReadingKind.PERIODIC if judged.series.last_read_on else ReadingKind.INITIAL,
        source=source,
    )
    session.add(reading)
    session.flush()
    return reading


def correct(session: Session, *, account_id: int, reading_id: int, dial: str, sure: bool, today: date) -> Reading:
    """Replace the newest reading of a register by a further one of the same day, as long as no bill was made with it.

    :raises AlreadyBilled: if a bill was made with it, or a later reading or a replacement follows it
    :raises Refused: if the new value breaks a rule
    :raises Doubtful: if it is odd and nobody was asked yet
    """
    session.execute(text("SELECT 1 FROM account WHERE id = :id FOR NO KEY UPDATE"), {"id": account_id})
    wrong = session.execute(select(Reading).where(Reading.id == reading_id, Reading.account_id == account_id)).scalar_one()
    if not queries.is_open(session, reading_id):
        raise AlreadyBilled
    known = [
        series._replace(last_read_on=before[0] if before else None, last_dial_milli=before[1] if before else None)
        for series in queries.series_of_account(session, account_id)
        if series.meter_installation_id == wrong.meter_installation_id
        for before in [queries.reading_before(session, reading_id)]
    ]
    judged = judge(RawRow(0, "", "", wrong.read_on.isoformat(), dial), known, today=today)
    if judged.doubt and not sure:
        raise Doubtful(judged.doubt, judged.quantity_milli or 0)
    right = Reading(
        division_id=wrong.division_id,
        account_id=wrong.account_id,
        meter_installation_id=wrong.meter_installation_id,
        register_id=wrong.register_id,
        read_on=wrong.read_on,
        dial_milli=judged.dial_milli,
        kind=wrong.kind,
        source=ReadingSource.OFFICE,
        replaces_id=wrong.id,
    )
    session.add(right)
    session.flush()
    return right


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
    """Mark a file as checked; people may now look at it and accept it."""
    assert target.accepted + target.rejected == target.received
    target.status = ImportStatus.CHECKED
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
    """Mark a file as accepted: every row was booked or rejected."""
    assert target.accepted + target.rejected == target.received
    target.status = ImportStatus.ACCEPTED
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


def _series_on(row: RawRow, known: Sequence[Series], read_on: date) -> Series:
    wanted = [series for series in known if not row.meter_number.strip() or series.meter_number == row.meter_number.strip()]
    if not wanted:
        raise Refused(RowProblem.UNKNOWN_METER, "meter_number")
    for series in reversed(wanted):
        if series.valid_from <= read_on and (series.valid_to is None or read_on <= series.valid_to):
            return series
    raise Refused(RowProblem.NO_METER_THEN, "read_on")


def _date_of(value: str) -> date:
    """Read ``2026-10-31`` and ``31.10.2026``."""
    parts = value.strip().split(".")
    iso = value.strip() if len(parts) != 3 else "-".join(reversed(parts))
    if not iso:
        raise Refused(RowProblem.EMPTY, "read_on")
    try:
        return date.fromisoformat(iso[:10] if iso[10:] in {"", " 00:00:00", "T00:00:00"} else iso)
    except ValueError:
        raise Refused(RowProblem.NOT_A_DATE, "read_on") from None


def _dial_of(value: str, series: Series) -> int:
    if not value.strip():
        raise Refused(RowProblem.EMPTY, "dial")
    try:
        number = decimal_of(value)
    except NotANumber:
        raise Refused(RowProblem.NOT_A_NUMBER, "dial") from None
    if number < 0 or number != round(number, series.decimals):
        raise Refused(RowProblem.NOT_A_NUMBER, "dial")
    if number * MILLI_PER_UNIT >= series.capacity_milli:
        raise Refused(RowProblem.TOO_MANY_DIGITS, "dial")
    return milli_of(number)


def _consumption(series: Series, dial_milli: int) -> tuple[int, bool]:
    one = [[series.last_dial_milli], [dial_milli], [series.capacity_milli]]
    rest = [[series.multiplier_numerator], [series.multiplier_denominator], [series.quantum_milli]]
    quantity, rolled_over = metering.consumption(Dials(*(np.array(column, dtype=np.int64) for column in one + rest)))
    return int(quantity[0]), bool(rolled_over[0])
