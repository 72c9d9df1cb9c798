"""Values as people read them: members of enums, money, quantities, days and moments, in the reader's language."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any

from babel.core import Locale
from babel.dates import format_date as babel_date
from babel.numbers import format_decimal
from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _

from app.domain.administration import PARAMETERS
from app.domain.administration.privacy import PERSONAL
from app.domain.billing import Component
from app.domain.calendar import TASHKENT
from app.domain.metering import RegisterCode
from app.domain.values import RATE_SCALE
from app.labels import personal
from app.labels.members import ENUM_LABELS

_BY_KIND = {(type(member), member.value): phrase for member, phrase in ENUM_LABELS}

_REGISTERS = frozenset(RegisterCode)
#: Units of the shipped resources; others are shown as the office wrote them.
_UNITS: Mapping[str, Any] = {"kWh": _("kWh"), "m³": _("m³"), "Gcal": _("Gcal"), "kvar·h": _("kvar·h"), "kW": _("kW")}
#: soʻm in each language; CLDR prints "UZS" in Russian and English.
_CURRENCY = {"uz": "soʻm", "uz_Cyrl": "сўм", "ru": "сум", "kaa": "swm", "en": "soʻm"}
#: Where CLDR has no good patterns of its own.
_NUMBERS_LIKE = {"kaa": "uz"}
_NBSP = "\u00a0"


def add_members(phrases: Mapping[StrEnum, Any]) -> None:
    """Add the phrases of members that are declared with what they name: kinds of jobs and of requests."""
    for value, phrase in phrases.items():
        _BY_KIND[type(value), value.value] = phrase
        _KINDS[type(value).__name__] = type(value)


def member(value: StrEnum | None) -> str:
    """Return the phrase for an enum member."""
    return "" if value is None else str(_BY_KIND[type(value), value.value])


def member_of(kind: type[StrEnum], value: str | None) -> str:
    """Return the phrase for a stored value of an enum."""
    return "" if value is None else member(kind(value))


_KINDS: dict[str, type[StrEnum]] = {type(member).__name__: type(member) for member, _phrase in ENUM_LABELS}


def word(value: str | None, kind: str) -> str:
    """Return the phrase for a stored value of an enum named in a template."""
    return member_of(kind_named(kind), value)


def kind_named(name: str) -> type[StrEnum]:
    """Return the enum of a name, for templates."""
    return _KINDS[name]


def register_phrase(code: str) -> Any:
    """Return the phrase for one of our registers, translated when it is shown."""
    return _BY_KIND[RegisterCode, code]


def register(code: str | None) -> str:
    """Return the phrase for the code of a register; one that is not ours stays as it is."""
    return member_of(RegisterCode, code) if code in _REGISTERS else code or ""


def locale_code() -> str:
    """Return the code of the language texts are written in."""
    locale = get_locale()
    return str(locale) if locale else "en"


def money(tiyin: int | None) -> str:
    """Return an amount as soʻm with two decimals and the currency's name."""
    if tiyin is None:
        return ""
    return f"{number(Decimal(tiyin) / 100, '#,##0.00')}{_NBSP}{currency()}"


def currency() -> str:
    """Return the name of the currency in the reader's language."""
    return _CURRENCY.get(locale_code(), "soʻm")


def quantity(milli: int | None, unit: str = "") -> str:
    """Return a quantity in units, with as many decimals as it has."""
    if milli is None:
        return ""
    text = number(Decimal(milli) / 1000, "#,##0.###")
    return f"{text}{_NBSP}{unit_name(unit)}" if unit else text


def unit_name(unit: str) -> str:
    """Return a unit of measurement in the reader's language."""
    return str(_UNITS.get(unit, unit))


def line_unit(component: str, unit: str) -> str:
    """Return the unit of a bill line's quantity: reactive energy and capacity have units of their own.

    :param unit: unit of measurement of the resource
    """
    return {Component.REACTIVE.value: "kvar·h", Component.DEMAND.value: "kW"}.get(component, unit)


