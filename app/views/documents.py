"""Papers: tax invoices, acts of reconciliation, and the printing of a division's month."""

from datetime import date
from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from app import clock, labels
from app.documents import downloads, ledger, tables
from app.documents.billing import invoices
from app.domain.accounts.attachments import LARGEST_BYTES, AttachmentRefused
from app.domain.administration import JobKind, roles
from app.domain.administration.pages import LOOK, Page
from app.domain.calendar import latest_months, months_after
from app.domain.documents import Agreement, PrintedKind
from app.extensions import db, record_disclosure, transaction
from app.jobs import runner
from app.models.billing import TaxInvoice
from app.models.documents import StatementAnswer
from app.queries import accounts
from app.queries import documents as paper_queries
from app.queries.billing import invoices as queries
from app.services import administration as jobs
from app.services import documents as papers
from app.services import legal_consumers as answers
from app.services.billing import invoices as service
from app.views import fields, menu
from app.views.base import FactView
from app.views.stored_files import sent_file

MONTHS_BACK = 36
#: What can be printed, and by what.
KINDS = (
    ("BILL_PRINT STREET", _l("Bills by street")),
    ("BILL_PRINT MAHALLA", _l("Bills by mahalla")),
    ("INVOICE_ISSUE", _l("Tax invoices")),
    ("ACT_PRINT", _l("Acts of reconciliation")),
)


class PapersForm(FlaskForm):
    """Which papers of a division's month to print."""

    division = fields.division_field()
    month = SelectField(labels.COLUMN_LABELS["billing_month"])
    kind = SelectField(labels.COLUMN_LABELS["kind"])


class ReconciliationStatementForm(FlaskForm):
    """The months of an act, and what kind of file it is to be."""

    first = SelectField(_l("First month"))
    last = SelectField(_l("Last month"))
    form = SelectField(_l("File"))


class PaperAnswerForm(FlaskForm):
    """What a consumer answered to a statement on paper."""

    agreement = fields.enum_field(labels.COLUMN_LABELS["agreement"], Agreement, [InputRequired()])
    person = StringField(_l("Name and post of who signed"), [DataRequired(), Length(3, 200)])
    answered_on = fields.day_field(_l("Day of the paper"), [InputRequired()], default=clock.today)
    objection = TextAreaField(
        labels.COLUMN_LABELS["objection"], [Length(max=1000)], description=_l("What the consumer objects to; empty for an agreement.")
    )
    file = FileField(_l("Signed paper"), [FileRequired()], description=_l("PDF, PNG or JPEG, up to 10 MB."))


class TaxInvoiceView(FactView):
    page = Page(
        _l("Tax invoices"),
        {LOOK: (roles.BILLING_OPERATOR,), "can_invoice_json can_invoice_pdf can_issue": (roles.BILLING_OPERATOR,)},
        menu.BILLING.at(80, "Tax invoices"),
    )
    datamodel = SQLAInterface(TaxInvoice)
    list_columns = ["number", "invoiced_on", "account", "amount_tiyin", "vat_tiyin", "division"]
    show_columns = [*list_columns, "bill", "contents_sha256", "created_at", "created_by"]
    search_columns = ["number", "invoiced_on", "division"]
    base_order = ("id", "desc")
    searched = ("number", "account")
    total_columns = ("amount_tiyin", "vat_tiyin")
    base_permissions = ["can_list", "can_show", "can_invoice_pdf", "can_invoice_json", "can_issue"]

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Lead to the paper itself."""
        return redirect(url_for("TaxInvoiceView.invoice_pdf", pk=self._invoice(pk).id))

    @expose("/pdf/<pk>", methods=["GET"])
    @has_access
    def invoice_pdf(self, pk: str) -> Response:
        """Send a tax invoice as PDF in the consumer's language."""
        found = self._invoice(pk)
        with transaction() as session:
            copy_of = papers.record_print(session, PrintedKind.TAX_INVOICE, found.id)
            content = invoices.invoice_pdf(session, found, copy_of=copy_of)
        return downloads.inline(content, invoices.file_name(found, "pdf"), "application/pdf")

    @expose("/json/<pk>", methods=["GET"])
    @has_access
    def invoice_json(self, pk: str) -> Response:
        """Send a tax invoice as it goes to the exchange, character by character."""
        found = self._invoice(pk)
        return downloads.attachment(found.contents.encode(), invoices.file_name(found, "json"), "application/json")

    @expose("/issue/<int:bill_id>", methods=["POST"])
    @has_access
    def issue(self, bill_id: int) -> Any:
        """Issue the tax invoice of a bill."""
        if queries.invoice_head(db.session(), bill_id) is None:
            abort(404)
        try:
            with transaction() as session:
                issued = service.issue(session, bill_id, invoiced_on=clock.today(), name_of=invoices.line_name)
        except service.NoTaxInvoice as refusal:
            flash(invoices.reason(refusal), "warning")
        else:
            flash(_("Tax invoice № %(number)s was issued.", number=issued.number), "success")
        return redirect(url_for("BillView.show", pk=bill_id))

    def _invoice(self, pk: str) -> queries.InvoiceRecord:
        found = queries.invoice(db.session(), int(pk)) if pk.isdecimal() else None
        if found is None:
            abort(404)
        record_disclosure("account", [found.account_id])
        return found


