"""The two kinds of view: a catalogue people edit, and a record of what happened."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask import abort, current_app, flash, g, redirect, request, url_for
from flask_appbuilder import ModelView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.urltools import get_filter_args, get_order_args
from flask_appbuilder.widgets import FormWidget
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError, StatementError
from wtforms import BooleanField, SelectField, StringField
from wtforms import validators as rules

from app import clock, labels
from app.documents import tables
from app.domain.administration.privacy import PERSONAL
from app.extensions import db, set_change_reason
from app.labels import COLUMN_LABELS, personal
from app.models.columns import EVERY_COLUMN, described_columns, described_labels
from app.queries import administration as parameters
from app.views import fields
from app.views.lists import SMALL, FilterForm, ListRows, Offered
from app.views.refusals import FormRefused, explained, show_refusal

#: A list sends no more rows at once.
LARGEST_EXPORT = 10_000


class FactsAreNotEdited(Exception):
    """A form would edit columns that bills, entries or papers depend on; the text names the model and the columns."""


class EditForm(FormWidget):
    """An edit form; its last input asks why."""

    template = "widgets/edit.html"


class EntityView(ModelView):
    """A catalogue the office edits by hand: one list of columns serves every form."""

    form_columns: list[str] | None = None  #: shown, added and edited, in this order
    fixed_columns: tuple[str, ...] = ()  #: written when a row is added, and not edited later
    division_of: str | None = None  #: the related row whose division a new row takes
    page_size = 25
    search_widget = FilterForm
    edit_widget = EditForm
    list_template = "list.html"
    show_template = "show.html"
    added_message = lazy_gettext("The row was added.")
    changed_message = lazy_gettext("The row was changed.")
    #: what the button that deletes says, and what it asks
    delete_texts = (lazy_gettext("Delete"), lazy_gettext("Delete this row? You may say why."))

    def _init_properties(self) -> None:
        self.datamodel.__class__ = ListRows
        self.label_columns = {**COLUMN_LABELS, **(self.label_columns or {})}
        if self.form_columns:
            self.show_columns = self.show_columns or self.form_columns
            self.add_columns = self.form_columns
            self.edit_columns = [column for column in self.form_columns if column not in self.fixed_columns]
        shown = {*(self.list_columns or []), *(self.show_columns or [])}
        self.formatters_columns = {column: self._formatter(column) for column in shown} | (self.formatters_columns or {})
        self.search_columns = [*(self.search_columns or self._searchable())]
        if self.datamodel.is_relation("account") and "account" not in self.search_columns:
            self.search_columns.append("account")
        made = {column: self._field(column) for column in self.add_columns or []}
        made = {column: field for column, field in made.items() if field is not None}
        self.add_form_extra_fields = made | (self.add_form_extra_fields or {})
        self.edit_form_extra_fields = made | (self.edit_form_extra_fields or {})
        self.search_form_extra_fields = {
            column: fields.enum_field(self.label_columns[column], self.datamodel.list_columns[column].type.enum_class, optional=True)
            for column in self.search_columns
            if self.datamodel.is_enum(column)
        } | (self.search_form_extra_fields or {})
        self.add_form_query_rel_fields = {
            column: [["retired_on", Offered, None]] for column in self.add_columns or [] if self._is_retirable(column)
        }
        checks = {column: [fields.Identifier(check)] for column, check in fields.IDENTIFIERS.items()}
        self.validators_columns = checks | (self.validators_columns or {})
        self._refuse_facts()
        super()._init_properties()

    def found(self, pk: str) -> Any:
        """Return the row of this list that an address names; 404 if the reader has no such row."""
        row = self.datamodel.get(int(pk), self._base_filters) if pk.isdecimal() and len(pk) < 19 else None
        return row or abort(404)

    def _refuse_facts(self) -> None:
        """Refuse a form over what only acts and services change.

        :raises FactsAreNotEdited: naming the model and the columns
        """
        facts = getattr(self.datamodel.obj, "facts", frozenset())
        if self.base_permissions is not None and "can_edit" not in self.base_permissions:
            return
        edited = facts & set(self.edit_columns or [])
        if facts == EVERY_COLUMN:
            edited = set(self.edit_columns or facts) - set(described_columns(self.datamodel.obj))
        if edited:
            raise FactsAreNotEdited(f"{self.datamodel.obj.__name__}: {', '.join(sorted(edited))}")

    def _init_forms(self) -> None:
        super()._init_forms()
        for column in filter(self._is_text_needed, self.add_columns or []):
            for unbound in (getattr(form, column, None) for form in (self.add_form, self.edit_form)):
                if "validators" in getattr(unbound, "kwargs", {}):
                    unbound.kwargs["validators"] = [rules.DataRequired(), *unbound.kwargs["validators"]]
        self.edit_form = type(self.edit_form.__name__, (self.edit_form,), {"change_reason": _reason_field()})

    def _init_titles(self) -> None:
        what = labels.TITLES[self.datamodel.obj.__tablename__]
        self.list_title = self.show_title = self.title = what
        self.add_title = lazy_gettext("%(what)s: add", what=what)
        self.edit_title = lazy_gettext("%(what)s: edit", what=what)

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

    #: The framework's page of uploaded files: rows hold none here, so there is no such address.
    download = None

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

    def _is_retirable(self, column: str) -> bool:
        model = self.datamodel
        return model.is_relation(column) and self._related_table(column) in SMALL and hasattr(model.get_related_model(column), "retired_on")

    def _related_table(self, column: str) -> str:
        return self.datamodel.get_related_model(column).__tablename__

    def _field(self, column: str) -> Any:
        """Return the field of a column where the framework's own would not do, else None."""
        label, hint = self.label_columns.get(column, column), (self.description_columns or {}).get(column, "")
        is_nullable = self.datamodel.is_nullable(column)
        if self.datamodel.is_relation(column):
            if self._related_table(column) in SMALL:
                return None
            model = self.datamodel.get_related_model(column)
            return fields.LookupField(label, [rules.Optional() if is_nullable else rules.DataRequired()], model=model, description=hint)
        column_rules = [rules.Optional()] if is_nullable else [rules.InputRequired()]
        if column == "language":
            return SelectField(label, column_rules, choices=_languages)
        if self.datamodel.is_enum(column):
            kind = self.datamodel.list_columns[column].type.enum_class
            return fields.enum_field(label, kind, column_rules, description=hint, optional=is_nullable)
        if self.datamodel.is_string(column) and self._may_be_empty(column):
            column_rules = [rules.Optional(), rules.Length(max=self.datamodel.list_columns[column].type.length)]
            column_rules += (self.validators_columns or {}).get(column, [])
            return StringField(label, column_rules, filters=[lambda text: text or ""], description=hint)
        return self._figure_field(column, label, column_rules, hint)

    def _figure_field(self, column: str, label: str, column_rules: Sequence[Any], hint: str) -> Any:
        """Return the field of a tick, a day, a quantity or an amount, else None."""
        if self.datamodel.is_boolean(column):
            return BooleanField(label, description=hint)
        if self.datamodel.is_date(column):
            return fields.day_field(label, column_rules, description=hint)
        if column.endswith("_milli"):
            return fields.quantity_field(label, column_rules, description=hint)
        if column.endswith("_tiyin"):
            return fields.money_field(label, column_rules, description=hint)
        if self.datamodel.is_numeric(column):
            places = self.datamodel.list_columns[column].type.scale or 0
            return fields.number_field(label, column_rules, places=places, is_percent="percent" in column, description=hint)
        return None

    def _is_text_needed(self, column: str) -> bool:
        """Tell whether a column of text must be filled with more than blanks."""
        model = self.datamodel
        if column not in model.list_columns or not model.is_string(column) or model.is_enum(column) or model.is_nullable(column):
            return False
        return not self._may_be_empty(column)

    def _may_be_empty(self, column: str) -> bool:
        """Tell whether a column of text is filled with nothing where nothing is written."""
        default = self.datamodel.list_columns[column].server_default
        return default is not None and str(getattr(default, "arg", "")) == "''"

    def _default_of(self, column: str) -> Any:
        """Return what the table takes where nothing is written, if it is a plain value."""
        default = getattr(getattr(self.datamodel.list_columns.get(column), "server_default", None), "arg", "")
        written = str(default).strip("'")
        if not written.replace(".", "").replace("_", "").isalnum():
            return None
        if self.datamodel.is_boolean(column):
            return written == "true"
        if self.datamodel.is_integer(column):
            return int(written)
        return Decimal(written) if self.datamodel.is_numeric(column) else written

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
            return redirect(url_for(f"{self.endpoint}.list", **request.args.to_dict(flat=False)))
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

    def _add(self) -> Any:
        form = self.add_form.refresh()
        if request.method == "POST" and form.validate() and self._stored(form, self.datamodel.obj(), is_new=True):
            flash(str(self.added_message), "success")
            return None
        if request.method == "GET":
            self._prefill(form)
        return self._get_add_widget(form=form, exclude_cols=[])

    def _edit(self, pk: Any) -> Any:
        item = self.datamodel.get(pk, self._base_filters)
        if not item:
            abort(404)
        form = self.edit_form.refresh(request.form if request.method == "POST" else item)
        form._id = self.datamodel.get_pk_value(item)  # noqa: SLF001 - the framework's own mark for its unique check
        for column in [column for column in self.edit_columns if not personal.may_search(column)]:
            del form[column]
        if request.method == "POST" and form.validate() and self._stored(form, item, is_new=False):
            flash(str(self.changed_message), "success")
            return None
        return self._get_edit_widget(form=form, exclude_cols=[])

    @expose("/delete/<pk>", methods=["POST"])
    @has_access
    def delete(self, pk: str) -> Any:
        """Delete a row; where the office wants a reason and none came along, ask for it first."""
        key = self._deserialize_pk_if_composite(pk)
        if reason_required() and not request.form.get("change_reason", "").strip():
            item = self.datamodel.get(key, self._base_filters) or abort(404)
            return self.render_template("delete.html", title=self.title, row=repr(item), pk=pk, view=type(self).__name__)
        set_change_reason(request.form.get("change_reason", ""))
        self._delete(key)
        return self.post_delete_redirect()

    def _delete(self, pk: Any) -> None:
        item = self.datamodel.get(pk, self._base_filters)
        if not item:
            abort(404)
        try:
            self.pre_delete(item)
            db.session.delete(item)
            db.session.commit()
        except FormRefused as refused:
            db.session.rollback()
            flash(str(refused), "danger")
        except IntegrityError as error:
            db.session.rollback()
            flash(str(explained(error)), "danger")
        else:
            flash(_("The row was deleted."), "success")

    def _stored(self, form: Any, item: Any, *, is_new: bool) -> bool:
        """Store what a valid form holds; what the database or a service refuses is shown beside its field."""
        set_change_reason(request.form.get("change_reason", ""))
        try:
            with db.session.no_autoflush:
                form.populate_obj(item)
                self.pre_add(item) if is_new else self.pre_update(item)
            db.session.add(item)
            db.session.commit()
        except FormRefused as refused:
            db.session.rollback()
            show_refusal(form, refused)
        except (IntegrityError, DataError, ProgrammingError) as error:
            db.session.rollback()
            show_refusal(form, explained(error))
        else:
            return True
        return False

    def post_add_redirect(self) -> Any:
        """Lead to the list, where the new row stands."""
        return redirect(url_for(f"{self.endpoint}.list"))

    post_edit_redirect = post_delete_redirect = post_add_redirect

    def pre_add(self, item: Any) -> None:
        """Put a new row into the division of the row it belongs to."""
        if self.division_of:
            item.division_id = getattr(item, self.division_of).division_id

    def _prefill(self, form: Any) -> None:
        """Fill an empty add form with what the table would take, and from the address: ?consumer=12 chooses a row."""
        for column in self.add_columns:
            if (value := self._default_of(column)) is not None:
                form[column].process_data(value)
        for name, value in request.args.items():
            field = form._fields.get(name)
            if isinstance(field, fields.LookupField):
                field.process_formdata([value])

    @expose("/action/<string:name>/<pk>", methods=["POST"])
    def action(self, name: str, pk: str) -> Any:
        """Act on one row of the user's own."""
        return self._act(name, [pk], single=True)

    @expose("/action_post", methods=["POST"])
    def action_post(self) -> Any:
        """Act on the chosen rows of the user's own."""
        return self._act(request.form.get("action", ""), request.form.getlist("rowid"), single=False)

    def _act(self, name: str, pks: Sequence[str], *, single: bool) -> Any:
        chosen = self.actions.get(name)
        if chosen is None:
            abort(404)
        if not self.appbuilder.sm.has_access(self.get_action_permission_name(name), self.class_permission_name):
            abort(403)
        items = [self.datamodel.get(self._deserialize_pk_if_composite(pk), self._base_filters) for pk in pks]
        if not items or None in items:
            abort(404)
        return chosen.func(items[0] if single else items)

    def back(self) -> Any:
        """Return to the page the user came from."""
        return redirect(self.get_redirect())


def init_labels() -> None:
    """Add the labels that columns of the models say of themselves."""
    labels.add_columns({column: lazy_gettext(label) for column, label in described_labels().items()})


def reason_required() -> bool:
    """Tell whether the office wants a reason for every change."""
    return parameters.value_on(db.session(), "audit.reason_required", clock.today()) == 1


def _reason_field() -> StringField:
    return StringField(labels.COLUMN_LABELS["change_reason"], [_reason_given, rules.Length(max=300)])


def _reason_given(_form: Any, field: Any) -> None:
    if reason_required() and not (field.data or "").strip():
        raise rules.ValidationError(_("Say why: the office wants a reason for every change."))


class FactView(EntityView):
    """A record of what happened, or what acts change: nobody edits or deletes it; actions and acts call a service."""

    base_permissions = ["can_list", "can_show"]

    def _refuse_facts(self) -> None:
        """Let a page of its own that is called edit call a service; no row form is made."""

    def _init_forms(self) -> None:
        # No form is ever shown, so none is made.
        self.add_form = self.edit_form = FlaskForm
        super()._init_forms()


def _languages() -> list[tuple[str, str]]:
    return [(code, each["name"]) for code, each in current_app.config["LANGUAGES"].items()]
