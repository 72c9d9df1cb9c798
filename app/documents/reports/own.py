"""Tables people lay out themselves from the columns of reports: figures down and across, by what the reports tell apart."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import labels
from app.documents.reports import REPORTS, ReportSpec, cells
from app.documents.tables import Cell
from app.domain.calendar import Period, month_period, months_after, months_between
from app.domain.reference import ConsumerKind
from app.domain.reports import SUMMED, PeriodKind, Placed, ReportColumn, ReportUnit, parts_of, period_of, share
from app.domain.reports.own import ALL, Cube, Key, TableGrid, TableRow, cube, laid_out
from app.queries.reports import ReportRequest

#: A table has so many figures and dimensions at most, and asks reports so many times.
MOST_FIGURES, MOST_DOWN, MOST_ASKED = 6, 2, 80

#: What every report is told apart by. A district may lie deep below the chosen division.
DIVISION, DISTRICT, MONTH, KIND = "division", "district", "month", "consumer_kind"
_COMMON = {
    DIVISION: ReportColumn("division", ReportUnit.DIVISION),
    DISTRICT: ReportColumn("district", ReportUnit.DIVISION),
    MONTH: ReportColumn("month", ReportUnit.MONTH),
    KIND: ReportColumn(KIND, ReportUnit.WORD, ConsumerKind),
}
_DIMENSIONS = {DIVISION: _l("Division below the chosen one"), DISTRICT: _l("Each division by itself"), MONTH: _l("Month")}


class TableFault(Exception):
    """A table cannot be laid out as it is asked for; its text says why."""


class TableFigure(NamedTuple):
    """A column of a report that a table shows."""

    spec: ReportSpec
    column: ReportColumn

    @property
    def name(self) -> str:
        """In addresses."""
        return f"{self.spec.name}.{self.column.name}"

    @property
    def title(self) -> str:
        """The head of the column, with its unit."""
        return cells.header([self.column])[0]


#: The figures tables are made of, by name; reports of single accounts have too many rows.
FIGURES: Mapping[str, TableFigure] = {
    figure.name: figure
    for spec in REPORTS.values()
    if not spec.by_account
    for column in spec.columns
    if column.unit in SUMMED or column.part
    for figure in (TableFigure(spec, column),)
}


class OwnTable(NamedTuple):
    """A table as somebody lays it out.

    :ivar figures: at least one
    :ivar down: dimensions of its rows, ``MOST_DOWN`` at most
    :ivar across: the dimension of its columns; empty: none
    :ivar first: of the months it covers
    :ivar consumers: of one kind of consumers only
    :ivar only: dimension → the only value that counts, as texts
    """

    figures: Sequence[TableFigure]
    down: Sequence[str]
    across: str
    first: date
    last: date
    consumers: ConsumerKind | None = None
    only: Mapping[str, str] = {}

    @property
    def dimensions(self) -> list[str]:
        """Those of rows, then that of columns."""
        return [*self.down, *([self.across] if self.across else [])]

    @property
    def specs(self) -> list[ReportSpec]:
        """The reports its figures are of."""
        return list({figure.spec.name: figure.spec for figure in self.figures}.values())


class LaidOut(NamedTuple):
    """A laid-out table.

    :ivar columns: those of its dimensions
    :ivar values: of each dimension a choice may be made of: value as text → value
    """

    asked: OwnTable
    grid: TableGrid
    columns: Sequence[ReportColumn]
    values: Mapping[str, Mapping[str, Any]]


def dimensions_of(specs: Iterable[ReportSpec]) -> dict[str, ReportColumn]:
    """Return what figures of all these reports are told apart by, by name."""
    common = dict(_COMMON)
    own: list[dict[str, ReportColumn]] = []
    for spec in specs:
        own.append({column.name: column for column in spec.columns if _is_dimension(column)})
        if spec.period == PeriodKind.NOW:
            common.pop(MONTH, None)
        if spec.of_all_only:
            common.pop(KIND, None)
    shared = own[0] if own else {}
    return common | {name: column for name, column in shared.items() if all(name in each for each in own) and name != KIND}


def _is_dimension(column: ReportColumn) -> bool:
    return column.unit not in SUMMED and not column.part and column.unit != ReportUnit.DIVISION


def dimension_title(column: ReportColumn) -> str:
    """Return the name of a dimension."""
    return str(_DIMENSIONS.get(column.name) or labels.COLUMN_LABELS[column.name])


def lay_out(
    session: Session, asked: OwnTable, divisions: Sequence[Placed], chosen: Placed, names: Mapping[int, str], *, today: date
) -> LaidOut:
    """Lay a table out.

    :param divisions: those of the reader
    :param names: division → its name
    :raises TableFault: if a figure is not told apart by what is asked, or reports would be asked too often
    """
    offered = dimensions_of(asked.specs)
    if not set(asked.dimensions) <= set(offered):
        raise TableFault(_("These figures are not told apart by what was chosen for rows and columns."))
    plan = [_Question(spec, *each) for spec in asked.specs for each in _periods_and_kinds(spec, asked, today)]
    if len(plan) > MOST_ASKED:
        raise TableFault(_("Choose fewer months or figures: the table would ask the reports %(count)s times.", count=len(plan)))
    facts = _Facts(session, asked, offered, *parts_of(divisions, chosen))
    given = [place for place, name in enumerate(asked.dimensions) if name == MONTH]
    found = _with_shares(cube((fact for question in plan for fact in facts.of(question)), given), asked.figures, facts.needed)
    columns = [offered[name] for name in asked.dimensions]
    grid = laid_out(found, [_order_of(column, names) for column in columns], across=bool(asked.across), figures=len(asked.figures))
    return LaidOut(asked, grid, columns, facts.values)


class _Question(NamedTuple):
    """What a report is asked for; month and kind are ``ALL`` where they are not told apart by asking."""

    spec: ReportSpec
    month: Any
    kind: Any
    period: Period


class _Facts:
    """Rows of reports as figures under the values of the table's dimensions; remembers which values there are."""

    def __init__(
        self, session: Session, asked: OwnTable, offered: Mapping[str, ReportColumn], inside: Sequence[int], parts: Sequence[int]
    ) -> None:
        self._session, self._asked, self._inside = session, asked, inside
        self._counted = inside if DISTRICT in asked.dimensions else parts
        self._part = dict(zip(inside, parts, strict=True))
        self._narrowed = [name for name, column in offered.items() if column.unit in {ReportUnit.WORD, ReportUnit.TEXT} and name != KIND]
        self.needed = _needed(asked.figures)
        self.values: dict[str, dict[str, Any]] = {name: {} for name in self._narrowed}

    def of(self, question: _Question) -> Iterator[tuple[Key, Sequence[int | None]]]:
        """Yield the figures of a report's rows, with the value of each dimension."""
        spec, consumers = question.spec, self._asked.consumers if question.kind is ALL else question.kind
        columns = [column for column in spec.columns if not column.part]
        own = [column.name for column in columns if _is_dimension(column)]
        needed = {name: figure for figure, (report, name) in enumerate(self.needed) if report == spec.name}
        places = [(place, needed[column.name]) for place, column in enumerate(columns) if column.name in needed]
        for row in spec.rows(self._session, ReportRequest(self._inside, self._counted, question.period, consumers)):
            told = self._told(row, question, own)
            for name in self._narrowed:
                self.values[name][str(told[name])] = told[name]
            if all(str(told[name]) == value for name, value in self._asked.only.items() if name in self._narrowed):
                yield tuple(told[name] for name in self._asked.dimensions), self._figures(row, places)

    def _told(self, row: Any, question: _Question, own: Sequence[str]) -> dict[str, Any]:
        """Return the values of all dimensions of a row; ``own`` are those its report tells apart itself."""
        division = row.division_id
        return {KIND: question.kind, **{name: getattr(row, name) for name in own}} | {
            DIVISION: self._part[division],
            DISTRICT: division,
            MONTH: question.month,
        }

    def _figures(self, row: Any, places: Sequence[tuple[int, int]]) -> list[int | None]:
        figures: list[int | None] = [None] * len(self.needed)
        for place, figure in places:
            figures[figure] = row[place] or 0
        return figures


