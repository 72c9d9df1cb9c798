"""``flask --app run losses calculate``: an answer for machines, exit codes, clear refusals, and no server started for it."""

import json
import os
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests import commands

FOLDER = Path(__file__).parent.parent / "vectors" / "loss_cases"


def run(path: Path, *words: str, place: Path) -> CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    return commands.flask("losses", "calculate", str(path), *words, environ=environ | {"PC_BILLING_VAR": str(place)})


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_every_case_is_answered_with_all_losses_by_kind(path: Path, tmp_path: Path) -> None:
    answer = run(path, "--json", place=tmp_path / "var")

    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    assert found["case"] == json.loads(path.read_text())["id"]
    for basis in [found, *found.get("other_bases", [])] if "elements" in found else []:
        kinds = {"line": {"line_kwh"}, "transformer": {"no_load_kwh", "load_kwh"}}
        for each in basis["elements"]:
            assert {name for name in each if name.endswith("_kwh")} - {"energy_kwh", "total_kwh"} == kinds[each["kind"]]
        assert basis["totals"]["total_kwh"] == pytest.approx(sum(each["total_kwh"] for each in basis["elements"]))
    assert all(each["is_within"] for each in found["within_tolerance"])
    assert not (tmp_path / "var").exists(), "no server is started"


def test_answer_holds_each_formula_with_its_inputs(tmp_path: Path) -> None:
    answer = json.loads(run(FOLDER / "case1_line_plus_400kVA.json", "--json", place=tmp_path).stdout)

    [_, transformer] = answer["elements"]
    no_load = transformer["calculation"][0]

    assert no_load["text"] == "ΔWx = ΔPx · T · (U/Un)²"
    assert {each["name"]: (each["value"], each["unit"]) for each in no_load["inputs"]} == {
        "nominal_kv": (10, "kV"), "voltage_kv": (10, "kV"), "hours": (720, "h"), "no_load_kw": (0.95, "kW"),
    }  # fmt: skip
    assert (no_load["result"], no_load["unit"]) == (684, "kWh")


def test_people_read_a_table(tmp_path: Path) -> None:
    answer = run(FOLDER / "simbench_rural1.json", place=tmp_path)

    assert answer.returncode == 0
    assert "lines_exact_kf2_mean_voltage: +1.26 % of ±2 %" in answer.stdout


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"Sn": 400', '"Sn": 0', "transformer TM-400/10 has a rated power of 0 kVA"),
        ('"length_km": 5.0', '"length_km": 50000.0', "inputs.line.R_ohm is 2.9755, by the other fields it is 29755"),
        ('"P_kw": 200.0', '"P_kw": -200.0', "the direction is reversed"),
        ('"T_h": 720', '"T_h": 720, "colour": 1', "not understood: inputs.colour"),
        ('"P_head_kw": 204.357943', '"P_head_kw": 104.357943', "negative balance"),
    ],
)
def test_wrong_case_ends_with_a_message_and_one(old: str, new: str, words: str, tmp_path: Path) -> None:
    text = (FOLDER / "case1_line_plus_400kVA.json").read_text()
    assert old in text
    wrong = tmp_path / "wrong.json"
    wrong.write_text(text.replace(old, new))

    answer = run(wrong, "--json", place=tmp_path)

    assert answer.returncode == 1
    assert words in answer.stderr
    assert answer.stdout == ""
