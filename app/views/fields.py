"""Form fields that speak the office's language: soʻm, units, native dates, look-ups instead of whole tables."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import DateField, DecimalField, Field, SelectField, SelectMultipleField, ValidationError
from wtforms.widgets import CheckboxInput, TextInput, html_params

from app import labels
from app.domain import identifiers
from app.domain.tariffs import Block, blocks_text
from app.domain.values import AmountTooLarge, NotANumber, decimal_of, milli_of, rate_e4_of, tiyin_of
from app.extensions import db

#: Days outside are slips of the keyboard.
FIRST_DAY, DAY_AFTER_LAST = date(1900, 1, 1), date(2200, 1, 1)
#: Columns that hold an identifier, and the check that also brings it into its compact form.
IDENTIFIERS: dict[str, Callable[[str], str]] = {
    "pinfl": identifiers.pinfl,
    "stir": identifiers.stir,
    "mfo": identifiers.mfo,
    "bank_account": identifiers.bank_account,
    "vat_registration": identifiers.vat_registration,
    "phone": identifiers.phone,
}


class Identifier:
    """Validator: checks an identifier and compacts it, or says what is wrong with it."""

    def __init__(self, check: Callable[[str], str]) -> None:
        self.check = check

    def __call__(self, _form: Any, field: Field) -> None:
        if not field.data:
            field.data = None
            return
        try:
            field.data = self.check(field.data)
        except identifiers.InvalidIdentifier as error:
            raise ValidationError(labels.member(error.reason)) from None


class ScaledField(DecimalField):
    """A number people write in soʻm or units, stored as an integer of tiyin or thousandths."""

    widget = TextInput()  # a number input takes no spaces and no comma

    def __init__(self, label: Any = None, validators: Any = None, *, to_integer: Callable[[Decimal], int], scale: int, **kwargs: Any):
        super().__init__(label, validators, **kwargs)
        self.to_integer, self.scale = to_integer, scale

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed."""
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            number = decimal_of(valuelist[0])
            exponent = number.as_tuple().exponent
            if isinstance(exponent, int) and 10**-exponent > self.scale:
                # Also what a comma between thousands would read as: 1,000 is never one soʻm.
                raise ValueError(_("Too many digits after the separator. Write thousands without a separator: 1000 or 1 000,50."))
            self.data = self.to_integer(number)
        except NotANumber:
            raise ValueError(_("This is no number. Write it like 1234.56 or 1 234,56.")) from None
        except AmountTooLarge:
            raise ValueError(_("The amount is beyond the limit of the system.")) from None

    def _value(self) -> str:
        if self.raw_data:
            return self.raw_data[0]
        return "" if self.data is None else f"{Decimal(self.data) / self.scale:f}"


def money_field(label: Any, validators: Any = None, **kwargs: Any) -> ScaledField:
    """Return a field for an amount in soʻm, stored in tiyin."""
    return ScaledField(label, validators, to_integer=tiyin_of, scale=100, **kwargs)


def quantity_field(label: Any, validators: Any = None, **kwargs: Any) -> ScaledField:
    """Return a field for a quantity in units, stored in thousandths."""
    return ScaledField(label, validators, to_integer=milli_of, scale=1000, **kwargs)


class DayWidget:
    """The browser's own date input: keyboard, screen reader and language come with it."""

    def __call__(self, field: Field, **kwargs: Any) -> Markup:
        kwargs.setdefault("id", field.id)
        kwargs["class"] = "form-control"
        value = field.data.isoformat() if hasattr(field.data, "isoformat") else (field.data or "")
        return Markup("<input {}>").format(Markup(html_params(type="date", name=field.name, value=value, **kwargs)))  # noqa: S704 - escaped by html_params


def day_field(label: Any, validators: Any = None, **kwargs: Any) -> DateField:
    """Return a field for a day."""
    return DateField(label, [*(validators or []), _is_believable], widget=DayWidget(), **kwargs)


def _is_believable(_form: Any, field: DateField) -> None:
    if field.data is not None and not FIRST_DAY <= field.data < DAY_AFTER_LAST:
        raise ValidationError(_("Write a day from 1900 to 2199."))


