"""Files of dictionaries: CSV or XLSX whose header names the dictionary's columns as its export writes them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.domain.administration.translations import catalog_text
from app.gateways.tables import TableRefusal, columns_of, read_table
from app.gateways.uploads import FileSpec


class DictionaryRow(NamedTuple):
    """A row of a file of a dictionary as it stands there."""

    row_no: int
    cells: Mapping[str, str]
    #: why the row is refused as it stands
    refusal: TableRefusal | None = None


def parse_dictionary(
    content: bytes, name: str, columns: Sequence[str], *, optional: Sequence[str] = (), unread: list[str] | None = None
) -> list[DictionaryRow]:
    """Return the rows of a dictionary's file with their numbers; what stands in the cells is not judged.

    :param columns: the dictionary's columns; all but the optional ones must be in the header
    :param unread: filled with the names of a workbook's further filled sheets
    :raises Unreadable: if the file cannot be read, or a column is missing, or there are no rows
    """
    table = read_table(content, name, unread=unread)
    names = {column: (column, column.replace("_", " ")) for column in columns}
    needed = [column for column in columns if column not in optional]
    lines = columns_of(table, names, needed=needed)
    return [DictionaryRow(line.row_no, dict(zip(columns, line.cells, strict=True)), line.refusal) for line in lines]


#: The columns are each dictionary's own, and its export is the example.
DICTIONARIES = FileSpec(
    catalog_text("%(dictionary)s: load a file"),
    catalog_text(
        "The first row names the columns: %(columns)s. The export is such a file. "
        "Equal rows are left, others become one request that a second person approves."
    ),
    parse_dictionary,
)
