"""Rules of the bill one by one: steps in part of a month, terms, benefits, zones, old prices, charges beside the energy."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import billing
from app.domain.billing import Component, ExceptionReason, LineKind, Policy, TermKind
from app.domain.billing.records import EarlierTariffs
from app.domain.calendar import NO_END
from app.domain.metering import Passport, Quality
from app.domain.tariffs import DEMAND, REACTIVE, ZONES, Block, Version
from app.domain.values import tiyin_of
from tests.domain.billing_cases import (
    FEBRUARY,
    FLAT,
    JANUARY,
    MARCH,
    STEPPED,
    USUAL,
    account,
    bill_one,
    built_from,
    day,
    engine,
    inputs,
    readings,
    rules_of,
    split,
)
from tests.domain.random_accounts import Tariff, following
from tests.domain.reference_billing import Benefit, Case, Charge, Line, Prepaid, Reading, Result, Term
from tests.strategies import vectors

WHOLE_MARCH = day(3, 1), day(4, 1)
FROM_MARCH = day(3, 1), NO_END


def month_of(units: int, **rules: Any) -> Case:
    """Return an account that took some units in March."""
    return Case(account(), readings((day(3, 1), 0), (day(4, 1), units)), **rules)


def billed(case: Case, tariff: Tariff, policy: Policy = USUAL, month: int = MARCH) -> Result:
    """Return the bill of an account that is not parked."""
    [result] = engine([case], [tariff], month, policy)
    assert result.bill is not None, result.reasons
    return result


def of(result: Result, component: Component) -> list[tuple[int, int]]:
    """Return the quantities and amounts of a component's lines."""
    return [(line.quantity_milli, line.amount_tiyin) for line in result.lines if line.component is component]


# Steps in part of a month.


@pytest.mark.parametrize(("policy", "expected"), [(1, "blended_limit"), (0, "split_consumption")])
def test_steps_that_change_in_mid_month_are_split_by_days_or_blended(policy: int, expected: str):
    [vector] = vectors("limit_change_mid_month")
    case = vector["input"]
    (first_days, first_limit), (_, second_limit) = case["parts"]
    base, over = (int(case[name]) * 10_000 for name in ("base", "over"))
    change = day(3, 1) + first_days
    tariff = (
        Version(1, 0, change, 1200, (Block(first_limit * 1000, base), Block(None, over))),
        Version(2, change, None, 1200, (Block(second_limit * 1000, base), Block(None, over))),
    )

    result = billed(month_of(int(case["qty"])), tariff, Policy(limit_change=policy))

    assert result.bill is not None
    # Every line is rounded on its own; the reference rounds the sum.
    assert abs(result.bill.amount_tiyin - tiyin_of(Decimal(vector["expected"][expected]))) <= (0 if policy else 1)
    assert result.bill.quantity_milli == int(case["qty"]) * 1000


@pytest.mark.parametrize(("partial_month", "som"), [(0, 81_000), (1, 117_000)])
def test_who_moves_in_in_mid_month_has_whole_steps_or_their_share_by_days(partial_month: int, som: int):
    april = MARCH + 1
    start = account(actual_to=day(4, 16), billed_to=day(4, 16), first_unbilled=april, supply_start=day(4, 16))
    case = Case(start, readings((day(4, 16), 0), (day(5, 1), 180)))

    result = billed(case, STEPPED, Policy(partial_month=partial_month), april)

    assert result.bill is not None
    assert result.bill.amount_tiyin == som * 100


def test_who_moves_out_in_mid_month_has_the_share_of_the_steps():
    case = Case(account(supply_end=day(3, 16)), readings((day(3, 1), 0), (day(3, 16), 200)))

    result = billed(case, STEPPED, Policy(partial_month=1))

    assert [quantity for quantity, _ in of(result, Component.ENERGY)] == [96_774, 103_226]