def enum_field(label: Any, kind: type[StrEnum], validators: Any = None, *, optional: bool = False, **kwargs: Any) -> SelectField:
    """Return a choice among an enum's members."""

    def choices() -> list[tuple[str, str]]:
        empty = [("", "")] if optional else []
        return empty + [(member.value, labels.member(member)) for member in kind]

    return SelectField(label, validators, choices=choices, coerce=lambda value: kind(value) if value else None, **kwargs)


class ChecksField(SelectMultipleField):
    """Several of a few choices, a box each; choices are pairs of a row's number and its name."""

    option_widget = CheckboxInput()

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, coerce=int, validate_choice=True, **kwargs)


class LookupWidget:
    """A select that fetches matching rows as one types; without scripts it keeps what it shows."""

    def __call__(self, field: "LookupField", **kwargs: Any) -> Markup:
        kwargs.setdefault("id", field.id)
        attributes = html_params(
            name=field.name,
            class_="form-control lookup",
            data_lookup=url_for("LookupView.find", name=field.model.__tablename__),
            **{key: value for key, value in kwargs.items() if key not in {"class_", "class"}},
        )
        chosen = Markup("")
        if field.data is not None:
            chosen = Markup('<option value="{}" selected>{}</option>').format(field.data.id, repr(field.data))
        # html_params escapes what it is given.
        return Markup('<select {}><option value=""></option>{}</select>').format(Markup(attributes), chosen)  # noqa: S704


class LookupField(Field):
    """A related row found by typing; a row outside the user's divisions does not exist for it."""

    widget = LookupWidget()

    def __init__(self, label: Any = None, validators: Any = None, *, model: Any, **kwargs: Any) -> None:
        super().__init__(label, validators, **kwargs)
        self.model = model

    def process_formdata(self, valuelist: list[str]) -> None:
        """Fetch the chosen row under the user's row-level security."""
        self.data = None
        if valuelist and valuelist[0].isdecimal():
            self.data = db.session.get(self.model, int(valuelist[0]))
            if self.data is None:
                raise ValueError(_("This row no longer exists. Choose another one."))


class BlocksWidget:
    """A table of steps: where each ends, and its rate."""

    ROWS = 10

    def __call__(self, field: "BlocksField", **kwargs: Any) -> Markup:
        steps = field.steps() + [("", "")] * self.ROWS
        rows = Markup("").join(
            Markup(
                '<tr><td><input class="form-control" name="{0}" value="{1}" inputmode="decimal" aria-label="{2} {4}"></td>'
                '<td><input class="form-control" name="{0}" value="{3}" inputmode="decimal" aria-label="{5} {4}"></td></tr>'
            ).format(field.name, upper, _("Up to, units a month"), rate, number, _("Rate, soʻm per unit"))
            for number, (upper, rate) in enumerate(steps[: self.ROWS], 1)
        )
        head = Markup('<thead><tr><th scope="col">{}</th><th scope="col">{}</th></tr></thead>').format(
            _("Up to, units a month"), _("Rate, soʻm per unit")
        )
        return Markup('<table class="table blocks" id="{}">{}<tbody>{}</tbody></table>').format(field.id, head, rows)


class BlocksField(Field):
    """The steps of a tariff version, as ``domain.tariffs.blocks_of`` writes them."""

    widget = BlocksWidget()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Join what was typed; whether it makes sense is the tariff's business."""
        pairs = zip(valuelist[::2], valuelist[1::2], strict=False)
        self.data = "; ".join(f"{upper.strip()}={rate.strip()}" for upper, rate in pairs if upper.strip() or rate.strip())

    def process_data(self, value: Any) -> None:
        """Take the blocks of a stored version."""
        self.data = (
            value
            if isinstance(value, str)
            else blocks_text(Block(each.upper_milli, rate_e4_of(each.rate), each.zone) for each in value or ())
        )

    def populate_obj(self, _obj: Any, _name: str) -> None:
        """Leave the stored blocks alone."""

    def steps(self) -> list[tuple[str, str]]:
        """Return (end, rate) of each step as they stand in the inputs."""
        parts = [part.partition("=") for part in (self.data or "").replace("|", ";").split(";") if part.strip()]
        return [(upper.strip(), rate.strip()) for upper, _equals, rate in parts]
