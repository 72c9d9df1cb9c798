"""Fields of applications: read from the JSON schema of a kind, shown as a form, and read back from what was typed.

A schema is of type ``object`` and allows no further properties. A property is a text (``maxLength``; ``format``: ``date``, ``phone``,
``pinfl``, ``stir`` or ``quantity``), a whole number (``minimum``, ``maximum``), a tick (``boolean``) or a choice (``enum``). ``x-title``
and ``x-help`` hold words by language, ``x-words`` those of each choice.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from app.domain import identifiers, readers
from app.domain.identifiers import InvalidIdentifier
from app.domain.readers import Misread

#: Letters of a text of several lines.
_LONG = 300
_LONGEST = 2000
_TYPES = frozenset({"string", "integer", "boolean"})


class NotASchema(Exception):
    """A text is no schema that a form can be made of; the text names the property."""


class FormField(NamedTuple):
    """A field of a form.

    :ivar kind: ``text``, ``long``, ``day``, ``integer``, ``tick`` or ``choice``
    :ivar choices: value and words of each choice
    :ivar format: what a text is checked as
    """

    name: str
    title: str
    help: str
    kind: str
    is_needed: bool
    longest: int
    choices: tuple[tuple[str, str], ...] = ()
    format: str = ""


def parse_schema(text: str) -> dict[str, Any]:
    """Return a schema that a form can be made of.

    :raises NotASchema: if it is none
    """
    try:
        schema = json.loads(text)
    except ValueError as error:
        raise NotASchema("JSON") from error
    if not isinstance(schema, dict) or schema.get("type") != "object" or schema.get("additionalProperties") is not False:
        raise NotASchema("object")
    properties = schema.get("properties", {})
    if not isinstance(properties, dict) or not set(schema.get("required", ())) <= set(properties):
        raise NotASchema("required")
    for name, rule in properties.items():
        if not name.isidentifier() or not isinstance(rule, dict) or rule.get("type") not in _TYPES or not _has_words(rule):
            raise NotASchema(name)
    return schema


def _has_words(rule: Mapping[str, Any]) -> bool:
    words = rule.get("x-title")
    return isinstance(words, dict) and bool(words.get("uz"))


def in_language(words: Mapping[str, str], language: str) -> str:
    """Return words in a language, in Uzbek where it has none.

    >>> in_language({"uz": "Sabab", "ru": "Причина"}, "kaa")
    'Sabab'
    """
    return words.get(language) or words.get("uz", "")


def form_fields(schema: Mapping[str, Any], language: str) -> list[FormField]:
    """Return the fields of a form in the order of the schema."""
    needed = set(schema.get("required", ()))
    return [_field(name, rule, language, is_needed=name in needed) for name, rule in schema.get("properties", {}).items()]


def _field(name: str, rule: Mapping[str, Any], language: str, *, is_needed: bool) -> FormField:
    words = rule.get("x-words", {})
    choices = tuple((each, in_language(words.get(each, {}), language) or each) for each in rule.get("enum", ()))
    longest = int(rule.get("maxLength", _LONGEST))
    title, help_ = in_language(rule["x-title"], language), in_language(rule.get("x-help", {}), language)
    return FormField(name, title, help_, _kind(rule, longest), is_needed, longest, choices, str(rule.get("format", "")))


def _kind(rule: Mapping[str, Any], longest: int) -> str:
    if "enum" in rule:
        return "choice"
    plain = {"boolean": "tick", "integer": "integer"}.get(rule["type"])
    return plain or ("day" if rule.get("format") == "date" else "long" if longest > _LONG else "text")


_READERS: Mapping[str, Callable[[str], str]] = {
    "date": lambda text: readers.day(text).isoformat(),
    "phone": identifiers.phone,
    "pinfl": identifiers.pinfl,
    "stir": identifiers.stir,
    "quantity": lambda text: readers.number_text(readers.quantity(text), readers.QUANTITY_PLACES),
}


def typed(fields: list[FormField], texts: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what was typed as values of the schema, and what is wrong with a field: field → the fault, a member of an enum.

    An empty text is no value; an unticked box is none either.
    """
    values, faults = dict[str, Any](), dict[str, Any]()
    for field in fields:
        text = str(texts.get(field.name, "")).strip()
        if not text:
            continue
        try:
            values[field.name] = _value(field, text)
        except Misread as misread:
            faults[field.name] = misread.fault
        except InvalidIdentifier as invalid:
            faults[field.name] = invalid.reason
    return values, faults


def _value(field: FormField, text: str) -> Any:
    if field.kind == "tick":
        return True
    if field.kind == "integer":
        return readers.number(text, 0)
    return normalized(field, text)


def normalized(field: FormField, text: str) -> str:
    """Return a text as its format writes it.

    :raises Misread: if it is none of its format
    :raises InvalidIdentifier: if it is no identifier of its kind
    """
    return _READERS[field.format](text) if field.format in _READERS else text


def shown(fields: list[FormField], values: Mapping[str, Any]) -> list[tuple[FormField, Any]]:
    """Return each field that holds something with its value; a choice by its words."""
    held = [(field, values[field.name]) for field in fields if field.name in values]
    return [(field, dict(field.choices).get(value, value) if field.choices else value) for field, value in held]
