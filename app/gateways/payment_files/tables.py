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
from pathlib import Path
from typing import NamedTuple, TextIO

from app.domain import readers
from app.domain.payments.files import Form, Profile
from app.domain.readers import ReadingFault
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
    keys = {column_key(column) for column in wanted if isinstance(column, str)}
    for number, (field, reader) in enumerate(zip(fields, read, strict=True), 1):
        if reader is None and (number in wanted or column_key(field.name) in keys):
            raise WorkbookRefused(
                "OTHER_KIND",
                "the DBF file's column %(column)s has the type %(type)s, which is not read",
                column=field.name,
                type=field.kind,
            )


# Columns


def column_key(name: str) -> str:
    """Return what the name of a column is found by: without regard to case, spaces and ё."""
    return " ".join(name.split()).casefold().replace("ё", "е")
