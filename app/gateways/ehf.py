"""The tax invoice (EHF) as JSON of the tax committee's electronic invoices.

Source: Soliq service documentation of electronic invoices (names of the fields, types 0 and ``OldFacturaDoc``), read second hand.
Open until an operator's contract is signed: the numbers of the types of correcting invoices (from memory),
whether sums are sent as numbers or as texts (texts here: exact to the tiyin), the codes of measures, and the catalogue code
of energy, which the office enters with the resource.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

VERSION = 1
#: Types of an invoice: an ordinary one, one in addition to another, and one that corrects another.
ORDINARY, ADDITIONAL, CORRECTING = 0, 1, 4
#: A side that pays VAT; from memory.
VAT_PAYER, NO_VAT_PAYER = 20, 10


class Side(NamedTuple):
    """Seller or buyer; what is not known is empty."""

    name: str
    stir: str
    vat_registration: str
    oked: str
    mfo: str
    bank_account: str
    address: str
    phone: str
    director: str
    accountant: str


class Product(NamedTuple):
    """A line of an invoice; sums in tiyin, quantity in thousandths, price in ten-thousandths of a soʻm, without VAT."""

    name: str
    catalog_code: str
    catalog_name: str
    measure_code: str
    quantity_milli: int
    price_e4: int
    net_tiyin: int
    vat_percent: Decimal
    vat_tiyin: int

    @property
    def gross_tiyin(self) -> int:
        """The sum with VAT."""
        return self.net_tiyin + self.vat_tiyin


class Named(NamedTuple):
    """A document by its number and date."""

    number: str
    on: date


class Invoice(NamedTuple):
    """A tax invoice, ready to be written down."""

    #: anything that names it among all invoices; its number in the exchange is made from it
    key: str
    document: Named
    contract: Named | None
    #: the invoice this one corrects, with its key
    old: tuple[str, Named] | None
    seller: Side
    buyer: Side
    products: tuple[Product, ...]
    #: the type of one that changes an earlier one
    further_type: int = CORRECTING


def identifier(key: str) -> str:
    """Return the 24 hexadecimal digits by which the exchange knows a document; the same key gives the same.

    >>> len(identifier("bill 1"))
    24
    """
    return hashlib.sha256(key.encode()).hexdigest()[:24]


def encode(invoice: Invoice) -> str:
    """Return an invoice as the JSON that is signed and sent."""
    contents = {
        "Version": VERSION,
        "FacturaType": invoice.further_type if invoice.old else ORDINARY,
        "SingleSidedType": 0,
        "FacturaId": identifier(invoice.key),
        "FacturaDoc": _factura(invoice.document),
        "OldFacturaDoc": {"OldFacturaId": identifier(invoice.old[0]), **_old(invoice.old[1])} if invoice.old else None,
        "ContractDoc": _contract(invoice.contract),
        "FacturaEmpowermentDoc": None,
        "ItemReleasedDoc": None,
        "SellerTin": invoice.seller.stir,
        "BuyerTin": invoice.buyer.stir,
        "Seller": _side(invoice.seller),
        "Buyer": _side(invoice.buyer),
        "ProductList": _products(invoice),
    }
    return json.dumps(contents, ensure_ascii=False, separators=(",", ":"))


def som(tiyin: int) -> str:
    """Return an amount as exact soʻm.

    >>> som(-5)
    '-0.05'
    """
    return f"{'-' if tiyin < 0 else ''}{abs(tiyin) // 100}.{abs(tiyin) % 100:02d}"


def _plain(value: int, scale: int) -> str:
    """Return a whole number of parts as a decimal without needless zeros."""
    return f"{Decimal(value) / scale:f}"


def _factura(document: Named) -> dict[str, str]:
    return {"FacturaNo": document.number, "FacturaDate": document.on.isoformat()}


def _old(document: Named) -> dict[str, str]:
    return {"OldFacturaNo": document.number, "OldFacturaDate": document.on.isoformat()}


def _contract(contract: Named | None) -> dict[str, str]:
    return {"ContractNo": contract.number if contract else "", "ContractDate": contract.on.isoformat() if contract else ""}


def _side(side: Side) -> dict[str, object]:
    return {
        "Name": side.name,
        "Account": side.bank_account,
        "BankId": side.mfo,
        "Address": side.address,
        "Mobile": "",
        "WorkPhone": side.phone,
        "Oked": side.oked,
        "DistrictId": "",
        "Director": side.director,
        "Accountant": side.accountant,
        "VatRegCode": side.vat_registration,
        "VatRegStatus": VAT_PAYER if side.vat_registration else NO_VAT_PAYER,
        "BranchCode": "",
        "BranchName": "",
    }


def _products(invoice: Invoice) -> dict[str, object]:
    return {
        "FacturaProductId": identifier(f"{invoice.key} products"),
        "Tin": invoice.seller.stir,
        "HasVat": any(product.vat_tiyin for product in invoice.products),
        "HasExcise": False,
        "HasCommittent": False,
        "HasLgota": False,
        "Products": _rows(invoice.products),
    }


def _rows(products: Sequence[Product]) -> list[dict[str, object]]:
    return [
        {
            "OrdNo": place,
            "CatalogCode": product.catalog_code,
            "CatalogName": product.catalog_name,
            "BarCode": "",
            "Name": product.name,
            "MeasureId": product.measure_code,
            "Count": _plain(product.quantity_milli, 1000),
            "Summa": _plain(product.price_e4, 10_000),
            "DeliverySum": som(product.net_tiyin),
            "VatRate": _plain(int(product.vat_percent * 100), 100),
            "VatSum": som(product.vat_tiyin),
            "DeliverySumWithVat": som(product.gross_tiyin),
            "WithoutVat": product.vat_percent == 0,
            "PackageCode": "",
            "PackageName": "",
            "Origin": 0,
        }
        for place, product in enumerate(products, 1)
    ]
