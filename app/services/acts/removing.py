"""A meter is taken off: which one, what each register showed, and which readings of later days were not its."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.acts import ActRefusal, ActRefused
from app.domain.metering import (
    ZONE_REGISTERS,
    ReadingKind,
    ReadingSource,
    RegisterCode,
    RowProblem,
    ShownRegister,
    Thresholds,
    counted_together,
    zones_apart,
)
from app.gateways.meter_data import ReadingRow
from app.models.acts import Act
from app.models.equipment import MeterInstallation
from app.models.metering import Reading
from app.queries import acts as dials
from app.queries import administration as parameters
from app.queries import metering as series
from app.queries.acts import RegisterOnDay
from app.queries.acts import meters as queries
from app.queries.acts.meters import ServingMeter
from app.services import metering
from app.services.acts import supply as steps
from app.services.acts.moving import take_off

_REFUSALS = {
    RowProblem.LOWER_THAN_LAST: ActRefusal.READING_GOES_BACK,
    RowProblem.TOO_MANY_DIGITS: ActRefusal.READING_WRONG,
    RowProblem.TOO_MANY_DECIMALS: ActRefusal.READING_WRONG,
}


class Removed(NamedTuple):
    """A meter that was taken off."""

    meter: ServingMeter
    #: as JSON, a row a register: what it showed when it was read last and on the day, and the energy between
    counted: list[dict[str, Any]]
    #: what the counter-act needs
    undo: dict[str, Any]


def remove(session: Session, act: Act, service_point_id: int, *, today: date) -> Removed:
    """Record what every register of a meter showed on the day of the act, and end its service there.

    :raises ActRefused: if no such meter serves then, a register is missing or shows what it cannot, or the meter was read later
    """
    meter = _chosen(act, queries.meters_at(session, service_point_id, act.effective_on))
    if meter.valid_to is not None:
        raise ActRefused(ActRefusal.LATER_CHANGE, meter.valid_to.isoformat(), column="effective_on")
    withdrawn = _withdraw_later(session, act, meter)
    registers = [
        row for row in dials.registers_on(session, service_point_id, act.effective_on, until=True) if row.meter_installation_id == meter.id
    ]
    counted = _counted(session, act, registers, meter, today)
    shown = [
        ShownRegister(row.code, row.before_on, row.before_milli, each["dial_milli"], 1000 * 10**row.digits)
        for row, each in zip(registers, counted, strict=True)
    ]
    check_zones(session, act, counted_together(shown), column="is_sure")
    made = [_record(session, act, row, each["dial_milli"]) for row, each in zip(registers, counted, strict=True) if row.dial_milli is None]
    installation = session.get_one(MeterInstallation, meter.id)
    installation.valid_to = act.effective_on
    session.flush()
    take_off(session, act, installation, today=today)
    return Removed(meter, counted, {"removed_id": meter.id, "readings": made, "withdrawn": withdrawn})


def _chosen(act: Act, serving: Sequence[ServingMeter]) -> ServingMeter:
    wanted = act.parameters.get("installation_id")
    found = [each for each in serving if wanted is None or each.id == int(wanted)]
    if not found:
        raise ActRefused(ActRefusal.NO_METER, column="effective_on")
    if len(found) > 1:
        raise ActRefused(ActRefusal.METER_NOT_NAMED, ", ".join(each.serial_number for each in found), column="installation_id")
    return found[0]


def _withdraw_later(session: Session, act: Act, meter: ServingMeter) -> list[int]:
    """Take back readings of days after the act, where its form says that they were not the meter's; return what took them back."""
    later = queries.later_readings(session, meter.id, act.effective_on)
    if not later:
        return []
    rows = session.scalars(select(Reading).where(Reading.id.in_(later)).order_by(Reading.read_on, Reading.id)).all()
    ours = all(row.kind == ReadingKind.PERIODIC and row.account_id == act.account_id for row in rows)
    if not (act.parameters.get("withdraws_later") and ours):
        refusal = ActRefusal.READ_LATER if ours else ActRefusal.LATER_READING
        raise ActRefused(refusal, rows[0].read_on.isoformat(), column="effective_on")
    steps.withdraw_readings(session, later)
    return list(session.scalars(select(Reading.id).where(Reading.replaces_id.in_(later)).order_by(Reading.id)))


