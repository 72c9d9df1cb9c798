"""A bill on paper: who, what, how it was counted, where to pay."""

from datetime import datetime
from typing import NamedTuple

from flask import current_app
from sqlalchemy.orm import Session

from app import labels
from app.documents import pdf
from app.domain.billing import LineKind
from app.domain.billing.explanation import explain
from app.domain.ledger import DocumentKind
from app.domain.metering import Quality
from app.domain.payments.channels import Channel
from app.gateways import click, payme
from app.queries import billing as queries
from app.queries import documents as papers
from app.queries import payments
from app.queries.billing import BillHead
from app.queries.payments import PaymentContractRecord


def bill_pdf(session: Session, bill: BillHead, *, copy_of: datetime | None) -> bytes:
    """Return a bill as PDF in the consumer's language.

    :param copy_of: when it was printed first, if this is a copy
    """
    return pdf.joined([bill_page(session, bill, copy_of=copy_of)])


def bill_page(session: Session, bill: BillHead, *, copy_of: datetime | None) -> str:
    """Return a bill in the consumer's language, ready to be printed alone or with others; it says what was so when it was made."""
    balance = papers.balance_after(session, bill.account_id, _KINDS, bill.id, bill.created_at)
    lines, consumption = queries.bill_lines(session, bill.id), queries.bill_consumption(session, bill.id)
    to_pay = max(balance.after_tiyin, 0)
    return pdf.page(
        "documents/bill.html",
        bill.language,
        bill=bill,
        lines=lines,
        consumption=queries.bill_readings(session, bill.id),
        explanation=explain(lines, consumption),
        labels=labels,
        LineKind=LineKind,
        Quality=Quality,
        balance=balance,
        to_pay_tiyin=to_pay,
        earlier_tiyin=max(to_pay - max(bill.amount_tiyin, 0), 0),
        copy_of=copy_of,
        codes=_codes(session, bill, to_pay),
    )


_KINDS = (DocumentKind.BILL, DocumentKind.BILL_CANCELLATION)


class PayingWay(NamedTuple):
    """A page of a provider, with account and amount filled in."""

    name: str
    link: str
    amount_tiyin: int
    #: the provider takes no more at once; the rest is to be paid further
    is_part: bool


def paying_ways(session: Session, account_number: str, amount_tiyin: int, *, moment: datetime | None = None) -> list[PayingWay]:
    """Return the pages of Payme and Click that open the payment of an account, as far as there are contracts for the amount.

    :param moment: by the contracts as they were then; None: by those of now
    """
    found = []
    for channel, name, link in ((Channel.PAYME, "Payme", _payme), (Channel.CLICK, "Click", _click)):
        contract = payments.contract_as_of(session, channel, moment) if moment else payments.contract(session, channel)
        if contract is not None and amount_tiyin >= contract.smallest_tiyin and not contract.is_stopped:
            part = min(amount_tiyin, contract.largest_tiyin)
            found.append(PayingWay(name, link(contract, account_number, part), part, part < amount_tiyin))
    return found


def _payme(contract: PaymentContractRecord, account_number: str, amount_tiyin: int) -> str:
    return payme.checkout_link(contract.merchant_number, {"account": account_number}, amount_tiyin, host="checkout.paycom.uz")


def _click(contract: PaymentContractRecord, account_number: str, amount_tiyin: int) -> str:
    return click.payment_link(
        service_id=int(contract.service_number or 0), merchant_id=int(contract.merchant_number or 0), amount_tiyin=amount_tiyin,
        account_number=account_number, return_url=f"{current_app.config['PUBLIC_URL']}/portal/",
    )  # fmt: skip


class PayingCode(NamedTuple):
    """A picture of a code that a bill bears, and what it opens: a provider's page, or (without a name) the portal."""

    name: str
    picture: str
    part_tiyin: int | None


def _codes(session: Session, bill: BillHead, debt_tiyin: int) -> list[PayingCode]:
    """Return the codes a bill bears, by the contracts of when it was made; where no provider could be opened, the portal's alone."""
    ways = paying_ways(session, bill.account_number, debt_tiyin, moment=bill.created_at)
    if not ways:
        return [PayingCode("", pdf.qr_png(f"{current_app.config['PUBLIC_URL']}/portal/?account={bill.account_number}"), None)]
    return [PayingCode(way.name, pdf.qr_png(way.link), way.amount_tiyin if way.is_part else None) for way in ways]


def file_name(bill: BillHead) -> str:
    """Return a bill's name as a file."""
    return f"{bill.account_number}-{bill.billing_month:%Y-%m}.pdf"
