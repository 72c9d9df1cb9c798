"""Read one uploaded file in a process of its own, under limits, and print its rows as lines of JSON.

``tables`` starts it: ``python -m app.gateways.tables_child PATH KIND MOST_ROWS TIMEOUT_S``. Each filled row is one line
``[row number, [cells]]``; a refusal is the line ``{"problem": …, "detail": …}`` and the last one. Whatever a file does
to the parsers ends here. Nothing heavy is imported, and calamine only for a workbook.
"""

import csv
import io
import json
import math
import re
import resource
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

#: What this process may take; the time comes from the parent.
MEMORY_BYTES = 1 << 30
WRITTEN_BYTES = 1 << 20
OPEN_FILES = 32

#: What a table may hold.
MOST_COLUMNS = 1_000
MOST_CELLS = 16_000_000
MOST_CHARACTERS = 10_000  # of a cell
MOST_ROW_CHARACTERS = 100_000
MOST_JSON_BYTES = 16 << 20

#: What a workbook may hold. Calamine keeps the whole rectangle around the cells; 8 million of them take half of the memory.
MOST_MEMBERS = 2_000
MOST_UNPACKED_BYTES = 400 << 20
MOST_RATIO = 200  # of members above a megabyte
MOST_RECTANGLE = 8_000_000

MAGICS = {
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old .xls workbook, or one with a password",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"{\\rtf": "an RTF document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"<?xml": "an XML document",
    b"<!DOCTYPE": "a web page",
    b"<html": "a web page",
}

_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\ud800-\udfff]")
#: Letters that both Windows-1251 and DOS 866 have.
_CYRILLIC = "".join(map(chr, range(ord("А"), ord("я") + 1))) + "ЁёЎў"
_QUOTED = re.compile('"[^"]*"')
#: A cell that is not empty: one that is only formatted takes no place.
_CELL = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,7})([0-9]{1,10})["'](?![^>]{0,99}/>)""")
_CHUNK = 1 << 20
_SAMPLE = 1 << 16

Row = tuple[int, list[str]]


class Refused(Exception):
    """The file is not read.

    :ivar problem: a member of ``FileProblem``, which is too heavy to import here
    """

    def __init__(self, problem: str, detail: str) -> None:
        super().__init__(detail)
        self.problem, self.detail = problem, detail


def main(path: str, kind: str, most_rows: str, timeout_s: str) -> None:
    """Print the rows of a file, or why it is refused."""
    confine(int(timeout_s))
    try:
        write(rows_of(Path(path), objects=kind == "objects"), sys.stdout.buffer, most_rows=int(most_rows))
    except Refused as refused:
        _write_refusal(refused.problem, refused.detail)
    except MemoryError:
        _write_refusal("TOO_LARGE", "reading takes too much memory")


def confine(timeout_s: int) -> None:
    """Take from this process what reading a file does not need."""
    limits = {
        resource.RLIMIT_AS: MEMORY_BYTES,
        resource.RLIMIT_CPU: timeout_s,
        resource.RLIMIT_FSIZE: WRITTEN_BYTES,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    for limit, value in limits.items():
        hard = resource.getrlimit(limit)[1]
        lowest = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (lowest, lowest))


def rows_of(path: Path, *, objects: bool) -> Iterator[Row]:
    """Return the rows of a file; its content tells what it is, whatever its name says.

    :param objects: a JSON list of objects is a table too
    """
    with path.open("rb") as file:
        start = file.read(1024)
    refuse_other_kinds(start)
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return workbook_rows(path)
    content = path.read_bytes()
    if objects and content.lstrip(b"\xef\xbb\xbf\r\n\t ")[:1] in {b"[", b"{"}:
        return object_rows(content)
    return text_rows(content)


def refuse_other_kinds(start: bytes) -> None:
    """Refuse a file whose first bytes say that it is no table.

    :raises Refused: naming what it is
    """
    for magic, what in MAGICS.items():
        if start.lstrip(b"\xef\xbb\xbf\r\n\t ").lower().startswith(magic.lower()):
            raise Refused("OTHER_KIND", f"this is {what}")


def write(rows: Iterator[Row], out: BinaryIO, *, most_rows: int) -> None:
    """Write the filled rows without their empty ends; the first one, the header, is not counted.

    :raises Refused: if there are too many rows, or one of them is too long or holds what no text may
    """
    encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
    cells_left = MOST_CELLS
    written = 0
    for row_no, cells in rows:
        while cells and (not cells[-1] or cells[-1].isspace()):
            cells.pop()
        if not cells:
            continue
        _check(row_no, cells)
        cells_left -= len(cells)
        if written > most_rows or cells_left < 0:
            raise Refused("TOO_LARGE", f"more than {most_rows} rows" if cells_left >= 0 else f"more than {MOST_CELLS} cells")
        out.write(encode((row_no, cells)).encode() + b"\n")
        written += 1
    out.flush()