def _counted(session: Session, act: Act, registers: Sequence[RegisterOnDay], meter: ServingMeter, today: date) -> list[dict[str, Any]]:
    known = series.series_of_account(session, act.account_id or 0)
    limits = metering.limits_on(session, today)
    return [_judged(act, row, meter, known, limits, today) for row in registers]


def _judged(
    act: Act, row: RegisterOnDay, meter: ServingMeter, known: Sequence[series.Series], limits: Thresholds, today: date
) -> dict[str, Any]:
    """Judge what a register shows as any reading is judged, against the one before the day."""
    column, place = f"reading_{row.register_id}", f"{row.serial_number} {row.code}"
    dial = act.parameters.get("readings", {}).get(str(row.register_id), row.dial_milli)
    if dial is None:
        raise ActRefused(ActRefusal.READING_MISSING, place, column=column)
    if row.dial_milli is not None and row.dial_milli != dial:
        raise ActRefused(ActRefusal.READING_DIFFERS, place, column=column)
    own = [
        each._replace(last_read_on=row.before_on, last_dial_milli=row.before_milli, actual_to=None, last_row=0)
        for each in known
        if (each.meter_installation_id, each.register_id) == (row.meter_installation_id, row.register_id)
    ]
    asked = ReadingRow(0, "", "", act.effective_on.isoformat(), metering.dial_text(dial), row.code)
    try:
        judged = metering.judge(asked, own, limits, today=today)
    except metering.ReadingRefused as refused:
        refusal = _REFUSALS.get(refused.problem, ActRefusal.READING_REFUSED)
        detail = place if refused.problem in _REFUSALS else refused.problem.value
        raise ActRefused(refusal, detail, column=column) from refused
    if judged.doubt and not act.parameters.get("is_sure"):
        raise ActRefused(ActRefusal.READING_DOUBTFUL, judged.doubt.value, column=column)
    return {
        "meter": row.serial_number, "register": row.code, "is_new": False, "multiplier": _ratio(meter),
        "before_on": row.before_on.isoformat() if row.before_on else None, "before_milli": row.before_milli,
        "dial_milli": dial, "quantity_milli": judged.quantity_milli,
    }  # fmt: skip


def check_zones(session: Session, act: Act, shown_milli: Mapping[str, int], *, column: str) -> None:
    """Refuse registers of zones that add up to something else than the whole counter, unless they were read twice.

    :raises ActRefused: if they do
    """
    tolerance = parameters.value_on(session, "metering.zone_tolerance", act.effective_on)
    if not act.parameters.get("is_sure") and zones_apart(shown_milli, tolerance=tolerance):
        zones = sum(milli for code, milli in shown_milli.items() if code in ZONE_REGISTERS)
        detail = f"{zones // 1000} ≠ {shown_milli[RegisterCode.TOTAL] // 1000}"
        raise ActRefused(ActRefusal.ZONES_APART, detail, column=column)


def _record(session: Session, act: Act, row: RegisterOnDay, dial_milli: int) -> int:
    reading = Reading(
        division_id=act.division_id, account_id=act.account_id, meter_installation_id=row.meter_installation_id,
        register_id=row.register_id, read_on=act.effective_on, dial_milli=dial_milli, kind=ReadingKind.FINAL, source=ReadingSource.OFFICE,
    )  # fmt: skip
    session.add(reading)
    session.flush()
    return reading.id


def _ratio(meter: ServingMeter) -> str:
    return ratio_text(meter.ct_primary, meter.ct_secondary, meter.vt_primary, meter.vt_secondary)


def ratio_text(*ratio: int) -> str:
    """Return the ratios of the transformers as people write them, CT before VT; empty for a meter without any."""
    ct_primary, ct_secondary, vt_primary, vt_secondary = ratio
    parts = [f"{above}/{below}" for above, below in ((ct_primary, ct_secondary), (vt_primary, vt_secondary)) if above != below]
    return " · ".join(parts)
