"""Files of readings: every row judged, the good ones booked."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app.domain import identifiers, readers
from app.domain.metering import (
    ZONE_REGISTERS,
    Doubt,
    ImportContent,
    ImportStatus,
    ReadingKind,
    ReadingSource,
    RegisterCode,
    RowProblem,
    RowStatus,
    Thresholds,
)
from app.domain.readers import FileProblem, Misread
from app.domain.values import MILLI_PER_UNIT
from app.gateways.meter_data import ReadingRow
from app.models.administration import StoredFile
from app.models.metering import ReadingImport, ReadingImportRow
from app.queries import locks
from app.queries import metering as queries
from app.queries.locks import Lock
from app.queries.metering import Series
from app.queries.records import fetch_all, fetch_optional
from app.services import bulk
from app.services.metering.judging import Judged, ReadingRefused, judge, limits_on, read_value


class NotChecked(Exception):
    """Only a checked file can be accepted or discarded."""


#: Account, meter installation and register → day and dial of its last reading, and the row of the file it stands in.
Seen = dict[tuple[int, int, int], tuple[date, int, int]]


def receive_file(session: Session, stored: StoredFile, *, content: ImportContent = ImportContent.READINGS) -> ReadingImport:
    """Take in a file of readings; one with the contents of a file that was recorded is refused at once."""
    target = ReadingImport(division_id=stored.division_id, stored_file_id=stored.id, content=content)
    session.add(target)
    session.flush()
    refuse_if_recorded(session, target)
    return target


def refuse_if_recorded(session: Session, target: ReadingImport) -> bool:
    """Refuse a file if readings of another one with the same contents were recorded; return whether it was."""
    digest = session.scalar(select(StoredFile.sha256).where(StoredFile.id == target.stored_file_id))
    locks.acquire(session, Lock.READING_FILE, digest)
    before = fetch_optional(
        session,
        "SELECT i.id FROM reading_import i JOIN stored_file f ON f.id = i.stored_file_id WHERE f.sha256 = :digest AND i.id <> :id "
        "AND (i.status = 'ACCEPTED' OR EXISTS (SELECT FROM reading_import_row r WHERE r.reading_import_id = i.id "
        "AND r.status = 'ACCEPTED')) LIMIT 1",
        int,
        digest=digest,
        id=target.id,
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
    """Put a checked file aside; the same contents may be loaded again. Of a batch of readings those are discarded that are held.

    :raises NotChecked: if it is not checked, or its readings are being recorded
    """
    recorded = queries.import_rows(session, target.id, only=(RowStatus.ACCEPTED,), limit=1)
    if target.status != ImportStatus.CHECKED or (recorded and target.meter_data_source_id is None):
        raise NotChecked
    if target.meter_data_source_id is None:
        target.status = ImportStatus.DISCARDED
    else:
        _reject_held(session, target)
    session.flush()


def _reject_held(session: Session, target: ReadingImport) -> None:
    held = select(ReadingImportRow.id).where(ReadingImportRow.reading_import_id == target.id, ReadingImportRow.status == RowStatus.GOOD)
    for row_id in session.scalars(held).all():
        _reject_late(session, target, row_id, ReadingRefused(RowProblem.DISCARDED, ""))
    target.status = ImportStatus.ACCEPTED if target.accepted else ImportStatus.DISCARDED


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
    limits = limits_on(session, today)
    verdicts = [_verdict(row, known, seen, limits, today, _source_of(target)) for row in rows]
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
            **{
                name: [verdict.get(name) for verdict in verdicts]
                for name in ("quantity_milli", "account_id", "meter_installation_id", "register_id", "day")
            },
        },
        len(rows),
    )
    rejected = sum(verdict["status"] == RowStatus.REJECTED for verdict in verdicts)
    target.received += len(rows)
    target.rejected += rejected
    target.accepted += len(rows) - rejected
    session.flush()


def _key(series: Series) -> tuple[int, int, int]:
    return series.account_id, series.meter_installation_id, series.register_id


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


def finish_check(session: Session, target: ReadingImport, *, today: date) -> None:
    """Mark a file as checked, so that people may look at it and accept it; one without a good row is refused.

    Good readings of zones that are not the whole counter, and those of a meter whose other registers are missing or doubtful on that day,
    are marked.
    """
    assert target.accepted + target.rejected == target.received
    zones, tolerance = [code.value for code in ZONE_REGISTERS], limits_on(session, today).zone_tolerance
    session.execute(text(_MARK_ZONES), {"id": target.id, "zones": zones, "tolerance_milli": tolerance * MILLI_PER_UNIT})
    session.execute(text(_MARK_INCOMPLETE), {"id": target.id, "codes": [code.value for code in RegisterCode]})
    target.status = ImportStatus.CHECKED if target.accepted else ImportStatus.REFUSED
    session.flush()


#: Registers are compared that were read last on the day of the whole counter; each of a zone may differ by the tolerance.
_MARK_ZONES = """
    WITH counted AS (
        SELECT r.account_id, r.meter_installation_id, r.day, g.code, r.quantity_milli, (
                   SELECT max(x.read_on) FROM reading x
                   WHERE x.meter_installation_id = r.meter_installation_id AND x.register_id = g.id AND x.account_id = r.account_id
                     AND x.read_on < r.day AND x.kind <> 'WITHDRAWAL' AND NOT EXISTS (SELECT FROM reading n WHERE n.replaces_id = x.id)
               ) AS last_on
        FROM reading_import_row r JOIN register g ON g.id = r.register_id AND (g.code = 'TOTAL' OR g.code = ANY (:zones))
        WHERE r.reading_import_id = :id AND r.status = 'GOOD' AND r.quantity_milli IS NOT NULL
          AND EXISTS (SELECT FROM register z WHERE z.meter_id = g.meter_id AND z.code = ANY (:zones))
    ), apart AS (
        SELECT w.account_id, w.meter_installation_id, w.day
        FROM counted w JOIN counted z USING (account_id, meter_installation_id, day, last_on)
        JOIN meter_installation i ON i.id = meter_installation_id
        WHERE w.code = 'TOTAL' AND z.code <> 'TOTAL'
        GROUP BY w.account_id, w.meter_installation_id, w.day, w.quantity_milli, i.id
        HAVING count(*) = (SELECT count(*) FROM register g WHERE g.meter_id = i.meter_id AND g.code = ANY (:zones))
           AND abs(sum(z.quantity_milli) - w.quantity_milli)
             > count(*) * :tolerance_milli * (i.ct_primary::bigint * i.vt_primary) / (i.ct_secondary::bigint * i.vt_secondary)
    )
    UPDATE reading_import_row r SET doubt = 'ZONES' FROM apart
    WHERE r.reading_import_id = :id AND r.status = 'GOOD' AND r.doubt IS NULL
      AND (r.account_id, r.meter_installation_id, r.day) = (apart.account_id, apart.meter_installation_id, apart.day)
      AND r.register_id IN (SELECT id FROM register WHERE code = 'TOTAL' OR code = ANY (:zones))