def test_a_usual_month_between_two_reading_days_has_whole_steps():
    start = account(actual_to=day(2, 20), billed_to=day(2, 20), first_unbilled=MARCH)
    case = Case(start, readings((day(2, 20), 0), (day(3, 18), 200)))

    assert of(billed(case, STEPPED, Policy(partial_month=1)), Component.ENERGY) == [(200_000, 200 * 450_00)]


def test_every_registered_family_has_steps_of_its_own():
    result = billed(month_of(500, terms=(Term(TermKind.FAMILIES, *FROM_MARCH, 2000),)), STEPPED)

    assert of(result, Component.ENERGY) == [(400_000, 400 * 450_00), (100_000, 100 * 900_00)]


def test_a_family_registered_in_mid_month_has_its_steps_from_that_day():
    result = billed(month_of(620, terms=(Term(TermKind.FAMILIES, day(3, 11), NO_END, 2000),)), STEPPED)

    assert [(line.from_day, line.block_no, line.quantity_milli) for line in result.lines] == [
        (day(3, 1), 1, 64_516), (day(3, 1), 2, 135_484), (day(3, 11), 1, 270_968), (day(3, 11), 2, 149_032),
    ]  # fmt: skip


# Estimates, true-up, verification.


@pytest.mark.parametrize(("average", "units"), [(0, 279), (1, 276)])
def test_months_before_are_averaged_by_days_or_by_months(average: int, units: int):
    case = Case(account(history_milli=828_000, history_days=92, history_periods=3))

    result = billed(case, FLAT, Policy(estimation_average=average))

    assert result.bill is not None
    assert result.bill.quantity_milli == units * 1000


@pytest.mark.parametrize(("order", "units"), [(0, 310), (1, 620), (2, 5 * 8 * 31)])
def test_the_ladder_of_estimates_is_climbed_in_the_order_of_the_policy(order: int, units: int):
    before = {"history_milli": 300_000, "history_days": 30, "last_year_milli": 560_000, "last_year_days": 28}

    result = billed(Case(account(capacity_milli=5000, **before)), FLAT, Policy(estimation_order=order))

    assert result.bill is not None
    assert result.bill.quantity_milli == units * 1000


def test_without_months_before_the_year_before_is_asked():
    result = billed(Case(account(last_year_milli=280_000, last_year_days=28)), FLAT)

    assert result.bill is not None
    assert result.bill.quantity_milli == 310_000


def estimated_twice(tariff: Tariff = FLAT, **rules: Any) -> Case:
    """Return the account of the reference case: estimated for January and February, read in March."""
    start = account(actual_to=day(1, 1), billed_to=day(1, 1), first_unbilled=JANUARY, history_milli=270_000, history_days=31)
    january = bill_one(Case(start, **rules), tariff, JANUARY)
    start = following(start, january, JANUARY, history_milli=250_000, history_days=28)
    february = bill_one(Case(start, **rules), tariff, FEBRUARY)
    read = readings((day(1, 1), 5000), (day(4, 1), 5400))
    return Case(following(start, february, FEBRUARY), read, tuple(january.lines + february.lines), **rules)


def test_all_of_a_true_up_goes_to_the_last_month_where_the_policy_says_so():
    result = billed(estimated_twice(), FLAT, Policy(true_up=1))

    assert [(line.kind, line.month, line.quantity_milli) for line in result.lines] == [(LineKind.CHARGE, MARCH, -120_000)]
    assert result.bill is not None
    assert result.bill.amount_tiyin == -120 * 1000_00


def test_an_estimate_above_the_dial_is_a_credit_and_no_roll_over():
    result = billed(estimated_twice(), FLAT)

    assert result.bill is not None
    assert result.bill.quantity_milli == -120_000
    assert not any(each.rolled_over for each in result.consumptions)


