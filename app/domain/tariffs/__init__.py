"""Tariffs with dated versions and blocks, and the price of a quantity.

A tariff version holds from a day on, until the next one. Its blocks are steps of *monthly* consumption with a rate each;
a part of a billing period gets its share of every step by days, so that a change of tariff in mid-month neither gives nor
takes allowance.

Sources of the shipped figures: Cabinet of Ministers resolution no. 204 of 2024-04-16 (household blocks from 2024-05-01),
amended by no. 194 of 2025 (from 2025-05-01). The rule of sharing by days is the policy ``tariffs.partial_period``.
"""

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from app.domain import readers
from app.domain.calendar import DAY_BITS, DAY_MASK, NO_END
from app.domain.metering.registers import RegisterCode
from app.domain.readers import QUANTITY_PLACES, RATE_PLACES, Misread
from app.domain.values import (
    MAX_QUANTITY_MILLI,
    MILLI_PER_UNIT,
    RATE_SCALE,
    TIYIN_PER_SOM,
    Flags,
    Integers,
    Milli,
    divide_half_up,
    members_of,
    multiply_divide,
    sums_by,
    vat_inside,
)

#: ``quantity_milli · rate_e4 ÷ PRICE_DIVISOR`` is an amount in tiyin.
PRICE_DIVISOR = MILLI_PER_UNIT * RATE_SCALE // TIYIN_PER_SOM


_ZONE_BREAK = re.compile(r"\||;(?=\s*[A-Z_]+\s*:)")

#: What a tariff can price, by register code: energy of the whole counter or of its zones, reactive energy, capacity.
ZONES = tuple(code.value for code in RegisterCode)
#: The first of them count energy.
ENERGY_ZONES = 5
TOTAL, REACTIVE, DEMAND = (ZONES.index(zone) for zone in ("TOTAL", "REACTIVE", "DEMAND"))


class Block(NamedTuple):
    """One step of a tariff version."""

    #: end of the step in thousandths of a unit a month; None: no end
    upper_milli: int | None
    #: 1/10 000 soʻm per unit
    rate_e4: int
    #: register code of what it prices
    zone: str = "TOTAL"


class NotBlocks(ValueError):
    """A text does not give steps that rise, the last one without an end."""


def blocks_of(text: str) -> tuple[Block, ...]:
    """Return the steps a person or a file wrote: end of the step in units, ``=``, soʻm per unit; the last one has no end.

    The steps of several zones stand side by side, each after its register code and a colon; plain steps price the whole
    counter. Where a form joins all steps by semicolons, a code begins a zone too.

    >>> blocks_of("200=600; =1000,5")[1]
    Block(upper_milli=None, rate_e4=10005000, zone='TOTAL')
    >>> [block.zone for block in blocks_of("DAY: 200=600; =1000 | NIGHT: =500")]
    ['DAY', 'DAY', 'NIGHT']
    >>> blocks_text(blocks_of("DAY: 200=600; =1000; NIGHT: =500"))
    'DAY: 200=600; =1000 | NIGHT: =500'

    :raises NotBlocks: if it is anything else
    """
    parts = [_zone_and_steps(part) for part in _ZONE_BREAK.split(text)]
    zones = [zone for zone, _ in parts]
    if len(set(zones)) < len(zones):
        raise NotBlocks(text)
    blocks = [block for zone, steps in sorted(parts, key=_zone_first) for block in _steps_of(zone, steps)]
    return tuple(blocks)


def blocks_text(blocks: Iterable[Block]) -> str:
    """Return steps as ``blocks_of`` reads them.

    >>> blocks_text(blocks_of("200,0 = 600 ; =1000,50"))
    '200=600; =1000.5'
    >>> blocks_text(blocks_of("NIGHT: =500 | DAY: =1000"))
    'DAY: =1000 | NIGHT: =500'
    """
    by_zone: dict[str, list[Block]] = {}
    for block in blocks:
        by_zone.setdefault(block.zone, []).append(block)
    texts = {zone: "; ".join(_step_text(block) for block in steps) for zone, steps in by_zone.items()}
    if list(texts) == ["TOTAL"]:
        return texts["TOTAL"]
    return " | ".join(f"{zone}: {steps}" for zone, steps in texts.items())


def _zone_and_steps(part: str) -> tuple[str, str]:
    zone, colon, steps = part.partition(":")
    if not colon:
        return "TOTAL", part
    if zone.strip() not in ZONES:
        raise NotBlocks(part)
    return zone.strip(), steps


def _zone_first(part: tuple[str, str]) -> int:
    return ZONES.index(part[0])


def _steps_of(zone: str, text: str) -> list[Block]:
    try:
        blocks = [_block_of(zone, part) for part in text.split(";") if part.strip()]
    except Misread:
        raise NotBlocks(text) from None
    ends = [0, *(block.upper_milli or MAX_QUANTITY_MILLI for block in blocks)]
    if not blocks or blocks[-1].upper_milli is not None or any(later <= earlier for earlier, later in pairwise(ends)):
        raise NotBlocks(text)
    return blocks


