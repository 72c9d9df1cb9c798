"""A bill on paper: who, what, how it was counted, where to pay."""

from base64 import b64encode
from datetime import date

from flask import current_app
from sqlalchemy.orm import Session

from app import labels
from app.documents import pdf
from app.domain.billing import LineKind
from app.domain.explanation import explain
from app.domain.metering import Quality
from app.queries import billing as queries
from app.queries import ledger, payments
from app.queries.billing import BillHead


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
        qr=pdf.qr_png(payment_link(session, bill.account_number, max(debt, 0))),
    )


def payment_link(session: Session, account_number: str, amount_tiyin: int) -> str:
    """Return an address that opens the payment of an account: Payme's checkout if there is a contract, else the portal."""
    contract = payments.contract(session, "PAYME")
    if contract is None or amount_tiyin < contract.smallest_tiyin:
        return f"{current_app.config['PUBLIC_URL']}/portal/?account={account_number}"
    amount = min(amount_tiyin, contract.largest_tiyin)
    return checkout_link(contract.merchant_number, {"account": account_number}, amount)


def checkout_link(merchant_number: str, account: dict[str, str], amount_tiyin: int) -> str:
    """Return the address of Payme's checkout page.

    Source: Payme, initialisation of payments by GET.

    >>> checkout_link("587f72c72cac0d162c722ae2", {"order_id": "197"}, 500)
    'https://checkout.paycom.uz/bT01ODdmNzJjNzJjYWMwZDE2MmM3MjJhZTI7YWMub3JkZXJfaWQ9MTk3O2E9NTAw'
    """
    fields = "".join(f"ac.{name}={value};" for name, value in account.items())
    return "https://checkout.paycom.uz/" + b64encode(f"m={merchant_number};{fields}a={amount_tiyin}".encode()).decode()


def file_name(bill: BillHead) -> str:
    """Return a bill's name as a file."""
    return f"{bill.account_number}-{bill.billing_month:%Y-%m}.pdf"
