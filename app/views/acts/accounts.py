"""Acts about an account: opened, closed, reopened, handed to another owner."""

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar

from flask import url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import Field, IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app import labels
from app.domain import identifiers
from app.domain.accounts import AccountStatus
from app.domain.acts import ActKind, OwnerDebt, Unsettled
from app.domain.administration import roles
from app.domain.administration.pages import Page
from app.domain.metering.registers import RegisterCode
from app.domain.reference import ConsumerKind
from app.extensions import db
from app.models.accounts import Consumer
from app.models.equipment import DeviceModel
from app.models.reference import Resource, Street, TariffGroup
from app.queries import acts as queries
from app.queries.accounts import Card
from app.views import fields, languages
from app.views.acts.base import ActForm, ActView, posted_day
from app.views.acts.readings import READING, RegistersForm


class RegistersView(ActView):
    """The page of an act that asks what the registers showed."""

    #: whether the meters are those that served until the day, or those that serve from it on
    until: ClassVar[bool] = True
    #: whether each register has to be read
    is_read_always: ClassVar[bool] = True

    def form_of(self, subject: Card) -> ActForm:
        """Return the form with a field for each register there is on its day."""
        return type(self.form.__name__, (self.form,), dict(self._dials(subject.id)))()

    def _dials(self, account_id: int) -> Iterable[tuple[str, Field]]:
        point = queries.last_place(db.session(), account_id)
        for row in queries.registers_on(db.session(), point, posted_day(), until=self.until) if point else ():
            label = _("Reading: meter %(number)s, register %(code)s", number=row.serial_number, code=labels.register(row.code))
            hint = _("%(dial)s on %(day)s", dial=labels.quantity(row.before_milli), day=labels.day(row.before_on)) if row.before_on else ""
            yield (
                f"{READING}{row.register_id}",
                fields.quantity_field(
                    label, [InputRequired() if self.is_read_always else Optional()], default=row.dial_milli, description=hint
                ),
            )


class CloseForm(RegistersForm):
    """The last readings, and what becomes of money that is left."""

    unsettled = fields.enum_field(_l("If money is left after the final bill"), Unsettled, [InputRequired()])


class CloseAccountView(RegistersView):
    page = Page(_l("Act: close the account"), {"can_perform": roles.BILLING_STAFF}, under="AccountView")
    kind = ActKind.CLOSE_ACCOUNT
    route_base = "/acts/close-account"
    form = CloseForm

    def is_offered(self, card: Card) -> bool:
        return card.status == AccountStatus.OPEN


class ReopenAccountView(RegistersView):
    page = Page(_l("Act: reopen the account"), {"can_perform": roles.BILLING_STAFF}, under="AccountView")
    kind = ActKind.REOPEN_ACCOUNT
    route_base = "/acts/reopen-account"
    form = RegistersForm
    until = False

    def is_offered(self, card: Card) -> bool:
        return card.status == AccountStatus.CLOSED


def _consumer_fields(found: Any) -> dict[str, Any]:
    """Return the fields by which a consumer is found, or entered anew."""
    return {
        "consumer_id": fields.LookupField(found, [Optional()], model=Consumer, description=_l("Empty: a new one, written below.")),
        "kind": fields.enum_field(labels.COLUMN_LABELS["consumer_kind"], ConsumerKind),
        "name": StringField(labels.COLUMN_LABELS["name"], [Length(max=200)]),
        "identifier": StringField(_l("JSHSHIR of a person, STIR of a legal entity"), [Optional(), Length(max=20)]),
        "phone": StringField(labels.COLUMN_LABELS["phone"], [fields.Identifier(identifiers.phone)]),
        "language": SelectField(labels.COLUMN_LABELS["language"]),
    }


_OF_CONSUMER = ("consumer_id", "kind", "name", "identifier", "phone", "language")


def _groups(today: date) -> list[tuple[int, str]]:
    offered = select(TariffGroup).where(TariffGroup.retired_on.is_(None) | (TariffGroup.retired_on > today)).order_by(TariffGroup.id)
    return [(row.id, labels.row_name(row)) for row in db.session.scalars(offered)]


class OwnerForm(type("_NewOwner", (RegistersForm,), _consumer_fields(_l("New owner, if known already")))):  # type: ignore[misc]
    """The last readings, the new owner, and what becomes of a debt or an advance."""

    debt = fields.enum_field(_l("If there is a debt or an advance after the final bill"), OwnerDebt, [InputRequired()])
    number = StringField(
        labels.COLUMN_LABELS["new_account_number"],
        [fields.Identifier(identifiers.account_number)],
        description=_l("Only where the debt or advance stays with the old owner. Empty: the next free one."),
    )
    tariff_group_id = SelectField(
        labels.COLUMN_LABELS["tariff_group"], coerce=lambda value: int(value) if value else None, description=_l("Empty: as before.")
    )

    def prepare(self, subject: Any, today: date) -> None:
        """Offer languages and tariff groups."""
        self.language.choices = languages.choices()
        self.tariff_group_id.choices = [("", ""), *_groups(today)]
        if not self.is_submitted():
            # The language is the new owner's, not the old one's: whoever does not say gets the first.
            self.kind.data = ConsumerKind(subject.consumer_kind)


