"""The form of a document of equipment: the fields that its kind asks for, and what they hold as JSON."""

import re
from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import BooleanField, Field, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app import labels
from app.domain.equipment import DeviceEvent, StockPlaceKind
from app.domain.metering import RegisterCode
from app.extensions import db
from app.models.equipment import DeviceModel, StockPlace
from app.queries import administration
from app.queries.equipment import other_divisions
from app.views import fields

#: What each kind of document asks for besides its devices.
ASKED: Mapping[DeviceEvent, tuple[str, ...]] = {
    DeviceEvent.RECEIVE: ("stock_place", "model_id", "made_in_year", "registers", "digits", "is_double"),
    DeviceEvent.VERIFY: ("certificate_number", "organisation", "issued_on", "verified_to", "stock_place"),
    DeviceEvent.SEAL: (),
    DeviceEvent.ISSUE: ("stock_place",),
    DeviceEvent.RETURN: ("stock_place",),
    DeviceEvent.INSTALL: ("account_number",),
    DeviceEvent.REMOVE: ("stock_place",),
    DeviceEvent.HOLD: ("stock_place",),
    DeviceEvent.STORE: ("stock_place",),
    DeviceEvent.REPAIR: (),
    DeviceEvent.SEND_TO_METROLOGY: (),
    DeviceEvent.REJECT: ("stock_place",),
    DeviceEvent.SEND: ("to_division",),
    DeviceEvent.TAKE: ("stock_place",),
    DeviceEvent.COUNT: ("stock_place",),
    DeviceEvent.LOSE: (),
    DeviceEvent.FIND: ("stock_place",),
    DeviceEvent.WRITE_OFF: (),
}
_OPTIONAL = {DeviceEvent.VERIFY: {"stock_place"}}
#: Only to these kinds of places; others take both.
_KINDS = {DeviceEvent.ISSUE: (StockPlaceKind.BRIGADE,)}
_BOTH = {DeviceEvent.REMOVE, DeviceEvent.COUNT, DeviceEvent.FIND}
_BETWEEN = re.compile(r"[;,\t]+")


class EquipmentForm(FlaskForm):
    """The day, the number and the reason of a document, and its devices, one a line."""

    division = fields.division_field([InputRequired()])
    document_on = fields.day_field(labels.COLUMN_LABELS["document_on"], [InputRequired()])
    document_number = StringField(labels.COLUMN_LABELS["document_number"], [Length(max=64)])
    reason = StringField(labels.COLUMN_LABELS["act_reason"], [DataRequired(), Length(max=300)])
    devices = TextAreaField(_l("Devices: a serial number a line; seals behind it, after a semicolon"), [Length(max=60_000)])
    reference = HiddenField(validators=[InputRequired(), Length(max=70)])

    def lines(self) -> list[list[str]]:
        """Return the devices that were written, each with what stands behind it."""
        found = ([part.strip() for part in _BETWEEN.split(line) if part.strip()] for line in (self.devices.data or "").splitlines())
        return [line for line in found if line]

    def parameters(self, kind: DeviceEvent) -> dict[str, Any]:
        """Return what the kind asks for, as JSON; nothing that was left empty."""
        named = {name: self[name].data for name in ASKED[kind] if name not in ("stock_place", "to_division")}
        plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in named.items()}
        return {name: value for name, value in plain.items() if value not in (None, "", False, [])} | {"devices": self.lines()}


def form_of(kind: DeviceEvent) -> type[EquipmentForm]:
    """Return the form of a kind of document."""
    made = {name: _field(kind, name) for name in ASKED[kind]}
    return type(f"{kind.title()}Form", (EquipmentForm,), made)


def _field(kind: DeviceEvent, name: str) -> Field:
    label, is_optional = labels.COLUMN_LABELS[name], name in _OPTIONAL.get(kind, set())
    if name in _CHOSEN:
        choices = partial(_places, kind, is_optional) if name == "stock_place" else _CHOSEN[name]
        return SelectField(label, [Optional() if is_optional else InputRequired()], choices=choices, coerce=fields.optional_number)
    made = _MADE.get(name)
    if made is not None:
        return made(label)
    return StringField(label, [DataRequired() if name != "organisation" else Optional(), Length(max=200)])


def _places(kind: DeviceEvent, is_optional: bool) -> list[tuple[int | str, str]]:
    kinds = tuple(StockPlaceKind) if kind in _BOTH else _KINDS.get(kind, (StockPlaceKind.WAREHOUSE,))
    here = [each.id for each in administration.divisions_here(db.session())]
    found = select(StockPlace).where(StockPlace.kind.in_(kinds), StockPlace.retired_on.is_(None), StockPlace.division_id.in_(here))
    rows: list[tuple[int | str, str]] = [
        (each.id, f"{each} · {each.division}") for each in db.session.scalars(found.order_by(StockPlace.name, StockPlace.id))
    ]
    return [("", ""), *rows] if is_optional else rows


def _models() -> list[tuple[int, str]]:
    found = select(DeviceModel).where(DeviceModel.retired_on.is_(None)).order_by(DeviceModel.name)
    return [(each.id, f"{each} · {each.device_kind}") for each in db.session.scalars(found)]


def _divisions() -> list[tuple[int, str]]:
    return [(each.id, each.name) for each in other_divisions(db.session())]


#: Fields of one of few rows, and others that are no text.
_CHOSEN: Mapping[str, Any] = {"stock_place": None, "to_division": _divisions, "model_id": _models}
_MADE: Mapping[str, Any] = {
    "registers": lambda label: fields.ChecksField(
        label, choices=[(code.value, labels.member(code)) for code in RegisterCode], coerce=str, default=[RegisterCode.TOTAL.value]
    ),
    "digits": lambda label: IntegerField(label, [Optional(), NumberRange(3, 9)], default=5),
    "made_in_year": lambda label: IntegerField(label, [Optional(), NumberRange(1950, 2100)]),
    "is_double": lambda _label: BooleanField(_l("The number stands twice on purpose; a second person signs")),
    "verified_to": lambda label: fields.day_field(label, [InputRequired()]),
    "issued_on": lambda label: fields.day_field(label, [Optional()]),
}
