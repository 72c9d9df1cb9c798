"""Files of dictionaries: CSV or XLSX whose header names the dictionary's columns as its export writes them."""

from collections.abc import Mapping, Sequence

from app.gateways.tables import columns_of, plain_number, read_table

#: Columns whose figures spreadsheets like to turn into numbers.
_CODES = frozenset({"code", "mfo", "division"})


def parse_dictionary(
    content: bytes, name: str, columns: Sequence[str], *, optional: Sequence[str] = ()
) -> list[tuple[int, Mapping[str, str]]]:
    """Return the rows of a dictionary's file with their numbers; what stands in the cells is not judged.

    :param columns: the dictionary's columns; all but the optional ones must be in the header
    :raises Unreadable: if the file cannot be read, or a column is missing, or there are no rows
    """
    table = read_table(content, name)
    names = {column: (column, column.replace("_", " ")) for column in columns}
    needed = [column for column in columns if column not in optional]
    return [
        (row_no, {column: plain_number(cell) if column in _CODES else cell for column, cell in zip(columns, cells, strict=True)})
        for row_no, cells in columns_of(table, names, needed=needed)
    ]
