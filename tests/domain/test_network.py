"""Feeders: every fault is named with its element, and sections come in the order of the computation."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import network
from app.domain.network import NO_SEGMENT, Fault, Feeder, NetworkFault, NetworkRefused, Segment, Transformer, Wire

WIRES = {"AS-50": Wire(0.5951, 0.378)}
TRANSFORMER = Transformer("T1", "3", 400, 10, 0.95, 5.5, 2.1, 4.5)


def section(name: str, from_node: int | str, to_node: int | str, length_km: float = 1.0, wire: str = "AS-50") -> Segment:
    return Segment(name, str(from_node), str(to_node), wire, length_km)


FEEDER = Feeder(("0",), (section("A", 0, 1), section("B", 1, 2), section("C", 2, 3), section("D", 2, 4)), (TRANSFORMER,), WIRES)


def with_sections(*segments: Segment) -> Feeder:
    return replace(FEEDER, segments=(*FEEDER.segments, *segments))


def with_transformer(**changed: float | str) -> Feeder:
    return replace(FEEDER, transformers=(replace(TRANSFORMER, **changed),))


@pytest.mark.parametrize(
    ("feeder", "fault"),
    [
        (replace(FEEDER, sources=()), Fault(NetworkFault.NO_SOURCE, "")),
        (replace(FEEDER, sources=("0", "4")), Fault(NetworkFault.TWO_SOURCES, "0", ("4",))),
        (with_sections(section("X", 9, 2)), Fault(NetworkFault.TWO_SOURCES, "X", ("9",))),
        (with_sections(section("X", 9, 2)), Fault(NetworkFault.TWO_PARENTS, "2", ("B", "X"))),
        (with_sections(section("X", 1, 4)), Fault(NetworkFault.TWO_PARENTS, "4", ("D", "X"))),
        (with_sections(section("X", 8, 9), section("Y", 9, 8)), Fault(NetworkFault.CYCLE, "8", ("9",))),
        (with_sections(section("X", 8, 9)), Fault(NetworkFault.ORPHAN, "X", ("8",))),
        (with_transformer(node="77"), Fault(NetworkFault.ORPHAN, "T1", ("77",))),
        (with_sections(section("X", 4, 0)), Fault(NetworkFault.SOURCE_IS_FED, "X", ("0",))),
        (with_sections(section("X", 4, 4)), Fault(NetworkFault.BEGINS_WHERE_IT_ENDS, "X", ("4",))),
        (with_sections(section("A", 4, 5)), Fault(NetworkFault.REPEATED_NAME, "A")),
        (with_sections(section("X", 4, 5, 0)), Fault(NetworkFault.NO_LENGTH, "X")),
        (with_sections(section("X", 4, 5, wire="AS-51")), Fault(NetworkFault.UNKNOWN_WIRE, "X", ("AS-51",))),
        (replace(FEEDER, wires={"AS-50": Wire(0)}), Fault(NetworkFault.NO_RESISTANCE, "A", ("AS-50",))),
        (with_sections(Segment("X", "4", "5", "AS-50", 1, 0)), Fault(NetworkFault.NO_CIRCUIT, "X")),
        (with_transformer(rated_kva=0), Fault(NetworkFault.NO_RATED_POWER, "T1")),
        (with_transformer(nominal_kv=0), Fault(NetworkFault.NO_RATED_VOLTAGE, "T1")),
        (with_transformer(no_load_kw=-1), Fault(NetworkFault.NEGATIVE_LOSS, "T1")),
        (with_transformer(load_kw=5500), Fault(NetworkFault.LOSS_ABOVE_RATED_POWER, "T1")),
        (with_transformer(no_load_current_percent=0.1), Fault(NetworkFault.NO_LOAD_CURRENT_TOO_SMALL, "T1")),
        (with_transformer(short_circuit_percent=1), Fault(NetworkFault.SHORT_CIRCUIT_VOLTAGE_TOO_SMALL, "T1")),
    ],
)
def test_fault_is_named_with_its_element(feeder: Feeder, fault: Fault) -> None:
    with pytest.raises(NetworkRefused) as refused:
        network.tree_of(feeder)

    assert fault in refused.value.faults


def test_every_fault_has_a_case() -> None:
    mark = next(iter(test_fault_is_named_with_its_element.pytestmark))  # type: ignore[attr-defined]

    assert {fault.kind for _, fault in mark.args[1]} == set(NetworkFault)


def test_sections_come_from_the_farthest_to_the_source() -> None:
    tree = network.tree_of(FEEDER)

    assert [level.tolist() for level in tree.levels] == [[2, 3], [1], [0]]
    assert tree.parent.tolist() == [NO_SEGMENT, 0, 1, 1]
    assert network.sums_to_source(tree, np.array([1.0, 10, 100, 1000])).tolist() == [1111, 1110, 100, 1000]


def test_one_orphan_among_a_hundred_thousand_sections_is_named() -> None:
    chain = tuple(section(f"S{place}", place, place + 1) for place in range(100_000))
    broken = tuple(each for each in chain if each.id != "S99998")

    assert network.faults_of(Feeder(("0",), broken, (), WIRES)) == [Fault(NetworkFault.ORPHAN, "S99999", ("99999",))]


@given(st.lists(st.tuples(st.integers(0, 10**6), st.booleans()), min_size=1, max_size=40))
def test_sections_of_any_tree_are_turned_away_from_its_source(drawn: list[tuple[int, bool]]) -> None:
    away = [section(f"S{place}", parent % (place + 1), place + 1) for place, (parent, _) in enumerate(drawn)]
    written = [
        replace(each, from_node=each.to_node, to_node=each.from_node) if flip else each for each, (_, flip) in zip(away, drawn, strict=True)
    ]

    assert network.oriented(written, "0") == tuple(away)
    assert network.cycles_of(written) == []
    tree = network.tree_of(Feeder(("0",), network.oriented(written, "0"), (), WIRES))
    assert network.sums_to_source(tree, np.ones(len(away)))[tree.parent == NO_SEGMENT].sum() == len(away)


def test_section_that_closes_a_cycle_is_named_whatever_the_directions_are() -> None:
    assert network.cycles_of([section("A", 1, 0), section("B", 1, 2), section("C", 0, 2)]) == [Fault(NetworkFault.CYCLE, "0", ("2", "C"))]
