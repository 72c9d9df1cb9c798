"""A tax invoice on paper: exactly what was sent, in the consumer's language."""

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import labels
from app.documents import pdf
from app.documents.billing.invoice_form import InvoicePaper, invoice_sheet
from app.documents.sheets import Sheet, html
from app.domain.billing import Component, LineKind
from app.domain.documents import PrintedKind
from app.domain.metering import ZONE_REGISTERS
from app.queries.billing.invoices import InvoiceHead, InvoiceLine, InvoiceRecord, invoice, invoice_head
from app.services.billing.invoices import NoBuyerStir, NoCatalogCode, NoSeller, NoTaxInvoice, NotForInvoice, NothingToCorrect

#: Why a bill gets no tax invoice.
REASONS: dict[type[NoTaxInvoice], Callable[[], str]] = {
    NotForInvoice: lambda: _("Only bills with VAT of legal consumers get a tax invoice."),
    NoSeller: lambda: _("The division has no STIR and no address for its documents. Enter them with the division or one above it."),
    NoBuyerStir: lambda: _("The consumer has no STIR."),
    NoCatalogCode: lambda: _("The resource has no catalogue code (MXIK). Enter it with the resource."),
    NothingToCorrect: lambda: _("The bill it takes back has no tax invoice. Issue that one first."),
}


def reason(refusal: NoTaxInvoice) -> str:
    """Return in words why a bill gets no tax invoice."""
    return REASONS[type(refusal)]()


def line_name(head: InvoiceHead, line: InvoiceLine) -> str:
    """Return what a line of a tax invoice is called, in the consumer's language."""
    with force_locale(head.language):
        last = line.period_to
        days = f"{labels.day(line.period_from)} – {labels.day(last)}"
        charge = head.resource if line.component == Component.ENERGY else labels.member_of(Component, line.component)
        zone = f", {labels.register(line.zone)}" if line.zone in ZONE_REGISTERS else ""
        kind = "" if line.kind == LineKind.CHARGE else f" ({labels.member_of(LineKind, line.kind)})"
        return f"{charge}{zone}, {days}{kind}"[:300]


def invoice_pdf(session: Session, record: InvoiceRecord, *, copy_of: datetime | None) -> bytes:
    """Return a tax invoice as PDF in the consumer's language, in the form it was printed in first.

    :param copy_of: when it was printed first, if this is a copy
    """
    return html.in_its_form(
        session, PrintedKind.TAX_INVOICE, record.id, copy_of,
        first_form=lambda: invoice_page(session, record, copy_of=copy_of),
        sheet=lambda: invoice_sheets(session, [record.id], {record.id: copy_of} if copy_of else {})[0],
    )  # fmt: skip


def invoice_sheets(session: Session, ids: Sequence[int], copies: dict[int, datetime]) -> list[Sheet]:
    """Return tax invoices in the form of today, each in its consumer's language.

    :param copies: when those of them that are copies were printed first
    """
    made = []
    for each in ids:
        record = invoice(session, each)
        head = invoice_head(session, record.bill_id, recorded_at=record.created_at) if record else None
        assert record is not None, "a tax invoice to print is there"
        assert head is not None, "a tax invoice is of a bill of a legal consumer"
        old = invoice(session, record.corrects_id) if record.corrects_id else None
        with force_locale(head.language):
            made.append(invoice_sheet(InvoicePaper(record, head, old, json.loads(record.contents), copies.get(each))))
    return made


def invoice_page(session: Session, record: InvoiceRecord, *, copy_of: datetime | None) -> str:
    """Return a tax invoice in the first form, as they were printed before there was another."""
    head = invoice_head(session, record.bill_id, recorded_at=record.created_at)
    assert head is not None
    old = invoice(session, record.corrects_id) if record.corrects_id else None
    sent = json.loads(record.contents)
    return pdf.page(
        "documents/first_form/tax_invoice.html",
        head.language,
        record=record,
        head=head,
        copy_of=copy_of,
        old=old,
        sent=sent,
        rows=sent["ProductList"]["Products"],
        net_tiyin=record.amount_tiyin - record.vat_tiyin,
        labels=labels,
        figure=_figure,
        total=lambda tiyin: labels.number(Decimal(tiyin) / 100, "#,##0.00"),
        sent_day=_sent_day,
    )


def file_name(record: InvoiceRecord, kind: str) -> str:
    """Return a tax invoice's name as a file."""
    return f"{record.number}.{kind}"


def _figure(text: str, decimals: int = 2) -> str:
    """Return a number of the JSON as the reader writes it."""
    return labels.number(Decimal(text), "#,##0.00" if decimals == 2 else "#,##0.####")


def _sent_day(text: str) -> Any:
    """Return a day of the JSON as the reader writes it."""
    return labels.day(date.fromisoformat(text)) if text else "—"
