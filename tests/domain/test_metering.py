"""From dials to energy per day: the reference cases, and what must always hold."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import metering
from app.domain.calendar import DAY_BITS
from app.domain.metering import QUALITY_OF_LETTER, CheckedReading, Dials, Effect, IntervalQuality, Segments, Thresholds
from app.domain.values import BEYOND, Integers, milli_of, share_out
from tests import strategies
from tests.domain.reference_billing import largest_remainder
from tests.strategies import int64s, vectors

WHOLE_UNITS = 1000

quanta_milli = st.sampled_from([1, 10, 100, 1000])


def milli(units: str) -> int:
    return milli_of(Decimal(units))


def counted(
    earlier: str,
    later: str,
    *,
    digits: int = 5,
    ratio: tuple[int, int] = (1, 1),
    quantum_milli: int = WHOLE_UNITS,
) -> tuple[int, bool]:
    """Return what one register counted, and whether it rolled over."""
    dials = Dials(*(int64s([value]) for value in (milli(earlier), milli(later), 1000 * 10**digits, *ratio, quantum_milli)))
    quantity, rolled_over = metering.consumption(dials)
    return int(quantity[0]), bool(rolled_over[0])


def one(value: int) -> Integers:
    return int64s([value])


def of_account(spans: list[tuple[int, int, int]], account: int = 0, quantum_milli: int = 1) -> Segments:
    from_day, to_day, quanta = (int64s([span[place] for span in spans]) for place in range(3))
    return Segments(np.full(len(spans), account), from_day, to_day, quanta * quantum_milli)


@pytest.mark.parametrize(
    "rule",
    [
        "delta",
        "tou",
        "exchange",
        "estimate_prev_by_days",
        "estimate_capacity",
        "true_up",
        "vee",
        "source_priority",
    ],
)
def test_the_reference_cases_of_metering_are_there(rule: str):
    assert vectors(rule)
    assert rule in strategies.RULES["metering"]


@pytest.mark.parametrize("vector", vectors("delta"), ids=lambda vector: vector["id"])
def test_a_register_counts_the_difference_times_the_multiplier(vector: dict[str, Any]):
    case, expected = vector["input"], vector["expected"]
    ratio = case["ct"][0] * case["vt"][0], case["ct"][1] * case["vt"][1]

    quantity, rolled_over = counted(case["prev"], case["cur"], digits=case["int_digits"], ratio=ratio)

    assert quantity == milli(expected["kwh"])
    assert rolled_over is expected["rollover"]
    assert "max_kwh" not in case or quantity <= milli(case["max_kwh"])


@pytest.mark.parametrize("vector", vectors("tou"), ids=lambda vector: vector["id"])
def test_zones_add_up_to_the_total(vector: dict[str, Any]):
    case, expected = vector["input"], vector["expected"]

    zones = {name: counted(*dials)[0] for name, dials in case["regs"].items()}
    total, _ = counted(*case["total"])
    agree = metering.zones_agree([one(zone) for zone in zones.values()], one(total), tolerance_milli=milli(case["tol_kwh"]))

    assert {name: milli(expected[name]) for name in zones} == zones
    assert total == milli(expected["total"])
    assert sum(zones.values()) == milli(expected["sum"])
    assert bool(agree[0]) is (expected["flag"] is None)


@pytest.mark.parametrize(("total", "agree"), [(717_999, False), (718_000, True), (720_000, True), (722_000, True), (722_001, False)])
def test_zones_disagree_beyond_the_tolerance(total: int, agree: bool):
    zones = [one(300_000), one(120_000), one(300_000)]

    assert metering.zones_agree(zones, one(total), tolerance_milli=2000).tolist() == [agree]


@pytest.mark.parametrize("vector", vectors("exchange"), ids=lambda vector: vector["id"])
def test_an_exchanged_meter_and_its_successor_are_counted_each_on_its_own(vector: dict[str, Any]):
    parts = [counted(each["prev"], each["cur"], ratio=(int(each["k"]), 1))[0] for each in vector["input"]["segments"]]

    assert sum(parts) == milli(vector["expected"]["kwh"])


@pytest.mark.parametrize("vector", vectors("estimate_prev_by_days"), ids=lambda vector: vector["id"])
def test_an_estimate_by_days_weighs_months_by_their_length(vector: dict[str, Any]):
    energy = sum(kwh for kwh, _ in vector["input"]["hist"]) * 1000
    days = sum(days for _, days in vector["input"]["hist"])

    estimate = metering.estimate_by_days(one(energy), one(days), one(vector["input"]["days"]), quantum_milli=one(WHOLE_UNITS))

    assert estimate.tolist() == [milli(vector["expected"]["kwh"])]


@pytest.mark.parametrize("vector", vectors("estimate_capacity"), ids=lambda vector: vector["id"])
def test_an_estimate_by_capacity_is_its_hours_of_use(vector: dict[str, Any]):
    case = vector["input"]

    estimate = metering.estimate_by_capacity(
        one(milli(case["p_kw"])), one(int(case["hours_per_day"])), one(case["days"]), quantum_milli=one(WHOLE_UNITS)
    )

    assert estimate.tolist() == [milli(vector["expected"]["kwh"])]


@pytest.mark.parametrize("vector", vectors("true_up"), ids=lambda vector: vector["id"])
def test_a_true_up_spreads_the_true_energy_over_all_its_days(vector: dict[str, Any]):
    case, expected = vector["input"], vector["expected"]
    actual, _ = counted(case["prev"], case["cur"])
    owners = np.zeros(len(case["month_days"]), dtype=np.int64)

    spread = share_out(one(actual // 1000), owners, int64s(case["month_days"])).tolist()

    corrections = [true - billed for true, billed in zip(spread, case["billed_est"], strict=False)]
    assert actual == milli(expected["actual"])
    assert spread == expected["respread"]
    assert corrections == expected["corrections"]
    assert sum(corrections) + spread[-1] == int(expected["last_month"])


def of_a_month(quantity: int, average: int, largest: int, zeros_before: int, *, rolled_over: int = 0) -> CheckedReading:
    return CheckedReading(
        day=30, today=40, dial_milli=0, capacity_milli=1, last_day=0, quantity_milli=quantity, average_milli=average,
        largest_milli=largest, zeros_before=zeros_before, rolled_over=rolled_over, counts=1,
    )  # fmt: skip


def codes_of(checked: CheckedReading, thresholds: Thresholds) -> list[str]:
    """Return the code of the first rule that a reading breaks, the same for one and as an element of arrays."""
    found = metering.first_broken(checked, thresholds)
    places = metering.first_broken_of(CheckedReading(*(int64s([value, value]) for value in checked)), thresholds).tolist()
    assert places == [metering.place_of(found.code) if found else metering.SOUND] * 2
    return [found.code.value] if found else []


@pytest.mark.parametrize("vector", vectors("vee"), ids=lambda vector: vector["id"])
def test_a_doubtful_quantity_is_noticed(vector: dict[str, Any]):
    case = vector["input"]
    thresholds = Thresholds(int(case["hi"]), int(Decimal(case["lo"]) * 100), case["zero_n"])

    found = codes_of(of_a_month(milli(case["kwh"]), milli(case["avg"]), milli(case["max_kwh"]), case["zeros"]), thresholds)

    assert found == vector["expected"]["flags"]


@pytest.mark.parametrize(
    ("quantity", "average", "zeros_before", "found"),
    [
        (300_000, 300_000, 0, []),
        (900_000, 300_000, 0, []),
        (900_001, 300_000, 0, ["HIGH"]),
        (90_000, 300_000, 0, []),
        (89_999, 300_000, 0, ["LOW"]),
        (0, 300_000, 0, ["LOW"]),
        (0, 300_000, 1, ["LOW"]),
        (0, 300_000, 2, ["ZERO_N"]),
        (0, 0, 2, ["ZERO_N"]),
        (0, 0, 0, []),
        (5_000_000, 0, 0, []),
        (9_504_000, 0, 0, []),
        (9_504_001, 0, 0, ["IMPOSSIBLE"]),
        (-1, 300_000, 0, ["IMPOSSIBLE"]),
        (9_504_001, 1, 5, ["IMPOSSIBLE"]),
        (2**57, 300_000, 0, ["IMPOSSIBLE"]),
    ],
)
def test_the_impossible_hides_all_and_a_run_of_zeros_hides_low(quantity: int, average: int, zeros_before: int, found: list[str]):
    assert codes_of(of_a_month(quantity, average, 9_504_000, zeros_before), Thresholds(high_times=3)) == found


_FIRST = CheckedReading(day=30, today=30, dial_milli=1, capacity_milli=100_000_000, last_day=-1)


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, []),
        ({"day": 31}, ["IN_THE_FUTURE"]),
        ({"is_late": 1}, ["IN_THE_FUTURE"]),
        ({"decimals_over": 1}, ["TOO_MANY_DECIMALS"]),
        ({"dial_milli": 100_000_000}, ["TOO_MANY_DIGITS"]),
        ({"last_day": 30}, ["BEFORE_LAST_READING"]),
        ({"is_free": 0}, ["ALREADY_BILLED"]),
        ({"counts": 1, "quantity_milli": 11, "largest_milli": 10, "rolled_over": 1}, ["LOWER_THAN_LAST"]),
        ({"counts": 1, "quantity_milli": 11, "largest_milli": 10}, ["IMPOSSIBLE"]),
        ({"counts": 1, "quantity_milli": 9, "largest_milli": 10, "rolled_over": 1}, ["HIGH"]),
        ({"is_capacity": 1, "quantity_milli": 11, "largest_milli": 10}, ["HIGH"]),
        ({"conflict_milli": 5000}, []),
        ({"conflict_milli": 5001}, ["CONFLICT"]),
        ({"is_reliable": 0}, ["QUALITY"]),
        ({"zones_off_milli": 3000, "zones": 3}, []),
        ({"zones_off_milli": 3001, "zones": 3}, ["ZONES"]),
        # What blocks goes before what a person decides.
        ({"day": 31, "dial_milli": 100_000_000, "is_reliable": 0}, ["IN_THE_FUTURE"]),
        ({"conflict_milli": 5001, "is_reliable": 0}, ["CONFLICT"]),
    ],
)
def test_each_rule_finds_what_it_is_about_and_the_first_of_them_is_told(changed: dict[str, int], found: list[str]):
    assert codes_of(_FIRST._replace(**changed), Thresholds()) == found


def test_rules_that_block_stand_before_those_a_person_decides():
    effects = [rule.effect for rule in metering.RULES]

    assert effects == sorted(effects, key=lambda effect: effect != Effect.REFUSE)
    assert len({rule.code for rule in metering.RULES}) == len(metering.RULES)


A, M, L, R = (QUALITY_OF_LETTER[letter] for letter in "AMLR")


@pytest.mark.parametrize(
    ("step", "quantities", "qualities", "reference", "filled", "told"),
    [
        # An hour is missing between 100 and 400: a straight line.
        (30, [100, 0, 0, 400], [A, M, M, A], [], [100, 200, 300, 400], [A, L, L, A]),
        (60, [100, 0, 0, 401], [A, M, M, A], [], [100, 200, 301, 401], [A, L, L, A]),
        # Three hours are missing: the average of the reference days, or nothing.
        (60, [1, 0, 0, 0, 1], [A, M, M, M, A], [[9, 10, 20, 30, 9], [9, 11, 20, 31, 9]], [1, 11, 20, 31, 1], [A, R, R, R, A]),
        (60, [1, 0, 0, 0, 1], [A, M, M, M, A], [], [1, 0, 0, 0, 1], [A, M, M, M, A]),
        # What ends the day has no second neighbor.
        (60, [1, 0], [A, M], [[7, 8]], [1, 8], [A, R]),
        (15, [1, 2], [A, A], [], [1, 2], [A, A]),
    ],
)
def test_gaps_of_two_hours_are_filled_in_a_line_and_longer_ones_by_reference_days(
    step: int,
    quantities: list[int],
    qualities: list[IntervalQuality],
    reference: list[list[int]],
    filled: list[int],
    told: list[IntervalQuality],
):
    found, how = metering.fill_gaps(int64s(quantities), qualities, step_minutes=step, reference_days=[int64s(day) for day in reference])

    assert (found.tolist(), how) == (filled, told)


@pytest.mark.parametrize(
    ("earlier", "later", "ratio", "quantum_milli", "quantity"),
    [
        ("0", "10.5", (1, 1), 1000, 11_000),
        ("0", "10.499", (1, 1), 1000, 10_000),
        ("0", "10.5", (1, 1), 1, 10_500),
        ("0", "10.55", (1, 1), 100, 10_600),
        ("0", "0.1", (100, 5), 1000, 2000),
        ("0", "1", (1, 3), 1, 333),
        ("0", "2", (1, 3), 1, 667),
        ("5", "5", (40, 1), 1000, 0),
    ],
)
def test_the_quantum_is_rounded_half_up_after_the_multiplier(
    earlier: str, later: str, ratio: tuple[int, int], quantum_milli: int, quantity: int
):
    assert counted(earlier, later, ratio=ratio, quantum_milli=quantum_milli)[0] == quantity


@given(
    st.integers(3, 9).flatmap(lambda digits: st.tuples(st.just(1000 * 10**digits), *[st.integers(0, 1000 * 10**digits - 1)] * 2)),
    st.tuples(st.integers(1, 10**6), st.integers(1, 500)),
    quanta_milli,
)
def test_a_register_counts_what_it_turned_and_never_backwards(display: tuple[int, int, int], ratio: tuple[int, int], quantum_milli: int):
    capacity, earlier, later = display

    quantity, rolled_over = metering.consumption(Dials(*map(one, (earlier, later, capacity, *ratio, quantum_milli))))

    turned = Fraction((later - earlier) % capacity * ratio[0], ratio[1])
    assert quantity[0] % quantum_milli == 0
    assert abs(quantity[0] - turned) <= Fraction(quantum_milli, 2)
    assert bool(rolled_over[0]) is (later < earlier)


@pytest.mark.parametrize("quantum_milli", [1, 7, 1000])
def test_a_senseless_multiplier_gives_a_huge_quantity_and_not_a_wrapped_one(quantum_milli: int):
    dials = Dials(*map(one, (500, 0, 10**12, 4 * 10**18, 1, quantum_milli)))

    quantity, _ = metering.consumption(dials)

    assert BEYOND - quantum_milli < quantity[0] <= BEYOND
    assert quantity[0] % quantum_milli == 0


@pytest.mark.parametrize(
    ("quantity", "days", "plausible"),
    [(9_504_000, 30, True), (9_504_001, 30, False), (0, 0, True), (316_800, 0, True), (316_801, 0, False), (0, 30, True)],
)
def test_a_quantity_is_plausible_up_to_the_capacity_day_and_night(quantity: int, days: int, plausible: bool):
    assert metering.is_plausible(one(quantity), one(days), one(13_200)).tolist() == [plausible]


@given(st.integers(0, 10**9), st.integers(0, 400), st.integers(0, 400), quanta_milli)
def test_an_estimate_by_days_is_the_daily_average_rounded_to_the_quantum(history: int, history_days: int, days: int, quantum_milli: int):
    estimate = metering.estimate_by_days(one(history), one(history_days), one(days), quantum_milli=one(quantum_milli))

    exact = Fraction(history * days, max(history_days, 1) * quantum_milli)
    assert estimate.tolist() == [strategies.half_up(exact) * quantum_milli]


@given(strategies.segments(), st.lists(st.integers(19_990, 20_400), max_size=8, unique=True), quanta_milli)
def test_cutting_segments_loses_no_energy_and_no_day(spans: list[tuple[int, int, int]], cut_days: list[int], quantum_milli: int):
    whole = of_account(spans, account=3, quantum_milli=quantum_milli)
    cuts = int64s(sorted((3 << DAY_BITS) + day for day in cut_days))

    pieces, origin = metering.split_at(whole, cuts, quantum_milli=np.full(len(spans), quantum_milli))

    for place, (from_day, to_day, quanta) in enumerate(spans):
        mine = Segments(*(column[origin == place].tolist() for column in pieces))
        borders = [from_day, *sorted(day for day in cut_days if from_day < day < to_day), to_day]
        lengths = [after - before for before, after in pairwise(borders)]
        assert list(zip(mine.from_day, mine.to_day, strict=True)) == list(pairwise(borders))
        assert mine.quantity_milli == [part * quantum_milli for part in largest_remainder(quanta, lengths)]


def test_cuts_of_one_account_do_not_cut_another():
    whole = Segments(int64s([0, 1, 2]), int64s([100, 100, 100]), int64s([110, 110, 110]), int64s([10, 10, 10]))

    pieces, origin = metering.split_at(whole, one((1 << DAY_BITS) + 103), quantum_milli=int64s([1, 1, 1]))

    assert origin.tolist() == [0, 1, 1, 2]
    assert pieces.quantity_milli.tolist() == [10, 3, 7, 10]


def test_cuts_at_the_borders_of_a_segment_do_not_cut_it():
    cuts = int64s([100, 110])

    pieces, _ = metering.split_at(of_account([(100, 110, 10)]), cuts, quantum_milli=one(1))

    assert pieces.quantity_milli.tolist() == [10]


def test_a_segment_of_no_days_keeps_its_energy():
    pieces, _ = metering.split_at(of_account([(100, 100, 10)]), one(100), quantum_milli=one(1))

    assert pieces.quantity_milli.tolist() == [10]


@given(strategies.segments(), st.integers(19_990, 20_010), st.integers(0, 400))
def test_segments_and_gaps_cover_every_day_of_the_span(spans: list[tuple[int, int, int]], from_day: int, more: int):
    to_day = max([from_day + more, *(span[1] for span in spans)])

    empty = metering.gaps(of_account(spans), account=one(0), from_day=one(from_day), to_day=one(to_day))

    measured = {day for start, end, _ in spans for day in range(start, end)}
    found = [day for start, end in zip(empty.from_day.tolist(), empty.to_day.tolist(), strict=True) for day in range(start, end)]
    assert found == [day for day in range(from_day, to_day) if day not in measured]
    assert not empty.quantity_milli.any()


def test_gaps_of_several_accounts_stay_apart():
    measured = Segments(int64s([2, 5]), int64s([110, 100]), int64s([120, 105]), int64s([1, 1]))

    empty = metering.gaps(measured, account=int64s([2, 4, 5]), from_day=int64s([100, 100, 100]), to_day=int64s([120, 103, 110]))

    assert list(zip(*(column.tolist() for column in empty[:3]), strict=True)) == [(2, 100, 110), (4, 100, 103), (5, 105, 110)]
