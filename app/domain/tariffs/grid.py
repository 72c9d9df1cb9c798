"""Steps of a tariff version as a grid, a row a step and a column a zone, and two versions side by side."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import NamedTuple

from app.domain.tariffs import ZONES, Block, NotBlocks
from app.domain.values import MAX_QUANTITY_MILLI


class GridFault(StrEnum):
    """Why rows of a grid are no steps."""

    NO_PRICES = "NO_PRICES"
    NO_END = "NO_END"  # a row with prices that does not say where it ends
    NO_PRICE = "NO_PRICE"  # a row that ends somewhere and has no price
    SAME_END = "SAME_END"  # two rows end at the same quantity
    OUT_OF_RANGE = "OUT_OF_RANGE"
    NO_LAST_PRICE = "NO_LAST_PRICE"  # a zone without a price above its last step


class NotAGrid(NotBlocks):
    """Rows are no steps.

    :ivar zone: the zone it is about; empty: all
    """

    def __init__(self, fault: GridFault, zone: str = "") -> None:
        super().__init__(str(fault))
        self.fault, self.zone = fault, zone


class GridRow(NamedTuple):
    """A step, with a price for each zone that has one there; a zone without one goes on to its next price."""

    #: end of the step in thousandths of a unit a month; None: no end
    upper_milli: int | None
    #: zone → 1/10 000 soʻm per unit
    rates: Mapping[str, int]


class PriceStep(NamedTuple):
    """A range of monthly consumption with the prices of two versions; a zone that a version does not price is left out."""

    lower_milli: int
    upper_milli: int | None
    now: Mapping[str, int]
    proposed: Mapping[str, int]


class LostPrices(NamedTuple):
    """What a version prices and the next one does not: whole zones, and ends of steps of the others."""

    zones: tuple[str, ...]
    #: zone and end of the step, in thousandths of a unit a month
    steps: tuple[tuple[str, int], ...]


def grid_of(blocks: Iterable[Block]) -> list[GridRow]:
    """Return blocks as rows that rise; the last one has no end.

    >>> from app.domain.tariffs import blocks_of
    >>> [(row.upper_milli, dict(row.rates)) for row in grid_of(blocks_of("DAY: 200=600; =1000 | NIGHT: =500"))]
    [(200000, {'DAY': 6000000}), (None, {'DAY': 10000000, 'NIGHT': 5000000})]
    """
    rows: dict[int, dict[str, int]] = {}
    for block in blocks:
        rows.setdefault(_end(block.upper_milli), {})[block.zone] = block.rate_e4
    return [GridRow(None if end == MAX_QUANTITY_MILLI else end, rates) for end, rates in sorted(rows.items())]


def blocks_of_grid(rows: Sequence[GridRow]) -> tuple[Block, ...]:
    """Return the blocks of rows that a person filled, in whatever order; rows with nothing in them are left out.

    :raises NotAGrid: if they are no steps
    """
    filled = [row for row in rows if row.upper_milli is not None or row.rates]
    zones = [zone for zone in ZONES if any(zone in row.rates for row in filled)]
    _check(filled, zones)
    ordered = sorted(filled, key=_row_end)
    return tuple(Block(row.upper_milli, row.rates[zone], zone) for zone in zones for row in ordered if zone in row.rates)


def _check(rows: Sequence[GridRow], zones: Sequence[str]) -> None:
    if not zones:
        raise NotAGrid(GridFault.NO_PRICES)
    ends = [row.upper_milli for row in rows]
    if ends.count(None) > 1:
        raise NotAGrid(GridFault.NO_END)
    if len(set(ends)) < len(ends):
        raise NotAGrid(GridFault.SAME_END)
    if any(end is not None and not 0 < end < MAX_QUANTITY_MILLI for end in ends) or any(
        not 0 <= rate < 10**14 for row in rows for rate in row.rates.values()
    ):
        raise NotAGrid(GridFault.OUT_OF_RANGE)
    if not all(row.rates for row in rows):
        raise NotAGrid(GridFault.NO_PRICE)
    last = next((row.rates for row in rows if row.upper_milli is None), {})
    for zone in zones:
        if zone not in last:
            raise NotAGrid(GridFault.NO_LAST_PRICE, zone)


def zones_of(*versions: Iterable[Block]) -> list[str]:
    """Return the zones that versions price, in the order of ``ZONES``."""
    priced = {block.zone for blocks in versions for block in blocks}
    return [zone for zone in ZONES if zone in priced]


def side_by_side(now: Sequence[Block], proposed: Sequence[Block]) -> list[PriceStep]:
    """Return every range of monthly consumption in which either version has one price a zone.

    >>> from app.domain.tariffs import blocks_of
    >>> [(step.lower_milli, step.upper_milli) for step in side_by_side(blocks_of("200=600; =1000"), blocks_of("500=700; =1000"))]
    [(0, 200000), (200000, 500000), (500000, None)]
    """
    ends = sorted({_end(block.upper_milli) for block in (*now, *proposed)})
    lowers = [0, *ends[:-1]]
    return [
        PriceStep(lower, None if upper == MAX_QUANTITY_MILLI else upper, _rates_below(now, upper), _rates_below(proposed, upper))
        for lower, upper in zip(lowers, ends, strict=True)
    ]


def lost_prices(now: Sequence[Block], proposed: Sequence[Block]) -> LostPrices:
    """Return what a version prices and the proposed one does not."""
    kept = set(zones_of(proposed))
    gone = [zone for zone in zones_of(now) if zone not in kept]
    ends = {(block.zone, block.upper_milli) for block in proposed}
    steps = [(block.zone, block.upper_milli) for block in now if block.zone in kept and block.upper_milli is not None]
    return LostPrices(tuple(gone), tuple(step for step in steps if step not in ends))


def change_percent(now: int | None, proposed: int | None) -> Decimal | None:
    """Return by how many percent a price changes, to a tenth; None where there is nothing to compare.

    >>> change_percent(6_000_000, 6_600_000), change_percent(0, 5), change_percent(5, None)
    (Decimal('10.0'), None, None)
    """
    if not now or proposed is None:
        return None
    return (Decimal(proposed - now) * 100 / now).quantize(Decimal("0.1"), ROUND_HALF_UP)


def _rates_below(blocks: Iterable[Block], upper: int) -> dict[str, int]:
    """Return the price of each zone for what lies just below a quantity."""
    found: dict[str, int] = {}
    for block in blocks:
        if _end(block.upper_milli) >= upper:
            found.setdefault(block.zone, block.rate_e4)
    return found


def _end(upper_milli: int | None) -> int:
    return MAX_QUANTITY_MILLI if upper_milli is None else upper_milli


def _row_end(row: GridRow) -> int:
    return _end(row.upper_milli)
