"""Files as people get them: CSV and XLSX that no spreadsheet mistakes for formulas, and attachments."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import cast
from urllib.parse import quote
from xml.sax.saxutils import escape

import xlsxwriter
from flask import Response
from flask_babel import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

#: A cell that begins so could be taken for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


_MEDIA_TYPE = re.compile(r"[A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+")


#: A number with its sign, or a telephone: no formula.
_NUMBER = re.compile(r"[+−-]?\d[\d \u00a0\u202f]*([.,]\d+)?")


#: Digits of a number that spreadsheets keep; numbers below this one have no more, in tiyin.
_DIGITS, _LONG = 15, 10**9
#: Letters a cell of a spreadsheet holds.
_LONGEST = 32_767


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
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True,
        "default_date_format": "dd.mm.yyyy",
    }  # fmt: skip
    with xlsxwriter.Workbook(out, options) as book:
        sheet = cast("RowSheet", book.add_worksheet(worksheet_class=RowSheet))
        sheet.write_row(0, 0, [safe_cell(str(cell)) for cell in header], book.add_format({"bold": True}))
        sheet.write_rows(rows, dates=book.default_date_format)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, 0, max(len(header) - 1, 0))
    return out.getvalue()


class RowSheet(Worksheet):
    """A sheet whose rows are written whole, as one piece of XML.

    The writer keeps an object for each cell, which costs four times what the cell itself does; a million rows were 90 s of it.
    """

    def write_rows(self, rows: Iterable[Sequence[object]], *, dates: Format) -> None:
        """Write rows below the first one, in a workbook of constant memory.

        :param dates: how days look
        """
        style, letters, number = dates._get_xf_index(), list[str](), 0  # noqa: SLF001 - as the writer's own cells do
        self._write_single_row(1)
        for number, row in enumerate(rows, 2):
            if len(letters) < len(row):
                letters = [xl_col_to_name(place) for place in range(len(row))]
            cells = [self._cell(f"{letter}{number}", cell, style) for letter, cell in zip(letters, row, strict=False) if cell is not None]
            self.fh.write(f'<row r="{number}">{"".join(cells)}</row>')
        if number:
            self._check_dimensions(number - 1, max(len(letters) - 1, 0))
            self.previous_row = number

    def _cell(self, place: str, cell: object, date_style: int) -> str:
        """Return the XML of a cell."""
        if isinstance(cell, str):
            return self._text(place, str(safe_cell(cell)))
        if isinstance(cell, bool):
            return f'<c r="{place}" t="b"><v>{cell:d}</v></c>'
        if isinstance(cell, Decimal | int):
            return f'<c r="{place}"><v>{cell}</v></c>' if abs(cell) < _LONG or _fits(cell) else self._long(place, cell)
        if isinstance(cell, float):
            return f'<c r="{place}"><v>{cell!r}</v></c>'
        if isinstance(cell, date):
            return f'<c r="{place}" s="{date_style}"><v>{self._convert_date_time(cell)}</v></c>'
        return self._text(place, str(cell))

    def _long(self, place: str, number: Decimal | int) -> str:
        self.write_comment(place, _("A spreadsheet keeps 15 digits of a number; this one has more and is a text."))
        return self._text(place, str(number))

    def _text(self, place: str, text: str) -> str:
        plain = escape(text[:_LONGEST] if text.isprintable() else self._escape_control_characters(text[:_LONGEST]))
        kept = ' xml:space="preserve"' if text != text.strip() else ""
        return f'<c r="{place}" t="inlineStr"><is><t{kept}>{plain}</t></is></c>'


def _fits(number: Decimal | int) -> bool:
    return len(Decimal(number).as_tuple().digits) <= _DIGITS


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
