"""Read one uploaded file in a process of its own, under limits, and print its rows as lines of JSON.

``tables`` starts it: ``python -m app.gateways.tables_child PATH KIND MOST_ROWS TIMEOUT_S``. Each filled row is one line
``[row number, [cells]]``, with a third item if the row cannot be read: why, a member of ``ReadingFault``. A line ``{"sheets":
[names]}`` names filled sheets that were not read. A refusal is the line ``{"problem": …, "detail": …, "parameters": {…}}`` and
the last one. Whatever a file does to the parsers ends here. Nothing heavy is imported, and calamine only for a workbook.
"""

import csv
import io
import json
import math
import re
import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from app.domain.readers import SPREADSHEET_DIGITS, ReadingFault
from app.gateways.workbooks import Workbook, WorkbookRefused

#: What this process may take; the time comes from the parent.
MEMORY_BYTES = 1 << 30
WRITTEN_BYTES = 1 << 20
OPEN_FILES = 32

#: What a table may hold.
MOST_COLUMNS = 1_000
MOST_CELLS = 16_000_000
MOST_CHARACTERS = 10_000  # of a cell
MOST_ROW_CHARACTERS = 100_000
SHOWN_CHARACTERS = 100  # of a row that cannot be read
MOST_JSON_BYTES = 16 << 20

MAGICS = {
    b"%PDF": "this is a PDF document",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "this is an old .xls workbook, or one with a password",
    b"\x1f\x8b": "this is a gzip archive",
    b"7z\xbc\xaf\x27\x1c": "this is a 7z archive",
    b"Rar!": "this is a RAR archive",
    b"{\\rtf": "this is an RTF document",
    b"\x89PNG": "this is a picture",
    b"\xff\xd8\xff": "this is a picture",
    b"<?xml": "this is an XML document",
    b"<!DOCTYPE": "this is a web page",
    b"<html": "this is a web page",
}

_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\ud800-\udfff]")
#: Letters that both Windows-1251 and DOS 866 have.
_CYRILLIC = "".join(map(chr, range(ord("А"), ord("я") + 1))) + "ЁёЎў"
_QUOTED = re.compile('"[^"]*"')
_CHUNK = 1 << 20

#: A record of a delimited text, with line breaks inside quotes, has so many lines at most.
_MOST_LINES = 20

#: Number of a row, its cells, and why it cannot be read, if it cannot.
TableRow = tuple[int, list[str], ReadingFault | None]


def main(path: str, kind: str, most_rows: str, timeout_s: str) -> None:
    """Print the rows of a file, or why it is refused."""
    confine(int(timeout_s))
    try:
        write(rows_of(Path(path), objects=kind == "objects"), sys.stdout.buffer, most_rows=int(most_rows))
    except WorkbookRefused as refused:
        _write_line(refused.told)
    except MemoryError:
        _write_line(WorkbookRefused("TOO_LARGE", "reading takes too much memory").told)


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


def rows_of(path: Path, *, objects: bool) -> Iterator[TableRow]:
    """Return the rows of a file; its content tells what it is, whatever its name says.

    :param objects: a JSON list of objects is a table too
    """
    with path.open("rb") as file:
        start = file.read(1024)
    refuse_other_kinds(start)
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return workbook_rows(path, tell_sheets=lambda names: _write_line({"sheets": names}))
    content = path.read_bytes()
    if objects and content.lstrip(b"\xef\xbb\xbf\r\n\t ")[:1] in {b"[", b"{"}:
        return object_rows(content)
    return text_rows(content)


def refuse_other_kinds(start: bytes) -> None:
    """Refuse a file whose first bytes say that it is no table.

    :raises WorkbookRefused: naming what it is
    """
    for magic, what in MAGICS.items():
        if start.lstrip(b"\xef\xbb\xbf\r\n\t ").lower().startswith(magic.lower()):
            raise WorkbookRefused("OTHER_KIND", what)


