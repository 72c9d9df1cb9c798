"""Many fixed forms in one PDF, drawn straight onto its pages: an eighth of the time that pages of tags take."""

import io
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import Any

from flask_babel import force_locale
from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from app.documents import fonts
from app.documents.issuer import author
from app.documents.sheets.codes import dots
from app.documents.sheets.layout import BESIDE_CODES, FOOT, PAD_X, PAD_Y, code_size, width_of
from app.documents.sheets.record import FACES, Code, PlacedCell, PlacedPage, PlacedRow, Rule, Sheet

#: Pages as they are packed; written in letters they were longer, and took longer.
rl_config.useA85 = 0
_INK, _GRAY, _LINE = 0.07, 0.27, 0.6
#: How far a letter reaches below its line, as a part of its size.
_DEPTH = 0.24
_SHARES = {"left": 0.0, "right": 1.0, "center": 0.5}


def drawn(sheets: Iterable[Sheet]) -> bytes:
    """Return one PDF of sheets, each beginning on a new leaf; it bears the title and the language of the first."""
    out = io.BytesIO()
    canvas: Any = None
    for sheet in sheets:
        if canvas is None:
            canvas = Canvas(out, pagesize=sheet.size, lang=sheet.language.replace("_", "-"), pageCompression=1)
            canvas.setTitle(sheet.title)
            with force_locale(sheet.language):
                canvas.setAuthor(author())
            letters = _Letters(canvas)
        for place, page in enumerate(sheet.pages):
            canvas.setPageSize(sheet.size)
            _page(canvas, letters, sheet, page, is_first=place == 0)
            canvas.showPage()
    assert canvas is not None, "a file of no papers is not made"
    canvas.save()
    return out.getvalue()


class _Letters:
    """Texts as a document shows them: each is looked up in its font once, since most stand on every paper."""

    def __init__(self, canvas: Any) -> None:
        self.canvas = canvas
        self.found: dict[tuple[str, str], list[tuple[str, str]]] = {}

    def of(self, font: str, text: str) -> list[tuple[str, str]]:
        """Return the operators that show a text, each with the part of the font it needs."""
        key = font, text
        if key not in self.found:
            parts = pdfmetrics.getFont(font).splitString(text, self.canvas._doc)  # noqa: SLF001 - see _page
            self.found[key] = [(self._part(font, number), f"({self.canvas._escape(letters)}) Tj") for number, letters in parts]  # noqa: SLF001
        return self.found[key]

    def _part(self, font: str, number: int) -> str:
        return str(pdfmetrics.getFont(font).getSubsetInternalName(number, self.canvas._doc))  # noqa: SLF001


class _Page:
    """What is drawn on a page: lines and codes as they come, texts face by face, as a change of the font costs as much as a word."""

    def __init__(self) -> None:
        self.drawn: list[str] = [f"0.4 w {_LINE} G"]
        self.found: list[tuple[str, bool, float, float, str]] = []

    def put(self, text: str, face: str, left: float, base: float) -> None:
        """Remember a text at a place."""
        font, size = FACES[face].font, FACES[face].size
        for run in fonts.runs(text):
            self.found.append((face, run.is_rest, left, base, run.text))
            if run.text is not text:
                left += width_of(run.text, fonts.REST if run.is_rest else font, size)

    def operators(self, letters: _Letters) -> list[str]:
        """Return what is drawn, in the language of PDF."""
        shown = [*self.drawn, "BT"]
        for (face, is_rest), group in groupby(sorted(self.found, key=itemgetter(0, 1)), key=itemgetter(0, 1)):
            font, size, part = fonts.REST if is_rest else FACES[face].font, FACES[face].size, ""
            shown.append(f"{_GRAY if FACES[face].is_gray else _INK} g")
            for _face, _rest, left, base, text in group:
                shown.append(f"1 0 0 1 {left:.2f} {base:.2f} Tm")
                for needed, operator in letters.of(font, text):
                    if needed != part:
                        part = needed
                        shown.append(f"{part} {size} Tf")
                    shown.append(operator)
        return [*shown, "ET"]


def _page(canvas: Any, letters: _Letters, sheet: Sheet, page: PlacedPage, *, is_first: bool) -> None:
    width, height = sheet.size[0] - 2 * sheet.margin, sheet.size[1] - sheet.margin
    made = _Page()
    below = _rows(made, page.top, sheet.margin, height, width * (BESIDE_CODES if sheet.codes else 1))
    if is_first and sheet.codes:
        below = min(below, _codes(made, sheet.codes, sheet.margin, height, width))
    _rows(made, page.rows, sheet.margin, below, width)
    face = FACES["small"]
    made.put(page.foot, "small", sheet.margin + (width - width_of(page.foot, face.font, face.size)) / 2, sheet.margin + FOOT / 3)
    # The library's own ways take a third of a page's time: they measure each text again, and pack each picture a second time.
    canvas._code += made.operators(letters)  # noqa: SLF001 - it offers no other way in


def _rows(made: _Page, rows: Iterable[PlacedRow], left: float, top: float, width: float) -> float:
    """Draw rows from a height down; return where they end."""
    for row in rows:
        top -= row.gap
        for cell in row.cells:
            _cell(made, cell, left, top)
            if row.rule == Rule.AROUND:
                made.drawn.append(f"{left + cell.left:.2f} {top - row.height:.2f} {cell.width:.2f} {row.height:.2f} re S")
        top -= row.height
        if row.rule == Rule.BELOW:
            made.drawn.append(f"{left:.2f} {top:.2f} m {left + width:.2f} {top:.2f} l S")
    return top


def _cell(made: _Page, cell: PlacedCell, left: float, top: float) -> None:
    face = FACES[cell.face]
    start, room = left + cell.left + PAD_X, cell.width - 2 * PAD_X
    base = top - PAD_Y - face.leading + _DEPTH * face.size
    for text in cell.lines:
        if text:
            share = _SHARES[cell.side]
            shift = share * (room - width_of(text, face.font, face.size)) if share else 0.0
            made.put(text, cell.face, start + shift, base)
        base -= face.leading


def _codes(made: _Page, codes: tuple[Code, ...], left: float, top: float, width: float) -> float:
    """Draw codes at the right of the top, each with what it opens; return where they end."""
    side, face = code_size(len(codes), width), FACES["note"]
    start = left + width - len(codes) * side - 6 * (len(codes) - 1)
    for place, code in enumerate(codes):
        at = start + place * (side + 6)
        made.drawn.append(_dots(code, at, top, side))
        shift = (side - width_of(code.caption, face.font, face.size)) / 2
        made.put(code.caption, "note", at + shift, top - side - face.leading)
    return top - side - 2 * face.leading - 4


def _dots(code: Code, left: float, top: float, side: float) -> str:
    count, rows = dots(code.opens)
    return f"q {side:.2f} 0 0 {side:.2f} {left:.2f} {top - side:.2f} cm BI /W {count} /H {count} /BPC 1 /CS /G /F /AHx ID {rows}> EI Q"
