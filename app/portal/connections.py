"""Applications of who has no account yet: a telephone is proved by a code, then a new connection is filed and followed with it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

from flask import abort, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from app import clock, labels
from app.documents import applications as forms
from app.domain.applications import (
    WORKS,
    AccountNeed,
    ApplicationEvent,
    ApplicationRequest,
    ApplicationWay,
    ApplicationWork,
    FilingRight,
)
from app.extensions import db, transaction
from app.portal import codes
from app.portal.applications import AnswerForm, advanced, filing_page, sent_file, shown
from app.portal.base import PublicPage, blueprint, for_everybody, signed_in, work_everywhere, work_in, work_in_division
from app.portal.login import PortalCodeForm, phone_in
from app.queries import applications as queries
from app.queries import portal as offices
from app.queries.applications import ApplicationRecord, KindRecord
from app.services import applications as service
from app.services.applications import StepTaken

for_everybody(PublicPage("connections", lazy_gettext("New connection")))

#: How long a proved telephone is believed, in seconds.
PROVED_S = 30 * 60
#: Applications of a telephone that are shown.
_SHOWN = 50


class TelephoneForm(FlaskForm):
    """The telephone of who has no account."""

    phone = StringField(labels.COLUMN_LABELS["phone"], [DataRequired(), Length(max=30)])


class ConnectionForm(FlaskForm):
    """Who applies, and in which district; the other fields come from the kind."""

    applicant_name = StringField(labels.COLUMN_LABELS["applicant_name"], [DataRequired(), Length(max=200)])
    division = SelectField(lazy_gettext("District"), [InputRequired()], coerce=lambda typed: int(typed) if typed else None)
    reference = HiddenField(validators=[InputRequired(), Length(max=80)])


class Proved(NamedTuple):
    """A telephone that was proved by a code, and when, in seconds since 1970."""

    phone: str
    at: int


def _proved() -> str | None:
    """Return the telephone that this browser proved lately."""
    kept = session.get("portal_telephone")
    found = Proved(*kept) if kept else None
    return found.phone if found and clock.now().timestamp() - found.at < PROVED_S else None


def with_telephone(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let only in who proved a telephone; the view is given it."""

    @wraps(view)
    def guarded(**kwargs: Any) -> Any:
        phone = _proved()
        if phone is None:
            return redirect(url_for("portal.telephone"))
        here = signed_in()
        try:
            return view(phone, **kwargs)
        finally:
            work_in(here)

    return guarded


@blueprint.route("/telephone", methods=["GET", "POST"])
def telephone() -> Any:
    """Ask for a telephone and send a code to it."""
    form = TelephoneForm()
    if (phone := phone_in(form)) is not None:
        session["portal_telephone_asked"] = phone
        codes.ask_for_person(phone)
        return redirect(url_for("portal.telephone_code"))
    return render_template("portal/telephone.html", form=form, is_silent=codes.is_silent())


@blueprint.route("/telephone/code", methods=["GET", "POST"])
def telephone_code() -> Any:
    """Ask for the code; a right one proves the telephone."""
    phone = session.get("portal_telephone_asked")
    if not phone:
        return redirect(url_for("portal.telephone"))
    form = PortalCodeForm()
    if form.validate_on_submit():
        if _is_right(phone, "".join(form.code.data.split())):
            session["portal_telephone"] = Proved(phone, int(clock.now().timestamp()))
            return redirect(url_for("portal.connections"))
        form.code.errors = [_("The code is wrong or too old. Check it, or ask for a new one.")]
    return render_template("portal/telephone_code.html", form=form, number=phone, **codes.told())


def _is_right(phone: str, typed: str) -> bool:
    here = signed_in()
    work_everywhere()
    with transaction() as database:
        is_right = codes.proves_phone(database, phone, typed)
    work_in(here)
    return is_right


@blueprint.get("/connections")
@with_telephone
def connections(phone: str) -> Any:
    """Show what the telephone filed and how it stands, and what can be filed."""
    work_everywhere()
    rows = queries.of_phone(db.session(), phone, limit=_SHOWN)
    return render_template("portal/connections.html", rows=rows, kinds=_offered(), phone=phone)


@blueprint.route("/connections/new/<kind_code>", methods=["GET", "POST"])
@with_telephone
def connection_new(phone: str, kind_code: str) -> Any:
    """Show the form of a kind, then file the application."""
    kind = next((each for each in _offered() if each.code == kind_code), None) or abort(404)
    form = ConnectionForm()
    form.division.choices = _districts()
    return filing_page(kind, form, lambda values: _request(kind, phone, form, values), pages="connection")


def _request(kind: KindRecord, phone: str, form: ConnectionForm, values: dict[str, Any]) -> ApplicationRequest:
    """Return the application of a form, and work in the district it goes to."""
    work_in_division(form.division.data)
    return ApplicationRequest(
        kind.code, ApplicationWay.PORTAL, f"{phone} {form.reference.data}", form.division.data, None, form.applicant_name.data.strip(),
        phone, values, forms.given_files(request.files.getlist("files")), labels.locale_code(),
    )  # fmt: skip


@blueprint.get("/connections/<int:application_id>")
@with_telephone
def connection(phone: str, application_id: int) -> Any:
    """Show an application of the telephone."""
    return shown(_found(phone, application_id), AnswerForm(), pages="connection")


@blueprint.post("/connections/<int:application_id>/answer")
@with_telephone
def connection_answer(phone: str, application_id: int) -> Any:
    """Take the answer to what the office asked, with papers."""
    found, form = _found(phone, application_id), AnswerForm()
    if not form.validate():
        return shown(found, form, pages="connection")
    files = forms.given_files(request.files.getlist("files"))
    return advanced(found, StepTaken(ApplicationEvent.ANSWER, form.reason.data, files), form, pages="connection")


@blueprint.post("/connections/<int:application_id>/withdraw")
@with_telephone
def connection_withdraw(phone: str, application_id: int) -> Any:
    """Take an application back."""
    return advanced(_found(phone, application_id), StepTaken(ApplicationEvent.WITHDRAW), AnswerForm(), pages="connection")


@blueprint.get("/connections/<int:application_id>/files/<int:application_file_id>")
@with_telephone
def connection_file(phone: str, application_id: int, application_file_id: int) -> Any:
    """Send a file of an application of the telephone."""
    return sent_file(_found(phone, application_id), application_file_id)


def _found(phone: str, application_id: int) -> ApplicationRecord:
    """Return an application of a telephone, and work in its division from here on."""
    work_everywhere()
    found = queries.application_of_phone(db.session(), application_id, phone) or abort(404)
    work_in_division(found.division_id)
    return found


def _offered() -> list[KindRecord]:
    """Return the kinds that are about no account and that anybody may file."""
    offered = service.offered(db.session(), clock.today())
    return [
        each
        for each in offered
        if each.filing_right == FilingRight.ANYONE and WORKS[ApplicationWork(each.work or "")].account == AccountNeed.NONE
    ]


def _districts() -> list[tuple[Any, str]]:
    found = offices.contacts(db.session())
    return [("", ""), *((each.id, f"{each.region} · {each.name}" if each.region else each.name) for each in found)]
