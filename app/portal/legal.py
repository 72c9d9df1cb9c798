"""What legal consumers see besides: contract, limit, advance, tax invoices, and acts of reconciliation, agreed to or objected to."""

from datetime import date
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app import clock, labels
from app.documents import downloads, ledger
from app.documents.billing import invoices as documents
from app.domain.calendar import months_after
from app.domain.documents import Agreement, PrintedKind
from app.domain.portal import PortalRight
from app.domain.reference import ConsumerKind
from app.extensions import db, transaction
from app.portal.base import (
    PortalPage,
    blueprint,
    consumers_only,
    current,
    current_card,
    current_holding,
    in_navigation,
    page_of,
    with_right,
)
from app.queries import contracts
from app.queries import documents as paper_queries
from app.queries import legal_consumers as queries
from app.queries.billing import account_bill, invoices
from app.services import documents as papers
from app.services import legal_consumers as service

_LEGAL = frozenset({ConsumerKind.LEGAL.value})
in_navigation(
    PortalPage("contract", lazy_gettext("Contract"), 40, kinds=_LEGAL),
    PortalPage("tax_invoices", lazy_gettext("Tax invoices"), 41, PortalRight.DOCUMENTS, _LEGAL),
    PortalPage("statements", lazy_gettext("Acts of reconciliation"), 42, PortalRight.DOCUMENTS, _LEGAL),
)


class StatementAnswerForm(FlaskForm):
    """Who answers for the consumer, and what he objects to."""

    person = StringField(lazy_gettext("Your name and post"), [DataRequired(), Length(3, 200)])
    objection = TextAreaField(labels.COLUMN_LABELS["objection"], [Length(max=1000)])


@blueprint.get("/contract")
@consumers_only
def contract() -> Any:
    """Show the contract, the limit of the month with what is used of it, and what is to be paid ahead."""
    database, card, today = db.session(), current_card(), clock.today()
    found = contracts.contract_of_account(database, card.id, on=today)
    month = service.month_of(database, card.id, advance_tiyin=card.advance_tiyin, today=today)
    return render_template("portal/contract.html", card=card, contract=found, state=found.state(today) if found else None, month=month)


@blueprint.get("/tax-invoices")
@with_right(PortalRight.DOCUMENTS)
def tax_invoices() -> Any:
    """Show all tax invoices, a page at a time."""
    page = page_of(
        lambda limit, skipped: queries.tax_invoices(
            db.session(), current().account_id, held=current_holding(), limit=limit, skipped=skipped
        )
    )
    return render_template("portal/tax_invoices.html", page=page)


@blueprint.get("/tax-invoices/<int:invoice_id>.pdf")
@with_right(PortalRight.DOCUMENTS)
def tax_invoice_pdf(invoice_id: int) -> Any:
    """Send a tax invoice as PDF."""
    found = _invoice(invoice_id)
    with transaction() as database:
        copy_of = papers.record_print(database, PrintedKind.TAX_INVOICE, found.id)
        content = documents.invoice_pdf(database, found, copy_of=copy_of)
    return downloads.inline(content, documents.file_name(found, "pdf"), "application/pdf")


@blueprint.get("/tax-invoices/<int:invoice_id>.json")
@with_right(PortalRight.DOCUMENTS)
def tax_invoice_json(invoice_id: int) -> Any:
    """Send a tax invoice as it goes to the exchange, character by character."""
    found = _invoice(invoice_id)
    return downloads.attachment(found.contents.encode(), documents.file_name(found, "json"), "application/json")


def _invoice(invoice_id: int) -> invoices.InvoiceRecord:
    found = invoices.invoice(db.session(), invoice_id)
    bill = account_bill(db.session(), found.bill_id) if found else None
    if found is None or bill is None or found.account_id != current().account_id or not current_holding().has_period(bill.period_to):
        abort(404)
    return found


@blueprint.get("/statements")
@with_right(PortalRight.DOCUMENTS)
def statements() -> Any:
    """Show all reconciliation statements with the answers to them, a page at a time."""
    page = page_of(
        lambda limit, skipped: queries.statements(db.session(), current().account_id, held=current_holding(), limit=limit, skipped=skipped)
    )
    return render_template("portal/statements.html", page=page, last_month=last_month)


@blueprint.get("/statements/<int:statement_id>.pdf")
@with_right(PortalRight.DOCUMENTS)
def statement_pdf(statement_id: int) -> Any:
    """Send a reconciliation statement as PDF."""
    row = _statement(statement_id)
    with transaction() as database:
        record = paper_queries.statement(database, row.id)
        assert record is not None
        content = ledger.act_pdf(database, record, copy_of=papers.record_print(database, PrintedKind.STATEMENT, record.id))
    return downloads.inline(content, ledger.file_name(current().number, row.since, last_month(row.until), "pdf"), "application/pdf")


@blueprint.route("/statements/<int:statement_id>", methods=["GET", "POST"])
@with_right(PortalRight.DOCUMENTS)
def statement(statement_id: int) -> Any:
    """Show a statement, and take an agreement or an objection."""
    row, form = _statement(statement_id), StatementAnswerForm()
    if form.validate_on_submit() and _answered(row, form):
        return redirect(url_for("portal.statements"))
    return render_template("portal/statement.html", row=row, act=ledger.kept(row.contents), form=form, last_month=last_month)


def _answered(row: queries.AnsweredStatement, form: StatementAnswerForm) -> bool:
    """Keep the answer of a form; False: it is shown again."""
    objection = (form.objection.data or "").strip()
    reply = service.StatementReply(Agreement.OBJECTED if objection else Agreement.AGREED, form.person.data, objection)
    try:
        with transaction() as database:
            title = ledger.objection_title(row.id, current().number)
            service.answer_statement(database, row.id, reply, title_in=title, today=clock.today())
    except service.AlreadyAgreed:
        form.objection.errors = [_("This statement was agreed to already.")]
        return False
    flash(_("Your objection was given to the office.") if objection else _("You agreed to the statement."), "success")
    return True


def _statement(statement_id: int) -> queries.AnsweredStatement:
    return queries.statement(db.session(), current().account_id, statement_id, current_holding()) or abort(404)


def last_month(until: date) -> date:
    """Return the last month before a day."""
    return months_after(until, -1)
