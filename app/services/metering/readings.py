"""Readings: judged, entered by hand, corrected."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple, TypeVar

import numpy as np
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain import metering, readers
from app.domain.metering import (
    Dials,
    Doubt,
    ReadingKind,
    ReadingSource,
    RowProblem,
)
from app.domain.readers import Misread
from app.gateways.meter_data import ReadingRow
from app.models.metering import Reading
from app.queries import metering as queries
from app.queries.metering import Series

Value = TypeVar("Value")


class Refused(Exception):
    """A reading breaks a rule.

    :ivar problem: which rule
    :ivar column: which field it is about; empty if it is the whole row
    :ivar about: what makes the reason plain: ``value`` as it stands there, the earlier reading (``last_on``, ``last_milli``),
        the row of the file that says it already (``twin``)
    """

    def __init__(self, problem: RowProblem, column: str, **about: str | int) -> None:
        super().__init__(problem.value)
        self.problem, self.column, self.about = problem, column, about


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


class Judged(NamedTuple):
    """A reading that may be booked."""

    series: Series
    read_on: date
    dial_milli: int
    quantity_milli: int | None
    doubt: Doubt | None


def judge(row: ReadingRow, known: Sequence[Series], *, today: date) -> Judged:
    """Check a reading against the register it claims to be of.

    :param known: the registers of the account the row names
    :raises Refused: naming the rule and the field
    """
    if row.refusal:
        fault, column, value = row.refusal
        raise Refused(metering.problem_of(fault), column, value=value[:100])
    if not known:
        raise Refused(RowProblem.UNKNOWN_ACCOUNT, "account_number", value=row.account_number[:100])
    read_on = read_value(row.read_on, "read_on", readers.day)
    if read_on > today:
        raise Refused(RowProblem.IN_THE_FUTURE, "read_on", value=row.read_on)
    series = _series_on(row, known, read_on)
    dial_milli = _dial_of(row.dial, series)
    if series.last_read_on is None:
        return Judged(series, read_on, dial_milli, None, None)
    _check_order(series, read_on, dial_milli)
    return _plausible(series, read_on, dial_milli)


def _check_order(series: Series, read_on: date, dial_milli: int) -> None:
    """Refuse a reading that does not follow the last one.

    :raises Refused: naming the last reading, and the row of the same file if it stands there
    """
    assert series.last_read_on is not None
    about: dict[str, str | int] = {"last_on": series.last_read_on.isoformat(), "last_milli": series.last_dial_milli or 0}
    if series.last_row:
        about["twin"] = series.last_row
    if series.last_row and (read_on, dial_milli) == (series.last_read_on, series.last_dial_milli):
        raise Refused(RowProblem.REPEATED, "", **about)
    if read_on <= series.last_read_on:
        raise Refused(RowProblem.BEFORE_LAST_READING, "read_on", **about)


def _plausible(series: Series, read_on: date, dial_milli: int) -> Judged:
    """Return a reading that follows the last one, with what is odd about it.

    :raises Refused: if the energy it would mean is impossible
    """
    assert series.last_read_on is not None
    quantity, rolled_over = _consumption(series, dial_milli)
    days = (read_on - series.last_read_on).days
    largest = series.capacity_milli_per_hour * 24 * days
    average = series.history_milli * days // series.history_days if series.history_days else 0
    found = metering.doubts(quantity, average_milli=average, largest_milli=largest, zeros_before=0)
    if Doubt.IMPOSSIBLE in found:
        problem = RowProblem.LOWER_THAN_LAST if rolled_over else RowProblem.IMPOSSIBLE
        raise Refused(problem, "dial", last_on=series.last_read_on.isoformat(), last_milli=series.last_dial_milli or 0)
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
    judged = judge(ReadingRow(0, "", meter_number, read_on, dial), queries.series_of_account(session, account_id), today=today)
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
    judged = judge(ReadingRow(0, "", "", wrong.read_on.isoformat(), dial), _series_before(session, wrong), today=today)
    if judged.doubt and not sure:
        raise Doubtful(judged.doubt, judged.quantity_milli or 0)
    return _replaced(session, wrong, judged)


def replace(session: Session, wrong: Reading, *, dial: str, today: date) -> Reading:
    """Replace a reading by a further one of its day, whatever was made with it; whoever calls bills those months again.

    :raises Refused: if the new value, or the reading after it, breaks a rule
    """
    series = _series_before(session, wrong)
    judged = judge(ReadingRow(0, "", "", wrong.read_on.isoformat(), dial), series, today=today)
    after = queries.reading_after(session, wrong.id)
    if after is not None:
        following = [each._replace(last_read_on=wrong.read_on, last_dial_milli=judged.dial_milli) for each in series]
        judge(ReadingRow(0, "", "", after[0].isoformat(), dial_text(after[1])), following, today=today)
    return _replaced(session, wrong, judged)


def dial_text(dial_milli: int) -> str:
    """Return a dial as ``judge`` reads it."""
    return readers.shortest(readers.number_text(dial_milli, readers.QUANTITY_PLACES))


def _series_before(session: Session, reading: Reading) -> list[Series]:
    """Return the series of a reading as it stood before it."""
    before = queries.reading_before(session, reading.id)
    return [
        series._replace(last_read_on=before[0] if before else None, last_dial_milli=before[1] if before else None)
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


def _series_on(row: ReadingRow, known: Sequence[Series], read_on: date) -> Series:
    if row.register.strip().upper() not in {"", "TOTAL"}:
        raise Refused(RowProblem.UNKNOWN_REGISTER, "register", value=row.register[:100])
    number = read_value(row.meter_number, "meter_number", readers.code)
    wanted = [series for series in known if not number or series.meter_number == number]
    if not wanted:
        raise Refused(RowProblem.UNKNOWN_METER, "meter_number", value=number[:100])
    for series in reversed(wanted):
        if series.valid_from <= read_on and (series.valid_to is None or read_on <= series.valid_to):
            return series
    raise Refused(RowProblem.NO_METER_THEN, "read_on")


def read_value(text: str, column: str, read: Callable[[str], Value]) -> Value:
    """Return what a reader reads in a field.

    :raises Refused: if it cannot
    """
    try:
        return read(text)
    except Misread as misread:
        raise Refused(metering.problem_of(misread.fault), column, value=text[:100]) from None


def _dial_of(value: str, series: Series) -> int:
    dial_milli = read_value(value, "dial", lambda text: readers.dial(text, series.decimals))
    if dial_milli >= series.capacity_milli:
        raise Refused(RowProblem.TOO_MANY_DIGITS, "dial", value=value[:100])
    return dial_milli


def _consumption(series: Series, dial_milli: int) -> tuple[int, bool]:
    one = [[series.last_dial_milli], [dial_milli], [series.capacity_milli]]
    rest = [[series.multiplier_numerator], [series.multiplier_denominator], [series.quantum_milli]]
    quantity, rolled_over = metering.consumption(Dials(*(np.array(column, dtype=np.int64) for column in one + rest)))
    return int(quantity[0]), bool(rolled_over[0])
