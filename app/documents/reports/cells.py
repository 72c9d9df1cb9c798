"""The cells of reports, as pages and files have them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from flask_babel import gettext as _

from app import labels
from app.documents.tables import Cell, headline
from app.domain.calendar import Period
from app.domain.reports import PeriodKind, ReportColumn, ReportSums, ReportUnit

_AS_IT_IS = {ReportUnit.TEXT, ReportUnit.COUNT, ReportUnit.PLACE, ReportUnit.DAY, ReportUnit.ACCOUNT}
_PLACES = {ReportUnit.MONEY: 2, ReportUnit.QUANTITY: 3, ReportUnit.FIGURE: 3, ReportUnit.THOUSANDS: 6, ReportUnit.PERCENT: 1}
_FORMATS = {2: "#,##0.00", 3: "#,##0.###", 6: "#,##0.000", 1: "#,##0.0"}


def shown_columns(columns: Iterable[ReportColumn]) -> list[int]:
    """Return the places of the columns people see, those of a form by their codes: keys of accounts only lead to their cards."""
    seen = [(place, column) for place, column in enumerate(columns) if column.unit != ReportUnit.ACCOUNT and column.is_shown]
    return [place for place, _column in sorted(seen, key=lambda each: (1, each[1].form.code.rjust(32)) if each[1].form else (0, ""))]


def header(columns: Sequence[ReportColumn]) -> list[str]:
    """Return the heads of all columns, with the unit of their values."""
    return [_head(column) for column in columns]


def _head(column: ReportColumn) -> str:
    name = "division" if column.unit == ReportUnit.DIVISION else "account" if column.unit == ReportUnit.ACCOUNT else column.name
    if column.form:
        text = f"{column.form.code}. {column.form.names.in_language(labels.locale_code())}"
        return headline(column.name, text)
    text = str(labels.COLUMN_LABELS[name])
    return _("%(column)s, kWh", column=text) if column.unit == ReportUnit.QUANTITY else headline(column.name, text)


def _file_cell(column: ReportColumn, value: Any, names: Mapping[int, str]) -> Cell:
    unit = column.unit
    if value is None or unit in _AS_IT_IS:
        return cast("Cell", value)
    if unit in _PLACES:
        return Decimal(value).scaleb(-_PLACES[unit])
    if unit == ReportUnit.DIVISION:
        return names[value]
    if unit == ReportUnit.MONTH:
        return labels.month(value)
    assert column.word is not None
    return labels.member_of(column.word, value)


def file_cells(columns: Sequence[ReportColumn], cells: Sequence[Any], names: Mapping[int, str]) -> list[Cell]:
    """Return a row as files have it.

    :param names: division → its name
    """
    return [_file_cell(column, value, names) for column, value in zip(columns, cells, strict=True)]


def file_header(columns: Sequence[ReportColumn]) -> list[str]:
    """Return the heads of the columns files have."""
    heads = header(columns)
    return [heads[place] for place in shown_columns(columns)]


def file_rows(columns: Sequence[ReportColumn], rows: Iterable[Sequence[Any]], names: Mapping[int, str]) -> Iterator[Sequence[Cell]]:
    """Yield the rows of a report as files have them, and what they add up to."""
    shown, sums = [(place, columns[place]) for place in shown_columns(columns)], ReportSums(columns)
    for cells in rows:
        sums.add(cells)
        yield [_file_cell(column, cells[place], names) for place, column in shown]
    totals = sums.cells
    yield [_("Total"), *(_file_cell(column, totals[place], names) for place, column in shown[1:])]


def page_cells(columns: Sequence[ReportColumn], cells: Sequence[Any], names: Mapping[int, str], *, total: bool = False) -> list[str]:
    """Return a row as pages show it, in the reader's way of writing numbers.

    :param total: it holds totals: what is not added up is left empty
    """
    return ["" if total and value is None else _page_cell(column, value, names) for column, value in zip(columns, cells, strict=True)]


def _page_cell(column: ReportColumn, value: Any, names: Mapping[int, str]) -> str:
    unit = column.unit
    if value is None:
        return "–"
    if unit in _PLACES:
        return labels.number(Decimal(value).scaleb(-_PLACES[unit]), _FORMATS[_PLACES[unit]])
    if unit == ReportUnit.COUNT:
        return labels.number(value)
    if unit == ReportUnit.DAY:
        return labels.day(value)
    return str(_file_cell(column, value, names))


def period_text(kind: PeriodKind, period: Period) -> str:
    """Return the days a report covers in words."""
    if kind == PeriodKind.NOW:
        return _("as of %(day)s", day=labels.day(period.start))
    if kind == PeriodKind.DAYS:
        return _("%(first)s – %(last)s", first=labels.day(period.start), last=labels.day(period.last))
    first, end = labels.month(period.start), labels.month(period.last)
    return first if first == end else _("%(first)s – %(last)s", first=first, last=end)
