"""A table as a file: CSV, XLSX or PDF, from the same header and rows; numbers and days stay numbers and days."""

import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import NamedTuple
from xml.sax.saxutils import escape

from flask import Response
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate

from app.documents import fonts
from app.documents.downloads import attachment, csv_bytes, xlsx_bytes

#: What a cell may hold; amounts and quantities are decimals of the unit in the header.
Cell = str | int | Decimal | date | None
Table = Iterable[Sequence[Cell]]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Format(NamedTuple):
    """A kind of file: how it is written, and its media type."""

    write: Callable[[str, Sequence[str], Table], bytes]
    media_type: str


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
    plain, bold = (ParagraphStyle(font, fontName=font, fontSize=7, leading=8.5) for font in ("Sans", "Sans-Bold"))
    cells = [[Paragraph(_marked(cell), bold) for cell in header]]
    cells += [[_text(cell) if _is_number(cell) else Paragraph(_marked(cell), plain) for cell in row] for row in rows]
    figures = {place for row in cells[1:] for place, cell in enumerate(row) if isinstance(cell, str)}
    table = LongTable(cells, repeatRows=1, hAlign="LEFT")
    whole = (0, 0), (-1, -1)
    table.setStyle(
        [("FONT", *whole, "Sans", 7), ("LINEBELOW", *whole, 0.3, colors.grey), ("VALIGN", *whole, "TOP")]
        + [("ALIGN", (place, 1), (place, -1), "RIGHT") for place in sorted(figures)]
    )
    made = SimpleDocTemplate(out, pagesize=landscape(A4), leftMargin=30, rightMargin=30, topMargin=36, bottomMargin=30, title=title)
    on_page = partial(_margins, fonts.plain(title))
    made.build([table], onFirstPage=on_page, onLaterPages=on_page)
    return out.getvalue()


FORMATS = {
    "csv": Format(written_csv, "text/csv"),
    "xlsx": Format(written_xlsx, XLSX),
    "pdf": Format(written_pdf, "application/pdf"),
}


def headline(column: str, label: str) -> str:
    """Return the header of a column, with the unit of its numbers."""
    return f"{label}, soʻm" if column.endswith("_tiyin") and "soʻm" not in label else label


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


def _marked(cell: Cell) -> str:
    return fonts.marked(escape(_text(cell)))


def _margins(title: str, canvas: object, _document: object) -> None:
    canvas.setFont("Sans", 8)  # type: ignore[attr-defined]
    canvas.drawString(30, landscape(A4)[1] - 24, title)  # type: ignore[attr-defined]
    canvas.drawRightString(landscape(A4)[0] - 30, 16, str(canvas.getPageNumber()))  # type: ignore[attr-defined]
