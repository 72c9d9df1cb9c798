"""Bill runs, bills and what was found on the way."""

from datetime import date
from typing import Any

from flask import abort, request
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from app import clock, labels
from app.documents import downloads
from app.documents.billing import bills as documents
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.billing import BillState, bill_state
from app.domain.billing.explanation import explain
from app.domain.calendar import month_start, months_after
from app.domain.documents import PrintedKind
from app.domain.metering import Quality
from app.extensions import db, record_disclosure, transaction
from app.models.billing import Bill, BillRun
from app.queries import billing as queries
from app.queries.billing import holds as hold_queries
from app.queries.billing import invoices
from app.queries.monitoring import home
from app.services import billing as service
from app.services import documents as papers
from app.views import menu
from app.views.base import FactView
from app.views.billing import run_findings
from app.views.billing.corrections import AdjustmentView, BillCorrectionView
from app.views.billing.exceptions import BillExceptionView
from app.views.billing.holds import BillHoldView
from app.views.billing.shadow import ShadowRunView
from app.views.lists.selection import bulk_act
from app.views.runs import RunFindings, RunTexts, RunView


class BillRunView(RunView):
    page = Page(
        lazy_gettext("Bill runs"),
        {LOOK: roles.BILLING_READERS, "can_cancel can_open can_post post_runs": roles.BILLING_STAFF},
        menu.BILLING.at(10, "Bill runs"),
    )
    datamodel = SQLAInterface(BillRun)
    spec = service.RUN
    texts = RunTexts(
        lazy_gettext("Bill a month"),
        lazy_gettext("First comes a preview: totals, exceptions and the largest changes. Nothing is posted before you say so."),
        lazy_gettext("Post the bills"),
    )
    list_columns = [
        "id", "division", "billing_month", "status", "bills", "parked", "quantity_milli", "amount_tiyin", "created_at", "created_by",
    ]  # fmt: skip
    base_permissions = ["can_list", "can_show", "can_open", "can_post", "can_cancel"]

    @expose("/districts")
    @has_access
    @permission_name("list")
    def districts(self) -> Any:
        """Show how far a month is in each district: the billed ones, the others, or all."""
        states = {"": None, "billed": True, "unbilled": False}
        chosen, asked = request.args.get("state", ""), request.args.get("month", "")
        try:
            month = month_start(date.fromisoformat(asked)) if asked else months_after(clock.today(), -1)
        except ValueError:
            abort(400)
        return self.render_template(
            "districts.html",
            month=month,
            chosen=chosen,
            states=[("", _("All districts")), ("unbilled", _("Not billed")), ("billed", _("Billed"))],
            districts=[each for each in home.district_months(db.session(), month) if states.get(chosen) in (None, each.billed)],
        )

    def opened(self, session: Session, form: Any) -> BillRun:
        """Open the billing of the chosen month."""
        return service.open_run(session, division_id=form.division.data, month=form.first_day, today=clock.today())

    def findings(self, run: BillRun) -> RunFindings:
        """Return the totals, the exceptions, the blocks and the largest changes."""
        record_disclosure("account", [change[3] for change in run.preview.get("changes", [])])
        return run_findings.findings(run, waiting=hold_queries.count_waiting(db.session(), run.id))

    post_runs = bulk_act(
        "post_runs", lazy_gettext("Post the chosen bill runs"), lazy_gettext("Post the bills of the chosen runs?"), "fa-check"
    )


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
    formatters_columns = {"bill_state": lambda bill: labels.badge(bill_state(**bill, today=clock.today()), BillState)}
    search_columns = ["division", "billing_month", "quality", "due_on"]
    base_order = ("billing_month", "desc")
    read_along = ("debt", "cancelled_by")
    searched = ("account",)
    total_columns = ("quantity_milli", "amount_tiyin", "vat_tiyin")
    base_permissions = ["can_list", "can_show", "can_pdf"]

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
