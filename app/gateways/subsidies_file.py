"""Files of subsidies: account number, amount and month, as CSV or XLSX."""

from typing import NamedTuple

from app.gateways.tables import TableRefusal, columns_of, read_table

#: What the columns are called, the surest name first.
NAMES = {
    "account_number": ("account number", "account", "лицевой счёт", "лицевой счет", "hisobraqam", "ҳисобрақам"),
    "amount_tiyin": ("amount", "sum", "сумма", "summa"),
    "billing_month": ("month", "billing month", "месяц", "oy"),
}


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
    table = read_table(content, name, unread=unread)
    lines = columns_of(table, NAMES, needed=tuple(NAMES))
    return [SubsidyLine(row_no, account, amount, month, refusal) for row_no, (account, amount, month), refusal in lines]
