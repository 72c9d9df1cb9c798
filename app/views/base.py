"""The two kinds of view: a catalogue people edit, and a record of what happened."""

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import ModelView, expose
from flask_appbuilder.security.decorators import has_access
from flask_appbuilder.widgets import FormWidget
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError
from wtforms import StringField
from wtforms import validators as rules

from app import clock, labels
from app.extensions import db, set_change_reason
from app.labels import COLUMN_LABELS, personal
from app.models.columns import EVERY_COLUMN, described_columns, described_labels
from app.queries import administration as parameters
from app.views import fields
from app.views.form_building import BuiltForms
from app.views.listing import Listing
from app.views.lists import FilterForm, ListRows, Offered
from app.views.lists.selection import act_on_all
from app.views.lists.state import list_parameters
from app.views.refusals import FormRefused, explained, show_refusal


class FactsAreNotEdited(Exception):
    """A form would edit columns that bills, entries or papers depend on; the text names the model and the columns."""


class EditForm(FormWidget):
    """An edit form; its last input asks why."""

    template = "widgets/edit.html"


class EntityView(Listing, BuiltForms, ModelView):
    """A catalogue the office edits by hand: one list of columns serves every form."""

    form_columns: list[str] | None = None  #: shown, added and edited, in this order
    fixed_columns: tuple[str, ...] = ()  #: written when a row is added, and not edited later
    division_of: str | None = None  #: the related row whose division a new row takes
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
        self.offered_columns = self._offered([*(self.list_columns or []), *(self.show_columns or [])])
        self.formatters_columns = {column: self._formatter(column) for column in self.offered_columns} | (self.formatters_columns or {})
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
        # Cards that name no columns show all of the table.
        self.formatters_columns = {column: self._formatter(column) for column in self.show_columns} | self.formatters_columns
        self.order_columns = [column for column in self.stored_columns if self.datamodel.is_served(column)]

    def _get_show_widget(self, pk: Any, item: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**super()._get_show_widget(pk, item, *args, **kwargs), "name": labels.row_name(item)}

    def usual_size(self) -> int:
        """Return the rows of a page where the reader chose no number."""
        return list_parameters()["lists.page_size"]

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

    #: The framework's page of uploaded files: rows hold none here, so there is no such address.
    download = None

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
        if request.method == "GET":
            self.prefill_form(form, pk)
        return self._get_edit_widget(form=form, exclude_cols=[])

    @expose("/delete/<pk>", methods=["POST"])
    @has_access
    def delete(self, pk: str) -> Any:
        """Delete a row; where the office wants a reason and none came along, ask for it first."""
        key = self._deserialize_pk_if_composite(pk)
        if reason_required() and not request.form.get("change_reason", "").strip():
            item = self.datamodel.get(key, self._base_filters) or abort(404)
            return self.render_template("delete.html", title=self.title, row=labels.row_name(item), pk=pk, view=type(self).__name__)
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

    @expose("/action/<string:name>/<pk>", methods=["POST"])
    def action(self, name: str, pk: str) -> Any:
        """Act on one row of the user's own."""
        return self._act(name, [pk], single=True)

    @expose("/action_post", methods=["POST"])
    def action_post(self) -> Any:
        """Act on the chosen rows of the user's own."""
        name = request.form.get("action", "")
        if "all" in request.form:
            return act_on_all(self, self._permitted(name))
        return self._act(name, request.form.getlist("rowid"), single=False)

    def _act(self, name: str, pks: Sequence[str], *, single: bool) -> Any:
        chosen = self._permitted(name)
        items = [self.datamodel.get(self._deserialize_pk_if_composite(pk), self._base_filters) for pk in pks]
        if not items or None in items:
            abort(404)
        return chosen.func(items[0] if single and chosen.single else items)

    def _permitted(self, name: str) -> Any:
        chosen = self.actions.get(name) or abort(404)
        if not self.appbuilder.sm.has_access(self.get_action_permission_name(name), self.class_permission_name):
            abort(403)
        return chosen

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
