"""Balance, bills and payments of an account."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from flask import Response
from flask_babel import gettext as _
from pydantic import Field

from app import clock
from app.api.consumer import answers as told
from app.api.consumer.calls import CallRefused, ConsumerCall, answers, listing
from app.api.consumer.pages import page_of_account
from app.api.openapi import Operation, OperationParameter
from app.documents import downloads
from app.documents import payments as receipts
from app.documents.billing import bills as documents
from app.domain.documents import PrintedKind
from app.domain.portal import PortalRight
from app.domain.readers import LARGEST_MONEY_TIYIN
from app.extensions import transaction
from app.queries import accounts, billing, payments
from app.queries.accounts import details
from app.services import documents as papers

_PDF = "application/pdf"
_BILL = OperationParameter("bill", "path", "id of the bill", UUID)
_PAYMENT = OperationParameter("payment", "path", "id of the payment", Annotated[int, Field(ge=1, lt=2**63)])
_SUM = OperationParameter(
    "sum", "query", "tiyin; the debt if not said", Annotated[int, Field(ge=1, le=LARGEST_MONEY_TIYIN)], is_needed=False
)


def missing() -> CallRefused:
    """Return the refusal of what is not there, or of another account."""
    return CallRefused(HTTPStatus.NOT_FOUND, "NOT_FOUND", _("There is nothing of the sort, or it is not yours."))


@answers(
    Operation("get", "/accounts/{number}/balance", "balance", "What is owed or paid ahead", told.BalanceAnswer), right=PortalRight.VIEW
)
def balance(call: ConsumerCall) -> Any:
    """Return what is owed, by when, and how it may be paid."""
    card = accounts.card(call.session, call.access.account_id)
    assert card is not None
    due = details.due(call.session, card.id, clock.today())
    return {
        "debt_tiyin": card.debt_tiyin, "advance_tiyin": card.advance_tiyin, **due._asdict(), "billed_to": card.billed_to,
        "ways": _ways(call, card.debt_tiyin),
    }  # fmt: skip


@answers(
    Operation("get", "/accounts/{number}/ways-to-pay", "ways_to_pay", "Providers' pages for a sum", told.WaysAnswer, parameters=(_SUM,)),
    right=PortalRight.PAY,
)
def ways_to_pay(call: ConsumerCall) -> Any:
    """Return the pages of providers that open the payment of a sum."""
    card = accounts.card(call.session, call.access.account_id)
    assert card is not None
    return {"rows": _ways(call, call.given.get("sum") or card.debt_tiyin)}


def _ways(call: ConsumerCall, sum_tiyin: int) -> list[dict[str, Any]]:
    if not sum_tiyin:
        return []
    return [way._asdict() for way in documents.paying_ways(call.session, call.access.number, sum_tiyin)]


@answers(listing("bills", "bills", "Bills, newest first", told.BillsPage), right=PortalRight.VIEW)
def bills(call: ConsumerCall) -> Any:
    """Return a page of bills that stand."""
    return page_of_account(call, billing.account_bills, _bill)


def _bill(row: billing.AccountBill) -> dict[str, Any]:
    return {
        "id": row.public_id, "month": row.billing_month, "period_from": row.period_from, "period_to": row.period_to,
        "is_estimated": row.quality == "ESTIMATED", "quantity_milli": row.quantity_milli, "amount_tiyin": row.amount_tiyin,
        "remaining_tiyin": row.remaining_tiyin, "issued_on": row.issued_on, "due_on": row.due_on, "state": row.state(clock.today()),
    }  # fmt: skip


@answers(
    Operation("get", "/accounts/{number}/bills/{bill}", "bill", "A bill with its lines", told.BillAnswer, parameters=(_BILL,)),
    right=PortalRight.VIEW,
)
def bill(call: ConsumerCall) -> Any:
    """Return a bill with its lines."""
    head = _head(call)
    standing = billing.account_bill(call.session, head.id)
    assert standing is not None
    lines = [
        {
            "kind": line.kind, "component": line.component, "zone": line.zone, "period_from": line.period_from, "period_to": line.period_to,
            "quantity_milli": line.quantity_milli, "rate": str(line.rate), "amount_tiyin": line.amount_tiyin, "vat_tiyin": line.vat_tiyin,
            "tariff": line.tariff, "source": line.source, "benefit": line.benefit,
        }
        for line in billing.bill_lines(call.session, head.id)
    ]  # fmt: skip
    return {**_bill(standing), "vat_tiyin": head.vat_tiyin, "lines": lines}


@answers(
    Operation("get", "/accounts/{number}/bills/{bill}/pdf", "bill_pdf", "A bill as PDF", None, parameters=(_BILL,), kind=_PDF),
    right=PortalRight.VIEW,
)
def bill_pdf(call: ConsumerCall) -> Response:
    """Send a bill as PDF; the first print is recorded."""
    head = _head(call)
    with transaction() as session:
        content = documents.bill_pdf(session, head, copy_of=papers.record_print(session, PrintedKind.BILL, head.id))
    return downloads.attachment(content, documents.file_name(head), _PDF)


def _head(call: ConsumerCall) -> billing.BillHead:
    bill_id = billing.bill_id_of(call.session, str(call.given["bill"]), call.access.account_id, call.held)
    head = billing.bill_head(call.session, bill_id) if bill_id else None
    if head is None:
        raise missing()
    return head


@answers(listing("payments", "payments", "Payments, newest first", told.PaymentsPage), right=PortalRight.VIEW)
def account_payments(call: ConsumerCall) -> Any:
    """Return a page of payments."""
    return page_of_account(call, payments.account_payments, _payment)


def _payment(row: payments.AccountPayment) -> dict[str, Any]:
    return {
        "id": row.id, "channel": row.channel, "reference": row.reference, "amount_tiyin": row.amount_tiyin,
        "received_on": row.received_on, "reverses": row.reverses_id, "is_reversed": row.reversed,
    }  # fmt: skip


@answers(
    Operation(
        "get", "/accounts/{number}/payments/{payment}/receipt", "receipt", "A receipt as PDF", None, parameters=(_PAYMENT,), kind=_PDF
    ),
    right=PortalRight.VIEW,
)
def receipt(call: ConsumerCall) -> Response:
    """Send a receipt as PDF; the first print is recorded."""
    found = payments.receipt(call.session, call.given["payment"])
    is_own = found is not None and found.account_id == call.access.account_id
    if found is None or not is_own or not call.held.has_paid(found.received_on, found.created_at):
        raise missing()
    with transaction() as session:
        content = receipts.receipt_pdf(session, found, copy_of=papers.record_print(session, PrintedKind.RECEIPT, found.id))
    return downloads.attachment(content, f"receipt-{found.id}.pdf", _PDF)
