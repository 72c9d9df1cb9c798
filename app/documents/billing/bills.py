"""A bill on paper: who, what, how it was counted, where to pay."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import segno
from flask import current_app
from flask_babel import force_locale
from sqlalchemy.orm import Session

from app import labels
from app.documents import pdf
from app.documents.billing.bill_form import BillPaper, PayingCode, bill_sheet
from app.documents.sheets import Sheet, html
from app.domain.billing import LineKind
from app.domain.billing.explanation import explain
from app.domain.documents import BalanceAfter, PrintedKind
from app.domain.ledger import DocumentKind
from app.domain.metering import Quality
from app.domain.payments.channels import Channel
from app.gateways import click, payme
from app.queries import billing as queries
from app.queries import documents as papers
from app.queries import payments
from app.queries.billing import BillHead
from app.queries.documents import PostedDocument
from app.queries.payments import PaymentContractRecord

_KINDS = (DocumentKind.BILL, DocumentKind.BILL_CANCELLATION)


def bill_pdf(session: Session, bill: BillHead, *, copy_of: datetime | None) -> bytes:
    """Return a bill as PDF in the consumer's language, in the form it was printed in first.

    :param copy_of: when it was printed first, if this is a copy
    """
    return html.in_its_form(
        session, PrintedKind.BILL, bill.id, copy_of,
        first_form=lambda: bill_page(session, bill, copy_of=copy_of),
        sheet=lambda: bill_sheets(session, [bill.id], {bill.id: copy_of} if copy_of else {})[0],
    )  # fmt: skip


def bill_sheets(session: Session, ids: Sequence[int], copies: dict[int, datetime]) -> list[Sheet]:
    """Return bills in the form of today, each in its consumer's language; they say what was so when each was made.

    :param copies: when those of them that are copies were printed first
    """
    made = []
    for paper in _papers(session, ids, copies):
        with force_locale(paper.bill.language):
            made.append(bill_sheet(paper))
    return made


def _papers(session: Session, ids: Sequence[int], copies: dict[int, datetime]) -> Iterable[BillPaper]:
    heads = queries.bill_heads(session, ids)
    balances = papers.balances_after(
        session, _KINDS, [PostedDocument(each.account_id, each.id, each.created_at) for each in heads.values()]
    )
    lines, consumption = _by_bill(queries.bill_lines(session, *ids)), _by_bill(queries.bill_consumption(session, *ids))
    further = _by_bill(queries.further_readings(session, *ids))
    contracts = _Contracts(session)
    for bill_id in ids:
        bill, balance = heads[bill_id], balances[bill_id]
        energy = consumption[bill_id]
        yield BillPaper(
            bill, lines[bill_id], [*energy, *further[bill_id]], explain(lines[bill_id], energy), balance,
            _codes(contracts, bill, max(balance.after_tiyin, 0)), copies.get(bill_id),
        )  # fmt: skip


def _by_bill(rows: Iterable[Any]) -> defaultdict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.bill_id].append(row)
    return found


def bill_page(session: Session, bill: BillHead, *, copy_of: datetime | None) -> str:
    """Return a bill in the first form, as bills were printed before there was another; joined with others it is printed at once."""
    balance: BalanceAfter = papers.balance_after(session, bill.account_id, _KINDS, bill.id, bill.created_at)
    lines, consumption = queries.bill_lines(session, bill.id), queries.bill_consumption(session, bill.id)
    to_pay = max(balance.after_tiyin, 0)
    return pdf.page(
        "documents/first_form/bill.html",
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
        codes=[(code, _first_picture(code.opens)) for code in _codes(_Contracts(session), bill, to_pay)],
    )


class PayingWay(NamedTuple):
    """A page of a provider, with account and amount filled in."""

    name: str
    link: str
    amount_tiyin: int
    #: the provider takes no more at once; the rest is to be paid further
    is_part: bool


class _Contracts:
    """Contracts with providers, each asked for once a moment: bills of a run are made at one."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.found: dict[tuple[Channel, datetime | None], PaymentContractRecord | None] = {}

    def of(self, channel: Channel, moment: datetime | None) -> PaymentContractRecord | None:
        """Return the contract of a moment; None: of now."""
        if (channel, moment) not in self.found:
            contract = payments.contract_as_of(self.session, channel, moment) if moment else payments.contract(self.session, channel)
            self.found[channel, moment] = contract
        return self.found[channel, moment]


def paying_ways(session: Session, account_number: str, amount_tiyin: int, *, moment: datetime | None = None) -> list[PayingWay]:
    """Return the pages of Payme and Click that open the payment of an account, as far as there are contracts for the amount.

    :param moment: by the contracts as they were then; None: by those of now
    """
    return _ways(_Contracts(session), account_number, amount_tiyin, moment)


def _ways(contracts: _Contracts, account_number: str, amount_tiyin: int, moment: datetime | None) -> list[PayingWay]:
    found = []
    for channel, name, link in ((Channel.PAYME, "Payme", payme_link), (Channel.CLICK, "Click", click_link)):
        contract = contracts.of(channel, moment)
        if contract is not None and amount_tiyin >= contract.smallest_tiyin and not contract.is_stopped:
            part = min(amount_tiyin, contract.largest_tiyin)
            found.append(PayingWay(name, link(contract, account_number, part), part, part < amount_tiyin))
    return found


def payme_link(contract: PaymentContractRecord, account_number: str, amount_tiyin: int) -> str:
    """Return the address of Payme's page with account and sum filled in."""
    return payme.checkout_link(contract.merchant_number, {"account": account_number}, amount_tiyin, host="checkout.paycom.uz")


def click_link(contract: PaymentContractRecord, account_number: str, amount_tiyin: int) -> str:
    """Return the address of Click's page with account and sum filled in."""
    return click.payment_link(
        service_id=int(contract.service_number or 0), merchant_id=int(contract.merchant_number or 0), amount_tiyin=amount_tiyin,
        account_number=account_number, return_url=f"{current_app.config['PUBLIC_URL']}/portal/",
    )  # fmt: skip


def _codes(contracts: _Contracts, bill: BillHead, debt_tiyin: int) -> list[PayingCode]:
    """Return the codes a bill bears, by the contracts of when it was made; where no provider could be opened, the portal's alone."""
    ways = _ways(contracts, bill.account_number, debt_tiyin, bill.created_at)
    if not ways:
        return [PayingCode("", f"{current_app.config['PUBLIC_URL']}/portal/?account={bill.account_number}", None)]
    return [PayingCode(way.name, way.link, way.amount_tiyin if way.is_part else None) for way in ways]


def _first_picture(text: str) -> str:
    """Return a code as the first form drew it."""
    return str(segno.make(text, error="m").png_data_uri(scale=4, border=2))


def file_name(bill: BillHead) -> str:
    """Return a bill's name as a file."""
    return f"{bill.account_number}-{bill.billing_month:%Y-%m}.pdf"
