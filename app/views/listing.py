"""Lists of tables: what is filtered, how values are written, and the list as a file."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.urltools import get_filter_args, get_order_args
from flask_babel import gettext as _
from sqlalchemy.exc import DataError, StatementError

from app import labels
from app.documents import tables
from app.domain.administration.privacy import PERSONAL
from app.extensions import db
from app.labels import personal
from app.views.lists import SMALL

#: A list sends no more rows at once.
LARGEST_EXPORT = 10_000


class Listing:
    """The part of a view that shows and sends rows."""

    datamodel: Any

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

    def _get_list_widget(self, **kwargs: Any) -> Any:
        widgets = super()._get_list_widget(**kwargs)
        widgets["list"].template_args["delete_texts"] = self.delete_texts
        return widgets

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
        orders = [value for name, value in request.args.items() if name.startswith("_oc_")]
        if not set(orders) <= {*filter(personal.may_search, self.order_columns)}:
            abort(400)
        try:
            return super().list()
        except (DataError, StatementError, ValueError, LookupError):
            db.session.rollback()
            abort(400)

    @expose("/export.<any(csv,xlsx,pdf):kind>")
    @has_access
    @permission_name("list")
    def export(self, kind: str) -> Any:
        """Send the rows that the filters of the list leave, in its order, as a file; too many are refused, not cut."""
        get_filter_args(self._filters)
        asked = get_order_args().get(type(self).__name__)
        if asked and asked[0] not in {*filter(personal.may_search, self.order_columns)}:
            abort(400)
        filters = self._filters.get_joined_filters(self._base_filters)
        count, rows = self.datamodel.query(filters, *(asked or self.base_order or ("", "")), page=0, page_size=LARGEST_EXPORT)
        if count > LARGEST_EXPORT:
            flash(_("More than %(count)s rows do not fit a file. Narrow the filters.", count=labels.number(LARGEST_EXPORT)), "warning")
            return redirect(f"{url_for(f'{self.endpoint}.list')}?{request.query_string.decode(errors='replace')}")
        header = [tables.headline(column, str(self.label_columns[column])) for column in self.list_columns]
        cells = (
            [self._cell(column, values[column]) for column in self.list_columns]
            for values in self.datamodel.get_values(rows, self.list_columns)
        )
        return tables.sent(kind, str(self.title), self.datamodel.obj.__tablename__, header, cells)

    def _cell(self, column: str, value: Any) -> Any:
        """Return what a file holds of a value: a number, a day or words."""
        if column.endswith(("_tiyin", "_milli")):
            return None if value is None else Decimal(value).scaleb(-2 if column.endswith("_tiyin") else -3)
        if "." not in column and self.datamodel.is_enum(column):
            return labels.member_of(self.datamodel.list_columns[column].type.enum_class, value)
        if isinstance(value, int | Decimal | date) and not isinstance(value, bool) and column not in PERSONAL:
            return value
        return str(self.formatters_columns[column](value))
