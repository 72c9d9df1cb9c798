"""Which tests run which lines, and how long each takes: learned once by coverage, and kept under ``var/mutants``.

What is kept of a module of tests holds as long as neither it changes nor a source that its tests run. What else changes may let a test run
other lines; then a fault may be listed that a test would notice, but none is taken for noticed that is not.
"""

import hashlib
import json
import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cache, cached_property
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import coverage
import pytest

from tests.mutants.faults import ROOT, SOURCES, Mutant

KEPT = ROOT / "var" / "mutants"
#: A test that takes longer than it usually does by so much goes on for ever.
TIMES, MORE_S = 10, 20
#: A test that noticed a fault of a file, or of a function, is tried as early as one so many times quicker; so is one of a module whose
#: name has a word of the file's address.
FILE_WEIGHT, FUNCTION_WEIGHT, NAME_WEIGHT = 5, 50, 4


class Reach(NamedTuple):
    """What one test runs of the sources, and how long it takes."""

    seconds: float
    lines: dict[str, frozenset[int]]

    def touches(self, mutant: Mutant) -> bool:
        """Tell whether the test runs the lines of a mutant; a part of a statement may have none of its own."""
        return not self.lines.get(mutant.path, frozenset()).isdisjoint(range(mutant.lines.start, mutant.lines.stop))

    def touches_statement(self, mutant: Mutant) -> bool:
        """Tell whether the test runs the statement of a mutant."""
        return not self.lines.get(mutant.path, frozenset()).isdisjoint(mutant.statement)


class Tests:
    """The collected tests with their reach, the quickest first."""

    def __init__(self, items: Iterable[pytest.Item]) -> None:
        self.modules: dict[str, list[pytest.Item]] = defaultdict(list)
        for item in items:
            self.modules[item.nodeid.partition("::")[0]].append(item)
        self.reaches: dict[str, Reach] = {}
        self._noticed: Counter[tuple[str, str, str]] = Counter()

    def learn(self, module: str) -> bool:
        """Read what a module's tests reach, if it is kept and still holds; tell whether it does."""
        kept = place(module)
        if not kept.exists():
            return False
        told = json.loads(kept.read_text())
        if any(_digest(path) != digest for path, digest in told["digests"].items()):
            return False
        for name, (seconds, lines) in told["tests"].items():
            self.reaches[name] = Reach(seconds, {path: frozenset(numbers) for path, numbers in lines.items()})
        return all(item.nodeid in self.reaches for item in self.modules[module])

    def remember(self, item: pytest.Item, mutant: Mutant) -> None:
        """Remember that a test noticed a mutant."""
        self._noticed[item.nodeid, mutant.path, mutant.function] += FUNCTION_WEIGHT
        self._noticed[item.nodeid, mutant.path, ""] += FILE_WEIGHT

    def that_run(self, mutant: Mutant, *, within_s: float) -> list[pytest.Item]:
        """Return the tests that run the place of a mutant; of a place that runs when its module is read those that run anything of it.

        :param within_s: as many as usually take so long together

        Quick tests come first, those of many modules before many of one, and slower ones if they noticed faults nearby; at the end
        modules that share what is made for them.
        """
        found = [item for item in self._all if self.reaches[item.nodeid].touches(mutant)]
        found = found or [item for item in self._all if self.reaches[item.nodeid].touches_statement(mutant)]
        found = found or [item for item in self._all if mutant.path in self.reaches[item.nodeid].lines]
        usual_s = {module: sum(self.reaches[item.nodeid].seconds for item in items) for module, items in self.modules.items()}

        before: Counter[str] = Counter()

        def order(item: pytest.Item) -> tuple[bool, float, str, float, str]:
            module, nodeid = item.nodeid.partition("::")[0], item.nodeid
            before[module] += 1
            hope = 1 + sum(self._noticed[nodeid, mutant.path, function] for function in ("", mutant.function)) + _likeness(module, mutant)
            seconds = self.reaches[nodeid].seconds * before[module] / hope
            return (True, usual_s[module], module, seconds, nodeid) if _is_prepared(item) else (False, seconds, "", 0, nodeid)

        chosen = sorted(sorted(found, key=lambda item: self.reaches[item.nodeid].seconds), key=order)
        until = accumulate(self.reaches[item.nodeid].seconds for item in chosen)
        return [item for item, seconds in zip(chosen, until, strict=True) if seconds <= within_s or item is chosen[0]]

    def limits_of(self, items: Sequence[pytest.Item]) -> list[float]:
        """Return how many seconds each test may take before it counts as endless."""
        return [self.reaches[item.nodeid].seconds * TIMES + MORE_S for item in items]

    @cached_property
    def _all(self) -> list[pytest.Item]:
        return [item for items in self.modules.values() for item in items]


def _likeness(module: str, mutant: Mutant) -> int:
    """Return how much more a module of tests promises because it is called like the file, or like the folder it is in."""
    return NAME_WEIGHT * len(set(Path(module).stem.split("_")) & set(Path(mutant.path).with_suffix("").parts))


def place(module: str) -> Path:
    """Return where the reach of a module's tests is kept."""
    return KEPT / f"{module.replace('/', '.').removesuffix('.py')}.json"


@cache
def _digest(path: str) -> str:
    source = ROOT / path
    return hashlib.sha256(source.read_bytes()).hexdigest() if source.exists() else ""


def _is_prepared(item: pytest.Item) -> bool:
    """Tell whether a test shares something with the others of its module that is made for them."""
    fixtures = item._fixtureinfo.name2fixturedefs.values()  # type: ignore[attr-defined]
    return any(fixture.scope in {"module", "package", "class"} for each in fixtures for fixture in each)


def measure(items: Sequence[pytest.Item]) -> None:
    """Run the tests of a module in this process, which ends afterwards, and keep what each reaches."""
    measuring = coverage.Coverage(
        data_file=None, config_file=False, include=[str(ROOT / source / "*") for source in (*SOURCES, "app/queries")]
    )
    measuring.set_option("run:disable_warnings", ["no-data-collected"])
    measuring.start()
    seconds = {}
    for item, following in zip(items, [*items[1:], None], strict=True):
        begun = time.monotonic()
        measuring.switch_context(item.nodeid)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        seconds[item.nodeid] = round(time.monotonic() - begun, 4)
    measuring.stop()
    data = measuring.get_data()
    lines: dict[str, dict[str, list[int]]] = {name: defaultdict(list) for name in seconds}
    for path in data.measured_files():
        for number, names in data.contexts_by_lineno(path).items():
            for name in names:
                if name in lines:
                    lines[name][str(Path(path).relative_to(ROOT))].append(number)
    module = items[0].nodeid.partition("::")[0]
    told = {
        "digests": {path: _digest(path) for path in (module, *sorted({path for each in lines.values() for path in each}))},
        "tests": {name: (seconds[name], lines[name]) for name in seconds},
    }
    beside = place(module).with_suffix(f".{os.getpid()}")
    beside.write_text(json.dumps(told))
    beside.replace(place(module))
