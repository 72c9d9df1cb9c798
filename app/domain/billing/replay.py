"""What a bill run posted against what the same input gives today, row by row."""

from typing import NamedTuple

import numpy as np

from app.domain.billing import BillingOutcome
from app.domain.values import Integers

#: Rows as columns: ``account`` (index, ascending) and the figures that must agree.
ReplayTable = dict[str, Integers]

#: Rows of an account that are told apart.
_ROW_BITS = 20

_BILL = ("from_day", "to_day", "actual", "quantity_milli", "amount_tiyin", "vat_tiyin")
_LINE = (
    "kind", "month", "from_day", "to_day", "version_id", "block_no", "quantity_milli", "rate_e4", "amount_tiyin", "vat_tiyin",
    "component", "zone", "charge_id", "benefit_id", "prepaid_id",
)  # fmt: skip
_CONSUMPTION = ("from_day", "to_day", "quantity_milli", "earlier_reading_id", "later_reading_id", "rolled_over", "zone", "quality")


class Posted(NamedTuple):
    """Bills as they stand in the books, with their lines and the energy they are made of."""

    bills: ReplayTable
    lines: ReplayTable
    consumptions: ReplayTable


class ReplayDifference(NamedTuple):
    """A figure that was posted otherwise than it is computed."""

    account: int  #: index of the account
    #: ``bill``, ``line`` or ``consumption``, and which of the account's, from 1
    row: str
    number: int
    column: str
    #: None: there is no such row
    stored: int | None
    computed: int | None


def columns_of() -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the names of the columns that are compared: of bills, of lines, of consumption."""
    return _BILL, _LINE, _CONSUMPTION


def computed(outcome: BillingOutcome) -> Posted:
    """Return what the engine made as it would stand in the books."""
    return Posted(
        _table(outcome.bills._asdict(), _BILL), _table(outcome.lines._asdict(), _LINE),
        _table(outcome.consumptions._asdict(), _CONSUMPTION),
    )  # fmt: skip


def differences(stored: Posted, again: Posted) -> list[ReplayDifference]:
    """Return every figure that differs, by kind of row, account and row."""
    return [
        difference
        for row, before, after in zip(("bill", "line", "consumption"), stored, again, strict=True)
        for difference in _compared(row, before, after)
    ]


def _table(columns: dict[str, Integers], names: tuple[str, ...]) -> ReplayTable:
    return {name: columns[name].astype(np.int64) for name in ("account", *names)}


def _compared(row: str, stored: ReplayTable, again: ReplayTable) -> list[ReplayDifference]:
    left, right = _keys(stored["account"]), _keys(again["account"])
    _, at_left, at_right = np.intersect1d(left, right, assume_unique=True, return_indices=True)
    found = [
        ReplayDifference(
            *_place(row, int(left[at_left[place]])), name, int(stored[name][at_left[place]]), int(again[name][at_right[place]])
        )
        for name in stored
        if name != "account"
        for place in np.flatnonzero(stored[name][at_left] != again[name][at_right]).tolist()
    ]
    gone, new = np.setdiff1d(left, right).tolist(), np.setdiff1d(right, left).tolist()
    found += [ReplayDifference(*_place(row, key), _main(stored), _value(stored, left, key), None) for key in gone]
    found += [ReplayDifference(*_place(row, key), _main(again), None, _value(again, right, key)) for key in new]
    return sorted(found, key=lambda each: (each.account, each.number))


def _keys(account: Integers) -> Integers:
    """Return account and place among the account's rows as one number."""
    return (account << _ROW_BITS) + np.arange(len(account)) - np.searchsorted(account, account, "left")


def _place(row: str, key: int) -> tuple[int, str, int]:
    return key >> _ROW_BITS, row, (key & ((1 << _ROW_BITS) - 1)) + 1


def _main(table: ReplayTable) -> str:
    return "amount_tiyin" if "amount_tiyin" in table else "quantity_milli"


def _value(table: ReplayTable, keys: Integers, key: int) -> int:
    return int(table[_main(table)][np.searchsorted(keys, key)])
