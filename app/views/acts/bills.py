"""Acts about an account's supply: tariff group, terms and benefits from a day, a billed reading, the address."""

from datetime import date
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from app import labels
from app.domain.acts import ActKind
from app.domain.administration import roles
from app.domain.administration.pages import Page
from app.domain.billing import TermKind
from app.extensions import db
from app.models.accounts import ServicePoint, Supply
from app.models.reference import Benefit, Street, TariffGroup
from app.models.supply import PrepaidVolume
from app.models.tariffs import Tariff
from app.queries import metering
from app.queries.accounts import Card
from app.views import fields
from app.views.acts.base import ActForm, ActView

#: Terms a person writes as a number; ordered energy and capacity stand in the contract, losses by passport have a passport.
WRITTEN_TERMS = (
    TermKind.FAMILIES, TermKind.CAPACITY, TermKind.TG_NORM, TermKind.LOSS_PERCENT, TermKind.UNMETERED_NORM, TermKind.RESIDENTS,
    TermKind.VOLTAGE,
)  # fmt: skip


class TariffGroupForm(ActForm):
    """The tariff group from a day on."""

    tariff_group_id = SelectField(labels.COLUMN_LABELS["tariff_group"], coerce=int)

    def prepare(self, subject: Any, today: date) -> None:
        """Offer the groups of the consumer's kind that have a tariff for what the account is supplied with."""
        supplied = select(ServicePoint.resource_id).join(Supply).where(Supply.account_id == subject.id)
        priced = select(Tariff.tariff_group_id).where(Tariff.resource_id.in_(supplied))
        chosen = select(TariffGroup.id, TariffGroup.name).where(
            TariffGroup.consumer_kind == subject.consumer_kind, TariffGroup.id.in_(priced),
            TariffGroup.retired_on.is_(None) | (TariffGroup.retired_on > today),
        )  # fmt: skip
        self.tariff_group_id.choices = [(row.id, row.name) for row in db.session.execute(chosen.order_by(TariffGroup.name, TariffGroup.id))]


class ChangeTariffGroupView(ActView):
    page = Page(_l("Act: change the tariff group"), {"can_perform": roles.BILLING_STAFF}, under="AccountView")
    kind = ActKind.CHANGE_TARIFF_GROUP
    route_base = "/acts/tariff-group"
    form = TariffGroupForm


class TermForm(ActForm):
    """A term and its value from a day on; no value: it ends."""

    term = SelectField(labels.COLUMN_LABELS["term"], choices=lambda: [(kind.value, labels.member(kind)) for kind in WRITTEN_TERMS])
    value_milli = fields.quantity_field(
        labels.COLUMN_LABELS["value_milli"], [Optional()], description=_l("Empty: the term ends on the day before.")
    )


class ChangeTermView(ActView):
    page = Page(_l("Act: change a term"), {"can_perform": roles.BILLING_STAFF}, under="AccountView")
    kind = ActKind.CHANGE_TERM
    route_base = "/acts/term"
    form = TermForm


class BenefitForm(ActForm):
    """A benefit that is granted or ends."""

    benefit_id = SelectField(labels.COLUMN_LABELS["benefit"], coerce=int)
    is_granted = BooleanField(
        labels.COLUMN_LABELS["is_granted"], default=True, description=_l("Not ticked: the benefit ends on the day before.")
    )

    def prepare(self, _subject: Any, today: date) -> None:
        """Offer the benefits that are not retired."""
        chosen = select(Benefit.id, Benefit.name).where(Benefit.retired_on.is_(None) | (Benefit.retired_on > today))
        self.benefit_id.choices = [(row.id, row.name) for row in db.session.execute(chosen.order_by(Benefit.name, Benefit.id))]


class ChangeBenefitView(ActView):
    page = Page(_l("Act: grant or end a benefit"), {"can_perform": roles.BILLING_STAFF}, under="AccountView")
    kind = ActKind.CHANGE_BENEFIT
    route_base = "/acts/benefit"
    form = BenefitForm

    def is_offered(self, card: Card) -> bool:
        """Benefits are those of households."""
        return card.consumer_kind == "HOUSEHOLD"


