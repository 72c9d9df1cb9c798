"""Which tests run which lines, and how long each takes: learned once by coverage, and kept under ``var/`` until the sources change."""

import hashlib
import json
import os
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import coverage
import pytest

from tests.mutants.faults import ROOT, SOURCES, Mutant

KEPT = ROOT / "var" / "mutants"


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
        sources = _digest_of_sources()
        self.places = {module: _place(module, sources) for module in self.modules}

    def learn(self, module: str) -> bool:
        """Read what a module's tests reach if it was kept; tell whether it was."""
        kept = self.places[module]
        if not kept.exists():
            return False
        told = json.loads(kept.read_text())
        for name, (seconds, lines) in told.items():
            self.reaches[name] = Reach(seconds, {path: frozenset(numbers) for path, numbers in lines.items()})
        return True

    def forget_others(self) -> None:
        """Remove what was kept of other states of the sources."""
        wanted = set(self.places.values())
        names = {path.name.rpartition("-")[0] for path in wanted}
        for path in KEPT.glob("*.json"):
            if path not in wanted and path.name.rpartition("-")[0] in names:
                path.unlink()

    def that_run(self, mutant: Mutant) -> list[pytest.Item]:
        """Return the tests that run the place of a mutant, the quickest first; at the end modules that share what is made for them."""
        found = [item for item in self._all if self.reaches[item.nodeid].touches(mutant)]
        found = found or [item for item in self._all if self.reaches[item.nodeid].touches_statement(mutant)]
        usual_s = {module: sum(self.reaches[item.nodeid].seconds for item in items) for module, items in self.modules.items()}

        def order(item: pytest.Item) -> tuple[bool, float, str, float, str]:
            module, seconds = item.nodeid.partition("::")[0], self.reaches[item.nodeid].seconds
            return (True, usual_s[module], module, seconds, item.nodeid) if _is_prepared(item) else (False, seconds, "", 0, item.nodeid)

        return sorted(found, key=order)

    @cached_property
    def _all(self) -> list[pytest.Item]:
        return [item for items in self.modules.values() for item in items]


def _place(module: str, sources: bytes) -> Path:
    """Return where the reach of a module's tests is kept, as long as neither it nor the sources change."""
    digest = hashlib.sha256(sources + (ROOT / module).read_bytes()).hexdigest()
    return KEPT / f"{module.replace('/', '.').removesuffix('.py')}-{digest[:16]}.json"


def _digest_of_sources() -> bytes:
    digest = hashlib.sha256()
    own = ROOT / "tests" / "mutants"
    helpers = (path for path in (ROOT / "tests").rglob("*.py") if not path.name.startswith("test_") and path.parent != own)
    for path in sorted([*(ROOT / "app").rglob("*.py"), *helpers]):
        digest.update(path.read_bytes())
    return digest.digest()


def _is_prepared(item: pytest.Item) -> bool:
    """Tell whether a test shares something with the others of its module that is made for them."""
    fixtures = item._fixtureinfo.name2fixturedefs.values()  # type: ignore[attr-defined]
    return any(fixture.scope in {"module", "package", "class"} for each in fixtures for fixture in each)


def measure(items: Sequence[pytest.Item], kept: Path) -> None:
    """Run the tests of a module in this process, which ends afterwards, and keep what each reaches.

    :raises AssertionError: if one fails, as it should tell faults apart
    """
    measuring = coverage.Coverage(data_file=None, config_file=False, include=[str(ROOT / source / "*") for source in SOURCES])
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
    kept.parent.mkdir(parents=True, exist_ok=True)
    beside = kept.with_suffix(f".{os.getpid()}")
    beside.write_text(json.dumps({name: (seconds[name], lines[name]) for name in seconds}))
    beside.replace(kept)
