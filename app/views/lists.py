"""Lists of rows: counted only as far as anybody cares, searched by plain inputs."""

import re
from collections.abc import Iterable
from typing import Any

from flask_appbuilder.models.filters import BaseFilter
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.widgets import RenderTemplateWidget
from flask_babel import gettext as _
from sqlalchemy import func, inspect, select

from app import clock
from app.extensions import db, record_disclosure, record_disclosures
from app.labels import personal
from app.queries import accounts

#: More rows than this are "many": nobody waits for an exact count of millions.
MANY = 10_000


class Offered(BaseFilter):
    """Rows of a dictionary that are not retired."""

    name = "Offered"

    def apply(self, query: Any, value: Any) -> Any:
        """Leave out what is retired by today."""
        return query.filter(self.model.retired_on.is_(None) | (self.model.retired_on > clock.today()))


#: Columns that name an account by its number.
_NUMBERED = ("account_number", "subject")
_NUMBER = re.compile(r"(?<![0-9])[0-9]{12,13}(?![0-9])")


def show_numbers(texts: Iterable[str]) -> None:
    """Remember that this request shows the accounts whose numbers stand in some texts."""
    if numbers := {number for text in texts for number in _NUMBER.findall(text)}:
        record_disclosure("account", accounts.ids_of_numbers(db.session(), numbers))


class ListRows(SQLAInterface):
    """Rows of a table, counted only as far as anybody cares; those of a consumer are never shown unrecorded."""

    def query(self, *args: Any, **kwargs: Any) -> Any:
        """Return the number of rows and a page of them."""
        count, rows = super().query(*args, **kwargs)
        record_disclosures(rows)
        show_numbers([str(getattr(row, column, "")) for row in rows for column in _NUMBERED])
        return count, rows

    def get(self, id: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: A002 - the framework's own name
        """Return a row, or None if it is not there (or not the user's)."""
        if self.is_pk_composite() and not (isinstance(id, list) and len(id) == len(self._keys())):
            return None
        row = super().get(id, *args, **kwargs)
        record_disclosures([row] if row is not None else [])
        return row

    def query_count(self, query: Any, filters: Any = None, select_columns: Any = None) -> int:
        """Return the number of rows, or ``MANY`` and one if there are more."""
        counted = self.apply_filters(query, self.get_inner_filters(filters)) if filters else query
        capped = counted.order_by(None).with_entities(*self._keys()).limit(MANY + 1).subquery()
        return int(self.session.execute(select(func.count()).select_from(capped)).scalar() or 0)

    def _keys(self) -> Any:
        # Attributes of the class, not columns of the table: they keep a kind of consumer apart from the other.
        mapper = inspect(self.obj)
        return [getattr(self.obj, mapper.get_property_by_column(column).key) for column in mapper.primary_key]


#: Columns that links filter by and no select offers, because what they refer to is too much for one.
ONLY_LINKED = frozenset({"account", "bill_run"})


class PlainSearch(RenderTemplateWidget):
    """A search form of plain inputs, one or two a column; its state is the page's address."""

    template = "widgets/search.html"

    def __call__(self, **kwargs: Any) -> Any:
        """Render the form."""
        filters, form = self.template_args["filters"], self.template_args["form"]
        active = {f"_flt_{index}_{column}": value for column, index, value in filters.get_filters_values_tojson()}
        inputs = []
        for column in filter(personal.may_search, self.template_args["include_cols"]):
            if column in ONLY_LINKED:
                continue
            inputs += _search_inputs(column, filters, form, active)
        return super().__call__(inputs=inputs, searched=bool(active), **kwargs)


def _search_inputs(column: str, filters: Any, form: Any, active: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the inputs for a column: contains, equals, or from and to."""
    classes = [type(each).__name__ for each in filters.get_search_filters()[column]]
    field = form[column]
    label = str(field.label.text)
    related = [name for name in ("FilterRelationOneToManyEqual", "FilterRelationManyToManyEqual") if name in classes]
    if related:
        wanted = [(related[0], label, "select")]
    elif hasattr(field, "choices"):
        wanted = [("FilterEqual", label, "select")]
    elif "FilterGreater" in classes:
        wanted = [
            ("FilterGreater", _("%(column)s after", column=label), "date"),
            ("FilterSmaller", _("%(column)s before", column=label), "date"),
        ]
    else:
        wanted = [("FilterContains", label, "text")]
    result = []
    for name, text, kind in wanted:
        key = f"_flt_{classes.index(name)}_{column}"
        options = [(str(choice[0]), str(choice[1])) for choice in field.iter_choices()] if kind == "select" else []
        result.append({"name": key, "label": text, "kind": kind, "value": active.get(key, ""), "options": options})
    return result
