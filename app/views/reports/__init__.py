"""Reports on the screen and as files; each part of a division leads to its own report."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from flask import abort, flash, g, redirect, request, stream_with_context, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import clock, labels
from app.documents import downloads, tables
from app.documents.reports import REPORTS, ReportSpec, cells, title_of
from app.domain import readers
from app.domain.administration import DivisionLevel, JobKind, roles
from app.domain.administration.pages import Page
from app.domain.calendar import latest_months, month_period, months_after
from app.domain.reference import ConsumerKind
from app.domain.reports import MOST_MONTHS, PeriodKind, PeriodRefused, ReportColumn, ReportSums, ReportUnit, period_of
from app.extensions import db, record_disclosure, transaction
from app.jobs.reports import LARGEST, keep
from app.queries.administration import DivisionRecord
from app.queries.reports import ReportRequest
from app.queries.reports import stored as queries
from app.queries.reports.behind import AskedFigure
from app.queries.reports.stored import StoredReportRecord
from app.views import menu
from app.views.administration import division_asked, divisions_above, my_divisions
from app.views.lists.selection import start_job
from app.views.reports import behind
from app.views.reports.links import cell_links
from app.views.reports.own import OwnTableView
from app.views.reports.rows import ReportColumnView, ReportRowView
from app.views.reports.schedules import ReportScheduleView
from app.views.reports.shown import shown_table
from app.views.reports.stored import StoredReportView

#: Rows of accounts shown on a page; files have all.
PAGE = 500


class AskedReport(NamedTuple):
    """A report as somebody asks for it."""

    spec: ReportSpec
    division: DivisionRecord
    parents: Sequence[DivisionRecord]
    names: dict[int, str]
    request: ReportRequest

    @property
    def columns(self) -> Sequence[ReportColumn]:
        """What its rows hold, as people see it."""
        return self.spec.columns_on(db.session(), self.request.period)

    @property
    def too_many(self) -> bool:
        """Whether it has more rows than a page waits for: those of the accounts of many districts."""
        return self.spec.by_account and self.division.level != DivisionLevel.DISTRICT

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield its rows, read by the session of when they are wanted: that of the request has ended when a file is sent."""
        yield from self.spec.cells(db.session(), self.request)


