"""One fixed form as a page of tags, printed with the style of all other documents."""

from collections.abc import Callable, Sequence
from datetime import datetime

from flask_babel import gettext as _
from markupsafe import Markup, escape
from sqlalchemy.orm import Session

from app.documents import pdf
from app.documents.sheets.codes import picture
from app.documents.sheets.layout import BESIDE_CODES, FOOT, PAD_X, PAD_Y, code_size
from app.documents.sheets.record import FACES, PlacedRow, Sheet
from app.domain.documents import FIRST_FORM, PrintedKind
from app.queries import documents as papers

#: The PDF library's own words for the number of a page and how many there are.
_PAGE, _PAGES = Markup("<pdf:pagenumber/>"), Markup("<pdf:pagecount/>")
#: Stand in their places until the text of the catalogs, which may hold anything, is escaped.
_MARKS = ("\ue000", "\ue001")

#: Points of what the PDF library takes for a pixel.
_PX = 0.75


def foot(number: int | str, count: int | str) -> str:
    """Return what stands at the foot of a page, in the language that is spoken."""
    return str(_("Page %(page)s of %(pages)s", page=number, pages=count))


def printed(sheet: Sheet) -> bytes:
    """Return a PDF of a sheet."""
    width = sheet.size[0] - 2 * sheet.margin
    return pdf.render(
        "documents/sheet.html",
        sheet.language,
        sheet=sheet,
        width=width,
        faces=FACES,
        top_width=width * BESIDE_CODES,
        code_side=code_size(max(len(sheet.codes), 1), width) / _PX,
        codes=[(code.caption, picture(code.opens)) for code in sheet.codes],
        pad=(PAD_Y, PAD_X),
        foot_height=FOOT,
        tables=_tables,
        # A plain space after a number that begins the line is lost by the library.
        foot=lambda: escape(foot(*_MARKS)).replace(" ", "\u00a0").replace(_MARKS[0], _PAGE).replace(_MARKS[1], _PAGES),
    )


def in_its_form(
    session: Session,
    kind: PrintedKind,
    document_id: int,
    copy_of: datetime | None,
    *,
    first_form: Callable[[], str],
    sheet: Callable[[], Sheet],
) -> bytes:
    """Return a PDF of a document in the form it was printed in first: a page of tags in the first form, or a sheet.

    :param copy_of: when it was printed first, if this is a copy
    """
    is_first_form = papers.form_of(session, kind, document_id, copy_of) == FIRST_FORM
    return pdf.joined([first_form()]) if is_first_form else printed(sheet())


def _tables(rows: Sequence[PlacedRow]) -> list[list[PlacedRow]]:
    """Return rows in as few tables as can be: those of the same columns with no space between."""
    found: list[list[PlacedRow]] = []
    for row in rows:
        if found and not row.gap and _columns(row) == _columns(found[-1][0]):
            found[-1].append(row)
        else:
            found.append([row])
    return found


def _columns(row: PlacedRow) -> tuple[object, ...]:
    return row.rule, *(cell.width for cell in row.cells)
