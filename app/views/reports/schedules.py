"""Schedules of reports by e-mail: who gets which report when, sending at once, pausing, and what became of each run."""

import secrets
from collections.abc import Mapping
from typing import Any

from babel.dates import get_day_names
from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, SelectMultipleField
from wtforms import validators as rules

from app import clock, labels
from app.documents.reports import REPORTS
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.notices import NoticeChannel
from app.domain.reports.schedules import MONTH_DAYS, Rhythm, ScheduleStatus, covers
from app.extensions import appbuilder, db, transaction
from app.jobs import runner
from app.labels import COLUMN_LABELS
from app.models.reports import ReportSchedule
from app.queries.reports import schedules as queries
from app.services.reports import schedules as service
from app.views import menu
from app.views.base import EntityView
from app.views.refusals import FormRefused

#: Runs shown on a card.
LOGGED = 100


def weekday(value: int | None) -> str:
    """Return a day of the week in words."""
    return "" if value is None else str(get_day_names("wide", locale=get_locale())[value - 1])


def hour(value: int) -> str:
    """Return an hour of the day."""
    return f"{value:02}:00"


def timing(item: ReportSchedule) -> str:
    """Return when a schedule runs, in words."""
    at = hour(item.hour)
    if item.rhythm == Rhythm.WEEKLY:
        return _("every week, %(day)s, from %(hour)s", day=weekday(item.weekday), hour=at)
    if item.rhythm == Rhythm.MONTHLY:
        return _("every month on day %(day)s, from %(hour)s", day=item.month_day, hour=at)
    return _("every day from %(hour)s", hour=at)


def _number(text: Any) -> int | None:
    return int(text) if text not in (None, "", "None") else None


def _reports() -> list[tuple[str, str]]:
    may = appbuilder.sm.has_access
    return [(name, str(spec.title)) for name, spec in REPORTS.items() if may(*spec.permission)]


def _choice(column: str, choices: Any, *, optional: bool = False, hint: Any = "") -> SelectField:
    def offered() -> list[tuple[Any, Any]]:
        return [*([("", "")] if optional else []), *choices()]

    return SelectField(
        COLUMN_LABELS[column], [rules.Optional() if optional else rules.InputRequired()], choices=offered, coerce=_number, description=hint
    )


_FIELDS: Mapping[str, Any] = {
    "report": SelectField(COLUMN_LABELS["report"], [rules.InputRequired()], choices=_reports),
    "weekday": _choice(
        "weekday", lambda: [(day, weekday(day)) for day in range(1, 8)], optional=True, hint=_l("Of a report of every week.")
    ),
    "month_day": _choice(
        "month_day", lambda: [(day, day) for day in range(1, MONTH_DAYS + 1)], optional=True,
        hint=_l("Of a report of every month; in a shorter month, its last day."),
    ),
    "hour": _choice("hour", lambda: [(each, hour(each)) for each in range(24)]),
    "receiver_ids": SelectMultipleField(
        COLUMN_LABELS["receiver_ids"], [rules.DataRequired()], coerce=int,
        choices=lambda: list(queries.possible_receivers(db.session(), clock.today())),
        description=_l("Each gets what he may see on the day it is sent: his divisions, and only if he may ask for this report."),
    ),
}  # fmt: skip


class ReportScheduleView(EntityView):
    """Reports that users get by e-mail again and again."""

    page = Page(
        _l("Reports by e-mail"),
        {
            LOOK: roles.CORRECTION_READERS,
            "can_add can_edit can_send can_pause": roles.BILLING_STAFF,
        },
        menu.MONITORING.at(24, "Reports by e-mail"),
    )
    datamodel = SQLAInterface(ReportSchedule)
    base_permissions = ["can_list", "can_show", "can_add", "can_edit", "can_send", "can_pause"]
    list_columns = ["id", "report", "division", "span", "file_format", "rhythm", "hour", "owner", "status", "last_run_on"]
    form_columns = ["report", "division", "span", "file_format", "rhythm", "weekday", "month_day", "hour", "receiver_ids"]
    show_columns = [*list_columns, "weekday", "month_day"]
    search_columns = ["division", "span", "file_format", "rhythm", "status"]
    base_order = ("id", "desc")
    searched = ("id",)
    label_columns = {"owner": _l("Owner")}
    description_columns = {"span": _l("Seen from the day it is sent.")}
    add_form_extra_fields = edit_form_extra_fields = _FIELDS
    formatters_columns = {
        "report": lambda name: REPORTS[name].title if name in REPORTS else name,
        "weekday": weekday,
        "hour": hour,
    }

    def pre_add(self, item: ReportSchedule) -> None:
        """Check what was chosen; whoever adds a schedule owns it."""
        item.owner_id = g.user.id
        self.pre_update(item)

    def pre_update(self, item: ReportSchedule) -> None:
        """Check what was chosen; from now on the schedule counts, so that no earlier hour of today is made up for."""
        if not covers(REPORTS[item.report].period, item.span):
            raise FormRefused(_("This report counts whole months."), "span")
        if item.rhythm == Rhythm.WEEKLY and item.weekday is None:
            raise FormRefused(_("Choose a day of the week."), "weekday")
        if item.rhythm == Rhythm.MONTHLY and item.month_day is None:
            raise FormRefused(_("Choose a day of the month."), "month_day")
        item.weekday = item.weekday if item.rhythm == Rhythm.WEEKLY else None
        item.month_day = item.month_day if item.rhythm == Rhythm.MONTHLY else None
        item.counts_from = clock.now()

    @expose("/show/<int:pk>", methods=["GET"])
    @has_access
    def show(self, pk: int) -> Any:
        """Show a schedule, whom it is for, and what became of its runs."""
        item = self.found(str(pk))
        return self.render_template(
            "report_schedule.html",
            item=item,
            title=REPORTS[item.report].title,
            timing=timing(item),
            receivers=queries.names_of_users(db.session(), item.receiver_ids),
            sendings=queries.sendings(db.session(), pk, limit=LOGGED),
            key=secrets.token_hex(8),
            is_running=item.status == ScheduleStatus.ACTIVE,
            is_silent=labels.member(NoticeChannel.EMAIL) in labels.silent_channels(db.session()),
        )

    @expose("/send/<int:pk>", methods=["POST"])
    @has_access
    def send(self, pk: int) -> Any:
        """Send the report of a schedule at once; a form sends it once, however often it is pressed."""
        self.found(str(pk))
        key = request.form.get("key", "")
        if not (key.isalnum() and len(key) <= 20):
            abort(400)
        with transaction() as session:
            job_id = service.start_at_once(session, pk, key, today=clock.today())
        runner.enqueue(job_id)
        return redirect(url_for("JobView.show", pk=job_id))

    @expose("/pause/<int:pk>", methods=["POST"])
    @has_access
    def pause(self, pk: int) -> Any:
        """Pause a schedule, or let it go on."""
        paused = self.found(str(pk)).status == ScheduleStatus.ACTIVE
        with transaction() as session:
            service.set_paused(session, pk, paused=paused, by=g.user.id, now=clock.now())
        flash(_("The schedule is paused.") if paused else _("The schedule goes on."), "success")
        return redirect(url_for("ReportScheduleView.show", pk=pk))
