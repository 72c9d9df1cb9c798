"""Cases of elements with the energy each carries: losses by mean voltages, and by rated ones.

Sections may be written in either direction, and the source is not named. It is found by the energies: away from it no node may give
more than flows into it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from app.domain.balances.cases.records import AGREEMENT, LINES, TRANSFORMERS, Basic, Basis, CaseResult, EnergiesCase, NegativeBalance
from app.domain.balances.feeders import ElementLosses, check_input
from app.domain.balances.losses import Flow, LossKind, passport_of, section_losses, section_of, transformer_losses
from app.domain.network import Feeder, NetworkRefused, Segment, cycles_of, faults_of, oriented

#: Energies smaller than this, kWh, are the same.
SMALLEST_KWH = 0.001
#: By how much of what transformers give deliveries and computed losses may miss it.
DISAGREEMENT = 0.02


def of_energies(case: EnergiesCase) -> CaseResult:
    """Return the losses of elements whose energy is known, by mean voltages where they are known, and by rated ones.

    :raises NetworkRefused: with all faults
    :raises LossesAboveInput: for an element that would lose more than it carries
    :raises NegativeBalance: if a node gives more than flows into it
    """
    segments = _checked(case)
    rated, mean = _basic(case, Basis.RATED), _basic(case, Basis.MEAN)
    for element in rated.elements:
        check_input(element)
    _check_nodes(segments, case, rated)
    _check_head(segments, case, rated)
    return CaseResult((mean, rated), _names(mean, rated))


def _checked(case: EnergiesCase) -> tuple[Segment, ...]:
    """Return the sections turned away from the source."""
    if cycles := cycles_of(case.segments):
        raise NetworkRefused(cycles)
    source = _source(case)
    segments = oriented(case.segments, source)
    transformers = tuple(replace(each, node=source) for each in case.transformers)
    if faults := faults_of(Feeder((source,), segments, transformers, case.wires)):
        raise NetworkRefused(faults)
    return segments


def _source(case: EnergiesCase) -> str:
    """Return the end of the section with the most energy at which the energies agree best.

    Without sections any name does.
    """
    if not case.segments:
        return ""
    largest = max(case.segments, key=lambda each: case.carried[each.id].active_kwh)
    return min((largest.from_node, largest.to_node), key=lambda node: _excess(oriented(case.segments, node), case))


def _excess(segments: Sequence[Segment], case: EnergiesCase) -> float:
    """Return how much more nodes give than flows into them, all together."""
    given = _given(segments, case, {})
    return sum(max(given[each.to_node] - case.carried[each.id].active_kwh, 0) for each in segments)


def _given(segments: Sequence[Segment], case: EnergiesCase, lost: Mapping[str, float]) -> Mapping[str, float]:
    """Return what leaves each node by sections, with what these lose."""
    given: dict[str, float] = defaultdict(float)
    for each in segments:
        given[each.from_node] += case.carried[each.id].active_kwh + lost.get(each.id, 0.0)
    return given


def _check_nodes(segments: Sequence[Segment], case: EnergiesCase, rated: Basic) -> None:
    given = _given(segments, case, _lost(rated))
    for each in segments:
        carried = case.carried[each.id].active_kwh
        if _is_more(given[each.to_node], carried):
            raise NegativeBalance(
                f"{carried:.3f} kWh flow into node {each.to_node} by {each.id} and {given[each.to_node]:.3f} kWh out of it"
            )


def _check_head(segments: Sequence[Segment], case: EnergiesCase, rated: Basic) -> None:
    """Check what transformers give against the sections at the source, the losses, and all deliveries."""
    if not case.transformers or not segments:
        return
    source = next(iter({each.from_node for each in segments} - {each.to_node for each in segments}))
    supplied = sum(case.carried[each.id].active_kwh for each in case.transformers)
    left = supplied - rated.lost(LINES)
    if _is_more(leaving := _given(segments, case, _lost(rated))[source], supplied):
        raise NegativeBalance(f"transformers give {supplied:.3f} kWh and {leaving:.3f} kWh leave the source")
    if left < 0:
        raise NegativeBalance(f"lines would lose {rated.lost(LINES):.3f} kWh of {supplied:.3f}")
    if case.delivered_kwh is not None and abs(case.delivered_kwh - left) > DISAGREEMENT * supplied:
        raise NegativeBalance(f"{case.delivered_kwh:.3f} kWh are delivered and {left:.3f} kWh arrive")


def _is_more(taken_kwh: float, given_kwh: float) -> bool:
    return taken_kwh > given_kwh * (1 + AGREEMENT) + SMALLEST_KWH


def _lost(basic: Basic) -> Mapping[str, float]:
    return {each.element: each.lost_kwh for each in basic.elements}


def _basic(case: EnergiesCase, basis: Basis) -> Basic:
    segments = tuple(_segment(case, each, basis) for each in case.segments)
    transformers = tuple(_transformer(case, place) for place in range(len(case.transformers)))
    supplied = sum(each.active_kwh + each.lost_kwh for each in transformers)
    return Basic(basis, (*segments, *transformers), supplied)


def _flow(case: EnergiesCase, element: str, *, is_mean: bool) -> Flow:
    carried = case.carried[element]
    voltage = carried.mean_kv if is_mean and carried.mean_kv else carried.nominal_kv
    return Flow(carried.active_kwh, carried.reactive_kvarh, case.hours, voltage, carried.form_squared)


def _segment(case: EnergiesCase, segment: Segment, basis: Basis) -> ElementLosses:
    flow = _flow(case, segment.id, is_mean=basis is Basis.MEAN)
    lost = section_losses(section_of([segment], [case.wires[segment.wire]]), flow)
    carried = case.carried[segment.id]
    return ElementLosses(segment.id, carried.active_kwh, carried.reactive_kvarh, {LossKind.LINE: lost.load.at(0)})


def _transformer(case: EnergiesCase, place: int) -> ElementLosses:
    transformer = case.transformers[place]
    lost = transformer_losses(passport_of([transformer]), _flow(case, transformer.id, is_mean=False))
    kinds = {LossKind.NO_LOAD: lost.no_load.at(0), LossKind.LOAD: lost.load.at(0)}
    carried = case.carried[transformer.id]
    return ElementLosses(transformer.id, carried.active_kwh, carried.reactive_kvarh, kinds)


def _names(mean: Basic, rated: Basic) -> Mapping[str, float]:
    """Return what reference values are compared with; those with a tolerance under its name."""
    named = {f"{each.element}.load_flow_loss_kwh": each.lost_kwh for each in mean.elements}
    return named | {
        "expected.lines_kwh": mean.lost(LINES),
        "expected.transformers_kwh": mean.lost(TRANSFORMERS),
        "lines_exact_kf2_mean_voltage": mean.lost(LINES),
        "lines_exact_kf2_nominal_voltage": rated.lost(LINES),
        "transformers": mean.lost(TRANSFORMERS),
    }
