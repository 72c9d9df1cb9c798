"""The form of a document of equipment: the fields that its kind asks for, and what they hold as JSON."""

import re
from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileAllowed, FileField
from sqlalchemy import select
from wtforms import BooleanField, Field, HiddenField, IntegerField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app import labels
from app.domain.equipment import OF_SEALS, EquipmentDocumentKind, StockPlaceKind
from app.domain.metering import RegisterCode
from app.domain.seals import SealedPart, SealRefused, ranges_of
from app.extensions import db
from app.gateways.seals_file import parse_seals
from app.gateways.tables import Unreadable
from app.models.equipment import DeviceModel, StockPlace
from app.models.seals import SealKind
from app.queries import administration
from app.queries.equipment import other_divisions
from app.views import fields

#: What each kind of document asks for besides its devices.
ASKED: Mapping[EquipmentDocumentKind, tuple[str, ...]] = {
    EquipmentDocumentKind.RECEIVE: ("stock_place", "model_id", "made_in_year", "registers", "digits", "is_double"),
    EquipmentDocumentKind.VERIFY: ("certificate_number", "organisation", "issued_on", "verified_to", "stock_place"),
    EquipmentDocumentKind.SEAL: ("stock_place", "sealed_part"),
    EquipmentDocumentKind.ISSUE: ("stock_place",),
    EquipmentDocumentKind.RETURN: ("stock_place",),
    EquipmentDocumentKind.INSTALL: ("account_number",),
    EquipmentDocumentKind.REMOVE: ("stock_place",),
    EquipmentDocumentKind.HOLD: ("stock_place",),
    EquipmentDocumentKind.STORE: ("stock_place",),
    EquipmentDocumentKind.REPAIR: (),
    EquipmentDocumentKind.SEND_TO_METROLOGY: (),
    EquipmentDocumentKind.REJECT: ("stock_place",),
    EquipmentDocumentKind.SEND: ("to_division",),
    EquipmentDocumentKind.TAKE: ("stock_place",),
    EquipmentDocumentKind.COUNT: ("stock_place",),
    EquipmentDocumentKind.LOSE: (),
    EquipmentDocumentKind.FIND: ("stock_place",),
    EquipmentDocumentKind.WRITE_OFF: (),
    EquipmentDocumentKind.RECEIVE_SEALS: ("stock_place", "seal_kind_id", "supplier"),
    EquipmentDocumentKind.ISSUE_SEALS: ("stock_place",),
    EquipmentDocumentKind.RETURN_SEALS: ("stock_place",),
    EquipmentDocumentKind.TAKE_OFF_SEALS: (),
    EquipmentDocumentKind.LOSE_SEALS: (),
    EquipmentDocumentKind.FIND_SEALS: ("stock_place",),
    EquipmentDocumentKind.WRITE_OFF_SEALS: (),
}
_OPTIONAL = {EquipmentDocumentKind.VERIFY: {"stock_place"}, EquipmentDocumentKind.SEAL: {"stock_place"}}
#: Only to these kinds of places; others take both.
_KINDS = {EquipmentDocumentKind.ISSUE: (StockPlaceKind.BRIGADE,), EquipmentDocumentKind.ISSUE_SEALS: (StockPlaceKind.BRIGADE,)}
_BOTH = {EquipmentDocumentKind.REMOVE, EquipmentDocumentKind.COUNT, EquipmentDocumentKind.FIND, EquipmentDocumentKind.SEAL}
_BETWEEN = re.compile(r"[;,\t]+")


class EquipmentDocumentForm(FlaskForm):
    """The day, the number and the reason of a document."""

    division = fields.division_field([InputRequired()])
    document_on = fields.day_field(labels.COLUMN_LABELS["document_on"], [InputRequired()])
    document_number = StringField(labels.COLUMN_LABELS["document_number"], [Length(max=64)])
    reason = StringField(labels.COLUMN_LABELS["act_reason"], [DataRequired(), Length(max=300)])
    reference = HiddenField(validators=[InputRequired(), Length(max=70)])

    def named(self, kind: EquipmentDocumentKind) -> dict[str, Any]:
        """Return what the kind asks for, as JSON; nothing that was left empty."""
        named = {name: self[name].data for name in ASKED[kind] if name not in ("stock_place", "to_division")}
        plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in named.items()}
        return {name: value for name, value in plain.items() if value not in (None, "", False, [])}


