"""Bill runs, bills and what was found on the way."""

from contextlib import suppress
from datetime import date
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import action, expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import SelectField

from app import clock, labels
from app.documents import downloads
from app.documents.billing import bills as documents
from app.domain.administration import JobKind, roles
from app.domain.administration.pages import LOOK, Page
from app.domain.billing import ExceptionReason, RunStatus, bill_state
from app.domain.billing.explanation import explain
from app.domain.calendar import months_after
from app.domain.documents import PrintedKind
from app.domain.metering import Quality
from app.extensions import db, record_disclosure, transaction
from app.jobs import runner
from app.models.billing import Bill, BillException, BillRun
from app.queries import administration
from app.queries import billing as queries
from app.queries.billing import holds as hold_queries
from app.queries.billing import invoices
from app.services import administration as jobs
from app.services import billing as service
from app.services import documents as papers
from app.views import menu
from app.views.administration import my_divisions
from app.views.base import FactView
from app.views.billing.corrections import AdjustmentView, BillCorrectionView
from app.views.billing.holds import BillHoldView
from app.views.billing.shadow import ShadowRunView

MONTHS_BACK = 12


class RunForm(FlaskForm):
    """Which division and month to bill."""

    division = SelectField(labels.COLUMN_LABELS["division"], coerce=int)
    month = SelectField(labels.COLUMN_LABELS["billing_month"])


class BillExceptionView(FactView):
    page = Page(lazy_gettext("Exceptions"), {LOOK: roles.BILLING_READERS}, menu.BILLING.at(30, "Bill exceptions"))
    datamodel = SQLAInterface(BillException)
    list_columns = ["bill_run", "account", "reason", "parked"]
    base_order = ("id", "asc")


