"""Acts about meters: installed, removed, exchanged, each on one page with every register, and photographs."""

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from sqlalchemy import select
from wtforms import BooleanField, Field, IntegerField, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app import labels
from app.domain.accounts import AccountStatus
from app.domain.acts import ActKind
from app.domain.administration import roles
from app.domain.administration.pages import Page
from app.domain.documents import LARGEST_PICTURE_BYTES, MOST_PHOTOS, PictureRefused
from app.domain.metering.registers import RegisterCode
from app.domain.seals import SealedPart
from app.extensions import db
from app.gateways.pictures import drawn_anew
from app.models.equipment import DeviceModel
from app.models.reference import Brigade, MeterChangeReason
from app.queries import acts as dials
from app.queries.accounts import Card
from app.queries.acts import meters as queries
from app.queries.acts.meters import ServingMeter
from app.services.acts import photos
from app.views import fields
from app.views.acts.base import ActForm, ActView, posted_day
from app.views.acts.readings import READING, RegistersForm

_OPENING = "opening_"
_RATIOS = ("ct_primary", "ct_secondary", "vt_primary", "vt_secondary")
_CODES = tuple(RegisterCode)
_OPENINGS = {code: f"{_OPENING}{code.lower()}" for code in _CODES}
_MAY = {"can_perform": (roles.ENGINEER, roles.BILLING_OPERATOR, roles.SUPERVISOR)}


class MeterForm(RegistersForm):
    """What acts about meters share: why, who went there, the seals, photographs."""

    reason_id = SelectField(labels.COLUMN_LABELS["meter_change_reason"], [InputRequired()], coerce=fields.optional_number)
    brigade_id = SelectField(labels.COLUMN_LABELS["brigade"], coerce=fields.optional_number)
    seals = StringField(labels.COLUMN_LABELS["seals"], [Length(max=200)], description=_l("Numbers of the seals, one after another."))
    photos = MultipleFileField(
        labels.COLUMN_LABELS["photos"],
        description=_l("Up to 6 photographs, JPEG or PNG, each up to 10 MB; what the phone wrote into them is left out."),
        render_kw={"accept": "image/jpeg,image/png,image/webp", "multiple": True},
    )  # fmt: skip
    keeps_place = BooleanField(_l("Keep the time and place that the phone wrote into the photographs"))
    is_sure = BooleanField(_l("The registers were read twice and show this"))

    def prepare(self, subject: Any, today: date) -> None:
        """Offer the reasons and the brigades of the account's division."""
        self.reason_id.choices = [("", ""), *_offered(MeterChangeReason, today)]
        self.brigade_id.choices = [("", ""), *_offered(Brigade, today, division_id=subject.division_id)]
        self.drawn: list[bytes] = []

    def validate_photos(self, field: Any) -> None:
        """Draw the photographs anew, or say what is wrong with one."""
        given = [each for each in field.data or [] if getattr(each, "filename", "")]
        if len(given) > MOST_PHOTOS:
            raise ValidationError(_("At most %(most)s photographs.", most=MOST_PHOTOS))
        # One byte more than may be, so that a longer one is known without reading all of it.
        contents = [each.stream.read(LARGEST_PICTURE_BYTES + 1) for each in given]
        for each in given:
            each.close()
        for each, content in zip(given, contents, strict=True):
            try:
                self.drawn.append(drawn_anew(content, keeps_place=self.keeps_place.data))
            except PictureRefused as refused:
                raise ValidationError(f"{each.filename}: {labels.member(refused.fault)}") from refused

    def parameters(self) -> dict[str, Any]:
        """Return the fields of the kind as JSON, the photographs by what they hold."""
        given = super().parameters()
        given.pop("keeps_place")
        return given | {"photos": [hashlib.sha256(each).hexdigest() for each in self.drawn]}

    def keep(self, session: Any, act: Any) -> None:
        """Keep the photographs with their act."""
        photos.attach(session, act, self.drawn)


class RemoveForm(MeterForm):
    """Which meter is taken off, what its registers show, and the seals it bore."""

    seals_removed = StringField(
        labels.COLUMN_LABELS["seals_removed"], [Length(max=200)],
        description=_l("Seals that the register has on the meter are taken off by themselves; write those that it does not know."),
    )  # fmt: skip
    seals_broken = StringField(
        labels.COLUMN_LABELS["seals_broken"], [Length(max=200)], description=_l("Each opens an inspection.")
    )  # fmt: skip

    brigade_id = SelectField(labels.COLUMN_LABELS["brigade"], [InputRequired()], coerce=fields.optional_number)
    withdraws_later = BooleanField(_l("Readings after this day were not of this meter: take them back"))


class InstallForm(MeterForm):
    """Which meter is installed, what its registers show, and the ratios of its transformers."""

    serial_number = StringField(labels.COLUMN_LABELS["serial_number"], [DataRequired(), Length(max=32)], render_kw={"inputmode": "text"})
    ct_primary = IntegerField(labels.COLUMN_LABELS["ct_primary"], [InputRequired(), NumberRange(1, 100_000)], default=1)
    ct_secondary = IntegerField(labels.COLUMN_LABELS["ct_secondary"], [InputRequired(), NumberRange(1, 100)], default=1)
    vt_primary = IntegerField(labels.COLUMN_LABELS["vt_primary"], [InputRequired(), NumberRange(1, 1_000_000)], default=1)
    vt_secondary = IntegerField(labels.COLUMN_LABELS["vt_secondary"], [InputRequired(), NumberRange(1, 1000)], default=1)
    model_id = SelectField(labels.COLUMN_LABELS["model"], coerce=fields.optional_number)
    digits = IntegerField(labels.COLUMN_LABELS["digits"], [Optional(), NumberRange(3, 9)], default=5)
    made_in_year = IntegerField(labels.COLUMN_LABELS["made_in_year"], [Optional(), NumberRange(1950, 2100)])
    verified_to = fields.day_field(labels.COLUMN_LABELS["verified_to"], [Optional()])
    sealed_part = fields.enum_field(labels.COLUMN_LABELS["sealed_part"], SealedPart, [Optional()], default=SealedPart.TERMINAL_COVER)

    def prepare(self, subject: Any, today: date) -> None:
        """Offer the models of meters too."""
        super().prepare(subject, today)
        self.model_id.choices = [("", ""), *_offered(DeviceModel, today)]

    def parameters(self) -> dict[str, Any]:
        """Return the fields of the kind as JSON, the first dials by the codes of their registers."""
        given = super().parameters()
        shown = {code.value: given.pop(name) for code, name in _OPENINGS.items()}
        return given | {"opening": {code: dial for code, dial in shown.items() if dial is not None}}