class SealsForm(EquipmentDocumentForm):
    """A document of seals, a number or a range a line; of a receipt a file can name them."""

    seals = TextAreaField(
        _l("Seals: a number or a range a line"), [Length(max=3_000_000)], description=_l("A range: NP-000001 .. NP-000100"),
        render_kw={"rows": 6},
    )  # fmt: skip

    def lines(self) -> list[str]:
        """Return the numbers and ranges that were written."""
        return [line.strip() for line in (self.seals.data or "").splitlines() if line.strip()]

    def parameters(self, kind: EquipmentDocumentKind) -> dict[str, Any]:
        """Return what the kind asks for, as JSON, and its seals."""
        return self.named(kind) | {"seals": self.lines()}


class SealReceiptForm(SealsForm):
    """A receipt of seals."""

    file = FileField(_l("Or a file of seals"), [FileAllowed(["csv", "txt", "xlsx"])])

    def validate_file(self, field: FileField) -> None:
        """Take the seals of a file over into the lines above, so that they are seen before they are received.

        :raises ValidationError: if it cannot be read
        """
        if not field.data:
            return
        try:
            found = parse_seals(field.data.read(), field.data.filename or "file")
            single = [line for line in found if " .. " not in line]
            lines = [*(str(each).replace(" – ", " .. ") for each in ranges_of(single)), *(line for line in found if " .. " in line)]
        except Unreadable as unreadable:
            raise ValidationError(labels.file_detail(unreadable.message, unreadable.parameters)) from unreadable
        except SealRefused as refused:
            raise ValidationError(labels.seal_refusal(refused)) from refused
        self.seals.data = "\n".join([*self.lines(), *lines])


class EquipmentForm(EquipmentDocumentForm):
    """A document of devices, one a line."""

    devices = TextAreaField(_l("Devices: a serial number a line; seals behind it, after a semicolon"), [Length(max=60_000)])

    def lines(self) -> list[list[str]]:
        """Return the devices that were written, each with what stands behind it."""
        found = ([part.strip() for part in _BETWEEN.split(line) if part.strip()] for line in (self.devices.data or "").splitlines())
        return [line for line in found if line]

    def parameters(self, kind: EquipmentDocumentKind) -> dict[str, Any]:
        """Return what the kind asks for, as JSON, and its devices."""
        return self.named(kind) | {"devices": self.lines()}


def form_of(kind: EquipmentDocumentKind) -> type[Any]:
    """Return the form of a kind of document."""
    made = {name: _field(kind, name) for name in ASKED[kind]}
    base = SealReceiptForm if kind == EquipmentDocumentKind.RECEIVE_SEALS else SealsForm if kind in OF_SEALS else EquipmentForm
    return type(f"{kind.title()}Form", (base,), made)


def _field(kind: EquipmentDocumentKind, name: str) -> Field:
    label, is_optional = labels.COLUMN_LABELS[name], name in _OPTIONAL.get(kind, set())
    if name in _CHOSEN:
        choices = partial(_places, kind, is_optional) if name == "stock_place" else _CHOSEN[name]
        return SelectField(label, [Optional() if is_optional else InputRequired()], choices=choices, coerce=fields.optional_number)
    made = _MADE.get(name)
    if made is not None:
        return made(label)
    return StringField(label, [DataRequired() if name not in ("organisation", "supplier") else Optional(), Length(max=200)])


def _places(kind: EquipmentDocumentKind, is_optional: bool) -> list[tuple[int | str, str]]:
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


def _seal_kinds() -> list[tuple[int, str]]:
    found = select(SealKind).where(SealKind.retired_on.is_(None), SealKind.is_own).order_by(SealKind.id)
    return [(each.id, str(each)) for each in db.session.scalars(found)]


def _divisions() -> list[tuple[int, str]]:
    return [(each.id, each.name) for each in other_divisions(db.session())]


#: Fields of one of few rows, and others that are no text.
_CHOSEN: Mapping[str, Any] = {"stock_place": None, "to_division": _divisions, "model_id": _models, "seal_kind_id": _seal_kinds}
_MADE: Mapping[str, Any] = {
    "registers": lambda label: fields.ChecksField(
        label, choices=[(code.value, labels.member(code)) for code in RegisterCode], coerce=str, default=[RegisterCode.TOTAL.value]
    ),
    "digits": lambda label: IntegerField(label, [Optional(), NumberRange(3, 9)], default=5),
    "made_in_year": lambda label: IntegerField(label, [Optional(), NumberRange(1950, 2100)]),
    "is_double": lambda _label: BooleanField(_l("The number stands twice on purpose; a second person signs")),
    "verified_to": lambda label: fields.day_field(label, [InputRequired()]),
    "sealed_part": lambda label: fields.enum_field(label, SealedPart, [InputRequired()]),
    "issued_on": lambda label: fields.day_field(label, [Optional()]),
}