def test_a_fourth_estimated_month_in_a_row_asks_for_a_look():
    line = Line(LineKind.CHARGE, JANUARY, 0, 1, 1, 1, 1, 0, 0, 0, 0)
    lines = tuple(line._replace(month=JANUARY - number) for number in range(3))
    start = account(actual_to=day(1, 1, 2025), history_milli=1000, history_days=1)

    assert ExceptionReason.ESTIMATED_LONG not in billed(Case(start, (), lines[:2]), FLAT).reasons
    assert ExceptionReason.ESTIMATED_LONG in billed(Case(start, (), lines), FLAT).reasons


def test_a_meter_counts_until_its_verification_expires_and_then_consumption_is_estimated():
    [vector] = vectors("verification_expired")
    case = vector["input"]
    days = case["days_valid"] + case["days_after"]
    april = day(4, 1)
    read = (
        Reading(1, 1, april, 0, 10**9, 1, 1, verified_to=april + case["days_valid"]),
        Reading(2, 1, april + days, int(case["daily_metered"]) * days * 1000, 10**9, 1, 1, verified_to=april + case["days_valid"]),
    )
    average = int(case["daily_avg"])
    start = account(actual_to=april, billed_to=april, first_unbilled=MARCH + 1, history_milli=average * 30_000, history_days=30)

    result = billed(Case(start, read), FLAT, Policy(verification_grace_days=0), MARCH + 1)

    assert result.bill is not None
    assert result.bill.quantity_milli == int(vector["expected"]["kwh"]) * 1000
    assert [(each.quantity_milli, each.actual) for each in result.consumptions] == [(90_000, True), (189_000, False)]
    assert ExceptionReason.UNVERIFIED in result.reasons


def test_without_a_meter_the_norm_is_billed_and_never_trued_up():
    terms = (Term(TermKind.UNMETERED_NORM, day(3, 11), NO_END, 155_000),)

    result = billed(Case(account(history_milli=62_000, history_days=31), terms=terms), FLAT)

    assert [(each.from_day, each.quantity_milli, each.counts_as) for each in result.consumptions] == [
        (day(3, 1), 20_000, Quality.ESTIMATED),
        (day(3, 11), 105_000, Quality.NORM),
    ]
    assert result.bill is not None
    assert result.bill.actual


# Benefits.


def test_a_benefit_gives_back_its_percentage_block_by_block_with_its_vat():
    result = billed(month_of(310, benefits=(Benefit(*FROM_MARCH, 5000, -1, 7),)), STEPPED)

    assert of(result, Component.BENEFIT) == [(200_000, -45_000_00), (110_000, -49_500_00)]
    assert result.bill is not None
    assert (result.bill.quantity_milli, result.bill.amount_tiyin) == (310_000, 94_500_00)
    assert result.bill.vat_tiyin == sum(line.vat_tiyin for line in result.lines)
    assert {line.benefit_id for line in result.lines if line.component is Component.BENEFIT} == {7}


def test_a_benefit_covers_no_more_than_its_limit_and_begins_on_its_day():
    benefit = Benefit(day(3, 17), NO_END, 5000, 62_000, 1)

    result = billed(month_of(310, benefits=(benefit,)), FLAT)

    assert of(result, Component.BENEFIT) == [(30_000, -15_000_00)]


def test_a_benefit_that_covers_nothing_gives_nothing_back():
    assert of(billed(month_of(310, benefits=(Benefit(*FROM_MARCH, 5000, 0, 1),)), FLAT), Component.BENEFIT) == []


def test_of_two_benefits_the_larger_counts():
    benefits = (Benefit(*FROM_MARCH, 2500, -1, 1), Benefit(*FROM_MARCH, 5000, -1, 2))

    result = billed(month_of(100, benefits=benefits), FLAT)

    assert of(result, Component.BENEFIT) == [(100_000, -50_000_00)]


def test_a_benefit_on_estimated_energy_is_trued_up_with_it():
    result = billed(estimated_twice(benefits=(Benefit(0, NO_END, 5000, -1, 1),)), FLAT)

    assert sum(amount for _, amount in of(result, Component.BENEFIT)) == 60 * 1000_00
    assert result.bill is not None
    assert result.bill.amount_tiyin == -60 * 1000_00


