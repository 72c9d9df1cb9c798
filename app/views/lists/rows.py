"""Rows of a table for a list: counted and summed only as far as it stays quick, in an order that an index serves.

A list of ten million rows must answer as quickly for a district as for the republic. Two things see to it. Few rows are found by their
filters and sorted then. Many are read in the order of an index that begins with the division, one arm a division, merged by the database;
keys first, so that a far page reads an index and not the table.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from operator import eq
from typing import Any, NamedTuple

from flask_appbuilder.models.sqla.interface import SQLAInterface
from sqlalchemy import (
    ARRAY,
    BigInteger,
    BinaryExpression,
    BindParameter,
    BooleanClauseList,
    Column,
    Enum,
    UniqueConstraint,
    case,
    cast,
    func,
    inspect,
    literal,
    select,
    text,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Load
from sqlalchemy.sql.visitors import iterate

from app.extensions import db, record_disclosure, record_disclosures
from app.models.columns import NamedInLanguages
from app.queries import accounts, administration, reference
from app.views.lists.filters import FilterKinds

#: Selections up to so many rows are counted and summed; of larger ones a list says "more than".
COUNTED = 100_000
#: Selections up to so many rows are put in any order; larger ones in those that an index serves. Rows of a state or a kind are counted
#: so far alone: an index serves few of them, and to find one may take reading twenty.
SORTED = 10_000

#: Of pages up to here the first rows of each division are read and put together; farther ones are merged.
NEAR = 300
#: A limit no table reaches, and how long a person may wait for a sum they asked for.
MOST, PATIENCE = 10**12, "20s"

#: Columns that name an account by its number.
_NUMBERED = ("account_number", "subject")
_NUMBER = re.compile(r"(?<![0-9])[0-9]{12,13}(?![0-9])")


def show_numbers(texts: Iterable[str]) -> None:
    """Remember that this request shows the accounts whose numbers stand in some texts."""
    if numbers := {number for text in texts for number in _NUMBER.findall(text)}:
        record_disclosure("account", accounts.ids_of_numbers(db.session(), numbers))


class Totals(NamedTuple):
    """What is added up.

    :ivar reversals_subtract: rows that reverse another one hold the same amount, and take it off
    """

    columns: Sequence[str]
    reversals_subtract: bool = False


class RowCount(NamedTuple):
    """How many rows a selection has, and their sums.

    :ivar count: one more than the limit means that there are more
    :ivar totals: column → unit and sum, one for each unit; empty where the rows were not counted to the end
    :ivar sorted: selections up to so many rows are put in any order
    """

    count: int
    limit: int
    totals: dict[str, list[tuple[str, int]]]
    sorted: int

    @property
    def is_complete(self) -> bool:
        """Whether all rows were counted."""
        return self.count <= self.limit

    @property
    def is_sortable(self) -> bool:
        """Whether the rows are few enough for any order."""
        return self.count <= self.sorted


class Order(NamedTuple):
    """In which order rows stand; the key decides between equals."""

    column: str
    direction: str


class Choices(SQLAInterface):
    """Rows that a form offers; how many there are is counted for nobody."""

    def query_count(self, *_args: Any, **_kwargs: Any) -> int:
        """Return nothing counted."""
        return 0


class ListRows(SQLAInterface):
    """Rows of a table; those of a consumer are never shown unrecorded."""

    filter_converter_class = FilterKinds

    def get_related_interface(self, col_name: str) -> Choices:
        """Return the rows of a related table, for forms."""
        return Choices(self.get_related_model(col_name))

    def selection(self, filters: Any) -> Any:
        """Return the query for the rows that filters leave, in no order."""
        return self.apply_filters(self.session.query(self.obj), self.get_inner_filters(filters))

    def counted(self, selection: Any, totals: Totals | None = None, limit: int = COUNTED) -> RowCount:
        """Return how many rows a selection has, and the sums of columns if it was counted to its end; counting stops beyond the limit."""
        rows = selection.order_by(None).with_entities(*self._keys())
        if limit < MOST and self._is_by_state(selection):
            limit = min(limit, SORTED)
            rows = self._of_each_division(rows.statement, limit + 1)
        count = int(self.session.execute(select(func.count()).select_from(rows.limit(limit + 1).subquery())).scalar_one())
        sums = self._sums(selection, totals) if totals and totals.columns and count <= limit else {}
        return RowCount(count, limit, sums, self._table.info.get("sorted", SORTED))

    def _sums(self, selection: Any, totals: Totals) -> dict[str, list[tuple[str, int]]]:
        """Return the sums of a selection: of each column (unit, sum), money without a unit."""
        columns = [getattr(self.obj, column) for column in totals.columns]
        sign = case((self.obj.reverses_id.is_(None), 1), else_=-1) if totals.reversals_subtract else literal(1)
        is_by_unit = any(column.endswith("_milli") for column in totals.columns) and "account_id" in self._table.c
        units = reference.units_with_tariffs(self.session) if is_by_unit else []
        of_account = (self.obj.account_id,) if len(units) > 1 else ()
        rows = selection.order_by(None).with_entities(*(func.sum(column * sign) for column in columns), *of_account).group_by(*of_account)
        found = self.session.execute(rows.statement).all()
        unit_of = accounts.units_of(self.session, [row[-1] for row in found]) if of_account else {}
        sums: dict[str, dict[str, int]] = {column: {} for column in totals.columns}
        for row in found:
            for column, value in zip(totals.columns, row, strict=False):
                unit = "" if not column.endswith("_milli") else unit_of.get(row[-1], "") if of_account else "".join(units)
                sums[column][unit] = sums[column].get(unit, 0) + int(value or 0)
        return {column: sorted(found.items()) for column, found in sums.items()}

    def _is_by_state(self, selection: Any) -> bool:
        """Tell whether rows are chosen by states and kinds alone, which are no part of an index over all rows."""
        asked = {each for each in iterate(selection.whereclause) if isinstance(each, Column)}
        states = {column for column in asked if isinstance(column.type, Enum)}
        return bool(states) and "division_id" in self._table.c and {column.name for column in asked - states} <= {"division_id"}

    def counted_at_length(self, selection: Any, totals: Totals) -> RowCount | None:
        """Return how many rows a selection has and their sums, however many there are; None if that takes longer than ``PATIENCE``."""
        try:
            with self.session.begin_nested():
                self.session.execute(text(f"SET LOCAL statement_timeout = '{PATIENCE}'"))
                return self.counted(selection, totals, limit=MOST)
        except OperationalError:
            return None
        finally:
            self.session.execute(text("RESET statement_timeout"))

    def page(self, selection: Any, order: Order, *, start: int, size: int, few: bool, shown: Sequence[str] = ()) -> list[Any]:
        """Return rows of a selection.

        :param few: the selection has at most ``SORTED`` rows
        :param shown: columns, and paths of related rows that are read for them; those are loaded with few statements
        """
        return self.shown(self.loaded(self.keys(selection, order, start=start, size=size, few=few), shown))

    def shown(self, rows: list[Any]) -> list[Any]:
        """Return rows that this request shows, and remember whose they are."""
        record_disclosures(rows)
        show_numbers([str(getattr(row, column, "")) for row in rows for column in _NUMBERED])
        return rows

    def keys(self, selection: Any, order: Order, *, start: int = 0, size: int, few: bool) -> list[tuple[Any, ...]]:
        """Return the keys of rows of a selection, in its order."""
        near = start + size if start + size <= NEAR else None
        return [tuple(row) for row in self.session.execute(self._read(selection, order, few=few, near=near).offset(start).limit(size))]

    def keys_in_turn(self, selection: Any, order: Order, *, few: bool) -> Iterator[tuple[Any, ...]]:
        """Return the keys of all rows of a selection one after another, without holding them all."""
        # Nothing is read before the first is wanted: the transaction of the request ends before its answer is sent.
        for row in self.session.connection().execution_options(yield_per=1000).execute(self._read(selection, order, few=few)):
            yield tuple(row)

    def read_keys(self, texts: Iterable[Sequence[str]]) -> list[tuple[Any, ...]]:
        """Return keys that were kept as texts."""
        kinds = [column.type.python_type for column in self._table.primary_key]
        readers = [date.fromisoformat if kind is date else kind for kind in kinds]
        return [tuple(read(each) for read, each in zip(readers, key, strict=True)) for key in texts]

    def _read(self, selection: Any, order: Order, *, few: bool, near: int | None = None) -> Any:
        """Return the statement for the keys of a selection in its order.

        :param near: no more rows than these are wanted
        """
        between = [self._orders[order.column]] if order.column in self._orders else []
        # A column that is the same in all rows orders nothing, and hides from the database that its index does.
        columns = [order.column] * (order.column not in self._fixed(selection))
        names = list(dict.fromkeys([*columns, *between, *(key.key for key in self._keys())]))
        read = selection.order_by(None).with_entities(*(getattr(self.obj, name) for name in names))
        if few:
            # The rows as their filters find them: an index in the order of the list is not walked for them.
            rows = read.statement.cte("rows").prefix_with("MATERIALIZED")
        elif not self._is_by_division(order.column):
            rows = read.subquery()
        elif near:
            return self._nearest(read, order, names, near)
        else:
            rows = self._merged(read, order, names)
        sides = [getattr(rows.c[name], order.direction)() for name in names]
        return select(*(rows.c[key.key] for key in self._keys())).order_by(*sides)

    def _fixed(self, selection: Any) -> set[str]:
        """Return the columns of which a selection has one value only, because a filter says which."""
        conditions = selection.whereclause.clauses if isinstance(selection.whereclause, BooleanClauseList) else [selection.whereclause]
        equal = [each for each in conditions if isinstance(each, BinaryExpression) and each.operator is eq]
        return {each.left.name for each in equal if isinstance(each.left, Column) and isinstance(each.right, BindParameter)}

    def _nearest(self, read: Any, order: Order, names: Sequence[str], near: int) -> Any:
        """Return the statement for the first rows of each division, put together."""
        sides = [getattr(getattr(self.obj, name), order.direction)() for name in names]
        first = self._of_each_division(read.statement.order_by(*sides), near).subquery()
        all_sides = [getattr(first.c[name], order.direction)() for name in names]
        return select(*(first.c[key.key] for key in self._keys())).order_by(*all_sides)

    def _of_each_division(self, read: Any, most: int) -> Any:
        """Return the statement for so many rows of each division, one after another: once they suffice, no more are read."""
        mine = select(func.unnest(cast(func.app_divisions(), ARRAY(BigInteger))).label("id")).subquery("mine")
        first = read.where(self.obj.division_id == mine.c.id).limit(most).lateral("first")
        return select(*first.c).select_from(mine.join(first, true()))

    def _merged(self, read: Any, order: Order, names: Sequence[str]) -> Any:
        """Return all rows, an arm a division, which the database merges: it reads no more of each than is wanted, if each is in order."""
        divisions = administration.divisions_of_scope(self.session)
        sides = [getattr(getattr(self.obj, name), order.direction)() for name in names]
        arms = (read.filter(self.obj.division_id == each).order_by(*sides).statement for each in divisions)
        return union_all(*arms).subquery()

    def get_values(self, lst: Iterable[Any], list_columns: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Return what rows hold in the columns of a list; a name is the one in the reader's language, unless all stand side by side."""
        is_named = issubclass(self.obj, NamedInLanguages) and "name" in list_columns and "name_ru" not in list_columns
        for row, values in zip(lst, super().get_values(lst, list_columns), strict=True):
            yield values | {"name": row.shown_name} if is_named else values

    def loaded(self, keys: Sequence[tuple[Any, ...]], shown: Sequence[str]) -> list[Any]:
        """Return the rows of keys, in their order; one that is gone is left out."""
        if not keys:
            return []
        related = [self._loads(path.split(".")) for path in shown if self.is_relation(path.partition(".")[0])]
        found = self.session.query(self.obj).options(*related).filter(tuple_(*self._keys()).in_(keys)).all()
        rows = {tuple(getattr(row, key.key) for key in self._keys()): row for row in found}
        return [rows[key] for key in keys if key in rows]

    def _loads(self, names: Sequence[str]) -> Any:
        """Return the option that loads related rows, and those they refer to, with a statement each."""
        option, model = Load(self.obj), self.obj
        for name in names:
            option = option.selectinload(getattr(model, name))
            model = model.__mapper__.relationships[name].mapper.class_
        return option

    def get(self, id: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: A002 - the framework's own name
        """Return a row, or None if it is not there (or not the user's)."""
        if self.is_pk_composite() and not (isinstance(id, list) and len(id) == len(self._keys())):
            return None
        row = super().get(id, *args, **kwargs)
        record_disclosures([row] if row is not None else [])
        return row

    def is_served(self, column: str) -> bool:
        """Tell whether an index gives the rows in the order of a column to whoever sees them, without sorting."""
        return self._is_by_division(column) or ("division_id" not in self._table.c and self._has_index(column))

    def _is_by_division(self, column: str) -> bool:
        return column in self._orders or ("division_id" in self._table.c and self._has_index(column, "division_id"))

    def _has_index(self, column: str, *before: str) -> bool:
        """Tell whether an index has these columns and then the key, which may be missing where the column has each value once."""
        key = [each.name for each in self._table.primary_key]
        wanted, alone, unique = [*before, *dict.fromkeys([column, *key])], [*before, column], self._indexes(unique=True)
        is_once = [column] in unique or alone in unique
        return any(each == wanted or (each == alone and is_once) for each in self._indexes())

    def _indexes(self, *, unique: bool = False) -> list[list[str]]:
        """Return the columns of each index over all rows."""
        table = self._table
        made = [each for each in table.indexes if (each.unique or not unique) and each.dialect_options["postgresql"]["where"] is None]
        constraints = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
        named = [[getattr(column, "name", "") for column in each.expressions] for each in made]
        return [*named, *([column.name for column in each.columns] for each in constraints), [each.name for each in table.primary_key]]

    @property
    def _orders(self) -> Mapping[str, str]:
        """The columns of a view that an index of a table beneath gives an order by, each with what decides between equals there."""
        orders: Mapping[str, str] = self._table.info.get("orders", {})
        return orders

    @property
    def _table(self) -> Any:
        return self.obj.__table__

    def _keys(self) -> list[Any]:
        # Attributes of the class, not columns of the table: they keep a kind of consumer apart from the other.
        mapper = inspect(self.obj)
        return [getattr(self.obj, mapper.get_property_by_column(column).key) for column in mapper.primary_key]
