"""Losses and balances: reference cases to the last digit that is printed, load flow within its tolerance, and what always holds."""

import json
from datetime import date
from decimal import Decimal
from math import isclose, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import balances
from app.domain.balances import (
    FORMULAS,
    SYMBOLS,
    Conditions,
    ElementClass,
    FormSource,
    InstrumentErrors,
    LossesAboveInput,
    LossKind,
    LossMethod,
    LossPolicy,
    NoMethod,
    TransformerLoad,
    WrongLoadCurve,
    figure,
)
from app.domain.calendar import Period
from app.domain.network import Feeder, Segment, Transformer, Wire

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "balance.json").read_text())["vectors"]


def case(number: str) -> tuple[dict[str, Any], dict[str, Any]]:
    [found] = [each for each in VECTORS if each["id"] == number]
    return found["input"], found["expected"]


def printed(value: Any, like: str) -> str:
    """Return a number with as many decimals as a reference value has."""
    return str(round(Decimal(float(value)), -int(Decimal(like).as_tuple().exponent)))


def test_every_reference_case_has_its_test() -> None:
    assert {each["id"] for each in VECTORS} == {"B01", "B02", "B04", "B05", "B07"}


def test_no_load_losses_of_a_year_b01() -> None:
    given_, expected = case("B01")

    found = figure(
        "no_load", no_load_kw=float(given_["px"]), hours=float(given_["t"]), voltage_kv=float(given_["u"]), nominal_kv=float(given_["un"])
    )

    assert printed(found.result, expected["kwh"]) == expected["kwh"]
    assert printed(found.result, "1") == expected["published"]


def test_load_losses_of_a_transformer_b02() -> None:
    given_, expected = case("B02")
    energy, cosine, hours = float(given_["w"]), float(given_["cos"]), float(given_["t"])
    form = balances.form_factor(fill=float(given_["kz"]))
    passport = {"load_kw": float(given_["pk"]), "nominal_kv": 10.0, "rated_kva": float(given_["sn"])}
    carried = {
        "active_kwh": energy, "reactive_kvarh": energy * sqrt(1 / cosine**2 - 1), "hours": hours, "voltage_kv": 10.0,
        "configuration": float(given_["kk"]),
    }  # fmt: skip

    resistance = figure("transformer_resistance", **passport).result
    by_energy = figure("transformer_load", **passport, **carried, form_squared=form.squared).result
    by_resistance = figure("line_load", resistance_ohm=resistance, **carried, form_squared=form.squared).result

    assert printed(form.squared, expected["kf2"]) == expected["kf2"]
    assert printed(resistance, expected["r_ohm"]) == expected["r_ohm"]
    assert printed(by_energy, expected["kwh"]) == printed(by_resistance, expected["kwh"]) == expected["kwh"]
    assert printed(float(by_energy) / form.squared / hours, expected["dp_kw"]) == expected["dp_kw"]


def test_loss_factor_of_western_practice_b04() -> None:
    given_, expected = case("B04")

    found = figure("loss_factor", fill=float(given_["lf"]), weight=float(given_["k"])).result

    assert printed(found, expected["lsf"]) == expected["lsf"]


@pytest.mark.parametrize(
    ("formula", "inputs", "expected"),
    [
        ("form_of_fill_squared", {"fill": 0.5}, 1.14**2),
        ("relative_loss_hours", {"fill": 0.5}, 1 / 3),
        ("loss_hours_of_year", {"largest_load_hours": 6314.5}, 4999.4),
        ("transformer_load_by_maximum", {"load_kw": 5.5, "largest_kva": 200, "rated_kva": 400, "loss_hours": 240, "configuration": 1}, 330),
        ("low_voltage_by_drop", {"unbalance": 1.13, "voltage_drop_percent": 6, "loss_hours": 2000, "largest_load_hours": 3500}, 2.712),
        (
            "low_voltage_by_length",
            {"active_kwh": 20_000, "tangent": 0, "length_km": 0.5, "section_mm2": 50, "days": 30, "fill": 0.5, "distributed": 1},
            4.51 * 400 * 0.5 / 1500 * 4 / 3 * 1000,
        ),
        ("equivalent_length", {"main_km": 1, "three_phase_km": 0.5, "single_phase_km": 1}, 1.44),
        ("cable_insulation", {"susceptance_us": 100, "tangent_loss": 0.01, "voltage_kv": 10, "hours": 720}, 72),
        ("meters_own_use", {"meters": 1_000_000, "yearly_kwh": 21.9, "hours": 8760, "year_hours": 8760}, 21_900_000),
        ("fixed_percent", {"active_kwh": 1000, "percent": 4.5}, 45),
    ],
)
def test_other_formulas(formula: str, inputs: dict[str, float], expected: float) -> None:
    assert isclose(float(figure(formula, **inputs).result), expected, rel_tol=2e-4)


