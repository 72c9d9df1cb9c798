"""Payment files in tables, delimited, of fixed width, DBF or XLSX, as rows of cells.

Runs in the process that the package starts. Rows stream; nothing is kept but the header. DBF is read here and not by a
library: those known hang on a record length of 0 or believe a false number of records.
"""

import csv
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple, TextIO

from app.domain import readers
from app.domain.payments.files import FIELDS, Column, FileTotals, Form, Profile, TotalsPlace
from app.domain.readers import ReadingFault
from app.gateways.payment_files.rows import Days, UnreadableRow, amount_reader
from app.gateways.tables_child import cell_text, readable, records, refuse_other_kinds, workbook_rows
from app.gateways.workbooks import WorkbookRefused

#: A longer cell ends the reading; one that is only too long for its column is a problem of its row.
LONGEST_CELL = 1 << 20
LONGEST_LINE = 4 << 20
_SAMPLE = 1 << 16

#: Cells, or the whole line where columns begin at fixed places.
Cells = Sequence[str]


class Unread(list[str]):
    """A row that cannot be read: its text is the only cell.

    :ivar fault: why
    """

    def __init__(self, text: str, fault: ReadingFault) -> None:
        super().__init__([text])
        self.fault = fault


class PaymentFileTable(NamedTuple):
    """A table before its columns are looked up."""

    names: list[str]
    #: the rows above the payments
    head: list[Cells]
    #: row as the file numbers it, from 1, and its cells
    rows: Iterator[tuple[int, Cells]]


def table_of(path: Path, profile: Profile, unread_sheets: list[str] | None = None) -> PaymentFileTable:
    """Return a payment file's table.

    :param unread_sheets: filled with the names of a workbook's further filled sheets
    :raises WorkbookRefused: if the file is of another kind; its rows may raise it later, and ``UnicodeDecodeError``
    """
    if profile.form is Form.DBF:
        return dbf_table(path, profile)
    if profile.form is Form.XLSX:
        with path.open("rb") as file:
            if not file.read(4).startswith((b"PK\x03\x04", b"PK\x05\x06")):
                raise WorkbookRefused("OTHER_KIND", "this is no .xlsx workbook")
        tell = unread_sheets.extend if unread_sheets is not None else None
        rows: Iterator[Cells] = (cells for _, cells, _ in workbook_rows(path, _cell_reader(profile), tell))
    elif profile.form is Form.CSV:
        rows = _delimited(path, profile)
    else:
        rows = _fixed(path, profile.encoding)
    head = list(islice(rows, profile.header_rows))
    return PaymentFileTable(list(head[-1]) if head else [], head, enumerate(rows, profile.header_rows + 1))


def _cell_reader(profile: Profile) -> Callable[[object], str]:
    """Return what writes a workbook's numbers with the decimal separator that its texts have."""

    def text_of(cell: object) -> str:
        return cell_text(cell).replace(".", profile.decimal_separator) if isinstance(cell, float) else cell_text(cell)

    return text_of


# Texts


def open_text(path: Path, encoding: str, *, errors: str = "strict") -> TextIO:
    """Open a text, with or without its byte order mark.

    :raises WorkbookRefused: if it is no text, or one in UTF-16 though the profile says otherwise
    """
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    refuse_other_kinds(sample[:1024])
    if sample.startswith(b"PK\x03\x04"):
        raise WorkbookRefused("OTHER_KIND", "this is an archive or a workbook")
    if encoding == "utf-16":
        encoding = _utf_16_of(sample)
    elif sample.startswith((b"\xff\xfe", b"\xfe\xff")) or _has_zeros_in_every_other_place(sample):
        raise WorkbookRefused("OTHER_KIND", "this is UTF-16, not %(encoding)s", encoding=encoding)
    return path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, errors=errors, newline="")


def _has_zeros_in_every_other_place(sample: bytes) -> bool:
    zeros = sample[::2].count(0), sample[1::2].count(0)
    return max(zeros) > len(sample) // 16 and min(zeros) == 0


def _utf_16_of(sample: bytes) -> str:
    """Return the byte order of a text; without a mark, by where the zeros of its digits and delimiters stand."""
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    return "utf-16-be" if sample[::2].count(0) > sample[1::2].count(0) else "utf-16-le"