def _step_text(block: Block) -> str:
    return f"{_plain(block.upper_milli, QUANTITY_PLACES)}={_plain(block.rate_e4, RATE_PLACES)}"


def _block_of(zone: str, part: str) -> Block:
    upper, _equals, rate = part.partition("=")
    rate_e4 = readers.rate(rate)
    if not 0 <= rate_e4 < 10**14:
        raise NotBlocks(part)
    return Block(readers.quantity(upper) if upper.strip() else None, rate_e4, zone)


def _plain(value: int | None, places: int) -> str:
    return "" if value is None else readers.shortest(readers.number_text(value, places))


class Version(NamedTuple):
    """What a tariff costs from a day on."""

    id: int
    from_day: int
    #: day it ends; None: still in force
    to_day: int | None
    #: 1200 is 12 %
    vat_percent_e2: int
    blocks: tuple[Block, ...]


class PriceTable(NamedTuple):
    """The versions of some tariffs as arrays: versions sorted by tariff and day, blocks by version, zone and step."""

    #: sorted keys ``tariff index << DAY_BITS | first day``
    version_key: Integers
    version_id: Integers
    version_to_day: Integers
    vat_percent_e2: Integers
    #: place of the first block, and how many there are: one row a version, one column a zone
    first_block: Integers
    block_count: Integers
    lower_milli: Integers
    upper_milli: Integers
    rate_e4: Integers
    #: versions and zones with the same number among these have the same rates and VAT
    same_rates: Integers


class Parts(NamedTuple):
    """Energy to price, one element each: the part of a zone's energy ``from_milli`` … ``quantity_milli`` of a segment of days."""

    version: Integers
    zone: Integers
    #: end of the priced energy, counted from the first unit of the stretch; below nothing: given back
    quantity_milli: Integers
    #: begin of the priced energy; what lies below has used up the first steps
    from_milli: Integers
    #: days of the stretch; it gets ``days / whole_days`` of each step
    days: Integers
    whole_days: Integers
    #: how many families share the account, each with steps of its own
    times: Integers
    #: 10 000 is the rate itself, −5 000 half of it given back
    factor_e4: Integers


class Spans(NamedTuple):
    """Segments of days whose steps are added up before a part is priced; ``part`` is ascending."""

    part: Integers
    version: Integers
    days: Integers
    times: Integers


class Priced(NamedTuple):
    """Energy priced block by block; blocks that took nothing are left out, but a part of nothing keeps its first."""

    #: index of the priced quantity each line belongs to, ascending
    part: Integers
    #: step of the tariff, from 1
    block_no: Integers
    quantity_milli: Integers
    rate_e4: Integers
    amount_tiyin: Integers
    vat_tiyin: Integers


