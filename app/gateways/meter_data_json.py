"""Batches of readings as JSON: ``{"readings": [{"account_number": …, "meter_number": …, "register": …, "read_on": …, "dial": …}]}``."""

from collections.abc import Mapping
from typing import Any

from app.domain.readers import ReadingFault
from app.gateways import json_bodies
from app.gateways.meter_data import ReadingRow
from app.gateways.tables import TableRefusal

#: Readings of one batch at most.
LARGEST_BATCH = 1000
LONGEST_VALUE = 64
_FIELDS = ("account_number", "meter_number", "read_on", "dial", "register")


class NotABatch(Exception):
    """A body is no batch of readings.

    :ivar code: what is wrong, for machines
    :ivar detail: where, in English
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail


def parse_batch(body: bytes) -> list[ReadingRow]:
    """Return the readings of a batch, numbered from 1; whether they are any good is not looked at.

    A value is a text or a number, read as the digits that were sent. A field may be missing.

    :raises NotABatch: if the body is no JSON, or not of this form, or holds no reading or too many
    """
    try:
        batch = json_bodies.decode(body, numbers_as_text=True)
    except json_bodies.NotJson:
        raise NotABatch("NOT_JSON", "the body is no JSON") from None
    readings = batch.get("readings") if isinstance(batch, dict) else None
    if not isinstance(readings, list) or not readings:
        raise NotABatch("NO_READINGS", 'the body is no object with a filled list "readings"')
    if len(readings) > LARGEST_BATCH:
        raise NotABatch("TOO_MANY_READINGS", f"more than {LARGEST_BATCH} readings")
    return [_row_of(row_no, reading) for row_no, reading in enumerate(readings, 1)]


def _row_of(row_no: int, reading: Any) -> ReadingRow:
    if not isinstance(reading, dict):
        raise NotABatch("NOT_A_READING", f"reading {row_no} is no object")
    unknown = [name for name in reading if name not in _FIELDS]
    if unknown:
        raise NotABatch("UNKNOWN_FIELD", f"reading {row_no} has fields that are none of {', '.join(_FIELDS)}")
    values = {name: _text_of(row_no, name, reading) for name in _FIELDS}
    refusal = next((found for name, value in values.items() if (found := _refusal_of(name, value))), None)
    kept = {name: "".join(filter(str.isprintable, value))[:LONGEST_VALUE] for name, value in values.items()}
    return ReadingRow(row_no, **kept, refusal=refusal)


def _text_of(row_no: int, name: str, reading: Mapping[str, Any]) -> str:
    value = reading.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise NotABatch("NOT_A_VALUE", f"{name} of reading {row_no} is neither a text nor a number")
    return value.strip()


def _refusal_of(name: str, value: str) -> TableRefusal | None:
    """Return why a text cannot be kept."""
    if len(value) > LONGEST_VALUE:
        return TableRefusal(ReadingFault.TEXT_TOO_LONG, name, "".join(filter(str.isprintable, value))[:LONGEST_VALUE])
    if not value.isprintable():
        return TableRefusal(ReadingFault.CONTROL_CHARACTER, name, "".join(filter(str.isprintable, value)))
    return None
