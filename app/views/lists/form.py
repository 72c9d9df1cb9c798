"""The filters of a list as a form and as chips; the address is the state."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import request, url_for
from flask_appbuilder.widgets import RenderTemplateWidget
from flask_babel import gettext as _

from app import clock, labels
from app.domain.calendar import latest_months, months_after
from app.extensions import appbuilder, db
from app.labels import personal
from app.views.lists import saved, search
from app.views.lists.state import without

#: Columns that links filter by and no input offers, because what they refer to is too much for a select.
ONLY_LINKED = frozenset({"bill_run"})
#: Related tables small enough for a plain choice; the others are looked up by typing.
SMALL = frozenset(
    "application_kind bank benefit device_kind device_model division resource tariff tariff_group ab_role payment_contract post "
    "meter_data_source seal_kind".split()
)
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
        name = request.blueprint or ""
        box = getattr(_list_of(name), "searched", ())
        kept = without(["_flt_", "_q", "page_"])
        kept += [("_plain", "1")] if not kept and saved.default_address(name) else []
        state = {"view": saved.opened(name), "plain": saved.plain_address(name), "is_changed": saved.is_changed}
        return super().__call__(inputs=inputs, chips=_chips(filters, inputs), kept=kept, box=search.hint(box), **state, **kwargs)


def _list_of(name: str) -> Any:
    return next((view for view in appbuilder.baseviews if type(view).__name__ == name), None)


def filtered(list_name: str, **chosen: tuple[str, str]) -> str:
    """Return the address of a list with filters.

    :param chosen: column → class of the filter and its value
    """
    return filtered_by(list_name, [(column, kind, value) for column, (kind, value) in chosen.items()])


def filtered_by(list_name: str, chosen: Iterable[tuple[str, str, str]]) -> str:
    """Return the address of a list with filters, several of a column too: from one day to another.

    :param chosen: columns, each with the class of a filter and its value
    """
    model = _list_of(list_name).datamodel
    given = {}
    for column, kind, value in chosen:
        kinds = [type(each).__name__ for each in model.get_filters([column]).get_search_filters()[column]]
        given[f"_flt_{kinds.index(kind)}_{column}"] = value
    return url_for(f"{list_name}.list", **given)


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
        months = latest_months(months_after(clock.today(), 1), MONTHS_BACK + 1)
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
        chips.append(Chip(f"{label}: {shown}", f"{request.path}?{urlencode(rest or [('_plain', '1')])}"))
    return chips


def _referred(filters: Any, column: str, value: str) -> str:
    """Return what a filter of a link refers to, as its own list names it."""
    model = filters.datamodel
    if not (model.is_relation(column) and value.isdecimal()):
        return value
    row = db.session.get(model.get_related_model(column), int(value))
    return value if row is None else labels.row_name(row)
