"""Interval profiles: stored a day a row, gaps filled and told; a later version of a day is a further row."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy.orm import Session

from app.domain import metering, readers
from app.domain.calendar import day_number
from app.domain.metering import (
    QUALITY_OF_LETTER,
    REGISTERS,
    STEPS_MINUTES,
    IntervalQuality,
    RegisterCode,
    RowProblem,
    RowStatus,
    fill_gaps,
    register_code,
    steps_of_day,
)
from app.domain.readers import Misread, ReadingFault
from app.domain.values import Integers
from app.gateways.device_data.profiles import ProfileTexts
from app.models.metering import ReadingImport
from app.queries.metering import devices as queries
from app.queries.metering.devices import InstalledRegisters
from app.services import bulk

#: Reference days are looked for so far back, the latest first, and so many are used.
_REFERENCE_DAYS, _MOST_REFERENCES = 28, 4


class DayProfile(NamedTuple):
    """A day of a register by steps, as it was read."""

    row_no: int
    serial: str
    register: RegisterCode | None
    day: date
    step_minutes: int
    quantities_milli: Integers
    qualities: list[IntervalQuality]


class ProfileRefused(Exception):
    """A profile breaks a rule.

    :ivar problem: which rule
    :ivar column: which field it is about
    """

    def __init__(self, problem: RowProblem, column: str, value: str = "") -> None:
        super().__init__(problem.value)
        self.problem, self.column, self.value = problem, column, value


class TakenProfiles(NamedTuple):
    """What became of profiles: refused ones by row, and the minutes of gaps of those that were stored."""

    refused: dict[int, ProfileRefused]
    gap_minutes: dict[int, int]


def take_profiles(session: Session, target: ReadingImport, rows: Sequence[ProfileTexts], *, today: date) -> TakenProfiles:
    """Store profiles of devices that are installed on their day, gaps filled, and add up what became of them in their import."""
    refused: dict[int, ProfileRefused] = {}
    read: list[DayProfile] = []
    for row in rows:
        try:
            read.append(_read(row, today))
        except ProfileRefused as broken:
            refused[row.row_no] = broken
    places = {serial: place for place, serial in enumerate(dict.fromkeys(each.serial for each in read))}
    named = queries.named_devices(session, queries.serial_keys(session, list(places)), target.division_id)
    installed = queries.installed_registers(session, named, target.division_id)
    placed: list[tuple[DayProfile, int]] = []
    for profile in read:
        try:
            placed.append((profile, _place_of(profile, places[profile.serial], installed)))
        except ProfileRefused as broken:
            refused[profile.row_no] = broken
    gaps = _store(session, target, placed, installed)
    _refuse(session, target, rows, refused)
    target.received += len(rows)
    target.accepted += len(placed)
    target.rejected += len(refused)
    session.flush()
    return TakenProfiles(refused, gaps)


def _read(row: ProfileTexts, today: date) -> DayProfile:
    """Return a profile as numbers.

    :raises ProfileRefused: naming the field
    """
    if row.fault:
        raise ProfileRefused(metering.problem_of(ReadingFault(row.fault[0])), row.fault[1])
    serial = _value(row.meter_number, "meter_number", readers.code)
    day = _value(row.day, "day", readers.day)
    if not serial:
        raise ProfileRefused(RowProblem.EMPTY, "meter_number")
    if day > today:
        raise ProfileRefused(RowProblem.IN_THE_FUTURE, "day", row.day)
    step = _value(row.step_minutes, "step_minutes", lambda value: readers.number(value, 0))
    if step not in STEPS_MINUTES:
        raise ProfileRefused(RowProblem.WRONG_STEP, "step_minutes", row.step_minutes)
    if len(row.quantities) != steps_of_day(step) or len(row.qualities) not in {0, len(row.quantities)}:
        raise ProfileRefused(RowProblem.WRONG_STEPS, "quantities", str(len(row.quantities)))
    register = register_code(row.register) if row.register.strip() else None
    if row.register.strip() and register is None:
        raise ProfileRefused(RowProblem.UNKNOWN_REGISTER, "register", row.register)
    quantities = [_value(each, "quantities", readers.quantity) if each else 0 for each in row.quantities]
    if min(quantities) < 0:
        raise ProfileRefused(RowProblem.NOT_A_NUMBER, "quantities", str(min(quantities)))
    return DayProfile(row.row_no, serial, register, day, step, np.array(quantities, dtype=np.int64), _qualities(row))


def _qualities(row: ProfileTexts) -> list[IntervalQuality]:
    letters = row.qualities or "A" * len(row.quantities)
    if set(letters) - set("AEM"):
        raise ProfileRefused(RowProblem.UNKNOWN_QUALITY, "qualities", row.qualities)
    return [QUALITY_OF_LETTER[letter] if each else IntervalQuality.MISSING for letter, each in zip(letters, row.quantities, strict=True)]


def _value(written: str, column: str, read: Any) -> Any:
    try:
        return read(written)
    except Misread as misread:
        raise ProfileRefused(metering.problem_of(misread.fault), column, written) from None


def _place_of(profile: DayProfile, device: int, installed: InstalledRegisters) -> int:
    """Return where the register of a profile stands among those that are installed.

    :raises ProfileRefused: if there is none on the day
    """
    of_device = installed.device == device
    if not of_device.any():
        raise ProfileRefused(RowProblem.UNKNOWN_METER, "meter_number", profile.serial)
    codes = np.unique(installed.code[of_device])
    wanted = profile.register or (REGISTERS[int(codes[0])] if len(codes) == 1 else RegisterCode.TOTAL)
    of_register = of_device & (installed.code == REGISTERS.index(wanted))
    if not of_register.any():
        raise ProfileRefused(RowProblem.UNKNOWN_REGISTER, "register", profile.register or "")
    day = day_number(profile.day)
    at = np.flatnonzero(of_register & (installed.valid_from <= day) & (day <= installed.valid_to))
    if not len(at):
        raise ProfileRefused(RowProblem.NO_METER_THEN, "day", profile.day.isoformat())
    return int(at[-1])


def _store(
    session: Session, target: ReadingImport, placed: Sequence[tuple[DayProfile, int]], installed: InstalledRegisters
) -> dict[int, int]:
    """Add a further version of each day, the earliest first, so that it may stand in for the next; return the minutes of gaps by row."""
    gap_minutes: dict[int, int] = {}
    in_order = sorted(placed, key=lambda each: (each[0].day, each[0].row_no))
    for _, of_day in groupby(in_order, key=lambda each: each[0].day):
        columns: dict[str, list[Any]] = defaultdict(list)
        versions: dict[int, int] = {}
        some = list(of_day)
        for profile, at in some:
            register_id = int(installed.register_id[at])
            versions[register_id] = versions.get(register_id, queries.latest_version(session, register_id, profile.day)) + 1
            row = _row(session, profile, register_id) | {"division_id": int(installed.division_id[at]), "version": versions[register_id]}
            gap_minutes[profile.row_no] = row["gap_minutes"]
            for name, value in row.items():
                columns[name].append(value)
        bulk.copy(session, "interval_day", {**columns, "reading_import_id": target.id}, len(some))
    return gap_minutes


def _row(session: Session, profile: DayProfile, register_id: int) -> dict[str, Any]:
    filled, told = _filled(session, profile, register_id)
    return {
        "register_id": register_id, "day": profile.day, "step_minutes": profile.step_minutes,
        "quantities_milli": "{" + ",".join(map(str, filled.tolist())) + "}", "qualities": "".join(quality.letter for quality in told),
        "gap_minutes": sum(quality == IntervalQuality.MISSING for quality in profile.qualities) * profile.step_minutes,
    }  # fmt: skip


def _filled(session: Session, profile: DayProfile, register_id: int) -> tuple[Integers, list[IntervalQuality]]:
    if IntervalQuality.MISSING not in profile.qualities:
        return profile.quantities_milli, profile.qualities
    return fill_gaps(
        profile.quantities_milli,
        profile.qualities,
        step_minutes=profile.step_minutes,
        reference_days=_reference_days(session, profile, register_id),
    )


def _reference_days(session: Session, profile: DayProfile, register_id: int) -> list[Integers]:
    """Return the latest complete days of the same day of the week, of the weeks before."""
    since = profile.day - timedelta(days=_REFERENCE_DAYS)
    days = queries.profile_days(session, register_id, since=since, until=profile.day)
    whole = [
        np.array(each.quantities_milli, dtype=np.int64)
        for each in days
        if each.step_minutes == profile.step_minutes and not each.gap_minutes and each.day.weekday() == profile.day.weekday()
    ]
    return whole[-_MOST_REFERENCES:]


def _refuse(session: Session, target: ReadingImport, rows: Sequence[ProfileTexts], refused: dict[int, ProfileRefused]) -> None:
    chosen = [row for row in rows if row.row_no in refused]
    why = [refused[row.row_no] for row in chosen]
    bulk.copy(
        session,
        "reading_import_row",
        {
            "division_id": target.division_id,
            "reading_import_id": target.id,
            "row_no": [row.row_no for row in chosen],
            "account_number": "",
            "meter_number": [row.meter_number[:64] for row in chosen],
            "read_on": [row.day[:64] for row in chosen],
            "dial": "",
            "register": [row.register[:64] for row in chosen],
            "status": RowStatus.REJECTED,
            "problem": [each.problem for each in why],
            '"column"': [each.column for each in why],
            "about": [{"value": each.value[:100]} if each.value else None for each in why],
        },
        len(chosen),
    )