class PrepaidForm(ActForm):
    """An old price that is kept for what was paid ahead; periods that begin on the day or later do not keep it."""

    prepaid_volume_id = SelectField(labels.COLUMN_LABELS["prepaid_volume"], coerce=int, validators=[InputRequired()])
    effective_on = fields.day_field(
        labels.COLUMN_LABELS["effective_on"], [InputRequired()],
        description=_l("Energy of periods that begin on this day or later has the price in force."),
    )  # fmt: skip

    def prepare(self, subject: Any, _today: date) -> None:
        """Offer the volumes of the account that are not withdrawn whole; the day is first the first one."""
        chosen = select(PrepaidVolume).where(PrepaidVolume.account_id == subject.id).order_by(PrepaidVolume.valid_from)
        volumes = [volume for volume in db.session.scalars(chosen) if volume.kept_to > volume.valid_from]
        self.prepaid_volume_id.choices = [
            (each.id, f"{each.tariff_version} · {labels.quantity(each.quantity_milli, subject.unit)} · {labels.day(each.kept_to)}")
            for each in volumes
        ]
        if not self.is_submitted():
            self.prepaid_volume_id.data = request.args.get("volume", type=int) or (volumes[0].id if volumes else None)
            self.effective_on.data = next((each.valid_from for each in volumes if each.id == self.prepaid_volume_id.data), None)


class WithdrawPrepaidView(ActView):
    page = Page(_l("Act: withdraw an old price"), {"can_perform": roles.BILLING_STAFF}, under="AccountView")
    kind = ActKind.WITHDRAW_PREPAID
    route_base = "/acts/withdraw-prepaid"
    form = PrepaidForm

    def is_offered(self, card: Card) -> bool:
        """Where an old price is kept."""
        chosen = select(PrepaidVolume).where(PrepaidVolume.account_id == card.id)
        return any(volume.kept_to > volume.valid_from for volume in db.session.scalars(chosen))


class CorrectReadingForm(ActForm):
    """A reading and what the register showed; the act takes effect on the day of the reading."""

    reading_id = SelectField(_l("Reading on record"), coerce=int, validators=[InputRequired()])
    dial = StringField(_l("What the register showed"), [DataRequired()])

    def prepare(self, subject: Any, _today: date) -> None:
        """Offer the readings that stand; the day is that of the chosen one."""
        rows = [row for row in metering.account_readings(db.session(), subject.id) if not row.replaced and row.kind != "WITHDRAWAL"]
        self.reading_id.choices = [
            (
                row.id,
                f"{labels.day(row.read_on)} · {row.serial_number} · {labels.register(row.register)} · {labels.quantity(row.dial_milli)}",
            )
            for row in rows
        ]
        days = {row.id: row.read_on for row in rows}
        if not self.is_submitted():
            self.reading_id.data, self.dial.data = request.args.get("reading", type=int), request.args.get("dial", "")
        self.effective_on.data = days.get(self.reading_id.data, self.effective_on.data)


class CorrectReadingView(ActView):
    page = Page(_l("Act: correct a billed reading"), {"can_perform": roles.BILLING_STAFF}, under="AccountView")
    kind = ActKind.CORRECT_READING
    route_base = "/acts/correct-reading"
    form = CorrectReadingForm


class AddressForm(ActForm):
    """The address of the account's place, as a document says."""

    street = fields.LookupField(labels.COLUMN_LABELS["street"], [DataRequired()], model=Street)
    house = StringField(labels.COLUMN_LABELS["house"], [DataRequired(), Length(max=16)])
    flat = StringField(labels.COLUMN_LABELS["flat"], [Length(max=16)])

    def prepare(self, subject: Any, _today: date) -> None:
        """Begin with the address as it stands."""
        if self.is_submitted():
            return
        chosen = select(ServicePoint).join(Supply).where(Supply.account_id == subject.id).order_by(Supply.valid_from.desc()).limit(1)
        point = db.session.scalar(chosen)
        if point is not None:
            self.street.data, self.house.data, self.flat.data = point.street, point.house, point.flat


class CorrectAddressView(ActView):
    page = Page(_l("Act: correct the address"), {"can_perform": roles.BILLING_STAFF}, under="AccountView")
    kind = ActKind.CORRECT_ADDRESS
    route_base = "/acts/correct-address"
    form = AddressForm
