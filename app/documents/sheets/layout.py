"""Where the rows of a form stand: lines that fit their cells, rows that fit their pages, pages with their numbers."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from reportlab.pdfbase import pdfmetrics

from app.documents import fonts
from app.documents.sheets.record import FACES, MM, PlacedCell, PlacedPage, PlacedRow, Row, Rule, Sheet, SheetForm, Table

#: Space around the text of a cell, in points.
PAD_X, PAD_Y = 3.0, 1.5
#: The part of the width beside the codes, and the space the number of a page takes, in points.
BESIDE_CODES = 0.68
FOOT = 8 * MM
#: A row is taken to be so much higher than its lines, so that both ways of printing fill a page alike.
_SLACK = 0.4


class _Measured(NamedTuple):
    """A row with its height, and whether it stays with the next one."""

    row: PlacedRow
    is_head: bool
    stays: bool
    #: heads of its table, to be repeated on a further page
    heads: tuple[PlacedRow, ...]


def laid(form: SheetForm, foot: Callable[[int, int], str]) -> Sheet:
    """Return a form with its lines and places.

    :param foot: what stands at the foot of a page, by its number and how many there are
    """
    fonts.register()
    width = form.size[0] - 2 * form.margin
    top = [each.row for each in _measured(form.top, width * (BESIDE_CODES if form.codes else 1))]
    room = form.size[1] - 2 * form.margin - FOOT
    used = max(sum(row.gap + row.height for row in top), codes_height(len(form.codes), width) if form.codes else 0)
    pages = _paged(list(_measured(form.tables, width)), room - used, room)
    placed = (PlacedPage(tuple(top) if number == 1 else (), tuple(rows), foot(number, len(pages))) for number, rows in enumerate(pages, 1))
    return Sheet(form.title, form.language, form.size, form.margin, form.codes, tuple(placed))


def code_size(count: int, width: float) -> float:
    """Return the side of a code in points, when so many stand in a row."""
    beside = width * (1 - BESIDE_CODES)
    return min(30 * MM, (beside - 6 * (count - 1)) / count)


def codes_height(count: int, width: float) -> float:
    """Return the height of a row of codes with what is written beneath them, in points."""
    return code_size(count, width) + 2 * FACES["note"].leading + 4


def _measured(tables: Sequence[Table], width: float) -> Iterator[_Measured]:
    for table in tables:
        heads: tuple[PlacedRow, ...] = ()
        for place, row in enumerate(table.rows):
            placed = _placed(row, table, width, gap=table.gap if place == 0 else 0)
            heads = (*heads, placed._replace(gap=0.0)) if row.is_head else heads
            yield _Measured(placed, row.is_head, row.stays, heads)


def _placed(row: Row, table: Table, width: float, *, gap: float) -> PlacedRow:
    cells, column, left = [], 0, 0.0
    for cell in row.cells:
        share = sum(table.widths[column : column + cell.columns]) / 100
        lines = wrapped(cell.text, cell.face, round(width * share - 2 * PAD_X - 1, 1))
        cells.append(PlacedCell(left, width * share, lines, cell.face, cell.side))
        column, left = column + cell.columns, left + width * share
    height = max(len(cell.lines) * FACES[cell.face].leading for cell in cells) + 2 * PAD_Y + _SLACK
    return PlacedRow(gap, height, table.rule if table.rule != Rule.NONE else Rule.NONE, tuple(cells))


def _paged(rows: Sequence[_Measured], first: float, further: float) -> list[list[PlacedRow]]:
    """Return the rows page by page; rows that stay with the next one move along with it."""
    pages: list[list[PlacedRow]] = [[]]
    left = first
    for group in _groups(rows):
        needed = sum(each.row.gap + each.row.height for each in group)
        if needed > left and pages[-1]:
            heads = () if group[0].is_head else group[0].heads
            pages.append([*heads])
            left = further - sum(row.height for row in heads)
        for each in group:
            pages[-1].append(each.row)
        left -= needed
    return pages


def _groups(rows: Sequence[_Measured]) -> Iterator[list[_Measured]]:
    group: list[_Measured] = []
    for each in rows:
        group.append(each)
        if not each.stays:
            yield group
            group = []
    if group:
        yield group


@lru_cache(maxsize=50_000)
def width_of(text: str, font: str, size: float) -> float:
    """Return how wide a text is, in points."""
    return sum(pdfmetrics.stringWidth(run.text, fonts.REST if run.is_rest else font, size) for run in fonts.runs(text))


@lru_cache(maxsize=20_000)
def wrapped(text: str, face: str, width: float) -> tuple[str, ...]:
    """Return a text in lines that fit a width in points; a word that is too long goes on in the next line."""
    font, size = FACES[face].font, FACES[face].size
    lines = []
    for paragraph in text.split("\n"):
        if width_of(paragraph, font, size) <= width:
            lines.append(paragraph)
        else:
            lines += _broken(paragraph, font, size, width)
    return tuple(lines)


def _broken(text: str, font: str, size: float, width: float) -> list[str]:
    lines, current = [], ""
    for word in text.split(" "):
        longer = f"{current} {word}" if current else word
        if width_of(longer, font, size) <= width:
            current = longer
            continue
        if current:
            lines.append(current)
        *whole, current = _pieces(word, font, size, width)
        lines += whole
    return [*lines, current]


def _pieces(word: str, font: str, size: float, width: float) -> list[str]:
    """Return a word in pieces that fit."""
    pieces = [""]
    for sign in word:
        if pieces[-1] and width_of(pieces[-1] + sign, font, size) > width:
            pieces.append("")
        pieces[-1] += sign
    return pieces
