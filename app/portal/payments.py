"""Payments in the portal: paying any sum at a provider, all that was paid, its receipts, and what is on its way."""

from http import HTTPStatus
from typing import Any

from flask import abort, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from app import clock
from app.documents import downloads
from app.documents import payments as documents
from app.domain import readers
from app.domain.documents import PrintedKind
from app.domain.portal import PortalRight
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
from app.portal.home import ANNOUNCED
from app.queries import payments as queries
from app.queries.accounts import Card, details
from app.queries.payments import tenders_on_their_way
from app.services import documents as papers

in_navigation(
    PortalPage("pay", lazy_gettext("Pay"), 10, PortalRight.PAY),
    PortalPage("payments", lazy_gettext("Payments"), 30),
)


@blueprint.get("/pay")
@with_right(PortalRight.PAY)
def pay() -> Any:
    """Ask for the sum (all that is owed, a part, or ahead), and offer the page of each provider with it filled in."""
    return render_template("portal/pay.html", **paying(current_card()))


def paying(card: Card) -> dict[str, Any]:
    """Return what a page for paying an account shows: the sum asked for, what is wrong with it, and what each provider offers."""
    database, today = db.session(), clock.today()
    creditor = details.details(database, card.id, today).creditor
    asked, sum_tiyin, wrong = request.args.get("sum", ""), card.debt_tiyin, ""
    if asked:
        try:
            sum_tiyin = readers.money(asked)
        except readers.Misread:
            wrong = _("Write the sum in soʻm, like 50 000.")
        else:
            wrong = _("Write the sum in soʻm, like 50 000.") if sum_tiyin <= 0 else ""
    is_payable = creditor is None and queries.standing(database, card.number, today) is not None
    offers = documents.paying_offers(database, card.number, sum_tiyin) if sum_tiyin > 0 and not wrong and is_payable else []
    return {
        "card": card, "due": details.due(database, card.id, today), "creditor": creditor, "is_payable": is_payable,
        "asked": asked or _som(sum_tiyin), "sum_tiyin": sum_tiyin, "wrong": wrong, "offers": offers,
    }  # fmt: skip


def _som(tiyin: int) -> str:
    """Return a sum as a person types it."""
    return (f"{tiyin // 100}" + (f",{tiyin % 100:02d}" if tiyin % 100 else "")) if tiyin else ""


@blueprint.get("/payments")
@consumers_only
def payments() -> Any:
    """Show all payments, a page at a time, and above them what is being checked."""
    here, database = current(), db.session()
    page = page_of(
        lambda limit, skipped: queries.account_payments(database, here.account_id, held=current_holding(), limit=limit, skipped=skipped)
    )
    on_their_way = tenders_on_their_way(database, here.account_id, since=clock.now() - ANNOUNCED, held=current_holding())
    return render_template("portal/payments.html", page=page, on_their_way=on_their_way)


@blueprint.get("/payments/<int:payment_id>.pdf")
@consumers_only
def receipt_pdf(payment_id: int) -> Any:
    """Send the receipt of a payment as PDF."""
    receipt = queries.receipt(db.session(), payment_id)
    if receipt is None or receipt.account_id != current().account_id or not _is_own(receipt):
        abort(HTTPStatus.NOT_FOUND)
    with transaction() as database:
        copy_of = papers.record_print(database, PrintedKind.RECEIPT, receipt.id)
        content = documents.receipt_pdf(database, receipt, copy_of=copy_of)
    return downloads.inline(content, f"{receipt.account_number}-{receipt.received_on}.pdf", "application/pdf")


def _is_own(receipt: queries.Receipt) -> bool:
    return current_holding().has_paid(receipt.received_on, receipt.created_at)
