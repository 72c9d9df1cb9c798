"""The registers of a meter beside each other, and the energy of a meter taken off and of the one in its place.

Sources: vectors M01–M10 of the reference cases; subsystem "Accounting for technical equipment" of the customer's terms of reference.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from app.domain.metering.counting import zones_agree
from app.domain.metering.registers import ZONE_REGISTERS, RegisterCode
from app.domain.values import MILLI_PER_UNIT


class ShownRegister(NamedTuple):
    """What a register shows, and what it showed when it was read last; None: it was not read yet."""

    code: str
    last_on: date | None
    last_milli: int | None
    dial_milli: int
    #: first dial the display cannot show
    capacity_milli: int


def counted_together(registers: Sequence[ShownRegister]) -> dict[str, int]:
    """Return what the registers that were read last on the day of the whole counter counted since, in thousandths of the dial.

    >>> day = date(2026, 1, 1)
    >>> counted_together([ShownRegister("TOTAL", day, 90_000, 10_000, 100_000), ShownRegister("DAY", None, None, 5000, 100_000)])
    {'TOTAL': 20000}
    """
    whole = next((each.last_on for each in registers if each.code == RegisterCode.TOTAL), None)
    return {
        each.code: (each.dial_milli - (each.last_milli or 0)) % each.capacity_milli
        for each in registers
        if whole is not None and each.last_on == whole
    }


def zones_apart(shown_milli: Mapping[str, int], *, tolerance: int) -> bool:
    """Tell whether the registers of zones together tell another story than the whole counter; without both there is nothing to compare.

    >>> zones_apart({"TOTAL": 720_000, "DAY": 300_000, "PEAK": 120_000, "NIGHT": 300_000}, tolerance=1)
    False

    :param shown_milli: what each register counted, or shows, by its code
    :param tolerance: units of the dial by which each register of a zone may differ
    """
    zones = [np.array([milli]) for code, milli in shown_milli.items() if code in ZONE_REGISTERS]
    if not zones or RegisterCode.TOTAL not in shown_milli:
        return False
    total = np.array([shown_milli[RegisterCode.TOTAL]])
    return not zones_agree(zones, total, tolerance_milli=tolerance * len(zones) * MILLI_PER_UNIT)[0]


def costs(quantities: Sequence[tuple[str, int]], charged_tiyin: Mapping[str, int]) -> list[int]:
    """Share what the energy of each zone costs among the spans in which it was taken, by their energy; nothing is lost.

    >>> costs([("TOTAL", 150_000), ("TOTAL", 98_000)], {"TOTAL": 24_800})
    [15000, 9800]

    :param quantities: zone and thousandths of each span
    :param charged_tiyin: what a bill charges for the energy of each zone
    """
    shares = [0] * len(quantities)
    for zone, total in charged_tiyin.items():
        places = [place for place, (own, quantity) in enumerate(quantities) if own == zone and quantity > 0]
        if places:
            whole = sum(quantities[place][1] for place in places)
            reached = 0
            for place in places:
                # Each share ends where the energy up to it ends, so that they add up whatever the sum.
                reached += quantities[place][1]
                shares[place] = total * reached // whole - sum(shares[each] for each in places if each < place)
    return shares
