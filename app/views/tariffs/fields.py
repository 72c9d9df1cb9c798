"""The steps of a tariff version as a grid: a row a step, a column a zone."""

from typing import Any

from flask import render_template
from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import Field

from app import labels
from app.domain import readers
from app.domain.readers import QUANTITY_PLACES, RATE_PLACES
from app.domain.tariffs import ZONES, Block, blocks_of, blocks_text
from app.domain.tariffs.grid import GridRow, NotAGrid, blocks_of_grid, grid_of
from app.domain.values import rate_e4_of
from app.views.fields import read_value

#: Empty rows below the last step, and how many more a press brings.
SPARE = 2
ROW = tuple[str, ...]


class GridWidget:
    """A table with an input a cell; whatever the number of steps, all are shown."""

    def __call__(self, field: "GridField", **_kwargs: Any) -> Markup:
        offered = [(zone, labels.register(zone)) for zone in ZONES if zone not in field.zones]
        zones = [labels.register(zone) for zone in field.zones]
        return Markup(render_template("tariff_grid.html", field=field, zones=zones, offered=offered))  # noqa: S704 - a template's own


class GridField(Field):
    """The steps of a tariff version; its data are their text, as ``domain.tariffs.blocks_of`` reads them.

    A browser sends the zones, then each row: where it ends, and a price a zone.
    """

    widget = GridWidget()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.zones: list[str] = ["TOTAL"]
        self.rows: list[ROW] = []
        super().__init__(*args, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed; the cells stay as they are, also if they are no steps."""
        self.data = ""
        if not valuelist:
            return
        sent = valuelist[0].split(",")
        self.zones = [zone for zone in ZONES if zone in sent] or ["TOTAL"]
        cells, width = [cell.strip() for cell in valuelist[1:]], len(sent) + 1
        places = [0, *(sent.index(zone) + 1 for zone in self.zones if zone in sent)]
        whole = [cells[start : start + width] for start in range(0, len(cells) - width + 1, width)]
        self.rows = [tuple(row[place] for place in places) for row in whole]
        try:
            self.data = blocks_text(blocks_of_grid([self._row(row) for row in self.rows]))
        except NotAGrid as error:
            zone = labels.register(error.zone) if error.zone else ""
            raise ValueError(f"{zone}: {labels.member(error.fault)}" if zone else str(labels.member(error.fault))) from None

    def process_data(self, value: Any) -> None:
        """Take the blocks of a stored version, or their text."""
        blocks = blocks_of(value) if isinstance(value, str) and value else value or ()
        held = [each if isinstance(each, Block) else Block(each.upper_milli, rate_e4_of(each.rate), each.zone) for each in blocks]
        self.take(held)

    def populate_obj(self, _obj: Any, _name: str) -> None:
        """Leave the stored blocks alone."""

    def take(self, blocks: Any) -> None:
        """Fill the cells with blocks."""
        self.data, rows = blocks_text(blocks), grid_of(blocks)
        self.zones = [zone for zone in ZONES if any(zone in row.rates for row in rows)] or ["TOTAL"]
        prices = [[_text(row.rates.get(zone), RATE_PLACES) for zone in self.zones] for row in rows]
        self.rows = [(_text(row.upper_milli, QUANTITY_PLACES), *cells) for row, cells in zip(rows, prices, strict=True)]
        self.add_rows()

    def add_rows(self) -> None:
        """Add empty rows above the last one, which has no end."""
        empty = ("",) * (len(self.zones) + 1)
        *steps, last = self.rows or [empty]
        self.rows = [*steps, *[empty] * SPARE, last]

    def add_zone(self, zone: str) -> None:
        """Add an empty column for a zone."""
        if zone not in ZONES or zone in self.zones:
            return
        zones = [each for each in ZONES if each in (*self.zones, zone)]
        place = zones.index(zone) + 1
        self.zones, self.rows = zones, [(*row[:place], "", *row[place:]) for row in self.rows]

    def blocks(self) -> tuple[Block, ...]:
        """Return the steps; none if the cells are no steps."""
        return blocks_of(self.data) if self.data else ()

    def _row(self, row: ROW) -> GridRow:
        upper = read_value(readers.quantity, row[0]) if row[0] else None
        return GridRow(upper, {zone: read_value(readers.rate, cell) for zone, cell in zip(self.zones, row[1:], strict=True) if cell})

    def label_of(self, row_no: int, zone: str = "") -> str:
        """Return what a cell is called."""
        return (
            _("Step %(number)s: price, %(zone)s", number=row_no, zone=zone) if zone else _("Step %(number)s: up to, a month", number=row_no)
        )


def _text(value: int | None, places: int) -> str:
    return "" if value is None else readers.shortest(readers.number_text(value, places))