def number(value: Decimal | int, pattern: str = "#,##0.####") -> str:
    """Return a number in the reader's way of writing it."""
    return _number(value, pattern, locale_code())


@lru_cache(maxsize=10_000)
def _number(value: Decimal | int, pattern: str, code: str) -> str:
    """Return a number as a language writes it; prices, rates and round quantities stand on every paper."""
    return format_decimal(value, format=pattern, locale=Locale.parse(_NUMBERS_LIKE.get(code, code)))


def rate_e4(value: int) -> str:
    """Return a rate that is held in 1/10 000 soʻm."""
    return number(Decimal(value) / RATE_SCALE)


def day(value: date | None) -> str:
    """Return a day as 31.10.2026 (in English 31 Oct 2026)."""
    if value is None:
        return ""
    return babel_date(value, "d MMM yyyy", locale="en") if locale_code() == "en" else f"{value:%d.%m.%Y}"


def month(value: date | None) -> str:
    """Return a billing month as 10.2026 (in English Oct 2026)."""
    if value is None:
        return ""
    return babel_date(value, "MMM yyyy", locale="en") if locale_code() == "en" else f"{value:%m.%Y}"


def iso_day(text: str) -> str:
    """Return a day that a derivation holds as text."""
    return day(date.fromisoformat(text))


def iso_month(text: str) -> str:
    """Return a billing month that a derivation holds as text."""
    return month(date.fromisoformat(text))


def moment(value: datetime | None) -> str:
    """Return a moment as day and time in Tashkent."""
    if value is None:
        return ""
    local = value.astimezone(TASHKENT)
    return f"{day(local.date())} {local:%H:%M}"


def yes(value: bool | None) -> str:
    """Return a tick for yes."""
    return "✓" if value else ""


#: How rows are called whose own name holds a code, by their table.
_ROW_NAMES: Mapping[str, Callable[[Any], str]] = {
    "register": lambda row: f"{row.meter} · {register(row.code)}",
    "tariff_block": lambda row: f"{row.version} · {register(row.zone)} · {row.block_no}",
}


def row_name(row: Any) -> str:
    """Return what a row of a table is called, in the reader's language."""
    return _ROW_NAMES.get(row.__tablename__, repr)(row)


def plain(value: Any) -> Any:
    """Return any value of a column as people read it."""
    formatters: list[tuple[type, Callable[[Any], str]]] = [
        (StrEnum, member), (bool, yes), (datetime, moment), (date, day), (Decimal, number),
    ]  # fmt: skip
    for kind, formatter in formatters:
        if isinstance(value, kind):
            return formatter(value)
    if hasattr(value, "__tablename__"):
        return row_name(value)
    return "" if value is None else value


#: Where values of parameters come from; these texts become the basis of what is computed with them.
_SOURCES = frozenset(each.source for each in PARAMETERS.values())
#: Columns that say who did something.
_ACTORS = frozenset({"actor", "approved_by", "asked_by", "created_by", "decided_by", "ended_by"})


def actor(value: str | None) -> str:
    """Return who did something: a user by his name, a job by its number, a program in words."""
    kind, _sep, name = (value or "").partition(":")
    if kind == "job":
        return str(_("Job № %(number)s")) % {"number": name}
    if kind == "portal" and name:
        return str(_("User of the portal № %(number)s")) % {"number": name}
    if kind == "link":
        return str(_("Link № %(number)s")) % {"number": name}
    return str(_("The program")) if value == "system" else name if kind == "source" else value or ""


def _source(basis: str | None) -> str:
    """Return what something is based on: the source of a parameter in the reader's words, what a person wrote as it stands."""
    return str(gettext(basis)) if basis in _SOURCES else basis or ""


def formatter_of(column: str) -> Callable[[Any], Any]:
    """Return how a column's values are written."""
    if column in _ACTORS:
        return actor
    if column in PERSONAL:
        return lambda value: personal.shown(value, column)
    if column == "basis":
        return _source
    if column == "unit":
        return unit_name
    if column.endswith("_tiyin"):
        return money
    if column.endswith("_milli"):
        return quantity
    return month if column.endswith("month") else plain
