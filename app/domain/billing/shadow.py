"""Posted bills beside the same bills with proposed prices: sums by division and step, and the largest changes."""

from collections import defaultdict
from typing import NamedTuple

import numpy as np

from app.domain.billing import COMPONENTS
from app.domain.billing.replay import ReplayTable
from app.domain.tariffs import ZONES
from app.domain.values import Flags, Integers

#: How many accounts with the largest changes are kept.
LARGEST = 100


#: Division, component, zone, step.
ShadowStep = tuple[int, str, str, int]


class Comparison(NamedTuple):
    """What some bills came to as posted and as proposed."""

    bills: int
    left_out: int  #: bills the proposed prices cannot price
    #: step → bills, quantity now, quantity proposed (thousandths), amount now, amount proposed (tiyin)
    steps: dict[ShadowStep, list[int]]
    #: account, division, amount now, amount proposed
    largest: list[list[int]]


def nothing() -> Comparison:
    """Return the comparison of no bills."""
    return Comparison(0, 0, {}, [])


def compared(
    *,
    account_id: Integers,
    division_id: Integers,
    wanted: Flags,
    built: Flags,
    stored: ReplayTable,
    proposed: ReplayTable,
    running: Comparison,
) -> Comparison:
    """Add bills to a comparison; charges beside the energy are not priced by a tariff and stay out.

    :param wanted: accounts that the tariff prices
    :param built: accounts whose bill could be computed with the proposed prices
    """
    chosen = wanted & built
    sides = [_of(table, chosen) for table in (stored, proposed)]
    steps: dict[ShadowStep, list[int]] = defaultdict(lambda: [0] * 5, {step: list(sums) for step, sums in running.steps.items()})
    keys = [_keys(side, division_id) for side in sides]
    every, at = np.unique(np.concatenate(keys), return_inverse=True)
    accounts = np.concatenate([side["account"] for side in sides])
    pairs = np.unique(np.stack([at.reshape(-1), accounts]), axis=1)
    sums = np.zeros((5, len(every)), dtype=np.int64)
    np.add.at(sums[0], pairs[0], 1)
    for place, side in enumerate(sides):
        of_key = np.searchsorted(every, keys[place])
        np.add.at(sums[1 + place], of_key, side["quantity_milli"])
        np.add.at(sums[3 + place], of_key, side["amount_tiyin"])
    for key, figures in zip(every.tolist(), sums.T.tolist(), strict=True):
        step = _step(key)
        steps[step] = [before + more for before, more in zip(steps[step], figures, strict=True)]
    totals = np.zeros((2, len(account_id)), dtype=np.int64)
    for place, side in enumerate(sides):
        np.add.at(totals[place], side["account"], side["amount_tiyin"])
    largest = _largest(account_id, division_id, totals, running.largest)
    return Comparison(running.bills + int(chosen.sum()), running.left_out + int((wanted & ~built).sum()), dict(steps), largest)


def _of(table: ReplayTable, chosen: Flags) -> ReplayTable:
    kept = chosen[table["account"]] & (table["charge_id"] == 0)
    return {name: column[kept] for name, column in table.items()}


def _keys(lines: ReplayTable, division_id: Integers) -> Integers:
    key = division_id[lines["account"]] * len(COMPONENTS) + lines["component"]
    return ((key * len(ZONES) + lines["zone"]) << 16) + lines["block_no"]


def _step(key: int) -> ShadowStep:
    rest, block = key >> 16, key & 0xFFFF
    rest, zone = divmod(rest, len(ZONES))
    division, component = divmod(rest, len(COMPONENTS))
    return division, str(COMPONENTS[component]), ZONES[zone], block


def _largest(account_id: Integers, division_id: Integers, totals: Integers, running: list[list[int]]) -> list[list[int]]:
    change = np.abs(totals[1] - totals[0])
    order = np.argsort(-change, kind="stable")[:LARGEST]
    order = order[change[order] > 0]
    rows = np.stack([account_id[order], division_id[order], *totals[:, order]], axis=1).tolist()
    return sorted([*running, *rows], key=_by_change)[:LARGEST]


def _by_change(row: list[int]) -> tuple[int, int]:
    return -abs(row[3] - row[2]), row[0]
