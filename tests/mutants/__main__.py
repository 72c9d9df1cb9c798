"""Try mutants: each in a process forked from one that has read the code and the tests and has the servers and an empty database ready.

Nothing of a mutant is seen by the next: its process ends, what it did in the empty database was never committed, and copies of
databases are made anew by whoever uses them.
"""

import argparse
import functools
import gc
import itertools
import os
import random
import re
import resource
import select
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

# Servers of its own, so that the suite can run beside it.
os.environ.setdefault("PYTEST_XDIST_WORKER", "mutants")

import pytest

from tests.mutants.faults import ROOT, SOURCES, Functions, Mutant, compute_again, drawn, living_functions, put_in
from tests.mutants.reach import KEPT, Tests, measure, place

TESTS = ("tests/domain", "tests/services", "tests/queries", "tests/documents/test_papers.py", "tests/architecture/test_doctests.py")
#: Tests of half a minute; what only they notice is listed.
LONG = {"tests/domain/test_billing.py::test_the_engine_agrees_with_the_reference_on_thousands_of_accounts_with_every_odd_case"}
#: So long a fork may take until it begins with its first test, on the busiest machine.
BEGIN_S = 300
MOST_BYTES = 8 * 2**30
#: What the latest fork wrote.
SAID = KEPT / "said.txt"


class Outcome(NamedTuple):
    """How a mutant ended: the test that noticed it, if one did, and out of how many."""

    mutant: Mutant
    tests: int
    noticed_by: str | None
    seconds: float


class Trial:
    """Runs in place of pytest's own loop: prepares what tests share, learns what they reach, and tries mutants."""

    def __init__(self, mutants: Sequence[Mutant], report: Callable[[Outcome], None], *, patience_s: float) -> None:
        self.mutants, self.report, self.patience_s = mutants, report, patience_s
        self.failed: list[str] = []

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Leave the screen to the figures."""
        config.pluginmanager.unregister(name="terminalreporter")

    def pytest_sessionstart(self) -> None:
        """Let properties fail at the first example, whether or not there is a simpler one."""
        from hypothesis import Phase, settings  # noqa: PLC0415 - not before pytest has prepared its assertions

        from tests import strategies  # noqa: F401, PLC0415 - sets the profile that is changed here

        settings.register_profile("mutants", settings.get_profile("ci"), phases=(Phase.explicit, Phase.generate))
        settings.load_profile("mutants")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out tests that need the loaded town, and the longest."""
        items[:] = [item for item in items if "loaded" not in item.fixturenames and item.nodeid not in LONG]  # type: ignore[attr-defined]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what fails."""
        if report.failed:
            self.failed.append(report.nodeid)
            print(report.nodeid, report.longreprtext, sep="\n", flush=True)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try the mutants with the collected tests."""
        functions = living_functions()
        _prepare(session.items)
        assert not self.failed, "the first test fails without any fault"
        tests = Tests(session.items)
        _spare_garbage()
        self._learn(tests)
        _spare_garbage()
        noticing: dict[str, pytest.Item] = {}
        for mutant in self.mutants:
            begun, items = time.monotonic(), tests.that_run(mutant, within_s=self.patience_s)
            noticed = _run_forked(tests.limits_of(items), functools.partial(self._try_mutant, items, mutant, functions))
            assert noticed is None or noticed >= 0, f"{mutant}: could not be put in, see {SAID}"
            if noticed is not None:
                noticing[items[noticed].nodeid] = items[noticed]
                tests.remember(items[noticed], mutant)
            self.report(Outcome(mutant, len(items), None if noticed is None else items[noticed].nodeid, time.monotonic() - begun))
        # Whoever noticed something must find nothing without it: also what came before left nothing behind.
        again = sorted(noticing.values(), key=lambda item: item.nodeid)
        failed = _run_forked(tests.limits_of(again), functools.partial(self._try, again))
        assert failed is None, f"{again[failed].nodeid} fails without any fault, see {SAID}"
        return True

    def _learn(self, tests: Tests) -> None:
        """Learn what the tests reach, module by module, those that changed anew; all of them must pass."""
        begun, unknown = time.monotonic(), [module for module in tests.modules if not tests.learn(module)]
        for module in unknown:
            items = tests.modules[module]
            assert _run_forked([3600], functools.partial(self._measure, items)) is None, f"{module} fails without any fault, see {SAID}"
            assert tests.learn(module)
        print(f"{len(tests.reaches)} tests, {len(unknown)} modules measured in {time.monotonic() - begun:.0f} s", flush=True)

    def _measure(self, items: list[pytest.Item], told: int) -> bool:
        _tell(told, 0)
        measure(items)
        if self.failed:
            place(items[0].nodeid.partition("::")[0]).unlink()
        return not self.failed

    def _try_mutant(self, items: list[pytest.Item], mutant: Mutant, functions: Functions, told: int) -> bool:
        """Put a mutant in and run tests until one fails; if the module could not be read with it, the first one would."""
        put_in(mutant, functions)
        if items:
            _tell(told, 0)
        compute_again(mutant)
        return self._try(items, told)

    def _try(self, items: list[pytest.Item], told: int) -> bool:
        """Run tests until one fails; tell which is run, and whether all pass."""
        for number, (item, following) in enumerate(itertools.zip_longest(items, items[1:])):
            _tell(told, number)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                return False
        return True


def _prepare(items: list[pytest.Item]) -> None:
    """Start the servers and make the empty database, once for all forks; what this has put into caches is forgotten."""
    with_database = next((item for item in items if "engine" in item.fixturenames), None)  # type: ignore[attr-defined]
    if with_database:
        # What belongs to the whole run stays, whichever test comes next.
        with_database.config.hook.pytest_runtest_protocol(item=with_database, nextitem=with_database.session)
    for each in gc.get_objects():
        if isinstance(each, functools._lru_cache_wrapper) and each.__module__.startswith("app."):
            each.cache_clear()


def _spare_garbage() -> None:
    """Collect what nobody uses any more, and let forks pass over the rest: connections are not theirs to close."""
    gc.collect()
    gc.freeze()


def _tell(told: int, number: int) -> None:
    os.write(told, number.to_bytes(4, "big"))


def _run_forked(limits_s: Sequence[float], work: Callable[[int], bool]) -> int | None:
    """Do work in a fork; return None if it says that all is well, else the number it told last (-1: none).

    :param limits_s: how long it may take after each number before it counts as endless
    """
    heard, told = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(heard)
        _work_and_end(work, told)
    os.close(told)
    number = -1
    while select.select([heard], [], [], limits_s[number] if number >= 0 else BEGIN_S)[0] and (read := os.read(heard, 4)):
        number = int.from_bytes(read, "big")
    os.close(heard)
    with_end = os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    if with_end is None:
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return None if os.waitstatus_to_exitcode(status) == 0 else number


def _work_and_end(work: Callable[[int], bool], told: int) -> None:
    """Work without a screen and with a limit of memory, and leave without anything of the parent's."""
    ended = 1
    try:
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
        with SAID.open("w") as said:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
        ended = 0 if work(told) else 1
    except BaseException:  # noqa: BLE001 - a fork must come to its end, whatever happens in it
        traceback.print_exc()
    finally:
        os._exit(ended)


