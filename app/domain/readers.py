"""One reader for each kind of value that people, spreadsheets and machines write; forms, files and APIs all read with them.

A reader returns the value or raises ``Misread`` with the reason. It never rounds and never guesses: more decimals than the
kind has are refused, because ``1,000`` is a thousand to one writer and one to another. Each has a formatter whose text it
reads back. Money is tiyin (2 decimals), quantities are thousandths (3), rates 1/10 000 soʻm (4), percent 1/100 (2). Only the
standard library is imported: the processes that read hostile files have little memory.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum

MONEY_PLACES, QUANTITY_PLACES, RATE_PLACES, PERCENT_PLACES = 2, 3, 4, 2

#: Largest amount, in tiyin, and largest quantity, in thousandths: 10^13 soʻm and 10^12 units.
LARGEST_MONEY_TIYIN = LARGEST_QUANTITY_MILLI = 10**15
#: Days outside are slips of the keyboard.
FIRST_DAY, DAY_AFTER_LAST = date(1900, 1, 1), date(2200, 1, 1)
#: The time of a moment that names no offset.
TASHKENT = timezone(timedelta(hours=5))
#: Digits a spreadsheet keeps of a number.
SPREADSHEET_DIGITS = 15

_MOST_DIGITS = 18
_BLANKS = " \u00a0\u2009\u202f"


class FileProblem(StrEnum):
    """Why a whole file is refused."""

    UNREADABLE = "UNREADABLE"
    OTHER_KIND = "OTHER_KIND"  # it is of another kind than was said
    CUT = "CUT"  # its end or its control totals are missing
    TOO_LARGE = "TOO_LARGE"
    NO_HEADER = "NO_HEADER"
    NO_ROWS = "NO_ROWS"
    ALREADY_LOADED = "ALREADY_LOADED"


class ReadingFault(StrEnum):
    """Why a text is not the value that is expected there, or a row cannot be read."""

    EMPTY = "EMPTY"
    NOT_A_NUMBER = "NOT_A_NUMBER"
    TOO_MANY_DECIMALS = "TOO_MANY_DECIMALS"
    TOO_LARGE = "TOO_LARGE"
    OUT_OF_RANGE = "OUT_OF_RANGE"  # a percent below 0 or above 100
    NOT_A_DAY = "NOT_A_DAY"
    NOT_A_MOMENT = "NOT_A_MOMENT"
    NOT_AN_ACCOUNT_NUMBER = "NOT_AN_ACCOUNT_NUMBER"
    ERROR_CELL = "ERROR_CELL"  # a spreadsheet's #N/A and the like
    LONG_NUMBER = "LONG_NUMBER"  # a spreadsheet kept 15 digits of a longer one
    EXTRA_CELLS = "EXTRA_CELLS"  # the row has filled cells beyond its header
    BAD_QUOTES = "BAD_QUOTES"
    CONTROL_CHARACTER = "CONTROL_CHARACTER"
    TEXT_TOO_LONG = "TEXT_TOO_LONG"


class Misread(ValueError):
    """A text is not the value that is expected there.

    :ivar fault: why
    """

    def __init__(self, fault: ReadingFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


# Cells

_ERRORS = re.compile(
    r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|Н/Д|ССЫЛКА!|ЗНАЧ!|ДЕЛ/0!|ИМЯ\?|ЧИСЛО!|ПУСТО!|Err:[0-9]+|ERROR!?)",
    re.IGNORECASE,
)
_SHORTENED = re.compile(r"-?[0-9](?:[.,][0-9]+)?E\+[0-9]{2,3}", re.ASCII | re.IGNORECASE)
_FORMULA = re.compile(r'="((?:[^"]|"")*)"')
_WHOLE = re.compile(r"([0-9]+)[.,]0+", re.ASCII)


def cell(text: str) -> str:
    """Return what stands in a cell, without the apostrophe or ``="…"`` by which spreadsheets keep a text a text.

    >>> cell("'0012"), cell('="0012"'), cell(" O'zbek ")
    ('0012', '0012', "O'zbek")

    :raises Misread: for an error of a spreadsheet, and for a number of which it kept 15 digits only
    """
    text = text.strip()
    formula = _FORMULA.fullmatch(text)
    text = formula[1].replace('""', '"').strip() if formula else text.removeprefix("'")
    if text[:1] == "#" and _ERRORS.fullmatch(text):
        raise Misread(ReadingFault.ERROR_CELL)
    if "+" in text and _SHORTENED.fullmatch(text):
        raise Misread(ReadingFault.LONG_NUMBER)
    return text


def code(text: str) -> str:
    """Return the number of an account, a meter, a bank or a document without what spreadsheets add to it.

    >>> code("'170010000012"), code("170010000012.0"), code('="170010000012"'), code("A-12.0")
    ('170010000012', '170010000012', '170010000012', 'A-12.0')

    :raises Misread: as ``cell`` does
    """
    bare = cell(text)
    whole = _WHOLE.fullmatch(bare)
    return whole[1] if whole else bare


_ACCOUNT_SEPARATORS = re.compile(r"[\s\u00a0.()\-]+")


def account_number(text: str) -> str:
    """Return an account number: branch code (5 digits) and personal number, 12 or 13 digits in all.

    The length is recalled, not read in a document; leading zeros count.

    >>> account_number("26901 0000005"), account_number("269010000005.0")
    ('269010000005', '269010000005')

    :raises Misread: if it is empty or no such number
    """
    digits = _ACCOUNT_SEPARATORS.sub("", code(text))
    if not digits:
        raise Misread(ReadingFault.EMPTY)
    if not (digits.isascii() and digits.isdigit() and len(digits) in (12, 13)):
        raise Misread(ReadingFault.NOT_AN_ACCOUNT_NUMBER)
    return digits


# Numbers


def number_reader(places: int, *, points: str = ".,", blanks: str = _BLANKS, sign_behind: bool = False) -> Callable[[str], int]:
    """Return the reader of a decimal number as an integer of its last place.

    Thousands may be set apart by one of the blanks in groups of three. ``.0`` is allowed where a kind has no decimals: so
    programs write whole numbers.

    >>> number_reader(2)("1 234,5"), number_reader(0)("15060.0")
    (123450, 15060)

    :param places: decimals of the kind
    :param points: what may stand before the decimals
    :param blanks: what may stand between thousands; empty for nothing
    :param sign_behind: a minus may stand behind, as accountants write it
    """
    grouped = rf"|[0-9]{{1,3}}(?:[{re.escape(blanks)}][0-9]{{3}})+" if blanks else ""
    behind = "(-?)" if sign_behind else "()"
    shape = re.compile(rf"([-+\u2212]?)([0-9]*{grouped})(?:[{re.escape(points)}]([0-9]*))?{behind}", re.ASCII)

    def read(text: str) -> int:
        written = cell(text)
        match = shape.fullmatch(written)
        if match is None or not (match[2] or match[3]) or (match[1] and match[4]):
            raise Misread(ReadingFault.NOT_A_NUMBER if written else ReadingFault.EMPTY)
        fraction = match[3] or ""
        if len(fraction) > places and not (places == 0 and fraction == "0"):
            raise Misread(ReadingFault.TOO_MANY_DECIMALS)
        whole = "".join(filter(str.isdigit, match[2])).lstrip("0")
        if len(whole) + places > _MOST_DIGITS:
            raise Misread(ReadingFault.TOO_LARGE)
        value = int((whole + fraction.ljust(places, "0")[:places]) or "0")
        return -value if match[1] in {"-", "\u2212"} or match[4] else value

    return read


_READERS = tuple(map(number_reader, range(9)))


def number(text: str, places: int) -> int:
    """Return a number of at most so many decimals as an integer of its last place.

    :param places: 0 to 8
    :raises Misread: if it is empty, no number, has more decimals or more than 18 digits
    """
    return _READERS[places](text)


def _within(value: int, largest: int) -> int:
    if abs(value) > largest:
        raise Misread(ReadingFault.TOO_LARGE)
    return value


def money(text: str) -> int:
    """Return an amount of soʻm in tiyin.

    >>> money("1 234,5")
    123450

    :raises Misread: if it is no amount, has more than two decimals or is beyond 10^13 soʻm
    """
    return _within(number(text, MONEY_PLACES), LARGEST_MONEY_TIYIN)


def quantity(text: str) -> int:
    """Return a quantity in units as thousandths.

    :raises Misread: if it is no quantity, has more than three decimals or is beyond 10^12 units
    """
    return _within(number(text, QUANTITY_PLACES), LARGEST_QUANTITY_MILLI)


def rate(text: str) -> int:
    """Return a rate in soʻm per unit as an integer of 1/10 000 soʻm.

    :raises Misread: if it is no rate or has more than four decimals
    """
    return _within(number(text, RATE_PLACES), LARGEST_MONEY_TIYIN)


def percent(text: str, places: int = PERCENT_PLACES) -> int:
    """Return a percent from 0 to 100 as an integer of its last place; the sign may stand behind.

    >>> percent("50"), percent("12,5 %")
    (5000, 1250)

    :raises Misread: if it is no percent, has more decimals, or lies outside
    """
    value = number(cell(text).removesuffix("%"), places)
    if not 0 <= value <= 100 * 10**places:
        raise Misread(ReadingFault.OUT_OF_RANGE)
    return value


def dial(text: str, decimals: int) -> int:
    """Return what a register shows in thousandths.

    >>> dial("20600,5", 1)
    20600500

    :param decimals: of the register, 0 to 3
    :raises Misread: if it is no number, below zero, or has more decimals than the register
    """
    shown = number(text, decimals)
    if shown < 0:
        raise Misread(ReadingFault.NOT_A_NUMBER)
    return _within(shown * 10 ** (QUANTITY_PLACES - decimals), LARGEST_QUANTITY_MILLI)


def number_text(value: int, places: int) -> str:
    """Return an integer of the last place as a plain decimal number with all its places, as ``number`` reads it back.

    >>> number_text(-5, 2), number_text(20600, 0)
    ('-0.05', '20600')
    """
    whole, part = divmod(abs(value), 10**places)
    return f"{'-' if value < 0 else ''}{whole}{f'.{part:0{places}d}' if places else ''}"


def shortest(text: str) -> str:
    """Return a plain decimal number without the zeros at its end.

    >>> shortest("150.5000"), shortest("150.000"), shortest("150")
    ('150.5', '150', '150')
    """
    return text.rstrip("0").rstrip(".") if "." in text else text


# Days and moments

_TIME = r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?"
_OFFSET = r"(?P<offset>Z|[+-][0-9]{2}(?::?[0-9]{2})?)"
_AFTER_DAY = rf"(?:(?:[ \u00a0]+|T){_TIME}[ ]?{_OFFSET}?|{_OFFSET.replace('offset', 'day_offset')})?"
_DAY_PARTS = {
    "yyyy": "(?P<year>[0-9]{4})",
    "yy": "(?P<year>[0-9]{2})",
    "mm": "(?P<month>[0-9]{1,2})",
    "dd": "(?P<day>[0-9]{1,2})",
}
#: Formats that mean one day only, whoever writes them.
_PLAIN_FORMATS = ("yyyy-mm-dd", "dd.mm.yyyy", "dd-mm-yyyy", "yyyy.mm.dd", "yyyy/mm/dd")


def _shape_of(date_format: str) -> re.Pattern[str]:
    pattern = re.sub("yyyy|yy|mm|dd", lambda part: _DAY_PARTS[part[0]], re.escape(date_format))
    if date_format.isalpha():
        pattern = pattern.replace("{1,2}", "{2}")
    return re.compile(pattern + _AFTER_DAY, re.ASCII)


_PLAIN_SHAPES = tuple(map(_shape_of, _PLAIN_FORMATS))
_ISO_SHAPES = _PLAIN_SHAPES[:1]


def _moment_in(text: str, shapes: tuple[re.Pattern[str], ...]) -> datetime | None:
    """Return the moment a text names, in its own offset or Tashkent's; None if it has none of the shapes."""
    match = next((match for shape in shapes if (match := shape.fullmatch(text))), None)
    if match is None:
        return None
    year = match["year"]
    hour, minute, second = (int(match[part] or 0) for part in ("hour", "minute", "second"))
    microsecond = int(((match["fraction"] or "") + "000000")[:6])
    try:
        day = date(int(year if len(year) == 4 else f"20{year}"), int(match["month"]), int(match["day"]))
        moment = datetime(day.year, day.month, day.day, hour, minute, second, microsecond, tzinfo=_zone(match["offset"]))
    except ValueError:
        return None
    return moment if FIRST_DAY <= day < DAY_AFTER_LAST else None


