"""How long the arithmetic of losses takes: 100,000 transformers with a line each, and as many sections from the consumers to the source.

``make bench-losses ELEMENTS=100000`` prints milliseconds of each, the best of five, and ends with one line of JSON: the ratio of each
to its limit of 50 ms. Reading rows is no part of it.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from app.domain.balances import Flow, SectionPassport, TransformerPassport, section_losses, transformer_losses
from app.domain.network import NO_SEGMENT, Tree, sums_to_source

LIMIT_MS = 50
#: Sections of a feeder in a row, and feeders.
DEPTH = 20


def run(elements: int) -> dict[str, Any]:
    """Measure and return the figures."""
    random = np.random.default_rng(1)
    rated = random.choice([63.0, 100.0, 160.0, 250.0, 400.0], elements)
    passport = TransformerPassport(rated, 10.0, rated * 0.0025, rated * 0.0145, 2.2, 4.5)
    energy = rated * 720 * random.uniform(0.1, 0.6, elements)
    section = SectionPassport(random.uniform(0.1, 4, elements), random.uniform(0.1, 2, elements), np.zeros(elements))
    flow = Flow(energy, energy * 0.4, 720.0, 10.0, random.uniform(1, 1.4, elements))

    def transformers_with_lines() -> None:
        lost = transformer_losses(passport, flow)
        behind = flow._replace(active_kwh=energy + lost.no_load.result + lost.load.result)
        assert np.all(section_losses(section, behind).load.result > 0)

    tree = _chains(elements)

    def to_the_source() -> None:
        carried = sums_to_source(tree, energy)
        assert np.isclose(carried[tree.parent == NO_SEGMENT].sum(), energy.sum())

    took = {"transformers_with_lines_ms": _best(transformers_with_lines), "sums_to_source_ms": _best(to_the_source)}
    ratio = max(took.values()) / LIMIT_MS
    return {"elements": elements, **{name: round(value, 3) for name, value in took.items()}, "worst_ratio": round(ratio, 3)}


def _chains(elements: int) -> Tree:
    """Return feeders of ``DEPTH`` sections in a row each."""
    places = np.arange(elements)
    parent = np.where(places % DEPTH == 0, NO_SEGMENT, places - 1)
    return Tree(parent, tuple(places[places % DEPTH == depth] for depth in reversed(range(DEPTH))))


def _best(work: Callable[[], None]) -> float:
    found = []
    for _ in range(5):
        begun = time.perf_counter()
        work()
        found.append((time.perf_counter() - begun) * 1000)
    return min(found)


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)))