class ChangeOwnerView(RegistersView):
    page = Page(_l("Act: change of owner"), {"can_perform": roles.BILLING_STAFF}, under="AccountView")
    kind = ActKind.CHANGE_OWNER
    route_base = "/acts/change-owner"
    form = OwnerForm
    groups = ((_l("New owner"), _OF_CONSUMER), (_l("Money and account"), ("debt", "number", "tariff_group_id")))

    def is_offered(self, card: Card) -> bool:
        return card.status == AccountStatus.OPEN


def _id_field(label: Any) -> SelectField:
    return SelectField(label, [InputRequired()], coerce=int)


#: Registers a meter may have beside the whole counter, and the name of the field of their first reading.
_FURTHER = {code.value: f"register_{code.value.lower()}" for code in RegisterCode if code != RegisterCode.TOTAL}


def _further_registers() -> dict[str, Any]:
    hint = _l("Empty: the meter has no such register.")
    return {name: fields.quantity_field(labels.register_phrase(code), [Optional()], description=hint) for code, name in _FURTHER.items()}


class NewAccountForm(type("_NewConsumer", (ActForm,), _consumer_fields(_l("Consumer, if known already")) | _further_registers())):  # type: ignore[misc]
    """Everything an account begins with, on one page."""

    number = StringField(
        labels.COLUMN_LABELS["account_number"], [fields.Identifier(identifiers.account_number)], description=_l("Empty: the next free one.")
    )
    street = fields.LookupField(labels.COLUMN_LABELS["street"], [DataRequired()], model=Street)
    house = StringField(labels.COLUMN_LABELS["house"], [DataRequired(), Length(max=16)])
    flat = StringField(labels.COLUMN_LABELS["flat"], [Length(max=16)])
    capacity_milli = fields.quantity_field(labels.COLUMN_LABELS["capacity_milli"], [InputRequired()])
    tariff_group = _id_field(labels.COLUMN_LABELS["tariff_group"])
    resource_id = _id_field(labels.COLUMN_LABELS["resource"])
    meter_model = _id_field(_l("Meter model"))
    serial_number = StringField(labels.COLUMN_LABELS["serial_number"], [DataRequired(), Length(max=32)])
    digits = IntegerField(labels.COLUMN_LABELS["digits"], [InputRequired(), NumberRange(3, 9)], default=5)
    ct_primary = IntegerField(labels.COLUMN_LABELS["ct_primary"], [InputRequired(), NumberRange(1, 100_000)], default=1)
    ct_secondary = IntegerField(labels.COLUMN_LABELS["ct_secondary"], [InputRequired(), NumberRange(1, 100)], default=1)
    first_dial_milli = fields.quantity_field(_l("First reading"), [InputRequired()])

    def parameters(self) -> dict[str, Any]:
        """Return the fields of the kind as JSON, the first readings of further registers by code."""
        given = super().parameters()
        further = {code: given.pop(name) for code, name in _FURTHER.items()}
        return given | {"registers": {code: dial for code, dial in further.items() if dial is not None}}

    def prepare(self, _subject: Any, today: date) -> None:
        """Offer languages, tariff groups, resources and models."""
        self.language.choices, self.tariff_group.choices = languages.choices(), _groups(today)
        self.resource_id.choices, self.meter_model.choices = _rows(Resource), _rows(DeviceModel)


def _rows(model: Any) -> list[tuple[int, str]]:
    return [(row.id, labels.row_name(row)) for row in db.session.scalars(select(model).order_by(model.id))]


class NewAccountView(ActView):
    page = Page(_l("New account"), {"can_perform": (roles.BILLING_OPERATOR,)}, under="AccountView")
    kind = ActKind.OPEN_ACCOUNT
    route_base = "/new-account"
    form = NewAccountForm
    groups = (
        (_l("Consumer"), _OF_CONSUMER),
        (_l("Account"), ("number", "effective_on", "tariff_group", "resource_id")),
        (_l("Address"), ("street", "house", "flat", "capacity_milli")),
        (_l("Meter"), ("meter_model", "serial_number", "digits", "ct_primary", "ct_secondary", "first_dial_milli")),
        (_l("First readings of further registers"), tuple(_FURTHER.values())),
    )

    @expose("/", methods=["GET", "POST"])
    @has_access
    def perform(self) -> Any:
        """Show the form, then what the act would write, then perform it."""
        return self.respond(None)

    def subject_ids(self, _subject: Any, form: ActForm) -> dict[str, int | None]:
        return {"division_id": form["street"].data.division_id}

    def back_url(self, _subject: Any) -> str:
        return url_for("AccountView.list")

    def is_offered(self, _card: Card) -> bool:
        return False
