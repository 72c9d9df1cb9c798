"""A table as a file: CSV, XLSX or PDF, from the same header and rows; numbers and days stay numbers and days."""

import io
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from flask import Response
from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, Spacer

from app import labels
from app.documents import fonts
from app.documents.downloads import attachment, csv_bytes, csv_line, xlsx_bytes
from app.documents.issuer import author

#: What a cell may hold; amounts and quantities are decimals of the unit in the header.
Cell = str | int | Decimal | date | None
Table = Iterable[Sequence[Cell]]
#: Rows of a PDF that are laid out together; size of its letters, margin of its pages, left and right of a text in its cell.
_AT_ONCE, _SIZE, _MARGIN, _PADDING = 200, 7, 24, 6
_PLAIN, _BOLD = (ParagraphStyle(font, fontName=font, fontSize=_SIZE, leading=8.5) for font in ("Sans", "Sans-Bold"))
_BOLD_RIGHT = ParagraphStyle("right", parent=_BOLD, alignment=TA_RIGHT)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Format(NamedTuple):
    """A kind of file: how it is written, and its media type."""

    write: Callable[[str, Sequence[str], Table], bytes]
    media_type: str


def csv_parts(header: Sequence[str], rows: Table) -> Iterator[bytes]:
    """Return the lines of a CSV one after another, for files that are sent while they are made."""
    yield csv_bytes(header, ())
    for row in rows:
        yield csv_line([_text(cell) for cell in row])


def written_csv(_title: str, header: Sequence[str], rows: Table) -> bytes:
    """Return a CSV; decimals have a comma and days are 31.12.2026, as spreadsheets here read them."""
    return csv_bytes(header, ([_text(cell) for cell in row] for row in rows))


def written_xlsx(_title: str, header: Sequence[str], rows: Table) -> bytes:
    """Return a workbook; numbers and days are numbers and days."""
    return xlsx_bytes(header, rows)


def written_pdf(title: str, header: Sequence[str], rows: Table) -> bytes:
    """Return a table on pages of A4 across; the header stands on each, and pages have their numbers."""
    fonts.register()
    out = io.BytesIO()
    rows = [*rows]
    cells, figures = [[_text(cell) for cell in row] for row in rows], _figures(rows, len(header))
    widths = _widths(header, cells)
    top = _head_height(header, widths)
    made = SimpleDocTemplate(
        out, pagesize=landscape(A4), leftMargin=_MARGIN, rightMargin=_MARGIN, topMargin=36 + top, bottomMargin=30, title=title,
        author=author(), lang=labels.locale_code().replace("_", "-"),
    )  # fmt: skip
    on_page = partial(_frame, fonts.plain(title), header, widths, figures)
    # A table is split page by page, and each split copies what is left: tables of a few pages keep that short.
    tables = [_table(cells[start : start + _AT_ONCE], widths, figures) for start in range(0, len(cells), _AT_ONCE)]
    made.build(tables or [Spacer(1, 1)], onFirstPage=on_page, onLaterPages=on_page)
    return out.getvalue()


def _table(rows: Sequence[Sequence[str]], widths: Sequence[float], figures: Iterable[int]) -> LongTable:
    """Return rows as a table; a text wider than its column wraps."""
    wrapped = [[_wrapped(cell, width) for cell, width in zip(row, widths, strict=True)] for row in rows]
    table, whole = LongTable(wrapped, colWidths=widths, hAlign="LEFT"), ((0, 0), (-1, -1))
    table.setStyle(
        [("FONT", *whole, "Sans", _SIZE), ("LINEBELOW", *whole, 0.3, colors.grey), ("VALIGN", *whole, "TOP"), ("LEFTPADDING", *whole, 3),
         ("RIGHTPADDING", *whole, 3), ("TOPPADDING", *whole, 1), ("BOTTOMPADDING", *whole, 2)]
        + [("ALIGN", (place, 0), (place, -1), "RIGHT") for place in sorted(figures)]
    )  # fmt: skip
    return table


