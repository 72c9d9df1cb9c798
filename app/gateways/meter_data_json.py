"""Batches of readings as JSON: ``{"readings": [{"account_number": …, "meter_number": …, "register": …, "read_on": …, "dial": …}]}``."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Required

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from app.domain.metering import DeviceEventKind
from app.domain.readers import ReadingFault
from app.gateways import json_bodies
from app.gateways.device_data import DeviceFault, DeviceRows, DeviceTexts, rows_of_texts
from app.gateways.device_data.events import EventTexts
from app.gateways.device_data.profiles import ProfileTexts
from app.gateways.meter_data import ReadingRow
from app.gateways.tables import TableRefusal

#: Readings of one batch at most.
LARGEST_BATCH = 1000
LONGEST_VALUE = 64

#: A text, or a number that is read as the digits that were sent; left out is the same as null and as nothing.
Written = str | float | None
_SerialNumber = Annotated[Written, Field(description="serial number; blanks, dashes, case and leading zeros do not matter")]
_RegisterCode = Annotated[Written, Field(description="code of the register; left out: the whole counter, or the only register")]
_Dial = Annotated[Written, Field(description="what the display showed, with no more decimals than the register has")]


@with_config(ConfigDict(extra="forbid"))
class ReadingOfAccount(TypedDict, total=False):
    """A reading of an account's register."""

    account_number: Annotated[Written, Field(description="may be left out if the meter is named and its number stands once")]
    meter_number: Annotated[Written, Field(description="may be left out if the account is named")]
    read_on: Annotated[Written, Field(description="a day, or a moment, which counts by its day in Tashkent")]
    dial: _Dial
    register: _RegisterCode


@with_config(ConfigDict(extra="forbid"))
class ReadingOfDevice(TypedDict, total=False):
    """A reading of a device."""

    meter_number: _SerialNumber
    read_on: Annotated[Written, Field(description="a moment with its zone, or a day; it counts by its day in Tashkent")]
    dial: _Dial
    register: _RegisterCode
    quality: Annotated[Written, Field(description="A actual, E estimated, D doubtful; left out: A")]


@with_config(ConfigDict(extra="forbid"))
class ProfileOfDevice(TypedDict, total=False):
    """The energy of a register by steps of a day."""

    meter_number: _SerialNumber
    register: _RegisterCode
    day: Written
    step_minutes: Annotated[Written, Field(description="15, 30 or 60")]
    qualities: Annotated[Written, Field(description="a letter a step, or nothing")]
    quantities: Required[Annotated[list[Written], Field(description="energy of each step; null where it is not known")]]


@with_config(ConfigDict(extra="forbid"))
class EventOfDevice(TypedDict, total=False):
    """What a device did by itself."""

    meter_number: _SerialNumber
    event: Annotated[Written, Field(description=", ".join(DeviceEventKind))]
    happened_at: Annotated[Written, Field(description="a moment with its zone")]


_Batch = Field(min_length=1, max_length=LARGEST_BATCH)


class ReadingBatch(TypedDict):
    """Readings of accounts."""

    readings: Annotated[list[ReadingOfAccount], _Batch]


class DeviceBatch(TypedDict):
    """Readings of devices."""

    readings: Annotated[list[ReadingOfDevice], _Batch]


class ProfileBatch(TypedDict):
    """Interval profiles of devices."""

    profiles: Annotated[list[ProfileOfDevice], _Batch]


class EventBatch(TypedDict):
    """Events of devices."""

    events: Annotated[list[EventOfDevice], _Batch]


_FIELDS, _DEVICE_FIELDS, _EVENT_FIELDS = (tuple(kind.__annotations__) for kind in (ReadingOfAccount, ReadingOfDevice, EventOfDevice))
_PROFILE_FIELDS = tuple(name for name in ProfileOfDevice.__annotations__ if name != "quantities")


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
    return [_row_of(row_no, reading) for row_no, reading in enumerate(_objects(body, "readings", _FIELDS), 1)]


def parse_device_batch(body: bytes) -> DeviceRows:
    """Return the readings of devices: ``{"readings": [{"meter_number": …, "register": …, "read_on": …, "dial": …, "quality": …}]}``.

    :raises NotABatch: as ``parse_batch`` does
    """
    texts, refused = [], []
    for row_no, reading in enumerate(_objects(body, "readings", _DEVICE_FIELDS), 1):
        values, refusal = _values_of(row_no, reading, _DEVICE_FIELDS)
        one = DeviceTexts(row_no, **values)
        if refusal is None:
            texts.append(one)
        else:
            refused.append(DeviceFault(one, refusal.fault, refusal.column))
    return rows_of_texts(texts, refused)


