"""Forms of tables: the field of each column, as the office writes its kind of value."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask import request
from wtforms import BooleanField, SelectField, StringField
from wtforms import validators as rules

from app.labels import COLUMN_HELP
from app.views import fields, languages
from app.views.lists import SMALL


class BuiltForms:
    """The part of a view that makes its forms from the columns of its table."""

    datamodel: Any
    label_columns: Any
    description_columns: Any
    validators_columns: Any

    def _is_retirable(self, column: str) -> bool:
        model = self.datamodel
        return model.is_relation(column) and self._related_table(column) in SMALL and hasattr(model.get_related_model(column), "retired_on")

    def _related_table(self, column: str) -> str:
        return self.datamodel.get_related_model(column).__tablename__

    def _field(self, column: str) -> Any:
        """Return the field of a column where the framework's own would not do, else None."""
        label = self.label_columns.get(column, column)
        hint = (self.description_columns or {}).get(column) or COLUMN_HELP.get(column, "")
        is_nullable = self.datamodel.is_nullable(column)
        if self.datamodel.is_relation(column):
            if self._related_table(column) in SMALL:
                return None
            model = self.datamodel.get_related_model(column)
            return fields.LookupField(label, [rules.Optional() if is_nullable else rules.DataRequired()], model=model, description=hint)
        column_rules = [rules.Optional()] if is_nullable else [rules.InputRequired()]
        if column == "language":
            return SelectField(label, column_rules, choices=languages.choices)
        if self.datamodel.is_enum(column):
            kind = self.datamodel.list_columns[column].type.enum_class
            return fields.enum_field(label, kind, column_rules, description=hint, optional=is_nullable)
        if self.datamodel.is_string(column) and self._may_be_empty(column):
            column_rules = [rules.Optional(), rules.Length(max=self.datamodel.list_columns[column].type.length)]
            column_rules += (self.validators_columns or {}).get(column, [])
            return StringField(label, column_rules, filters=[lambda text: text or ""], description=hint)
        return self._figure_field(column, label, column_rules, hint)

    def _figure_field(self, column: str, label: str, column_rules: Sequence[Any], hint: str) -> Any:
        """Return the field of a tick, a day, a quantity or an amount, else None."""
        if self.datamodel.is_boolean(column):
            return BooleanField(label, description=hint)
        if self.datamodel.is_date(column):
            return fields.day_field(label, column_rules, description=hint)
        if column.endswith("_milli"):
            return fields.quantity_field(label, column_rules, description=hint)
        if column.endswith("_tiyin"):
            return fields.money_field(label, column_rules, description=hint)
        if self.datamodel.is_numeric(column):
            places = self.datamodel.list_columns[column].type.scale or 0
            return fields.number_field(label, column_rules, places=places, is_percent="percent" in column, description=hint)
        return None

    def _is_text_needed(self, column: str) -> bool:
        """Tell whether a column of text must be filled with more than blanks."""
        model = self.datamodel
        if column not in model.list_columns or not model.is_string(column) or model.is_enum(column) or model.is_nullable(column):
            return False
        return not self._may_be_empty(column)

    def _may_be_empty(self, column: str) -> bool:
        """Tell whether a column of text is filled with nothing where nothing is written."""
        default = self.datamodel.list_columns[column].server_default
        return default is not None and str(getattr(default, "arg", "")) == "''"

    def _default_of(self, column: str) -> Any:
        """Return what the table takes where nothing is written, if it is a plain value."""
        default = getattr(getattr(self.datamodel.list_columns.get(column), "server_default", None), "arg", "")
        written = str(default).strip("'")
        if not written.replace(".", "").replace("_", "").isalnum():
            return None
        if self.datamodel.is_boolean(column):
            return written == "true"
        if self.datamodel.is_integer(column):
            return int(written)
        return Decimal(written) if self.datamodel.is_numeric(column) else written

    def _prefill(self, form: Any) -> None:
        """Fill an empty add form with what the table would take, and from the address: ?consumer=12 chooses a row."""
        for column in self.add_columns:
            if (value := self._default_of(column)) is not None:
                form[column].process_data(value)
        for name, value in request.args.items():
            field = form._fields.get(name)
            if isinstance(field, fields.LookupField):
                field.process_formdata([value])
