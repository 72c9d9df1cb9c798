"""Loss cases: each of the customer's comes out within its tolerance, and what is wrong is refused by its place."""

import copy
import json
import math
from pathlib import Path
from typing import Any

import pytest

from app.domain.balances import LossesAboveInput
from app.domain.balances.cases import Basis, NegativeBalance, calculate
from app.domain.network import NetworkFault, NetworkRefused
from app.gateways import loss_case
from app.gateways.loss_case.fields import WrongCase

FOLDER = Path(__file__).parent.parent / "vectors" / "loss_cases"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
PAIR, BRANCHED, RURAL, UNBALANCE = "case1_line_plus_400kVA", "case2_branched_feeder", "simbench_rural1", "case5_unbalance"


def content(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return found


def read(case: dict[str, Any]) -> loss_case.ReadCase:
    return loss_case.parse(json.dumps(case).encode())


def test_the_cases_are_there() -> None:
    assert len(NAMES) == 5


@pytest.mark.parametrize("name", NAMES)
def test_every_normative_value_of_a_case_comes_out_as_printed(name: str) -> None:
    given = read(content(name))

    named = calculate(given.case).named

    parameters = {f"normative.{each}" for each in ("kf2", "kk")}
    normative = {each: value for each, value in given.reference.items() if each.startswith(("normative", "deviation", "rows"))}
    assert {each for each in normative if each not in named and not each.endswith(".U")} <= parameters
    for place, value in normative.items():
        if place in named:
            assert math.isclose(named[place], value, rel_tol=1e-5, abs_tol=6e-4), place


@pytest.mark.parametrize("name", ["simbench_rural1", "simbench_urban6"])
def test_load_flow_of_a_week_is_met_within_its_tolerance(name: str) -> None:
    given = read(content(name))

    named = calculate(given.case).named

    assert {each: tolerance for each, (_, tolerance) in given.tolerances.items()} == {
        "lines_exact_kf2_mean_voltage": 2,
        "lines_exact_kf2_nominal_voltage": 7,
        "transformers": 5,
    }
    for result, (place, tolerance) in given.tolerances.items():
        assert abs(100 * (named[result] / given.reference[place] - 1)) <= tolerance, result
    assert named["transformers"] < given.reference["expected.transformers_kwh"]


def test_losses_are_given_on_each_basis() -> None:
    pair, branched, energies = (calculate(read(content(name)).case).bases for name in (PAIR, BRANCHED, RURAL))

    assert [each.basis for each in pair] == [Basis.RATED, Basis.SOURCE, Basis.MEASURED]
    assert [each.basis for each in branched] == [Basis.RATED, Basis.SOURCE, Basis.MEAN]
    assert [each.basis for each in energies] == [Basis.MEAN, Basis.RATED]


def test_case_without_reference_values_is_computed_too() -> None:
    case = {name: value for name, value in content(BRANCHED).items() if name in {"id", "inputs"}}

    found = calculate(read(case).case)

    assert [each.basis for each in found.bases] == [Basis.RATED, Basis.SOURCE]
    assert round(found.bases[0].input_kwh, 2) == 300_859.64


def test_form_factor_of_a_load_is_its_own_else_that_of_its_fill_factor() -> None:
    case = content(PAIR)
    steady = calculate(read(case).case).bases[0].elements[1].lost_kwh
    case["inputs"]["load"]["kz"] = 0.5
    by_fill = calculate(read(case).case).bases[0].elements[1].lost_kwh
    case["inputs"]["load"]["kf2"] = 1.2
    own = calculate(read(case).case).bases[0].elements[1].lost_kwh

    assert by_fill - 684 == pytest.approx((steady - 684) * 4 / 3)
    assert own - 684 == pytest.approx((steady - 684) * 1.2)


def changed(name: str, *way: str | int, value: Any = None, remove: bool = False) -> dict[str, Any]:
    """Return a case with another value at a place."""
    case = copy.deepcopy(content(name))
    target: Any = case
    for step in way[:-1]:
        target = target[step]
    if remove:
        del target[way[-1]]
    else:
        target[way[-1]] = value
    return case


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (changed(PAIR, "inputs", "colour", value=1), "not understood: inputs.colour"),
        (changed(PAIR, "inputs", "line", "colour", value=1), "not understood: inputs.line.colour"),
        (changed(BRANCHED, "inputs", "segments", 2, "colour", value=1), r"not understood: inputs.segments\[2\].colour"),
        (changed(BRANCHED, "inputs", "transformers", 1, "colour", value=1), r"not understood: inputs.transformers\[1\].colour"),
        (changed(RURAL, "segments", 3, "colour", value=1), r"not understood: segments\[3\].colour"),
        (changed(RURAL, "colour", value=1), "not understood: colour"),
        (changed(UNBALANCE, "rows", 0, "colour", value=1), r"not understood: rows\[0\].colour"),
        (changed(PAIR, "inputs", "T_h", remove=True), "inputs.T_h is missing"),
        (changed(PAIR, "inputs", "T_h", value=0), "inputs.T_h is 0; it is above 0"),
        (changed(PAIR, "inputs", "T_h", value="720"), "inputs.T_h is no number"),
        (changed(PAIR, "inputs", "T_h", value=True), "inputs.T_h is no number"),
        (changed(PAIR, "inputs", "T_h", value=math.nan), "NaN is no number"),
        (changed(PAIR, "inputs", "load", "P_kw", value=-200), "inputs.load.P_kw is below zero; .* the direction is reversed"),
        (changed(RURAL, "segments", 0, "energy_kwh", value=-5), r"segments\[0\].energy_kwh is below zero; .* reversed"),
        (changed(PAIR, "inputs", "load", "cosphi", value=1.2), "inputs.load.cosphi is above 1"),
        (changed(PAIR, "inputs", "load", "Q_kvar", value=40), "inputs.load.Q_kvar is 40, by the other fields it is 96.8"),
        (changed(PAIR, "inputs", "line", "R_ohm", value=1), "inputs.line.R_ohm is 1, by the other fields it is 2.97"),
        (changed(PAIR, "inputs", "source_kv", value=0.4), "inputs.source_kv is 0.4 kV and the rated voltage 10 kV"),
        (changed(BRANCHED, "inputs", "nodes", value=6), "inputs.nodes is 6 and sections join 5"),
        (changed(BRANCHED, "inputs", "transformers", 0, "Un", value=6), "different rated voltages: 6, 10 kV"),
        (changed(BRANCHED, "inputs", "segments", value=[]), "at least one section"),
        (changed(BRANCHED, "inputs", "segments", value=3), "inputs.segments is no list"),
        (changed(RURAL, "segments", 0, "kf2", value=0.8), r"segments\[0\].kf2 is 0.8; the square of a form factor is at least 1"),
        (changed(RURAL, "segments", 0, "mean_kv", value=40), r"segments\[0\].mean_kv is 40 kV"),
        (changed(RURAL, "transformers", 0, "nominal_hv_kv", value=0.2), "nominal_hv_kv is below nominal_lv_kv"),
        (changed(UNBALANCE, "rows", 0, value={"IA": 0, "IB": 0, "IC": 0, "Rn_Rf": 1}), "IC are zero"),
        (changed(PAIR, "loadflow", "P_head_kw", value=10**400), "loadflow.P_head_kw is beyond"),
        (changed(PAIR, "inputs", "T_h", value=10**400), "inputs.T_h is above 1e"),
        (changed(PAIR, "inputs", "load", "profile_kw", value=[10**400]), "profile_kw is no list of numbers"),
        (changed(RURAL, "segments", value=[5]), r"segments\[0\] is no object"),
        ({"id": "empty"}, "neither inputs, segments nor rows"),
        ({"id": "empty", "T_h": 1, "segments": [], "transformers": []}, "no elements"),
    ],
)
def test_what_is_wrong_in_a_case_is_named_by_its_place(case: dict[str, Any], words: str) -> None:
    with pytest.raises(WrongCase, match=words):
        read(case)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"[]", "no object"),
        (b"{", "no JSON"),
        (b'{"id": 1, "id": 2}', "id stands twice"),
        (b"\xff", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"1" * 5000, "no JSON"),
    ],
)
def test_file_that_is_no_case_is_refused(text: bytes, words: str) -> None:
    with pytest.raises(WrongCase, match=words):
        loss_case.parse(text)


