"""The network: what feeders are made of, and whether they are joined so that losses can be computed."""

from app.domain.network.elements import Feeder, Segment, Transformer, Wire
from app.domain.network.topology import (
    NO_SEGMENT,
    Fault,
    NetworkFault,
    NetworkRefused,
    Tree,
    cycles_of,
    faults_of,
    oriented,
    sums_to_source,
    tree_of,
)

__all__ = [
    "NO_SEGMENT",
    "Fault",
    "Feeder",
    "NetworkFault",
    "NetworkRefused",
    "Segment",
    "Transformer",
    "Tree",
    "Wire",
    "cycles_of",
    "faults_of",
    "oriented",
    "sums_to_source",
    "tree_of",
]
