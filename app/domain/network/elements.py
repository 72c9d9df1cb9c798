"""Elements of a feeder: nodes, sections of lines with their wires, transformers with their passports.

Nodes are numbers or codes as text. A section's energy goes from ``from_node`` to ``to_node``, away from the source.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Wire:
    """A kind of wire or cable; figures are those of one kilometer of one phase."""

    resistance_ohm_km: float
    reactance_ohm_km: float = 0.0
    #: capacitance to earth, of cables
    capacitance_nf_km: float = 0.0
    section_mm2: float | None = None


@dataclass(frozen=True)
class Segment:
    """A section of a line between two nodes."""

    id: str
    from_node: str
    to_node: str
    #: key of the feeder's wires
    wire: str
    length_km: float
    #: parallel circuits
    circuits: int = 1


@dataclass(frozen=True)
class Transformer:
    """A power transformer at a node, or several equal ones in parallel."""

    id: str
    node: str
    rated_kva: float
    #: rated voltage of the winding that losses are referred to
    nominal_kv: float
    no_load_kw: float
    load_kw: float
    no_load_current_percent: float = 0.0
    short_circuit_percent: float = 0.0
    in_parallel: int = 1


@dataclass(frozen=True)
class Feeder:
    """What one source feeds: sections and transformers, in any order.

    :ivar sources: one node; more than one is refused
    """

    sources: tuple[str, ...]
    segments: tuple[Segment, ...]
    transformers: tuple[Transformer, ...] = ()
    wires: Mapping[str, Wire] = field(default_factory=dict)
