"""What a row of a dictionary holds, in the reader's language."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from flask_babel import gettext as _
from sqlalchemy import Enum

from app import labels
from app.domain.reference import DICTIONARIES
from app.domain.tariffs import Block, blocks_of
from app.extensions import db
from app.models.columns import metadata
from app.queries import reference as queries


class DifferingValues(NamedTuple):
    """A column and its two values."""

    label: Any
    before: str
    after: str


class ValueFormatter:
    """Values of dictionaries as people read them; names of related rows are fetched once."""

    def __init__(self) -> None:
        self._names: dict[str, dict[int, str]] = {}

    def cells(self, table: str, held: queries.TextsByLanguage) -> list[str]:
        """Return the columns of a row in the order of its dictionary."""
        return [self.value(table, place, held.get(place)) for place in queries.columns_of(table).values()]

    def name(self, table: str, held: Mapping[str, str | None]) -> str:
        """Return what a row is called: the columns of its key."""
        places = queries.columns_of(table)
        return " · ".join(self.value(table, places[column], held.get(places[column])) for column in DICTIONARIES[table].key)

    def differing(
        self, table: str, before: Mapping[str, str | None], after: Mapping[str, str | None], columns: Sequence[str] | None = None
    ) -> list[DifferingValues]:
        """Return the columns that are not the same, in words."""
        places = columns or [*queries.columns_of(table).values(), "retired_on"]
        return [
            DifferingValues(label_of(place), self.value(table, place, before.get(place)), self.value(table, place, after.get(place)))
            for place in places
            if before.get(place) != after.get(place)
        ]

    def value(self, table: str, place: str, text: str | None) -> str:
        """Return one value of a table's column."""
        if text is None or text == "":
            return ""
        target = queries.target_of(table, place)
        if target is not None:
            if target.name not in self._names:
                self._names[target.name] = queries.names_by_id(db.session(), target.name)
            return self._names[target.name].get(int(text), text)
        return _plain(table, place, text)


def label_of(place: str) -> Any:
    """Return the label of a table's column; a related row has the label of the relation."""
    return labels.COLUMN_LABELS[place.removesuffix("_id")]


def _plain(table: str, place: str, text: str) -> str:
    if place == "blocks":
        return _prices(text)
    kind: Any = metadata.tables[table].columns[place].type
    if isinstance(kind, Enum):
        return labels.member_of(kind.enum_class, text)
    if place.endswith("_milli"):
        return labels.quantity(int(text))
    if kind.python_type is date:
        return labels.day(date.fromisoformat(text))
    return labels.number(Decimal(text)) if kind.python_type is Decimal else text


def _prices(text: str) -> str:
    """Return the steps of a tariff version in words."""
    found = []
    for zone, blocks in groupby(blocks_of(text), attrgetter("zone")):
        steps = "; ".join(_step(block) for block in blocks)
        found.append(steps if zone == "TOTAL" else f"{labels.register(zone)}: {steps}")
    return " | ".join(found)


def _step(block: Block) -> str:
    rate = labels.rate_e4(block.rate_e4)
    if block.upper_milli is None:
        return _("above that %(rate)s", rate=rate)
    return _("up to %(end)s: %(rate)s", end=labels.quantity(block.upper_milli), rate=rate)
