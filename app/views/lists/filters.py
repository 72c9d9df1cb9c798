"""Filters of lists beside the framework's own: what is not retired, days from and to, the account of a number."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_appbuilder.models.filters import BaseFilter
from flask_appbuilder.models.sqla.filters import SQLAFilterConverter

from app import clock
from app.domain.calendar import TASHKENT
from app.extensions import db
from app.queries import accounts


class Offered(BaseFilter):
    """Rows of a dictionary that are not retired."""

    name = "Offered"

    def apply(self, query: Any, value: Any) -> Any:
        """Leave out what is retired by today."""
        return query.filter(self.model.retired_on.is_(None) | (self.model.retired_on > clock.today()))


class _ByDay(BaseFilter):
    """Rows by a day, or by a moment of a day of Tashkent."""

    def _begin(self, day: date) -> date | datetime:
        return datetime.combine(day, time(), TASHKENT) if self.datamodel.is_datetime(self.column_name) else day


class DayFrom(_ByDay):
    """Rows of a day or later."""

    name = "From"
    arg_name = "from"

    def apply(self, query: Any, value: Any) -> Any:
        """Leave out what is earlier."""
        return query.filter(getattr(self.model, self.column_name) >= self._begin(date.fromisoformat(value)))


class DayTo(_ByDay):
    """Rows of a day or earlier."""

    name = "To"
    arg_name = "to"

    def apply(self, query: Any, value: Any) -> Any:
        """Leave out what is later; a moment of the day itself stays."""
        return query.filter(getattr(self.model, self.column_name) < self._begin(date.fromisoformat(value) + timedelta(days=1)))


class OfAccount(BaseFilter):
    """Rows of the account of a number, however people write it."""

    name = "Account number"
    arg_name = "account"

    def apply(self, query: Any, value: Any) -> Any:
        """Leave out other accounts; the account is looked up first, so that the index of its rows serves the list."""
        found = accounts.ids_of_numbers(db.session(), [re.sub(r"[^0-9]", "", value)])
        return query.filter(getattr(self.model, f"{self.column_name}_id").in_(found))


class FilterKinds(SQLAFilterConverter):
    """The framework's filters, and behind them ours; those before keep their numbers, which stand in addresses."""

    def convert(self, column: str) -> Any:
        """Return the filters of a column."""
        found = super().convert(column)
        if self.datamodel.is_relation_many_to_one(column) and self.datamodel.get_related_model(column).__tablename__ == "account":
            return [*found, OfAccount(column, self.datamodel)]
        if self.datamodel.is_date(column) or self.datamodel.is_datetime(column):
            return [*found, DayFrom(column, self.datamodel), DayTo(column, self.datamodel)]
        return found
