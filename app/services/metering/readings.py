"""Readings entered by hand, and corrected."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain import readers
from app.domain.metering import (
    ZONE_REGISTERS,
    Doubt,
    ReadingSource,
    RegisterCode,
    ShownRegister,
    Thresholds,
    counted_together,
    zones_apart,
)
from app.gateways.meter_data import ReadingRow
from app.models.metering import Reading
from app.queries import metering as queries
from app.queries.metering import Series
from app.services.metering.judging import (
    Doubtful,
    Judged,
    ReadingRefused,
    dial_text,
    judge,
    limits_on,
    read_value,
    registers_on,
)


class ReadingAlreadyBilled(Exception):
    """A reading that a bill was made with, or that others follow, is corrected by the next one."""


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
    register: str = "",
) -> Reading:
    """Book a reading typed by a person.

    :param register: the code of the register; empty: the whole counter, or the only one
    :param sure: the person was asked about the doubt and means it
    :raises ReadingRefused: if it breaks a rule
    :raises Doubtful: if it is odd and nobody was asked yet
    """
    session.execute(text("SELECT 1 FROM account WHERE id = :id FOR NO KEY UPDATE"), {"id": account_id})
    row, known = ReadingRow(0, "", meter_number, read_on, dial, register), queries.series_of_account(session, account_id)
    judged = judge(row, known, limits_on(session, today), today=today, source=source)
    if judged.doubt and not sure:
        raise Doubtful(judged.doubt, judged.quantity_milli or 0)
    return book(session, judged, source)


def enter_registers(
    session: Session, *, account_id: int, meter_number: str, read_on: str, dials: Mapping[str, str], source: ReadingSource, sure: bool,
    today: date,
) -> list[Reading]:  # fmt: skip
    """Book what a person read from the registers of a meter on a day: all of them, or none.

    A register may be left out only if it was read on that day or later: energy of registers read on different days is not billed right.

    :param dials: register code → what it showed
    :param sure: the person was asked about the doubts and means them
    :raises ReadingRefused: if one breaks a rule or is missing, naming the register
    :raises Doubtful: if some are odd and nobody was asked yet, naming all of these
    """
    given = {"account_id": account_id, "meter_number": meter_number, "read_on": read_on, "dials": dials}
    judged = judge_registers(session, **given, source=source, today=today)  # type: ignore[arg-type]
    odd = [(each.series.register, each.doubt, each.quantity_milli or 0) for each in judged if each.doubt]
    if odd and not sure:
        raise Doubtful(odd[0][1], odd[0][2], odd)
    return [book(session, each, source) for each in judged]


def judge_registers(
    session: Session, *, account_id: int, meter_number: str, read_on: str, dials: Mapping[str, str], source: ReadingSource, today: date
) -> list[Judged]:
    """Check what was read from the registers of a meter on a day, under the lock of the account; nothing is booked.

    Zones that add up to something else than the whole counter are odd.

    :param dials: register code → what it showed
    :raises ReadingRefused: if one breaks a rule or is missing, naming the register
    """
    session.execute(text("SELECT 1 FROM account WHERE id = :id FOR NO KEY UPDATE"), {"id": account_id})
    known = queries.series_of_account(session, account_id)
    rows = {code: ReadingRow(0, "", meter_number, read_on, dial, code) for code, dial in dials.items() if dial.strip()}
    for code in _missing(known, meter_number, read_on, rows):
        rows[code] = ReadingRow(0, "", meter_number, read_on, "", code)
    limits = limits_on(session, today)
    judged = [_judge_register(row, known, limits, today, source) for row in rows.values()]
    apart = _apart(judged, known, limits)
    return [each._replace(doubt=each.doubt or Doubt.ZONES) if each in apart else each for each in judged]


def _apart(judged: Sequence[Judged], known: Sequence[Series], limits: Thresholds) -> list[Judged]:
    """Return the whole counter and the zones that add up to something else; none, if one of them was read on the day already."""
    compared = [each for each in judged if each.series.register in {RegisterCode.TOTAL, *ZONE_REGISTERS}]
    shown = [
        ShownRegister(of.register, of.last_read_on, of.last_dial_milli, each.dial_milli, of.capacity_milli)
        for each in compared
        if (of := each.series).last_read_on != each.read_on
    ]
    counted, places = counted_together(shown), {each.series.meter_installation_id for each in judged}
    zones = {each.register for each in known if each.meter_installation_id in places and each.register in ZONE_REGISTERS}
    return compared if zones <= {*counted} and zones_apart(counted, tolerance=limits.zone_tolerance) else []


def _missing(known: Sequence[Series], meter_number: str, read_on: str, given: Collection[str]) -> list[str]:
    """Return the registers of the meter that were neither given nor read on the day or later."""
    day = read_value(read_on, "read_on", readers.day)
    registers = registers_on(ReadingRow(0, "", meter_number, read_on, ""), known, day)
    return [each.register for each in registers if each.register not in given and (each.last_read_on is None or each.last_read_on < day)]


def _judge_register(row: ReadingRow, known: Sequence[Series], limits: Thresholds, today: date, source: ReadingSource) -> Judged:
    try:
        return judge(row, known, limits, today=today, source=source)
    except ReadingRefused as refused:
        refused.register = row.register
        raise


def book(session: Session, judged: Judged, source: ReadingSource) -> Reading:
    """Book a reading that was judged in the same transaction."""
    reading = Reading(
        division_id=judged.series.division_id,
        account_id=judged.series.account_id,
        meter_installation_id=judged.series.meter_installation_id,
        register_id=judged.series.register_id,
        read_on=judged.read_on,
        dial_milli=judged.dial_milli,
        kind=judged.kind,
        source=source,
        replaces_id=judged.replaces_id,
    )
    session.add(reading)
    session.flush()
    return reading


def correct(session: Session, *, account_id: int, reading_id: int, dial: str, sure: bool, today: date) -> Reading:
    """Replace the newest reading of a register by a further one of the same day, as long as no bill was made with it.

    :raises ReadingAlreadyBilled: if a bill was made with it, or a later reading or a replacement follows it
    :raises ReadingRefused: if the new value breaks a rule
    :raises Doubtful: if it is odd and nobody was asked yet
    """
    session.execute(text("SELECT 1 FROM account WHERE id = :id FOR NO KEY UPDATE"), {"id": account_id})
    wrong = session.execute(select(Reading).where(Reading.id == reading_id, Reading.account_id == account_id)).scalar_one()
    if not queries.is_open(session, reading_id):
        raise ReadingAlreadyBilled
    judged = judge(
        ReadingRow(0, "", "", wrong.read_on.isoformat(), dial), _series_before(session, wrong), limits_on(session, today), today=today
    )
    if judged.doubt and not sure:
        raise Doubtful(judged.doubt, judged.quantity_milli or 0)
    return _replaced(session, wrong, judged)


def replace(session: Session, wrong: Reading, *, dial: str, today: date) -> Reading:
    """Replace a reading by a further one of its day, whatever was made with it; whoever calls bills those months again.

    :raises ReadingRefused: if the new value, or the reading after it, breaks a rule
    """
    series, limits = _series_before(session, wrong), limits_on(session, today)
    judged = judge(ReadingRow(0, "", "", wrong.read_on.isoformat(), dial), series, limits, today=today)
    after = queries.reading_after(session, wrong.id)
    if after is not None:
        following = [each._replace(last_read_on=wrong.read_on, last_dial_milli=judged.dial_milli) for each in series]
        judge(ReadingRow(0, "", "", after[0].isoformat(), dial_text(after[1])), following, limits, today=today)
    return _replaced(session, wrong, judged)


def _series_before(session: Session, reading: Reading) -> list[Series]:
    """Return the series of a reading as it stood before it."""
    before = queries.reading_before(session, reading.id)
    return [
        series._replace(last_read_on=before[0] if before else None, last_dial_milli=before[1] if before else None, actual_to=None)
        for series in queries.series_of_account(session, reading.account_id)
        if (series.meter_installation_id, series.register_id) == (reading.meter_installation_id, reading.register_id)
    ]


def _replaced(session: Session, wrong: Reading, judged: Judged) -> Reading:
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
