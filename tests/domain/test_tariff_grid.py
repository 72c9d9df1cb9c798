"""Steps as a grid: what people fill becomes the blocks, two versions stand side by side, no price disappears unseen."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.tariffs import ZONES, Block, NotBlocks, blocks_of, blocks_text, grid
from app.domain.tariffs.grid import GridFault, GridRow, LostPrices, NotAGrid
from app.domain.values import MAX_QUANTITY_MILLI

ENDS = st.lists(st.integers(1, 10**9), unique=True, max_size=15).map(sorted)
RATES = st.integers(0, 10**9)


@st.composite
def versions(draw: st.DrawFn) -> tuple[Block, ...]:
    zones = draw(st.lists(st.sampled_from(ZONES), unique=True, min_size=1))
    ordered = [zone for zone in ZONES if zone in zones]
    return tuple(Block(end, draw(RATES), zone) for zone in ordered for end in [*draw(ENDS), None])


@given(versions())
def test_grid_of_blocks_is_read_back_as_the_same_blocks(blocks: tuple[Block, ...]) -> None:
    assert grid.blocks_of_grid(grid.grid_of(blocks)) == blocks


@given(versions(), versions())
def test_two_versions_side_by_side_have_every_price_of_both(now: tuple[Block, ...], proposed: tuple[Block, ...]) -> None:
    steps = grid.side_by_side(now, proposed)

    assert [step.lower_milli for step in steps] == [0, *(step.upper_milli for step in steps[:-1])]
    assert steps[-1].upper_milli is None
    for place, blocks in (("now", now), ("proposed", proposed)):
        shown = {(step.upper_milli, zone, rate) for step in steps for zone, rate in getattr(step, place).items()}
        assert {(block.upper_milli, block.zone, block.rate_e4) for block in blocks} <= shown


def test_any_number_of_steps_is_kept() -> None:
    rows = [GridRow(end * 100_000, {"TOTAL": end * 10_000}) for end in range(1, 41)]

    blocks = grid.blocks_of_grid([*rows, GridRow(None, {"TOTAL": 990_000})])

    assert len(blocks) == 41
    assert blocks_of(blocks_text(blocks)) == blocks


def test_rows_may_be_filled_in_any_order_and_empty_ones_are_left_out() -> None:
    rows = [GridRow(300_000, {"TOTAL": 2}), GridRow(None, {}), GridRow(100_000, {"TOTAL": 1}), GridRow(None, {"TOTAL": 3})]

    assert [block.rate_e4 for block in grid.blocks_of_grid(rows)] == [1, 2, 3]


def test_largest_step_and_largest_rate_are_taken() -> None:
    rows = [GridRow(MAX_QUANTITY_MILLI - 1, {"TOTAL": 0}), GridRow(None, {"TOTAL": 10**14 - 1})]

    assert [(block.upper_milli, block.rate_e4) for block in grid.blocks_of_grid(rows)] == [(MAX_QUANTITY_MILLI - 1, 0), (None, 10**14 - 1)]


@pytest.mark.parametrize(
    ("rows", "fault", "zone"),
    [
        ([], GridFault.NO_PRICES, ""),
        ([GridRow(100, {})], GridFault.NO_PRICES, ""),
        ([GridRow(None, {"TOTAL": 1}), GridRow(None, {"TOTAL": 2})], GridFault.NO_END, ""),
        ([GridRow(100, {"TOTAL": 1}), GridRow(100, {"TOTAL": 2}), GridRow(None, {"TOTAL": 3})], GridFault.SAME_END, ""),
        ([GridRow(-100, {"TOTAL": 1}), GridRow(None, {"TOTAL": 3})], GridFault.OUT_OF_RANGE, ""),
        ([GridRow(0, {"TOTAL": 1}), GridRow(None, {"TOTAL": 3})], GridFault.OUT_OF_RANGE, ""),
        ([GridRow(None, {"TOTAL": -3})], GridFault.OUT_OF_RANGE, ""),
        ([GridRow(None, {"TOTAL": 10**14})], GridFault.OUT_OF_RANGE, ""),
        ([GridRow(MAX_QUANTITY_MILLI, {"TOTAL": 1}), GridRow(None, {"TOTAL": 3})], GridFault.OUT_OF_RANGE, ""),
        ([GridRow(100, {}), GridRow(None, {"TOTAL": 3})], GridFault.NO_PRICE, ""),
        ([GridRow(100, {"DAY": 1, "NIGHT": 1}), GridRow(None, {"DAY": 3})], GridFault.NO_LAST_PRICE, "NIGHT"),
        ([GridRow(100, {"TOTAL": 1})], GridFault.NO_LAST_PRICE, "TOTAL"),
    ],
)
def test_rows_that_are_no_steps_are_refused_and_say_why(rows: list[GridRow], fault: GridFault, zone: str) -> None:
    with pytest.raises(NotAGrid) as refused:
        grid.blocks_of_grid(rows)

    assert (refused.value.fault, refused.value.zone) == (fault, zone)
    assert isinstance(refused.value, NotBlocks)


@pytest.mark.parametrize(
    ("now", "proposed", "lost"),
    [
        ("200=600; =1000", "200=700; =1100", LostPrices((), ())),
        ("200=600; =1000", "=1100", LostPrices((), (("TOTAL", 200_000),))),
        ("200=600; =1000", "300=600; =1100", LostPrices((), (("TOTAL", 200_000),))),
        ("DAY: =900 | NIGHT: 100=400; =500", "DAY: =950", LostPrices(("NIGHT",), ())),
        ("TOTAL: =900 | REACTIVE: =50", "TOTAL: =900 | REACTIVE: =60", LostPrices((), ())),
    ],
)
def test_price_that_disappears_is_named(now: str, proposed: str, lost: LostPrices) -> None:
    assert grid.lost_prices(blocks_of(now), blocks_of(proposed)) == lost


@pytest.mark.parametrize(
    ("now", "proposed", "percent"),
    [(600, 660, "10.0"), (600, 600, "0.0"), (900, 600, "-33.3"), (3, 5, "66.7"), (0, 5, None), (None, 5, None), (5, None, None)],
)
def test_change_of_a_price_is_told_in_percent(now: int | None, proposed: int | None, percent: str | None) -> None:
    assert grid.change_percent(now, proposed) == (Decimal(percent) if percent else None)