"""
#: Energy of registers that are read on different days is not billed right.
_MARK_INCOMPLETE = """
    WITH reading_day AS (
        SELECT DISTINCT account_id, meter_installation_id, day FROM reading_import_row WHERE reading_import_id = :id AND status = 'GOOD'
    ), lacking AS (
        SELECT d.account_id, d.meter_installation_id, d.day,
               string_agg(g.code, ', ' ORDER BY array_position(CAST(:codes AS text[]), g.code::text)) AS registers
        FROM reading_day d JOIN meter_installation i ON i.id = d.meter_installation_id JOIN register g ON g.meter_id = i.meter_id
        WHERE NOT EXISTS (
            SELECT FROM reading_import_row r WHERE r.reading_import_id = :id AND r.status = 'GOOD' AND r.doubt IS NULL
                AND (r.account_id, r.meter_installation_id, r.day, r.register_id) = (d.account_id, d.meter_installation_id, d.day, g.id)
        ) AND NOT EXISTS (
            SELECT FROM reading x WHERE x.meter_installation_id = d.meter_installation_id AND x.register_id = g.id
                AND x.account_id = d.account_id AND x.read_on >= d.day AND x.kind <> 'WITHDRAWAL'
                AND NOT EXISTS (SELECT FROM reading n WHERE n.replaces_id = x.id)
        )
        GROUP BY d.account_id, d.meter_installation_id, d.day
    )
    UPDATE reading_import_row r SET doubt = 'INCOMPLETE', about = jsonb_build_object('lacking', lacking.registers)
    FROM lacking WHERE r.reading_import_id = :id AND r.status = 'GOOD' AND r.doubt IS NULL
        AND (r.account_id, r.meter_installation_id, r.day) = (lacking.account_id, lacking.meter_installation_id, lacking.day)