class BillRunView(FactView):
    page = Page(
        lazy_gettext("Bill runs"),
        {LOOK: roles.BILLING_READERS, "can_cancel can_open can_post post_runs": roles.BILLING_STAFF},
        menu.BILLING.at(10, "Bill runs"),
    )
    datamodel = SQLAInterface(BillRun)
    list_columns = [
        "id",
        "division",
        "billing_month",
        "status",
        "bills",
        "parked",
        "quantity_milli",
        "amount_tiyin",
        "created_at",
        "created_by",
    ]
    base_order = ("id", "desc")
    base_permissions = ["can_list", "can_show", "can_open", "can_post", "can_cancel"]
    list_template = "bill_runs.html"
    order_columns = ["id", "billing_month", "status"]

    @expose("/open", methods=["GET", "POST"])
    @has_access
    def open(self) -> Any:
        """Open the billing of a division for a month and start its preview."""
        form = RunForm()
        form.division.choices = [(each.id, each.name) for each in my_divisions()]
        last = months_after(clock.today(), -1)
        months = [months_after(last, -back) for back in range(MONTHS_BACK)]
        form.month.choices = [(month.isoformat(), labels.month(month)) for month in months]
        if request.method == "GET" and request.args.get("division", "").isdecimal():
            form.division.data = int(request.args["division"])
        if not form.validate_on_submit():
            return self.render_template("bill_run_open.html", form=form)
        try:
            return self._open(form.division.data, date.fromisoformat(form.month.data))
        except service.BillRunAlreadyOpen as under_way:
            flash(_("A bill run of this division and month is under way already: this one."), "warning")
            return redirect(url_for("BillRunView.show", pk=str(under_way)))

    def _open(self, division_id: int, month: date) -> Any:
        with transaction() as session:
            run_id = service.open_run(session, division_id=division_id, month=month, today=clock.today()).id
            job_id = jobs.start_job(session, JobKind.BILL_PREVIEW, division_id=division_id, subject_id=run_id)
        runner.enqueue(job_id)
        return redirect(url_for("JobView.show", pk=job_id))

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show a run: totals, by block, exceptions, the largest changes; and what can be done with it."""
        run = self.found(pk)
        reasons = (run.preview or {}).get("by_reason", {})
        record_disclosure("account", [change[3] for change in (run.preview or {}).get("changes", [])])
        kinds = [JobKind.BILL_PREVIEW, JobKind.BILL_POST]
        return self.render_template(
            "bill_run.html",
            run=run,
            status=labels.member(run.status),
            reasons=[(labels.member_of(ExceptionReason, reason), count) for reason, count in reasons.items()],
            job=administration.latest_job_of(db.session(), run.id, kinds),
            can_post=run.status == RunStatus.PREVIEWED and run.bills > 0,
            waiting=hold_queries.count_waiting(db.session(), run.id),
            nothing_to_bill=run.status == RunStatus.PREVIEWED and not run.bills,
        )

    @expose("/post/<pk>", methods=["POST"])
    @has_access
    def post(self, pk: str) -> Any:
        """Start the posting of a previewed run."""
        run = self.found(pk)
        try:
            with transaction() as session:
                job_id = service.start_posting(session, run.id)
        except service.BillRunNotPreviewed:
            flash(_("Only a previewed bill run can be posted."), "warning")
            return redirect(url_for("BillRunView.show", pk=pk))
        runner.enqueue(job_id)
        return redirect(url_for("JobView.show", pk=job_id))

    @expose("/cancel/<pk>", methods=["POST"])
    @has_access
    def cancel(self, pk: str) -> Any:
        """Give up a run that posted nothing."""
        self.found(pk)
        try:
            with transaction() as session:
                service.cancel_run(session, int(pk))
        except service.BillRunNotPreviewed:
            flash(_("This bill run can no longer be cancelled."), "warning")
        return redirect(url_for("BillRunView.show", pk=pk))

    @action("post_runs", lazy_gettext("Post the chosen bill runs"), lazy_gettext("Post the bills of the chosen runs?"), "fa-check")
    def post_runs(self, items: Any) -> Any:
        """Start the posting of several previewed runs."""
        runs = items if isinstance(items, list) else [items]
        started = []
        for run_id in sorted(run.id for run in runs):
            with suppress(service.BillRunNotPreviewed), transaction() as session:
                started.append(service.start_posting(session, run_id))
        for job_id in started:
            runner.enqueue(job_id)
        flash(
            _(
                "Posting of %(count)s bill runs was queued; %(other)s were not ready.",
                count=len(started),
                other=len(runs) - len(started),
            ),
            "info",
        )
        return redirect(url_for("JobView.list"))


class BillView(FactView):
    page = Page(lazy_gettext("Bills"), {LOOK: roles.PAYMENT_READERS, "can_pdf": roles.DOCUMENT_READERS}, menu.BILLING.at(20, "Bills"))
    datamodel = SQLAInterface(Bill)
    list_columns = [
        "account",
        "billing_month",
        "division",
        "quantity_milli",
        "amount_tiyin",
        "remaining_tiyin",
        "bill_state",
        "due_on",
    ]
    formatters_columns = {"bill_state": lambda bill: labels.member(bill_state(**bill, today=clock.today()))}
    search_columns = ["division", "billing_month", "quality", "due_on"]
    base_order = ("id", "desc")
    base_permissions = ["can_list", "can_show", "can_pdf"]
    order_columns = ["billing_month", "quantity_milli", "amount_tiyin", "due_on"]

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show a bill with the derivation of each line."""
        head = self._head(pk)
        session = db.session()
        lines, consumption = queries.bill_lines(session, head.id), queries.bill_consumption(session, head.id)
        standing = queries.account_bill(session, head.id)
        assert standing is not None
        return self.render_template(
            "bill.html",
            bill=head,
            quality=labels.member_of(Quality, head.quality),
            remaining_tiyin=standing.remaining_tiyin,
            state=standing.state(clock.today()),
            lines=lines,
            consumption=queries.bill_readings(session, head.id),
            explanation=explain(lines, consumption),
            invoice=invoices.invoice_of_bill(session, head.id),
        )

    @expose("/pdf/<pk>", methods=["GET"])
    @has_access
    def pdf(self, pk: str) -> Any:
        """Send a bill as PDF in the consumer's language."""
        head = self._head(pk)
        with transaction() as session:
            copy_of = papers.record_print(session, PrintedKind.BILL, head.id)
            content = documents.bill_pdf(session, head, copy_of=copy_of)
        return downloads.inline(content, documents.file_name(head), "application/pdf")

    def _head(self, pk: str) -> queries.BillHead:
        head = queries.bill_head(db.session(), int(pk)) if pk.isdecimal() else None
        if head is None:
            abort(404)
        record_disclosure("account", [head.account_id])
        return head


#: The pages of this area.
VIEWS = (
    BillRunView,
    BillView,
    BillExceptionView,
    BillHoldView,
    BillCorrectionView,
    AdjustmentView,
    ShadowRunView,
)