def write(rows: Iterator[TableRow], out: BinaryIO, *, most_rows: int) -> None:
    """Write the filled rows without their empty ends; the first one, the header, is not counted.

    :raises WorkbookRefused: if there are too many rows, or one of them has too many cells
    """
    encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
    cells_left = MOST_CELLS
    written = 0
    for row_no, cells, fault in rows:
        while cells and (not cells[-1] or cells[-1].isspace()):
            cells.pop()
        if not cells:
            continue
        found = fault or _fault_of(row_no, cells)
        cells_left -= len(cells)
        if cells_left < 0:
            raise WorkbookRefused("TOO_LARGE", "more than %(limit)s cells", limit=MOST_CELLS)
        if written > most_rows:
            raise WorkbookRefused("TOO_LARGE", "more than %(limit)s rows", limit=most_rows)
        out.write(encode((row_no, cells) if found is None else (row_no, [_shown(cells)], found)).encode() + b"\n")
        written += 1
    out.flush()


def _fault_of(row_no: int, cells: list[str]) -> ReadingFault | None:
    """Return why a row cannot be kept as it stands."""
    if len(cells) > MOST_COLUMNS:
        raise WorkbookRefused(
            "TOO_LARGE", "row %(row)s has %(columns)s columns, more than %(limit)s", row=row_no, columns=len(cells), limit=MOST_COLUMNS
        )
    joined = "".join(cells)
    if len(joined) > MOST_ROW_CHARACTERS or max(map(len, cells)) > MOST_CHARACTERS:
        return ReadingFault.TEXT_TOO_LONG
    return ReadingFault.CONTROL_CHARACTER if _CONTROLS.search(joined) else None


def _shown(cells: list[str]) -> str:
    """Return the beginning of a row that cannot be read."""
    return _CONTROLS.sub("\ufffd", " ".join(cell[:SHOWN_CHARACTERS] for cell in cells[:SHOWN_CHARACTERS]))[:SHOWN_CHARACTERS]


