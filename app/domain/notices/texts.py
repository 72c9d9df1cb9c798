"""Texts of messages: templates with checked variables, and their length in parts of an SMS.

Source of the alphabets: 3GPP TS 23.038: 160 septets a part, 153 of several; 70 and 67 units of UCS-2 with any other letter.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from app.domain.calendar import TASHKENT

_GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: Take two septets: an escape, and the sign of the extension.
_GSM_EXTENSION = set("^{}\\[~]|€\f")
_APOSTROPHES = str.maketrans({"ʻ": "'", "ʼ": "'", "‘": "'", "’": "'", "`": "'", "\u00a0": " ", "\u202f": " "})
_PLACE = re.compile(r"\{([a-z_]+)\}")


class VariableKind(StrEnum):
    """What stands in a place of a template, and how it is written."""

    TEXT = "TEXT"
    SUM = "SUM"
    DAY = "DAY"
    MOMENT = "MOMENT"
    MONTH = "MONTH"


class Variable(NamedTuple):
    """A place of a template, and what stands there in an example."""

    kind: VariableKind
    sample: "Value"


#: A text, also one a language; tiyin; a day or the first day of a month; a moment.
Value = str | int | date | datetime | Mapping[str, str]


class MessageTemplateRefused(Exception):
    """A template would not come out whole."""


class UnknownVariable(MessageTemplateRefused):
    """A template names a place that its kind of message does not have; the text is its name."""


class MissingVariable(MessageTemplateRefused):
    """A message lacks a value that its template names, or a template the place its kind cannot do without; the text is its name."""


class LastTemplate(MessageTemplateRefused):
    """A kind of message would be left without words in Uzbek, which stand for languages without words; the text is the kind."""


class BrokenTemplate(MessageTemplateRefused):
    """A template has a brace that belongs to no place."""


def check_template(text: str, variables: Mapping[str, Variable], required: frozenset[str]) -> None:
    """Refuse a template that would not come out whole.

    :raises UnknownVariable: if it names a place its kind does not have
    :raises MissingVariable: if it lacks one its kind cannot do without
    :raises BrokenTemplate: if a brace belongs to no place
    """
    named = places_of(text)
    if {"{", "}"} & set(_PLACE.sub("", text)):
        raise BrokenTemplate
    if unknown := named - set(variables):
        raise UnknownVariable(min(unknown))
    if missing := required - named:
        raise MissingVariable(min(missing))


def places_of(text: str) -> set[str]:
    """Return the names of a template's places."""
    return set(_PLACE.findall(text))


def filled(text: str, variables: Mapping[str, Variable], values: Mapping[str, Value], language: str) -> str:
    """Return a template with its places filled in a language.

    :raises MissingVariable: if a place has no value

    >>> due = {"due": Variable(VariableKind.DAY, date(2026, 12, 10)), "sum": Variable(VariableKind.SUM, 100)}
    >>> filled("{sum} by {due}", due, {"due": date(2026, 12, 10), "sum": 12345678}, "en")
    '123 456.78 by 10.12.2026'
    """

    def put(found: re.Match[str]) -> str:
        name = found[1]
        if name not in values or name not in variables:
            raise MissingVariable(name)
        return _written(variables[name].kind, values[name], language)

    return _PLACE.sub(put, text)


def _written(kind: VariableKind, value: Value, language: str) -> str:
    if isinstance(value, Mapping):
        return value.get(language) or value["uz"]
    if isinstance(value, datetime):
        return f"{value.astimezone(TASHKENT):%d.%m.%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%m.%Y}" if kind == VariableKind.MONTH else f"{value:%d.%m.%Y}"
    if isinstance(value, int) and kind == VariableKind.SUM:
        return plain_sum(value)
    return str(value)


def plain_sum(tiyin: int) -> str:
    """Return a sum in the alphabet of SMS: blanks between thousands, a point, no tiyin if there are none.

    >>> plain_sum(123456789), plain_sum(5000000), plain_sum(-7)
    ('1 234 567.89', '50 000', '-0.07')
    """
    som, rest = divmod(abs(tiyin), 100)
    return f"{'-' if tiyin < 0 else ''}{som:,}".replace(",", " ") + (f".{rest:02}" if rest else "")


def sms_text(text: str) -> str:
    """Return the text with plain apostrophes and blanks, so that Uzbek Latin stays in the cheap alphabet of SMS.

    >>> sms_text("toʻlov")
    "to'lov"
    """
    return text.translate(_APOSTROPHES)


def sms_parts(text: str) -> int:
    """Return how many SMS a text takes; a sign of two units is not cut between two parts.

    >>> sms_parts("a" * 160), sms_parts("a" * 161), sms_parts("я" * 71), sms_parts("[" * 80), sms_parts("🙂" * 36)
    (1, 2, 2, 1, 2)
    """
    if set(text) <= _GSM | _GSM_EXTENSION:
        return _parts([2 if sign in _GSM_EXTENSION else 1 for sign in text], 160, 153)
    return _parts([2 if ord(sign) > 0xFFFF else 1 for sign in text], 70, 67)


def _parts(units: list[int], single: int, several: int) -> int:
    total = sum(units)
    if total <= single:
        return 1
    if max(units) == 1:
        return -(-total // several)
    parts, used = 1, 0
    for size in units:
        parts, used = (parts + 1, size) if used + size > several else (parts, used + size)
    return parts
