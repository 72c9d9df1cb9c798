"""Loss cases: a feeder with its loads, elements with the energy each carries, or currents of three phases, and what is computed of them.

Losses are given on more than one basis where the case allows it, because they differ by the square of the voltage: rated, as at the
source, or as measured. Figures are named as in the case's own reference values, so that each of those that stands there is compared.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from app.domain.balances.feeders import ElementLosses, TransformerLoad
from app.domain.balances.figures import ComputedFigure
from app.domain.balances.losses import LossKind
from app.domain.network import Feeder, Segment, Transformer, Wire

#: Rated voltage of the low side of transformers whose passport does not say.
LOW_SIDE_KV = 0.4
#: By how much of an energy sums may differ and still be the same.
AGREEMENT = 0.001
LINES = frozenset({LossKind.LINE})
TRANSFORMERS = frozenset({LossKind.NO_LOAD, LossKind.LOAD})


class Basis(StrEnum):
    """Which voltage losses are computed with."""

    RATED = "RATED"
    SOURCE = "SOURCE"
    MEAN = "MEAN"
    MEASURED = "MEASURED"  # at both sides of each element, lines by the energy at their head


class NegativeBalance(Exception):
    """More is taken somewhere than flows in; the text names where."""


class Basic(NamedTuple):
    """Losses of all elements on one basis.

    :ivar input_kwh: what flows in at the source
    """

    basis: Basis
    elements: tuple[ElementLosses, ...]
    input_kwh: float

    def lost(self, kinds: frozenset[LossKind]) -> float:
        """Return the losses of some kinds, kWh."""
        return sum(each.value for element in self.elements for kind, each in element.kinds.items() if kind in kinds)


class CaseResult(NamedTuple):
    """What was computed of a case.

    :ivar bases: the one that is meant first
    :ivar named: name of a reference value in the case → what it is compared with
    :ivar factors: unequal phases of rows of currents
    """

    bases: tuple[Basic, ...]
    named: Mapping[str, float]
    factors: tuple[tuple[ComputedFigure, ComputedFigure], ...] = ()


class HeadMeasured(NamedTuple):
    """What was measured beside one line with one transformer: voltages, and power at the head."""

    high_kv: float
    low_kv: float
    low_nominal_kv: float
    head_kw: float
    head_kvar: float


class FeederCase(NamedTuple):
    """A feeder with what its transformers deliver in some hours.

    :ivar mean_kv: mean voltage of its nodes, if known
    :ivar head_kw: power that was measured or computed at the source, if known
    :ivar voltages: further voltages the case has reference values for, by name
    :ivar load_flow_kwh: losses of the load flow: ``lines``, ``trafo``, ``total``
    """

    feeder: Feeder
    deliveries: Mapping[str, TransformerLoad]
    hours: float
    source_kv: float
    configuration: float = 1.0
    mean_kv: float | None = None
    head_kw: float | None = None
    measured: HeadMeasured | None = None
    voltages: Mapping[str, float] = MappingProxyType({})
    load_flow_kwh: Mapping[str, float] = MappingProxyType({})


class Carried(NamedTuple):
    """What an element of a case carries: energy at the consumers' side of it."""

    active_kwh: float
    reactive_kvarh: float
    form_squared: float
    nominal_kv: float
    mean_kv: float | None = None


class EnergiesCase(NamedTuple):
    """Elements of a network with the energy each carries; sections may be written in either direction.

    :ivar carried: element → what it carries
    :ivar delivered_kwh: all deliveries together, if known
    """

    segments: tuple[Segment, ...]
    wires: Mapping[str, Wire]
    transformers: tuple[Transformer, ...]
    carried: Mapping[str, Carried]
    hours: float
    delivered_kwh: float | None = None


class Currents(NamedTuple):
    """Currents of three phases, A, and the resistance of the neutral wire to that of a phase."""

    a: float
    b: float
    c: float
    neutral_ratio: float


class UnbalanceCase(NamedTuple):
    """Rows of currents whose factor of unequal phases is computed."""

    rows: tuple[Currents, ...]