def _text_lines(file: TextIO) -> Iterator[str]:
    for line in iter(partial(file.readline, LONGEST_LINE), ""):
        if len(line) == LONGEST_LINE:
            raise WorkbookRefused("UNREADABLE", "a line of more than %(limit)s characters", limit=LONGEST_LINE)
        yield line


def _fixed(path: Path, encoding: str) -> Iterator[Cells]:
    with open_text(path, encoding) as file:
        for line in _text_lines(file):
            yield line.rstrip("\r\n")


def _delimited(path: Path, profile: Profile) -> Iterator[Cells]:
    """Return the records of a delimited text; one whose quotes do not match is ``Unread``."""
    csv.field_size_limit(LONGEST_CELL)
    with open_text(path, profile.encoding) as file:
        for cells, fault in records(_text_lines(file), profile.delimiter, profile.quote):
            yield Unread(cells[0], fault) if fault else cells


# DBF


_DBF_VERSIONS = {0x03, 0x04, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8B, 0xF5}
_VISUAL_FOXPRO = {0x30, 0x31, 0x32}
#: What the language byte may say.
_DBF_ENCODINGS = {0x26: "cp866", 0x65: "cp866", 0x57: "cp1251", 0xC9: "cp1251"}
#: Fields written as text, and those of Visual FoxPro in binary, with their length; others stand in another file.
_DBF_TEXTS = frozenset("CNFDL")
_DBF_BINARIES = {"B": 8, "I": 4, "Y": 8, "T": 8}
#: What turns a Julian day into a day as ``date.fromordinal`` counts them: 1 January of year 1 is 1 721 426.
_JULIAN_DAYS_BEFORE = 1_721_425


class DbfField(NamedTuple):
    """A column of a DBF file."""

    name: str
    kind: str
    place: slice


def dbf_table(path: Path, profile: Profile) -> PaymentFileTable:
    """Return the records of a dBASE III or IV or FoxPro file; deleted ones are left out but counted.

    Texts are in the encoding of the profile, unless the file's language byte says another and they read better so: many
    programs never set it.

    :raises WorkbookRefused: if the header is cut or does not agree with itself or with the file's size, or a column that is needed has
        a type that is not read
    """
    with path.open("rb") as file:
        start = file.read(32)
        if len(start) < 32 or start[0] not in _DBF_VERSIONS:
            raise WorkbookRefused("OTHER_KIND", "this is no DBF file")
        count, header_bytes, record_bytes = struct.unpack_from("<LHH", start, 4)
        fields = _dbf_fields(file.read(max(header_bytes - 32, 0)), record_bytes)
        encodings = [profile.encoding, _DBF_ENCODINGS.get(start[29], profile.encoding)]
        profile = replace(profile, encoding=readable(file.read(_SAMPLE), encodings))
    there = (path.stat().st_size - header_bytes) // record_bytes
    if there != count:
        raise WorkbookRefused("CUT", "the header tells of %(declared)s records, the file has %(found)s", declared=count, found=there)
    read = [_dbf_reader(field, profile, foxpro=start[0] in _VISUAL_FOXPRO) for field in fields]
    _check_types(fields, read, profile)
    records = _dbf_records(path, header_bytes, count, record_bytes)
    rows = ((row_no, [each(record) if each else "" for each in read]) for row_no, record in records if record[:1] != b"*")
    return PaymentFileTable([field.name for field in fields], [], rows)


def _dbf_fields(described: bytes, record_bytes: int) -> list[DbfField]:
    fields = []
    start = 1  # behind the mark of deletion
    for at in range(0, len(described) - 31, 32):
        if described[at] == 0x0D:
            break
        name = described[at : at + 11].split(b"\0")[0].decode("latin-1").strip()
        length = described[at + 16]
        fields.append(DbfField(name, chr(described[at + 11]), slice(start, start + length)))
        start += length
    if not fields or b"\x0d" not in described[32 * len(fields) :][:1] or start != record_bytes:
        raise WorkbookRefused("UNREADABLE", "the header of the DBF file is damaged")
    return fields


def _dbf_records(path: Path, header_bytes: int, count: int, record_bytes: int) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        file.seek(header_bytes)
        for row_no in range(1, count + 1):
            yield row_no, file.read(record_bytes)


