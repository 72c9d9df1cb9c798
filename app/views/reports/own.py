"""Tables people lay out themselves from the columns of reports; kept, shared, exported, and each figure leads to its report."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from werkzeug.datastructures import MultiDict

from app import clock, labels
from app.documents import tables
from app.documents.reports import REPORTS, own
from app.documents.reports.own import FIGURES, KIND, MONTH, MOST_DOWN, MOST_FIGURES, LaidOut, OwnTable, TableFault, TableFigure
from app.domain import readers
from app.domain.administration import roles
from app.domain.administration.pages import Page
from app.domain.calendar import latest_months, months_after
from app.domain.reference import ConsumerKind
from app.domain.reports import MOST_MONTHS, PeriodKind
from app.domain.reports.own import ALL, TableRow
from app.extensions import db
from app.queries.administration import DivisionRecord
from app.views import menu
from app.views.administration import division_asked, divisions_above, my_divisions
from app.views.lists import saved
from app.views.lists.state import kept_arguments

#: Months a table covers, counted back from the month before this one; zero: from one to another, as asked.
SPANS = (1, 3, 6, 12, 0)
#: What a table shows at first.
FIRST = ("turnover.charged_tiyin", "turnover.paid_tiyin", "turnover.collected_percent")
#: How long a person waits for a table.
PATIENCE = "30s"


class ShownCell(NamedTuple):
    """A figure as the page shows it, and the report it is of."""

    text: str
    address: str


class TableChoices(NamedTuple):
    """What may be chosen: figures by report, dimensions by name, and the values one may be narrowed to."""

    figures: Mapping[str, Sequence[TableFigure]]
    dimensions: Mapping[str, str]
    values: Mapping[str, Sequence[tuple[str, str]]]


class OwnTableView(BaseView):
    """A table of figures by division, month, kind of consumer and whatever else their reports tell apart."""

    page = Page(_l("Own tables"), {"can_list": roles.ACCOUNT_READERS}, menu.MONITORING.at(23, "Own tables"))
    route_base = "/own-table"
    default_view = "list"

    @expose("/list/")
    @has_access
    def list(self) -> Any:
        """Show the table the address asks for; without one, the view it opens with."""
        if not request.args and (address := saved.default_address("OwnTableView")):
            return redirect(address)
        mine = my_divisions()
        chosen, asked = division_asked(mine), self._asked()
        names = {each.id: each.name for each in mine}
        # At first only what is kept as sums: to add up a country's documents takes seconds, and nobody asked for it.
        is_wanted = "_tbl_figure" in request.args or asked.figures[0].name == FIRST[0]
        made = _laid_out(asked, mine, chosen, names) if is_wanted else None
        return self.render_template(
            "own_table.html",
            saved=saved,
            modelview_name="OwnTableView",
            asked=asked,
            division=chosen,
            parents=divisions_above(mine, chosen),
            offered=self._offered(asked, made),
            months=latest_months(clock.today(), MOST_MONTHS + 1),
            spans=SPANS,
            span=_span(),
            kinds=[(kind.value, labels.member(kind)) for kind in ConsumerKind],
            most=(MOST_FIGURES, MOST_DOWN),
            made=made,
            heads=own.head_of(made, names) if made else [],
            dimension_titles=[own.dimension_title(column) for column in made.columns[: len(asked.down)]] if made else [],
            rows=[(self._key_cells(made, row, chosen, names), self._cells(made, row, chosen)) for row in made.grid.rows] if made else [],
        )

    @expose("/file.<any(csv,xlsx,pdf):kind>")
    @has_access
    @permission_name("list")
    def file(self, kind: str) -> Any:
        """Send the table as a file."""
        mine = my_divisions()
        chosen, names = division_asked(mine), {each.id: each.name for each in mine}
        made = _laid_out(self._asked(), mine, chosen, names)
        if made is None:
            return redirect(url_for("OwnTableView.list", **request.args.to_dict(flat=False)))
        title = f"{_('Own table')} · {chosen.name} · {labels.month(made.asked.first)} – {labels.month(made.asked.last)}"
        return tables.sent(kind, title, "table", own.file_header(made, names), own.file_rows(made, names))

    def _asked(self) -> OwnTable:
        """Return the table the address asks for; at first: what was charged and collected, or whatever the reader may see, by division."""
        chosen = request.args.getlist("_tbl_figure") or [*FIRST, *FIGURES]
        most = MOST_FIGURES if "_tbl_figure" in request.args else len(FIRST)
        figures = [FIGURES.get(name) or abort(404) for name in chosen if self._may_see(name)][:most] or abort(403)
        first, last = _months()
        down = [name for name in request.args.getlist("_tbl_down") if name] or ([] if "_tbl_figure" in request.args else [own.DIVISION])
        across = request.args.get("_tbl_across", "")
        consumers = request.args.get("_tbl_consumers", "")
        only = {name: value for name, _eq, value in (each.partition("=") for each in request.args.getlist("_tbl_only")) if value}
        kind = ConsumerKind(consumers) if consumers in set(ConsumerKind) else None
        return OwnTable(figures, [*dict.fromkeys(down)][:MOST_DOWN], "" if across in down else across, first, last, kind, only)

    def _may_see(self, name: str) -> bool:
        spec = REPORTS.get(name.partition(".")[0]) or abort(404)
        return bool(self.appbuilder.sm.has_access(*spec.permission))

    def _offered(self, asked: OwnTable, made: LaidOut | None) -> TableChoices:
        figures: dict[str, list[TableFigure]] = {}
        for name, figure in FIGURES.items():
            if self._may_see(name):
                figures.setdefault(str(figure.spec.title), []).append(figure)
        dimensions = own.dimensions_of(asked.specs)
        values = {
            own.dimension_title(dimensions[name]): sorted(
                (f"{name}={key}", own.cell_text(dimensions[name], each, {})) for key, each in found.items()
            )
            for name, found in (made.values if made else {}).items()
        }
        return TableChoices(figures, {name: own.dimension_title(column) for name, column in dimensions.items()}, values)

    def _key_cells(self, made: LaidOut, row: TableRow, chosen: DivisionRecord, names: Mapping[int, str]) -> Sequence[ShownCell]:
        """Return what heads a row; a division leads to its own table."""
        shown = []
        for name, value, told in zip(made.asked.down, row.key, own.key_texts(made, row, names), strict=True):
            is_part = name in {own.DIVISION, own.DISTRICT} and value is not ALL and value != chosen.id
            address = url_for("OwnTableView.list", division=value, **MultiDict(kept_arguments()).to_dict(flat=False)) if is_part else ""
            shown.append(ShownCell(told, address))
        return shown

    def _cells(self, made: LaidOut, row: TableRow, chosen: DivisionRecord) -> Sequence[ShownCell]:
        """Return the figures of a row, each with the report it is of."""
        shown, figures = [], iter(row.cells)
        for column in made.grid.columns:
            told = dict(zip(made.asked.dimensions, (*row.key, column), strict=False))
            for figure in made.asked.figures:
                value = next(figures)
                address = "" if value is None else _report_address(made.asked, figure, told, chosen)
                shown.append(ShownCell("" if value is None else own.cell_text(figure.column, value, {}), address))
        return shown


def _laid_out(asked: OwnTable, mine: Sequence[DivisionRecord], chosen: DivisionRecord, names: Mapping[int, str]) -> LaidOut | None:
    """Lay a table out; None, and the reason told, if that cannot be done or takes too long."""
    session = db.session()
    try:
        with session.begin_nested():
            session.execute(text(f"SET LOCAL statement_timeout = '{PATIENCE}'"))
            return own.lay_out(session, asked, mine, chosen, names, today=clock.today())
    except TableFault as fault:
        flash(str(fault), "warning")
    except OperationalError:
        flash(_("This takes longer than a page waits. Choose a shorter period or a smaller division."), "warning")
    return None


def _report_address(asked: OwnTable, figure: TableFigure, told: Mapping[str, Any], chosen: DivisionRecord) -> str:
    """Return the address of the report a figure is of: of its division, month and kind of consumers."""
    values = {name: value for name, value in told.items() if value is not ALL}
    division = values.get(own.DISTRICT, values.get(own.DIVISION, chosen.id))
    first, last = (values[MONTH], values[MONTH]) if MONTH in values else (asked.first, asked.last)
    last = own.last_day(figure.spec, last)
    period = {} if figure.spec.period == PeriodKind.NOW else {"first": first.isoformat(), "last": last.isoformat()}
    return url_for(
        "ReportsView.show", report=figure.spec.name, division=division, consumers=values.get(KIND, asked.consumers) or None, **period
    )


def _span() -> int:
    asked = request.args.get("_tbl_span", "3")
    return int(asked) if asked in {str(each) for each in SPANS} else abort(400)


def _months() -> tuple[date, date]:
    """Return the first and the last month asked for."""
    before, span = months_after(clock.today(), -1), _span()
    if span:
        return months_after(before, 1 - span), before
    first, last = _month("_tbl_first", before), _month("_tbl_last", before)
    if first > last or months_after(first, MOST_MONTHS) <= last or first > clock.today():
        flash(
            _("The period ends before it begins, lies in the future or is longer than three years; the month before is shown."), "warning"
        )
        return before, before
    return first, last


def _month(name: str, default: date) -> date:
    given = request.args.get(name, "")
    try:
        return readers.day(given).replace(day=1) if given else default
    except readers.Misread:
        abort(400)
