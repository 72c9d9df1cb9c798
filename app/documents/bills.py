"""A bill on paper: who, what, how it was counted, where to pay."""

from datetime import date
from typing import NamedTuple

from flask import current_app
from sqlalchemy.orm import Session

from app import labels
from app.documents import pdf
from app.domain.billing import LineKind
from app.domain.explanation import explain
from app.domain.metering import Quality
from app.domain.payments import Channel
from app.gateways import click, payme
from app.queries import billing as queries
from app.queries import ledger, payments
from app.queries.billing import BillHead
from app.queries.payments import ContractRecord


def bill_pdf(session: Session, bill: BillHead, *, today: date) -> bytes:
    """Return a bill as PDF in the consumer's language."""
    return pdf.joined([bill_page(session, bill, today=today)])


def bill_page(session: Session, bill: BillHead, *, today: date) -> str:
    """Return a bill in the consumer's language, ready to be printed alone or with others."""
    debt, advance, _ = ledger.position(session, bill.account_id)
    lines, consumption = queries.bill_lines(session, bill.id), queries.bill_consumption(session, bill.id)
    return pdf.page(
        "documents/bill.html",
        bill.language,
        bill=bill,
        lines=lines,
        consumption=consumption,
        explanation=explain(lines, consumption),
        labels=labels,
        LineKind=LineKind,
        Quality=Quality,
        debt_tiyin=debt,
        advance_tiyin=advance,
        printed_on=today,
        codes=_codes(session, bill.account_number, max(debt, 0)),
    )


class PayingWay(NamedTuple):
    """A page of a provider, with account and amount filled in."""

    name: str
    link: str


def paying_ways(session: Session, account_number: str, amount_tiyin: int) -> list[PayingWay]:
    """Return the pages of Payme and Click that open the payment of an account, as far as there are contracts for the amount."""
    found = []
    for channel, name, link in ((Channel.PAYME, "Payme", _payme), (Channel.CLICK, "Click", _click)):
        contract = payments.contract(session, channel)
        if contract is not None and amount_tiyin >= contract.smallest_tiyin and not contract.is_stopped:
            found.append(PayingWay(name, link(contract, account_number, min(amount_tiyin, contract.largest_tiyin))))
    return found


def _payme(contract: ContractRecord, account_number: str, amount_tiyin: int) -> str:
    return payme.checkout_link(contract.merchant_number, {"account": account_number}, amount_tiyin, host="checkout.paycom.uz")


def _click(contract: ContractRecord, account_number: str, amount_tiyin: int) -> str:
    return click.payment_link(
        service_id=int(contract.service_number or 0), merchant_id=int(contract.merchant_number or 0), amount_tiyin=amount_tiyin,
        account_number=account_number, return_url=f"{current_app.config['PUBLIC_URL']}/portal/",
    )  # fmt: skip


def _codes(session: Session, account_number: str, debt_tiyin: int) -> list[tuple[str, str]]:
    """Return names and pictures of the codes a bill bears; where no provider can be opened, the portal's alone."""
    ways = paying_ways(session, account_number, debt_tiyin)
    if not ways:
        ways = [PayingWay("", f"{current_app.config['PUBLIC_URL']}/portal/?account={account_number}")]
    return [(way.name, pdf.qr_png(way.link)) for way in ways]


def file_name(bill: BillHead) -> str:
    """Return a bill's name as a file."""
    return f"{bill.account_number}-{bill.billing_month:%Y-%m}.pdf"