class StatementAnswerView(FactView):
    page = Page(
        _l("Answers to acts of reconciliation"),
        {f"{LOOK} can_signed_paper": roles.LEDGER_READERS, "can_record_answer": roles.DEBT_STAFF},
        menu.BILLING.at(85, "Answers to statements"),
    )
    datamodel = SQLAInterface(StatementAnswer)
    list_columns = ["answered_on", "account", "account_statement", "agreement", "objection", "person", "division"]
    show_columns = [*list_columns, "created_at", "created_by"]
    search_columns = ["agreement", "answered_on", "division"]
    base_order = ("id", "desc")
    searched = ("account",)
    show_template = "statement_answer.html"
    base_permissions = ["can_list", "can_show", "can_signed_paper", "can_record_answer"]

    def _get_show_widget(self, pk: Any, item: StatementAnswer, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**super()._get_show_widget(pk, item, *args, **kwargs), "has_paper": item.stored_file_id is not None}

    @expose("/paper/<int:answer_id>", methods=["GET"])
    @has_access
    def signed_paper(self, answer_id: int) -> Response:
        """Send the paper on which an answer came."""
        found = db.session.get(StatementAnswer, answer_id)
        record_disclosure("account", [found.account_id] if found else [])
        return sent_file(found.stored_file_id if found else None)

    @expose("/record/<int:statement_id>", methods=["GET", "POST"])
    @has_access
    def record_answer(self, statement_id: int) -> Any:
        """Record what a consumer answered to a statement on paper."""
        statement, form = _kept_statement(statement_id), PaperAnswerForm()
        if form.validate_on_submit() and _record_answer(statement, form):
            flash(_("The answer was recorded."), "success")
            return redirect(url_for("AccountView.show", pk=statement.account_id, _anchor="documents"))
        last = months_after(statement.until, -1)
        return self.render_template("statement_answer_new.html", form=form, statement=statement, last=last)


def _record_answer(statement: paper_queries.StatementRecord, form: PaperAnswerForm) -> bool:
    """Record the answer of a form; False: the form says what is wrong."""
    upload = form.file.data
    # One byte more than may be, so that a longer one is known without reading all of it.
    paper = answers.PaperReply(form.answered_on.data, upload.filename or "", upload.read(LARGEST_BYTES + 1))
    upload.close()
    reply = answers.StatementReply(Agreement(form.agreement.data), form.person.data, form.objection.data or "")
    title = ledger.objection_title(statement.id, statement.contents["account_number"])
    try:
        with transaction() as session:
            answers.answer_statement(session, statement.id, reply, title_in=title, today=clock.today(), paper=paper)
    except AttachmentRefused as refused:
        form.file.errors = [labels.member(refused.fault)]
    except answers.AlreadyAgreed:
        form.agreement.errors = [_("This statement was agreed to already.")]
    except answers.NoObjection:
        form.objection.errors = [_("Write what the consumer objects to.")]
    except answers.NotInTime:
        form.answered_on.errors = [_("The day lies after the months of the statement, and not after today.")]
    else:
        return True
    return False


