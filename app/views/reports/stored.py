"""Reports that were kept, and their way up: signed by the division, taken by the one above, accepted by the company, or returned."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import clock, labels
from app.documents import tables
from app.documents.reports import REPORTS, cells, title_of
from app.documents.reports.stored import ReportTable, read
from app.domain.administration import DivisionLevel, roles
from app.domain.administration.pages import Page
from app.domain.calendar import Period, latest_months, month_period, month_start, months_after
from app.domain.reports import REPORT_TRANSITIONS, PeriodKind, ReportEvent, is_late, sums_of
from app.extensions import db, set_change_reason, transaction
from app.queries.administration import DivisionRecord
from app.queries.reports import ReportRequest
from app.queries.reports import stored as queries
from app.queries.reports.late import due_on
from app.queries.reports.stored import StoredReportRecord
from app.services import reports as service
from app.views import menu
from app.views.administration import division_asked, divisions_above, my_divisions
from app.views.reports.shown import shown_table

#: Months offered.
MONTHS = 13
#: What happens → the permission it takes.
_RIGHTS: Mapping[ReportEvent, str] = {
    ReportEvent.SIGN: "can_sign_reports",
    ReportEvent.TAKE: "can_take_reports",
    ReportEvent.RETURN: "can_take_reports",
    ReportEvent.ACCEPT: "can_accept_reports",
}


class StoredReportView(BaseView):
    """The submission of reports: what each division signed and sent up for a month, and what is late."""

    page = Page(
        _l("Submission of reports"),
        {
            "can_submission can_show can_file": roles.CORRECTION_READERS,
            "can_advance can_sign_reports can_take_reports can_accept_reports": (roles.SUPERVISOR,),
        },
        menu.MONITORING.at(25, "Submission of reports"),
    )
    route_base = "/submitted-reports"
    base_permissions = [
        "can_submission", "can_show", "can_file", "can_advance", "can_sign_reports", "can_take_reports", "can_accept_reports",
    ]  # fmt: skip
    default_view = "submission"

    @expose("/")
    @has_access
    def submission(self) -> Any:
        """Show which reports of a month the parts of a division sent up, where they stand and which are late."""
        mine = my_divisions()
        chosen, month = division_asked(mine), _month()
        period = month_period(month)
        specs = [spec for spec in REPORTS.values() if spec.is_submitted]
        shown = [chosen, *(each for each in mine if each.parent_id == chosen.id)]
        newest: dict[tuple[int, str], StoredReportRecord] = {}
        for each in queries.versions(
            db.session(), [row.id for row in shown], [spec.name for spec in specs], period.start, period.end, None
        ):
            newest.setdefault((each.division_id, each.name), each)
        return self.render_template(
            "reports_submitted.html",
            chosen=chosen,
            parents=divisions_above(mine, chosen),
            month=month,
            months=latest_months(clock.today(), MONTHS),
            columns=[("division", _("Division"), "own"), ("due", _("Due"), "own"), *((spec.name, spec.title, "own") for spec in specs)],
            rows=[SubmissionRow(each, due_on(db.session(), each.level, period), newest, each.id == chosen.id) for each in shown],
            period=period,
        )

    @expose("/<int:report_id>")
    @has_access
    def show(self, report_id: int) -> Any:
        """Show a report as it was made, where it stands and what can be done."""
        record, table = self._found(report_id)
        (division,) = (each for each in my_divisions() if each.id == record.division_id)
        newest = queries.versions(db.session(), [record.division_id], [record.name], record.period_from, record.period_to, record.consumers)
        return self.render_template(
            "report_stored.html",
            record=record,
            spec=REPORTS[record.name],
            period=_period_text(record),
            table=shown_table(table.columns, table.rows, sums_of(table.columns, table.rows), table.shown_names()),
            steps=queries.steps(db.session(), report_id),
            events=[] if newest[0].id != record.id else [(event.value, labels.member(event)) for event in self._possible(record)],
            versions=newest,
            due=due_on(db.session(), division.level, Period(record.period_from, record.period_to)),
        )

    @expose("/<int:report_id>/file.<any(csv,xlsx,pdf):kind>")
    @has_access
    def file(self, report_id: int, kind: str) -> Any:
        """Send a report as it was made as a file."""
        record, table = self._found(report_id)
        request_ = ReportRequest([], [], Period(record.period_from, record.period_to), record.consumers)
        title = _("%(title)s, version %(version)s", title=title_of(REPORTS[record.name], record.division, request_), version=record.version)
        rows = cells.file_rows(table.columns, table.rows, table.shown_names())
        return tables.sent(kind, title, f"{record.name}-{record.id}", cells.file_header(table.columns), rows)

    @expose("/<int:report_id>/advance", methods=["POST"])
    @has_access
    def advance(self, report_id: int) -> Any:
        """Sign a report, take it, accept it or return it."""
        record, _table = self._found(report_id)
        wanted, remark = request.form.get("event", ""), request.form.get("remark", "").strip()
        if wanted not in set(ReportEvent):
            abort(400)
        event = ReportEvent(wanted)
        if event not in self._allowed(record):
            abort(403)
        set_change_reason(remark)
        try:
            with transaction() as session:
                status = service.advance(session, report_id, event, remark=remark)
        except service.ReportStepRefused as refused:
            names = {each.id: each.name for each in my_divisions()}
            for problem in refused.problems:
                flash(labels.step_problem(problem, names), "warning")
        else:
            flash(_("The report is now: %(status)s", status=labels.member(status)), "success")
        return redirect(url_for("StoredReportView.show", report_id=report_id))

    def _found(self, report_id: int) -> tuple[StoredReportRecord, ReportTable]:
        record = queries.stored(db.session(), report_id) or abort(404)
        if not self.appbuilder.sm.has_access(*REPORTS[record.name].permission):
            abort(403)
        return record, read(queries.contents(db.session(), report_id))

    def _allowed(self, record: StoredReportRecord) -> list[ReportEvent]:
        """Return what the reader may let happen to reports of a division, wherever they stand."""
        mine = {each.id: each for each in my_divisions()}
        division = mine.get(record.division_id) or abort(404)
        above = division.parent_id in mine or division.level == DivisionLevel.REPUBLIC
        everywhere = any(each.level == DivisionLevel.REPUBLIC for each in mine.values())
        allowed = {ReportEvent.SIGN: True, ReportEvent.TAKE: above, ReportEvent.RETURN: above, ReportEvent.ACCEPT: everywhere}
        may = self.appbuilder.sm.has_access
        return [event for event in ReportEvent if allowed[event] and may(_RIGHTS[event], "StoredReportView")]

    def _possible(self, record: StoredReportRecord) -> list[ReportEvent]:
        """Return what the reader may let happen to a report where it stands."""
        return [event for event in self._allowed(record) if (record.status, event) in REPORT_TRANSITIONS]


class SubmissionRow(NamedTuple):
    """A division with its reports of a month."""

    division: DivisionRecord
    due_on: date
    reports: Mapping[tuple[int, str], StoredReportRecord]
    is_chosen: bool

    def report(self, name: str) -> StoredReportRecord | None:
        """Return its newest report of a kind."""
        return self.reports.get((self.division.id, name))

    def is_late(self, name: str) -> bool:
        """Tell whether a report was due and is not signed."""
        found = self.report(name)
        return is_late(found.status if found else None, self.due_on, clock.today())


def _period_text(record: StoredReportRecord) -> str:
    return cells.period_text(PeriodKind.MONTHS, Period(record.period_from, record.period_to))


def _month() -> date:
    text = request.args.get("month", "")
    try:
        return month_start(date.fromisoformat(text)) if text else months_after(clock.today(), -1)
    except ValueError:
        abort(400)
