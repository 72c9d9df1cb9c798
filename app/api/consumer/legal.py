"""What legal consumers see besides: contract with its limit, tax invoices, reconciliation statements and the answers to them."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, NotRequired

from flask import Response
from flask_babel import gettext as _
from pydantic import Field
from typing_extensions import TypedDict

from app import clock
from app.api.consumer.answers import CLOSED, Next, Tiyin
from app.api.consumer.calls import CallRefused, ConsumerCall, answers, listing
from app.api.consumer.money import missing
from app.api.consumer.pages import page_of_account
from app.api.openapi import Operation, OperationParameter
from app.documents import downloads, ledger
from app.documents.billing import invoices as documents
from app.domain.calendar import months_after
from app.domain.documents import Agreement, PrintedKind
from app.domain.portal import PortalRight
from app.extensions import transaction
from app.queries import accounts, contracts
from app.queries import documents as paper_queries
from app.queries import legal_consumers as queries
from app.queries.billing import account_bill, invoices
from app.services import documents as papers
from app.services import legal_consumers as service

_PDF = "application/pdf"
_ID = Annotated[int, Field(ge=1, lt=2**63)]
_INVOICE = OperationParameter("invoice", "path", "id of the tax invoice", _ID)
_STATEMENT = OperationParameter("statement", "path", "id of the statement", _ID)


class AdvanceAnswer(TypedDict):
    """What is to be paid ahead for the month."""

    due_tiyin: Tiyin
    paid_tiyin: Tiyin
    left_tiyin: Tiyin
    by: date


class ContractAnswer(TypedDict):
    """The contract of a legal consumer's account, its limit and what is used of it."""

    number: str
    state: str
    signed_on: date | None
    valid_from: date
    valid_to: date | None
    limit_milli: Annotated[int | None, Field(description="ordered for this month")]
    demand_milli: Annotated[int | None, Field(description="ordered capacity")]
    used_milli: Annotated[int, Field(description="counted since the month began")]
    used_to: Annotated[date | None, Field(description="day of the last reading; null: none since the month began")]
    advance: AdvanceAnswer | None


class TaxInvoiceAnswer(TypedDict):
    """A tax invoice."""

    id: int
    number: str
    invoiced_on: date
    month: date
    amount_tiyin: Tiyin
    vat_tiyin: Tiyin
    corrects: str | None


class TaxInvoicesPage(TypedDict):
    """Tax invoices, newest first."""

    rows: list[TaxInvoiceAnswer]
    next: Next


class StatementAnswerRow(TypedDict):
    """The newest answer to a statement."""

    agreement: Agreement
    answered_on: date
    person: str
    objection: str


class AccountStatementRow(TypedDict):
    """A reconciliation statement."""

    id: int
    first_month: date
    last_month: date
    opening_tiyin: Tiyin
    debit_tiyin: Tiyin
    credit_tiyin: Tiyin
    closing_tiyin: Annotated[int, Field(description="tiyin owed at its end; negative: paid ahead")]
    answer: StatementAnswerRow | None


class StatementsPage(TypedDict):
    """Reconciliation statements, newest first."""

    rows: list[AccountStatementRow]
    next: Next


class StatementAnswerBody(TypedDict):
    """Agreement with a statement, or an objection to it."""

    __pydantic_config__ = CLOSED
    agreement: Agreement
    person: Annotated[str, Field(min_length=3, max_length=200, description="who answers for the consumer, in full")]
    objection: NotRequired[Annotated[str, Field(max_length=1000)]]


@answers(Operation("get", "/accounts/{number}/contract", "contract", "Contract, limit and advance", ContractAnswer), right=PortalRight.VIEW)
def contract(call: ConsumerCall) -> Any:
    """Return the contract of an account with its limit, what is used of it and what is to be paid ahead."""
    today = clock.today()
    found = contracts.contract_of_account(call.session, call.access.account_id, on=today)
    card = accounts.card(call.session, call.access.account_id)
    if found is None or card is None:
        raise missing()
    month = service.month_of(call.session, card.id, advance_tiyin=card.advance_tiyin, today=today)
    advance = month.advance and {**month.advance._asdict(), "left_tiyin": month.advance.left_tiyin}
    return {
        "number": found.number, "state": found.state(today), "signed_on": found.signed_on, "valid_from": found.valid_from,
        "valid_to": found.valid_to, "limit_milli": month.limit_milli, "demand_milli": month.demand_milli,
        "used_milli": month.used.quantity_milli, "used_to": month.used.read_on, "advance": advance,
    }  # fmt: skip


@answers(listing("tax-invoices", "tax_invoices", "Tax invoices, newest first", TaxInvoicesPage), right=PortalRight.DOCUMENTS)
def tax_invoices(call: ConsumerCall) -> Any:
    """Return a page of tax invoices."""
    return page_of_account(call, queries.tax_invoices, _invoice)