for _code, _name in _OPENINGS.items():
    setattr(InstallForm, _name, fields.quantity_field(labels.register_phrase(_code), [Optional()]))


class ExchangeForm(InstallForm, RemoveForm):
    """A meter taken off and another in its place."""


def _offered(model: Any, today: date, **same: Any) -> list[tuple[int, str]]:
    rows = select(model).filter_by(**same).where(model.retired_on.is_(None) | (model.retired_on > today)).order_by(model.id)
    return [(row.id, labels.row_name(row)) for row in db.session.scalars(rows)]


_OF_NEW = ("serial_number", *_OPENINGS.values())
_UNKNOWN = ("model_id", "digits", "made_in_year", "verified_to")
_OF_WORK, _PHOTOS = ("reason_id", "brigade_id", "seals"), ("photos", "keeps_place", "is_sure")
_OLD_SEALS = ("seals_removed", "seals_broken")
_BEFORE_WORK = (
    (_l("The new meter and its first readings"), _OF_NEW),
    (_l("If the new meter is not in the register yet"), _UNKNOWN),
    (_l("Transformer ratios"), _RATIOS),
)


class MeterView(ActView):
    """The page of an act about the meters of an account."""

    def is_offered(self, card: Card) -> bool:
        return card.status == AccountStatus.OPEN


class RemovingView(MeterView):
    """The page of an act that takes a meter off."""

    def form_of(self, subject: Card) -> ActForm:
        """Return the form with a field for each register of the meters that serve the account on its day."""
        day = posted_day()
        place = queries.place_on(db.session(), subject.id, day)
        serving = queries.meters_at(db.session(), place.service_point_id, day) if place else []
        # What was sent is read as it was sent, also when it is sent again and the meter serves no more: a repeat is known by it.
        own = {name: fields.quantity_field(name, [Optional()]) for name in request.form if name.startswith(READING)}
        own |= dict(self._dials(place.service_point_id, serving, day)) if place else {}
        if len(serving) > 1:
            choices = [(each.id, f"{each.model} {each.serial_number}") for each in serving]
            own["installation_id"] = SelectField(_l("Which meter"), [InputRequired()], coerce=int, choices=choices)
        form = type(self.form.__name__, (self.form,), own)()
        if serving and not form.is_submitted() and isinstance(form, InstallForm):
            for name in _RATIOS:
                form[name].data = getattr(serving[0], name)
        return form

    def _dials(self, point: int, serving: list[ServingMeter], day: date) -> Iterable[tuple[str, Field]]:
        known = {each.id for each in serving}
        for row in dials.registers_on(db.session(), point, day, until=True):
            if row.meter_installation_id in known:
                label = _("Reading: meter %(number)s, register %(code)s", number=row.serial_number, code=labels.register(row.code))
                before = (
                    _("%(dial)s on %(day)s", dial=labels.quantity(row.before_milli), day=labels.day(row.before_on)) if row.before_on else ""
                )
                needed = InputRequired() if len(known) == 1 else Optional()
                yield f"{READING}{row.register_id}", fields.quantity_field(label, [needed], default=row.dial_milli, description=before)

    def groups_of(self, form: ActForm) -> tuple[tuple[Any, tuple[str, ...]], ...]:
        """Return the fields of the meter that is taken off, then those of the kind."""
        own = tuple(name for name in form._fields if name.startswith(READING))
        which = ("installation_id",) if "installation_id" in form._fields else ()
        return ((_l("The meter that is taken off"), ("effective_on", *which, *own, "withdraws_later")), *self.groups)


class ExchangeMeterView(RemovingView):
    page = Page(_l("Act: exchange a meter"), _MAY, under="AccountView")
    kind = ActKind.EXCHANGE_METER
    route_base = "/acts/exchange-meter"
    form = ExchangeForm
    groups = (*_BEFORE_WORK, (_l("The work"), (*_OF_WORK, "sealed_part", *_OLD_SEALS, *_PHOTOS)))


class RemoveMeterView(RemovingView):
    page = Page(_l("Act: remove a meter"), _MAY, under="AccountView")
    kind = ActKind.REMOVE_METER
    route_base = "/acts/remove-meter"
    form = RemoveForm
    groups = ((_l("The work"), (*_OF_WORK, *_OLD_SEALS, *_PHOTOS)),)


class InstallMeterView(MeterView):
    page = Page(_l("Act: install a meter"), _MAY, under="AccountView")
    kind = ActKind.INSTALL_METER
    route_base = "/acts/install-meter"
    form = InstallForm
    groups = ((_l("Day"), ("effective_on",)), *_BEFORE_WORK, (_l("The work"), (*_OF_WORK, "sealed_part", *_PHOTOS)))