# Legal consumers.

BY_ZONES = (
    Version(1, 0, None, 1200, (
        Block(None, 15_000_000, "DAY"), Block(None, 5_000_000, "NIGHT"), Block(None, 2_000_000, "REACTIVE"),
        Block(None, 310_000_000, "DEMAND"),
    )),
)  # fmt: skip


def by_zones(**units: int) -> tuple[Reading, ...]:
    """Return what the registers of one meter counted in March."""
    return tuple(
        reading._replace(zone=ZONES.index(zone), id=number * 10 + reading.id)
        for number, (zone, taken) in enumerate(units.items(), 1)
        for reading in readings((day(3, 1), 0), (day(4, 1), taken), series=number)
    )


def test_zones_are_priced_each_by_its_register_and_the_whole_only_checks_them():
    read = by_zones(TOTAL=1001, DAY=700, NIGHT=300)

    result = billed(Case(account(), read), BY_ZONES)

    assert of(result, Component.ENERGY) == [(700_000, 700 * 1500_00), (300_000, 300 * 500_00)]
    assert result.reasons == set()


@pytest.mark.parametrize(("whole", "asks"), [(1002, False), (1003, True)])
def test_zones_that_do_not_add_up_ask_for_a_look(whole: int, asks: bool):
    result = billed(Case(account(), by_zones(TOTAL=whole, DAY=700, NIGHT=300)), BY_ZONES)

    assert (ExceptionReason.ZONES_DISAGREE in result.reasons) is asks


@pytest.mark.parametrize(("units", "largest_som", "asks"), [(100, 100_000, False), (101, 100_000, True), (101, 0, False)])
def test_bill_above_the_largest_sum_asks_for_a_look(units: int, largest_som: int, asks: bool):
    result = billed(month_of(units), FLAT, USUAL._replace(largest_bill_som=largest_som))

    assert (ExceptionReason.OVER_AMOUNT in result.reasons) is asks


def test_a_tariff_without_zones_is_billed_by_the_whole_counter():
    result = billed(Case(account(), by_zones(TOTAL=1000, DAY=700, NIGHT=300)), FLAT)

    assert of(result, Component.ENERGY) == [(1_000_000, 1000 * 1000_00)]


def test_an_estimate_is_shared_among_the_zones_as_they_stood_before():
    start = account(history_milli=310_000, history_days=31)
    read = tuple(reading for reading in by_zones(DAY=1, NIGHT=1) if reading.day == day(3, 1))

    result = billed(Case(start, read, zone_history=(0, 70, 0, 0, 30)), BY_ZONES)

    assert [quantity for quantity, _ in of(result, Component.ENERGY)] == [217_000, 93_000]


def test_reactive_energy_above_its_norm_is_a_line_of_its_own():
    [vector] = vectors("reactive")
    case = vector["input"]
    read = by_zones(DAY=int(case["wp"]), NIGHT=0, REACTIVE=int(case["wq"]))
    terms = (Term(TermKind.TG_NORM, *FROM_MARCH, int(Decimal(case["tg_norm"]) * 1000)),)

    result = billed(Case(account(), read, terms=terms), BY_ZONES)

    excess = vector["expected"]["excess"]
    assert of(result, Component.REACTIVE) == [(int(excess) * 1000, int(excess) * 200_00)]
    assert [line.zone for line in result.lines if line.component is Component.REACTIVE] == [REACTIVE]
    assert result.bill is not None
    assert result.bill.quantity_milli == int(case["wp"]) * 1000


@pytest.mark.parametrize(("ordered", "kw"), [(None, 45), (60, 60)])
def test_demand_is_what_was_ordered_or_the_largest_reading(ordered: int | None, kw: int):
    read = by_zones(DAY=100, NIGHT=0)
    shown = tuple(Reading(90 + at, 9, day(3, at), at * 1500, 10**9, 1, 1, zone=DEMAND) for at in (20, 30))
    terms = (Term(TermKind.DEMAND, *FROM_MARCH, ordered * 1000),) if ordered else ()

    result = billed(Case(account(), read + shown, terms=terms), BY_ZONES)

    assert of(result, Component.DEMAND) == [(kw * 1000, kw * 31_000_00)]


