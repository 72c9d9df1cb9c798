"""Bills of a month: named cases one by one, and the engine against the reference on thousands of random accounts."""

import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.billing import (
    PARKING,
    Component,
    ExceptionReason,
    LineKind,
    Policy,
    TermKind,
)
from app.domain.metering import Quality
from app.domain.tariffs import Block, Version
from app.domain.values import MAX_AMOUNT_TIYIN, MAX_QUANTITY_MILLI
from tests.domain import reference_billing
from tests.domain.billing_cases import (
    FEBRUARY,
    FLAT,
    JANUARY,
    MARCH,
    PLENTY,
    STEPPED,
    USUAL,
    account,
    bill_one,
    built_from,
    day,
    engine,
    inputs,
    readings,
    split,
)
from tests.domain.random_accounts import FIRST_MONTH, PRICES, Step, Tariff, following, lived, month_of, random_life
from tests.domain.reference_billing import Bill, Case, Consumption, Line, Reading, Result
from tests.strategies import vectors

#: 0–10 at 1 soʻm, 10–20 at 2 soʻm, the rest at 3 soʻm.
SMALL_STEPS = (Version(1, 0, None, 1200, (Block(10_000, 10_000), Block(20_000, 20_000), Block(None, 30_000))),)


def billed(case: Case, tariff: Tariff, month: int = MARCH) -> Bill:
    bill = bill_one(case, tariff, month).bill
    assert bill is not None
    return bill


# The defects of other systems.


@pytest.mark.parametrize(("units", "som"), [(0, 0), (10, 10), (11, 12), (20, 30), (25, 45)])
def test_blocks_price_only_what_lies_in_them(units: int, som: int):
    case = Case(account(), readings((day(3, 1), 100), (day(4, 1), 100 + units)))

    assert billed(case, SMALL_STEPS).amount_tiyin == som * 100


def test_a_past_month_is_priced_with_its_own_tariff():
    old, new = (
        Version(1, 0, day(3, 1), 1200, (Block(None, 4_500_000),)),
        Version(2, day(3, 1), None, 1200, (Block(None, 6_000_000),)),
    )
    read = readings((day(2, 1), 0), (day(3, 1), 100))
    february = Case(account(actual_to=day(2, 1), billed_to=day(2, 1), first_unbilled=FEBRUARY), read)
    march = Case(account(), readings((day(3, 1), 100), (day(4, 1), 200)))

    assert billed(february, (old, new), FEBRUARY).amount_tiyin == 100 * 450_00
    assert billed(march, (old, new)).amount_tiyin == 100 * 600_00


@pytest.mark.parametrize("quantum_milli", [1, 100, 1000])
def test_ten_and_a_half_units_never_cost_nothing(quantum_milli: int):
    read = (Reading(1, 1, day(3, 1), 0, 10**9, 1, 1), Reading(2, 1, day(4, 1), 10_500, 10**9, 1, 1))

    bill = billed(Case(account(quantum_milli=quantum_milli), read), SMALL_STEPS)

    assert bill.quantity_milli == (11_000 if quantum_milli == 1000 else 10_500)
    assert bill.amount_tiyin == (1200 if quantum_milli == 1000 else 1100)


# One bill.


def test_a_bill_of_two_readings():
    case = Case(account(), readings((day(3, 1), 5000), (day(4, 1), 5310)))

    result = bill_one(case, STEPPED)

    whole_month = (day(3, 1), day(4, 1))
    assert result.bill == Bill(*whole_month, True, 310_000, 189_000_00, 20_250_00)
    assert result.lines == [
        Line(LineKind.CHARGE, MARCH, *whole_month, 31, 1, 1, 200_000, 4_500_000, 90_000_00, 9_642_86),
        Line(LineKind.CHARGE, MARCH, *whole_month, 31, 1, 2, 110_000, 9_000_000, 99_000_00, 10_607_14),
    ]
    assert result.consumptions == [Consumption(*whole_month, 310_000, 1, 2, rolled_over=False, actual=True)]
    assert result.reasons == set()


def test_energy_between_two_readings_of_the_last_day_is_billed_once_in_the_next_month():
    read = readings((day(3, 1), 0), (day(4, 1), 100), (day(4, 1), 130), (day(5, 1), 230))
    march = bill_one(Case(account(), read[:3]), FLAT)

    april = billed(Case(following(account(), march, MARCH), read[1:]), FLAT, MARCH + 1)

    assert march.bill is not None
    assert (march.bill.quantity_milli, april.quantity_milli) == (100_000, 130_000)


