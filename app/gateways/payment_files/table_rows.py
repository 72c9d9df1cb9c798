"""What the rows of a payment file's table hold: which cells are which columns, and the rows of totals.

Runs in the process that the package starts.
"""

from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter

from app.domain.payments.files import FIELDS, Column, FileTotals, Form, Profile, TotalsPlace
from app.gateways.payment_files.rows import Days, UnreadableRow, amount_reader
from app.gateways.payment_files.tables import Cells, PaymentFileTable, column_key
from app.gateways.workbooks import WorkbookRefused


class Layout:
    """Where the columns of a table stand."""

    def __init__(self, names: Sequence[str], profile: Profile) -> None:
        self._keys = [column_key(name) for name in names]
        places = {name: self.place(column) for name, column in profile.columns.items()}
        #: fewest cells a row has, or characters a line
        self.needed = max(place.stop for place in places.values())
        #: cells of a row that the header names; 0 if columns are found by their places
        self.named = max((at for at, key in enumerate(self._keys, 1) if key), default=0) if _by_names(profile) else 0
        self.pick = _picker([places.get(name) for name in FIELDS], fixed=profile.form is Form.FIXED)

    def place(self, column: Column) -> slice:
        """Return which cells, or characters, a column is.

        :raises WorkbookRefused: if no column has this name, or several have
        """
        if isinstance(column, tuple):
            return slice(column[0] - 1, column[0] - 1 + column[1])
        if isinstance(column, int):
            return slice(column - 1, column)
        found = self._keys.count(column_key(column))
        if found != 1:
            raise WorkbookRefused("NO_HEADER", "%(column)s stands %(count)s times", column=column, count=found)
        index = self._keys.index(column_key(column))
        return slice(index, index + 1)

    def cell(self, cells: Cells, column: Column | None) -> str:
        """Return the text of a column in any row, empty if it has none."""
        return "".join(cells[self.place(column)]).strip() if column else ""

    def beyond(self, cells: Cells) -> str:
        """Return the first filled cell that the header does not name, or nothing."""
        if not self.named or len(cells) <= self.named:
            return ""
        return next(filter(str.strip, cells[self.named :]), "")


def _by_names(profile: Profile) -> bool:
    return any(isinstance(column, str) for column in profile.columns.values())


def _picker(places: Sequence[slice | None], *, fixed: bool) -> Callable[[Cells], Sequence[str]]:
    """Return what takes the texts of ``FIELDS`` out of a row that is long enough."""
    if fixed:
        slices = [place or slice(0) for place in places]
        return lambda line: ["".join(line[place]).strip() for place in slices]
    pick = itemgetter(*(-1 if place is None else place.start for place in places))
    if None not in places:
        return pick
    return lambda cells: pick([*cells, ""])


# Control totals


class Control:
    """The row of control totals.

    :ivar declared: what it says; None where the profile knows no such row
    :ivar payment_file_number: the payment file's own number, or empty
    :ivar dated_on: the payment file's date, ISO, or empty
    """

    def __init__(self, table: PaymentFileTable, layout: Layout, profile: Profile) -> None:
        self.declared: FileTotals | None = None
        self.payment_file_number = self.dated_on = ""
        self._totals, self._layout = profile.totals, layout
        self._amount_column = profile.columns["amount"]
        self._amount_of = amount_reader(profile)
        self._days = Days(profile.date_format, "iso")
        self._group = profile.group_separator
        if self._totals.place is TotalsPlace.HEADER_ROW:
            if len(table.head) < self._totals.row:
                raise WorkbookRefused("CUT", "the file ends above its control totals")
            self._read(self._totals.row, table.head[self._totals.row - 1])

    def payments(self, rows: Iterator[tuple[int, Cells]]) -> Iterator[tuple[int, Cells]]:
        """Return the rows without that of the control totals.

        :raises WorkbookRefused: if there is none where there must be, as in a file that is cut, or payments stand below it
        """
        if self._totals.place is TotalsPlace.LAST_ROW:
            return self._all_but_the_last(rows)
        if self._totals.place is TotalsPlace.MARKER:
            return self._up_to_the_marker(rows)
        return rows

    def _all_but_the_last(self, rows: Iterator[tuple[int, Cells]]) -> Iterator[tuple[int, Cells]]:
        filled = (row for row in rows if is_filled(row[1]))
        last = next(filled, None)
        if last is None:
            raise WorkbookRefused("CUT", "the file ends above its control totals")
        for row in filled:
            yield last
            last = row
        self._read(*last)

    def _up_to_the_marker(self, rows: Iterator[tuple[int, Cells]]) -> Iterator[tuple[int, Cells]]:
        marker = self._totals.marker.casefold()
        for row_no, cells in rows:
            if marker in raw_text(cells).casefold() and _first_filled(cells).startswith(marker):
                break
            yield row_no, cells
        else:
            raise WorkbookRefused("CUT", "no row begins with %(mark)s: the file may be cut", mark=self._totals.marker)
        self._read(row_no, cells)
        for below, cells in rows:
            if any(map(str.isdecimal, self._layout.cell(cells, self._amount_column))):
                raise WorkbookRefused("CUT", "row %(row)s has an amount below the control totals", row=below)

    def _read(self, row_no: int, cells: Cells) -> None:
        said = {name: self._layout.cell(cells, column) for name, column in self._totals.columns.items()}
        try:
            count = self._count_of(said["count"]) if "count" in said else None
            sum_tiyin = self._sum_of(said["sum"]) if "sum" in said else None
            self.dated_on = self._days[said["dated_on"]] if said.get("dated_on") else ""
        except (UnreadableRow, ValueError):
            raise WorkbookRefused("CUT", "the control totals cannot be read in row %(row)s; the file may be cut", row=row_no) from None
        self.declared = FileTotals(count, sum_tiyin)
        self.payment_file_number = said.get("number", "")[:100]

    def _count_of(self, text: str) -> int:
        digits = text.replace(self._group, "") if self._group else text
        if not (digits.isascii() and digits.isdecimal() and len(digits) < 10):
            raise ValueError
        return int(digits)

    def _sum_of(self, text: str) -> int:
        """Return the sum, which may be nothing where reversals make up for payments."""
        return 0 if text and not text.strip("0.,") else self._amount_of(text)


def is_filled(cells: Cells) -> bool:
    """Tell whether anything that can be seen stands in a row."""
    return any(not (mark.isspace() or mark < " ") for mark in raw_text(cells))


def raw_text(cells: Cells) -> str:
    """Return a row as one text, its cells set apart by blanks."""
    return cells if isinstance(cells, str) else " ".join(cells)


def _first_filled(cells: Cells) -> str:
    return raw_text(cells).strip().casefold()