def test_demand_ordered_in_mid_month_is_paid_by_days():
    read = by_zones(DAY=100, NIGHT=0)

    result = billed(Case(account(), read, terms=(Term(TermKind.DEMAND, day(3, 22), NO_END, 31_000),)), BY_ZONES)

    assert of(result, Component.DEMAND) == [(10_000, 310_000_00)]


@pytest.mark.parametrize(
    ("units", "ordered_milli", "over"),
    [(1200, 1_000_000, []), (1300, 1_000_000, [(100_000, 20_000_00)]), (1200, 999_999, [(1, 20)])],
)
def test_energy_above_the_ordered_one_and_its_tolerance_costs_more(units: int, ordered_milli: int, over: list[tuple[int, int]]):
    result = billed(month_of(units, terms=(Term(TermKind.CONTRACT_LIMIT, *FROM_MARCH, ordered_milli),)), FLAT)

    assert of(result, Component.OVER_LIMIT) == over
    assert result.bill is not None
    assert result.bill.amount_tiyin == units * 1000_00 + sum(amount for _, amount in over)


def test_losses_before_the_meter_are_added_by_percentage():
    result = billed(month_of(1000, terms=(Term(TermKind.LOSS_PERCENT, *FROM_MARCH, 2500),)), FLAT)

    assert [(each.quantity_milli, each.counts_as) for each in result.consumptions] == [
        (1_000_000, Quality.ACTUAL),
        (25_000, Quality.LOSSES),
    ]
    assert of(result, Component.ENERGY) == [(1_025_000, 1025 * 1000_00)]


def test_losses_from_the_boundary_to_the_meter_are_added_by_passport():
    [vector] = vectors("boundary_loss")
    case = vector["input"]
    names = ("px", "pk", "sn", "r_ohm", "u", "tg")
    passport = Passport(*(float(case[name]) for name in names), case["kf2"][0] / case["kf2"][1], float(case["kk"]), case["sign"])
    april = account(actual_to=day(4, 1), billed_to=day(4, 1), first_unbilled=MARCH + 1)
    read = readings((day(4, 1), 0), (day(5, 1), int(case["w"])))

    result = billed(Case(april, read, terms=(Term(TermKind.LOSS_BOUNDARY, 0, NO_END, 0, passport),)), FLAT, USUAL, MARCH + 1)

    assert result.bill is not None
    assert result.bill.quantity_milli == int(vector["expected"]["billed"]) * 1000


def test_a_transformer_without_load_loses_its_no_load_energy_once():
    passport = Passport(no_load_kw=0.5, load_kw=2.0, rated_kva=25.0)
    terms = (Term(TermKind.LOSS_BOUNDARY, 0, NO_END, 0, passport),)

    result = billed(month_of(0, terms=terms), FLAT)

    assert [each.quantity_milli for each in result.consumptions if each.counts_as == Quality.LOSSES] == [31 * 12 * 1000]


# Old prices, charges beside the energy, other resources.

RISEN = (Version(1, 0, day(3, 1), 1200, (Block(None, 4_500_000),)), Version(2, day(3, 1), None, 1200, (Block(None, 6_000_000),)))


def test_prepaid_energy_keeps_its_old_price_until_it_is_drawn():
    result = billed(month_of(310, prepaid=(Prepaid(5, 1, day(3, 1), day(5, 1), 200_000),)), RISEN)

    assert [(line.version_id, line.prepaid_id, line.quantity_milli, line.amount_tiyin) for line in result.lines] == [
        (1, 5, 200_000, 200 * 450_00),
        (2, 0, 110_000, 110 * 600_00),
    ]


