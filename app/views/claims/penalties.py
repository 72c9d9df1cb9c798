"""Penalty runs, what each bill bore, and days held free of penalty."""

from datetime import date
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.validators import InputRequired

from app import clock, labels
from app.domain.administration import JobKind, roles
from app.domain.administration.pages import LOOK, Page
from app.domain.billing import RunStatus
from app.domain.calendar import months_after
from app.extensions import db, record_disclosure, transaction
from app.jobs import runner
from app.models.claims import Penalty, PenaltyHold, PenaltyRun
from app.queries import administration
from app.queries import billing as bills
from app.services import administration as jobs
from app.services.claims import penalties as service
from app.views import fields, menu
from app.views.administration import my_divisions
from app.views.base import EntityView, FactView

MONTHS_BACK = 12


class PenaltyRunForm(FlaskForm):
    """Which division to charge penalty, and for which days."""

    division = SelectField(labels.COLUMN_LABELS["division"], coerce=int)
    month = SelectField(_l("Up to the end of"))
    period_from = fields.day_field(
        _l("First day to count"),
        [InputRequired()],
        description=_l("For the first run of a division; a later one goes on where the last ended."),
    )


class PenaltyView(FactView):
    page = Page(_l("Penalties of bills"), {LOOK: roles.LEDGER_READERS}, menu.CLAIMS.at(30, "Penalties of bills"))
    datamodel = SQLAInterface(Penalty)
    list_columns = ["account", "bill", "penalty_run", "period_to", "amount_tiyin"]
    search_columns = ["period_to"]
    base_order = ("id", "desc")
    order_columns = ["period_to", "amount_tiyin"]


class PenaltyHoldView(EntityView):
    page = Page(
        _l("Days without penalty"),
        {LOOK: roles.LEDGER_READERS, "can_add can_edit": roles.BILLING_STAFF},
        menu.CLAIMS.at(40, "Days without penalty"),
    )
    datamodel = SQLAInterface(PenaltyHold)
    list_columns = form_columns = ["account", "valid_from", "valid_to", "basis"]
    #: when they end may change: the next run makes good what was charged or not charged meanwhile
    fixed_columns = ("account", "valid_from", "basis")
    base_order = ("id", "desc")
    division_of = "account"
    base_permissions = ["can_list", "can_show", "can_add", "can_edit"]


class PenaltyRunView(FactView):
    page = Page(
        _l("Penalty runs"),
        {LOOK: roles.LEDGER_READERS, "can_cancel can_open can_post": roles.BILLING_STAFF},
        menu.CLAIMS.at(20, "Penalty runs"),
    )
    datamodel = SQLAInterface(PenaltyRun)
    list_template = "penalty_runs.html"
    list_columns = ["id", "division", "period_from", "period_to", "status", "accounts", "bills", "amount_tiyin", "created_at", "created_by"]
    base_order = ("id", "desc")
    order_columns = ["id", "period_to", "status"]
    base_permissions = ["can_list", "can_show", "can_open", "can_post", "can_cancel"]

    @expose("/open", methods=["GET", "POST"])
    @has_access
    def open(self) -> Any:
        """Open a penalty run of a division and start its preview."""
        form = PenaltyRunForm()
        form.division.choices = [(each.id, each.name) for each in my_divisions()]
        months = [months_after(clock.today(), -back) for back in range(1, MONTHS_BACK + 1)]
        form.month.choices = [(month.isoformat(), labels.month(month)) for month in months]
        if request.method == "GET":
            form.period_from.data = months[0]
        if not form.validate_on_submit():
            return self.render_template("penalty_run_open.html", form=form)
        try:
            return self._open(form)
        except service.PenaltyRunAlreadyOpen:
            flash(_("A penalty run of this division is under way already."), "warning")
        except service.DaysNotOver:
            flash(_("These days were counted already, or are not over."), "warning")
        return redirect(url_for("PenaltyRunView.list"))

    def _open(self, form: PenaltyRunForm) -> Any:
        period_to = months_after(date.fromisoformat(form.month.data), 1)
        with transaction() as session:
            run_id = service.open_run(
                session, division_id=form.division.data, period_from=form.period_from.data, period_to=period_to, today=clock.today()
            ).id
            job_id = jobs.start_job(session, JobKind.PENALTY_PREVIEW, division_id=form.division.data, subject_id=run_id)
        runner.enqueue(job_id)
        return redirect(url_for("JobView.show", pk=job_id))

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show a run: totals, the largest charges, and what can be done with it."""
        run = self._run(pk)
        largest = run.preview.get("largest", [])
        record_disclosure("account", [account_id for _amount, account_id in largest])
        numbers = bills.account_numbers(db.session(), [account_id for _amount, account_id in largest])
        return self.render_template(
            "penalty_run.html",
            run=run,
            status=labels.member(run.status),
            largest=[(amount, account_id, numbers.get(account_id, account_id)) for amount, account_id in largest],
            job=administration.latest_job_of(db.session(), run.id, [JobKind.PENALTY_PREVIEW, JobKind.PENALTY_ACCRUAL]),
            previewed=run.status == RunStatus.PREVIEWED,
        )

    @expose("/post/<pk>", methods=["POST"])
    @has_access
    def post(self, pk: str) -> Any:
        """Start the posting of a previewed run."""
        run = self._run(pk)
        try:
            with transaction() as session:
                job_id = service.start_posting(session, run.id)
        except service.PenaltyRunNotPreviewed:
            flash(_("Only a previewed penalty run can be posted."), "warning")
            return redirect(url_for("PenaltyRunView.show", pk=pk))
        runner.enqueue(job_id)
        return redirect(url_for("JobView.show", pk=job_id))

    @expose("/cancel/<pk>", methods=["POST"])
    @has_access
    def cancel(self, pk: str) -> Any:
        """Give up a run that posted nothing."""
        run = self._run(pk)
        try:
            with transaction() as session:
                service.cancel_run(session, run.id)
        except service.PenaltyRunNotPreviewed:
            flash(_("This penalty run can no longer be cancelled."), "warning")
        return redirect(url_for("PenaltyRunView.show", pk=pk))

    def _run(self, pk: str) -> PenaltyRun:
        return self.found(pk)
