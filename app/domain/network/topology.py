"""What a feeder must be before losses are computed on it, and its sections in the order of the computation.

A feeder is a tree: one source, one way from it to each node. Everything that is wrong is found at once and named by element.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.domain.network.elements import Feeder, Segment, Transformer, Wire
from app.domain.values import Integers

Numbers = NDArray[np.float64]
#: Segment of a tree that begins at the source: it has none before it.
NO_SEGMENT = -1


class NetworkFault(StrEnum):
    """Why losses of a feeder cannot be computed."""

    NO_SOURCE = "NO_SOURCE"
    TWO_SOURCES = "TWO_SOURCES"
    CYCLE = "CYCLE"
    ORPHAN = "ORPHAN"  # nothing leads to it from the source
    TWO_PARENTS = "TWO_PARENTS"  # a node at the end of two sections
    SOURCE_IS_FED = "SOURCE_IS_FED"  # a section leads to the source: its direction is reversed
    BEGINS_WHERE_IT_ENDS = "BEGINS_WHERE_IT_ENDS"
    REPEATED_NAME = "REPEATED_NAME"
    NO_LENGTH = "NO_LENGTH"
    UNKNOWN_WIRE = "UNKNOWN_WIRE"
    NO_RESISTANCE = "NO_RESISTANCE"
    NO_CIRCUIT = "NO_CIRCUIT"
    NO_RATED_POWER = "NO_RATED_POWER"
    NO_RATED_VOLTAGE = "NO_RATED_VOLTAGE"
    NEGATIVE_LOSS = "NEGATIVE_LOSS"
    LOSS_ABOVE_RATED_POWER = "LOSS_ABOVE_RATED_POWER"  # watts were taken for kilowatts
    NO_LOAD_CURRENT_TOO_SMALL = "NO_LOAD_CURRENT_TOO_SMALL"  # the loss alone needs a larger one
    SHORT_CIRCUIT_VOLTAGE_TOO_SMALL = "SHORT_CIRCUIT_VOLTAGE_TOO_SMALL"


class Fault(NamedTuple):
    """What is wrong with one element.

    :ivar others: elements or nodes it is wrong together with
    """

    kind: NetworkFault
    element: str
    others: tuple[str, ...] = ()


class NetworkRefused(Exception):
    """A feeder has faults; losses are not computed.

    :ivar faults: all of them
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.kind} {fault.element}" for fault in faults))
        self.faults = tuple(faults)


class Tree(NamedTuple):
    """A feeder's sections as arrays: for each the one that feeds it, and all of them by distance from the source.

    :ivar parent: place of the section before; ``NO_SEGMENT`` at the source
    :ivar levels: places of sections, the farthest from the source first
    """

    parent: Integers
    levels: tuple[Integers, ...]


def faults_of(feeder: Feeder) -> list[Fault]:
    """Return all faults of a feeder's elements and of how they are joined."""
    found = [*_of_names(feeder), *_of_sources(feeder)]
    for segment in feeder.segments:
        found += _of_segment(segment, feeder.wires.get(segment.wire))
    for transformer in feeder.transformers:
        found += _of_transformer(transformer)
    return [*found, *_of_joints(feeder)]


def tree_of(feeder: Feeder) -> Tree:
    """Return a feeder's sections in the order of the computation.

    :raises NetworkRefused: with all faults
    """
    if faults := faults_of(feeder):
        raise NetworkRefused(faults)
    depth = _depths(feeder)
    fed_by = {segment.to_node: place for place, segment in enumerate(feeder.segments)}
    parent = np.array([fed_by.get(segment.from_node, NO_SEGMENT) for segment in feeder.segments], dtype=np.int64)
    depths = np.array([depth[segment.to_node] for segment in feeder.segments], dtype=np.int64)
    order = np.argsort(-depths, kind="stable")
    levels = np.split(order, np.flatnonzero(np.diff(depths[order])) + 1) if len(order) else []
    return Tree(parent, tuple(levels))


def sums_to_source(tree: Tree, own: Numbers) -> Numbers:
    """Return for each section what it carries: its own node's value and those of all behind it.

    :param own: value of each section's end, one or several columns
    """
    carried = own.astype(np.float64)
    for level in tree.levels:
        inner = level[tree.parent[level] != NO_SEGMENT]
        np.add.at(carried, tree.parent[inner], carried[inner])
    return carried


def cycles_of(segments: Iterable[Segment]) -> list[Fault]:
    """Return the sections that close a cycle, whatever their directions are."""
    before: dict[str, str] = {}

    def first(node: str) -> str:
        while (up := before.get(node, node)) != node:
            before[node] = before.get(up, up)
            node = up
        return node

    found = []
    for segment in segments:
        ends = first(segment.from_node), first(segment.to_node)
        if ends[0] == ends[1]:
            found.append(Fault(NetworkFault.CYCLE, segment.from_node, (segment.to_node, segment.id)))
        before[ends[1]] = ends[0]
    return found


def oriented(segments: Iterable[Segment], source: str) -> tuple[Segment, ...]:
    """Return sections turned so that each leads away from the source; what is not reached from it stays as it is."""
    given = tuple(segments)
    joined: dict[str, list[int]] = defaultdict(list)
    for place, segment in enumerate(given):
        joined[segment.from_node].append(place)
        joined[segment.to_node].append(place)
    turned, seen, waiting = dict(enumerate(given)), set[int](), [source]
    for node in waiting:
        for place in joined[node]:
            if place not in seen:
                seen.add(place)
                segment = given[place]
                if segment.from_node != node:
                    turned[place] = Segment(segment.id, node, segment.from_node, segment.wire, segment.length_km, segment.circuits)
                waiting.append(turned[place].to_node)
    return tuple(turned[place] for place in range(len(given)))