def _write_line(said: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n")
    sys.stdout.buffer.flush()


# Text with delimiters


def text_rows(content: bytes) -> Iterator[TableRow]:
    """Return the records of a delimited text; a record with a line break inside quotes counts as one row."""
    # A DOS editor ends a text with the character 26.
    text = decoded(content).rstrip("\x1a")
    if "\0" in text:
        raise WorkbookRefused("UNREADABLE", "a control character: this is no text")
    csv.field_size_limit(MOST_CHARACTERS)
    found = records(iter(io.StringIO(text, newline="")), delimiter(text), '"')
    return ((row_no, cells, fault) for row_no, (cells, fault) in enumerate(found, 1))


def records(lines: Iterator[str], delimiter: str, quote: str) -> Iterator[tuple[list[str], ReadingFault | None]]:
    """Return the records of a delimited text; one whose quotes do not match is returned as it stands, with its fault.

    A quote that is never closed would swallow the rows below it. So a record ends within a few lines, and inside it a line
    break and a delimiter in one cell are taken for a quote that is not closed.

    :param quote: empty if a quote is a letter like others
    """
    waiting: list[str] = []
    # Only lines with a quote need the csv module, which takes twice as long.
    while line := waiting.pop() if waiting else next(lines, ""):
        if not quote or quote not in line:
            yield line.rstrip("\r\n").split(delimiter), None
            continue
        read = [line]
        cells, fault = _quoted(_kept(read, waiting, lines), delimiter, quote)
        if fault:
            waiting += reversed(read[1:])
            cells = [line.rstrip("\r\n")]
        yield cells, fault


def _kept(read: list[str], waiting: list[str], lines: Iterator[str]) -> Iterator[str]:
    """Return the line that was read and those below, and keep them."""
    yield read[0]
    while len(read) < _MOST_LINES and (line := waiting.pop() if waiting else next(lines, "")):
        read.append(line)
        yield line


def _quoted(lines: Iterator[str], delimiter: str, quote: str) -> tuple[list[str], ReadingFault | None]:
    try:
        cells = next(csv.reader(lines, delimiter=delimiter, quotechar=quote, strict=True))
    except csv.Error as error:
        return [], ReadingFault.TEXT_TOO_LONG if "field larger" in str(error) else ReadingFault.BAD_QUOTES
    swallowed = any(("\n" in cell or "\r" in cell) and delimiter in cell for cell in cells)
    return cells, ReadingFault.BAD_QUOTES if swallowed else None


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
    encoding = readable(content, ("cp1251", "cp866"))
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise WorkbookRefused("UNREADABLE", "no text in a known encoding: %(error)s", error=str(error)) from None


def readable(content: bytes, encodings: Sequence[str]) -> str:
    """Return the encoding of one byte a letter in which a text has most Cyrillic letters; the first of those that tie."""
    return max(encodings, key=lambda name: _count(content, _CYRILLIC.encode(name, "ignore")))


def _count(content: bytes, wanted: bytes) -> int:
    return len(content) - len(content.translate(None, wanted))


def _refuse_mixture(content: bytes) -> None:
    """Refuse a text that is not UTF-8 but has a line which is: either reading would spoil names."""
    for line_no, line in enumerate(content.splitlines(), 1):
        if not line.isascii() and _is_utf8(line) and sum(byte > 127 for byte in line) >= 8:
            raise WorkbookRefused("UNREADABLE", "line %(row)s is in UTF-8, other lines are not", row=line_no)


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


def object_rows(content: bytes) -> Iterator[TableRow]:
    """Return the objects of a JSON list, their keys as the header in row 0; numbers stay as written.

    Objects and lists inside are left out.
    """
    if len(content) > MOST_JSON_BYTES:
        raise WorkbookRefused("TOO_LARGE", "JSON of more than %(limit)s MB", limit=MOST_JSON_BYTES >> 20)
    try:
        objects = json.loads(content, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise WorkbookRefused("UNREADABLE", "JSON: %(error)s", error=str(error)[:200]) from None
    if not isinstance(objects, list) or not all(isinstance(item, dict) for item in objects):
        raise WorkbookRefused("OTHER_KIND", "this is no JSON list of objects")
    header = list(dict.fromkeys(key for item in objects for key in item))
    yield 0, header[:], None
    for row_no, item in enumerate(objects, 1):
        yield row_no, [_json_text(item.get(key)) for key in header], None


def _json_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    return value if isinstance(value, str) else ""


# Workbooks


def workbook_rows(
    path: Path, text_of: Callable[[object], str] | None = None, tell_sheets: Callable[[list[str]], None] | None = None
) -> Iterator[TableRow]:
    """Return the rows of a workbook's first filled sheet that can be seen, numbered as the sheet shows them; no macro is run.

    :param text_of: how a cell that is no text is written; None is ``cell_text``
    :param tell_sheets: called with the names of further filled sheets, if there are any
    :raises WorkbookRefused: if it is no .xlsx, is locked or damaged, or unpacks to too much
    """
    text_of = text_of or cell_text
    workbook = Workbook(path)
    if tell_sheets and workbook.further_sheets:
        tell_sheets(workbook.further_sheets)
    for row_no, cells in enumerate(workbook.rows(), 1):
        yield row_no, [cell if isinstance(cell, str) else text_of(cell) for cell in cells], None


def cell_text(cell: object) -> str:
    """Return a cell as text: days as ISO dates, numbers without exponent unless a spreadsheet does not keep all their digits.

    >>> cell_text(7001.0), cell_text(0.1 + 0.2), cell_text(1e-7), cell_text(True), cell_text(202611260000000001.0)
    ('7001', '0.3', '0.0000001', 'TRUE', '2.0261126E+17')
    """
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return _number_text(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "seconds")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _number_text(number: float) -> str:
    if not math.isfinite(number):
        return "#NUM!"
    if abs(number) >= 10**SPREADSHEET_DIGITS:
        return format(Decimal(format(number, ".15g")).normalize(), "E")
    if number.is_integer():
        return str(int(number))
    text = format(number, ".15g")
    return format(Decimal(text), "f") if "e" in text else text


if __name__ == "__main__":
    main(*sys.argv[1:])
