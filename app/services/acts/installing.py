"""A meter is installed: the one with a number, or a new one, with its ratios and what every register showed at first."""

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.domain.acts import ActRefusal, ActRefused
from app.domain.metering import ReadingKind, ReadingSource, RegisterCode
from app.models.acts import Act
from app.models.equipment import Device, MeterInstallation, Register
from app.models.metering import Reading
from app.queries import equipment as devices
from app.queries.acts import meters as queries
from app.queries.acts.meters import MeterRegister, NamedMeter
from app.services.acts.moving import put_up
from app.services.acts.removing import check_zones, ratio_text

RATIOS = ("ct_primary", "ct_secondary", "vt_primary", "vt_secondary")
_FEWEST_DIGITS, _MOST_DIGITS = 3, 9


class Installed(NamedTuple):
    """A meter that was installed."""

    serial_number: str
    model: str
    ratio: str
    #: as JSON, a row a register: what it showed at first
    counted: list[dict[str, Any]]
    #: what the counter-act needs
    undo: dict[str, Any]


def install(session: Session, act: Act, service_point_id: int, *, today: date) -> Installed:
    """Let the meter of the act's form serve a place from the day of the act on, and record its first readings.

    :raises ActRefused: if the meter is not there, serves elsewhere, is not verified then, or shows what it cannot
    """
    device, registers = _device(session, act)
    _check_free(session, act, device, service_point_id, [each.code for each in registers])
    opening = _opening(session, act, device, registers)
    ratio = _ratios(act)
    installation = MeterInstallation(
        division_id=act.division_id, meter_id=device.id, service_point_id=service_point_id, valid_from=act.effective_on, **ratio
    )
    session.add(installation)
    session.flush()
    put_up(session, act, device.id, service_point_id, today=today)
    made = [_record(session, act, installation.id, each, opening[each.code]) for each in registers]
    text = ratio_text(*ratio.values())
    counted = [
        {
            "meter": device.serial_number, "register": each.code, "is_new": True, "multiplier": text,
            "before_on": None, "before_milli": None, "dial_milli": opening[each.code], "quantity_milli": None,
        }
        for each in registers
    ]  # fmt: skip
    return Installed(device.serial_number, device.model, text, counted, {"installed_id": installation.id, "readings": made})


def _device(session: Session, act: Act) -> tuple[NamedMeter, list[MeterRegister]]:
    """Return the meter with the number of the form, and its registers; one that nobody knows is added."""
    number, model_id = act.parameters["serial_number"], act.parameters.get("model_id")
    found = queries.meters_named(session, number)
    if found and model_id is not None:
        alike = [each for each in found if each.model_id == int(model_id)]
        if not alike:
            names = ", ".join(f"{each.model} {each.serial_number} ({each.division})" for each in found)
            raise ActRefused(ActRefusal.OTHER_MODEL, names, column="model_id")
        found = alike
    if len(found) > 1:
        raise ActRefused(ActRefusal.SEVERAL_METERS, number, column="model_id")
    if not found:
        _add_device(session, act, number)
        found = queries.meters_named(session, number)
    (device,) = found
    if not queries.registers_of(session, device.id):
        _add_registers(session, act, device)
    if device.division_id != act.division_id:
        raise ActRefused(ActRefusal.FOREIGN_METER, device.division, column="serial_number")
    if device.verified_to is not None and device.verified_to <= act.effective_on:
        raise ActRefused(ActRefusal.NOT_VERIFIED, device.verified_to.isoformat(), column="serial_number")
    return device, sorted(queries.registers_of(session, device.id), key=lambda each: list(RegisterCode).index(RegisterCode(each.code)))


def _add_device(session: Session, act: Act, number: str) -> None:
    given = act.parameters
    if others := devices.names_of_number(session, number):
        raise ActRefused(ActRefusal.FOREIGN_METER, ", ".join(others), column="serial_number")
    if not given.get("model_id") or not given.get("digits"):
        raise ActRefused(ActRefusal.UNKNOWN_METER, number, column="model_id")
    if not given.get("verified_to"):
        raise ActRefused(ActRefusal.NO_VERIFICATION, column="verified_to")
    device = Device(
        division_id=act.division_id, model_id=int(given["model_id"]), serial_number=number, made_in_year=given.get("made_in_year"),
        verified_to=date.fromisoformat(given["verified_to"]),
    )  # fmt: skip
    session.add(device)
    session.flush()


def _add_registers(session: Session, act: Act, device: NamedMeter) -> None:
    """Give a meter the registers that the form says the first dials of."""
    digits = int(act.parameters.get("digits") or 0)
    if not _FEWEST_DIGITS <= digits <= _MOST_DIGITS:
        raise ActRefused(ActRefusal.DIGITS_WRONG, column="digits")
    codes = list(act.parameters.get("opening") or {}) or [RegisterCode.TOTAL.value]
    session.add_all(Register(meter_id=device.id, code=code, digits=digits) for code in codes)
    session.flush()


def _check_free(session: Session, act: Act, device: NamedMeter, service_point_id: int, codes: list[str]) -> None:
    """Refuse a meter that serves somewhere, and a place where another counts the same."""
    if place := queries.place_of_meter(session, device.id, act.effective_on):
        raise ActRefused(ActRefusal.METER_ELSEWHERE, place, column="serial_number")
    if other := queries.meter_in_the_way(session, service_point_id, act.effective_on, codes):
        raise ActRefused(ActRefusal.METER_THERE, other, column="serial_number")


def _opening(session: Session, act: Act, device: NamedMeter, registers: list[MeterRegister]) -> dict[str, int]:
    """Return what every register showed at first, in thousandths."""
    given: dict[str, int] = act.parameters.get("opening") or {}
    known = {each.code for each in registers}
    if strange := [code for code in given if code not in known]:
        raise ActRefused(ActRefusal.NO_SUCH_REGISTER, f"{device.serial_number} {strange[0]}", column=f"opening_{strange[0].lower()}")
    for each in registers:
        column, place = f"opening_{each.code.lower()}", f"{device.serial_number} {each.code}"
        if each.code not in given:
            raise ActRefused(ActRefusal.READING_MISSING, place, column=column)
        dial = given[each.code]
        if not 0 <= dial < 1000 * 10**each.digits or dial % 10 ** (3 - each.decimals):
            raise ActRefused(ActRefusal.READING_WRONG, place, column=column)
    check_zones(session, act, given, column="is_sure")
    return given


def _ratios(act: Act) -> dict[str, int]:
    ratios = {name: int(act.parameters.get(name) or (0 if name in act.parameters else 1)) for name in RATIOS}
    for name, value in ratios.items():
        if value <= 0:
            raise ActRefused(ActRefusal.RATIO_WRONG, column=name)
    return ratios


def _record(session: Session, act: Act, installation_id: int, register: MeterRegister, dial_milli: int) -> int:
    reading = Reading(
        division_id=act.division_id, account_id=act.account_id, meter_installation_id=installation_id, register_id=register.id,
        read_on=act.effective_on, dial_milli=dial_milli, kind=ReadingKind.INITIAL, source=ReadingSource.OFFICE,
    )  # fmt: skip
    session.add(reading)
    session.flush()
    return reading.id