"""


def accept_rows(session: Session, target: ReadingImport, *, after: int, limit: int, today: date, doubtful: bool = True) -> int:
    """Book the next good rows of a checked file; a row that is no longer good is rejected.

    :param limit: so many readings; those of the last row all the same
    :param doubtful: also rows with a doubt
    :return: the number of the last row looked at; 0 if there was none
    :raises NotChecked: if the file is not checked
    """
    if target.status != ImportStatus.CHECKED:
        raise NotChecked
    stored = queries.import_rows(session, target.id, only=(RowStatus.GOOD,), after=after, limit=limit, doubtful=doubtful)
    if not stored:
        return 0
    rows = [ReadingRow(row.row_no, row.account_number, row.meter_number, row.read_on, row.dial, row.register) for row in stored]
    known, limits = _known_series(session, target, rows, lock=True), limits_on(session, today)
    seen: Seen = {}
    good: list[Judged] = []
    accepted: list[int] = []
    for row, kept in zip(rows, stored, strict=True):
        try:
            judged = _judge_in_file(row, known, seen, limits, today, _source_of(target))
            _refuse_new_conflict(judged, kept.doubt)
        except ReadingRefused as refused:
            _reject_late(session, target, kept.id, refused)
        else:
            good.append(judged)
            accepted.append(kept.id)
    ids = _book(session, target, good)
    session.execute(
        text(
            "UPDATE reading_import_row r SET status = 'ACCEPTED', reading_id = u.reading_id "
            "FROM unnest(CAST(:rows AS bigint[]), CAST(:ids AS bigint[])) AS u (id, reading_id) WHERE r.id = u.id"
        ),
        {"rows": accepted, "ids": ids},
    )
    return int(rows[-1].row_no)


def _refuse_new_conflict(judged: Judged, doubt: str | None) -> None:
    """Refuse a row that has come into conflict with another source since somebody looked at it.

    :param doubt: what was odd about it then
    """
    if judged.doubt == Doubt.CONFLICT != doubt:
        raise ReadingRefused(RowProblem.OTHER_SOURCE, "")


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
            "source": _source_of(target),
            "replaces_id": [judged.replaces_id for judged in good],
            "reading_import_id": target.id,
        },
        len(good),
    )
    return ids


def _source_of(target: ReadingImport) -> ReadingSource:
    return target.meter_data_source.source if target.meter_data_source else ReadingSource.FILE


def _reject_late(session: Session, target: ReadingImport, row_id: int, refused: ReadingRefused) -> None:
    session.execute(
        update(ReadingImportRow)
        .where(ReadingImportRow.id == row_id)
        .values(status=RowStatus.REJECTED, problem=refused.problem, column=refused.column, about=refused.about or None)
    )
    target.accepted -= 1
    target.rejected += 1


def _known_series(session: Session, target: ReadingImport, rows: Sequence[ReadingRow], *, lock: bool = False) -> dict[str, list[Series]]:
    """Return the registers the rows name by account or by meter alone, of accounts in the file's division and below.

    :param lock: let whoever else records readings of these accounts wait
    """
    named = [_named(row) for row in rows]
    given = {
        "numbers": sorted({name for name, is_meter in named if not is_meter}),
        "meters": sorted({name for name, is_meter in named if is_meter}),
        "division_id": target.division_id,
    }
    inside = fetch_all(session, f"{_ACCOUNTS} {'FOR NO KEY UPDATE OF a' if lock else ''}", str, **given)
    known: dict[str, list[Series]] = defaultdict(list)
    for series in queries.series_by_number(session, sorted(inside)):
        known[series.account_number].append(series)
        known[_METER + series.meter_number].append(series)
    return known


#: What the registers of a meter are known under; no account number begins so.
_METER = "meter "
_ACCOUNTS = """
    SELECT a.number FROM account a JOIN division d ON d.id = a.division_id
    WHERE starts_with(d.path, (SELECT path FROM division WHERE id = :division_id))
      AND (a.number = ANY(:numbers) OR a.id IN (
          SELECT s.account_id FROM device m JOIN meter_installation i ON i.meter_id = m.id
          JOIN supply s ON s.service_point_id = i.service_point_id
              AND daterange(s.valid_from, s.valid_to) && daterange(i.valid_from, i.valid_to)
          WHERE m.serial_number = ANY(:meters) AND NOT m.is_double))
    ORDER BY a.id
"""


def _named(row: ReadingRow) -> tuple[str, bool]:
    """Return what a row names, and whether it is a meter: a row without an account number is that of its meter's account."""
    if row.account_number.strip() or not row.meter_number.strip():
        return identifiers.compact(row.account_number), False
    try:
        return readers.code(row.meter_number), True
    except Misread:
        return "", True


def _judge_in_file(
    row: ReadingRow, known: dict[str, list[Series]], seen: Seen, limits: Thresholds, today: date, source: ReadingSource
) -> Judged:
    """Judge a row and let the next row of the same register follow on it."""
    name, is_meter = _named(row)
    if not row.refusal and not is_meter:
        name = read_value(row.account_number, "account_number", readers.account_number)
    series = [_follow(each, seen) for each in known.get(_METER + name if is_meter else name, [])]
    if is_meter and not series and not row.refusal:
        raise ReadingRefused(RowProblem.UNKNOWN_METER, "meter_number", value=row.meter_number[:100])
    judged = judge(row, series, limits, today=today, source=source)
    seen[_key(judged.series)] = judged.read_on, judged.dial_milli, row.row_no
    return judged


def _verdict(
    row: ReadingRow, known: dict[str, list[Series]], seen: Seen, limits: Thresholds, today: date, source: ReadingSource
) -> dict[str, Any]:
    try:
        judged = _judge_in_file(row, known, seen, limits, today, source)
    except ReadingRefused as refused:
        return {"status": RowStatus.REJECTED, "problem": refused.problem, "column": refused.column, "about": refused.about or None}
    kept = {name: getattr(judged.series, name) for name in ("account_id", "meter_installation_id", "register_id")}
    return {"status": RowStatus.GOOD, "doubt": judged.doubt, "quantity_milli": judged.quantity_milli, "day": judged.read_on, **kept}
