"""Commands of ``flask --app run losses``: normative losses of a case; they need no database."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from app.domain.balances import FORMULAS, ComputedFigure, ElementLosses, LossesAboveInput, LossKind, WrongLoadCurve, printed_inputs
from app.domain.balances.cases import Basic, CaseResult, NegativeBalance, calculate
from app.domain.network import Fault, NetworkFault, NetworkRefused
from app.gateways import loss_case
from app.gateways.loss_case import ReadCase
from app.gateways.loss_case.fields import WrongCase

group = AppGroup("losses", help="Losses of networks.")

#: Kind of losses → its name in answers.
_KINDS = {LossKind.NO_LOAD: "no_load_kwh", LossKind.LOAD: "load_kwh", LossKind.LINE: "line_kwh"}
_LONGEST_LIST = 20
_FAULTS = {
    NetworkFault.NO_SOURCE: "there is no source",
    NetworkFault.TWO_SOURCES: "{element} begins at {others}, a second source of the feeder",
    NetworkFault.CYCLE: "sections form a cycle: {element}, {others}",
    NetworkFault.ORPHAN: "{element} at node {others} is not joined with the source",
    NetworkFault.TWO_PARENTS: "node {element} is fed by two sections, {others}; is one of them reversed?",
    NetworkFault.SOURCE_IS_FED: "{element} leads to the source {others}: its direction is reversed",
    NetworkFault.BEGINS_WHERE_IT_ENDS: "{element} begins and ends at node {others}",
    NetworkFault.REPEATED_NAME: "{element} stands twice",
    NetworkFault.NO_LENGTH: "{element} has no length",
    NetworkFault.UNKNOWN_WIRE: "{element} has the unknown wire {others}",
    NetworkFault.NO_RESISTANCE: "{element} has no resistance",
    NetworkFault.NO_CIRCUIT: "{element} has no circuit",
    NetworkFault.NO_RATED_POWER: "transformer {element} has a rated power of 0 kVA",
    NetworkFault.NO_RATED_VOLTAGE: "transformer {element} has no rated voltage",
    NetworkFault.NEGATIVE_LOSS: "transformer {element} has a loss below zero",
    NetworkFault.LOSS_ABOVE_RATED_POWER: "transformer {element} has a loss above its rated power; was it given in watts?",
    NetworkFault.NO_LOAD_CURRENT_TOO_SMALL: "transformer {element} has a no-load current below its no-load loss",
    NetworkFault.SHORT_CIRCUIT_VOLTAGE_TOO_SMALL: "transformer {element} has a short-circuit voltage below its load loss",
}


@group.command("calculate")
@click.argument("case", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, with each formula and its inputs.")
def calculate_case(*, case: Path, as_json: bool) -> None:
    """Compute the losses of each element of a case by kind; a case that is wrong is refused with what is wrong."""
    try:
        given = loss_case.parse(case.read_bytes())
        result = calculate(given.case)
    except WrongCase as wrong:
        raise click.ClickException(f"{case.name}: {wrong}") from None
    except NetworkRefused as refused:
        raise click.ClickException(f"{case.name}: " + _sentences(refused.faults)) from None
    except LossesAboveInput as above:
        raise click.ClickException(f"{case.name}: losses above input: {above}") from None
    except NegativeBalance as negative:
        raise click.ClickException(f"{case.name}: negative balance: {negative}") from None
    except WrongLoadCurve:
        raise click.ClickException(f"{case.name}: a fill factor is above 0 and at most 1") from None
    click.echo(json.dumps(_object(given, result), ensure_ascii=False) if as_json else "\n".join(_lines(given, result)))


def _sentences(faults: tuple[Fault, ...]) -> str:
    told = [
        _FAULTS[each.kind].format(element=each.element, others=", ".join(each.others[:_LONGEST_LIST])) for each in faults[:_LONGEST_LIST]
    ]
    left = len(faults) - len(told)
    return "; ".join(told) + (f"; and {left} more" if left else "")


def _object(given: ReadCase, result: CaseResult) -> dict[str, Any]:
    compared = [_comparison(name, value, result.named[name]) for name, value in given.reference.items() if name in result.named]
    found: dict[str, Any] = {"case": given.name}
    if result.bases:
        first, *others = result.bases
        found |= _basis_object(first, is_whole=True) | {"other_bases": [_basis_object(each, is_whole=False) for each in others]}
    if result.factors:
        found["rows"] = [_row_object(*pair) for pair in result.factors]
    return found | {
        "compared": compared,
        "within_tolerance": [_toleranced(given, result, name) for name in given.tolerances if name in result.named],
        "not_compared": sorted(given.reference.keys() - result.named.keys()),
    }


def _basis_object(basic: Basic, *, is_whole: bool) -> dict[str, Any]:
    lost = {name: basic.lost(frozenset({kind})) for kind, name in _KINDS.items()}
    total = sum(lost.values())
    share = {"percent_of_input": 100 * total / basic.input_kwh if basic.input_kwh else 0.0}
    return {
        "basis": basic.basis.value,
        "elements": [_element_object(each, is_whole=is_whole) for each in basic.elements],
        "totals": lost | {"total_kwh": total, "input_kwh": basic.input_kwh} | share,
    }


def _element_object(element: ElementLosses, *, is_whole: bool) -> dict[str, Any]:
    lost = {_KINDS[kind]: each.value for kind, each in element.kinds.items()}
    figures = {"calculation": [_figure_object(each) for each in element.kinds.values()]} if is_whole else {}
    return {
        "id": element.element,
        "kind": "line" if LossKind.LINE in element.kinds else "transformer",
        "energy_kwh": element.active_kwh, "reactive_kvarh": element.reactive_kvarh,
        **lost, "total_kwh": element.lost_kwh, **figures,
    }  # fmt: skip


def _figure_object(of: ComputedFigure) -> dict[str, Any]:
    formula = FORMULAS[of.formula]
    inputs = [{"name": each.name, "symbol": each.symbol, "value": each.value, "unit": each.unit} for each in printed_inputs(of)]
    return {"formula": of.formula, "text": formula.text, "inputs": inputs, "result": of.value, "unit": formula.unit}


def _row_object(factor: ComputedFigure, neutral: ComputedFigure) -> dict[str, Any]:
    return {
        "unbalance_factor": factor.value, "neutral_current_a": neutral.value,
        "calculation": [_figure_object(factor), _figure_object(neutral)],
    }  # fmt: skip


def _comparison(name: str, reference: float, computed: float) -> dict[str, Any]:
    deviation = 100 * (computed / reference - 1) if reference else None
    return {"name": name, "reference": reference, "computed": computed, "deviation_percent": deviation}


def _toleranced(given: ReadCase, result: CaseResult, name: str) -> dict[str, Any]:
    """Return a result with its tolerance and whether it is kept."""
    place, tolerance = given.tolerances[name]
    found = _comparison(name, given.reference.get(place, 0.0), result.named[name])
    deviation = found["deviation_percent"]
    return found | {"tolerance_percent": tolerance, "is_within": deviation is not None and abs(deviation) <= tolerance}


def _lines(given: ReadCase, result: CaseResult) -> Iterator[str]:
    yield given.name
    for basic in result.bases:
        yield f"voltage: {basic.basis.value}"
        yield f"{'element':24}{'energy kWh':>16}{'no-load kWh':>14}{'load kWh':>14}{'line kWh':>14}{'total kWh':>14}"
        for each in basic.elements:
            parts = [each.kinds[kind].value if kind in each.kinds else 0.0 for kind in _KINDS]
            yield f"{each.element:24}{each.active_kwh:16.3f}" + "".join(f"{part:14.3f}" for part in (*parts, each.lost_kwh))
        sums = [basic.lost(frozenset({kind})) for kind in _KINDS]
        yield f"{'all':24}{basic.input_kwh:16.3f}" + "".join(f"{part:14.3f}" for part in (*sums, sum(sums)))
    for factor, neutral in result.factors:
        currents = ", ".join(f"{each.symbol} {each.value:g}" for each in printed_inputs(factor))
        yield f"{currents}: unbalance factor {factor.value:.6f}, current of the neutral {neutral.value:.4f} A"
    for name, (_, tolerance) in given.tolerances.items():
        if name in result.named:
            found = _toleranced(given, result, name)
            yield f"{name}: {found['deviation_percent']:+.2f} % of ±{tolerance:g} %"
