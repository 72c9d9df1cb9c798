"""The rows behind a figure of a report, as a page and as a file."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from flask import abort, flash, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app import labels
from app.documents.reports import REPORTS, ReportSpec, cells
from app.documents.tables import Cell
from app.domain.reports import ReportColumn, ReportUnit
from app.extensions import db, record_disclosure
from app.queries.reports import ReportRequest, behind
from app.queries.reports.behind import AskedFigure, RowBehind, TotalBehind
from app.views.reports.links import row_page

#: Rows shown on a page; files have all.
PAGE = 500
#: Tables whose rows have no list.
_TITLES: Mapping[str, Any] = {"audit_entry": _l("Audit trail")}
#: How long a person waits for rows.
PATIENCE = "30s"


class ShownRow(NamedTuple):
    """A row behind a figure, as the page shows it."""

    division: str
    document: str
    document_page: str
    account_number: str | None
    account_page: str
    row_on: Any
    value: str


def figure_asked(spec: ReportSpec, parts: Sequence[int]) -> AskedFigure:
    """Return the figure that the page's address asks for; 404 if the report has none such."""
    keys = {name: request.args[name] for name in spec.told_apart[1:] if name in request.args}
    part = request.args.get("part", "")
    if part and not (part.isdecimal() and len(part) < 19 and int(part) in parts):
        abort(404)
    return spec.figure(request.args.get("column", ""), keys, int(part) if part else None) or abort(404)


def read(asked: ReportRequest, figure: AskedFigure) -> tuple[list[RowBehind], TotalBehind] | None:
    """Return the first rows behind a figure and what all add up to; None, and the reason told, if that takes too long."""
    session = db.session()
    try:
        with session.begin_nested():
            session.execute(text(f"SET LOCAL statement_timeout = '{PATIENCE}'"))
            rows = list(behind.rows_behind(session, asked, figure, limit=PAGE))
            total = behind.total_behind(session, asked, figure)
    except OperationalError:
        flash(_("This takes longer than a page waits. Choose a shorter period or a smaller division."), "warning")
        return None
    record_disclosure("account", [row.account_id for row in rows if row.account_id is not None])
    return rows, total


def all_rows(asked: ReportRequest, figure: AskedFigure) -> Iterator[RowBehind]:
    """Yield all rows behind a figure, read by the session of when they are wanted."""
    yield from behind.rows_behind(db.session(), asked, figure)


def shown_rows(column: ReportColumn, rows: Sequence[RowBehind], names: dict[int, str]) -> list[ShownRow]:
    """Return rows as the page shows them."""
    return [
        ShownRow(
            names.get(row.division_id, ""),
            document_text(row),
            row_page(row.row_table, row.row_id) if row.row_id is not None else "",
            row.account_number,
            row_page("account", row.account_id) if row.account_id is not None else "",
            row.row_on,
            cells.page_cells([column], [row.value], {})[0],
        )
        for row in rows
    ]


def document_text(row: RowBehind) -> str:
    """Return what a row is called."""
    title = _TITLES.get(row.row_table) or labels.TITLES.get(row.row_table) or REPORTS[row.row_table].title
    return f"{title}: {row.row_id}" if row.row_id is not None else str(title)


#: What stands before the figure in files.
_BEFORE = (
    ReportColumn("division_id", ReportUnit.DIVISION),
    ReportColumn("document", ReportUnit.TEXT),
    ReportColumn("account_number", ReportUnit.TEXT),
    ReportColumn("row_on", ReportUnit.DAY),
)


def file_header(column: ReportColumn) -> list[str]:
    """Return the heads of a file with the rows behind a figure."""
    return cells.file_header([*_BEFORE, column])


def file_rows(column: ReportColumn, rows: Iterator[RowBehind], names: dict[int, str]) -> Iterator[Sequence[Cell]]:
    """Yield the rows behind a figure as files have them, and what they add up to."""
    told = ((row.division_id, document_text(row), row.account_number, row.row_on, row.value) for row in rows)
    return cells.file_rows([*_BEFORE, column], told, names)
