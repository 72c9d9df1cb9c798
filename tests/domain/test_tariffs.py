"""Prices by blocks and days: the reference cases, the defects of other systems, and what must always hold."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import metering, tariffs
from app.domain.calendar import DAY_BITS
from app.domain.metering import Segments
from app.domain.tariffs import Block, Priced, Version
from app.domain.values import MAX_QUANTITY_MILLI, TIYIN_PER_SOM, milli_of, rate_e4_of
from tests import strategies
from tests.strategies import int64s, quantities_milli, vectors

#: 0–10 at 1 soʻm, 10–20 at 2 soʻm, the rest at 3 soʻm.
STEPS = (Block(10_000, 10_000), Block(20_000, 20_000), Block(None, 30_000))


def priced(blocks: tuple[Block, ...], *parts: tuple[int, int], period_days: int = 30, vat_percent_e2: int = 1200) -> Priced:
    """Price (quantity, days) parts of one period with the same blocks."""
    table = tariffs.price_table([(Version(1, 0, None, vat_percent_e2, blocks),)])
    quantity, days = (int64s([part[place] for part in parts]) for place in range(2))
    return tariffs.price(
        table,
        version=np.zeros(len(parts), dtype=np.int64),
        quantity_milli=quantity,
        days=days,
        period_days=np.full(len(parts), period_days),
    )


def cost(blocks: tuple[Block, ...], quantity_milli: int) -> int:
    """Return the price of a whole month in tiyin."""
    return int(priced(blocks, (quantity_milli, 30)).amount_tiyin.sum())


def blocks_of(case: dict[str, Any]) -> tuple[Block, ...]:
    limits = [*(limit * 1000 for limit in case["limits"]), None]
    return tuple(Block(limit, rate_e4_of(Decimal(rate))) for limit, rate in zip(limits, case["prices"], strict=True))


@pytest.mark.parametrize("rule", ["split_by_days", "blocks", "money_simple"])
def test_the_reference_cases_of_tariffs_are_there(rule: str):
    assert vectors(rule)
    assert rule in strategies.RULES["tariffs"]


@pytest.mark.parametrize("vector", vectors("blocks"), ids=lambda vector: vector["id"])
def test_each_block_has_its_own_rate(vector: dict[str, Any]):
    amount = cost(blocks_of(vector["input"]), milli_of(Decimal(vector["input"]["qty"])))

    assert Decimal(amount) / TIYIN_PER_SOM == Decimal(vector["expected"]["money"])


@pytest.mark.parametrize("vector", vectors("money_simple") + vectors("money_round"), ids=lambda vector: vector["id"])
def test_energy_times_rate_is_rounded_half_up_to_the_tiyin(vector: dict[str, Any]):
    blocks = (Block(None, rate_e4_of(Decimal(vector["input"]["price"]))),)

    amount = cost(blocks, milli_of(Decimal(vector["input"]["kwh"])))

    expected = vector["expected"].get("money") or vector["expected"]["half_up"]
    assert Decimal(amount) / TIYIN_PER_SOM == Decimal(expected)


@pytest.mark.parametrize("vector", vectors("split_by_days"), ids=lambda vector: vector["id"])
def test_energy_of_a_month_is_shared_by_days_between_old_and_new_tariff(vector: dict[str, Any]):
    case, expected = vector["input"], vector["expected"]
    before, after = case["days"]
    old, new = ((Block(None, rate_e4_of(Decimal(rate))),) for rate in case["tariffs"])
    table = tariffs.price_table([(Version(1, 0, 100 + before, 1200, old), Version(2, 100 + before, None, 1200, new))])
    month = Segments(int64s([0]), int64s([100]), int64s([100 + before + after]), int64s([case["kwh"] * 1000]))

    cuts = tariffs.changes_between(table, int64s([0]), int64s([0]))
    pieces, _ = metering.split_at(month, cuts, quantum_milli=int64s([1000]))
    version, missing = tariffs.versions_on(table, int64s([0, 0]), pieces.from_day, pieces.to_day)
    result = tariffs.price(
        table,
        version=version,
        quantity_milli=pieces.quantity_milli,
        days=pieces.to_day - pieces.from_day,
        period_days=np.full(2, before + after),
    )

    assert not missing.any()
    assert result.quantity_milli.tolist() == [part * 1000 for part in expected["parts"]]
    assert [Decimal(amount) / TIYIN_PER_SOM for amount in result.amount_tiyin.tolist()] == [*map(Decimal, expected["money"])]
    assert Decimal(int(result.amount_tiyin.sum())) / TIYIN_PER_SOM == Decimal(expected["total"])


@pytest.mark.parametrize(("units", "som"), [(0, 0), (1, 1), (9, 9), (10, 10), (11, 12), (15, 20), (20, 30), (21, 33), (25, 45), (100, 270)])
def test_only_what_lies_above_a_limit_costs_the_dearer_rate(units: int, som: int):
    assert cost(STEPS, units * 1000) == som * 100


@pytest.mark.parametrize(("milli", "tiyin"), [(10_500, 1100), (10_001, 1000), (10_003, 1001), (9_995, 1000), (500, 50), (5, 1)])
def test_a_fraction_of_a_unit_is_charged(milli: int, tiyin: int):
    assert cost(STEPS, milli) == tiyin


def test_ten_and_a_half_units_never_cost_nothing():
    assert all(cost((Block(upper, 10_000), Block(None, 10_000)), 10_500) == 1050 for upper in (1, 10_000, 10_499, 10_500, 10_501))


@pytest.mark.parametrize(
    ("quantity", "lines"),
    [
        (0, [(1, 0, 0)]),
        (5_000, [(1, 5_000, 500)]),
        (10_000, [(1, 10_000, 1000)]),
        (10_001, [(1, 10_000, 1000), (2, 1, 0)]),
        (25_000, [(1, 10_000, 1000), (2, 10_000, 2000), (3, 5_000, 1500)]),
    ],
)
def test_blocks_that_took_nothing_are_left_out_but_nothing_keeps_its_first(quantity: int, lines: list[tuple[int, int, int]]):
    result = priced(STEPS, (quantity, 30))

    assert list(zip(result.block_no.tolist(), result.quantity_milli.tolist(), result.amount_tiyin.tolist(), strict=True)) == lines


def test_a_part_of_a_month_gets_its_share_of_every_step():
    result = priced(STEPS, (25_000, 15))

    assert result.quantity_milli.tolist() == [5_000, 5_000, 15_000]
    assert result.amount_tiyin.tolist() == [500, 1000, 4500]


def test_what_lies_above_a_last_step_with_an_end_is_left_out():
    result = priced(STEPS[:2], (25_000, 30))

    assert result.quantity_milli.tolist() == [10_000, 10_000]


def test_the_largest_quantity_in_one_day_of_a_month_is_priced_whole():
    result = priced((Block(10_000, 1), Block(None, 1)), (MAX_QUANTITY_MILLI, 1))

    assert int(result.quantity_milli.sum()) == MAX_QUANTITY_MILLI


@given(strategies.blocks(), strategies.periods_days.flatmap(lambda all_days: st.tuples(st.integers(1, all_days), st.just(all_days))))
def test_no_energy_costs_nothing(blocks: tuple[Block, ...], days: tuple[int, int]):
    result = priced(blocks, (0, days[0]), period_days=days[1])

    assert result.amount_tiyin.tolist() == result.vat_tiyin.tolist() == result.quantity_milli.tolist() == [0]


@given(
    strategies.versions(),
    st.lists(quantities_milli, max_size=6),
    strategies.periods_days.flatmap(lambda all_days: st.tuples(st.integers(1, all_days), st.just(all_days))),
)
def test_energy_in_is_energy_priced(version: Version, quantities: list[int], days: tuple[int, int]):
    parts = [(quantity, days[0]) for quantity in quantities]

    result = priced(version.blocks, *parts, period_days=days[1], vat_percent_e2=version.vat_percent_e2)

    for part, quantity in enumerate(quantities):
        assert int(result.quantity_milli[result.part == part].sum()) == quantity
        assert result.block_no[result.part == part].tolist() == sorted(set(result.block_no[result.part == part].tolist()))
    assert (result.quantity_milli >= 0).all()
    assert (result.amount_tiyin >= 0).all()
    assert (result.vat_tiyin <= result.amount_tiyin).all()


@given(strategies.blocks(), st.integers(0, 5_000_000), st.integers(0, 100_000))
def test_more_energy_never_costs_less(blocks: tuple[Block, ...], quantity: int, more: int):
    assert cost(blocks, quantity) <= cost(blocks, quantity + more)


@given(strategies.blocks(), st.data())
def test_blocks_are_continuous_at_their_limits(blocks: tuple[Block, ...], data: st.DataObject):
    block_no = data.draw(st.integers(0, len(blocks) - 1))
    lower = blocks[block_no - 1].upper_milli or 0 if block_no else 0
    upper = blocks[block_no].upper_milli or lower + 1_000_000
    beyond = data.draw(st.integers(0, upper - lower))

    rate = blocks[block_no].rate_e4
    assert cost(blocks, lower + beyond) == cost(blocks, lower) + int(tariffs.divide_half_up(int64s([beyond * rate]), 100_000)[0])


@given(
    strategies.blocks(),
    st.integers(2, 62).flatmap(lambda days: st.tuples(st.integers(1, days - 1), st.just(days))),
    st.integers(0, 100_000),
)
def test_splitting_a_period_at_any_day_changes_the_total_by_at_most_one_tiyin_a_line(
    blocks: tuple[Block, ...], days: tuple[int, int], daily_milli: int
):
    first, all_days = days

    whole = priced(blocks, (daily_milli * all_days, all_days), period_days=all_days)
    split = priced(blocks, (daily_milli * first, first), (daily_milli * (all_days - first), all_days - first), period_days=all_days)

    difference = abs(int(split.amount_tiyin.sum()) - int(whole.amount_tiyin.sum()))
    assert difference <= len(whole.part)
    assert set(split.block_no.tolist()) == set(whole.block_no.tolist())


@given(strategies.blocks(), st.lists(st.tuples(st.integers(0, 10**9), st.integers(1, 30)), max_size=6))
def test_a_part_costs_the_same_alone_and_among_others(blocks: tuple[Block, ...], parts: list[tuple[int, int]]):
    together = priced(blocks, *parts)

    for place, part in enumerate(parts):
        alone = priced(blocks, part)
        for column, others in zip(alone[1:], together[1:], strict=True):
            assert column.tolist() == others[together.part == place].tolist()


def test_versions_are_found_by_day_whatever_their_order():
    blocks = (Block(None, 1),)
    table = tariffs.price_table([
        (Version(12, 200, None, 1200, blocks), Version(11, 100, 200, 1200, blocks)),
        (),
        (Version(31, 150, 180, 1200, blocks), Version(32, 190, None, 1200, blocks)),
    ])  # fmt: skip
    asked = [
        (0, 99, 100, None),
        (0, 100, 101, 11),
        (0, 199, 200, 11),
        (0, 150, 201, None),
        (0, 200, 201, 12),
        (0, 900_000, 900_001, 12),
        (1, 150, 151, None),
        (2, 149, 150, None),
        (2, 150, 180, 31),
        (2, 150, 181, None),
        (2, 180, 190, None),
        (2, 190, 191, 32),
        (2, 180, 180, None),
        (2, 190, 190, 32),
        (-1, 150, 151, None),
    ]

    tariff, from_day, to_day = (int64s([row[place] for row in asked]) for place in range(3))
    version, missing = tariffs.versions_on(table, tariff, from_day, to_day)

    found = [None if none else int(table.version_id[index]) for index, none in zip(version, missing, strict=True)]
    assert found == [row[3] for row in asked]


def test_without_any_tariff_every_version_is_missing():
    _, missing = tariffs.versions_on(tariffs.price_table([]), int64s([-1, 0]), int64s([5, 5]), int64s([6, 6]))

    assert missing.tolist() == [True, True]


def test_changes_of_a_tariff_cut_the_accounts_that_use_it():
    blocks = (Block(None, 1),)
    table = tariffs.price_table([
        (Version(1, 100, None, 0, blocks),),
        (Version(2, 100, 150, 0, blocks), Version(3, 150, None, 0, blocks)),
    ])  # fmt: skip

    cuts = tariffs.changes_between(table, int64s([1, -1, 0]), int64s([7, 8, 9]))

    assert [(cut >> DAY_BITS, cut & ((1 << DAY_BITS) - 1)) for cut in cuts.tolist()] == [(7, 100), (7, 150), (9, 100)]


@pytest.mark.parametrize("uppers", [(10, 10, None), (20, 10, None), (0, None), (None, 10)])
def test_steps_that_do_not_rise_are_a_broken_invariant(uppers: tuple[int | None, ...]):
    blocks = tuple(Block(upper, 1) for upper in uppers)

    with pytest.raises(AssertionError):
        tariffs.price_table([(Version(1, 0, None, 1200, blocks),)])
