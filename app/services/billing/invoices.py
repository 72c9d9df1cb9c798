"""Tax invoices of legal consumers' bills: numbered without gaps, kept as they were sent.

The tax invoice of a bill that takes another back corrects the other's invoice, with negative sums: so the invoices of an
account always add up to its bills. Whether such an invoice is a correcting or an additional one is a setting, because the tax
committee's rule is not read yet.
Source: Tax Code of Uzbekistan, art. 47 (not read); fields as in ``app.gateways.ehf``.
"""

import hashlib
from collections.abc import Callable
from datetime import date

from sqlalchemy.orm import Session

from app.gateways import ehf
from app.models.billing import TaxInvoice
from app.queries import locks
from app.queries.administration import value_on
from app.queries.billing import invoices as queries
from app.queries.billing.invoices import InvoiceHead, InvoiceLine, InvoiceRecord, Party
from app.queries.locks import Lock

#: The type of a tax invoice of a bill that takes another back, by the operating parameter ``billing.further_invoice``.
FURTHER_TYPES = (ehf.CORRECTING, ehf.ADDITIONAL)
#: A quantity of one, for what is not counted in units.
_ONE = 1000

LineName = Callable[[InvoiceHead, InvoiceLine], str]


class NoTaxInvoice(Exception):
    """A bill gets no tax invoice."""


class NotForInvoice(NoTaxInvoice):
    """Only bills with VAT of legal consumers get one."""


class NoSeller(NoTaxInvoice):
    """Neither the division nor one above it has a STIR."""


class NoBuyerStir(NoTaxInvoice):
    """The consumer has no STIR."""


class NoCatalogCode(NoTaxInvoice):
    """The resource has no catalogue code (MXIK)."""


class NothingToCorrect(NoTaxInvoice):
    """The bill takes back one that has no tax invoice; that one comes first."""


def issue(session: Session, bill_id: int, *, invoiced_on: date, name_of: LineName) -> InvoiceRecord:
    """Issue the tax invoice of a bill with the division's next number of the year; one that was issued is returned as it is.

    :param name_of: what a line is called, in the consumer's language
    :raises NoTaxInvoice: one of the kinds above
    """
    head = queries.invoice_head(session, bill_id)
    if head is None or not head.vat_tiyin:
        raise NotForInvoice
    # Held to the end of the transaction: numbers are given one after another, and one that is rolled back is given again.
    locks.acquire(session, Lock.TAX_INVOICES, head.division_id)
    issued = queries.invoice_of_bill(session, bill_id)
    if issued is not None:
        return issued
    seller, buyer = _sides(session, head)
    old = _corrected(session, head)
    sequence_no = queries.last_sequence_no(session, division_id=head.division_id, year=invoiced_on.year) + 1
    document = ehf.Named(f"{head.branch_code}-{invoiced_on.year}-{sequence_no:06d}", invoiced_on)
    lines = queries.invoice_lines(session, bill_id)
    products = tuple(_product(head, line, name_of(head, line)) for line in lines)
    assert sum(product.gross_tiyin for product in products) == head.amount_tiyin, "an invoice adds up to its bill"
    assert sum(product.vat_tiyin for product in products) == head.vat_tiyin, "an invoice has the VAT of its bill"
    contract = ehf.Named(head.contract_number, head.contract_signed_on) if head.contract_number and head.contract_signed_on else None
    invoice = ehf.Invoice(
        head.public_id, document, contract, old and _named(session, old), _side(seller), _side(buyer), products,
        FURTHER_TYPES[value_on(session, "billing.further_invoice", invoiced_on)],
    )  # fmt: skip
    return _keep(session, head, invoice, sequence_no, old)


def _sides(session: Session, head: InvoiceHead) -> tuple[Party, Party]:
    seller, buyer = queries.seller(session, head.division_id), queries.buyer(session, head.account_id)
    if seller is None:
        raise NoSeller
    if not buyer.stir:
        raise NoBuyerStir
    if not head.catalog_code:
        raise NoCatalogCode
    return seller, buyer


def _corrected(session: Session, head: InvoiceHead) -> InvoiceRecord | None:
    if head.cancels_id is None:
        return None
    old = queries.invoice_of_bill(session, head.cancels_id)
    if old is None:
        raise NothingToCorrect
    return old


def _named(session: Session, old: InvoiceRecord) -> tuple[str, ehf.Named]:
    its_bill = queries.invoice_head(session, old.bill_id)
    assert its_bill is not None
    return its_bill.public_id, ehf.Named(old.number, old.invoiced_on)


def _keep(session: Session, head: InvoiceHead, invoice: ehf.Invoice, sequence_no: int, old: InvoiceRecord | None) -> InvoiceRecord:
    contents = ehf.encode(invoice)
    row = TaxInvoice(
        division_id=head.division_id,
        account_id=head.account_id,
        bill_id=head.bill_id,
        year=invoice.document.on.year,
        sequence_no=sequence_no,
        number=invoice.document.number,
        invoiced_on=invoice.document.on,
        corrects_id=old.id if old else None,
        amount_tiyin=head.amount_tiyin,
        vat_tiyin=head.vat_tiyin,
        contents=contents,
        contents_sha256=hashlib.sha256(contents.encode()).hexdigest(),
    )
    session.add(row)
    session.flush()
    kept = queries.invoice(session, row.id)
    assert kept is not None
    return kept


def _side(party: Party) -> ehf.Side:
    return ehf.Side(**{field: getattr(party, field) or "" for field in ehf.Side._fields})


def _product(head: InvoiceHead, line: InvoiceLine, name: str) -> ehf.Product:
    net = line.amount_tiyin - line.vat_tiyin
    quantity = line.quantity_milli or _ONE
    return ehf.Product(
        name=name,
        catalog_code=head.catalog_code or "",
        catalog_name=head.resource,
        measure_code=head.measure_code or "",
        quantity_milli=quantity,
        price_e4=price_e4(net, quantity),
        net_tiyin=net,
        vat_percent=line.vat_percent,
        vat_tiyin=line.vat_tiyin,
    )


def price_e4(net_tiyin: int, quantity_milli: int) -> int:
    """Return the price of a unit in ten-thousandths of a soʻm, half rounded away from zero.

    >>> price_e4(26_785_71, 50_000), price_e4(-5, 1000)
    (5357142, -500)
    """
    sign = -1 if (net_tiyin < 0) != (quantity_milli < 0) else 1
    return sign * ((2 * abs(net_tiyin) * 100_000 + abs(quantity_milli)) // (2 * abs(quantity_milli)))
