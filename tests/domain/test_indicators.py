"""Figures of divisions add up, have places by the way that is better, and meet targets or not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.indicators import HEATS, Direction, IndicatorUnit, Measured, change, fulfilment, heats, is_met, ranks, total

measured = st.builds(Measured, st.integers(-(10**15), 10**15), st.integers(0, 10**15))
values = st.lists(st.none() | st.integers(-1000, 1000), max_size=20)


@given(st.lists(measured), st.lists(measured))
def test_whole_is_what_its_parts_are_together(some: list[Measured], others: list[Measured]) -> None:
    assert total([*some, *others]) == total(some).plus(total(others))


@given(values, st.sampled_from(Direction))
def test_better_figure_has_a_better_place(figures: list[int | None], direction: Direction) -> None:
    places = ranks(figures, direction)

    for value, place in zip(figures, places, strict=True):
        better = [other for other in figures if other is not None and value is not None and is_better(other, value, direction)]
        assert place == (None if value is None else 1 + len(better))


def is_better(one: int, other: int, direction: Direction) -> bool:
    return one > other if direction == Direction.MORE else one < other


@given(values)
def test_heat_rises_with_the_place(figures: list[int | None]) -> None:
    places = ranks(figures, Direction.MORE)
    known = sorted((place, heat) for place, heat in zip(places, heats(places), strict=True) if place is not None and heat is not None)

    assert [heat for _place, heat in known] == sorted(heat for _place, heat in known)
    assert all(1 <= heat <= HEATS for _place, heat in known)


@pytest.mark.parametrize(
    ("value", "before", "unit", "rise"),
    [
        (150, 100, IndicatorUnit.MONEY, 500),
        (50, 100, IndicatorUnit.COUNT, -500),
        (912, 870, IndicatorUnit.PERCENT, 42),
        (5, 0, IndicatorUnit.COUNT, None),
        (5, -10, IndicatorUnit.MONEY, None),
        (None, 100, IndicatorUnit.PERCENT, None),
        (5, None, IndicatorUnit.MONEY, None),
    ],
)
def test_change_is_told_in_percent_or_in_percentage_points(
    value: int | None, before: int | None, unit: IndicatorUnit, rise: int | None
) -> None:
    assert change(value, before, unit) == rise


@pytest.mark.parametrize(
    ("value", "target", "direction", "met", "share"),
    [
        (900, 900, Direction.MORE, True, 1000),
        (899, 900, Direction.MORE, False, 999),
        (900, 900, Direction.LESS, True, 1000),
        (0, 0, Direction.LESS, True, None),
        (3, 0, Direction.LESS, False, None),
        (None, 5, Direction.MORE, None, None),
        (5, None, Direction.MORE, None, None),
    ],
)
def test_target_is_met_by_the_way_that_is_better(
    value: int | None, target: int | None, direction: Direction, met: bool | None, share: int | None
) -> None:
    assert (is_met(value, target, direction), fulfilment(value, target)) == (met, share)