def test_what_an_estimate_drew_is_drawn_again_by_the_true_up():
    prepaid = (Prepaid(5, 1, day(3, 1), day(5, 1), 200_000),)
    start = account(history_milli=310_000, history_days=31)
    march = bill_one(Case(start, prepaid=prepaid), RISEN)
    drawn = sum(line.quantity_milli for line in march.lines if line.prepaid_id)
    read = readings((day(3, 1), 0), (day(5, 1), 610))
    left = (prepaid[0]._replace(remaining_milli=200_000 - drawn),)

    april = billed(Case(following(start, march, MARCH), read, tuple(march.lines), prepaid=left), RISEN, USUAL, MARCH + 1)

    assert sum(line.quantity_milli for line in march.lines + april.lines if line.prepaid_id) == 200_000
    assert sum(line.amount_tiyin for line in march.lines + april.lines) == 200 * 450_00 + 410 * 600_00


def test_what_an_estimate_drew_from_a_volume_that_is_over_is_added_to_no_other():
    start = account(history_milli=310_000, history_days=31)
    march = bill_one(Case(start, prepaid=(Prepaid(9, 1, day(3, 1), day(4, 1), 200_000),)), RISEN)
    read = readings((day(3, 1), 0), (day(5, 1), 610))
    other = (Prepaid(5, 1, day(3, 1), day(5, 1), 50_000),)

    april = billed(Case(following(start, march, MARCH), read, tuple(march.lines), prepaid=other), RISEN, USUAL, MARCH + 1)

    assert sum(line.quantity_milli for line in april.lines if line.prepaid_id == 9) == -200_000
    assert sum(line.quantity_milli for line in april.lines if line.prepaid_id == 5) == 50_000


def test_what_an_estimate_drew_goes_back_to_each_of_several_volumes():
    start = account(history_milli=310_000, history_days=31)
    volumes = (Prepaid(5, 1, day(3, 1), day(5, 1), 50_000), Prepaid(7, 1, day(3, 1), day(5, 1), 100_000))
    march = bill_one(Case(start, prepaid=volumes), RISEN)
    read = readings((day(3, 1), 0), (day(5, 1), 610))
    empty = tuple(each._replace(remaining_milli=0) for each in volumes)

    april = billed(Case(following(start, march, MARCH), read, tuple(march.lines), prepaid=empty), RISEN, USUAL, MARCH + 1)

    drawn = {each.id: sum(line.quantity_milli for line in march.lines + april.lines if line.prepaid_id == each.id) for each in volumes}
    assert drawn == {5: 50_000, 7: 100_000}


def test_days_before_a_change_of_the_tariff_keep_the_price_they_had():
    cheap, dear = (Version(1, 0, None, 1200, (Block(None, 4_500_000),)),), (Version(2, 0, None, 1200, (Block(None, 6_000_000),)),)
    case = month_of(310)._replace(account=account(tariff=1))
    earlier = EarlierTariffs(*(np.array([value]) for value in (0, day(2, 1), day(3, 17), 0)))
    rules = rules_of([case], [cheap, dear])._replace(earlier=earlier)

    [result] = split(built_from(inputs([case]), [cheap, dear], MARCH, USUAL, rules), 1)

    assert [(line.version_id, line.quantity_milli, line.amount_tiyin) for line in result.lines] == [
        (1, 160_000, 160 * 450_00), (2, 150_000, 150 * 600_00),
    ]  # fmt: skip


def test_charges_beside_the_energy_come_on_the_bill_even_if_nothing_was_taken():
    penalty = Charge(1, Component.PENALTY, day(2, 11), day(3, 1), 0, 12_345, 0)
    act = Charge(2, Component.BACK_BILLING, day(1, 1), day(2, 1), 1_458_000, 357_210, 38_273)

    result = billed(month_of(0, charges=(penalty, act)), STEPPED)

    assert [(line.component, line.charge_id, line.version_id, line.block_no) for line in result.lines] == [
        (Component.ENERGY, 0, 1, 1), (Component.BACK_BILLING, 2, 0, 0), (Component.PENALTY, 1, 0, 0),
    ]  # fmt: skip
    assert [line.days for line in result.lines[1:]] == [day(2, 1) - day(1, 1), day(3, 1) - day(2, 11)]
    assert result.bill is not None
    assert (result.bill.quantity_milli, result.bill.amount_tiyin, result.bill.vat_tiyin) == (0, 369_555, 38_273)