class ReportsView(BaseView):
    """Reports for each level: republic, region, district."""

    page = Page(
        _l("Reports"),
        {"can_catalogue can_show can_file": roles.ACCOUNT_READERS, "can_store": roles.BILLING_STAFF},
        menu.MONITORING.at(22, "Reports"),
    )
    route_base = "/reports"
    default_view = "catalogue"

    @expose("/")
    @has_access
    def catalogue(self) -> Any:
        """Show the reports the reader may ask for."""
        return self.render_template("reports.html", specs=[spec for spec in REPORTS.values() if _may(self, spec)])

    @expose("/<report>")
    @has_access
    def show(self, report: str) -> Any:
        """Show a report of a division for a period."""
        asked = self._asked(report)
        columns, sums, rows = asked.columns, ReportSums(asked.spec.columns), list[Sequence[Any]]()
        for row in () if asked.too_many else asked.rows():
            sums.add(row)
            if len(rows) < PAGE:
                rows.append(row)
        if asked.spec.by_account:
            record_disclosure("account", [row[1] for row in rows])
        return self.render_template(
            "report.html",
            asked=asked,
            parents=asked.parents,
            table=shown_table(
                columns,
                rows,
                sums,
                asked.names,
                [self._link(asked, row) for row in rows],
                [cell_links(asked.spec, _arguments(asked), row) for row in rows],
                cell_links(asked.spec, _arguments(asked), sums.cells),
            ),
            period=cells.period_text(asked.spec.period, asked.request.period),
            kinds=[] if asked.spec.of_all_only else [(kind.value, labels.member(kind)) for kind in ConsumerKind],
            months=latest_months(clock.today(), MOST_MONTHS + 1),
            last=asked.request.period.last,
            arguments=_arguments(asked),
            kept=self._kept(asked),
        )

    @expose("/<report>/file.<any(csv,xlsx,pdf):kind>")
    @has_access
    def file(self, report: str, kind: str) -> Any:
        """Send a report as a file; a CSV of any length while it is made, other files of many rows by a job."""
        asked = self._asked(report)
        columns = asked.columns
        if kind == "csv":
            parts = tables.csv_parts(cells.file_header(columns), self._written(asked))
            return downloads.attachment(stream_with_context(parts), f"{report}.csv", "text/csv")
        if asked.too_many:
            given = {"report": report, "kind": kind, "language": labels.locale_code(), "user_id": g.user.id, **_arguments(asked)}
            return start_job(JobKind.REPORT_FILE, given)
        rows = list(self._written(asked))
        if len(rows) > LARGEST[kind]:
            flash(_("More than %(count)s rows do not fit this kind of file. Take CSV.", count=labels.number(LARGEST[kind])), "warning")
            return redirect(url_for("ReportsView.show", report=report, **_arguments(asked)))
        title = title_of(asked.spec, asked.division.name, asked.request)
        return tables.sent(kind, title, report, cells.file_header(columns), rows)

    @expose("/<report>/rows")
    @has_access
    @permission_name("show")
    def rows(self, report: str) -> Any:
        """Show the rows that add up to a figure of a report."""
        asked = self._asked(report)
        figure, column = self._figure(asked)
        found = behind.read(asked.request, figure)
        rows, total = found or ([], None)
        return self.render_template(
            "report_behind.html",
            asked=asked,
            head=cells.header([column])[0],
            told=self._told(asked, figure),
            rows=behind.shown_rows(column, rows, asked.names),
            count=total.rows if total else 0,
            total=cells.page_cells([column], [total.value], {})[0] if total else "",
            arguments=_arguments(asked),
        )

    @expose("/<report>/rows.csv")
    @has_access
    @permission_name("file")
    def rows_file(self, report: str) -> Any:
        """Send the rows that add up to a figure of a report."""
        asked = self._asked(report)
        figure, column = self._figure(asked)
        rows = behind.all_rows(asked.request, figure)
        parts = tables.csv_parts(behind.file_header(column), behind.file_rows(column, rows, asked.names))
        return downloads.attachment(stream_with_context(parts), f"{report}_{column.name}.csv", "text/csv")

    def _figure(self, asked: AskedReport) -> tuple[AskedFigure, ReportColumn]:
        figure = behind.figure_asked(asked.spec, asked.request.parts)
        return figure, next(column for column in asked.columns if column.name == figure.column)

    def _told(self, asked: AskedReport, figure: AskedFigure) -> list[str]:
        """Return what a figure is told apart by, in words."""
        keys = [cells.page_cells([column], [value], asked.names)[0] for column, value in figure.keys.items()]
        shown = [text for text, column in zip(keys, figure.keys, strict=True) if text and column.unit != ReportUnit.ACCOUNT]
        kind = [labels.member(asked.request.consumers)] if asked.request.consumers else []
        return [asked.names[figure.part or asked.division.id], cells.period_text(asked.spec.period, asked.request.period), *kind, *shown]

    def _kept(self, asked: AskedReport) -> list[StoredReportRecord]:
        """Return the versions of this report that are kept."""
        if not asked.spec.is_submitted:
            return []
        period = asked.request.period
        return queries.versions(db.session(), [asked.division.id], [asked.spec.name], period.start, period.end, asked.request.consumers)

    @expose("/<report>/store", methods=["POST"])
    @has_access
    def store(self, report: str) -> Any:
        """Keep a report as it is now, to be signed and sent up."""
        asked = self._asked(report)
        if not asked.spec.is_submitted:
            abort(404)
        if "keep" not in request.form:
            abort(400)
        with transaction() as session:
            kept = keep(session, asked.spec, asked.division.id, asked.request)
        return redirect(url_for("StoredReportView.show", report_id=kept))

    def _written(self, asked: AskedReport) -> Iterator[Sequence[tables.Cell]]:
        return cells.file_rows(asked.columns, asked.rows(), asked.names)

    def _asked(self, name: str) -> AskedReport:
        """Return the report that is asked for by the page's address."""
        spec = REPORTS.get(name) or abort(404)
        if not _may(self, spec):
            abort(403)
        mine = my_divisions()
        chosen = division_asked(mine)
        consumers = request.args.get("consumers", "")
        kind = ConsumerKind(consumers) if consumers in set(ConsumerKind) and not spec.of_all_only else None
        made = spec.request(mine, chosen, _period(spec.period), kind)
        return AskedReport(spec, chosen, divisions_above(mine, chosen), {each.id: each.name for each in mine}, made)

    def _link(self, asked: AskedReport, row: Sequence[Any]) -> str:
        """Return where a row leads: to the card of an account, or to the same report of a part."""
        if asked.spec.by_account:
            return url_for("AccountView.show", pk=row[1])
        if row[0] == asked.division.id:
            return ""
        return url_for("ReportsView.show", report=asked.spec.name, **{**_arguments(asked), "division": row[0]})


def _may(view: BaseView, spec: ReportSpec) -> bool:
    return bool(view.appbuilder.sm.has_access(*spec.permission))


def _arguments(asked: AskedReport) -> dict[str, Any]:
    """Return the arguments of the address of a report."""
    period = asked.request.period
    given: dict[str, Any] = {"division": asked.division.id, "consumers": asked.request.consumers or None}
    if asked.spec.period == PeriodKind.NOW:
        return given
    return {**given, "first": period.start.isoformat(), "last": period.last.isoformat()}


def _period(kind: PeriodKind) -> Any:
    """Return the period asked for: the month before, if none is; one that cannot be is told, and the month before is shown."""
    today = clock.today()
    month = months_after(today, -1)
    usual = period_of(kind, month, month_period(month).last, today=today)
    try:
        return period_of(kind, _day("first", usual.start), _day("last", month), today=today) if "first" in request.args else usual
    except PeriodRefused as refused:
        flash(labels.member(refused.fault), "warning")
        return usual


def _day(name: str, default: date) -> date:
    text = request.args.get(name, "")
    try:
        return readers.day(text) if text else default
    except readers.Misread:
        abort(400)


#: The pages of this area.
VIEWS = (ReportsView, OwnTableView, StoredReportView, ReportScheduleView, ReportRowView, ReportColumnView)