def parse_profile_batch(body: bytes) -> list[ProfileTexts]:
    """Return the profiles: ``{"profiles": [{"meter_number": …, "register": …, "day": …, "step_minutes": …, "quantities": […]}]}``.

    A step that nobody knows is null; ``qualities`` may name those that the device estimated: a letter a step.

    :raises NotABatch: as ``parse_batch`` does
    """
    found = []
    for row_no, profile in enumerate(_objects(body, "profiles", tuple(ProfileOfDevice.__annotations__)), 1):
        values, refusal = _values_of(row_no, profile, _PROFILE_FIELDS)
        steps = profile.get("quantities")
        if not isinstance(steps, list) or not all(each is None or isinstance(each, str) for each in steps):
            raise NotABatch("NOT_A_VALUE", f"quantities of profile {row_no} are no list of numbers")
        fault = (refusal.fault, refusal.column) if refusal else None
        found.append(ProfileTexts(row_no, **values, quantities=tuple((each or "")[:LONGEST_VALUE] for each in steps), fault=fault))
    return found


def parse_event_batch(body: bytes) -> list[EventTexts]:
    """Return the events of a batch: ``{"events": [{"meter_number": …, "event": …, "happened_at": …}]}``.

    :raises NotABatch: as ``parse_batch`` does
    """
    found = []
    for row_no, event in enumerate(_objects(body, "events", _EVENT_FIELDS), 1):
        values, refusal = _values_of(row_no, event, _EVENT_FIELDS)
        found.append(EventTexts(row_no, **values, fault=(refusal.fault, refusal.column) if refusal else None))
    return found


def _objects(body: bytes, name: str, fields: Sequence[str]) -> list[Mapping[str, Any]]:
    """Return the objects of the list of a batch, which have no other fields."""
    try:
        batch = json_bodies.decode(body, numbers_as_text=True)
    except json_bodies.NotJson:
        raise NotABatch("NOT_JSON", "the body is no JSON") from None
    objects = batch.get(name) if isinstance(batch, dict) else None
    if not isinstance(objects, list) or not objects:
        raise NotABatch("NO_READINGS", f'the body is no object with a filled list "{name}"')
    if len(objects) > LARGEST_BATCH:
        raise NotABatch("TOO_MANY_READINGS", f"more than {LARGEST_BATCH} {name}")
    for row_no, each in enumerate(objects, 1):
        if not isinstance(each, dict):
            raise NotABatch("NOT_A_READING", f"{name}: {row_no} is no object")
        if any(key not in fields for key in each):
            raise NotABatch("UNKNOWN_FIELD", f"{name}: {row_no} has fields that are none of {', '.join(fields)}")
    return objects


def _row_of(row_no: int, reading: Mapping[str, Any]) -> ReadingRow:
    values, refusal = _values_of(row_no, reading, _FIELDS)
    return ReadingRow(row_no, **values, refusal=refusal)


def _values_of(row_no: int, given: Mapping[str, Any], fields: Sequence[str]) -> tuple[dict[str, str], TableRefusal | None]:
    """Return the texts of an object that can be kept, and why one cannot."""
    values = {name: _text_of(row_no, name, given) for name in fields}
    refusal = next((found for name, value in values.items() if (found := _refusal_of(name, value))), None)
    return {name: "".join(filter(str.isprintable, value))[:LONGEST_VALUE] for name, value in values.items()}, refusal


def _text_of(row_no: int, name: str, reading: Mapping[str, Any]) -> str:
    value = reading.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise NotABatch("NOT_A_VALUE", f"{name} of row {row_no} is neither a text nor a number")
    return value.strip()


def _refusal_of(name: str, value: str) -> TableRefusal | None:
    """Return why a text cannot be kept."""
    if len(value) > LONGEST_VALUE:
        return TableRefusal(ReadingFault.TEXT_TOO_LONG, name, "".join(filter(str.isprintable, value))[:LONGEST_VALUE])
    if not value.isprintable():
        return TableRefusal(ReadingFault.CONTROL_CHARACTER, name, "".join(filter(str.isprintable, value)))
    return None