def _kept_statement(statement_id: int) -> paper_queries.StatementRecord:
    """Return a statement of the reader's divisions."""
    record = paper_queries.statement(db.session(), statement_id)
    if record is None:
        abort(404)
    record_disclosure("account", [record.account_id])
    return record


class PapersView(BaseView):
    """Papers of a division's month, and the act of an account."""

    page = Page(_l("Monthly documents"), {"can_act can_start": (roles.BILLING_OPERATOR,)}, menu.BILLING.at(90, "Documents"))
    route_base = "/papers"
    default_view = "start"

    @expose("/", methods=["GET", "POST"])
    @has_access
    def start(self) -> Any:
        """Choose what to print, and start the job."""
        form = PapersForm()
        form.month.choices, form.kind.choices = _months(), list(KINDS)
        if not form.validate_on_submit():
            return self.render_template("document_form.html", form=form, title=_("Monthly documents"), action=_("Print"))
        month = date.fromisoformat(form.month.data)
        kind, _sep, by = form.kind.data.partition(" ")
        if kind == JobKind.ACT_PRINT and month >= paper_queries.first_open_month(db.session(), form.division.data, today=clock.today()):
            form.month.errors = [
                *form.month.errors,
                _("The month is open: a statement would change yet. Statements are made of closed months."),
            ]
            return self.render_template("document_form.html", form=form, title=_("Monthly documents"), action=_("Print"))
        parameters = {"month": month.isoformat(), "since": month.isoformat(), "until": months_after(month, 1).isoformat(), "by": by}
        with transaction() as session:
            job_id = jobs.start_job(session, JobKind(kind), division_id=form.division.data, parameters=parameters)
        runner.enqueue(job_id)
        return redirect(url_for("JobView.show", pk=job_id))

    @expose("/act/<int:account_id>", methods=["GET"])
    @has_access
    def act(self, account_id: int) -> Any:
        """Send the act of reconciliation of an account, or ask for its months."""
        card = accounts.card(db.session(), account_id)
        if card is None:
            abort(404)
        record_disclosure("account", [card.id])
        form = ReconciliationStatementForm(request.args, meta={"csrf": False})
        first_open = paper_queries.first_open_month(db.session(), card.division_id, today=clock.today())
        form.first.choices = form.last.choices = _months(before=first_open)
        form.form.choices = [("pdf", "PDF"), ("xlsx", "XLSX")]
        if "first" not in request.args or not form.validate():
            title = _("Act of reconciliation of account %(number)s", number=card.number)
            return self.render_template("document_form.html", form=form, title=title, action=_("Print"), method="get")
        since, last = sorted((date.fromisoformat(form.first.data), date.fromisoformat(form.last.data)))
        with transaction() as session:
            papers.require_closed(session, card.division_id, until=months_after(last, 1), today=clock.today())
            made = ledger.act(session, card.id, since=since, until=months_after(last, 1))
            contents = ledger.contents(made)
            kept_id = papers.keep_statement(session, card.id, since=since, until=made.until, contents=contents)
        return redirect(url_for("PapersView.statement", statement_id=kept_id, form=form.form.data))

    @expose("/statement/<int:statement_id>", methods=["GET"])
    @has_access
    @permission_name("act")
    def statement(self, statement_id: int) -> Any:
        """Send an act of reconciliation as it was made."""
        record = _kept_statement(statement_id)
        kind = "xlsx" if request.args.get("form") == "xlsx" else "pdf"
        name = ledger.file_name(record.contents["account_number"], record.since, months_after(record.until, -1), kind)
        if kind == "xlsx":
            return downloads.attachment(ledger.act_xlsx(record), name, tables.XLSX)
        with transaction() as session:
            copy_of = papers.record_print(session, PrintedKind.STATEMENT, record.id)
            content = ledger.act_pdf(session, record, copy_of=copy_of)
        return downloads.attachment(content, name, "application/pdf")


def _months(*, before: date | None = None) -> list[tuple[str, str]]:
    """Return the months that are offered, the newest first.

    :param before: the first that is not; None: the month under way is the first offered
    """
    this = months_after(before, -1) if before else months_after(clock.today(), 0)
    return [(month.isoformat(), labels.month(month)) for month in latest_months(this, MONTHS_BACK)]


#: The pages of this area.
VIEWS = (
    TaxInvoiceView,
    StatementAnswerView,
    PapersView,
)