def _check(row_no: int, cells: list[str]) -> None:
    if len(cells) > MOST_COLUMNS:
        raise Refused("TOO_LARGE", f"row {row_no} has {len(cells)} columns, more than {MOST_COLUMNS}")
    if max(map(len, cells)) > MOST_CHARACTERS:
        raise Refused("UNREADABLE", f"row {row_no} has a cell of more than {MOST_CHARACTERS} characters")
    joined = "".join(cells)
    if len(joined) > MOST_ROW_CHARACTERS:
        raise Refused("UNREADABLE", f"row {row_no} has more than {MOST_ROW_CHARACTERS} characters")
    if _CONTROLS.search(joined):
        raise Refused("UNREADABLE", f"row {row_no} has a control character")


def _write_refusal(problem: str, detail: str) -> None:
    sys.stdout.buffer.write(json.dumps({"problem": problem, "detail": detail}).encode() + b"\n")
    sys.stdout.buffer.flush()


# Text with delimiters


def text_rows(content: bytes) -> Iterator[Row]:
    """Return the records of a delimited text; a record with a line break inside quotes counts as one row."""
    # A DOS editor ends a text with the character 26.
    text = decoded(content).rstrip("\x1a")
    if _CONTROLS.search(text):
        raise Refused("UNREADABLE", "a control character: this is no text")
    csv.field_size_limit(MOST_CHARACTERS)
    # A quote that is never closed would swallow the rows below it; strict reading refuses it.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter(text), strict=True)
    try:
        yield from enumerate(reader, 1)
    except csv.Error as error:
        raise Refused("UNREADABLE", f"line {reader.line_num}: {error}") from None


def decoded(content: bytes) -> str:
    """Return the text of a file: UTF-8, UTF-16 with its mark, else Windows-1251 or, where that reads better, DOS 866.

    KOI8 cannot be told from Windows-1251 and is read as such.
    """
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return content.decode("utf-16")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        _refuse_mixture(content)
    encoding = max(("cp1251", "cp866"), key=lambda name: _count(content, _CYRILLIC.encode(name)))
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Refused("UNREADABLE", f"no text in a known encoding: {error}") from None


def _count(content: bytes, wanted: bytes) -> int:
    return len(content) - len(content.translate(None, wanted))


def _refuse_mixture(content: bytes) -> None:
    """Refuse a text that is not UTF-8 but has a line which is: either reading would spoil names."""
    for line_no, line in enumerate(content.splitlines(), 1):
        if not line.isascii() and _is_utf8(line) and sum(byte > 127 for byte in line) >= 8:
            raise Refused("UNREADABLE", f"line {line_no} is in UTF-8, other lines are not")


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def delimiter(text: str) -> str:
    """Return the delimiter of a text: the one that stands equally often in most of the first ten filled lines.

    So neither a title above the header nor commas inside names or numbers mislead.

    >>> delimiter("account;dial\\n7001;12,5\\n7002;3,0")
    ';'
    """
    lines = [_QUOTED.sub("", line) for line in text[:_CHUNK].splitlines() if line.strip()][:10]

    def evenness(mark: str) -> tuple[int, int]:
        counts = [count for line in lines if (count := line.count(mark))]
        return max((counts.count(count) for count in counts), default=0), sum(counts)

    return max(";\t|,", key=evenness)


# JSON


