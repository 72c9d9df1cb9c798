"""Files of seals: a number a row, or the first and the last of a range; CSV or XLSX."""

from app.domain.administration.translations import catalog_text
from app.gateways.uploads import FileColumn, FileSpec, read_lines


def parse_seals(content: bytes, name: str, unread: list[str] | None = None) -> list[str]:
    """Return the seals of a CSV or XLSX file, a number or a range each; whether they are any good is not looked at.

    :param unread: filled with the names of a workbook's further filled sheets
    :raises Unreadable: if the file cannot be read, or lacks a column, or has no rows
    """
    rows = (cells for _row_no, cells, _refusal in read_lines(content, name, SEALS, unread=unread))
    return [f"{first} .. {last}" if last and last != first else first for first, last in rows]


SEALS = FileSpec(
    catalog_text("Load a file of seals"),
    catalog_text("CSV or XLSX with the columns seal number and, where a row is a range, last number."),
    parse_seals,
    {
        "number": FileColumn(
            ("seal number", "first number", "number"),
            ("номер пломбы", "первый номер", "номер"),
            ("plomba raqami", "birinchi raqam", "raqam"),
            ("пломба рақами", "биринчи рақам", "рақам"),
        ),
        "last_number": FileColumn(("last number",), ("последний номер",), ("oxirgi raqam",), ("охирги рақам",), is_needed=False),
    },
    {"number": "NP-000001", "last_number": "NP-000100"},
)