def _zone(offset: str | None) -> timezone:
    """Return the zone of a written offset; without one it is Tashkent's."""
    if offset is None:
        return TASHKENT
    if offset == "Z":
        return UTC
    digits = offset[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))


def day_reader(*date_formats: str) -> Callable[[str], date]:
    """Return the reader of a day in some formats; a time behind it is left out, one with an offset is turned to Tashkent's.

    :param date_formats: of ``yyyy``, ``yy``, ``mm`` and ``dd``; ``iso`` is ``yyyy-mm-dd``
    """
    shapes = tuple(_ISO_SHAPES[0] if one == "iso" else _shape_of(one) for one in date_formats) or _PLAIN_SHAPES

    def read(text: str) -> date:
        written = cell(text)
        moment = _moment_in(written, shapes)
        if moment is None:
            raise Misread(ReadingFault.NOT_A_DAY if written else ReadingFault.EMPTY)
        return moment.astimezone(TASHKENT).date()

    return read


_read_day = day_reader()


def day(text: str) -> date:
    """Return a day: ``2026-10-31``, ``31.10.2026`` or ``1.11.2026``, with or without a time.

    >>> day("25.11.2026 0:00:00"), day("2026-11-26T20:15:00Z")
    (datetime.date(2026, 11, 25), datetime.date(2026, 11, 27))

    :raises Misread: if it is empty or no day from 1900 to 2199
    """
    return _read_day(text)


