"""Applications in the portal: what was filed and how it stands, filing a new one with papers, and answering what the office asks."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import HiddenField, TextAreaField
from wtforms.validators import InputRequired, Length

from app import clock
from app.documents import applications as forms
from app.documents import downloads
from app.domain.applications import LONGEST_REASON, TRANSITIONS, ApplicationEvent, ApplicationRequest
from app.domain.portal import PortalRight
from app.extensions import db, transaction
from app.portal.base import PortalPage, blueprint, current, current_card, in_navigation, page_of, with_right
from app.queries import administration as stored
from app.queries import applications as queries
from app.queries.accounts import Card
from app.queries.applications import ApplicationRecord, KindRecord
from app.services import applications as service
from app.services.applications import StepTaken

in_navigation(PortalPage("applications", lazy_gettext("Applications"), 55, PortalRight.APPLY))


class FilingForm(FlaskForm):
    """What an application is known by; its fields come from its kind."""

    reference = HiddenField(validators=[InputRequired(), Length(max=80)])


class AnswerForm(FlaskForm):
    """What the consumer answers."""

    reason = TextAreaField(lazy_gettext("Your answer"), [InputRequired(), Length(max=LONGEST_REASON)])


@blueprint.get("/applications")
@with_right(PortalRight.APPLY)
def applications() -> Any:
    """Show what was filed and how it stands, and what can be filed."""
    here, card = current(), current_card()
    page = page_of(
        lambda limit, skipped: queries.of_consumer(db.session(), card.id, card.consumer_id, _actor(), limit=limit, skipped=skipped)
    )
    return render_template("portal/applications.html", card=card, page=page, kinds=_offered(card), today=clock.today(), here=here)


@blueprint.route("/applications/new/<kind_code>", methods=["GET", "POST"])
@with_right(PortalRight.APPLY)
def application_new(kind_code: str) -> Any:
    """Show the form of a kind, then file the application."""
    card, form = current_card(), FilingForm()
    kind = next((each for each in _offered(card) if each.code == kind_code), None) or abort(404)

    def asked(values: dict[str, Any]) -> ApplicationRequest:
        files = forms.given_files(request.files.getlist("files"))
        return forms.request_of(kind, card, f"{_actor()} {form.reference.data}", values, files)

    return filing_page(kind, form, asked)


def filing_page(kind: KindRecord, form: Any, asked: Callable[[dict[str, Any]], ApplicationRequest], *, pages: str = "application") -> Any:
    """Show the form of a kind, then file the application and show it.

    :param form: what the page asks beside the fields of the kind, and the key of the form
    :param asked: the application that was typed, given the values of the kind's fields
    :param pages: how the endpoints of its pages begin
    """
    filled, refusal = forms.form_of(db.session(), kind.form_schema, request.form, on=clock.today()), ""
    if request.method == "GET":
        form.reference.data = uuid4().hex
    elif form.validate():
        values = forms.read(filled)
        if not filled.faults:
            try:
                return _filed(asked(values), pages)
            except forms.REFUSALS as refused:
                refusal = forms.refused_words(refused, filled)
    return render_template(
        f"portal/{pages}_new.html", kind=kind, form=form, filled=filled, prefix=forms.PREFIX, refusal=refusal, pages=pages
    )


def _filed(asked: ApplicationRequest, pages: str) -> Any:
    with transaction() as session:
        filed_id = service.file(session, asked, today=clock.today(), now=clock.now()).id
    flash(_("The application was filed under № %(number)s.", number=filed_id), "success")
    return redirect(url_for(f"portal.{pages}", application_id=filed_id))


@blueprint.get("/applications/<int:application_id>")
@with_right(PortalRight.APPLY)
def application(application_id: int) -> Any:
    """Show an application, what happened to it and what is asked of the consumer."""
    return shown(_found(application_id), AnswerForm())


@blueprint.post("/applications/<int:application_id>/answer")
@with_right(PortalRight.APPLY)
def application_answer(application_id: int) -> Any:
    """Take the consumer's answer to what the office asked, with papers."""
    found, form = _found(application_id), AnswerForm()
    if not form.validate():
        return shown(found, form)
    files = forms.given_files(request.files.getlist("files"))
    return advanced(found, StepTaken(ApplicationEvent.ANSWER, form.reason.data, files), form)


@blueprint.post("/applications/<int:application_id>/withdraw")
@with_right(PortalRight.APPLY)
def application_withdraw(application_id: int) -> Any:
    """Take an application back."""
    return advanced(_found(application_id), StepTaken(ApplicationEvent.WITHDRAW), AnswerForm())


@blueprint.get("/applications/<int:application_id>/files/<int:application_file_id>")
@with_right(PortalRight.APPLY)
def application_file(application_id: int, application_file_id: int) -> Any:
    """Send a file of an application: the consumer's own, or a paper of the office."""
    return sent_file(_found(application_id), application_file_id)


def sent_file(found: ApplicationRecord, application_file_id: int) -> Any:
    """Return a file of an application as an answer."""
    file = next((each for each in queries.files(db.session(), found.id) if each.id == application_file_id), None)
    content = stored.stored_file(db.session(), file.stored_file_id) if file else None
    if content is None:
        abort(404)
    return downloads.attachment(content[2], content[0], content[1])


def advanced(found: ApplicationRecord, taken: StepTaken, form: AnswerForm, *, pages: str = "application") -> Any:
    """Let something happen to an application, and show it.

    :param pages: how the endpoints of its pages begin
    """
    try:
        with transaction() as session:
            service.advance(session, found.id, taken, today=clock.today(), now=clock.now())
    except forms.REFUSALS as refused:
        return shown(found, form, forms.refused_words(refused), pages=pages)
    flash(_("Recorded."), "success")
    return redirect(url_for(f"portal.{pages}", application_id=found.id))


def shown(found: ApplicationRecord, form: AnswerForm, refusal: str = "", *, pages: str = "application") -> Any:
    """Return the page of an application.

    :param pages: how the endpoints of its pages begin
    """
    session = db.session()
    return render_template(
        "portal/application.html", pages=pages, application=found, form=form, refusal=refusal, steps=queries.steps(session, found.id),
        files=queries.files(session, found.id), is_late=found.ended_on is None and found.term_on < clock.today(),
        lines=forms.lines(session, found.form_schema, found.given, on=clock.today()),
        may_answer=(found.status, ApplicationEvent.ANSWER) in TRANSITIONS,
        may_withdraw=(found.status, ApplicationEvent.WITHDRAW) in TRANSITIONS, fee=queries.fee(session, found.id),
    )  # fmt: skip


def _offered(card: Card) -> list[KindRecord]:
    """Return the kinds a consumer may file as the account stands."""
    return service.offered_on(db.session(), card.status, clock.today())


def _found(application_id: int) -> ApplicationRecord:
    card = current_card()
    found = queries.application_of_consumer(db.session(), application_id, card.id, card.consumer_id, _actor())
    return found or abort(404)


def _actor() -> str:
    """Return the name under which the user files what is about no account."""
    return f"portal:{current().user_id}"
