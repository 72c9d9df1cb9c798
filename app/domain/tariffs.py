"""Tariffs with dated versions and blocks, and the price of a quantity.

A tariff version holds from a day on, until the next one. Its blocks are steps of *monthly* consumption with a rate each;
a part of a billing period gets its share of every step by days, so that a change of tariff in mid-month neither gives nor
takes allowance.

Sources of the shipped figures: Cabinet of Ministers resolution no. 204 of 2024-04-16 (household blocks from 2024-05-01),
amended by no. 194 of 2025 (from 2025-05-01). The rule of sharing by days is the policy ``tariffs.partial_period``.
"""

from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from app.domain.calendar import DAY_BITS, NO_END
from app.domain.values import (
    MAX_QUANTITY_MILLI,
    MILLI_PER_UNIT,
    RATE_SCALE,
    TIYIN_PER_SOM,
    AmountTooLarge,
    Flags,
    Integers,
    NotANumber,
    decimal_of,
    divide_half_up,
    milli_of,
    multiply_divide,
    rate_e4_of,
    vat_inside,
)

#: ``quantity_milli · rate_e4 ÷ PRICE_DIVISOR`` is an amount in tiyin.
PRICE_DIVISOR = MILLI_PER_UNIT * RATE_SCALE // TIYIN_PER_SOM


class Block(NamedTuple):
    """One step of a tariff version."""

    #: end of the step in thousandths of a unit a month; None: no end
    upper_milli: int | None
    #: 1/10 000 soʻm per unit
    rate_e4: int


class NotBlocks(ValueError):
    """A text does not give steps that rise, the last one without an end."""


def blocks_of(text: str) -> tuple[Block, ...]:
    """Return the steps a person or a file wrote: end of the step in units, ``=``, soʻm per unit; the last one has no end.

    >>> blocks_of("200=600; =1000,5")
    (Block(upper_milli=200000, rate_e4=6000000), Block(upper_milli=None, rate_e4=10005000))

    :raises NotBlocks: if it is anything else
    """
    try:
        blocks = [_block_of(part) for part in text.split(";") if part.strip()]
    except (NotANumber, AmountTooLarge, ValueError, AssertionError):
        raise NotBlocks(text) from None
    ends = [0, *(block.upper_milli or MAX_QUANTITY_MILLI for block in blocks)]
    if not blocks or blocks[-1].upper_milli is not None or any(later <= earlier for earlier, later in pairwise(ends)):
        raise NotBlocks(text)
    return tuple(blocks)


def blocks_text(blocks: Iterable[Block]) -> str:
    """Return steps as ``blocks_of`` reads them.

    >>> blocks_text(blocks_of("200,0 = 600 ; =1000,50"))
    '200=600; =1000.5'
    """
    return "; ".join(f"{_plain(block.upper_milli, MILLI_PER_UNIT)}={_plain(block.rate_e4, RATE_SCALE)}" for block in blocks)


def _block_of(part: str) -> Block:
    upper, _equals, rate = part.partition("=")
    rate_e4 = rate_e4_of(decimal_of(rate))
    if not 0 <= rate_e4 < 10**14:
        raise NotBlocks(part)
    return Block(milli_of(decimal_of(upper)) if upper.strip() else None, rate_e4)


def _plain(value: int | None, scale: int) -> str:
    if value is None:
        return ""
    text = f"{Decimal(value) / scale:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


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
    """The versions of some tariffs as arrays: versions sorted by tariff and day, blocks by version and step."""

    #: sorted keys ``tariff index << DAY_BITS | first day``
    version_key: Integers
    version_id: Integers
    version_to_day: Integers
    vat_percent_e2: Integers
    first_block: Integers
    block_count: Integers
    lower_milli: Integers
    upper_milli: Integers
    rate_e4: Integers


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
    blocks = [block for _, version in flat for block in version.blocks]
    counts = np.array([len(version.blocks) for _, version in flat], dtype=np.int64)
    first = np.cumsum(counts) - counts
    upper = np.array([_upper(block) for block in blocks], dtype=np.int64)
    lower = np.append(0, upper)[:-1]
    lower[first] = 0
    assert (upper > lower).all(), "the steps of a tariff version must rise"
    return PriceTable(
        version_key=np.array([(index << DAY_BITS) + version.from_day for index, version in flat], dtype=np.int64),
        version_id=np.array([version.id for _, version in flat], dtype=np.int64),
        version_to_day=np.array([_last_day(version) for _, version in flat], dtype=np.int64),
        vat_percent_e2=np.array([version.vat_percent_e2 for _, version in flat], dtype=np.int64),
        first_block=first,
        block_count=counts,
        lower_milli=lower,
        upper_milli=upper,
        rate_e4=np.array([block.rate_e4 for block in blocks], dtype=np.int64),
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
    tariff_of = table.version_key >> DAY_BITS
    first = np.searchsorted(tariff_of, tariff, "left")
    count = np.searchsorted(tariff_of, tariff, "right") - first
    owner = np.repeat(np.arange(len(tariff)), count)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    day = table.version_key[first[owner] + place] & ((1 << DAY_BITS) - 1)
    return np.sort((account[owner] << DAY_BITS) + day)


def price(table: PriceTable, *, version: Integers, quantity_milli: Integers, days: Integers, period_days: Integers) -> Priced:
    """Price quantities by blocks; each line is rounded on its own, and the lines of a part add up to its quantity.

    What lies above the last step, if that step has an end, is left out.

    :param version: index of the version of each part
    :param days: days of the part; it gets ``days / period_days`` of each step
    :param period_days: days of the whole billing period
    """
    blocks = table.block_count[version]
    part = np.repeat(np.arange(len(version)), blocks)
    step = np.arange(len(part)) - np.repeat(np.cumsum(blocks) - blocks, blocks)
    row = table.first_block[version][part] + step
    wanted = (quantity_milli * period_days)[part]
    endless = table.upper_milli[row] >= MAX_QUANTITY_MILLI
    to_upper = np.where(endless, wanted, np.minimum(wanted, table.upper_milli[row] * days[part]))
    to_lower = np.minimum(wanted, table.lower_milli[row] * days[part])
    taken = to_upper - to_lower
    quantity = divide_half_up(to_upper, period_days[part]) - divide_half_up(to_lower, period_days[part])
    amount = multiply_divide(taken, table.rate_e4[row], period_days[part] * PRICE_DIVISOR)
    vat = vat_inside(amount, table.vat_percent_e2[version][part])
    kept = (taken > 0) | ((wanted == 0) & (step == 0))
    return Priced(part[kept], step[kept] + 1, quantity[kept], table.rate_e4[row][kept], amount[kept], vat[kept])


def _first_day(version: Version) -> int:
    return version.from_day


def _last_day(version: Version) -> int:
    return NO_END if version.to_day is None else version.to_day


def _upper(block: Block) -> int:
    return MAX_QUANTITY_MILLI if block.upper_milli is None else block.upper_milli