def test_every_formula_prints_all_it_was_computed_from() -> None:
    for name, formula in FORMULAS.items():
        parameters = [each for each in formula.compute.__annotations__ if each != "return"]
        inputs = {each: 0.5 + place for place, each in enumerate(parameters)}

        found = figure(name, **inputs)

        assert [each.name for each in balances.printed_inputs(found)] == parameters, name
        assert all(SYMBOLS[each][0] in formula.text for each in parameters), name
        assert figure(name, **{each.name: each.value for each in balances.printed_inputs(found)}).result == found.result
    assert {each for formula in FORMULAS.values() for each in formula.compute.__annotations__} - {"return"} == set(SYMBOLS)


def test_allowed_imbalance_of_a_substation_b05() -> None:
    given_, expected = case("B05")
    factor = float(given_["factor"])
    points = [
        (each["w"], InstrumentErrors(*(float(each[name]) for name in ("ct", "vt", "line", "m")))) for each in given_["win"] + given_["wout"]
    ]

    errors = [balances.metering_error(each, factor).result for _, each in points]
    allowed = balances.allowed_imbalance([balances.MeteredEnergy(w, each) for w, each in points], given_["win"][0]["w"], factor)

    assert [printed(each, "1.00000") for each in errors] == expected["delta_in"] + expected["delta_out"]
    assert printed(allowed.result, expected["nb_allowed_pct"]) == expected["nb_allowed_pct"]


# Form factors


def test_best_source_of_a_form_factor_wins() -> None:
    day, curve = [1.0, 3.0, None, 2.0] * 6, [1.0, 1.0, 4.0]

    assert balances.form_factor(profile_kw=[1.0, 3.0], curve=curve, fill=0.3).source is FormSource.PROFILE
    assert balances.form_factor(profile_kw=day, curve=curve, fill=0.3).source is FormSource.CURVE
    assert balances.form_factor(profile_kw=day, fill=0.3).squared == pytest.approx(1.6 / 0.9)
    assert balances.form_factor().squared == pytest.approx(4 / 3)
    assert balances.form_factor(profile_kw=[1.0, 3.0]).squared == pytest.approx(10 / 8)


@pytest.mark.parametrize("wrong", [{"profile_kw": [0.0, 0.0]}, {"curve": [1.0, -1.0]}, {"fill": 0.0}, {"fill": 1.01}])
def test_loads_without_a_form_factor_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(WrongLoadCurve):
        balances.form_factor(**wrong)


@given(st.lists(st.floats(0.001, 1000), min_size=1, max_size=50))
def test_form_factor_of_a_profile_is_at_least_one(loads: list[float]) -> None:
    assert balances.form_factor(profile_kw=loads).squared >= 1 - 1e-9


# Methods by class and day

MONTH = Period(date(2026, 11, 1), date(2026, 12, 1))
YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))


def test_method_is_the_one_in_force() -> None:
    before = LossPolicy(ElementClass.LOW_VOLTAGE_LINE, LossMethod.LENGTH, Period(date(2025, 1, 1), date(2026, 1, 1)))
    now = LossPolicy(ElementClass.LOW_VOLTAGE_LINE, LossMethod.VOLTAGE_DROP, YEAR)

    assert balances.policy_in([before, now], ElementClass.LOW_VOLTAGE_LINE, MONTH) == now
    found = balances.by_method(now.method, unbalance=1.0, voltage_drop_percent=5.0, loss_hours=1.0, largest_load_hours=2.0)
    assert found.result == pytest.approx(1.75)


@pytest.mark.parametrize(
    "policies",
    [[], [LossPolicy(ElementClass.METER, LossMethod.OWN_USE, YEAR)] * 2, [LossPolicy(ElementClass.METER, LossMethod.ENERGY, YEAR)]],
)
def test_no_method_or_two_or_a_foreign_one_is_refused(policies: list[LossPolicy]) -> None:
    with pytest.raises(NoMethod):
        balances.policy_in(policies, ElementClass.METER, MONTH)


# Feeders

WIRES = {"AS-50": Wire(0.5951, 0.378)}