def moment(text: str) -> datetime:
    """Return a moment in UTC; one without an offset is Tashkent's, a day alone is its beginning.

    >>> moment("26.11.2026 9:05")
    datetime.datetime(2026, 11, 26, 4, 5, tzinfo=datetime.timezone.utc)

    :raises Misread: if it is empty or no moment from 1900 to 2199
    """
    written = cell(text)
    found = _moment_in(written, _PLAIN_SHAPES)
    if found is None:
        raise Misread(ReadingFault.NOT_A_MOMENT if written else ReadingFault.EMPTY)
    return found.astimezone(UTC)


def moment_text(value: datetime) -> str:
    """Return a moment in Tashkent's time as ``moment`` reads it back."""
    return value.astimezone(TASHKENT).isoformat(" ")


_MONTH_ALONE = re.compile(r"(?:(?P<y>[0-9]{4})-(?P<m>[0-9]{2})|(?P<month>[0-9]{1,2})\.(?P<year>[0-9]{4}))", re.ASCII)


def month(text: str) -> date:
    """Return the first day of a month written as ``2026-03``, ``03.2026`` or any day in it.

    :raises Misread: if it is empty or no month from 1900 to 2199
    """
    written = cell(text)
    match = _MONTH_ALONE.fullmatch(written)
    if match:
        written = f"{match['y'] or match['year']}-{match['m'] or match['month']}-01"
    return day(written).replace(day=1)
