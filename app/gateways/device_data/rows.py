"""A reading of a device as texts, read with the readers of all forms and files; only what a child process needs is imported."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from app.domain import readers
from app.domain.metering.registers import RegisterCode, register_code
from app.domain.readers import Misread, ReadingFault

REGISTERS = tuple(RegisterCode)
#: What a device says of a reading → whether it vouches for it.
QUALITIES = {"": 1, "A": 1, "ACTUAL": 1, "E": 0, "ESTIMATED": 0, "D": 0, "DOUBTFUL": 0}
LONGEST_SERIAL = 64
UNKNOWN_REGISTER, UNKNOWN_QUALITY = "UNKNOWN_REGISTER", "UNKNOWN_QUALITY"
_EPOCH_ORDINAL = datetime(1970, 1, 1, tzinfo=UTC).toordinal()
_MOST_DIGITS = 12
_CONTROLS = re.compile("[\x00-\x1f\x7f]")


class DeviceTexts(NamedTuple):
    """A reading of a device as it was written."""

    row_no: int
    meter_number: str
    read_on: str
    dial: str
    register: str = ""
    quality: str = ""


class DeviceFault(NamedTuple):
    """Why a reading is not read.

    :ivar problem: a ``RowProblem`` or a ``ReadingFault``
    """

    texts: DeviceTexts
    problem: str
    column: str


#: Day, moment (minutes since 1970; −1: a day alone), dial, its decimals, place of the register (−1: none), whether the device vouches.
Numbers = tuple[int, int, int, int, int, int]
#: Of a row between processes: its number, those, and the place of its device.
NUMBERS = 8


def read_texts(texts: DeviceTexts) -> tuple[Numbers, str] | DeviceFault:
    """Return the numbers of a reading and the number of its device, or why it is refused."""
    _, meter_number, read_on, dial, register, quality = texts
    column = "meter_number"
    try:
        serial = _serial(meter_number)
        column = "read_on"
        day, minute = _moment(read_on)
        column = "dial"
        dial_milli, decimals = _dial(dial)
    except Misread as misread:
        return DeviceFault(texts, misread.fault, column)
    place, vouches = _register(register), _quality(quality)
    if place is None:
        return DeviceFault(texts, UNKNOWN_REGISTER, "register")
    if vouches is None:
        return DeviceFault(texts, UNKNOWN_QUALITY, "quality")
    return (day, minute, dial_milli, decimals, place, vouches), serial


def _serial(text: str) -> str:
    """Return the number of a device.

    :raises Misread: if it is empty, too long, or holds what cannot be kept
    """
    if text.isalnum() and text.isascii() and len(text) <= LONGEST_SERIAL:
        return text
    serial = readers.code(text)
    if not serial:
        raise Misread(ReadingFault.EMPTY)
    if len(serial) > LONGEST_SERIAL:
        raise Misread(ReadingFault.TEXT_TOO_LONG)
    if _CONTROLS.search(serial):
        raise Misread(ReadingFault.CONTROL_CHARACTER)
    return serial


@lru_cache(maxsize=100_000)
def _moment(text: str) -> tuple[int, int]:
    """Return the day in Tashkent and the minute of a moment; a day alone has none."""
    day = readers.day(text).toordinal() - _EPOCH_ORDINAL
    if ":" not in text:
        return day, -1
    return day, int(readers.moment(text).timestamp()) // 60


def _dial(text: str) -> tuple[int, int]:
    """Return a dial in thousandths, and with how many decimals it is written; ``.0`` is none."""
    if len(text) <= _MOST_DIGITS and text.isascii() and text.isdigit():
        return int(text) * 1000, 0
    shown = readers.dial(text, readers.QUANTITY_PLACES)
    fraction = readers.cell(text).replace(",", ".").partition(".")[2]
    return shown, 0 if fraction == "0" else len(fraction)


@lru_cache(maxsize=1000)
def _register(text: str) -> int | None:
    """Return the place of a register; −1: none is named; None: there is no such register."""
    if not text.strip():
        return -1
    code = register_code(text)
    return None if code is None else REGISTERS.index(code)


@lru_cache(maxsize=1000)
def _quality(text: str) -> int | None:
    return QUALITIES.get(text.strip().upper())
