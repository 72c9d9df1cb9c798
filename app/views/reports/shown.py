"""Reports as pages show them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from app.documents.reports import cells
from app.domain.reports import ReportColumn, ReportSums, ReportUnit

_FIGURES = {
    ReportUnit.COUNT,
    ReportUnit.MONEY,
    ReportUnit.QUANTITY,
    ReportUnit.FIGURE,
    ReportUnit.THOUSANDS,
    ReportUnit.PERCENT,
    ReportUnit.PLACE,
}

_NOWHERE: Mapping[int, str] = {}


class ShownTable(NamedTuple):
    """The rows of a report as a page shows them: texts, and where each row leads."""

    columns: list[tuple[str, str, str]]
    rows: list[tuple[str, list[str], Mapping[int, str]]]
    totals: dict[str, str]
    count: int


def shown_table(
    columns: Sequence[ReportColumn],
    rows: Sequence[Sequence[Any]],
    sums: ReportSums,
    names: Mapping[int, str],
    links: Sequence[str] = (),
    behind: Sequence[Mapping[int, str]] = (),
    behind_totals: Mapping[int, str] = _NOWHERE,
) -> ShownTable:
    """Return rows and their totals as a page shows them.

    :param names: division → its name
    :param links: where each row leads; empty: nowhere; none: no row leads anywhere
    :param behind: where the cells of each row lead, by their places, and those of the totals
    """
    heads, totals = cells.header(columns), cells.page_cells(columns, sums.cells, names, total=True)
    kinds = ["own figure" if column.unit in _FIGURES else "own" for column in columns]
    opened = zip(links or [""] * len(rows), rows, behind or [_NOWHERE] * len(rows), strict=True)
    return ShownTable(
        [(str(place), heads[place], kinds[place]) for place in cells.shown_columns(columns)],
        [(link, cells.page_cells(columns, row, names), cells_open) for link, row, cells_open in opened],
        {str(place): _linked(text, behind_totals.get(place)) for place, text in enumerate(totals)},
        sums.rows,
    )


def _linked(text: str, address: str | None) -> str:
    return Markup('<a href="{}">{}</a>').format(address, text) if address else text