def _dbf_reader(field: DbfField, profile: Profile, *, foxpro: bool) -> Callable[[bytes], str] | None:
    """Return what reads a field of a record; None if its type is not read."""
    place, point = field.place, profile.decimal_separator
    if field.kind in "NF":
        # What stands before the decimals is fixed here, so zeros behind them are no thousands.
        return lambda record: readers.shortest(record[place].decode("latin-1").strip()).replace(".", point)
    if field.kind in _DBF_TEXTS:
        return lambda record: record[place].decode(profile.encoding, "replace").strip(" \0")
    if foxpro and _DBF_BINARIES.get(field.kind) == place.stop - place.start:
        binary = _BINARY_READERS[field.kind]
        return lambda record: binary(record[place]).replace(".", point) if len(record) >= place.stop else ""
    return None


def _double_text(content: bytes) -> str:
    return cell_text(struct.unpack("<d", content)[0])


def _integer_text(content: bytes) -> str:
    return str(struct.unpack("<i", content)[0])


def _currency_text(content: bytes) -> str:
    """Return an amount kept as a whole number of 1/10 000."""
    return f"{Decimal(struct.unpack('<q', content)[0]).scaleb(-4).normalize():f}"


def _moment_text(content: bytes) -> str:
    """Return a moment kept as a Julian day and milliseconds; empty if it is none, and without its point, as a day is wanted."""
    julian_day, milliseconds = struct.unpack("<ii", content)
    ordinal = julian_day - _JULIAN_DAYS_BEFORE
    if not julian_day or not 1 <= ordinal <= date.max.toordinal():
        return ""
    time = timedelta(milliseconds=milliseconds)
    return f"{date.fromordinal(ordinal).isoformat()} {time.seconds // 3600:02}:{time.seconds // 60 % 60:02}:{time.seconds % 60:02}"


_BINARY_READERS: Mapping[str, Callable[[bytes], str]] = {
    "B": _double_text,
    "I": _integer_text,
    "Y": _currency_text,
    "T": _moment_text,
}


def _check_types(fields: Sequence[DbfField], read: Sequence[Callable[[bytes], str] | None], profile: Profile) -> None:
    """Refuse a file if a column the profile wants has a type that is not read.

    :raises WorkbookRefused: naming the column and its type
    """
    wanted = {*profile.columns.values(), *profile.totals.columns.values()}
    keys = {_key(column) for column in wanted if isinstance(column, str)}
    for number, (field, reader) in enumerate(zip(fields, read, strict=True), 1):
        if reader is None and (number in wanted or _key(field.name) in keys):
            raise WorkbookRefused(
                "OTHER_KIND",
                "the DBF file's column %(column)s has the type %(type)s, which is not read",
                column=field.name,
                type=field.kind,
            )


# Columns


class Layout:
    """Where the columns of a table stand."""

    def __init__(self, names: Sequence[str], profile: Profile) -> None:
        self._keys = [_key(name) for name in names]
        places = {name: self.place(column) for name, column in profile.columns.items()}
        #: fewest cells a row has, or characters a line
        self.needed = max(place.stop for place in places.values())
        #: cells of a row that the header names; 0 if columns are found by their places
        self.named = max((at for at, key in enumerate(self._keys, 1) if key), default=0) if _by_names(profile) else 0
        self.pick = _picker([places.get(name) for name in FIELDS], fixed=profile.form is Form.FIXED)

    def place(self, column: Column) -> slice:
        """Return which cells, or characters, a column is.

        :raises WorkbookRefused: if no column has this name, or several have
        """
        if isinstance(column, tuple):
            return slice(column[0] - 1, column[0] - 1 + column[1])
        if isinstance(column, int):
            return slice(column - 1, column)
        found = self._keys.count(_key(column))
        if found != 1:
            raise WorkbookRefused("NO_HEADER", "%(column)s stands %(count)s times", column=column, count=found)
        index = self._keys.index(_key(column))
        return slice(index, index + 1)

    def cell(self, cells: Cells, column: Column | None) -> str:
        """Return the text of a column in any row, empty if it has none."""
        return "".join(cells[self.place(column)]).strip() if column else ""

    def beyond(self, cells: Cells) -> str:
        """Return the first filled cell that the header does not name, or nothing."""
        if not self.named or len(cells) <= self.named:
            return ""
        return next(filter(str.strip, cells[self.named :]), "")


def _by_names(profile: Profile) -> bool:
    return any(isinstance(column, str) for column in profile.columns.values())


def _key(name: str) -> str:
    return " ".join(name.split()).casefold().replace("ё", "е")