@pytest.mark.parametrize(
    ("read_on", "closing", "actual"),
    [
        (day(3, 9), day(4, 1), False),
        (day(3, 10), day(3, 10), True),
        (day(3, 31), day(3, 31), True),
        (day(4, 1), day(4, 1), True),
    ],
)
def test_a_reading_closes_the_month_from_the_day_of_the_policy_on(read_on: int, closing: int, actual: bool):
    case = Case(account(history_milli=310_000, history_days=31), readings((day(3, 1), 0), (read_on, 70)))

    bill = billed(case, FLAT)

    assert (bill.to_day, bill.actual) == (closing, actual)
    assert bill.quantity_milli == (70_000 if actual else 310_000)


def test_a_reading_too_early_to_close_its_month_is_counted_in_the_next():
    read = readings((day(3, 1), 0), (day(3, 5), 40), (day(4, 20), 540))
    start = account(history_milli=310_000, history_days=31)
    estimated = bill_one(Case(start, read[:2]), FLAT)

    result = bill_one(Case(following(start, estimated, MARCH), read, tuple(estimated.lines)), FLAT, MARCH + 1)

    assert [each.quantity_milli for each in result.consumptions] == [40_000, 500_000]
    assert result.bill is not None
    assert result.bill.quantity_milli == 540_000 - 310_000


def test_without_a_reading_the_month_is_estimated_from_history_by_days():
    result = bill_one(Case(account(history_milli=828_000, history_days=92)), FLAT)

    assert result.bill == Bill(day(3, 1), day(4, 1), False, 279_000, 279_000_00, 29_892_86)
    assert result.consumptions == [Consumption(day(3, 1), day(4, 1), 279_000, 0, 0, rolled_over=False, actual=False)]
    assert result.reasons == {ExceptionReason.ESTIMATED}


def test_without_history_the_month_is_estimated_from_the_capacity():
    result = billed(Case(account(capacity_milli=4500)), FLAT)

    assert result.quantity_milli == 4500 * 8 * 31


@pytest.mark.parametrize(
    ("policy", "closing", "quantity"),
    [
        (Policy(), day(3, 15), 200_000),
        (Policy(closing_from_day=15), day(3, 15), 200_000),
        (Policy(closing_from_day=16), day(4, 1), 5000 * 8 * 31),
        (Policy(closing_from_day=16, estimation_hours_per_day=3), day(4, 1), 5000 * 3 * 31),
    ],
)
def test_the_policy_of_the_run_is_obeyed(policy: Policy, closing: int, quantity: int):
    case = Case(account(capacity_milli=5000), readings((day(3, 1), 0), (day(3, 15), 200)))

    [result] = split(built_from(inputs([case]), [FLAT], MARCH, policy), 1)

    assert result == reference_billing.bill(case, FLAT, month=MARCH, policy=policy)
    assert result.bill is not None
    assert (result.bill.to_day, result.bill.quantity_milli) == (closing, quantity)


def test_an_exchanged_meter_is_counted_to_its_last_day_and_the_new_one_from_its_first():
    old = readings((day(3, 1), 4100), (day(3, 16), 4250))
    new = readings((day(3, 16), 3), (day(4, 1), 101), series=2, first_id=3)

    result = bill_one(Case(account(), old + new), FLAT)

    assert result.bill is not None
    assert result.bill.quantity_milli == 248_000
    assert [(each.earlier_reading_id, each.later_reading_id) for each in result.consumptions] == [(1, 2), (3, 4)]


def test_days_without_a_meter_are_estimated():
    old = readings((day(3, 1), 4100), (day(3, 11), 4200))
    new = readings((day(3, 16), 0), (day(4, 1), 160), series=2, first_id=3)

    result = bill_one(Case(account(history_milli=90_000, history_days=10), old + new), FLAT)

    assert [(each.quantity_milli, each.actual) for each in result.consumptions] == [
        (100_000, True),
        (45_000, False),
        (160_000, True),
    ]
    assert result.bill is not None
    assert result.bill.actual
    assert result.bill.quantity_milli == 305_000


