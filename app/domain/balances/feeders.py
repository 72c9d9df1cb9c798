"""Losses of a feeder, from the consumers to the source: what a section carries is what is taken behind it and lost behind it."""

from collections.abc import Mapping, Sequence
from math import hypot
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.domain.balances.figures import ComputedFigure, number, number_at
from app.domain.balances.formulas import Numbers
from app.domain.balances.losses import (
    Flow,
    LossesAboveInput,
    LossKind,
    SectionLosses,
    SectionPassport,
    TransformerLosses,
    passport_of,
    section_losses,
    section_of,
    transformer_losses,
)
from app.domain.network import NO_SEGMENT, Feeder, Tree, tree_of
from app.domain.values import Integers

Floats = NDArray[np.float64]


class TransformerLoad(NamedTuple):
    """What is taken at the low side of a transformer, or at a node that has none."""

    active_kwh: float
    reactive_kvarh: float = 0.0
    form_squared: float = 1.0


class Conditions(NamedTuple):
    """Conditions of a month that all elements of a feeder share.

    :ivar voltage_kv: mean operating voltage; None: each transformer's rated one, and the first's for the lines
    :ivar configuration: coefficient kk
    """

    hours: float
    voltage_kv: float | None = None
    configuration: float = 1.0


class ElementLosses(NamedTuple):
    """Losses of one element by kind, each with its inputs."""

    element: str
    active_kwh: float
    reactive_kvarh: float
    kinds: Mapping[LossKind, ComputedFigure]

    @property
    def lost_kwh(self) -> float:
        """Return the losses of all kinds."""
        return sum(each.value for each in self.kinds.values())


class FeederLosses(NamedTuple):
    """Losses of a feeder's elements, and what flows into it.

    :ivar head_kwh: deliveries and all losses
    """

    transformers: tuple[ElementLosses, ...]
    segments: tuple[ElementLosses, ...]
    head_kwh: float
    head_kvarh: float

    def of_kind(self, kind: LossKind) -> float:
        """Return the losses of a kind, kWh."""
        return sum(each.kinds[kind].value for each in (*self.transformers, *self.segments) if kind in each.kinds)


class _Carried(NamedTuple):
    """What flows through each section's end and, in the last place, out of the source; filled from the consumers on.

    :ivar formed: energy times the square of its form factor
    """

    active: Floats
    reactive: Floats
    formed: Floats


def feeder_losses(feeder: Feeder, deliveries: Mapping[str, TransformerLoad], conditions: Conditions) -> FeederLosses:
    """Return the losses of a feeder.

    :param deliveries: by transformer; one that is not named delivers nothing
    :raises NetworkRefused: with all faults of the feeder
    :raises LossesAboveInput: for the first element that would lose more than it carries
    """
    tree = tree_of(feeder)
    given = [deliveries.get(each.id, TransformerLoad(0.0)) for each in feeder.transformers]
    passport = passport_of(feeder.transformers)
    flow = _flow_of(given, conditions, conditions.voltage_kv or passport.nominal_kv)
    lost = transformer_losses(passport, flow)
    carried = _at_nodes(feeder, lost, flow)
    sections = section_of(feeder.segments, [feeder.wires[each.wire] for each in feeder.segments])
    _carry_to_source(tree, sections, carried, conditions, voltage := _line_voltage(feeder, conditions))
    through = _through(carried, np.arange(len(feeder.segments)), conditions, voltage)
    lost_on_lines = section_losses(sections, through)
    transformers = tuple(_transformer(each.id, lost, flow, place) for place, each in enumerate(feeder.transformers))
    segments = tuple(_segment(each.id, lost_on_lines, through, place) for place, each in enumerate(feeder.segments))
    _check((*transformers, *segments))
    return FeederLosses(transformers, segments, number(carried.active[NO_SEGMENT]), number(carried.reactive[NO_SEGMENT]))


def _line_voltage(feeder: Feeder, conditions: Conditions) -> float:
    """Return the voltage of the lines; where none was measured, the rated one of the transformers they feed."""
    if conditions.voltage_kv is not None:
        return conditions.voltage_kv
    return feeder.transformers[0].nominal_kv


def _flow_of(given: Sequence[TransformerLoad], conditions: Conditions, voltage_kv: Numbers) -> Flow:
    active, reactive, form = (np.array([each[place] for each in given], dtype=np.float64) for place in range(3))
    return Flow(active, reactive, conditions.hours, voltage_kv, form, conditions.configuration)


def _at_nodes(feeder: Feeder, lost: TransformerLosses, flow: Flow) -> _Carried:
    """Return what transformers take from the end of each section, losses included."""
    ends = {segment.to_node: place for place, segment in enumerate(feeder.segments)}
    at = np.array([ends.get(each.node, NO_SEGMENT) for each in feeder.transformers], dtype=np.int64)
    carried = _Carried(*(np.zeros(len(feeder.segments) + 1) for _ in range(3)))
    active = flow.active_kwh + lost.load.result + lost.no_load.result
    np.add.at(carried.active, at, active)
    np.add.at(carried.reactive, at, flow.reactive_kvarh + lost.load_reactive.result + lost.no_load_reactive.result)
    np.add.at(carried.formed, at, (flow.active_kwh + lost.load.result) * flow.form_squared + lost.no_load.result)
    return carried


def _carry_to_source(tree: Tree, sections: SectionPassport, carried: _Carried, conditions: Conditions, voltage_kv: float) -> None:
    """Add to what each section carries what the sections behind it carry and lose, the farthest first."""
    for level in tree.levels:
        through = _through(carried, level, conditions, voltage_kv)
        lost = section_losses(SectionPassport(*(np.asarray(column)[level] for column in sections)), through)
        before = tree.parent[level]
        np.add.at(carried.active, before, through.active_kwh + lost.load.result)
        np.add.at(carried.reactive, before, through.reactive_kvarh + lost.load_reactive.result - lost.charging.result)
        np.add.at(carried.formed, before, (through.active_kwh + lost.load.result) * through.form_squared)


def _through(carried: _Carried, places: Integers, conditions: Conditions, voltage_kv: float) -> Flow:
    active = carried.active[places]
    form = np.where(active > 0, carried.formed[places] / np.where(active > 0, active, 1), 1.0)
    return Flow(active, carried.reactive[places], conditions.hours, voltage_kv, np.maximum(form, 1.0), conditions.configuration)


def _transformer(element: str, lost: TransformerLosses, flow: Flow, place: int) -> ElementLosses:
    kinds = {LossKind.NO_LOAD: lost.no_load.at(place), LossKind.LOAD: lost.load.at(place)}
    return ElementLosses(element, number_at(flow.active_kwh, place), number_at(flow.reactive_kvarh, place), kinds)


def _segment(element: str, lost: SectionLosses, flow: Flow, place: int) -> ElementLosses:
    kinds = {LossKind.LINE: lost.load.at(place)}
    return ElementLosses(element, number_at(flow.active_kwh, place), number_at(flow.reactive_kvarh, place), kinds)


def _check(elements: Sequence[ElementLosses]) -> None:
    for each in elements:
        check_input(each)


def check_input(losses: ElementLosses) -> None:
    """Refuse an element that would lose more by its load than the apparent energy it carries; what is lost without a load may be more.

    :raises LossesAboveInput: if it would
    """
    by_load = sum(each.value for kind, each in losses.kinds.items() if kind is not LossKind.NO_LOAD)
    carried = hypot(losses.active_kwh, losses.reactive_kvarh)
    if by_load > carried:
        raise LossesAboveInput(losses.element, by_load, carried)
