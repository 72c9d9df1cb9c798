"""Files of statements: reference, amount, state and moment, as CSV or XLSX.

No provider's layout of a daily registry is public, so the columns are found by their names. Inferred; the contract's annex decides.
"""

from typing import NamedTuple

from app.gateways.tables import TableRefusal, columns_of, read_table

#: What the columns are called, the surest name first.
NAMES = {
    "reference": ("reference", "transaction", "transaction id", "номер транзакции", "транзакция", "tranzaksiya"),
    "amount_tiyin": ("amount", "sum", "сумма", "summa"),
    "state": ("state", "status", "статус", "состояние", "holat", "holati"),
    "happened_at": ("moment", "date and time", "date", "дата и время", "дата", "sana"),
}


class ProviderStatementLine(NamedTuple):
    """A row of a statement, as it is written there."""

    row_no: int
    reference: str
    #: soʻm
    amount: str
    state: str
    moment: str
    #: why the row is refused as it stands
    refusal: TableRefusal | None = None


def parse_statement(content: bytes, name: str, unread: list[str] | None = None) -> list[ProviderStatementLine]:
    """Return the rows of a CSV or XLSX file; whether they are any good is not looked at.

    :param unread: filled with the names of a workbook's further filled sheets
    :raises Unreadable: if the file cannot be read, or lacks a column, or has no rows
    """
    table = read_table(content, name, unread=unread)
    lines = columns_of(table, NAMES, needed=tuple(NAMES))
    return [
        ProviderStatementLine(row_no, reference, amount, state, moment, refusal)
        for row_no, (reference, amount, state, moment), refusal in lines
    ]
