"""Files of statements: reference, amount, state and moment, as CSV or XLSX.

No provider's layout of a daily file is public, so the columns are found by their names. Inferred; the contract's annex decides.
"""

from typing import NamedTuple

from app.domain.administration.translations import catalog_text
from app.gateways.tables import TableRefusal
from app.gateways.uploads import FileColumn, FileSpec, read_lines


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
    lines = read_lines(content, name, STATEMENTS, unread=unread)
    return [
        ProviderStatementLine(row_no, reference, amount, state, moment, refusal)
        for row_no, (reference, amount, state, moment), refusal in lines
    ]


STATEMENTS = FileSpec(
    catalog_text("Load a statement"),
    catalog_text(
        "CSV or XLSX with the columns reference, amount (soʻm), state and moment (2026-01-31 14:05:00). "
        "Good rows are taken, the others are named with their column."
    ),
    parse_statement,
    {
        "reference": FileColumn(
            ("reference", "transaction", "transaction id"),
            ("номер транзакции", "транзакция"),
            ("tranzaksiya",),
            ("транзакция рақами", "транзакция"),
        ),
        "amount_tiyin": FileColumn(("amount", "sum"), ("сумма",), ("summa",), ("сумма",)),
        "state": FileColumn(("state", "status"), ("статус", "состояние"), ("holat", "holati"), ("ҳолат", "ҳолати")),
        "happened_at": FileColumn(
            ("moment", "date and time", "date"), ("дата и время", "дата"), ("sana va vaqt", "sana"), ("сана ва вақт", "сана")
        ),
    },
    {"reference": "1234567890", "amount_tiyin": "25000.00", "state": "performed", "happened_at": "2026-01-31 14:05:00"},
)
