"""A receipt on paper, and the pages of providers that open a payment."""

from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

from flask import current_app
from flask_babel import get_locale
from sqlalchemy.orm import Session

from app import labels
from app.documents import pdf
from app.documents.billing.bills import click_link, payme_link
from app.domain.documents import FIRST_FORM, BalanceAfter, PrintedKind
from app.domain.ledger import DocumentKind
from app.domain.payments import PayingObstacle
from app.domain.payments.channels import Channel
from app.queries import documents as papers
from app.queries import payments
from app.queries.payments import PaymentContractRecord, Receipt

_KINDS = (DocumentKind.PAYMENT, DocumentKind.PAYMENT_REVERSAL)


def balance_of(session: Session, receipt: Receipt) -> BalanceAfter:
    """Return what the consumer owed after a receipt's payment."""
    return papers.balance_after(session, receipt.account_id, _KINDS, receipt.id, receipt.created_at)


def receipt_pdf(session: Session, receipt: Receipt, *, copy_of: datetime | None) -> bytes:
    """Return a receipt as PDF in the form it was printed in first; it says what was so when it was made.

    The first form was in the language of the screen; now it is the consumer's, whoever prints it again.

    :param copy_of: when it was printed first, if this is a copy
    """
    is_first = papers.form_of(session, PrintedKind.RECEIPT, receipt.id, copy_of) == FIRST_FORM
    template, language = ("first_form/receipt.html", str(get_locale())) if is_first else ("receipt.html", receipt.language)
    return pdf.render(
        f"documents/{template}", language, receipt=receipt, balance=balance_of(session, receipt), copy_of=copy_of,
        labels=labels, Channel=Channel,
    )  # fmt: skip


class PayingOffer(NamedTuple):
    """A provider's page that opens the payment of an account, or why it cannot be opened."""

    channel: Channel
    link: str | None
    amount_tiyin: int
    obstacle: PayingObstacle | None = None

    @property
    def is_part(self) -> bool:
        """Whether the provider takes no more at once, and the rest is paid by further payments."""
        return self.obstacle == PayingObstacle.TOO_LARGE


def paying_offers(session: Session, account_number: str, amount_tiyin: int) -> list[PayingOffer]:
    """Return each provider's page for a sum, or a word why there is none; of a sum too large for one payment a part.

    A bill on paper bears those of ``documents.billing.bills.paying_ways``, by the contracts of its day.
    """
    return [
        _offer(session, channel, account_number, amount_tiyin) for channel in (Channel.PAYME, Channel.CLICK, Channel.UZUM, Channel.PAYNET)
    ]


def _offer(session: Session, channel: Channel, account_number: str, amount_tiyin: int) -> PayingOffer:
    contract = payments.contract(session, channel)
    if contract is None:
        return PayingOffer(channel, None, amount_tiyin, PayingObstacle.NO_CONTRACT)
    if contract.is_stopped:
        return PayingOffer(channel, None, amount_tiyin, PayingObstacle.STOPPED)
    if amount_tiyin < contract.smallest_tiyin:
        return PayingOffer(channel, None, contract.smallest_tiyin, PayingObstacle.TOO_SMALL)
    part = min(amount_tiyin, contract.largest_tiyin)
    link = _link(channel, contract, account_number, part)
    if link is None:
        return PayingOffer(channel, None, part, PayingObstacle.NO_LINK)
    return PayingOffer(channel, link, part, PayingObstacle.TOO_LARGE if part < amount_tiyin else None)


def _link(channel: Channel, contract: PaymentContractRecord, account_number: str, amount_tiyin: int) -> str | None:
    """Return the address of a provider's page; None if it is not set up."""
    if channel == Channel.PAYME:
        return payme_link(contract, account_number, amount_tiyin)
    if channel == Channel.CLICK:
        return click_link(contract, account_number, amount_tiyin)
    template: str = current_app.config[f"{channel}_LINK"]
    filled = {
        "merchant": quote(contract.merchant_number), "service": quote(contract.service_number), "account": account_number,
        "tiyin": str(amount_tiyin), "som": f"{amount_tiyin // 100}.{amount_tiyin % 100:02d}",
    }  # fmt: skip
    needed = [name for name in filled if "{" + name + "}" in template]
    if not template.startswith("https://") or not all(filled[name] for name in needed):
        return None
    for name in needed:
        template = template.replace("{" + name + "}", filled[name])
    return template