def _picker(places: Sequence[slice | None], *, fixed: bool) -> Callable[[Cells], Sequence[str]]:
    """Return what takes the texts of ``FIELDS`` out of a row that is long enough."""
    if fixed:
        slices = [place or slice(0) for place in places]
        return lambda line: ["".join(line[place]).strip() for place in slices]
    pick = itemgetter(*(-1 if place is None else place.start for place in places))
    if None not in places:
        return pick
    return lambda cells: pick([*cells, ""])


# Control totals


class Control:
    """The row of control totals.

    :ivar declared: what it says; None where the profile knows no such row
    :ivar payment_file_number: the payment file's own number, or empty
    :ivar dated_on: the payment file's date, ISO, or empty
    """

    def __init__(self, table: PaymentFileTable, layout: Layout, profile: Profile) -> None:
        self.declared: FileTotals | None = None
        self.payment_file_number = self.dated_on = ""
        self._totals, self._layout = profile.totals, layout
        self._amount_column = profile.columns["amount"]
        self._amount_of = amount_reader(profile)
        self._days = Days(profile.date_format, "iso")
        self._group = profile.group_separator
        if self._totals.place is TotalsPlace.HEADER_ROW:
            if len(table.head) < self._totals.row:
                raise WorkbookRefused("CUT", "the file ends above its control totals")
            self._read(self._totals.row, table.head[self._totals.row - 1])

    def payments(self, rows: Iterator[tuple[int, Cells]]) -> Iterator[tuple[int, Cells]]:
        """Return the rows without that of the control totals.

        :raises WorkbookRefused: if there is none where there must be, as in a file that is cut, or payments stand below it
        """
        if self._totals.place is TotalsPlace.LAST_ROW:
            return self._all_but_the_last(rows)
        if self._totals.place is TotalsPlace.MARKER:
            return self._up_to_the_marker(rows)
        return rows

    def _all_but_the_last(self, rows: Iterator[tuple[int, Cells]]) -> Iterator[tuple[int, Cells]]:
        filled = (row for row in rows if is_filled(row[1]))
        last = next(filled, None)
        if last is None:
            raise WorkbookRefused("CUT", "the file ends above its control totals")
        for row in filled:
            yield last
            last = row
        self._read(*last)

    def _up_to_the_marker(self, rows: Iterator[tuple[int, Cells]]) -> Iterator[tuple[int, Cells]]:
        marker = self._totals.marker.casefold()
        for row_no, cells in rows:
            if marker in raw_text(cells).casefold() and _first_filled(cells).startswith(marker):
                break
            yield row_no, cells
        else:
            raise WorkbookRefused("CUT", "no row begins with %(mark)s: the file may be cut", mark=self._totals.marker)
        self._read(row_no, cells)
        for below, cells in rows:
            if any(map(str.isdecimal, self._layout.cell(cells, self._amount_column))):
                raise WorkbookRefused("CUT", "row %(row)s has an amount below the control totals", row=below)

    def _read(self, row_no: int, cells: Cells) -> None:
        said = {name: self._layout.cell(cells, column) for name, column in self._totals.columns.items()}
        try:
            count = self._count_of(said["count"]) if "count" in said else None
            sum_tiyin = self._sum_of(said["sum"]) if "sum" in said else None
            self.dated_on = self._days[said["dated_on"]] if said.get("dated_on") else ""
        except (UnreadableRow, ValueError):
            raise WorkbookRefused("CUT", "the control totals cannot be read in row %(row)s; the file may be cut", row=row_no) from None
        self.declared = FileTotals(count, sum_tiyin)
        self.payment_file_number = said.get("number", "")[:100]

    def _count_of(self, text: str) -> int:
        digits = text.replace(self._group, "") if self._group else text
        if not (digits.isascii() and digits.isdecimal() and len(digits) < 10):
            raise ValueError
        return int(digits)

    def _sum_of(self, text: str) -> int:
        """Return the sum, which may be nothing where reversals make up for payments."""
        return 0 if text and not text.strip("0.,") else self._amount_of(text)


def is_filled(cells: Cells) -> bool:
    """Tell whether anything that can be seen stands in a row."""
    return any(not (mark.isspace() or mark < " ") for mark in raw_text(cells))


def raw_text(cells: Cells) -> str:
    """Return a row as one text, its cells set apart by blanks."""
    return cells if isinstance(cells, str) else " ".join(cells)


def _first_filled(cells: Cells) -> str:
    return raw_text(cells).strip().casefold()