@st.composite
def feeders(draw: st.DrawFn) -> tuple[Feeder, dict[str, TransformerLoad]]:
    parents = draw(st.lists(st.integers(0, 10**6), min_size=1, max_size=12))
    segments = tuple(
        Segment(f"S{place}", str(parent % (place + 1)), str(place + 1), "AS-50", draw(st.floats(0.01, 1)))
        for place, parent in enumerate(parents)
    )
    transformers = tuple(Transformer(f"T{place}", str(place + 1), 400, 10, 0.95, 5.5, 2.1, 4.5) for place in range(len(parents)))
    deliveries = {
        each.id: TransformerLoad(draw(st.floats(0, 100_000)), draw(st.floats(0, 40_000)), draw(st.floats(1, 2))) for each in transformers
    }
    return Feeder(("0",), segments, transformers, WIRES), deliveries


CONDITIONS = Conditions(720, 10.2)


@given(feeders())
def test_what_flows_in_is_delivered_or_lost_and_no_loss_is_below_zero(drawn: tuple[Feeder, dict[str, TransformerLoad]]) -> None:
    feeder, deliveries = drawn

    found = balances.feeder_losses(feeder, deliveries, CONDITIONS)

    lost = [float(each.result) for element in (*found.transformers, *found.segments) for each in element.kinds.values()]
    assert found.head_kwh == pytest.approx(sum(each.active_kwh for each in deliveries.values()) + sum(lost), rel=1e-9)
    assert min(lost) >= 0
    assert sum(found.of_kind(kind) for kind in LossKind) == pytest.approx(sum(lost))


@given(feeders(), st.floats(1.01, 1.5))
def test_more_load_never_loses_less(drawn: tuple[Feeder, dict[str, TransformerLoad]], times: float) -> None:
    feeder, deliveries = drawn
    more = {
        name: each._replace(active_kwh=each.active_kwh * times, reactive_kvarh=each.reactive_kvarh * times)
        for name, each in deliveries.items()
    }

    less_lost, more_lost = (balances.feeder_losses(feeder, each, CONDITIONS) for each in (deliveries, more))

    for kind in (LossKind.LOAD, LossKind.LINE):
        assert more_lost.of_kind(kind) >= less_lost.of_kind(kind) * (1 - 1e-12)
    assert more_lost.of_kind(LossKind.NO_LOAD) == less_lost.of_kind(LossKind.NO_LOAD)


@given(feeders())
def test_each_figure_is_computed_again_from_what_it_prints(drawn: tuple[Feeder, dict[str, TransformerLoad]]) -> None:
    found = balances.feeder_losses(*drawn, CONDITIONS)

    for element in (*found.transformers, *found.segments):
        for each in element.kinds.values():
            inputs = {given.name: given.value for given in balances.printed_inputs(each)}
            assert figure(each.formula, **inputs).result == pytest.approx(float(each.result), rel=1e-12)


def test_arrays_give_what_single_elements_give() -> None:
    transformers = [Transformer(f"T{kva}", "1", kva, 10, kva * 0.0024, kva * 0.014, 2.1, 4.5) for kva in (63, 160, 400)]
    energies, hours = np.array([9000.0, 30_000.0, 100_000.0]), 720.0

    together = balances.transformer_losses(balances.passport_of(transformers), balances.Flow(energies, energies / 2, hours, 10.0))

    for place, each in enumerate(transformers):
        alone = balances.transformer_losses(balances.passport_of([each]), balances.Flow(energies[place], energies[place] / 2, hours, 10.0))
        assert together.load.at(place).result == float(np.asarray(alone.load.result)[0])


def test_two_transformers_in_parallel_halve_the_load_losses() -> None:
    one = Transformer("T", "1", 400, 10, 0.95, 5.5)
    two = Transformer("T", "1", 400, 10, 0.95, 5.5, in_parallel=2)
    flow = balances.Flow(100_000.0, 0.0, 720.0, 10.0)

    alone, both = (balances.transformer_losses(balances.passport_of([each]), flow) for each in (one, two))

    assert np.isclose(both.no_load.result, 2 * np.asarray(alone.no_load.result))
    assert np.isclose(both.load.result, np.asarray(alone.load.result) / 2)


def test_element_that_would_lose_more_than_it_carries_is_refused() -> None:
    feeder = Feeder(("0",), (Segment("S", "0", "1", "AS-50", 50_000),), (Transformer("T", "1", 400, 10, 0.95, 5.5),), WIRES)

    with pytest.raises(LossesAboveInput, match="S would lose"):
        balances.feeder_losses(feeder, {"T": TransformerLoad(100_000)}, CONDITIONS)