def test_a_rolled_over_display_is_counted_through_zero():
    case = Case(account(), readings((day(3, 1), 99_850), (day(4, 1), 120), digits=5))

    result = bill_one(case, FLAT)

    assert result.bill is not None
    assert result.bill.quantity_milli == 270_000
    assert result.consumptions[0].rolled_over


def test_no_consumption_gives_a_bill_of_nothing_and_asks_for_a_look():
    result = bill_one(Case(account(), readings((day(3, 1), 100), (day(4, 1), 100))), STEPPED)

    assert result.bill == Bill(day(3, 1), day(4, 1), True, 0, 0, 0)
    assert [(line.block_no, line.quantity_milli, line.amount_tiyin) for line in result.lines] == [(1, 0, 0)]
    assert result.reasons == {ExceptionReason.ZERO}


@pytest.mark.parametrize(("units", "high"), [(1240, False), (1241, True)])
def test_a_month_above_so_many_times_its_average_asks_for_a_look(units: int, high: bool):
    start = account(history_milli=310_000, history_days=31)

    result = bill_one(Case(start, readings((day(3, 1), 0), (day(4, 1), units))), FLAT)

    assert result.bill is not None
    assert result.reasons == ({ExceptionReason.HIGH} if high else set())


def test_a_tariff_that_changes_in_mid_month_shares_energy_and_blocks_by_days():
    blocks = (Block(62_000, 4_500_000), Block(None, 9_000_000))
    tariff = (Version(1, 0, day(3, 11), 1200, blocks), Version(2, day(3, 11), None, 1200, blocks))

    result = bill_one(Case(account(), readings((day(3, 1), 0), (day(4, 1), 93))), tariff)

    assert [(line.version_id, line.block_no, line.days, line.quantity_milli) for line in result.lines] == [
        (1, 1, 10, 20_000), (1, 2, 10, 10_000), (2, 1, 21, 42_000), (2, 2, 21, 21_000),
    ]  # fmt: skip


def test_a_skipped_month_is_billed_with_its_own_blocks():
    start = account(actual_to=day(1, 20), billed_to=day(1, 20), first_unbilled=FEBRUARY)

    result = bill_one(Case(start, readings((day(1, 20), 0), (day(3, 20), 590))), SMALL_STEPS)

    assert [(line.month, line.from_day, line.to_day) for line in result.lines if line.block_no == 1] == [
        (FEBRUARY, day(1, 20), day(3, 1)),
        (MARCH, day(3, 1), day(3, 20)),
    ]
    assert [line.quantity_milli for line in result.lines if line.block_no == 1] == [10_000, 10_000]
    assert result.bill is not None
    assert result.bill.quantity_milli == 590_000


def test_a_supply_that_ends_in_mid_month_is_billed_up_to_its_end():
    case = Case(account(supply_end=day(3, 8), history_milli=310_000, history_days=31))

    bill = billed(case, FLAT)

    assert (bill.to_day, bill.quantity_milli, bill.actual) == (day(3, 8), 70_000, False)


def test_a_final_reading_closes_a_supply_on_any_day_of_the_month():
    bill = billed(Case(account(supply_end=day(3, 8)), readings((day(3, 1), 0), (day(3, 8), 70))), FLAT)

    assert (bill.to_day, bill.quantity_milli, bill.actual) == (day(3, 8), 70_000, True)


def test_a_reading_after_the_supply_ended_closes_it_without_touching_the_next_account():
    late = Case(account(supply_end=day(3, 15)), readings((day(3, 1), 0), (day(3, 20), 100)))
    neighbour = Case(account(id=2), readings((day(3, 1), 0), (day(4, 1), 50), series=2, first_id=3))

    first, second = engine([late, neighbour], [FLAT])

    assert first.bill is not None
    assert (first.bill.to_day, first.bill.quantity_milli) == (day(3, 15), 100_000)
    assert second == bill_one(neighbour, FLAT)


def test_what_a_meter_counts_after_the_closing_reading_of_an_ended_supply_is_not_billed():
    read = readings((day(3, 1), 0), (day(3, 15), 100), (day(3, 25), 900))

    bill = billed(Case(account(supply_end=day(3, 15)), read), FLAT)

    assert (bill.to_day, bill.quantity_milli) == (day(3, 15), 100_000)


