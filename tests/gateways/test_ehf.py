"""The JSON of tax invoices: the fields the exchange knows, and exact sums."""

import json
from datetime import date
from decimal import Decimal

import pytest

from app.gateways import ehf

SIDE = ehf.Side("A", "301234567", "326010001234", "35140", "00014", "2" * 20, "Tashkent", "+998901234567", "Director", "Accountant")
FIELDS = (
    "Version FacturaType SingleSidedType FacturaId FacturaDoc OldFacturaDoc ContractDoc FacturaEmpowermentDoc ItemReleasedDoc SellerTin "
    "BuyerTin Seller Buyer ProductList"
).split()


def invoice(*products: ehf.Product, old: tuple[str, ehf.Named] | None = None) -> dict[str, object]:
    made = ehf.Invoice("bill 1", ehf.Named("1", date(2026, 2, 1)), None, old, SIDE, SIDE._replace(vat_registration=""), products)
    found: dict[str, object] = json.loads(ehf.encode(made))
    return found


def product(net: int, vat: int, percent: str = "12") -> ehf.Product:
    return ehf.Product("Energy", "1" * 17, "Electricity", "22", 1500, 8_928_571, net, Decimal(percent), vat)


def test_invoice_has_the_fields_of_the_exchange_in_their_order() -> None:
    sent = invoice(product(100, 12))

    assert list(sent) == FIELDS
    assert (sent["FacturaType"], sent["OldFacturaDoc"]) == (0, None)


@pytest.mark.parametrize(
    ("tiyin", "som"), [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (123456, "1234.56"), (10**15 + 1, "10000000000000.01")]
)
def test_sums_are_exact(tiyin: int, som: str) -> None:
    assert ehf.som(tiyin) == som


def test_line_without_vat_says_so() -> None:
    rows = invoice(product(100, 12), product(500, 0, "0.00"))["ProductList"]["Products"]  # type: ignore[index]

    assert [(row["OrdNo"], row["VatRate"], row["WithoutVat"], row["DeliverySumWithVat"]) for row in rows] == [
        (1, "12", False, "1.12"),
        (2, "0", True, "5.00"),
    ]
    assert (rows[0]["Count"], rows[0]["Summa"]) == ("1.5", "892.8571")


def test_correcting_invoice_names_the_old_one_as_the_exchange_knows_it() -> None:
    sent = invoice(product(-100, -12), old=("bill 0", ehf.Named("7", date(2026, 1, 1))))

    assert sent["FacturaType"] == ehf.CORRECTING
    assert sent["OldFacturaDoc"] == {"OldFacturaId": ehf.identifier("bill 0"), "OldFacturaNo": "7", "OldFacturaDate": "2026-01-01"}
