"""One reading judged against the register it claims to be of: by the rules, and among the sources that read the register on its day."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple, TypeVar

import numpy as np
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
from app.queries import administration as parameters
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


class Judged(NamedTuple):
    """A reading that may be booked.

    :ivar replaces_id: the reading of another source on the day, in whose place it stands
    """

    series: Series
    read_on: date
    dial_milli: int
    quantity_milli: int | None
    doubt: Doubt | None
    replaces_id: int | None = None

    @property
    def kind(self) -> ReadingKind:
        """As what it is recorded."""
        return ReadingKind.PERIODIC if self.series.last_read_on else ReadingKind.INITIAL


def limits_on(session: Session, day: date) -> Thresholds:
    """Return the thresholds of the rules in force on a day."""
    values = parameters.values_on(session, "metering", day)
    named = {
        name: values[f"metering.{name}"] for name in ("high_times", "low_percent", "zone_tolerance", "conflict_tolerance", "clock_minutes")
    }
    ranks = {source: values[f"metering.rank_{source.lower()}"] for source in ReadingSource}
    return Thresholds(**named, zeros_wanted=parameters.value_on(session, "billing.zero_months", day), ranks=ranks)


def judge(row: ReadingRow, known: Sequence[Series], limits: Thresholds, *, today: date, source: ReadingSource | None = None) -> Judged:
    """Check a reading against the register it claims to be of.

    :param known: the registers of the account the row names
    :param source: who read it; where another source read the register on the day, one of the two stands; None: no other is looked at
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
    if source is not None and _is_of_another(series, read_on, source):
        return _of_two_sources(series, dial_milli, limits, source)
    quantity, rolled_over = _quantity(series, dial_milli)
    broken = metering.first_broken(_checked(series, (read_on, today), dial_milli, quantity or 0, rolled_over=rolled_over), limits)
    if broken is not None and broken.code == RowProblem.TOO_MANY_DIGITS:
        about = {"value": row.dial[:100]}
    elif broken is not None and broken.code == RowProblem.ALREADY_BILLED:
        about = {"billed_to": series.actual_to.isoformat() if series.actual_to else ""}
    _refuse(broken, **about)
    return Judged(series, read_on, dial_milli, quantity, Doubt(broken.code) if broken else None)


def _is_of_another(series: Series, read_on: date, source: ReadingSource) -> bool:
    """Tell whether another source read the register on the day.

    The rows of one file are of one source, and what an act says of a meter that was installed or removed stands.
    """
    is_other = series.last_kind == ReadingKind.PERIODIC and series.last_source != source
    return is_other and series.last_read_on == read_on and not series.last_row


def _of_two_sources(series: Series, dial_milli: int, limits: Thresholds, source: ReadingSource) -> Judged:
    """Judge a reading of a day on which another source read the register: the source with the lower place stands.

    :raises ReadingRefused: if the other one stands, or a bill rests on it
    """
    assert series.last_read_on is not None
    assert series.last_dial_milli is not None
    about, apart = _last_of(series), abs(dial_milli - series.last_dial_milli)
    if not apart:
        raise ReadingRefused(RowProblem.REPEATED, "", **about)
    if dial_milli >= series.capacity_milli:
        raise ReadingRefused(RowProblem.TOO_MANY_DIGITS, "dial", **about)
    is_billed = series.actual_to is not None and series.last_read_on <= series.actual_to
    is_lower = series.before_milli is not None and dial_milli < series.before_milli and series.register != RegisterCode.DEMAND
    is_conflict = apart > limits.conflict_tolerance * 1000 or is_lower
    if is_billed or not (is_conflict or limits.ranks[source] < limits.ranks[ReadingSource(series.last_source or "")]):
        raise ReadingRefused(RowProblem.OTHER_SOURCE, "", **about)
    quantity, _ = (
        _quantity(series._replace(last_dial_milli=series.before_milli), dial_milli) if series.before_milli is not None else (None, False)
    )
    return Judged(series, series.last_read_on, dial_milli, quantity, Doubt.CONFLICT if is_conflict else None, series.last_reading_id)


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
        off_day=day_number(series.off_since) if series.off_since else metering.NEVER_OFF,
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


def dial_text(dial_milli: int) -> str:
    """Return a dial as ``judge`` reads it."""
    return readers.shortest(readers.number_text(dial_milli, readers.QUANTITY_PLACES))


def registers_on(row: ReadingRow, known: Sequence[Series], read_on: date) -> list[Series]:
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
    registers = registers_on(row, known, read_on)
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