def test_an_account_billed_to_the_end_of_its_supply_has_nothing_to_bill():
    assert bill_one(Case(account(supply_end=day(3, 1))), FLAT) == Result(None, [], [], set())


def test_no_accounts_give_no_bills():
    assert engine([], [FLAT]) == []


# True-up.


@pytest.mark.parametrize("vector", vectors("true_up"), ids=lambda vector: vector["id"])
def test_estimated_months_are_trued_up_by_the_next_reading(vector: dict[str, Any]):
    case, expected = vector["input"], vector["expected"]
    first, second = case["billed_est"]
    start = account(actual_to=day(1, 1), billed_to=day(1, 1), first_unbilled=JANUARY, history_milli=first * 1000, history_days=31)
    january = bill_one(Case(start), FLAT, JANUARY)
    start = following(start, january, JANUARY, history_milli=second * 1000, history_days=28)
    february = bill_one(Case(start), FLAT, FEBRUARY)
    start = following(start, february, FEBRUARY)

    read = readings((day(1, 1), int(case["prev"])), (day(4, 1), int(case["cur"])))
    march = bill_one(Case(start, read, tuple(january.lines + february.lines)), FLAT)

    net = Counter[int]()
    for line in march.lines:
        net[line.month] += line.quantity_milli // 1000
    true = [line.quantity_milli // 1000 for line in march.lines if line.kind is not LineKind.REVERSAL]
    assert true == expected["respread"]
    assert [net[JANUARY], net[FEBRUARY]] == expected["corrections"]
    assert march.bill is not None
    assert march.bill.quantity_milli == int(expected["last_month"]) * 1000
    assert march.bill.amount_tiyin == int(expected["last_month"]) * 1000_00
    assert [line.kind for line in march.lines] == [LineKind.REVERSAL, LineKind.CORRECTION] * 2 + [LineKind.CHARGE]


def test_a_late_reading_moves_no_energy_into_a_dearer_block():
    start = account(actual_to=day(2, 1), billed_to=day(2, 1), first_unbilled=FEBRUARY, capacity_milli=1)
    february = bill_one(Case(start), SMALL_STEPS, FEBRUARY)

    read = readings((day(2, 1), 0), (day(4, 1), 20))
    started = following(start, february, FEBRUARY, capacity_milli=PLENTY)
    march = bill_one(Case(started, read, tuple(february.lines)), SMALL_STEPS)

    paid = sum(line.amount_tiyin for line in february.lines + march.lines)
    assert sum(line.quantity_milli for line in february.lines + march.lines) == 20_000
    assert paid == 9 * 100 + 10 * 100 + 1 * 200


def test_a_trued_up_month_is_priced_with_its_own_tariff():
    tariff = (Version(1, 0, day(3, 1), 1200, (Block(None, 10_000),)), Version(2, day(3, 1), None, 1200, (Block(None, 50_000),)))
    start = account(actual_to=day(2, 1), billed_to=day(2, 1), first_unbilled=FEBRUARY, history_milli=28_000, history_days=28)
    february = bill_one(Case(start), tariff, FEBRUARY)

    case = Case(following(start, february, FEBRUARY), readings((day(2, 1), 0), (day(4, 1), 59)), tuple(february.lines))
    march = bill_one(case, tariff)

    assert [(line.kind, line.month, line.amount_tiyin) for line in march.lines] == [
        (LineKind.REVERSAL, FEBRUARY, -28_00),
        (LineKind.CORRECTION, FEBRUARY, 28_00),
        (LineKind.CHARGE, MARCH, 31 * 5_00),
    ]


# Parking.


def test_an_account_without_a_tariff_is_parked():
    read = readings((day(3, 1), 0), (day(4, 1), 100))

    results = engine([Case(account(tariff=-1), read), Case(account(id=2), read)], [FLAT])

    assert results[0] == Result(None, [], [], {ExceptionReason.NO_TARIFF})
    assert results[1].bill is not None


@pytest.mark.parametrize(
    "tariff",
    [
        (),
        (Version(1, day(3, 2), None, 1200, (Block(None, 1),)),),
        (Version(1, 0, day(3, 31), 1200, (Block(None, 1),)),),
        (Version(1, 0, day(3, 10), 1200, (Block(None, 1),)), Version(2, day(3, 11), None, 1200, (Block(None, 1),))),
        (Version(1, 0, None, 1200, (Block(99_999, 1),)),),
    ],
    ids=["never in force", "begins late", "ends early", "has a hole", "last step has an end"],
)
def test_energy_without_a_rate_parks_the_account(tariff: Tariff):
    result = bill_one(Case(account(), readings((day(3, 1), 0), (day(4, 1), 100))), tariff)

    assert result == Result(None, [], [], {ExceptionReason.NO_TARIFF})


def test_a_company_without_any_tariff_parks_everybody():
    results = engine([Case(account(tariff=-1)), Case(account(id=2, tariff=-1))], [])

    assert [result.reasons for result in results] == [{ExceptionReason.NO_TARIFF, ExceptionReason.ESTIMATED}] * 2


@pytest.mark.parametrize(("units", "parked"), [(744, False), (745, True)])
def test_more_than_the_capacity_takes_day_and_night_parks_the_account(units: int, parked: bool):
    result = bill_one(Case(account(capacity_milli=1000), readings((day(3, 1), 0), (day(4, 1), units))), FLAT)

    assert (ExceptionReason.IMPLAUSIBLE in result.reasons) is parked
    assert (result.bill is None) is parked


def dear(rate_e4: int, blocks: int = 1) -> Tariff:
    """Return a tariff of steps of 200 000 units."""
    steps = [Block(step * 200_000_000, rate_e4) for step in range(1, blocks)]
    return (Version(1, 0, None, 1200, (*steps, Block(None, rate_e4))),)


@pytest.mark.parametrize(("milli", "parked"), [(10**9, False), (10**9 + 1, True)])
def test_a_bill_of_ten_to_the_thirteen_som_passes_and_more_is_too_large(milli: int, parked: bool):
    read = (Reading(1, 1, day(3, 1), 0, 10**12, 1, 1), Reading(2, 1, day(4, 1), milli, 10**12, 1, 1))

    result = bill_one(Case(account(quantum_milli=1), read), dear(10**11))

    assert (ExceptionReason.TOO_LARGE in result.reasons) is parked
    assert (result.bill is None) is parked
    assert result.bill is None or result.bill.amount_tiyin == MAX_AMOUNT_TIYIN


def wild(ratio: tuple[int, int], **changes: int) -> Case:
    """Return an account whose nine-digit display went backwards by one."""
    start = account(**changes)
    return Case(start, readings((start.actual_to, 1), (day(4, 1), 0), digits=9, ratio=ratio))


SIX_YEARS = {"actual_to": day(1, 1, 2020), "billed_to": day(1, 1, 2020)}
MUCH = Case(account(), readings((day(3, 1), 0), (day(4, 1), 128 * 200_000), digits=9))


@pytest.mark.parametrize(
    ("large", "tariff"),
    [
        (MUCH, dear(10**14)),
        (MUCH, dear(10**14, blocks=64)),
        (MUCH, dear(10**14, blocks=128)),
        (wild((10**7, 1), capacity_milli=10**14), dear(1)),
        (wild((10**12, 1)), FLAT),
        (wild((4 * 10**18, 1), quantum_milli=1), FLAT),
        (wild((4 * 10**18, 1), quantum_milli=7, first_unbilled=MARCH - 74, **SIX_YEARS), FLAT),
        (wild((4 * 10**18, 1), quantum_milli=1, **SIX_YEARS), FLAT),
    ],
    ids=["one line", "64 lines", "128 lines", "energy", "12 digits", "18 digits", "six years", "one month of six years"],
)
def test_what_is_too_large_is_parked_and_disturbs_no_neighbour(large: Case, tariff: Tariff):
    before = Case(account(id=2), readings((day(3, 1), 5), (day(4, 1), 210)))
    after = Case(account(id=3, tariff=1, history_milli=310_000, history_days=31))
    prices = [tariff, FLAT]

    results = engine([before._replace(account=before.account._replace(tariff=1)), large, after], prices)

    assert results[1].bill is None
    assert ExceptionReason.TOO_LARGE in results[1].reasons
    assert not results[1].lines
    assert results[0] == bill_one(before, FLAT)
    assert results[2] == bill_one(after._replace(account=after.account._replace(tariff=0)), FLAT)


def test_energy_up_to_the_largest_quantity_is_billed():
    read = readings((day(3, 1), 1), (day(4, 1), 0), digits=9, ratio=(1000, 1))

    bill = billed(Case(account(capacity_milli=10**13), read), dear(1))

    assert bill.quantity_milli == MAX_QUANTITY_MILLI - 10**6


# What must always hold.


def seen_in(step: Step) -> Iterator[str]:
    """Yield the odd cases that a step shows."""
    yield from step.result.reasons
    bill, case = step.result.bill, step.case
    if not bill:
        yield "parked" if step.result.reasons else "nothing to bill"
        return
    measured = [each for each in step.result.consumptions if each.actual]
    charges = [line for line in step.result.lines if line.kind is not LineKind.REVERSAL]
    series = {read.id: read.series for read in case.readings}
    versions = defaultdict(set)
    for line in charges:
        versions[line.month].add((line.version_id, line.from_day))
    odd = {
        "exchange": len({series[each.later_reading_id] for each in measured}) > 1,
        "rollover": any(each.rolled_over for each in measured),
        "days without a meter": bill.actual and len(measured) < len(step.result.consumptions),
        "true-up": len(charges) < len(step.result.lines),
        "credit": bill.amount_tiyin < 0,
        "skipped month": any(line.month < step.month and line.kind is LineKind.CHARGE for line in charges),
        "change in mid-month": any(len(pairs) > 1 for pairs in versions.values()),
        "end in mid-month": bill.to_day == case.account.supply_end,
        "reading after the end": any(read.day > case.account.supply_end for read in case.readings),
        "several blocks": any(line.block_no > 1 for line in charges),
        "prepaid": any(line.prepaid_id for line in charges),
        "zones": any(line.zone for line in charges if line.component is Component.ENERGY),
        "benefit taken back": any(line.component is Component.BENEFIT and line.amount_tiyin > 0 for line in step.result.lines),
    }
    yield from {line.component for line in charges}
    yield from {each.counts_as for each in step.result.consumptions}
    yield from {each.kind for each in case.terms if each.from_day < bill.to_day and bill.from_day < each.to_day}
    yield from (name for name, shown in odd.items() if shown)


ODD = {
    *ExceptionReason, "parked", "nothing to bill", "exchange", "rollover", "days without a meter", "true-up", "credit",
    "skipped month", "change in mid-month", "end in mid-month", "reading after the end", "several blocks", "prepaid", "zones",
    "benefit taken back", *{*Component} - {Component.ADJUSTMENT}, *Quality, *{*TermKind} - {TermKind.ADVANCE_PERCENT},
}  # fmt: skip

#: Every operating parameter has each of its values in one of them.
POLICIES = (
    USUAL,
    Policy(partial_month=1, limit_change=1, largest_bill_som=200_000, zero_months=2),
    Policy(true_up=1, estimation_order=1, verification_grace_days=0),
    Policy(estimation_average=1, partial_month=1, zone_tolerance=0, over_limit_tolerance=0, over_limit_percent=50),
    Policy(estimation_order=2, limit_change=1, true_up=1, most_estimated_months=1, tg_norm_percent=0),
)


@pytest.mark.parametrize("policy", POLICIES)
def test_the_engine_agrees_with_the_reference_under_each_policy(policy: Policy):
    for step in chain.from_iterable(lived(range(60_000, 60_060), engine, policy)):
        assert step.result == step.expected


#: Accounts for each policy; ``make oracles`` tries more.
ORACLE_ACCOUNTS = int(os.environ.get("ORACLE_ACCOUNTS", "200"))


def test_the_engine_agrees_with_the_reference_on_thousands_of_accounts_with_every_odd_case():
    seen, compared = Counter[str](), 0

    for number, policy in enumerate(POLICIES):
        for step in chain.from_iterable(lived(range(number * 10_000, number * 10_000 + ORACLE_ACCOUNTS), engine, policy)):
            assert step.result == step.expected, (policy, step)
            seen.update(seen_in(step))
            compared += 1

    assert compared > 38 * ORACLE_ACCOUNTS
    assert {name: seen[name] for name in sorted(ODD) if seen[name] < ORACLE_ACCOUNTS // 20} == {}


def test_energy_in_is_energy_priced_and_the_lines_are_the_bill():
    for steps in lived(range(1000, 1060), engine):
        for step in steps:
            result = step.result
            assert (result.bill is None) is (bool(result.reasons & PARKING) or (not result.reasons and not result.lines))
            energy = [line for line in result.lines if line.component is Component.ENERGY]
            charged = sum(line.quantity_milli for line in energy if line.kind is not LineKind.REVERSAL)
            assert sum(each.quantity_milli for each in result.consumptions) == charged
            if result.bill:
                assert result.bill.quantity_milli == sum(line.quantity_milli for line in energy)
                assert result.bill.amount_tiyin == sum(line.amount_tiyin for line in result.lines)
                assert result.bill.vat_tiyin == sum(line.vat_tiyin for line in result.lines)


def test_a_batch_gives_every_account_the_bill_it_gets_alone():
    for steps in lived(range(2000, 2060), engine):
        for step in steps:
            assert engine([step.case], PRICES, step.month) == [step.result]


def test_the_same_input_gives_the_same_bill_and_is_not_changed():
    lives = [random_life(number) for number in range(3000, 3060)]
    cases = month_of(lives, [life.record for life in lives], [[] for _ in lives], FIRST_MONTH + 5)
    arrays = inputs(cases)
    copies = [[column.copy() for column in record] for record in arrays]

    first, second = (built_from(arrays, PRICES, FIRST_MONTH + 5) for _ in range(2))

    assert split(first, len(cases)) == split(second, len(cases))
    assert any(result.bill for result in split(first, len(cases)))
    for record, copy in zip(arrays, copies, strict=True):
        assert all((column == before).all() for column, before in zip(record, copy, strict=True))


@given(st.integers(2, 31), st.integers(0, 3000))
def test_a_change_of_tariff_to_the_same_rates_on_any_day_costs_at_most_a_tiyin_a_line(change: int, daily: int):
    blocks = (Block(200_000, 4_512_345), Block(1_000_000, 9_000_001), Block(None, 13_500_777))
    case = Case(account(), readings((day(3, 1), 0), (day(4, 1), daily * 31)))

    whole = billed(case, (Version(1, 0, None, 1200, blocks),))
    parts = bill_one(case, (Version(1, 0, day(3, change), 1200, blocks), Version(2, day(3, change), None, 1200, blocks)))

    assert parts.bill is not None
    assert parts.bill.quantity_milli == whole.quantity_milli
    assert abs(parts.bill.amount_tiyin - whole.amount_tiyin) <= len(parts.lines)


@given(st.integers(2, 31), st.integers(0, 99_000))
def test_with_one_rate_a_reading_more_on_any_day_changes_nothing_but_the_number_of_readings(read_on: int, units: int):
    between = units * (read_on - 1) // 31

    whole = billed(Case(account(), readings((day(3, 1), 0), (day(4, 1), units))), FLAT)
    parts = bill_one(Case(account(), readings((day(3, 1), 0), (day(3, read_on), between), (day(4, 1), units))), FLAT)

    assert parts.bill == whole
    assert len(parts.consumptions) == 2


@given(st.lists(st.integers(0, 2000), min_size=1, max_size=4), st.integers(0, 600))
def test_estimates_never_change_what_is_paid_in_the_end(estimates: list[int], daily: int):
    start = account(actual_to=day(1, 1), billed_to=day(1, 1), first_unbilled=JANUARY)
    month, lines = JANUARY, list[Line]()
    for estimate in estimates:
        guessed = bill_one(Case(start._replace(history_milli=estimate * 1000, history_days=31)), STEPPED, month)
        lines += guessed.lines
        start, month = following(start, guessed, month), month + 1
    days = reference_billing.first_day_of(month + 1) - day(1, 1)
    read = readings((day(1, 1), 0), (day(1, 1) + days, daily * days), digits=8)

    closing = bill_one(Case(start, read, tuple(lines)), STEPPED, month)

    by_month = Counter[int]()
    for line in lines + closing.lines:
        by_month[line.month] += line.amount_tiyin
    for each in range(JANUARY, month + 1):
        begin, end = reference_billing.first_day_of(each), reference_billing.first_day_of(each + 1)
        alone = Case(account(actual_to=begin, billed_to=begin, first_unbilled=each), readings((begin, 0), (end, daily * (end - begin))))
        assert by_month[each] == billed(alone, STEPPED, each).amount_tiyin