def object_rows(content: bytes) -> Iterator[Row]:
    """Return the objects of a JSON list, their keys as the header in row 0; numbers stay as written.

    Objects and lists inside are left out.
    """
    if len(content) > MOST_JSON_BYTES:
        raise Refused("TOO_LARGE", f"JSON of more than {MOST_JSON_BYTES >> 20} MB")
    try:
        objects = json.loads(content, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise Refused("UNREADABLE", f"JSON: {error}"[:200]) from None
    if not isinstance(objects, list) or not all(isinstance(item, dict) for item in objects):
        raise Refused("OTHER_KIND", "this is no JSON list of objects")
    header = list(dict.fromkeys(key for item in objects for key in item))
    yield 0, header[:]
    for row_no, item in enumerate(objects, 1):
        yield row_no, [_json_text(item.get(key)) for key in header]


def _json_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    return value if isinstance(value, str) else ""


# Workbooks


def workbook_rows(path: Path, text_of: Callable[[object], str] | None = None) -> Iterator[Row]:
    """Return the rows of a workbook's first visible sheet, numbered as the sheet shows them; macros are never run.

    :param text_of: how a cell that is no text is written; None is ``cell_text``
    """
    text_of = text_of or cell_text
    try:
        check_workbook(path)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise Refused("UNREADABLE", f"a damaged workbook: {error}"[:200]) from None
    import python_calamine  # noqa: PLC0415 - a text does not need it

    try:
        workbook = python_calamine.load_workbook(str(path))
        sheet = _first_sheet(workbook)
        for row_no, cells in enumerate(sheet.iter_rows() if sheet else (), 1):
            yield row_no, [cell if isinstance(cell, str) else text_of(cell) for cell in cells]
    except python_calamine.CalamineError as error:
        raise Refused("UNREADABLE", f"a damaged workbook: {error}"[:200]) from None


def _first_sheet(workbook: Any) -> Any:
    for number, sheet in enumerate(workbook.sheets_metadata):
        if "WorkSheet" in str(sheet.typ) and str(sheet.visible).endswith(".Visible"):
            return workbook.get_sheet_by_index(number)
    return None


def cell_text(cell: object) -> str:
    """Return a cell as text: days as ISO dates, numbers without exponent to the 15 digits a spreadsheet keeps.

    >>> cell_text(7001.0), cell_text(0.1 + 0.2), cell_text(1e-7), cell_text(True)
    ('7001', '0.3', '0.0000001', 'TRUE')
    """
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return _number_text(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "seconds")
    return str(cell)


def _number_text(number: float) -> str:
    if not math.isfinite(number):
        return "#NUM!"
    if number.is_integer():
        return str(int(number))
    text = format(number, ".15g")
    return format(Decimal(text), "f") if "e" in text else text


def check_workbook(path: Path) -> None:
    """Look at a workbook before it is unpacked.

    The limits of the process stop what is overlooked here, but they cannot say why.

    :raises Refused: if it is no .xlsx, is locked, unpacks to too much, or spans too large a rectangle
    :raises zipfile.BadZipFile: and what else a damaged archive raises
    """
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        _check_members(members)
        last_row = last_column = 0
        for member in members:
            row, column = _last_cell(archive, member)
            last_row, last_column = max(last_row, row), max(last_column, column)
    if last_row * last_column > MOST_RECTANGLE:
        raise Refused("TOO_LARGE", f"the sheet spans {last_row} rows and {last_column} columns")


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    names = {member.filename.lower() for member in members}
    if len(members) > MOST_MEMBERS or len(names) < len(members):
        raise Refused("UNREADABLE", "an archive with too many or repeated members")
    if "xl/workbook.xml" not in names:
        raise Refused("OTHER_KIND", "an archive, but no .xlsx workbook")
    if any(member.flag_bits & 1 for member in members):
        raise Refused("UNREADABLE", "the workbook is locked with a password")
    if any(member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for member in members):
        raise Refused("UNREADABLE", "the workbook is packed in an unusual way")
    if sum(member.file_size for member in members) > MOST_UNPACKED_BYTES:
        raise Refused("TOO_LARGE", f"the workbook unpacks to more than {MOST_UNPACKED_BYTES >> 20} MB")
    if any(member.file_size > max(_CHUNK, MOST_RATIO * member.compress_size) for member in members):
        raise Refused("UNREADABLE", "the workbook unpacks to far more than its size")


def _last_cell(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[int, int]:
    """Return the largest row and column that a member's cells name, from 1.

    Both ends of each megabyte are looked at: a large sheet is regular, and reading it all would take as long as parsing.
    """
    last_row = last_column = 0
    with archive.open(member) as file:
        while chunk := file.read(_CHUNK):
            if b"<!DOCTYPE" in chunk[:_SAMPLE]:
                raise Refused("UNREADABLE", "the workbook declares entities")
            sample = chunk[:_SAMPLE] + chunk[max(_SAMPLE, len(chunk) - _SAMPLE) :]
            for letters, row in set(_CELL.findall(sample)):
                last_row, last_column = max(last_row, int(row)), max(last_column, _column_number(letters))
    return last_row, last_column


def _column_number(letters: bytes) -> int:
    """Return the number of a column: A is 1, XFD is 16384."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


if __name__ == "__main__":
    main(*sys.argv[1:])
