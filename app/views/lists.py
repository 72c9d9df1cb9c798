"""Lists of rows: counted only as far as anybody cares, searched by plain inputs."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import request
from flask_appbuilder.models.filters import BaseFilter
from flask_appbuilder.models.sqla.filters import SQLAFilterConverter
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.widgets import RenderTemplateWidget
from flask_babel import gettext as _
from sqlalchemy import func, inspect, select
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.interfaces import MANYTOONE

from app import clock, labels
from app.domain.calendar import months_after
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


class DayFrom(BaseFilter):
    """Rows of a day or later."""

    name = "From"
    arg_name = "from"

    def apply(self, query: Any, value: Any) -> Any:
        """Leave out what is earlier."""
        column = getattr(self.model, self.column_name)
        return query.filter(column >= date.fromisoformat(value))


class DayTo(BaseFilter):
    """Rows of a day or earlier."""

    name = "To"
    arg_name = "to"

    def apply(self, query: Any, value: Any) -> Any:
        """Leave out what is later; a moment of the day itself stays."""
        column = getattr(self.model, self.column_name)
        return query.filter(column < date.fromisoformat(value) + timedelta(days=1))


class OfAccount(BaseFilter):
    """Rows of the account of a number, however people write it."""

    name = "Account number"
    arg_name = "account"

    def apply(self, query: Any, value: Any) -> Any:
        """Leave out other accounts."""
        return query.filter(getattr(self.model, self.column_name).has(number=re.sub(r"[^0-9]", "", value)))


class FilterKinds(SQLAFilterConverter):
    """The framework's filters, and behind them ours; those before keep their numbers, which stand in addresses."""

    def convert(self, column: str) -> Any:
        """Return the filters of a column."""
        found = super().convert(column)
        if self.datamodel.is_relation_many_to_one(column) and self.datamodel.get_related_model(column).__tablename__ == "account":
            return [*found, OfAccount(column, self.datamodel)]
        if self.datamodel.is_date(column) or self.datamodel.is_datetime(column):
            return [*found, DayFrom(column, self.datamodel), DayTo(column, self.datamodel)]
        return found


class ListRows(SQLAInterface):
    """Rows of a table, counted only as far as anybody cares; those of a consumer are never shown unrecorded."""

    filter_converter_class = FilterKinds

    def query(self, *args: Any, **kwargs: Any) -> Any:
        """Return the number of rows and a page of them."""
        count, rows = super().query(*args, **kwargs)
        record_disclosures(rows)
        show_numbers([str(getattr(row, column, "")) for row in rows for column in _NUMBERED])
        return count, rows

    def _apply_inner_all(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        """Ask for the rows that a page's rows refer to in one statement for each table, not for each row."""
        found = super()._apply_inner_all(query, *args, **kwargs)
        referred = (each.key for each in inspect(self.obj).relationships if each.direction is MANYTOONE)
        return found.options(*[selectinload(getattr(self.obj, name)) for name in referred])

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


#: Columns that links filter by and no input offers, because what they refer to is too much for a select.
ONLY_LINKED = frozenset({"bill_run"})
#: Related tables small enough for a plain choice; the others are looked up by typing.
SMALL = frozenset("bank benefit division meter_model resource tariff tariff_group ab_role payment_contract post meter_data_source".split())
#: How many months a select of months offers.
MONTHS_BACK = 36


class Chip(NamedTuple):
    """A filter that holds, in words, and the address of the list without it."""

    text: str
    address: str


class FilterForm(RenderTemplateWidget):
    """The filters of a list: the first in sight, the others behind a button, those that hold as chips. The address is the state."""

    template = "widgets/search.html"

    def __call__(self, **kwargs: Any) -> Any:
        """Render the form."""
        filters, form = self.template_args["filters"], self.template_args["form"]
        active = {name: value for _column, name, value in _held(filters)}
        offered = [column for column in filter(personal.may_search, self.template_args["include_cols"]) if column not in ONLY_LINKED]
        inputs = [each for column in offered for each in _inputs(column, filters, form, active)]
        inputs.sort(key=lambda each: each.kind != "search")
        return super().__call__(inputs=inputs, chips=_chips(filters, inputs), **kwargs)


class Input(NamedTuple):
    """An input of the filters: what kind it is, what it is called, what stands in it, and what it offers."""

    name: str
    label: str
    kind: str
    value: str
    options: list[tuple[str, str]]


def _inputs(column: str, filters: Any, form: Any, active: dict[str, str]) -> list[Input]:
    """Return the inputs for a column: words, one of a few, a month, or days from and to; none where no input would do."""
    classes = [type(each).__name__ for each in filters.get_search_filters()[column]]
    label = str(form[column].label.text)

    def made(name: str, text: str, kind: str, options: Iterable[tuple[Any, Any]] = ()) -> Input:
        key = f"_flt_{classes.index(name)}_{column}"
        return Input(key, text, kind, active.get(key, ""), [(str(value), str(shown)) for value, shown in options])

    if "OfAccount" in classes:
        return [made("OfAccount", label, "search")]
    options = _options(column, filters, form)
    if options is not None:
        name = next(each for each in ("FilterRelationOneToManyEqual", "FilterRelationManyToManyEqual", "FilterEqual") if each in classes)
        return [made(name, label, "select", options)] if options else []
    if "DayFrom" in classes:
        days = (("DayFrom", _("%(column)s from", column=label)), ("DayTo", _("%(column)s to", column=label)))
        return [made(name, text, "date") for name, text in days]
    return [made("FilterContains", label, "search")] if "FilterContains" in classes else []


def _options(column: str, filters: Any, form: Any) -> list[tuple[Any, Any]] | None:
    """Return the choices of a column: none for what is too much for a select; None where words or days are typed."""
    model, field = filters.datamodel, form[column]
    if model.is_relation(column):
        small = model.get_related_model(column).__tablename__ in SMALL
        return [(choice[0], choice[1]) for choice in field.iter_choices()] if small else []
    if hasattr(field, "choices"):
        return [(choice[0], choice[1]) for choice in field.iter_choices()]
    if column.endswith("month"):
        months = (months_after(clock.today().replace(day=1), -back) for back in range(-1, MONTHS_BACK))
        return [(month.isoformat(), labels.month(month)) for month in months]
    return None


def _held(filters: Any) -> list[tuple[str, str, str]]:
    """Return the filters that hold: the column, the name in the address, the value."""
    found = filters.get_filters_values_tojson()
    return [(column, f"_flt_{index}_{column}", str(value[0] if isinstance(value, list) else value)) for column, index, value in found]


def _chips(filters: Any, inputs: Iterable[Input]) -> list[Chip]:
    """Return the filters that hold: those of inputs in their words, others by the column's name and what it refers to."""
    offered, chips = {each.name: each for each in inputs}, []
    for column, name, value in _held(filters):
        rest = [(key, each) for key, each in request.args.items(multi=True) if key != name and not key.startswith("page_")]
        known = offered.get(name)
        label = known.label if known else str(labels.COLUMN_LABELS.get(column, column))
        shown = dict(known.options).get(value, value) if known else _referred(filters, column, value)
        if known and known.kind == "date":
            shown = labels.day(date.fromisoformat(value))
        chips.append(Chip(f"{label}: {shown}", f"{request.path}?{urlencode(rest)}" if rest else request.path))
    return chips


def _referred(filters: Any, column: str, value: str) -> str:
    """Return what a filter of a link refers to, as its own list names it."""
    model = filters.datamodel
    if not (model.is_relation(column) and value.isdecimal()):
        return value
    row = db.session.get(model.get_related_model(column), int(value))
    return value if row is None else repr(row)
