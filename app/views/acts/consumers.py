"""Acts about a consumer: identity data corrected, a double row joined."""

from datetime import date
from typing import Any

from flask import abort, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, Length

from app import labels
from app.domain import identifiers
from app.domain.acts import ActKind
from app.domain.administration import roles
from app.domain.administration.pages import Page
from app.domain.reference import ConsumerKind
from app.extensions import db, record_disclosure
from app.models.accounts import Consumer
from app.models.reference import Bank
from app.queries.accounts import Card
from app.views import fields, languages
from app.views.acts.base import ActForm, ActView


class ConsumerActView(ActView):
    """The page of an act about a consumer."""

    def url_from(self, card: Card) -> str:
        return url_for(f"{self.endpoint}.perform", consumer_id=card.consumer_id)

    def subject(self, subject_id: int) -> Any:
        """Return the consumer the act is about."""
        consumer = db.session.get(Consumer, subject_id)
        if consumer is None:
            abort(404)
        record_disclosure("consumer", [consumer.id])
        return consumer

    def subject_ids(self, subject: Any, _form: ActForm) -> dict[str, int | None]:
        return {"division_id": subject.division_id, "consumer_id": subject.id}

    def back_url(self, subject: Any) -> str:
        page = "LegalConsumerView" if subject.kind == ConsumerKind.LEGAL else "HouseholdConsumerView"
        return url_for(f"{page}.show", pk=subject.id)

    @expose("/<int:consumer_id>", methods=["GET", "POST"])
    @has_access
    def perform(self, consumer_id: int) -> Any:
        """Show the form, then what the act would write, then perform it."""
        return self.respond(self.subject(consumer_id))


class _IdentityForm(ActForm):
    name = StringField(labels.COLUMN_LABELS["name"], [DataRequired(), Length(max=200)])
    phone = StringField(labels.COLUMN_LABELS["phone"], [fields.Identifier(identifiers.phone)])
    language = SelectField(labels.COLUMN_LABELS["language"])

    def prepare(self, subject: Any, _today: date) -> None:
        self.language.choices = languages.choices()
        if "bank_id" in self:
            rows = db.session.execute(select(Bank.id, Bank.name).order_by(Bank.name, Bank.id))
            self["bank_id"].choices = [("", ""), *((row.id, row.name) for row in rows)]
        if not self.is_submitted():
            for name in [*self.parameters()]:
                self[name].data = getattr(subject, name)


class PersonForm(_IdentityForm):
    """What identifies a person."""

    pinfl = StringField(labels.COLUMN_LABELS["pinfl"], [fields.Identifier(identifiers.pinfl)])


class FirmForm(_IdentityForm):
    """What identifies a legal entity."""

    stir = StringField(labels.COLUMN_LABELS["stir"], [fields.Identifier(identifiers.stir)])
    vat_registration = StringField(labels.COLUMN_LABELS["vat_registration"], [fields.Identifier(identifiers.vat_registration)])
    oked = StringField(labels.COLUMN_LABELS["oked"], [Length(max=5)])
    bank_id = SelectField(labels.COLUMN_LABELS["bank"], coerce=lambda value: int(value) if value else None)
    bank_account = StringField(labels.COLUMN_LABELS["bank_account"], [fields.Identifier(identifiers.bank_account)])
    director = StringField(labels.COLUMN_LABELS["director"], [Length(max=200)])


class CorrectIdentityView(ConsumerActView):
    page = Page(_l("Act: correct identity data"), {"can_perform": roles.BILLING_STAFF}, under="HouseholdConsumerView")
    kind = ActKind.CORRECT_IDENTITY
    route_base = "/acts/correct-identity"

    def form_of(self, subject: Any) -> ActForm:
        return FirmForm() if subject.kind == ConsumerKind.LEGAL else PersonForm()


class JoinForm(ActForm):
    """The row that goes into the one that is kept."""

    other_id = fields.LookupField(
        _l("The other row of the same consumer"), [DataRequired()], model=Consumer, description=_l("Its accounts go to the one above.")
    )


class JoinConsumersView(ConsumerActView):
    page = Page(_l("Act: join double consumers"), {"can_perform": roles.BILLING_STAFF}, under="HouseholdConsumerView")
    kind = ActKind.JOIN_CONSUMERS
    route_base = "/acts/join-consumers"
    form = JoinForm