def _invoice(row: queries.TaxInvoiceRow) -> dict[str, Any]:
    return {name: value for name, value in row._asdict().items() if name != "billing_month"} | {"month": row.billing_month}


@answers(
    Operation(
        "get", "/accounts/{number}/tax-invoices/{invoice}/pdf", "tax_invoice_pdf", "A tax invoice as PDF", None,
        parameters=(_INVOICE,), kind=_PDF,
    ),
    right=PortalRight.DOCUMENTS,
)  # fmt: skip
def tax_invoice_pdf(call: ConsumerCall) -> Response:
    """Send a tax invoice as PDF; the first print is recorded."""
    found = _tax_invoice(call)
    with transaction() as session:
        copy_of = papers.record_print(session, PrintedKind.TAX_INVOICE, found.id)
        content = documents.invoice_pdf(session, found, copy_of=copy_of)
    return downloads.attachment(content, documents.file_name(found, "pdf"), _PDF)


@answers(
    Operation(
        "get", "/accounts/{number}/tax-invoices/{invoice}", "tax_invoice", "A tax invoice as it went to the exchange", None,
        parameters=(_INVOICE,), kind="application/json",
    ),
    right=PortalRight.DOCUMENTS,
)  # fmt: skip
def tax_invoice(call: ConsumerCall) -> Response:
    """Send a tax invoice as it goes to the exchange, character by character."""
    return Response(_tax_invoice(call).contents.encode(), content_type="application/json")


def _tax_invoice(call: ConsumerCall) -> invoices.InvoiceRecord:
    found = invoices.invoice(call.session, call.given["invoice"])
    bill = account_bill(call.session, found.bill_id) if found else None
    if found is None or bill is None or found.account_id != call.access.account_id or not call.held.has_period(bill.period_to):
        raise missing()
    return found


@answers(listing("statements", "statements", "Reconciliation statements, newest first", StatementsPage), right=PortalRight.DOCUMENTS)
def statements(call: ConsumerCall) -> Any:
    """Return a page of reconciliation statements with the newest answer to each."""
    return page_of_account(call, queries.statements, _statement)


def _statement(row: queries.AnsweredStatement) -> dict[str, Any]:
    answer = {name: getattr(row, name) for name in ("agreement", "answered_on", "person", "objection")} if row.agreement else None
    sums = {name: row.contents[name] for name in ("opening_tiyin", "debit_tiyin", "credit_tiyin", "closing_tiyin")}
    return {"id": row.id, "first_month": row.since, "last_month": months_after(row.until, -1), **sums, "answer": answer}


@answers(
    Operation(
        "get", "/accounts/{number}/statements/{statement}/pdf", "statement_pdf", "A reconciliation statement as PDF", None,
        parameters=(_STATEMENT,), kind=_PDF,
    ),
    right=PortalRight.DOCUMENTS,
)  # fmt: skip
def statement_pdf(call: ConsumerCall) -> Response:
    """Send a reconciliation statement as PDF; the first print is recorded."""
    row = _found(call)
    with transaction() as session:
        record = paper_queries.statement(session, row.id)
        assert record is not None
        content = ledger.act_pdf(session, record, copy_of=papers.record_print(session, PrintedKind.STATEMENT, record.id))
    name = ledger.file_name(call.access.number, row.since, months_after(row.until, -1), "pdf")
    return downloads.attachment(content, name, _PDF)


@answers(
    Operation(
        "post", "/accounts/{number}/statements/{statement}/answer", "answer_statement", "Agree with a statement, or object to it",
        AccountStatementRow, body=StatementAnswerBody, parameters=(_STATEMENT,), status=HTTPStatus.CREATED,
        problems={HTTPStatus.CONFLICT: ("ALREADY_AGREED",), HTTPStatus.BAD_REQUEST: ("NO_OBJECTION",)},
    ),
    right=PortalRight.DOCUMENTS,
)  # fmt: skip
def answer_statement(call: ConsumerCall) -> Any:
    """Keep the consumer's answer; an objection becomes a task of the office."""
    row = _found(call)
    reply = service.StatementReply(call.body["agreement"], call.body["person"], call.body.get("objection", ""))
    try:
        service.answer_statement(
            call.session, row.id, reply, title_in=ledger.objection_title(row.id, call.access.number), today=clock.today()
        )
    except service.AlreadyAgreed:
        raise CallRefused(HTTPStatus.CONFLICT, "ALREADY_AGREED", _("This statement was agreed to already.")) from None
    except service.NoObjection:
        raise CallRefused(HTTPStatus.BAD_REQUEST, "NO_OBJECTION", _("Write what you object to.")) from None
    return _statement(_found(call))


def _found(call: ConsumerCall) -> queries.AnsweredStatement:
    row = queries.statement(call.session, call.access.account_id, call.given["statement"], call.held)
    if row is None:
        raise missing()
    return row
