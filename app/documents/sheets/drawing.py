"""Many fixed forms in one PDF, drawn straight onto its pages: an eighth of the time that pages of tags take."""

import io
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas

from app.documents import fonts
from app.documents.sheets.codes import dots
from app.documents.sheets.layout import BESIDE_CODES, FOOT, PAD_X, PAD_Y, code_size, width_of
from app.documents.sheets.record import FACES, Code, PlacedCell, PlacedPage, PlacedRow, Rule, Sheet

#: Pages as they are packed; written in letters they were longer, and took longer.
rl_config.useA85 = 0
_INK, _GRAY, _LINE = 0.07, 0.27, 0.6
#: How far a letter reaches below its line, as a part of its size.
_DEPTH = 0.24


def drawn(sheets: Iterable[Sheet]) -> bytes:
    """Return one PDF of sheets, each beginning on a new leaf; it bears the title and the language of the first."""
    out = io.BytesIO()
    canvas: Any = None
    for sheet in sheets:
        if canvas is None:
            canvas = Canvas(out, pagesize=sheet.size, lang=sheet.language.replace("_", "-"), pageCompression=1)
            canvas.setTitle(sheet.title)
        for place, page in enumerate(sheet.pages):
            canvas.setPageSize(sheet.size)
            _page(canvas, sheet, page, is_first=place == 0)
            canvas.showPage()
    assert canvas is not None, "a file of no papers is not made"
    canvas.save()
    return out.getvalue()


def _page(canvas: Any, sheet: Sheet, page: PlacedPage, *, is_first: bool) -> None:
    width, height = sheet.size[0] - 2 * sheet.margin, sheet.size[1] - sheet.margin
    texts = _Texts(canvas)
    below = _rows(canvas, texts, page.top, sheet.margin, height, width * (BESIDE_CODES if sheet.codes else 1))
    if is_first and sheet.codes:
        below = min(below, _codes(canvas, texts, sheet.codes, sheet.margin, height, width))
    _rows(canvas, texts, page.rows, sheet.margin, below, width)
    face = FACES["small"]
    texts.put(page.foot, "small", sheet.margin + (width - width_of(page.foot, face.font, face.size)) / 2, sheet.margin + FOOT / 3)
    texts.show()


class _Texts:
    """Texts of a page, shown face by face: a change of the font costs as much as a word."""

    def __init__(self, canvas: Any) -> None:
        self.canvas = canvas
        self.found: list[tuple[str, bool, float, float, str]] = []

    def put(self, text: str, face: str, left: float, base: float) -> None:
        """Remember a text at a place."""
        font, size = FACES[face].font, FACES[face].size
        for run in fonts.runs(text):
            self.found.append((face, run.is_rest, left, base, run.text))
            if run.text is not text:
                left += width_of(run.text, fonts.REST if run.is_rest else font, size)

    def show(self) -> None:
        """Draw what was remembered."""
        shown = self.canvas.beginText()
        for (face, is_rest), group in groupby(sorted(self.found, key=lambda each: each[:2]), key=lambda each: each[:2]):
            shown.setFont(fonts.REST if is_rest else FACES[face].font, FACES[face].size)
            shown.setFillGray(_GRAY if FACES[face].is_gray else _INK)
            for _face, _rest, left, base, text in group:
                shown.setTextOrigin(left, base)
                shown.textOut(text)
        self.canvas.drawText(shown)


def _rows(canvas: Any, texts: _Texts, rows: Iterable[PlacedRow], left: float, top: float, width: float) -> float:
    """Draw rows from a height down; return where they end."""
    canvas.setLineWidth(0.4)
    canvas.setStrokeGray(_LINE)
    for row in rows:
        top -= row.gap
        for cell in row.cells:
            _cell(texts, cell, left, top)
            if row.rule == Rule.AROUND:
                canvas.rect(left + cell.left, top - row.height, cell.width, row.height)
        top -= row.height
        if row.rule == Rule.BELOW:
            canvas.line(left, top, left + width, top)
    return top


def _cell(texts: _Texts, cell: PlacedCell, left: float, top: float) -> None:
    face = FACES[cell.face]
    start, room = left + cell.left + PAD_X, cell.width - 2 * PAD_X
    base = top - PAD_Y - face.leading + _DEPTH * face.size
    for text in cell.lines:
        if text:
            share = {"left": 0.0, "right": 1.0, "center": 0.5}[cell.side]
            shift = share * (room - width_of(text, face.font, face.size)) if share else 0.0
            texts.put(text, cell.face, start + shift, base)
        base -= face.leading


def _codes(canvas: Any, texts: _Texts, codes: tuple[Code, ...], left: float, top: float, width: float) -> float:
    """Draw codes at the right of the top, each with what it opens; return where they end."""
    side, face = code_size(len(codes), width), FACES["note"]
    start = left + width - len(codes) * side - 6 * (len(codes) - 1)
    for place, code in enumerate(codes):
        at = start + place * (side + 6)
        _dots(canvas, code, at, top, side)
        shift = (side - width_of(code.caption, face.font, face.size)) / 2
        texts.put(code.caption, "note", at + shift, top - side - face.leading)
    return top - side - 2 * face.leading - 4


def _dots(canvas: Any, code: Code, left: float, top: float, side: float) -> None:
    count, rows = dots(code.opens)
    placed = f"q {side:.2f} 0 0 {side:.2f} {left:.2f} {top - side:.2f} cm BI /W {count} /H {count} /BPC 1 /CS /G /F /AHx ID {rows}> EI Q"
    # The library's own pictures are packed a second time and take as long as the whole rest of a page.
    canvas._code.append(placed)  # noqa: SLF001 - the library offers no other way in