def _area(mutant: Mutant) -> str:
    return next(source for source in SOURCES if mutant.path.startswith(source))


def main() -> int:
    """Draw mutants, try each, and list the survivors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=300)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--only", nargs="*", default=SOURCES, help="files or folders to draw from")
    parser.add_argument("--match", default="", help="of those drawn only the ones whose line a pattern is found in")
    parser.add_argument("--tests", nargs="*", default=TESTS)
    parser.add_argument(
        "--patience", type=float, default=120, help="seconds that the tests of a mutant which survives usually take together"
    )
    parser.add_argument("--verbose", action="store_true", help="also those noticed, and by which test")
    given = parser.parse_args()
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(10**6)
    chosen = [mutant for mutant in drawn(given.size, seed, given.only) if re.search(given.match, str(mutant))]
    print(f"{len(chosen)} mutants, SEED={seed}", flush=True)
    outcomes: list[Outcome] = []

    def report(outcome: Outcome) -> None:
        outcomes.append(outcome)
        if outcome.noticed_by is None:
            print(f"  survives {outcome.tests} tests: {outcome.mutant}", flush=True)
        elif given.verbose:
            print(f"  {outcome.seconds:.1f} s {outcome.mutant}: {outcome.noticed_by}", flush=True)
        if len(outcomes) % 25 == 0:
            print(f"  {len(outcomes)} tried, {sum(each.noticed_by is None for each in outcomes)} survive", flush=True)

    os.chdir(ROOT)
    KEPT.mkdir(parents=True, exist_ok=True)
    arguments = ["-s", "-p", "no:randomly", "-p", "no:xdist", *given.tests]
    ended = pytest.main(arguments, plugins=[Trial(chosen, report, patience_s=given.patience)])
    if ended != pytest.ExitCode.OK or len(outcomes) != len(chosen):
        print(f"The tests could not be run ({ended!r}).")
        return 1
    _tell_figures(outcomes)
    return 0


def _tell_figures(outcomes: list[Outcome]) -> None:
    killed = sum(outcome.noticed_by is not None for outcome in outcomes)
    print(f"{killed} of {len(outcomes)} killed ({100 * killed / max(len(outcomes), 1):.1f} %)")
    every = Counter(_area(outcome.mutant) for outcome in outcomes)
    survivors = Counter(_area(outcome.mutant) for outcome in outcomes if outcome.noticed_by is None)
    for area, count in sorted(every.items()):
        print(f"  {area}: {count - survivors[area]} of {count}")


if __name__ == "__main__":
    sys.exit(main())
