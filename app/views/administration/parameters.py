"""Operating parameters: found by words, read in words, with their history; a second person lets a new value hold."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any, NamedTuple

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms import validators as rules

from app import clock, labels
from app.domain import readers
from app.domain.administration import PARAMETERS, roles
from app.domain.administration.pages import Page
from app.extensions import appbuilder, db, transaction
from app.labels import COLUMN_LABELS
from app.queries import administration as queries
from app.queries.administration import ParameterRecord
from app.services import administration as service
from app.views import fields, menu
from app.views.refusals import FormRefused, refusing, show_refusal

#: What the services refuse, and the field it is about.
_REFUSALS: Mapping[str, Mapping[type[Exception], Any]] = {
    "value": {
        service.SettingWaits: _l("Another value of this parameter waits for a second person already."),
        service.ParameterOutOfRange: _l("The value must be a whole number in the range {}."),
    },
    "valid_from": {service.ParameterInThePast: _l("This day is over. A value can be changed from today on.")},
    "source": {service.NoSource: _l("Name the document that says so.")},
}


class ParameterRow(NamedTuple):
    """A parameter as the list shows it; an empty day: never set."""

    code: str
    meaning: str
    value: str
    in_force: ParameterRecord | None
    coming: Sequence[ParameterRecord]
    request_id: int | None


class ParameterForm(FlaskForm):
    """A new value of a parameter."""

    value = StringField(COLUMN_LABELS["value"], [rules.InputRequired(), rules.Length(max=30)])
    valid_from = fields.day_field(COLUMN_LABELS["valid_from"], [rules.InputRequired()])
    source = StringField(COLUMN_LABELS["source"], [rules.DataRequired(), rules.Length(max=300)], description=_l("Document, number, day"))


class ChoiceForm(ParameterForm):
    """The same where the value is one of a few."""

    value = SelectField(COLUMN_LABELS["value"])


class ParameterView(BaseView):
    """Settings of the subsystems; what was in force stays as it was."""

    page = Page(
        _l("Operating parameters"),
        {"can_list can_show": (*roles.MANAGERS, roles.AUDITOR), "can_set": (roles.ADMINISTRATOR,)},
        menu.ADMINISTRATION.at(145, "Operating parameters"),
        company_wide="can_list can_show",
    )
    route_base = "/parameters"
    default_view = "list"
    base_permissions = ["can_list", "can_show", "can_set"]

    @expose("/")
    @has_access
    def list(self) -> Any:
        """Show every parameter with the value in force, even one never set; words and a group narrow the list."""
        words, group = request.args.get("q", "")[:100].replace("\0", ""), request.args.get("group", "")
        history, waiting = queries.parameter_history(db.session()), queries.waiting_parameters(db.session())
        wanted = _folded(words).split()
        rows = [_row(code, history[code], waiting) for code in PARAMETERS if not group or code.startswith(f"{group}.")]
        found: dict[str, list[ParameterRow]] = {}
        for row in rows:
            if all(word in _searched(row) for word in wanted):
                found.setdefault(labels.parameter_group(row.code), []).append(row)
        groups = [(name, str(label)) for name, label in labels.PARAMETER_GROUPS.items()]
        return self.render_template("parameters.html", found=dict(sorted(found.items())), groups=groups, chosen=group, words=words)

    @expose("/<parameter>", methods=["GET"])
    @has_access
    def show(self, parameter: str) -> Any:
        """Show a parameter: its values, who asked for them and who approved them."""
        return self._page(parameter, _form(parameter))

    @expose("/<parameter>/set", methods=["POST"])
    @has_access
    def set(self, parameter: str) -> Any:
        """Put a value of a parameter from a day on before a second person, or say beside the field why not."""
        form = _form(parameter)
        if form.validate_on_submit():
            try:
                request_id = self._proposed(parameter, form)
            except FormRefused as refused:
                show_refusal(form, refused)
            else:
                flash(_("A second person decides about the new value."), "success")
                return redirect(url_for("ApprovalView.show", pk=request_id))
        return self._page(parameter, form)

    def _proposed(self, code: str, form: Any) -> int:
        value = str(form.value.data)
        if not PARAMETERS[code].choices:
            value = _whole(value)
        given = {"value": value, "source": form.source.data, "valid_from": form.valid_from.data}
        with ExitStack() as stack:
            for column, phrases in _REFUSALS.items():
                stack.enter_context(refusing(column, phrases))
            session = stack.enter_context(transaction())
            return service.propose_parameter(session, code=code, today=clock.today(), **given).id

    def _page(self, code: str, form: Any) -> Any:
        if code not in PARAMETERS:
            abort(404)
        history = queries.parameter_history(db.session())[code]
        row = _row(code, history, queries.waiting_parameters(db.session()))
        may_set = appbuilder.sm.has_access("can_set", "ParameterView")
        known = PARAMETERS[code]
        return self.render_template(
            "parameter.html", row=row, known=known, history=history, today=clock.today(), form=form, may_set=may_set
        )


def _form(code: str) -> Any:
    """Return the form of a new value; it begins with the one in force, from today on."""
    if code not in PARAMETERS:
        abort(404)
    known, today = PARAMETERS[code], clock.today()
    data = {"value": str(queries.value_on(db.session(), code, today)), "valid_from": today}
    if known.choices:
        form: Any = ChoiceForm(data=data)
        form.value.choices = labels.parameter_choices(code)
    else:
        form = ParameterForm(data=data)
        limits = {"lowest": labels.number(known.lowest), "highest": labels.number(known.highest)}
        form.value.description = _("%(unit)s, from %(lowest)s to %(highest)s", unit=labels.unit_alone(known.unit), **limits)
    return form


def _whole(text: str) -> str:
    """Return a whole number however its digits are grouped.

    :raises FormRefused: if it is none
    """
    try:
        return str(readers.number(text, 0))
    except readers.Misread as misread:
        raise FormRefused(str(labels.member(misread.fault)), "value") from None


def _row(code: str, history: Sequence[ParameterRecord], waiting: Mapping[str, int]) -> ParameterRow:
    today = clock.today()
    begun = next((each for each in history if each.valid_from <= today), None)
    coming = [each for each in history if each.valid_from > today][::-1]
    value = labels.parameter_value(code, begun.value if begun else PARAMETERS[code].default)
    return ParameterRow(code, labels.parameter_meaning(code), value, begun, coming, waiting.get(code))


def _searched(row: ParameterRow) -> str:
    return _folded(f"{row.meaning} {row.value} {labels.parameter_group(row.code)} {row.code}")


def _folded(text: str) -> str:
    """Return words as they are compared: without case and without the marks of Latin oʻ and gʻ."""
    return "".join(letter for letter in text.casefold() if letter not in "ʻʼ'`’‘")
