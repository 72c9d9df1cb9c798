"""The one page of every act: fields with day and reason, a preview of what it would write, then the act itself."""

from collections.abc import Collection, Mapping
from datetime import date, time
from typing import Any, ClassVar
from uuid import uuid4

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy.exc import DataError, IntegrityError
from wtforms import HiddenField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from app import clock, labels
from app.domain.acts import ActKind, ActRefused, ActRequest, ActStatus
from app.domain.applications import ApplicationRefused
from app.extensions import appbuilder, db, record_disclosure, set_change_reason, transaction
from app.queries import accounts
from app.queries.accounts import Card
from app.services import acts as service
from app.views import fields, for_application
from app.views.refusals import FormRefused, explained, show_refusal


class ActForm(FlaskForm):
    """The day an act takes effect and why; a kind adds its own fields before them."""

    effective_on = fields.day_field(labels.COLUMN_LABELS["effective_on"], [InputRequired()])
    reason = StringField(labels.COLUMN_LABELS["act_reason"], [DataRequired(), Length(max=300)])
    reference = HiddenField(validators=[InputRequired(), Length(max=80)])

    def parameters(self) -> dict[str, Any]:
        """Return the fields of the kind as JSON: related rows by their number, days in ISO form."""
        common = {*ActForm.fields_of_all(), "csrf_token"}
        return {name: _plain(field.data) for name, field in self._fields.items() if name not in common}

    @staticmethod
    def fields_of_all() -> tuple[str, ...]:
        """Return the fields that every act has."""
        return ("effective_on", "reason", "reference")

    def prepare(self, subject: Any, today: date) -> None:
        """Fill an empty form; choices are set here also when it comes back filled."""

    def keep(self, session: Any, act: Any) -> None:
        """Keep what came with the form beside its fields, in the transaction of the act."""


def posted_day() -> date:
    """Return the day that a form was sent for, today if it was not or has none."""
    try:
        return date.fromisoformat(request.form.get("effective_on", ""))
    except ValueError:
        return clock.today()


def _plain(value: Any) -> Any:
    if isinstance(value, date | time):
        return value.isoformat()
    return getattr(value, "id", value)


class ActView(BaseView):
    """The page of a kind of act about an account; a kind names its form, and nothing else."""

    kind: ClassVar[ActKind]
    form: ClassVar[type[ActForm]] = ActForm
    #: groups of fields with a legend, where there are many; empty: one after the other
    groups: ClassVar[tuple[tuple[Any, tuple[str, ...]], ...]] = ()
    base_permissions = ["can_perform"]

    def groups_of(self, _form: ActForm) -> tuple[tuple[Any, tuple[str, ...]], ...]:
        """Return the groups of a form; a kind whose fields depend on the account overrides this."""
        return self.groups

    def form_of(self, _subject: Any) -> ActForm:
        """Return the form; a kind whose fields depend on the account overrides this."""
        return self.form()

    def url_from(self, card: Card) -> str:
        """Return the address of the page, begun from an account's card."""
        return url_for(f"{self.endpoint}.perform", account_id=card.id)

    def is_offered(self, _card: Card) -> bool:
        """Tell whether the account stands so that the act makes sense; the button is shown then."""
        return True

    def subject(self, subject_id: int) -> Any:
        """Return the account the act is about."""
        card = accounts.card(db.session(), subject_id)
        if card is None:
            abort(404)
        record_disclosure("account", [card.id])
        record_disclosure("consumer", [card.consumer_id])
        return card

    def subject_ids(self, subject: Any, _form: ActForm) -> dict[str, int | None]:
        """Return the columns of the act that name what it is about."""
        return {"division_id": subject.division_id, "account_id": subject.id}

    def back_url(self, subject: Any) -> str:
        """Return the page the act was begun from."""
        return url_for("AccountView.show", pk=subject.id)

    @expose("/<int:account_id>", methods=["GET", "POST"])
    @has_access
    def perform(self, account_id: int) -> Any:
        """Show the form, then what the act would write, then perform it."""
        return self.respond(self.subject(account_id))

    def respond(self, subject: Any) -> Any:
        """Answer a request about a subject."""
        form, found = self.form_of(subject), None
        form.prepare(subject, clock.today())
        if request.method == "GET":
            form.reference.data, form.effective_on.data = uuid4().hex, form.effective_on.data or clock.today()
            for_application.fill(form)
        elif form.validate():
            wanted = ActRequest(
                kind=self.kind, effective_on=form.effective_on.data, reason=form.reason.data, reference=form.reference.data,
                parameters=form.parameters(), **self.subject_ids(subject, form),
            )  # fmt: skip
            answer = answered(form, wanted)
            if isinstance(answer, Mapping):
                found = answer
            elif answer is not None:
                return answer
        return self.render_template(
            "act.html", form=form, subject=subject, found=found, kind=self.kind, groups=self.groups_of(form),
            back=self.back_url(subject), card=subject if isinstance(subject, Card) else None,
        )  # fmt: skip


def answered(form: ActForm, wanted: ActRequest) -> Any:
    """Preview or perform an act; return what it would write, a redirect to its card, or None if it is refused beside a field."""
    try:
        if request.form.get("step") == "do":
            return _perform(form, wanted)
        found = service.preview(db.session(), wanted, today=clock.today())
    except ActRefused as refused:
        show_refusal(form, FormRefused(labels.act_refusal(refused), refused.column))
    except ApplicationRefused as refused_work:
        show_refusal(form, FormRefused(labels.application_refusal(refused_work)))
    except (IntegrityError, DataError) as error:
        show_refusal(form, explained(error))
    else:
        return found
    finally:
        db.session.rollback()
    return None


def _perform(form: ActForm, wanted: ActRequest) -> Any:
    set_change_reason(wanted.reason)
    with transaction() as session:
        act = service.submit(session, wanted, today=clock.today())
        form.keep(session, act)
        for_application.close(session, act.reference)
        act_id, waits = act.id, act.status == ActStatus.REQUESTED
    flash(_("A second person decides about this.") if waits else _("The act was performed."), "info" if waits else "success")
    return redirect(url_for("AccountActView.show", pk=act_id))


def page_of(kind: str) -> ActView | None:
    """Return the page of a kind of act."""
    return next((view for view in appbuilder.baseviews if isinstance(view, ActView) and view.kind == kind), None)


def may_perform(kind: str) -> bool:
    """Tell whether the user may perform a kind of act, and so reverse it."""
    page = page_of(kind)
    return page is not None and bool(appbuilder.sm.has_access("can_perform", type(page).__name__))


def buttons_of(card: Card, kinds: Collection[ActKind] = tuple(ActKind)) -> list[tuple[str, str]]:
    """Return (text, address) of the acts of some kinds the user may perform on an account as it stands."""
    pages = [view for view in appbuilder.baseviews if isinstance(view, ActView) and view.kind in kinds and view.is_offered(card)]
    return [(labels.member(page.kind), page.url_from(card)) for page in pages if may_perform(page.kind)]