def price_table(tariffs: list[tuple[Version, ...]]) -> PriceTable:
    """Lay the versions of tariffs out as arrays; the index of a tariff is its place in the list."""
    flat = [(index, version) for index, versions in enumerate(tariffs) for version in sorted(versions, key=_first_day)]
    sheets = [[block for block in version.blocks if block.zone == zone] for _, version in flat for zone in ZONES]
    blocks = [block for sheet in sheets for block in sheet]
    counts = np.array([len(sheet) for sheet in sheets], dtype=np.int64)
    first = np.cumsum(counts) - counts
    upper = np.array([_upper(block) for block in blocks], dtype=np.int64)
    lower = np.append(0, upper)[:-1]
    lower[first[counts > 0]] = 0
    assert (upper > lower).all(), "the steps of a tariff version must rise"
    vats = [version.vat_percent_e2 for _, version in flat]
    rates = [(vats[place // len(ZONES)], *(block.rate_e4 for block in sheet)) for place, sheet in enumerate(sheets)]
    known = {key: number for number, key in enumerate(dict.fromkeys(rates))}
    shape = (len(flat), len(ZONES))
    return PriceTable(
        version_key=np.array([(index << DAY_BITS) + version.from_day for index, version in flat], dtype=np.int64),
        version_id=np.array([version.id for _, version in flat], dtype=np.int64),
        version_to_day=np.array([_last_day(version) for _, version in flat], dtype=np.int64),
        vat_percent_e2=np.array(vats, dtype=np.int64),
        first_block=first.reshape(shape),
        block_count=counts.reshape(shape),
        lower_milli=lower,
        upper_milli=upper,
        rate_e4=np.array([block.rate_e4 for block in blocks], dtype=np.int64),
        same_rates=np.array([known[key] for key in rates], dtype=np.int64).reshape(shape),
    )


def versions_on(table: PriceTable, tariff: Integers, from_day: Integers, to_day: Integers) -> tuple[Integers, Flags]:
    """Return the version in force for each tariff from a day on, and where there is none or it ends before ``to_day``."""
    if not len(table.version_key):
        return np.zeros(len(tariff), dtype=np.int64), np.ones(len(tariff), dtype=bool)
    at = np.searchsorted(table.version_key, (tariff << DAY_BITS) + from_day, "right") - 1
    found = np.maximum(at, 0)
    ends = table.version_to_day[found] < np.maximum(to_day, from_day + 1)
    return found, (at < 0) | (table.version_key[found] >> DAY_BITS != tariff) | ends


def changes_between(table: PriceTable, tariff: Integers, account: Integers) -> Integers:
    """Return the days on which tariffs change, as sorted cut keys of the accounts that use them."""
    owner, day = version_days(table, tariff)
    return np.sort((account[owner] << DAY_BITS) + day)


def version_days(table: PriceTable, tariff: Integers) -> tuple[Integers, Integers]:
    """Return the first days of the versions of tariffs: which of the given tariffs, and the day."""
    tariff_of = table.version_key >> DAY_BITS
    first = np.searchsorted(tariff_of, tariff, "left")
    count = np.searchsorted(tariff_of, tariff, "right") - first
    owner, place = members_of(count)
    return owner, table.version_key[first[owner] + place] & DAY_MASK


def price(table: PriceTable, *, version: Integers, quantity_milli: Integers, days: Integers, period_days: Integers) -> Priced:
    """Price quantities of the whole counter by blocks; the lines of a part add up to its quantity.

    What lies above the last step, if that step has an end, is left out.

    :param version: index of the version of each part
    :param days: days of the part; it gets ``days / period_days`` of each step
    :param period_days: days of the whole billing period
    """
    none = np.zeros(len(version), dtype=np.int64)
    return price_parts(table, Parts(version, none + TOTAL, quantity_milli, none, days, period_days, none + 1, none + RATE_SCALE))


def price_parts(table: PriceTable, parts: Parts, spans: Spans | None = None) -> Priced:
    """Price parts by the blocks of their version and zone; each line is rounded on its own.

    :param spans: the segments whose steps a part is priced with; None: its own days
    """
    blocks = table.block_count[parts.version, parts.zone]
    part, step = members_of(blocks)
    begins = np.cumsum(blocks) - blocks
    row = table.first_block[parts.version, parts.zone][part] + step
    whole = parts.whole_days[part]
    sign = np.sign(parts.quantity_milli)[part]
    begin, end = np.abs(parts.from_milli[part]) * whole, np.abs(parts.quantity_milli[part]) * whole
    upper, lower = _steps(table, parts, spans, part, row, begins, step)
    upto = np.where(table.upper_milli[row] >= MAX_QUANTITY_MILLI, end, np.clip(upper, begin, end))
    since = np.clip(lower, begin, end)
    taken = np.maximum(upto - since, 0)
    quantity = sign * (divide_half_up(upto, whole) - divide_half_up(since, whole))
    factor = parts.factor_e4[part]
    rate = table.rate_e4[row]
    if (factor != RATE_SCALE).any():
        rate = multiply_divide(rate, factor, np.full(len(rate), RATE_SCALE))
    amount = sign * multiply_divide(taken, rate, whole * PRICE_DIVISOR)
    vat = vat_inside(amount, table.vat_percent_e2[parts.version][part])
    kept = (taken > 0) | ((end == 0) & (step == 0))
    return Priced(part[kept], step[kept] + 1, quantity[kept], rate[kept], amount[kept], vat[kept])


def _steps(
    table: PriceTable, parts: Parts, spans: Spans | None, part: Integers, row: Integers, begins: Integers, step: Integers
) -> tuple[Integers, Integers]:
    """Return the end and the begin of each part's steps, as shares of the whole days."""
    if spans is None:
        share = (parts.days * parts.times)[part]
        return table.upper_milli[row] * share, table.lower_milli[row] * share
    zone = parts.zone[spans.part]
    blocks = table.block_count[spans.version, zone]
    span, place = members_of(blocks)
    ends = table.upper_milli[table.first_block[spans.version, zone][span] + place] * (spans.days * spans.times)[span]
    upper = sums_by(begins[spans.part][span] + place, ends, len(row))
    return upper, np.where(step > 0, np.append(0, upper)[:-1], 0)


def quantity_paid(amount_tiyin: int, rate_e4: int, *, quantum_milli: int) -> Milli:
    """Return the energy an amount pays for at a rate, whole quanta, rounded down.

    >>> quantity_paid(100_000_00, 4_500_000, quantum_milli=1000)
    222000
    """
    return Milli(amount_tiyin * PRICE_DIVISOR // (rate_e4 * quantum_milli) * quantum_milli)


def energy_zones(table: PriceTable, version: Integers) -> Flags:
    """Tell which energy registers each version prices, one column a zone."""
    result: Flags = table.block_count[version, :ENERGY_ZONES] > 0
    return result


def _first_day(version: Version) -> int:
    return version.from_day


def _last_day(version: Version) -> int:
    return NO_END if version.to_day is None else version.to_day


def _upper(block: Block) -> int:
    return MAX_QUANTITY_MILLI if block.upper_milli is None else block.upper_milli