def test_gas_is_billed_by_the_same_engine_with_a_norm_of_the_season():
    norm = (Block(500_000, 6_500_000), Block(None, 10_000_000)), (Block(100_000, 6_500_000), Block(None, 10_000_000))
    tariff = (Version(1, 0, day(3, 1), 1200, norm[0]), Version(2, day(3, 1), None, 1200, norm[1]))
    read = (Reading(1, 1, day(3, 1), 0, 10**8, 1, 1), Reading(2, 1, day(4, 1), 310_123, 10**8, 1, 1))

    result = billed(Case(account(quantum_milli=1), read), tariff)

    assert of(result, Component.ENERGY) == [(100_000, 65_000_00), (210_123, 210_123_00)]


def test_a_policy_is_stored_as_numbers_and_comes_back():
    policy = Policy(partial_month=1, tg_norm_percent=35)

    assert billing.policy_of(policy._asdict()) == policy
    assert billing.policy_of({"closing_from_day": 12, "of_later_times": 1}) == Policy(closing_from_day=12)


# What must always hold.


@given(st.integers(0, 3), st.integers(-2, 2))
def test_what_is_paid_has_no_jump_at_the_end_of_a_step(step: int, off: int):
    blocks = (Block(10_000, 10_000), Block(20_000, 20_000), Block(40_000, 50_000), Block(None, 30_000))
    tariff = (Version(1, 0, None, 1200, blocks),)
    at = [10_000, 20_000, 40_000, 50_000][step] + off
    start = account(quantum_milli=1)

    def paid(milli: int) -> int:
        read = (Reading(1, 1, day(3, 1), 0, 10**9, 1, 1), Reading(2, 1, day(4, 1), milli, 10**9, 1, 1))
        result = billed(Case(start, read), tariff)
        assert result.bill is not None
        return result.bill.amount_tiyin

    # A thousandth of a unit costs at most 5 soʻm / 1000; every line is rounded to a tiyin.
    assert 0 <= paid(at + 1) - paid(at) <= 2


@given(st.integers(2, 31), st.integers(0, 2000), st.sampled_from([2500, 5000, 10_000]), st.sampled_from([-1, 62_000, 310_000]))
def test_terms_that_begin_anew_on_any_day_cost_at_most_a_tiyin_a_line(cut: int, daily: int, percent: int, limit: int):
    terms = (Term(TermKind.FAMILIES, *WHOLE_MARCH, 2000),)
    parts = (Term(TermKind.FAMILIES, day(3, 1), day(3, cut), 2000), Term(TermKind.FAMILIES, day(3, cut), NO_END, 2000))
    benefits = (Benefit(*FROM_MARCH, percent, limit, 1),)

    whole = billed(month_of(daily * 31, terms=terms, benefits=benefits), STEPPED).bill
    cut_up = billed(month_of(daily * 31, terms=parts, benefits=benefits), STEPPED)

    assert whole is not None
    assert cut_up.bill is not None
    assert cut_up.bill.quantity_milli == whole.quantity_milli
    # The limit of a benefit is rounded to a thousandth of a unit in each part: less than a soʻm and a half.
    assert abs(cut_up.bill.amount_tiyin - whole.amount_tiyin) <= len(cut_up.lines) + 2 * 135


def test_the_whole_of_a_benefit_leaves_nothing_to_pay():
    result = billed(month_of(777, benefits=(Benefit(*FROM_MARCH, 10_000, -1, 1),)), STEPPED)

    assert result.bill is not None
    assert (result.bill.amount_tiyin, result.bill.vat_tiyin) == (0, 0)
