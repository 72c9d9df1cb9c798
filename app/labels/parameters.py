"""Operating parameters in words: what each means, its value with its unit, where it comes from, and whose it is."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from app.domain.administration import PARAMETERS, ParameterUnit
from app.labels.figures import number

#: The first word of a code names its group.
PARAMETER_GROUPS: Mapping[str, Any] = {
    "access": _("Access"),
    "acts": _("Acts"),
    "audit": _("Audit"),
    "billing": _("Billing"),
    "claims": _("Penalties and inspections"),
    "contracts": _("Contracts"),
    "home": _("Home page"),
    "indicators": _("Indicators"),
    "lists": _("Lists and files"),
    "equipment": _("Equipment"),
    "metering": _("Metering"),
    "nodes": _("Nodes"),
    "notices": _("Messages"),
    "payments": _("Payments"),
    "portal": _("Portal of consumers"),
    "reports": _("Reports"),
    "tasks": _("Tasks"),
    "schedule": _("What happens by itself"),
    "tariffs": _("Tariffs"),
}


def parameter_group(code: str) -> str:
    """Return what the group of a parameter is called."""
    word = code.split(".", 1)[0]
    return str(PARAMETER_GROUPS.get(word, word))


def parameter_meaning(code: str) -> str:
    """Return what a parameter means; one that is no more is called by its code."""
    return gettext(PARAMETERS[code].meaning) if code in PARAMETERS else code


def parameter_source(text: str) -> str:
    """Return where a value comes from: words of the catalogs are translated, a document a person named stays."""
    return gettext(text) if text else ""


def parameter_choices(code: str) -> list[tuple[str, str]]:
    """Return the values of a parameter that is a choice, and what each means; none if it is a number."""
    known = PARAMETERS[code]
    return [(str(known.lowest + place), gettext(choice)) for place, choice in enumerate(known.choices)]


def parameter_value(code: str, value: int | str) -> str:
    """Return a value in words: a choice by its name, a number with its unit in the right case."""
    if code not in PARAMETERS or not str(value).isdecimal():
        return str(value)
    known, count = PARAMETERS[code], int(value)
    if known.choices:
        return gettext(known.choices[min(count - known.lowest, len(known.choices) - 1)])
    return with_unit(known.unit, count)


def with_unit(unit: ParameterUnit, count: int) -> str:
    """Return a number with its unit in the case the number asks for; whole minutes and hours are told as such."""
    for small, each, large in _LARGER:
        if unit == small and count and count % each == 0:
            unit, count = large, count // each
    if unit == ParameterUnit.RATE_A_DAY:
        return gettext("%(rate)s percent a day", rate=number(Decimal(count) / 10_000))
    return _PHRASES[unit](count, number(count))


def unit_alone(unit: ParameterUnit) -> str:
    """Return the unit that stands beside an input."""
    return str(_UNITS.get(unit, ""))


_PHRASES: Mapping[ParameterUnit, Any] = {
    ParameterUnit.CHOICE: lambda _count, shown: shown,
    ParameterUnit.TIMES: lambda count, shown: ngettext("%(number)s time", "%(number)s times", count, number=shown),
    ParameterUnit.SECONDS: lambda count, shown: ngettext("%(number)s second", "%(number)s seconds", count, number=shown),
    ParameterUnit.MINUTES: lambda count, shown: ngettext("%(number)s minute", "%(number)s minutes", count, number=shown),
    ParameterUnit.HOURS: lambda count, shown: ngettext("%(number)s hour", "%(number)s hours", count, number=shown),
    ParameterUnit.DAYS: lambda count, shown: ngettext("%(number)s day", "%(number)s days", count, number=shown),
    ParameterUnit.MONTHS: lambda count, shown: ngettext("%(number)s month", "%(number)s months", count, number=shown),
    ParameterUnit.MILLISECONDS: lambda count, shown: ngettext("%(number)s millisecond", "%(number)s milliseconds", count, number=shown),
    ParameterUnit.HOURS_A_DAY: lambda count, shown: ngettext("%(number)s hour a day", "%(number)s hours a day", count, number=shown),
    ParameterUnit.HOUR_OF_DAY: lambda count, _shown: f"{count:02}:00",
    ParameterUnit.DAY_OF_MONTH: lambda _count, shown: gettext("day %(number)s of the month", number=shown),
    ParameterUnit.SOM: lambda _count, shown: gettext("%(number)s soʻm", number=shown),
    ParameterUnit.PERCENT: lambda _count, shown: gettext("%(number)s percent", number=shown),
    ParameterUnit.UNITS: lambda count, shown: ngettext("%(number)s unit", "%(number)s units", count, number=shown),
    ParameterUnit.PLACE: lambda _count, shown: gettext("place %(number)s", number=shown),
    ParameterUnit.DIGITS: lambda count, shown: ngettext("%(number)s digit", "%(number)s digits", count, number=shown),
    ParameterUnit.TRIES: lambda count, shown: ngettext("%(number)s try", "%(number)s tries", count, number=shown),
    ParameterUnit.CODES: lambda count, shown: ngettext("%(number)s code", "%(number)s codes", count, number=shown),
    ParameterUnit.ROWS: lambda count, shown: ngettext("%(number)s row", "%(number)s rows", count, number=shown),
    ParameterUnit.KILOBYTES: lambda _count, shown: gettext("%(number)s kB", number=shown),
}
_LARGER = (
    (ParameterUnit.MILLISECONDS, 1000, ParameterUnit.SECONDS),
    (ParameterUnit.SECONDS, 60, ParameterUnit.MINUTES),
    (ParameterUnit.MINUTES, 60, ParameterUnit.HOURS),
)
_UNITS: Mapping[ParameterUnit, Any] = {
    ParameterUnit.TIMES: _("times"),
    ParameterUnit.SECONDS: _("seconds"),
    ParameterUnit.MINUTES: _("minutes"),
    ParameterUnit.HOURS: _("hours"),
    ParameterUnit.DAYS: _("days"),
    ParameterUnit.MONTHS: _("months"),
    ParameterUnit.MILLISECONDS: _("milliseconds"),
    ParameterUnit.HOURS_A_DAY: _("hours a day"),
    ParameterUnit.HOUR_OF_DAY: _("hour of the day"),
    ParameterUnit.DAY_OF_MONTH: _("day of the month"),
    ParameterUnit.SOM: _("soʻm"),
    ParameterUnit.PERCENT: _("percent"),
    ParameterUnit.RATE_A_DAY: _("1/10 000 % a day"),
    ParameterUnit.UNITS: _("units"),
    ParameterUnit.PLACE: _("place"),
    ParameterUnit.DIGITS: _("digits"),
    ParameterUnit.TRIES: _("tries"),
    ParameterUnit.CODES: _("codes"),
    ParameterUnit.ROWS: _("rows"),
    ParameterUnit.KILOBYTES: _("kB"),
}
