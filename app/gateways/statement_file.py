"""Files of statements: reference, amount, state and moment, as CSV or XLSX.

No provider's layout of a daily registry is public, so the columns are found by their names. Inferred; the contract's annex decides.
"""

from typing import NamedTuple

from app.gateways.tables import columns_of, plain_number, read_table

#: What the columns are called, the surest name first.
NAMES = {
    "reference": ("reference", "transaction", "transaction id", "номер транзакции", "транзакция", "tranzaksiya"),
    "amount": ("amount", "sum", "сумма", "summa"),
    "state": ("state", "status", "статус", "состояние", "holat", "holati"),
    "moment": ("moment", "date and time", "date", "дата и время", "дата", "sana"),
}


class StatementLine(NamedTuple):
    """A row of a statement, as it is written there."""

    row_no: int
    reference: str
    #: soʻm
    amount: str
    state: str
    moment: str


def parse_statement(content: bytes, name: str) -> list[StatementLine]:
    """Return the rows of a CSV or XLSX file; whether they are any good is not looked at.

    :raises Unreadable: if the file cannot be read, or lacks a column, or has no rows
    """
    table = read_table(content, name)
    rows = columns_of(table, NAMES, needed=tuple(NAMES))
    return [StatementLine(row_no, plain_number(reference), *rest) for row_no, (reference, *rest) in rows]