def _periods_and_kinds(spec: ReportSpec, asked: OwnTable, today: date) -> Iterator[tuple[Any, Any, Period]]:
    """Yield what a report is asked for: each month and all of them, if they are told apart, for each kind of consumers."""
    whole = period_of(spec.period, asked.first, last_day(spec, asked.last), today=today)
    periods: list[tuple[Any, Period]] = [(ALL, whole)]
    if MONTH in asked.dimensions:
        months = months_between(asked.first, months_after(asked.last, 1))
        periods += [(month, period_of(spec.period, month, last_day(spec, month), today=today)) for month in months if month <= today]
    has_kind = any(column.name == KIND for column in spec.columns)
    kinds: list[Any] = [asked.consumers] if asked.consumers else list(ConsumerKind)
    for month, period in periods:
        for kind in kinds if KIND in asked.dimensions and not has_kind else [ALL]:
            yield month, kind, period


def last_day(spec: ReportSpec, month: date) -> date:
    """Return what a report is asked for as its last day, for a table that ends with a month: of billing months the month itself."""
    return month if spec.period == PeriodKind.MONTHS else month_period(month).last


def _needed(figures: Sequence[TableFigure]) -> list[tuple[str, str]]:
    """Return the columns of reports that figures are made of: themselves, or what a share divides."""
    of_figures = [
        (figure.spec.name, name)
        for figure in figures
        for name in ((figure.column.part, figure.column.whole) if figure.column.part else (figure.column.name,))
    ]
    return list(dict.fromkeys(of_figures))


