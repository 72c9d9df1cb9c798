"""Files as people get them: CSV and XLSX that no spreadsheet mistakes for formulas, and attachments."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from urllib.parse import quote

import xlsxwriter
from flask import Response
from flask_babel import gettext as _
from xlsxwriter.worksheet import Worksheet

#: A cell that begins so could be taken for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


_MEDIA_TYPE = re.compile(r"[A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+")


#: A number with its sign, or a telephone: no formula.
_NUMBER = re.compile(r"[+−-]?\d[\d \u00a0\u202f]*([.,]\d+)?")


#: Digits of a number that spreadsheets keep; numbers below this one have no more, in tiyin.
_DIGITS, _LONG = 15, 10**9


def safe_cell(value: object) -> object:
    """Return a cell that no spreadsheet runs as a formula; numbers and telephones stay as they are."""
    if isinstance(value, str) and not _NUMBER.fullmatch(value) and (value.startswith(_FORMULA) or value.lstrip().startswith(_FORMULA)):
        return f"'{value}"
    return value


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a CSV with a byte-order mark, so that spreadsheets read its letters right."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerow([safe_cell(str(cell)) for cell in header])
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def csv_line(row: Sequence[object]) -> bytes:
    """Return a row of a CSV without a header."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerow([safe_cell(cell) for cell in row])
    return out.getvalue().encode()


def xlsx_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a workbook of one sheet; texts stay texts. Rows are written to the disk as they come, however many there are.

    A number of more digits than spreadsheets keep is a text, and its cell has a note that says so.
    """
    out = io.BytesIO()
    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
        "remove_timezone": True, "default_date_format": "dd.mm.yyyy",
    }  # fmt: skip
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [safe_cell(str(cell)) for cell in header], book.add_format({"bold": True}))
        for number, row in enumerate(rows, 1):
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, place, str(safe_cell(cell)))
                elif isinstance(cell, Decimal | int) and not isinstance(cell, bool):
                    _write_number(sheet, number, place, cell)
                elif cell is not None:
                    sheet.write(number, place, cell)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, 0, max(len(header) - 1, 0))
    return out.getvalue()


def _write_number(sheet: Worksheet, row: int, place: int, number: Decimal | int) -> None:
    if abs(number) >= _LONG and len(Decimal(number).as_tuple().digits) > _DIGITS:
        sheet.write_string(row, place, str(number))
        sheet.write_comment(row, place, _("A spreadsheet keeps 15 digits of a number; this one has more and is a text."))
    else:
        sheet.write_number(row, place, number)


def attachment(content: bytes | Iterable[bytes], name: str, media_type: str) -> Response:
    """Return a response the browser saves under a name; a name or a kind that came from outside cannot become more than that."""
    headers = {
        "Content-Disposition": f"attachment; {_named(name)}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return Response(content, mimetype=media_type if _MEDIA_TYPE.fullmatch(media_type) else "application/octet-stream", headers=headers)


def inline(content: bytes, name: str, media_type: str) -> Response:
    """Return a response the browser shows itself."""
    response = attachment(content, name, media_type)
    response.headers["Content-Disposition"] = f"inline; {_named(name)}"
    return response


def _named(name: str) -> str:
    """Return a name as a header has it: without folders, without signs no eye sees, and in Latin letters for old programs too."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in last).strip(" .") or "file"
    plain = re.sub(r"[^A-Za-z0-9._ ()-]", "_", seen)
    return f"filename=\"{plain}\"; filename*=UTF-8''{quote(seen, safe='', errors='replace')}"
