"""The report of a file of readings: every row, its verdict and what to do."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _

from app import labels
from app.domain.calendar import month_start, months_after
from app.domain.metering import Doubt, IntervalQuality, RowProblem, RowStatus, register_code
from app.queries.metering import ImportRow
from app.queries.metering.devices import MonthOfEnergy, ProfileDay, WaitingReading


def report_rows(rows: Sequence[ImportRow]) -> list[list[object]]:
    """Return rows of (row, account, meter, date, register, reading, verdict, column, what is wrong) in the reader's language."""
    return [
        [
            row.row_no,
            row.account_number,
            row.meter_number,
            row.read_on,
            labels.register(register_code(row.register)) or row.register,
            row.dial,
            labels.member_of(RowStatus, row.status),
            str(labels.COLUMN_LABELS[row.column]) if row.column else "",
            reason_of(row),
        ]
        for row in rows
    ]


def reason_of(row: ImportRow) -> str:
    """Return why a row is refused or doubted, in the reader's language; empty if it is neither."""
    return reason_of_refusal(row.problem or row.doubt or "", row.about)


def words_of(code: str) -> str:
    """Return what a rule or a doubt says, in the reader's language; empty if there is no such code."""
    for kind in (RowProblem, Doubt):
        if code in kind.__members__:
            return labels.member_of(kind, code)
    return ""


def reason_of_refusal(code: str, about: Mapping[str, Any] | None) -> str:
    """Return what a rule or a doubt says, with what makes it plain; empty if there is no such code."""
    phrase = words_of(code)
    return " ".join([phrase, *_about(about or {})]) if phrase else ""


def _about(about: Mapping[str, Any]) -> Iterator[str]:
    """Return what makes the reason plain: what stands in the cell, the last reading, the row of the file it stands in."""
    if about.get("value"):
        yield _("It says: %(value)s", value=about["value"])
    if about.get("registers"):
        names = ", ".join(labels.register(code) for code in about["registers"].split(", "))
        yield _("The meter has: %(registers)s.", registers=names)
    if about.get("lacking"):
        yield _("Missing or doubtful: %(registers)s.", registers=", ".join(labels.register(code) for code in about["lacking"].split(", ")))
    if "billed_to" in about:
        yield _("Bills are made of readings up to %(day)s.", day=labels.iso_day(about["billed_to"]))
    if "last_on" in about:
        last = {"dial": labels.quantity(about["last_milli"]), "day": labels.iso_day(about["last_on"])}
        if about.get("twin"):
            yield _("The last reading is %(dial)s of %(day)s, in row %(row)s of this file.", row=about["twin"], **last)
        else:
            yield _("The last reading is %(dial)s of %(day)s.", **last)


def history_chart(row: WaitingReading, energy: Sequence[MonthOfEnergy], *, since: date, months: int) -> dict[str, Any]:
    """Return the billed energy of months as bars, with what the reading in doubt would mean beside it."""
    known = {each.month: each.quantity_milli / 1000 for each in energy}
    shown = [months_after(since, place) for place in range(months)]
    doubtful = [
        row.quantity_milli / 1000 if row.quantity_milli is not None and month == month_start(row.read_on) else None for month in shown
    ]
    series = [
        {"label": _("Billed"), "values": [known.get(month) for month in shown]},
        {"label": _("In doubt"), "values": doubtful},
    ]
    return {"type": "bar", "unit": labels.unit_name(row.unit), "labels": [labels.month(month) for month in shown], "series": series}


def profile_chart(day: ProfileDay, unit: str) -> dict[str, Any]:
    """Return the energy of a day by steps: what was measured, and what stands in for what nobody sent."""
    steps = range(len(day.quantities_milli))
    values = [quantity / 1000 for quantity in day.quantities_milli]
    measured = [value if day.qualities[place] == IntervalQuality.ACTUAL.letter else None for place, value in enumerate(values)]
    filled = [None if day.qualities[place] == IntervalQuality.ACTUAL.letter else value for place, value in enumerate(values)]
    names = [step_name(place, day.step_minutes) for place in steps]
    series = [{"label": _("Measured"), "values": measured}]
    if any(value is not None for value in filled):
        series.append({"label": _("Filled in"), "values": filled})
    return {"type": "bar", "unit": labels.unit_name(unit), "labels": names, "series": series}


def step_name(place: int, step_minutes: int) -> str:
    """Return the time a step begins at.

    >>> step_name(3, 30)
    '01:30'
    """
    return f"{place * step_minutes // 60:02}:{place * step_minutes % 60:02}"


def month_chart(days: Sequence[ProfileDay], unit: str) -> dict[str, Any]:
    """Return the energy of a month by days."""
    values = [sum(day.quantities_milli) / 1000 for day in days]
    series = [{"label": _("Energy"), "values": values}]
    return {"type": "bar", "unit": labels.unit_name(unit), "labels": [labels.day(day.day) for day in days], "series": series}