@pytest.mark.parametrize(
    ("case", "fault"),
    [
        (changed(BRANCHED, "inputs", "transformers", 0, "Sn", value=0), NetworkFault.NO_RATED_POWER),
        (changed(RURAL, "transformers", 0, "rated_kva", value=0), NetworkFault.NO_RATED_POWER),
        (changed(RURAL, "transformers", 0, "load_w", value=2_350_000), NetworkFault.LOSS_ABOVE_RATED_POWER),
        (changed(PAIR, "inputs", "transformer", "Px", value=950), NetworkFault.LOSS_ABOVE_RATED_POWER),
        (changed(BRANCHED, "inputs", "segments", 1, "L_km", value=0), NetworkFault.NO_LENGTH),
        (changed(BRANCHED, "inputs", "segments", 3, "frm", value=4) | {"x": 0}, NetworkFault.BEGINS_WHERE_IT_ENDS),
        (changed(BRANCHED, "inputs", "transformers", 2, "node", value=9), NetworkFault.ORPHAN),
        (changed(RURAL, "segments", 0, "id", value="S2"), NetworkFault.REPEATED_NAME),
        (changed(RURAL, "segments", 0, "to", value=13), NetworkFault.CYCLE),
        (changed(RURAL, "segments", 0, "r_ohm_per_km", value=0), NetworkFault.NO_RESISTANCE),
    ],
)
def test_wrong_network_of_a_case_is_refused(case: dict[str, Any], fault: NetworkFault) -> None:
    case.pop("x", None)
    case.get("inputs", {}).pop("nodes", None)

    with pytest.raises(NetworkRefused) as refused:
        calculate(read(case).case)

    assert fault in {each.kind for each in refused.value.faults}


