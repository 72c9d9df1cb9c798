"""A receipt on paper."""

from flask_babel import get_locale

from app import labels
from app.documents import pdf
from app.domain.payments import Channel
from app.queries.payments import Receipt


def receipt_pdf(receipt: Receipt) -> bytes:
    """Return a receipt as PDF in the language of the screen."""
    return pdf.render("documents/receipt.html", str(get_locale()), receipt=receipt, labels=labels, Channel=Channel)
