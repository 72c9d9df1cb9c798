"""Tables people lay out themselves: figures by what they are told apart by, in rows and columns, with totals."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from itertools import product
from typing import Any, Final, NamedTuple


class _All(Enum):
    """In place of a value: all of them together."""

    ALL = "ALL"


ALL: Final = _All.ALL
Key = tuple[Any, ...]


class Cube(NamedTuple):
    """Figures by the values of each dimension, with ``ALL`` in place of a value where they are summed over it.

    :ivar figures: key, a value for each dimension → the figures, None: there is none
    """

    figures: Mapping[Key, Sequence[int | None]]

    def values(self, place: int) -> set[Any]:
        """Return the values of a dimension."""
        return {key[place] for key in self.figures} - {ALL}


def cube(facts: Iterable[tuple[Key, Sequence[int | None]]], given: Iterable[int] = ()) -> Cube:
    """Return figures with what they sum to over each dimension and over several.

    >>> found = cube([(("a", 1), [5]), (("a", 2), [7]), (("b", 1), [1])])
    >>> found.figures["a", ALL], found.figures[ALL, 1], found.figures[ALL, ALL]
    ([12], [6], [13])

    :param facts: keys and figures; those of one key are added up, a figure that is None adds nothing
    :param given: places of dimensions that are not summed over: what all their values make is among the facts, under ``ALL``
    """
    kept, found = set(given), dict[Key, list[int | None]]()
    for key, figures in facts:
        choices = [(value,) if place in kept else (value, ALL) for place, value in enumerate(key)]
        for every in product(*choices):
            sums = found.setdefault(every, [None] * len(figures))
            for place, figure in enumerate(figures):
                if figure is not None:
                    sums[place] = (sums[place] or 0) + figure
    return Cube(found)


class TableRow(NamedTuple):
    """A row of a laid-out table: its values, and the figures of each column one after another."""

    key: Key
    cells: list[int | None]

    @property
    def is_total(self) -> bool:
        """Whether it sums others of the table."""
        return ALL in self.key


class TableGrid(NamedTuple):
    """A laid-out table.

    :ivar columns: values of the dimension across, ``ALL`` at the end; ``(ALL,)`` if there is none
    """

    columns: Sequence[Any]
    rows: Sequence[TableRow]


def laid_out(found: Cube, orders: Sequence[Callable[[Any], Any]], *, across: bool, figures: int) -> TableGrid:
    """Lay figures out: a row for each combination that has some, sums over the second dimension below its rows, over all at the end.

    :param orders: for each dimension, what its values are sorted by; the last dimension stands across if one does
    """
    places = len(orders) - across
    columns: list[Any] = sorted(found.values(places), key=orders[-1]) if across else []
    columns.append(ALL)
    keys = {key[:places] for key in found.figures}

    def place_of(key: Key) -> list[tuple[int, Any]]:
        return [(1, 0) if value is ALL else (0, order(value)) for value, order in zip(key, orders, strict=False)]

    shown = sorted((key for key in keys if _stands(key)), key=place_of)
    return TableGrid(columns, [TableRow(key, _cells(found, key, columns, across=across, figures=figures)) for key in shown])


def _stands(key: Key) -> bool:
    """Tell whether a key is a row: one without sums, or summed over the last dimensions only."""
    return all(value is not ALL or set(key[place:]) == {ALL} for place, value in enumerate(key))


def _cells(found: Cube, key: Key, columns: Sequence[Any], *, across: bool, figures: int) -> list[int | None]:
    nothing: list[int | None] = [None] * figures
    return [figure for column in columns for figure in found.figures.get((*key, column) if across else key, nothing)]