def _wrapped(cell: str, width: float) -> str | Paragraph:
    marked = fonts.marked(escape(cell))
    return cell if marked == escape(cell) and stringWidth(cell, "Sans", _SIZE) < width - _PADDING else Paragraph(marked, _PLAIN)


def _figures(rows: Iterable[Sequence[Cell]], count: int) -> set[int]:
    """Return the columns that hold numbers."""
    return {place for row in rows for place in range(count) if _is_number(row[place])}


def _widths(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[float]:
    """Return the widths of columns: what their texts need, the wide ones less where the page is too narrow."""
    wanted = [max([stringWidth(max(name.split() or [""], key=len), "Sans-Bold", _SIZE), _MARGIN]) + _PADDING + 1 for name in header]
    for row in rows:
        for place, cell in enumerate(row):
            if len(cell) * _SIZE * 0.75 > wanted[place]:
                wanted[place] = max(wanted[place], stringWidth(cell, "Sans", _SIZE) + _PADDING + 1)
    room = landscape(A4)[0] - 2 * _MARGIN
    if sum(wanted) <= room:
        return [width * room / sum(wanted) for width in wanted]
    fair = room / len(wanted)
    spare = room - sum(min(width, fair) for width in wanted)
    excess = sum(max(width - fair, 0) for width in wanted)
    return [min(width, fair) + max(width - fair, 0) * spare / excess for width in wanted]


def _head(header: Sequence[str], widths: Sequence[float], figures: Collection[int] = ()) -> LongTable:
    styles = [_BOLD_RIGHT if place in figures else _BOLD for place in range(len(header))]
    table = LongTable(
        [[Paragraph(fonts.marked(escape(name)), style) for name, style in zip(header, styles, strict=True)]], colWidths=widths
    )
    table.setStyle([("VALIGN", (0, 0), (-1, -1), "BOTTOM"), ("LINEBELOW", (0, 0), (-1, -1), 0.8, colors.black),
                    ("LEFTPADDING", (0, 0), (-1, -1), 3), ("RIGHTPADDING", (0, 0), (-1, -1), 3)])  # fmt: skip
    return table


def _head_height(header: Sequence[str], widths: Sequence[float]) -> float:
    return float(_head(header, widths).wrap(sum(widths), 1000)[1])


FORMATS = {
    "csv": Format(written_csv, "text/csv"),
    "xlsx": Format(written_xlsx, XLSX),
    "pdf": Format(written_pdf, "application/pdf"),
}


def headline(column: str, label: str) -> str:
    """Return the header of a column, with the unit of its numbers."""
    return f"{label}, {labels.currency()}" if column.endswith("_tiyin") and labels.currency() not in label else label


def sent(kind: str, title: str, name: str, header: Sequence[str], rows: Table) -> Response:
    """Return a table as a download.

    :param kind: one of ``FORMATS``
    :param name: the file's name without its ending
    """
    chosen = FORMATS[kind]
    return attachment(chosen.write(title, header, rows), f"{name}.{kind}", chosen.media_type)


def _text(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return f"{cell:%d.%m.%Y %H:%M:%S}"
    if isinstance(cell, date):
        return f"{cell:%d.%m.%Y}"
    return "" if cell is None else str(cell).replace(".", ",") if isinstance(cell, Decimal) else str(cell)


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, int | Decimal)


def _frame(title: str, header: Sequence[str], widths: Sequence[float], figures: Collection[int], canvas: Any, _document: object) -> None:
    """Draw what stands on each page: the title, the header of the table, the number."""
    width, height = landscape(A4)
    canvas.setFont("Sans", 8)
    canvas.drawString(_MARGIN, height - 24, title)
    canvas.drawRightString(width - _MARGIN, 16, str(canvas.getPageNumber()))
    head = _head(header, widths, figures)
    tall = head.wrap(sum(widths), height)[1]
    head.drawOn(canvas, _MARGIN + 6, height - 30 - tall)
