"""Planned outages: entered by a district, told by a job, cancelled with a reason."""

from datetime import date, datetime, time
from typing import Any

from flask import flash, g, redirect, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField, TimeField
from wtforms.validators import DataRequired, InputRequired, Length

from app import clock, labels
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.calendar import TASHKENT
from app.domain.outages import OutageFault, OutageRefused, OutageStatus
from app.extensions import db, set_change_reason, transaction
from app.jobs import runner
from app.models.outages import PlannedOutage
from app.queries import administration as jobs
from app.queries import outages as queries
from app.services import outages as service
from app.views import fields, menu
from app.views.base import FactView

_COLUMNS = {
    OutageFault.TERM_FALLS: "ends_on",
    OutageFault.IN_THE_PAST: "begins_on",
    OutageFault.NO_AREA: "feeder",
    OutageFault.UNKNOWN_STREET: "streets",
}

_NO_STREETS = _l("Without streets the portal shows it to the whole district, and no message is sent.")


class OutageForm(FlaskForm):
    """Where, from when to when, and why there will be no supply."""

    division = fields.division_field([InputRequired()])
    outage_reason = StringField(labels.COLUMN_LABELS["outage_reason"], [DataRequired(), Length(max=200)])
    begins_on = fields.day_field(_l("From the day"), [InputRequired()])
    begins_hour = TimeField(_l("From the hour"), [InputRequired()])
    ends_on = fields.day_field(_l("To the day"), [InputRequired()])
    ends_hour = TimeField(_l("To the hour"), [InputRequired()])
    feeder = StringField(
        labels.COLUMN_LABELS["feeder"],
        [Length(max=200)],
        description=_NO_STREETS,
    )
    streets = TextAreaField(
        _l("Streets"), [Length(max=4000)], render_kw={"rows": 4}, description=_l("One a line, as the dictionary of streets has them.")
    )

    def wanted(self) -> service.OutageRequest:
        """Return the outage that the form asks for."""
        streets = [line.strip() for line in (self.streets.data or "").splitlines() if line.strip()]
        begins, ends = _moment(self.begins_on.data, self.begins_hour.data), _moment(self.ends_on.data, self.ends_hour.data)
        feeder, reason = (self.feeder.data or "").strip(), self.outage_reason.data.strip()
        return service.OutageRequest(self.division.data, begins, ends, feeder, streets, reason)


class CancelForm(FlaskForm):
    """Why an outage is cancelled."""

    cancel_reason = StringField(labels.COLUMN_LABELS["cancel_reason"], [DataRequired(), Length(max=300)])


class PlannedOutageView(FactView):
    page = Page(
        _l("Planned outages"),
        {LOOK: roles.ACCOUNT_READERS, "can_plan_outages": (roles.ENGINEER, roles.SUPERVISOR)},
        menu.INFORMATION.at(82, "Planned outages"),
    )
    datamodel = SQLAInterface(PlannedOutage)
    list_template = "planned_outages.html"
    list_columns = ["id", "division", "status", "begins_at", "ends_at", "feeder", "outage_reason", "told", "created_by"]
    search_columns = ["division", "status", "begins_at", "ends_at"]
    base_order = ("id", "desc")
    searched = ("feeder",)
    base_permissions = ["can_list", "can_show", "can_plan_outages"]

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show an outage: its area, whom it concerns, how many were told."""
        outage, session = self.found(pk), db.session()
        return self.render_template(
            "planned_outage.html",
            outage=outage,
            streets=queries.streets_of(session, outage.id),
            concerned=queries.count_concerned(session, outage.id),
            job=jobs.latest_job_of(session, outage.id, ["OUTAGE_NOTICES"]),
            is_cancellable=outage.status == OutageStatus.PLANNED and outage.ends_at > clock.now(),
            form=CancelForm(),
        )

    @expose("/plan", methods=["GET", "POST"])
    @has_access
    @permission_name("plan_outages")
    def plan(self) -> Any:
        """Plan an outage; whom it concerns is told by a job."""
        form = OutageForm()
        if form.validate_on_submit():
            try:
                with transaction() as session:
                    planned = service.plan(session, form.wanted(), now=clock.now())
            except OutageRefused as refused:
                form[_COLUMNS.get(refused.fault, "begins_on")].errors = [_said(refused)]
            else:
                runner.enqueue(planned.job_id)
                flash(_("The outage is planned; consumers are being told."), "success")
                return redirect(url_for(".show", pk=planned.outage_id))
        return self.render_template("planned_outage_new.html", form=form)

    @expose("/cancel/<int:outage_id>", methods=["POST"])
    @has_access
    @permission_name("plan_outages")
    def cancel(self, outage_id: int) -> Any:
        """Cancel an outage; whoever was told of it is told so."""
        self.found(str(outage_id))
        form = CancelForm()
        if not form.validate():
            flash(_("Say why the outage is cancelled."), "warning")
            return redirect(url_for(".show", pk=outage_id))
        set_change_reason(form.cancel_reason.data)
        try:
            with transaction() as session:
                cancelled = service.cancel(session, outage_id, reason=form.cancel_reason.data, by=g.user.username, now=clock.now())
        except OutageRefused as refused:
            flash(_said(refused), "warning")
        else:
            runner.enqueue(cancelled.job_id)
            flash(_("The outage is cancelled; consumers are being told."), "success")
        return redirect(url_for(".show", pk=outage_id))


def _moment(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, TASHKENT)


def _said(refused: OutageRefused) -> str:
    said = str(labels.member(refused.fault))
    return f"{said} {refused.detail}" if refused.detail else said


#: The pages of this area.
VIEWS = (PlannedOutageView,)