def _with_shares(found: Cube, figures: Sequence[TableFigure], needed: Sequence[tuple[str, str]]) -> Cube:
    """Return the figures that are shown, from what they are made of; a share of sums is no sum of shares."""

    def shown(values: Sequence[int | None]) -> list[int | None]:
        by_name = dict(zip(needed, values, strict=True))
        return [_figure_of(figure, by_name) for figure in figures]

    return Cube({key: shown(values) for key, values in found.figures.items()})


def _figure_of(figure: TableFigure, values: Mapping[tuple[str, str], int | None]) -> int | None:
    column, report = figure.column, figure.spec.name
    return share(values[report, column.part] or 0, values[report, column.whole] or 0) if column.part else values[report, column.name]


def _order_of(column: ReportColumn, names: Mapping[int, str]) -> Callable[[Any], Any]:
    if column.unit == ReportUnit.DIVISION:
        return lambda value: names[value].casefold()
    if column.word is not None:
        members = list(column.word)
        return lambda value: members.index(column.word(value)) if column.word and value in set(members) else len(members)
    return lambda value: (value is not None, value)


def head_of(made: LaidOut, names: Mapping[int, str]) -> list[tuple[str, list[str]]]:
    """Return the groups of columns across: the value that stands over them, and their figures."""
    titles = [_titled(figure, made.asked) for figure in made.asked.figures]
    across = made.columns[-1] if made.asked.across else None
    return [(_("Total") if value is ALL else cell_text(across, value, names), titles) for value in made.grid.columns]


def _titled(figure: TableFigure, asked: OwnTable) -> str:
    return figure.title if len(asked.specs) == 1 else f"{figure.spec.title}: {figure.title}"


def cell_text(column: ReportColumn | None, value: Any, names: Mapping[int, str]) -> str:
    """Return a value of a dimension, or a figure, as pages show it."""
    assert column is not None
    return cells.page_cells([column], [value], names)[0] or "–"


def key_texts(made: LaidOut, row: TableRow, names: Mapping[int, str]) -> list[str]:
    """Return what a row is headed by; of a total, the word."""
    texts, told = [], False
    for column, value in zip(made.columns, row.key, strict=False):
        texts.append(("" if told else _("Total")) if value is ALL else cell_text(column, value, names))
        told = told or value is ALL
    return texts


def file_header(made: LaidOut, names: Mapping[int, str]) -> list[str]:
    """Return the heads of the columns as files have them."""
    own = [dimension_title(column) for column in made.columns[: len(made.asked.down)]]
    return own + [f"{value}: {title}" if made.asked.across else title for value, titles in head_of(made, names) for title in titles]


def file_rows(made: LaidOut, names: Mapping[int, str]) -> Iterator[list[Cell]]:
    """Yield the rows as files have them."""
    columns = [figure.column for figure in made.asked.figures] * len(made.grid.columns)
    for row in made.grid.rows:
        yield [*key_texts(made, row, names), *cells.file_cells(columns, row.cells, names)]