def _of_names(feeder: Feeder) -> Iterator[Fault]:
    seen = set[str]()
    for name in (*(each.id for each in feeder.segments), *(each.id for each in feeder.transformers)):
        if name in seen:
            yield Fault(NetworkFault.REPEATED_NAME, name)
        seen.add(name)


def _of_sources(feeder: Feeder) -> Iterator[Fault]:
    if not feeder.sources:
        yield Fault(NetworkFault.NO_SOURCE, "")
    if len(feeder.sources) > 1:
        yield Fault(NetworkFault.TWO_SOURCES, feeder.sources[0], feeder.sources[1:])


def _of_segment(segment: Segment, wire: Wire | None) -> Iterator[Fault]:
    if segment.from_node == segment.to_node:
        yield Fault(NetworkFault.BEGINS_WHERE_IT_ENDS, segment.id, (segment.to_node,))
    if segment.length_km <= 0:
        yield Fault(NetworkFault.NO_LENGTH, segment.id)
    if segment.circuits < 1:
        yield Fault(NetworkFault.NO_CIRCUIT, segment.id)
    if wire is None:
        yield Fault(NetworkFault.UNKNOWN_WIRE, segment.id, (segment.wire,))
    elif wire.resistance_ohm_km <= 0:
        yield Fault(NetworkFault.NO_RESISTANCE, segment.id, (segment.wire,))


def _of_transformer(transformer: Transformer) -> Iterator[Fault]:
    if transformer.rated_kva <= 0 or transformer.in_parallel < 1:
        yield Fault(NetworkFault.NO_RATED_POWER, transformer.id)
        return
    if transformer.nominal_kv <= 0:
        yield Fault(NetworkFault.NO_RATED_VOLTAGE, transformer.id)
    if min(transformer.no_load_kw, transformer.load_kw) < 0:
        yield Fault(NetworkFault.NEGATIVE_LOSS, transformer.id)
    if max(transformer.no_load_kw, transformer.load_kw) >= transformer.rated_kva:
        yield Fault(NetworkFault.LOSS_ABOVE_RATED_POWER, transformer.id)
    if 0 < transformer.no_load_current_percent / 100 * transformer.rated_kva < transformer.no_load_kw:
        yield Fault(NetworkFault.NO_LOAD_CURRENT_TOO_SMALL, transformer.id)
    if 0 < transformer.short_circuit_percent / 100 * transformer.rated_kva < transformer.load_kw:
        yield Fault(NetworkFault.SHORT_CIRCUIT_VOLTAGE_TOO_SMALL, transformer.id)


def _of_joints(feeder: Feeder) -> Iterator[Fault]:
    fed_by: dict[str, list[Segment]] = defaultdict(list)
    for segment in feeder.segments:
        fed_by[segment.to_node].append(segment)
    for node, segments in fed_by.items():
        if node in feeder.sources:
            yield from (Fault(NetworkFault.SOURCE_IS_FED, segment.id, (node,)) for segment in segments)
        elif len(segments) > 1:
            yield Fault(NetworkFault.TWO_PARENTS, node, tuple(segment.id for segment in segments))
    reached = _depths(feeder)
    yield from _of_unreached(feeder, fed_by, reached)
    for transformer in feeder.transformers:
        if transformer.node not in reached and transformer.node not in fed_by:
            yield Fault(NetworkFault.ORPHAN, transformer.id, (transformer.node,))


def _of_unreached(feeder: Feeder, fed_by: Mapping[str, list[Segment]], reached: Mapping[str, int]) -> Iterator[Fault]:
    """Yield of sections that nothing leads to the first ones, and the cycles among them.

    What begins apart and leads to a node that is fed already is a second source; what stays apart is an orphan.
    """
    unreached = [segment for segment in feeder.segments if segment.from_node not in reached]
    second = {_first_before(segment.from_node, fed_by) for segment in unreached if segment.to_node in reached}
    for segment in unreached:
        if segment.from_node not in fed_by:
            kind = NetworkFault.TWO_SOURCES if segment.from_node in second else NetworkFault.ORPHAN
            yield Fault(kind, segment.id, (segment.from_node,))
    seen = set[str]()
    for segment in unreached:
        if cycle := _cycle_before(segment, fed_by, seen):
            yield Fault(NetworkFault.CYCLE, cycle[0], tuple(cycle[1:]))


def _first_before(node: str, fed_by: Mapping[str, list[Segment]]) -> str:
    """Return where the way to a node begins; in a cycle any of its nodes."""
    way = set[str]()
    while node in fed_by and node not in way:
        way.add(node)
        node = fed_by[node][0].from_node
    return node


def _cycle_before(segment: Segment, fed_by: Mapping[str, list[Segment]], seen: set[str]) -> list[str]:
    """Return the nodes of the cycle that feeds a section, if one does and it was not found before."""
    way: dict[str, None] = {}
    node = segment.from_node
    while node in fed_by and node not in way and node not in seen:
        way[node] = None
        node = fed_by[node][0].from_node
    seen.update(way)
    nodes = list(way)
    return nodes[nodes.index(node) :] if node in way else []


def _depths(feeder: Feeder) -> dict[str, int]:
    """Return how many sections lie between the source and each node it reaches."""
    leaving: dict[str, list[str]] = defaultdict(list)
    for segment in feeder.segments:
        leaving[segment.from_node].append(segment.to_node)
    depth = dict.fromkeys(feeder.sources, 0)
    waiting = list(depth)
    for node in waiting:
        for following in leaving[node]:
            if following not in depth:
                depth[following] = depth[node] + 1
                waiting.append(following)
    return depth
