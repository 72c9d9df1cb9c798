"""Files of subsidies: account number, amount and month, as CSV or XLSX."""

from typing import NamedTuple

from app.domain.administration.translations import catalog_text
from app.gateways.tables import TableRefusal
from app.gateways.uploads import FileColumn, FileSpec, read_lines


class SubsidyLine(NamedTuple):
    """A row of a file of subsidies, as it is written there."""

    row_no: int
    account_number: str
    amount: str
    month: str
    #: why the row is refused as it stands
    refusal: TableRefusal | None = None


def parse_subsidies(content: bytes, name: str, unread: list[str] | None = None) -> list[SubsidyLine]:
    """Return the rows of a CSV or XLSX file; whether they are any good is not looked at.

    :param unread: filled with the names of a workbook's further filled sheets
    :raises Unreadable: if the file cannot be read, or lacks a column, or has no rows
    """
    lines = read_lines(content, name, SUBSIDIES, unread=unread)
    return [SubsidyLine(row_no, account, amount, month, refusal) for row_no, (account, amount, month), refusal in lines]


SUBSIDIES = FileSpec(
    catalog_text("Load a file of subsidies"),
    catalog_text(
        "CSV or XLSX with the columns account number, amount (soʻm) and month (2026-03). "
        "Good rows are granted, the others are named with their column."
    ),
    parse_subsidies,
    {
        "account_number": FileColumn(("account number", "account"), ("лицевой счёт", "лицевой счет"), ("hisobraqam",), ("ҳисобрақам",)),
        "amount_tiyin": FileColumn(("amount", "sum"), ("сумма",), ("summa",), ("сумма",)),
        "billing_month": FileColumn(("month", "billing month"), ("месяц",), ("oy",), ("ой",)),
    },
    {"account_number": "269990000001", "amount_tiyin": "150000.00", "billing_month": "2026-03"},
)
