"""The form of a tax invoice: what was sent, the sides beside each other, and room to sign."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import labels
from app.documents.sheets import Cell, Row, Rule, Sheet, SheetForm, Table, copy_line, figures, head, layout, line, signatures
from app.documents.sheets.html import foot
from app.documents.sheets.record import A4_ACROSS, MM
from app.gateways.ehf import ADDITIONAL
from app.queries.billing.invoices import InvoiceHead, InvoiceRecord

_NUMBERS = (4, 5, 6, 7, 8, 9)


class InvoicePaper(NamedTuple):
    """What a tax invoice shows."""

    record: InvoiceRecord
    head: InvoiceHead
    #: the one it corrects
    old: InvoiceRecord | None
    sent: Mapping[str, Any]
    copy_of: datetime | None


def invoice_sheet(paper: InvoicePaper) -> Sheet:
    """Return a tax invoice laid out, in the language that is spoken."""
    title = _("Tax invoice № %(number)s", number=paper.record.number)
    tables = (
        *copy_line(paper.copy_of), line(title, "title", side="center", stays=True), *_named(paper), _sides(paper.sent), _goods(paper),
        line(_("All sums are in soʻm."), gap=4, stays=True), _signed(paper.sent), *_exchange(paper),
    )  # fmt: skip
    return layout.laid(SheetForm(title, paper.head.language, (), (), tables, A4_ACROSS, 12 * MM), foot)


def _named(paper: InvoicePaper) -> list[Table]:
    record, contract = paper.record, paper.sent["ContractDoc"]
    texts = [_("of %(day)s", day=labels.day(record.invoiced_on))]
    if paper.old is not None:
        day = labels.day(paper.old.invoiced_on)
        is_additional = paper.sent["FacturaType"] == ADDITIONAL
        said = (
            _l("Additional to the tax invoice № %(number)s of %(day)s")
            if is_additional
            else _l("Corrects the tax invoice № %(number)s of %(day)s")
        )
        texts.append(str(said) % {"number": paper.old.number, "day": day})
    day = labels.iso_day(contract["ContractDate"]) if contract["ContractDate"] else "—"
    to_contract = _("To the contract № %(number)s of %(day)s", number=contract["ContractNo"] or "—", day=day)
    month = _("Bill for %(month)s", month=labels.month(paper.head.billing_month))
    texts.append(f"{to_contract} · {_('Account number')} {paper.head.account_number} · {month}")
    return [line(text, side="center") for text in texts]


def _sides(sent: Mapping[str, Any]) -> Table:
    captions = (
        ("Name", ""), ("Address", _("Address")), ("Tin", _("STIR")), ("VatRegCode", _("VAT registration code")),
        ("Account", _("Settlement account")), ("BankId", _("MFO")), ("Oked", _("OKED")), ("WorkPhone", _("Telephone")),
    )  # fmt: skip
    sides = [(_("Seller"), {**sent["Seller"], "Tin": sent["SellerTin"]}), (_("Buyer"), {**sent["Buyer"], "Tin": sent["BuyerTin"]})]
    rows = []
    for name, caption in captions:
        cells = [cell for title, side in sides for cell in (Cell(caption or title, "small"), _value(side[name], is_name=name == "Name"))]
        rows.append(Row(tuple(cells)))
    return Table((15, 35, 15, 35), tuple(rows), gap=5)


def _value(text: str, *, is_name: bool) -> Cell:
    return Cell(text or "—", "bold" if is_name else "plain")


def _goods(paper: InvoicePaper) -> Table:
    names = (
        "№", _("Goods and services"), _("Catalogue code (MXIK)"), _("Unit"), _("Quantity"), _("Price without VAT"), _("Sum without VAT"),
        _("VAT rate"), _("VAT"), _("Sum with VAT"),
    )  # fmt: skip
    record = paper.record
    rows = [figures(_product(each, paper.head.unit), _NUMBERS) for each in paper.sent["ProductList"]["Products"]]
    sums = (record.amount_tiyin - record.vat_tiyin, None, record.vat_tiyin, record.amount_tiyin)
    total = (
        Cell(_("Total to pay"), "bold figures", columns=6),
        *(Cell("" if tiyin is None else _total(tiyin), "bold figures", "right") for tiyin in sums),
    )
    rows = [*rows[:-1], *(row._replace(stays=True) for row in rows[-1:]), Row(total, stays=True)]
    return Table((3, 24, 13, 6, 9, 9, 12, 6, 8, 10), (head(names, _NUMBERS), *rows), Rule.AROUND, gap=6)


def _product(row: Mapping[str, Any], unit: str) -> tuple[str, ...]:
    rate = _("without VAT") if row["WithoutVat"] else f"{_figure(row['VatRate'], 4)} %"
    return (
        str(row["OrdNo"]), row["Name"], row["CatalogCode"], labels.unit_name(unit), _figure(row["Count"], 3), _figure(row["Summa"], 4),
        _figure(row["DeliverySum"]), rate, _figure(row["VatSum"]), _figure(row["DeliverySumWithVat"]),
    )  # fmt: skip


def _signed(sent: Mapping[str, Any]) -> Table:
    place, seller = "____________________", sent["Seller"]
    blank = _("of %(day)s", day="____________")
    return signatures(
        [
            (f"{_('Director')}: {place} {seller['Director']}", f"{_('Received by')}: {place} {sent['Buyer']['Director']}"),
            (f"{_('Chief accountant')}: {place} {seller['Accountant']}", f"{_('Power of attorney')} № ________ {blank}"),
            (f"{_('Released by')}: {place}", ""),
        ]
    )


def _exchange(paper: InvoicePaper) -> list[Table]:
    number = f"{_('Number in the exchange of electronic invoices')}: {paper.sent['FacturaId']}"
    return [line(number, "small", gap=6, stays=True), line(f"SHA-256: {paper.record.contents_sha256}", "small")]


def _figure(text: str, decimals: int = 2) -> str:
    """Return a number of the JSON as the reader writes it."""
    return labels.number(Decimal(text), "#,##0.00" if decimals == 2 else "#,##0.####")


def _total(tiyin: int) -> str:
    return labels.number(Decimal(tiyin) / 100, "#,##0.00")
