"""Columns of a table on a page: what stands in the head, how a cell is written, and on which side."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from app.labels import figures
from app.labels.columns import COLUMN_LABELS
from app.labels.states import DAYS, badge, is_figure

#: How a value is written that is there, by the kind of its column.
_WRITERS: Mapping[str, Callable[[Any], Any]] = {
    "money": figures.money,
    "quantity": figures.quantity,
    "number": figures.number,
    "rate_e4": figures.rate_e4,
    "day": figures.day,
    "month": figures.month,
    "moment": figures.moment,
    "iso_day": figures.iso_day,
    "iso_month": figures.iso_month,
    "register": figures.register,
    "figure": figures.plain,
    "text": figures.plain,
}
#: How the days of a period are written, by the kind of its column; a row says ``period_from`` and ``period_to``.
_PERIODS: Mapping[str, Callable[[Any], str]] = {"period": figures.day, "iso_period": figures.iso_day}
#: Kinds whose numbers stand below one another.
_FIGURES = {"money", "quantity", "number", "rate_e4", "figure", "own figure"}
#: Kinds that stay on one line.
_UNBROKEN = {"day", "month", "moment", "iso_day", "iso_month", "period", "iso_period"}


class Column(NamedTuple):
    """A column of a table on a page.

    :ivar name: attribute of the rows, key or number of a place; ``0.due_on`` is that of the first of several records
    :ivar kind: how a cell is written: ``money``, ``word Channel``, ``badge BillState``, by its name where empty; what the page writes
        itself is ``own``, or ``own figure`` with its numbers below one another
    """

    name: str
    head: Any
    kind: str

    @property
    def last_name(self) -> str:
        """Return the name in its own record."""
        return self.name.rpartition(".")[2]

    @property
    def is_own(self) -> bool:
        """Tell whether the page writes the cells."""
        return self.kind.startswith("own")

    @property
    def is_figure(self) -> bool:
        """Tell whether numbers stand below one another."""
        return self.kind in _FIGURES or (not self.kind and is_figure(self.last_name))

    @property
    def css(self) -> str:
        """Return the class of its cells."""
        if self.is_figure:
            return "num"
        kind = "day" if self.kind in {"", "own"} and self.last_name.endswith(DAYS) else self.kind
        return {"badge": "state"}.get(kind.partition(" ")[0], "day" if kind in _UNBROKEN else "")


def columns(asked: Sequence[str | Sequence[Any]]) -> list[Column]:
    """Return the columns a page asks for: each a name, or a name with its head, or these and a kind.

    >>> [(column.name, column.head, column.is_figure) for column in columns([("debt_tiyin", "Debt"), ("0.on", "Day", "day")])]
    [('debt_tiyin', 'Debt', True), ('0.on', 'Day', False)]
    """
    found = []
    for each in asked:
        name, head, kind, *_ = [*([each] if isinstance(each, str) else each), "", ""]
        found.append(Column(name, head or COLUMN_LABELS[name.rpartition(".")[2]], kind))
    return found


def value(row: Any, name: str) -> Any:
    """Return what a row holds under the name of a column.

    :raises AttributeError: if it has nothing of that name

    >>> value(({"debt": 5}, "UNPAID"), "0.debt"), value(("a", "b"), "1")
    (5, 'b')
    """
    for part in name.split("."):
        row = row[int(part)] if part.isdigit() else row[part] if isinstance(row, Mapping) else getattr(row, part)
    return row


def cell(row: Any, column: Column, unit: str = "") -> Any:
    """Return a cell as people read it; nothing where the row holds nothing.

    :param unit: unit of measurement of quantities
    """
    if column.kind in _PERIODS:
        return " – ".join(_PERIODS[column.kind](value(row, name)) for name in ("period_from", "period_to"))
    return written(value(row, column.name), column, unit)


def written(found: Any, column: Column, unit: str = "") -> Any:
    """Return a value of a column as people read it; nothing where there is none."""
    if found is None:
        return ""
    kind, _, enum = column.kind.partition(" ")
    if kind == "word":
        return figures.word(found, enum)
    if kind == "badge":
        return badge(found, enum)
    if unit and (kind == "quantity" or (not kind and column.last_name.endswith("_milli"))):
        return figures.quantity(found, unit)
    return (_WRITERS[kind] if kind else figures.formatter_of(column.last_name))(found)


def totals(asked: Sequence[Column], record: Any, unit: str = "") -> tuple[int, list[Any]]:
    """Return how many columns stand before the first figure, and the totals below all others; nothing where a record has none.

    :param record: totals under the names of the columns
    """
    first = next(place for place, column in enumerate(asked) if column.is_figure)
    return first, [_total(column, record, unit) for column in asked[first:]]


def _total(column: Column, record: Any, unit: str) -> Any:
    name = column.last_name
    found = record.get(name) if isinstance(record, Mapping) else getattr(record, name, None)
    return ("" if found is None else found) if column.is_own else written(found, column, unit)


def places(names: Sequence[str]) -> list[tuple[str, Any]]:
    """Return the columns of rows that are tuples of finished texts, from the names of these."""
    return [(str(place), COLUMN_LABELS[name]) for place, name in enumerate(names)]
