"""Form fields that speak the office's language: soʻm, units, native dates, look-ups instead of whole tables."""

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import DateField, DecimalField, Field, SelectField, SelectMultipleField, ValidationError
from wtforms.widgets import CheckboxInput, Select, TextInput, html_params

from app import labels
from app.domain import identifiers, readers
from app.extensions import db
from app.labels import COLUMN_LABELS
from app.queries import administration

#: So many divisions are a plain choice; more are found by typing.
FEW_DIVISIONS = 12
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
    """A number people write in soʻm or units, stored as an integer of its last place."""

    widget = TextInput()  # a number input takes no spaces and no comma

    def __init__(self, label: Any = None, validators: Any = None, *, read: Callable[[str], int], places: int, **kwargs: Any):
        super().__init__(label, validators, **kwargs)
        self.read, self.places = read, places

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed."""
        self.data = None
        if valuelist and valuelist[0].strip():
            self.data = self.stored(read_value(self.read, valuelist[0]))

    def stored(self, value: int) -> Any:
        """Return what the form keeps of a value."""
        return value

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.text(readers.number_text(self.data, self.places))

    def text(self, number: str) -> str:
        """Return a number as the field shows it."""
        return number


class QuantityField(ScaledField):
    """A quantity, without zeros behind its last digit: ``2.000`` is two thousand to some readers."""

    def text(self, number: str) -> str:
        """Return a number as the field shows it."""
        return readers.shortest(number)


class NumberField(ScaledField):
    """A number stored as it is written."""

    def stored(self, value: int) -> Decimal:
        """Return the decimal number."""
        return Decimal(value).scaleb(-self.places)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else readers.shortest(f"{self.data:f}")


def read_value(read: Callable[[str], Any], text: str) -> Any:
    """Return what a reader reads, or say what is wrong with the text.

    :raises ValueError: with the sentence for the form
    """
    try:
        return read(text)
    except readers.Misread as misread:
        raise ValueError(labels.member(misread.fault)) from None


def money_field(label: Any, validators: Any = None, **kwargs: Any) -> ScaledField:
    """Return a field for an amount in soʻm, stored in tiyin."""
    return ScaledField(label, validators, read=readers.money, places=readers.MONEY_PLACES, **kwargs)


def quantity_field(label: Any, validators: Any = None, **kwargs: Any) -> ScaledField:
    """Return a field for a quantity in units, stored in thousandths."""
    return QuantityField(label, validators, read=readers.quantity, places=readers.QUANTITY_PLACES, **kwargs)


def number_field(label: Any, validators: Any = None, *, places: int, is_percent: bool, **kwargs: Any) -> NumberField:
    """Return a field for a number of at most so many decimals.

    :param is_percent: from 0 to 100
    """
    read = partial(readers.percent, places=places) if is_percent else partial(readers.number, places=places)
    return NumberField(label, validators, read=read, places=places, **kwargs)


class DayWidget:
    """The browser's own date input: keyboard, screen reader and language come with it."""

    def __call__(self, field: Field, **kwargs: Any) -> Markup:
        kwargs.setdefault("id", field.id)
        kwargs.setdefault("class", "form-control")
        value = field.data.isoformat() if hasattr(field.data, "isoformat") else (field.data or "")
        return Markup("<input {}>").format(Markup(html_params(type="date", name=field.name, value=value, **kwargs)))  # noqa: S704 - escaped by html_params


class DayField(DateField):
    """A day; browsers send it as 2026-10-31, people and scripts write 31.10.2026 too."""

    widget = DayWidget()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was chosen or typed."""
        self.data = None
        if valuelist and valuelist[0].strip():
            self.data = read_value(readers.day, valuelist[0])


def day_field(label: Any, validators: Any = None, **kwargs: Any) -> DayField:
    """Return a field for a day."""
    return DayField(label, validators, **kwargs)


def enum_field(label: Any, kind: type[StrEnum], validators: Any = None, *, optional: bool = False, **kwargs: Any) -> SelectField:
    """Return a choice among an enum's members."""

    def choices() -> list[tuple[str, str]]:
        empty = [("", "")] if optional else []
        return empty + [(member.value, labels.member(member)) for member in kind]

    return SelectField(label, validators, choices=choices, coerce=lambda value: kind(value) if value else None, **kwargs)


def optional_number(value: Any) -> int | None:
    """Return the number of a row that was chosen, None where none was."""
    return int(value) if value else None


class ChecksField(SelectMultipleField):
    """Several of a few choices, a box each; choices are pairs of a row's number and its name, or of words with their own ``coerce``."""

    option_widget = CheckboxInput()

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, **{"coerce": int, "validate_choice": True} | kwargs)


class LookupWidget:
    """A select that fetches matching rows as one types; without scripts it keeps what it shows."""

    def __call__(self, field: "LookupField", **kwargs: Any) -> Markup:
        kwargs.setdefault("id", field.id)
        attributes = html_params(
            name=field.name,
            class_="form-select lookup",
            data_lookup=url_for("LookupView.find", name=field.model.__tablename__),
            **{key: value for key, value in kwargs.items() if key not in {"class_", "class"}},
        )
        chosen = Markup("")
        if field.data is not None:
            chosen = Markup('<option value="{}" selected>{}</option>').format(field.data.id, labels.row_name(field.data))
        # html_params escapes what it is given.
        return Markup('<select {}><option value=""></option>{}</select>').format(Markup(attributes), chosen)  # noqa: S704


class DivisionWidget:
    """The divisions of the user's: a few as a plain choice, many found by typing; without scripts what is chosen stays."""

    def __call__(self, field: SelectField, **kwargs: Any) -> Markup:
        choices, is_multiple = list(field.iter_choices()), isinstance(field, SelectMultipleField)
        if len(choices) <= FEW_DIVISIONS:
            return Select(multiple=is_multiple)(field, **(kwargs | {"class_": "form-select"}))
        chosen = [choice for choice in choices if choice[2]] or ([] if is_multiple else choices[:1])
        attributes = html_params(
            **{key: value for key, value in kwargs.items() if key not in {"class_", "class"}} | {"id": field.id, "name": field.name},
            class_="form-select lookup",
            data_lookup=url_for("LookupView.find", name="division", here="y"),
            multiple=is_multiple,
        )
        options = Markup("").join(Markup('<option value="{}" selected>{}</option>').format(each[0], each[1]) for each in chosen)
        # html_params escapes what it is given.
        return Markup("<select {}>{}</select>").format(Markup(attributes), options)  # noqa: S704


def division_choices() -> list[tuple[int, str]]:
    """Return the divisions of the user's within the one he looks at, in the order of the tree."""
    return [(each.id, each.name) for each in administration.divisions_here(db.session())]


def division_field(validators: Any = None, **kwargs: Any) -> SelectField:
    """Return a choice among the divisions of the user's within the one he looks at; the first of them if nothing is chosen."""
    given = {"choices": division_choices, "coerce": int} | kwargs
    return SelectField(COLUMN_LABELS["division"], validators, widget=DivisionWidget(), **given)


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
