"""Energy that an inspection record charges: computed from the wire or the appliances, or measured.

Sources: by wire, ``W = I · U · cos φ · t`` a phase, I the permissible current of the smallest section, and by appliances,
capacity × hours: published methodology with worked examples (reference cases M26, M28; regimos.ru). What was billed in the
same days is taken off (M29). Longest window, hours a day and currents of the Uzbek rules (resolution no. 319 of 2024-05-31)
were not read: operating parameters and entries of the record.
"""

from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from app.domain import tariffs
from app.domain.calendar import DAY_MASK, day_number, day_of, month_period, months_after
from app.domain.tariffs import Priced, PriceTable
from app.domain.values import Integers, Milli, milli_of, share_out

HOURS_A_DAY = 24


class ViolationKind(StrEnum):
    """What an inspection found."""

    THEFT = "THEFT"  # energy taken past the meter
    TAMPERING = "TAMPERING"  # a meter or seal interfered with
    UNMETERED = "UNMETERED"  # consumption without a meter
    WRONG_METER = "WRONG_METER"  # a meter that counted wrong; may give back


class EnergyMethod(StrEnum):
    """How the energy of an inspection record is found."""

    WIRE = "WIRE"
    APPLIANCES = "APPLIANCES"
    MEASURED = "MEASURED"


class RecordStatus(StrEnum):
    """Where an inspection record stands."""

    ASKED = "ASKED"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"


class NoTariff(Exception):
    """Days of the window have no tariff in force."""


class Share(NamedTuple):
    """Days of the window with one tariff version, inside one month."""

    from_day: int
    to_day: int
    version: int
    month_days: int


def energy_by_wire(*, phases: int, current_a: Decimal, voltage_kv: Decimal, power_factor: Decimal, hours: Decimal) -> Milli:
    """Return the energy a wire can carry, in thousandths of a kWh, rounded to whole kWh (halves up).

    :param voltage_kv: phase voltage

    >>> energy_by_wire(phases=1, current_a=Decimal(36), voltage_kv=Decimal("0.22"), power_factor=Decimal("0.9"), hours=Decimal(1944))
    13857000
    """
    return _whole(phases * current_a * voltage_kv * power_factor * hours)


def energy_by_appliances(*, capacity_kw: Decimal, hours_a_day: Decimal, days: int) -> Milli:
    """Return the energy appliances take, in thousandths of a kWh, rounded to whole kWh (halves up).

    >>> energy_by_appliances(capacity_kw=Decimal("0.75"), hours_a_day=Decimal(24), days=81)
    1458000
    """
    return _whole(capacity_kw * hours_a_day * days)


def unbilled(total_milli: int, billed_milli: int, kind: ViolationKind) -> Milli:
    """Return the energy left to charge; only a wrong meter gives back.

    >>> unbilled(500_000, 620_000, ViolationKind.THEFT)
    0
    """
    left = total_milli - billed_milli
    return Milli(left if kind == ViolationKind.WRONG_METER else max(left, 0))


def window_start(*, to_day: int, most_days: int, last_checked_day: int) -> int:
    """Return the earliest first day of a window: since the last check, and no more than so many days back."""
    return max(to_day - most_days, last_checked_day)


def shares(table: PriceTable, *, tariff: int, from_day: int, to_day: int) -> list[Share]:
    """Return the window cut at the ends of months and where the tariff changes.

    :raises NoTariff: if a day has no version in force
    """
    one = np.array([tariff], dtype=np.int64)
    changes = {int(key) & DAY_MASK for key in tariffs.changes_between(table, one, np.zeros_like(one))}
    months = _month_starts(from_day, to_day)
    cuts = sorted({from_day, to_day, *(day for day in {*changes, *months} if from_day < day < to_day)})
    begin, end = (np.array(days, dtype=np.int64) for days in (cuts[:-1], cuts[1:]))
    version, missing = tariffs.versions_on(table, np.full(len(begin), tariff), begin, end)
    if missing.any():
        raise NoTariff(str(day_of(int(begin[missing][0]))))
    lengths = [month_period(day_of(day)).days for day in begin.tolist()]
    return [Share(*row) for row in zip(begin.tolist(), end.tolist(), version.tolist(), lengths, strict=True)]


def price(table: PriceTable, parts: list[Share], quantity_milli: int, billed_milli: Integers) -> Priced:
    """Spread energy over its days and price each part on top of what was billed of it, block by block.

    :param quantity_milli: negative: given back out of what was billed
    :param billed_milli: energy billed in each part; zeros price the energy on its own
    """
    days = np.array([part.to_day - part.from_day for part in parts], dtype=np.int64)
    spread = share_out(np.array([abs(quantity_milli)], dtype=np.int64), np.zeros(len(parts), dtype=np.int64), days)
    total = np.maximum(billed_milli + (spread if quantity_milli >= 0 else -spread), 0)
    version = np.array([part.version for part in parts], dtype=np.int64)
    month_days = np.array([part.month_days for part in parts], dtype=np.int64)
    above, below = (
        tariffs.price(table, version=version, quantity_milli=quantity, days=days, period_days=month_days)
        for quantity in (total, billed_milli)
    )
    return _difference(above, below)


def _difference(above: Priced, below: Priced) -> Priced:
    """Return the lines of one price less those of another, by part and block."""
    width = 1 + max(int(lines.block_no.max(initial=0)) for lines in (above, below))
    key, place = np.unique(np.concatenate([lines.part * width + lines.block_no for lines in (above, below)]), return_inverse=True)
    rate = np.zeros(len(key), dtype=np.int64)
    rate[place] = np.concatenate([above.rate_e4, below.rate_e4])
    sums = []
    for name in ("quantity_milli", "amount_tiyin", "vat_tiyin"):
        signed = np.zeros(len(key), dtype=np.int64)
        np.add.at(signed, place, np.concatenate([getattr(above, name), -getattr(below, name)]))
        sums.append(signed)
    quantity, amount, vat = sums
    kept = (quantity != 0) | (amount != 0)
    return Priced(key[kept] // width, key[kept] % width, quantity[kept], rate[kept], amount[kept], vat[kept])


def _month_starts(from_day: int, to_day: int) -> list[int]:
    month, found = months_after(day_of(from_day), 1), []
    while day_number(month) < to_day:
        found.append(day_number(month))
        month = months_after(month, 1)
    return found


def _whole(units: Decimal) -> Milli:
    return milli_of(units.quantize(Decimal(1), ROUND_HALF_UP))
