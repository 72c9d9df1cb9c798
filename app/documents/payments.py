"""A receipt on paper."""

from datetime import datetime

from flask_babel import get_locale
from sqlalchemy.orm import Session

from app import labels
from app.documents import pdf
from app.domain.documents import FIRST_FORM, BalanceAfter, PrintedKind
from app.domain.ledger import DocumentKind
from app.domain.payments.channels import Channel
from app.queries import documents as papers
from app.queries.payments import Receipt

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
