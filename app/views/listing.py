"""Lists of tables: what is filtered, how values are written, and the list as a file."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask import abort, flash, g, redirect, request
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import false
from sqlalchemy.exc import DataError, StatementError

from app import labels
from app.domain.administration.privacy import PERSONAL
from app.extensions import db
from app.labels import personal
from app.views.lists import SMALL, files, saved, search
from app.views.lists.rows import Order, RowCount, Totals
from app.views.lists.state import ListState, address, state_of, without


class Listing:
    """The part of a view that shows and sends rows."""

    datamodel: Any
    #: columns of money and energy whose sum over the selection makes sense
    total_columns: Sequence[str] = ()
    #: rows that reverse another one hold the same amount: a sum takes it off
    reversals_subtract = False
    #: what the search box looks in: columns, related rows, ``account``
    searched: Sequence[str] = ()
    #: related rows that cells read beside their own column's: each path is loaded with a statement a step
    read_along: Sequence[str] = ()
    #: columns the list can show
    offered_columns: Sequence[str] = ()

    @property
    def _filters(self) -> Any:
        """Return the search filters of this request; a view is shared by all threads."""
        if self._filters_of_all is None or not request:
            return self._filters_of_all
        mine = g.setdefault("filters", {})
        if self not in mine:
            mine[self] = self.datamodel.get_filters([*filter(personal.may_search, self.search_columns)])
        return mine[self]

    @_filters.setter
    def _filters(self, value: Any) -> None:
        self._filters_of_all = value

    _filters_of_all: Any = None

    def _offered(self, columns: Sequence[str]) -> Sequence[str]:
        """Return the columns a list can show: those it names, then every figure, day, moment and state of the table."""
        table = self.datamodel.list_columns
        ends = ("_tiyin", "_milli", "_on", "_at", "_from", "_to", "month", "created_by")
        more = [
            column
            for column, stored in table.items()
            if (column.endswith(ends) or self.datamodel.is_enum(column)) and not stored.foreign_keys and column in self.label_columns
        ]
        return list(dict.fromkeys([*columns, *more]))

    @property
    def stored_columns(self) -> Sequence[str]:
        """The columns of the list that rows can be put in order by, where an index serves that or the rows are few."""
        return [column for column in self.offered_columns if column in self.datamodel.list_columns]

    def rows_asked(self, filters: Any) -> Any:
        """Return the query for the rows that the address of this request asks for."""
        rows = self.datamodel.selection(filters.get_joined_filters(self._base_filters))
        words = request.args.get("_q", "").strip() if self.searched else ""
        if not words:
            return rows
        try:
            return rows.filter(search.matching(self.datamodel.obj, self.searched, words))
        except search.TooManyAccounts as too_many:
            flash(str(too_many), "warning")
            return rows.filter(false())

    def _sortable(self, counted: RowCount) -> Sequence[str]:
        """Return the columns the rows can be put in order by: few rows by any, many by those an index serves."""
        return self.stored_columns if counted.is_sortable else self.order_columns

    def order_in(self, state: ListState, counted: RowCount) -> Order:
        """Return the order that is asked for, or the list's own where that would take long."""
        return state.order if state.order and state.order.column in self._sortable(counted) else Order(*self.base_order)

    def _counted(self, rows: Any, totals: Totals) -> RowCount:
        """Count the rows and add them up; all of them, however many, where the address asks for that."""
        counted: RowCount = self.datamodel.counted(rows, totals)
        if counted.is_complete or "_sum" not in request.args:
            return counted
        whole: RowCount | None = self.datamodel.counted_at_length(rows, totals)
        if whole is None:
            flash(_("There are too many rows to add up. Narrow the filters."), "warning")
        return whole or counted

    def _get_list_widget(self, filters: Any, widgets: Any = None, **_asked: Any) -> Any:
        """Return the widget of the list: a page of rows, how many there are, and what else can be asked for."""
        is_main = request.endpoint == f"{self.endpoint}.list"
        state, model = state_of(self), self.datamodel
        if not is_main:
            # Below a card every row would repeat what the card is of.
            own = {each.column_name for each in filters.filters}
            state = state._replace(columns=[column for column in state.columns if column not in own])
        rows = self.rows_asked(filters)
        totals = Totals([column for column in state.columns if column in self.total_columns], self.reversals_subtract)
        counted = self._counted(rows, totals)
        order = self.order_in(state, counted)
        shown = [*state.columns, *self.read_along]
        found = model.page(rows, order, start=state.start, size=state.size, few=counted.is_sortable, shown=shown)
        return (widgets or {}) | {
            "list": self.list_widget(
                label_columns=self.label_columns,
                include_columns=state.columns,
                value_columns=self.values_of(found, state.columns),
                formatters_columns=self.formatters_columns,
                order_columns=self._sortable(counted),
                pks=[self._serialize_pk_if_composite(pk) for pk in model.get_keys(found)],
                actions=self.actions,
                filters=filters,
                modelview_name=type(self).__name__,
                delete_texts=self.delete_texts,
                state=state,
                order=order,
                counted=counted,
                offered_columns=self.offered_columns,
                totals=totals,
                is_main=is_main,
                saved=saved,
                address=address,
                without=without,
            )
        }

    def values_of(self, rows: Sequence[Any], columns: Sequence[str]) -> Sequence[dict[str, Any]]:
        """Return what columns of rows hold, for a list and its file alike."""
        return [*self.datamodel.get_values(rows, columns)]

    def _searchable(self) -> Sequence[str]:
        """Return the columns of the list that can be searched by words, days or small choices."""
        model, skipped = self.datamodel, {"id", *(self.search_exclude_columns or [])}
        plain = [column for column in self.list_columns or [] if "." not in column and column not in skipped]
        kinds = (model.is_string, model.is_enum, model.is_date)
        return [
            column
            for column in plain
            if (self._related_table(column) in SMALL if model.is_relation(column) else any(kind(column) for kind in kinds))
        ]

    def _formatter(self, column: str) -> Callable[[Any], Any]:
        """Return how a column is written; the framework hands enums over as their stored text."""
        if "." not in column and self.datamodel.is_enum(column):
            kind = self.datamodel.list_columns[column].type.enum_class
            if labels.is_state(column):
                return lambda value: labels.badge(value, kind)
            return lambda value: labels.member_of(kind, value)
        return labels.formatter_of(column)

    @expose("/list/")
    @has_access
    def list(self) -> Any:
        """Show the rows; arguments that make no sense are refused, not tripped over."""
        try:
            default = None if request.query_string else saved.default_address(self.endpoint)
            return redirect(default) if default else super().list()
        except (DataError, StatementError, ValueError, LookupError):
            db.session.rollback()
            abort(400)

    @expose("/export.<any(csv,xlsx,pdf):kind>")
    @has_access
    @permission_name("list")
    def export(self, kind: str) -> Any:
        """Send the rows that the filters of the list leave, in its order, as a file; many become a job, none are left out."""
        return files.export(self, kind)

    def file_cell(self, column: str, value: Any) -> Any:
        """Return what a file holds of a value: a number, a day or words."""
        if column.endswith(("_tiyin", "_milli")):
            return None if value is None else Decimal(value).scaleb(-2 if column.endswith("_tiyin") else -3)
        if "." not in column and self.datamodel.is_enum(column):
            return labels.member_of(self.datamodel.list_columns[column].type.enum_class, value)
        if isinstance(value, int | Decimal | date) and not isinstance(value, bool) and column not in PERSONAL:
            return value
        written = self.formatters_columns[column](value)
        return written.striptags() if isinstance(written, Markup) else str(written)
