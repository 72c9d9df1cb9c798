"""Energy and price of inspection records: the published cases, and prices on top of what was billed."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import tariffs
from app.domain.claims import inspections
from app.domain.claims.inspections import NoTariff, ViolationKind
from app.domain.tariffs import Block, Version
from app.domain.values import tiyin_of

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "metering.json").read_text())["vectors"]
DAY = 20_454  # 2026-01-01
BLOCKS = (Block(200_000, 600_0000), Block(500_000, 800_0000), Block(None, 1000_0000))
TABLE = tariffs.price_table([(Version(7, 0, DAY + 45, 1200, BLOCKS), Version(8, DAY + 45, None, 1200, (Block(None, 900_0000),)))])


def vector(number: str) -> dict[str, Any]:
    return next(each for each in VECTORS if each["id"] == number)


def test_theft_by_wire_as_published() -> None:
    case = vector("M26")
    given_, expected = case["input"], case["expected"]
    wire = {
        "phases": given_["phases"], "current_a": Decimal(given_["i_a"]), "voltage_kv": Decimal(given_["u_kv"]),
        "power_factor": Decimal(given_["cos"]), "hours": Decimal(given_["hours"]),
    }  # fmt: skip

    energy = inspections.energy_by_wire(**wire)

    assert energy == int(expected["kwh"]) * 1000
    assert abs(energy - 1000 * Decimal(expected["kwh_exact"])) <= 500


def test_three_phases_carry_three_times_as_much() -> None:
    one, three = (
        inspections.energy_by_wire(
            phases=phases, current_a=Decimal(10), voltage_kv=Decimal("0.2"), power_factor=Decimal(1), hours=Decimal(5)
        )
        for phases in (1, 3)
    )

    assert three == 3 * one


def test_theft_by_appliances_as_published() -> None:
    given_, expected = vector("M28")["input"], vector("M28")["expected"]

    energy = inspections.energy_by_appliances(
        capacity_kw=Decimal(given_["p_kw"]), hours_a_day=Decimal(given_["hours_per_day"]), days=given_["days"]
    )

    assert energy == int(expected["kwh"]) * 1000
    assert _simple(energy, given_["price"]) == tiyin_of(Decimal(expected["money"]))


def test_published_theft_of_a_region_is_energy_times_tariff() -> None:
    given_, expected = vector("M30")["input"], vector("M30")["expected"]

    assert _simple(int(given_["kwh"]) * 1000, given_["price"]) == tiyin_of(Decimal(expected["money"]))


def _simple(energy_milli: int, rate: str) -> int:
    table = tariffs.price_table([(Version(1, 0, None, 0, (Block(None, int(Decimal(rate) * 10_000)),)),)])
    parts = inspections.shares(table, tariff=0, from_day=DAY, to_day=DAY + 31)
    return int(inspections.price(table, parts, energy_milli, np.zeros(len(parts), dtype=np.int64)).amount_tiyin.sum())


@pytest.mark.parametrize(
    ("total", "billed", "kind", "left"),
    [
        (500_000, 120_000, ViolationKind.THEFT, 380_000),
        (500_000, 620_000, ViolationKind.THEFT, 0),
        (500_000, 620_000, ViolationKind.WRONG_METER, -120_000),
    ],
)
def test_billed_energy_is_taken_off(total: int, billed: int, kind: ViolationKind, left: int) -> None:
    assert inspections.unbilled(total, billed, kind) == left


@pytest.mark.parametrize(("limit", "checked", "start"), [(365, DAY - 100, DAY - 100), (60, DAY - 100, DAY - 60)])
def test_window_begins_with_the_last_check_and_is_no_longer_than_the_limit(limit: int, checked: int, start: int) -> None:
    assert inspections.window_start(to_day=DAY, most_days=limit, last_checked_day=checked) == start


def test_energy_is_priced_above_what_was_billed_of_its_month() -> None:
    parts = inspections.shares(TABLE, tariff=0, from_day=DAY, to_day=DAY + 31)

    alone, on_top = (inspections.price(TABLE, parts, 100_000, np.array([billed])) for billed in (0, 150_000))

    assert alone.amount_tiyin.tolist() == [60_000_00]
    assert (on_top.block_no.tolist(), on_top.amount_tiyin.tolist()) == ([1, 2], [30_000_00, 40_000_00])


def test_window_is_cut_by_months_and_changes_of_the_tariff() -> None:
    parts = inspections.shares(TABLE, tariff=0, from_day=DAY + 10, to_day=DAY + 70)

    assert [(part.from_day - DAY, part.to_day - DAY) for part in parts] == [(10, 31), (31, 45), (45, 59), (59, 70)]
    assert [part.month_days for part in parts] == [31, 28, 28, 31]


def test_days_without_a_tariff_are_refused() -> None:
    table = tariffs.price_table([(Version(7, DAY, None, 1200, BLOCKS),)])

    with pytest.raises(NoTariff):
        inspections.shares(table, tariff=0, from_day=DAY - 1, to_day=DAY + 5)


@given(st.integers(-5_000_000, 5_000_000), st.integers(1, 200), st.integers(0, 3_000_000))
def test_energy_of_a_record_is_priced_whole(quantity: int, days: int, billed: int) -> None:
    parts = inspections.shares(TABLE, tariff=0, from_day=DAY, to_day=DAY + days)
    taken = np.full(len(parts), billed if quantity >= 0 else 5_000_000, dtype=np.int64)

    priced = inspections.price(TABLE, parts, quantity, taken)

    assert int(priced.quantity_milli.sum()) == quantity
    assert int(priced.amount_tiyin.sum()) * quantity >= 0
