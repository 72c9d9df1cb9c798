"""Readings: judged, entered by hand, corrected."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import NamedTuple, TypeVar

import numpy as np
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain import metering, readers
from app.domain.calendar import day_number
from app.domain.metering import (
    CheckedReading,
    Dials,
    Doubt,
    Effect,
    ReadingKind,
    ReadingSource,
    RegisterCode,
    RowProblem,
    Thresholds,
    ValidationRule,
)
from app.domain.readers import Misread
from app.gateways.meter_data import ReadingRow
from app.models.metering import Reading
from app.queries import administration as parameters
from app.queries import metering as queries
from app.queries.metering import Series

ReadingValue = TypeVar("ReadingValue")


class ReadingRefused(Exception):
    """A reading breaks a rule.

    :ivar problem: which rule
    :ivar column: which field it is about; empty if it is the whole row
    :ivar about: what makes the reason plain: ``value`` as it stands there, the earlier reading (``last_on``, ``last_milli``),
        the row of the file that says it already (``twin``), the ``registers`` the meter has, the day bills are made up to (``billed_to``)
    :ivar register: the register it is about, where several were given
    """

    def __init__(self, problem: RowProblem, column: str, **about: str | int) -> None:
        super().__init__(problem.value)
        self.problem, self.column, self.about = problem, column, about
        self.register = ""


class Doubtful(Exception):
    """A reading is believable only if somebody says so.

    :ivar doubt: what is odd about it
    :ivar quantity_milli: the energy it would mean
    :ivar registers: register, doubt and energy of each, where several were given
    """

    def __init__(self, doubt: Doubt, quantity_milli: int, registers: Sequence[tuple[str, Doubt, int]] = ()) -> None:
        super().__init__(doubt.value)
        self.doubt, self.quantity_milli, self.registers = doubt, quantity_milli, registers


class ReadingAlreadyBilled(Exception):
    """A reading that a bill was made with, or that others follow, is corrected by the next one."""


class Judged(NamedTuple):
    """A reading that may be booked."""

    series: Series
    read_on: date
    dial_milli: int
    quantity_milli: int | None
    doubt: Doubt | None


def limits_on(session: Session, day: date) -> Thresholds:
    """Return the thresholds of the rules in force on a day."""
    values = parameters.values_on(session, "metering", day)
    named = {
        name: values[f"metering.{name}"] for name in ("high_times", "low_percent", "zone_tolerance", "conflict_tolerance", "clock_minutes")
    }
    return Thresholds(**named, zeros_wanted=parameters.value_on(session, "billing.zero_months", day))


def judge(row: ReadingRow, known: Sequence[Series], limits: Thresholds, *, today: date) -> Judged:
    """Check a reading against the register it claims to be of.

    :param known: the registers of the account the row names
    :raises ReadingRefused: naming the rule and the field
    """
    if row.refusal:
        fault, column, value = row.refusal
        raise ReadingRefused(metering.problem_of(fault), column, value=value[:100])
    if not known:
        raise ReadingRefused(RowProblem.UNKNOWN_ACCOUNT, "account_number", value=row.account_number[:100])
    read_on = read_value(row.read_on, "read_on", readers.day)
    _refuse(metering.first_broken(CheckedReading(day_number(read_on), day_number(today), 0, 1, _NEVER), limits), value=row.read_on)
    series = _series_on(row, known, read_on)
    dial_milli = read_value(row.dial, "dial", lambda text: readers.dial(text, series.decimals))
    about = _last_of(series)
    if series.last_row and (read_on, dial_milli) == (series.last_read_on, series.last_dial_milli):
        raise ReadingRefused(RowProblem.REPEATED, "", **about)
    quantity, rolled_over = _quantity(series, dial_milli)
    broken = metering.first_broken(_checked(series, (read_on, today), dial_milli, quantity or 0, rolled_over=rolled_over), limits)
    if broken is not None and broken.code == RowProblem.TOO_MANY_DIGITS:
        about = {"value": row.dial[:100]}
    elif broken is not None and broken.code == RowProblem.ALREADY_BILLED:
        about = {"billed_to": series.actual_to.isoformat() if series.actual_to else ""}
    _refuse(broken, **about)
    return Judged(series, read_on, dial_milli, quantity, Doubt(broken.code) if broken else None)


#: Before every day.
_NEVER = -1


def _refuse(broken: ValidationRule | None, **about: str | int) -> None:
    """Refuse a reading that breaks a rule which blocks.

    :raises ReadingRefused: naming the rule and the field
    """
    if broken is not None and broken.effect == Effect.REFUSE:
        raise ReadingRefused(RowProblem(broken.code), broken.column, **about)


def _last_of(series: Series) -> dict[str, str | int]:
    """Return the last reading for a refusal, with the row of the same file if it stands there."""
    if series.last_read_on is None:
        return {}
    about: dict[str, str | int] = {"last_on": series.last_read_on.isoformat(), "last_milli": series.last_dial_milli or 0}
    return about | ({"twin": series.last_row} if series.last_row else {})


def _checked(series: Series, days: tuple[date, date], dial_milli: int, quantity_milli: int, *, rolled_over: bool) -> CheckedReading:
    """Return what the rules look at.

    :param days: of the reading, and today
    """
    read_on, today = days
    found = CheckedReading(day_number(read_on), day_number(today), dial_milli, series.capacity_milli, _NEVER)
    if series.last_read_on is None:
        return found
    since, is_capacity = (read_on - series.last_read_on).days, series.register == RegisterCode.DEMAND
    is_billed = series.register != RegisterCode.TOTAL and series.actual_to is not None and read_on <= series.actual_to
    return found._replace(
        last_day=day_number(series.last_read_on),
        is_free=int(not is_billed),
        quantity_milli=quantity_milli,
        rolled_over=int(rolled_over),
        largest_milli=series.capacity_milli_per_hour * (1 if is_capacity else 24 * since),
        average_milli=series.history_milli * since // series.history_days if series.history_days else 0,
        counts=int(not is_capacity),
        is_capacity=int(is_capacity),
    )


def _quantity(series: Series, dial_milli: int) -> tuple[int | None, bool]:
    """Return the energy since the last reading (None: there is none) and whether the display went past its end.

    A register of capacity counts nothing: what it shows may be lower than the last time.
    """
    if series.last_read_on is None:
        return None, False
    if series.register == RegisterCode.DEMAND:
        return dial_milli * series.multiplier_numerator // series.multiplier_denominator, False
    return _consumption(series, dial_milli)


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
    judged = judge(row, known, limits_on(session, today), today=today)
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
    judged = judge_registers(session, account_id=account_id, meter_number=meter_number, read_on=read_on, dials=dials, today=today)
    odd = [(each.series.register, each.doubt, each.quantity_milli or 0) for each in judged if each.doubt]
    if odd and not sure:
        raise Doubtful(odd[0][1], odd[0][2], odd)
    return [book(session, each, source) for each in judged]


def judge_registers(
    session: Session, *, account_id: int, meter_number: str, read_on: str, dials: Mapping[str, str], today: date
) -> list[Judged]:
    """Check what was read from the registers of a meter on a day, under the lock of the account; nothing is booked.

    :param dials: register code → what it showed
    :raises ReadingRefused: if one breaks a rule or is missing, naming the register
    """
    session.execute(text("SELECT 1 FROM account WHERE id = :id FOR NO KEY UPDATE"), {"id": account_id})
    known = queries.series_of_account(session, account_id)
    rows = {code: ReadingRow(0, "", meter_number, read_on, dial, code) for code, dial in dials.items() if dial.strip()}
    for code in _missing(known, meter_number, read_on, rows):
        rows[code] = ReadingRow(0, "", meter_number, read_on, "", code)
    limits = limits_on(session, today)
    return [_judge_register(row, known, limits, today) for row in rows.values()]


def _missing(known: Sequence[Series], meter_number: str, read_on: str, given: Collection[str]) -> list[str]:
    """Return the registers of the meter that were neither given nor read on the day or later."""
    day = read_value(read_on, "read_on", readers.day)
    registers = _registers_on(ReadingRow(0, "", meter_number, read_on, ""), known, day)
    return [each.register for each in registers if each.register not in given and (each.last_read_on is None or each.last_read_on < day)]


def _judge_register(row: ReadingRow, known: Sequence[Series], limits: Thresholds, today: date) -> Judged:
    try:
        return judge(row, known, limits, today=today)
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
        kind=ReadingKind.PERIODIC if judged.series.last_read_on else ReadingKind.INITIAL,
        source=source,
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


def dial_text(dial_milli: int) -> str:
    """Return a dial as ``judge`` reads it."""
    return readers.shortest(readers.number_text(dial_milli, readers.QUANTITY_PLACES))


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


def _registers_on(row: ReadingRow, known: Sequence[Series], read_on: date) -> list[Series]:
    """Return the registers of the meter that a row means, as it is installed on a day; of two on one day the newer.

    :raises ReadingRefused: if there is no such meter, or none on the day
    """
    number = read_value(row.meter_number, "meter_number", readers.code)
    wanted = [series for series in known if not number or series.meter_number == number]
    if not wanted:
        raise ReadingRefused(RowProblem.UNKNOWN_METER, "meter_number", value=number[:100])
    installed = [each for each in wanted if each.valid_from <= read_on and (each.valid_to is None or read_on <= each.valid_to)]
    if not installed:
        raise ReadingRefused(RowProblem.NO_METER_THEN, "read_on")
    newest = installed[-1].account_id, installed[-1].meter_installation_id
    return [each for each in installed if (each.account_id, each.meter_installation_id) == newest]


def _series_on(row: ReadingRow, known: Sequence[Series], read_on: date) -> Series:
    """Return the register that a row names; a row that names none means the whole counter, or the only register."""
    registers = _registers_on(row, known, read_on)
    if not row.register.strip() and len(registers) == 1:
        return registers[0]
    code = metering.register_code(row.register) if row.register.strip() else RegisterCode.TOTAL
    for series in registers:
        if series.register == code:
            return series
    raise ReadingRefused(
        RowProblem.UNKNOWN_REGISTER, "register", value=row.register[:100], registers=", ".join(each.register for each in registers)
    )


def read_value(text: str, column: str, read: Callable[[str], ReadingValue]) -> ReadingValue:
    """Return what a reader reads in a field.

    :raises ReadingRefused: if it cannot
    """
    try:
        return read(text)
    except Misread as misread:
        raise ReadingRefused(metering.problem_of(misread.fault), column, value=text[:100]) from None


def _consumption(series: Series, dial_milli: int) -> tuple[int, bool]:
    one = [[series.last_dial_milli], [dial_milli], [series.capacity_milli]]
    rest = [[series.multiplier_numerator], [series.multiplier_denominator], [series.quantum_milli]]
    quantity, rolled_over = metering.consumption(Dials(*(np.array(column, dtype=np.int64) for column in one + rest)))
    return int(quantity[0]), bool(rolled_over[0])
