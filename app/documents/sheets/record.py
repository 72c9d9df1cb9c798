"""What a fixed form is: tables of rows of texts in a few faces, and what came of laying them out."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from flask_babel import gettext as _

from app import labels
from app.domain.calendar import TASHKENT

MM = 72 / 25.4
A4 = (210 * MM, 297 * MM)
A4_ACROSS = (297 * MM, 210 * MM)


class Face(NamedTuple):
    """How a text looks; sizes in points."""

    font: str
    size: float
    leading: float
    is_gray: bool = False


#: The faces of all forms.
FACES = {
    "title": Face("Sans-Bold", 14, 17),
    "total": Face("Sans-Bold", 12.5, 16),
    "headline": Face("Sans-Bold", 9.5, 12),
    "bold": Face("Sans-Bold", 8.5, 10.5),
    "plain": Face("Sans", 8.5, 10.5),
    "text": Face("Sans", 9.5, 13),
    "figures": Face("Sans", 8, 9.75),
    "bold figures": Face("Sans-Bold", 8, 9.75),
    "small": Face("Sans", 7, 8.75, is_gray=True),
    "note": Face("Sans", 7, 8.75),
}


class Rule(StrEnum):
    """Which lines a table has."""

    NONE = "NONE"
    BELOW = "BELOW"
    AROUND = "AROUND"


class Cell(NamedTuple):
    """A text in a table; it may reach over several columns."""

    text: str
    face: str = "plain"
    #: where it stands in its cell: left, right or center
    side: str = "left"
    columns: int = 1


class Row(NamedTuple):
    """Cells beside each other."""

    cells: tuple[Cell, ...]
    #: repeated at the top of each further page its table reaches
    is_head: bool = False
    #: on the page of the row that follows: no headline and no signature stands alone
    stays: bool = False


class Table(NamedTuple):
    """Rows of the same columns."""

    #: parts of the width, in percent
    widths: tuple[int, ...]
    rows: tuple[Row, ...]
    rule: Rule = Rule.NONE
    #: space above, in points
    gap: float = 0


class Code(NamedTuple):
    """A code to scan: what a telephone opens, and what is written beneath it."""

    caption: str
    opens: str


class SheetForm(NamedTuple):
    """A document before it is laid out."""

    title: str
    language: str
    #: stands beside the codes, at the top of the first page
    top: tuple[Table, ...]
    codes: tuple[Code, ...]
    tables: tuple[Table, ...]
    size: tuple[float, float] = A4
    margin: float = 14 * MM


class PlacedCell(NamedTuple):
    """A text's lines and where they stand; in points from the left of the row."""

    left: float
    width: float
    lines: tuple[str, ...]
    face: str
    side: str


class PlacedRow(NamedTuple):
    """A row with its height and the space above it, in points."""

    gap: float
    height: float
    rule: Rule
    cells: tuple[PlacedCell, ...]


class PlacedPage(NamedTuple):
    """The rows of a page from its top down, and its number among the pages of the sheet."""

    #: beside the codes; on first pages only
    top: tuple[PlacedRow, ...]
    rows: tuple[PlacedRow, ...]
    foot: str


class Sheet(NamedTuple):
    """A document laid out."""

    title: str
    language: str
    size: tuple[float, float]
    margin: float
    codes: tuple[Code, ...]
    pages: tuple[PlacedPage, ...]


def line(text: str, face: str = "plain", *, side: str = "left", gap: float = 0, stays: bool = False) -> Table:
    """Return a text over the whole width."""
    return Table((100,), (Row((Cell(text, face, side),), stays=stays),), gap=gap)


def pairs(rows: Iterable[tuple[str, str]], *, caption: int = 32, bold: str = "") -> Table:
    """Return captions with what they name; rows that name nothing are left out.

    :param caption: percent of the width for the captions
    :param bold: the caption whose text is to stand out
    """
    made = (Row((Cell(name, "small"), Cell(text, "bold" if name == bold else "plain"))) for name, text in rows if text)
    return Table((caption, 100 - caption), tuple(made))


def head(names: Sequence[str], numbers: Iterable[int] = ()) -> Row:
    """Return the head of a table.

    :param numbers: places of the columns of numbers
    """
    right = set(numbers)
    cells = (Cell(name, "small", "right" if place in right else "left") for place, name in enumerate(names))
    return Row(tuple(cells), is_head=True, stays=True)


def figures(texts: Sequence[str], numbers: Iterable[int] = (), *, face: str = "figures") -> Row:
    """Return a row of a table.

    :param numbers: places of the columns of numbers
    """
    right = set(numbers)
    return Row(tuple(Cell(text, face, "right" if place in right else "left") for place, text in enumerate(texts)))


def copy_line(printed_first: datetime | None) -> list[Table]:
    """Return the line that tells a copy, if it is one."""
    if printed_first is None:
        return []
    day = labels.day(printed_first.astimezone(TASHKENT).date())
    return [line(_("COPY. Printed first on %(day)s.", day=day), "bold", stays=True)]


def signatures(lines: Sequence[Sequence[str]], *, gap: float = 14) -> Table:
    """Return lines to sign on, as many columns as each has texts; they stay together and with what stands above them."""
    count = max(map(len, lines))
    rows = tuple(Row(tuple(Cell(text) for text in each), stays=place < len(lines) - 1) for place, each in enumerate(lines))
    return Table(tuple([100 // count] * count), rows, gap=gap)


def staying(tables: Sequence[Table]) -> tuple[Table, ...]:
    """Return tables whose last row stays with what follows them, as a signature does."""
    *others, last = tables
    return (*others, last._replace(rows=(*last.rows[:-1], last.rows[-1]._replace(stays=True))))