def test_reversed_section_and_second_source_and_cycle_of_a_feeder_are_refused() -> None:
    reverse = changed(BRANCHED, "inputs", "segments", 3, value={"frm": 4, "to": 2, "L_km": 4.0, "r0": 0.7774})
    cycle = changed(BRANCHED, "inputs", "segments", 0, value={"frm": 3, "to": 1, "L_km": 4.0, "r0": 0.7774})
    cycle["inputs"].pop("nodes")

    for case, expected in ((reverse, {NetworkFault.TWO_SOURCES, NetworkFault.TWO_PARENTS}), (cycle, {NetworkFault.CYCLE})):
        with pytest.raises(NetworkRefused) as refused:
            calculate(read(case).case)
        assert {each.kind for each in refused.value.faults} >= expected


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (changed(PAIR, "loadflow", "P_head_kw", value=150), "108000.000 kWh flow in at the source and 144000.000 kWh are delivered"),
        (changed(RURAL, "segments", 3, "energy_kwh", value=380), "flow into node"),
        (changed(RURAL, "transformers", 0, "energy_kwh", value=3000), "transformers give 3000.000 kWh"),
        (changed(RURAL, "head_energy_kwh", value=5000), "5000.000 kWh are delivered and 3404"),
        (changed(RURAL, "head_energy_kwh", value=2000), "2000.000 kWh are delivered and 3404"),
    ],
)
def test_negative_balance_is_refused(case: dict[str, Any], words: str) -> None:
    with pytest.raises(NegativeBalance, match=words):
        calculate(read(case).case)


@pytest.mark.parametrize(
    "case", [changed(RURAL, "segments", 2, "L_km", value=500_000), changed(BRANCHED, "inputs", "segments", 1, "L_km", value=50_000)]
)
def test_losses_above_the_input_are_refused(case: dict[str, Any]) -> None:
    with pytest.raises(LossesAboveInput):
        calculate(read(case).case)


def test_profile_of_a_load_says_how_uneven_it_is_before_its_curve_and_fill_factor() -> None:
    case = content(PAIR)
    steady = calculate(read(case).case).bases[0].elements[1].lost_kwh
    load = case["inputs"]["load"]
    load |= {"curve": [1, 0, 0, 0], "kz": 0.3}
    by_curve = calculate(read(case).case).bases[0].elements[1].lost_kwh
    load |= {"profile_kw": [100, 300]}
    by_profile = calculate(read(case).case).bases[0].elements[1].lost_kwh
    del load["P_kw"]
    by_profile_alone = calculate(read(case).case).bases[0].elements[1].lost_kwh

    assert by_curve - 684 == pytest.approx((steady - 684) * 4)
    assert by_profile - 684 == by_profile_alone - 684 == pytest.approx((steady - 684) * 1.25)


@pytest.mark.parametrize(
    ("load", "words"),
    [
        ({"profile_kw": [100, 100]}, "inputs.load.P_kw is 200, by the other fields it is 100"),
        ({"profile_kw": "200"}, "profile_kw is no list of numbers"),
        ({"profile_kw": [300, -100]}, "profile_kw is no list of numbers"),
        ({"curve": [0, 0]}, "gives no form factor"),
        ({"kz": 0}, "gives no form factor"),
    ],
)
def test_profile_that_says_nothing_is_refused(load: dict[str, Any], words: str) -> None:
    case = content(PAIR)
    case["inputs"]["load"] |= load

    with pytest.raises(WrongCase, match=words):
        read(case)


def test_measured_voltage_of_a_feeder_is_a_basis_of_its_own() -> None:
    case = {name: value for name, value in content(BRANCHED).items() if name in {"id", "inputs"}}
    case["inputs"]["U_kv"] = 10.242167

    found = calculate(read(case).case)

    assert [each.basis for each in found.bases] == [Basis.RATED, Basis.SOURCE, Basis.MEAN]
    assert round(found.bases[2].input_kwh, 1) == 300_747.2


@pytest.mark.parametrize(
    ("power", "cosine", "source_kv", "transformer_kwh", "line_kwh"),
    [(360, 0.92, 10.5, 4622.821, None), (40, 0.85, 10.0, 763.437, 61.917)],
)
def test_heavy_and_light_load_of_the_facts(
    power: float, cosine: float, source_kv: float, transformer_kwh: float, line_kwh: float | None
) -> None:
    case = {
        "id": "fact",
        "inputs": content(PAIR)["inputs"] | {"T_h": 744, "source_kv": source_kv, "load": {"P_kw": power, "cosphi": cosine}},
    }

    [line, transformer] = calculate(read(case).case).bases[0].elements

    assert round(transformer.lost_kwh, 3) == transformer_kwh
    assert line_kwh is None or round(line.lost_kwh, 3) == line_kwh
