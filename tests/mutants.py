"""Small faults put into the code on purpose, one at a time: ``make mutants`` draws them by a seed and tells which of them no test notices.

A mutant lives in a process forked from one that has read the code and the tests: the code of one function is exchanged there, and the
tests run that import its area. What stands outside of functions is not changed.
"""

import argparse
import ast
import contextlib
import copy
import gc
import importlib
import io
import os
import random
import select
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("app/domain", "app/services/payments", "app/services/billing", "app/services/ledger")
#: Where tests are looked for, the quick ones first.
TESTS = ("tests/domain", "tests/services")
#: Exit codes of pytest that tell something of the code under test; others are faults of this program.
_OUTCOMES = {0: "passed", 1: "failed", 2: "failed"}
EXAMPLES = "tests/architecture/test_doctests.py::test_examples_of_a_module_are_true"
#: What takes longer than the unchanged tests by so much goes on for ever.
TIMES, MORE_S, LONGEST_S = 4, 30, 30
_SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn,
    ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult, ast.Div: ast.Mult, ast.Mod: ast.Mult, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
#: What changes nothing that could be noticed: invariants that hold, words about types, and writing early what is written anyway.
_LEFT_OUT = (ast.Assert, ast.Raise)
_FLUSH = "flush"


class Mutant(NamedTuple):
    """A change of one place in a function: the how-manyth place of the module's, and what becomes of it."""

    path: str
    place: int
    line: int
    function: str
    change: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.function}: {self.change}"


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Return functions and methods with their qualified names; what stands in them belongs to them."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{each.name}", each) for each in node.body if isinstance(each, ast.FunctionDef))


def _places(node: ast.AST) -> Iterator[ast.AST]:
    """Return what can be changed in a function, always in the same order."""
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "args"} and not isinstance(node, ast.Call):
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, ast.AST) and not isinstance(each, _LEFT_OUT):
                if _change(each):
                    yield each
                yield from _places(each)


def _change(node: ast.AST) -> str:
    """Return what becomes of a place, in words; nothing if it stays."""
    match node:
        case ast.Compare(ops=[op]) | ast.BinOp(op=op) | ast.AugAssign(op=op) | ast.BoolOp(op=op) if type(op) in _SWAPS:
            return f"{type(op).__name__} becomes {_SWAPS[type(op)].__name__} in {ast.unparse(node)[:90]}"
        case ast.UnaryOp(op=ast.Not()):
            return f"no longer {ast.unparse(node)[:90]}"
        case ast.Constant(value=bool() | int() as value):
            return f"{value} becomes {not value if isinstance(value, bool) else value + 1}"
        case ast.Return(value=value) if value is not None and not isinstance(value, ast.Constant):
            return f"None in place of {ast.unparse(value)[:90]}"
        case ast.Expr(value=ast.Call(func=func)) if getattr(func, "attr", "") != _FLUSH:
            return f"without {ast.unparse(node)[:90]}"
    return ""


def _mutate(node: ast.AST) -> ast.AST:
    """Return what a place becomes."""
    match node:
        case ast.Compare(ops=[op]):
            node.ops = [_SWAPS[type(op)]()]  # type: ignore[list-item]
        case ast.BinOp(op=op) | ast.AugAssign(op=op) | ast.BoolOp(op=op):
            node.op = _SWAPS[type(op)]()  # type: ignore[assignment]
        case ast.UnaryOp():
            return node.operand
        case ast.Constant(value=value):
            node.value = (not value) if isinstance(value, bool) else value + 1  # type: ignore[operator]
        case ast.Return():
            node.value = ast.Constant(None)
        case ast.Expr():
            return ast.Pass()
    return node


class _Replace(ast.NodeTransformer):
    def __init__(self, wanted: ast.AST) -> None:
        self.wanted = wanted

    def visit(self, node: ast.AST) -> ast.AST:
        return ast.copy_location(_mutate(node), node) if node is self.wanted else self.generic_visit(node)


def mutants_of(path: str) -> list[Mutant]:
    """Return every mutant of a module."""
    found = []
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    for name, function in _functions(tree):
        for node in _places(function):
            found.append(Mutant(path, len(found), node.lineno, name, _change(node)))
    return found


def drawn(size: int, seed: int, sources: tuple[str, ...] = SOURCES) -> list[Mutant]:
    """Return so many mutants of the sources, the same for a seed, those of a module together."""
    files = [path for source in sources for path in (ROOT / source, *(ROOT / source).rglob("*.py")) if path.is_file()]
    paths = sorted(str(path.relative_to(ROOT)) for path in files)
    every = [mutant for path in paths for mutant in mutants_of(path)]
    return sorted(random.Random(seed).sample(every, min(size, len(every))))


def put_in(mutant: Mutant) -> None:
    """Exchange the code of the function in this process, wherever it is used."""
    source = ROOT / mutant.path
    tree = copy.deepcopy(ast.parse(source.read_text(encoding="utf-8")))
    wanted = [node for _name, function in _functions(tree) for node in _places(function)][mutant.place]
    module = compile(ast.fix_missing_locations(_Replace(wanted).visit(tree)), str(source), "exec")
    code = next(each for each in _codes(module) if each.co_qualname == mutant.function)
    importlib.import_module(mutant.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__"))
    living = [
        each
        for each in gc.get_objects()
        if isinstance(each, FunctionType) and each.__code__.co_filename == str(source) and each.__code__.co_qualname == mutant.function
    ]
    assert living, mutant
    for function in living:
        function.__code__ = code


def _codes(code: CodeType) -> Iterator[CodeType]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield each
            yield from _codes(each)


def related_tests(path: str, folders: tuple[str, ...] = TESTS) -> list[str]:
    """Return the test modules that import the mutated module or its area, those that name the module itself first."""
    module = path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    area = ".".join(module.split(".")[:3])
    found = []
    for order, folder in enumerate(folders):
        for test in sorted((ROOT / folder).glob("test_*.py")):
            names = _imported(test)
            if any(name == area or name.startswith(f"{area}.") for name in names):
                found.append((module not in names, order, str(test.relative_to(ROOT))))
    examples = [f"{EXAMPLES}[{module}]"] if ">>>" in (ROOT / path).read_text(encoding="utf-8") else []
    return examples + [test for *_, test in sorted(found)]


def _imported(path: Path) -> set[str]:
    """Return the modules and names a test imports, itself or by a scenario beside it."""
    names = _names(path)
    beside = [path.parent / f"{name.rpartition('.')[2]}.py" for name in names]
    return names.union(*(_names(each) for each in beside if each.exists()))


@cache
def _names(path: Path) -> frozenset[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
    return frozenset(names)


class _Selection:
    """Leaves out tests that need the loaded town, and keeps the order of the modules."""

    def pytest_collection_modifyitems(self, items: list) -> None:  # type: ignore[type-arg]
        items[:] = [item for item in items if "loaded" not in item.fixturenames]


def _run(tests: list[str], mutant: Mutant | None, limit_s: float) -> tuple[str, float]:
    """Run tests in a fork of this process; return ``passed``, ``failed`` or ``endless``, and the seconds it took."""
    begun, child = time.monotonic(), os.fork()
    if child == 0:
        os.setpgid(0, 0)
        with Path(os.devnull).open("w") as nothing:
            os.dup2(nothing.fileno(), 1)
            os.dup2(nothing.fileno(), 2)
        os._exit(_try(tests, mutant))
    handle = os.pidfd_open(child)
    is_over = bool(select.select([handle], [], [], limit_s)[0])
    os.close(handle)
    if not is_over:
        os.killpg(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    took = time.monotonic() - begun
    ended = os.waitstatus_to_exitcode(status)
    assert ended in {*_OUTCOMES, -signal.SIGKILL}, f"{mutant or tests}: the tests could not be run ({ended})"
    return _OUTCOMES.get(ended, "endless"), took


def _try(tests: list[str], mutant: Mutant | None) -> int:
    """Return how tests ended, as pytest's exit code; 99 if the mutant could not be put in."""
    try:
        if mutant is not None:
            put_in(mutant)
    except BaseException:  # noqa: BLE001 - a fork must come to its end, whatever happens in it
        return 99
    return int(_pytest("-x", *tests))


def _pytest(*arguments: str) -> int:
    import pytest  # noqa: PLC0415 - whoever only draws mutants needs none

    return pytest.main(["-q", "-p", "no:randomly", "-p", "no:xdist", *arguments], plugins=[_Selection()])


class Killing:
    """Tries mutants one after another against the tests of their areas."""

    def __init__(self, folders: tuple[str, ...], *, trusts: bool) -> None:
        self.usual_s: dict[str, float] = {}
        self.folders, self.trusts = folders, trusts

    def survives(self, mutant: Mutant) -> bool:
        """Tell whether every test passes with a mutant."""
        tests = related_tests(mutant.path, self.folders)
        if not tests:
            return True
        usual_s = LONGEST_S if self.trusts else sum(self._usual_s(test) for test in tests)
        return _run(tests, mutant, usual_s * TIMES + MORE_S)[0] == "passed"

    def _usual_s(self, test: str) -> float:
        """Return how long a test module takes without a mutant; it must pass then."""
        if test not in self.usual_s:
            outcome, self.usual_s[test] = _run([test], None, 600)
            assert outcome == "passed", f"{test} {outcome} without any mutant"
        return self.usual_s[test]


def _read_everything(tests: set[str]) -> None:
    """Import the code and the tests once, so that a fork has them."""
    with contextlib.redirect_stdout(io.StringIO()):
        assert _pytest("--collect-only", *sorted(tests)) == 0, "the tests cannot be collected"


def main() -> int:
    """Draw mutants, try each, and list the survivors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=300)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--only", nargs="*", default=SOURCES)
    parser.add_argument("--tests", nargs="*", default=TESTS, help="folders of tests, the quick ones first")
    parser.add_argument("--skip", type=int, default=0, help="how many of the drawn ones were tried before")
    parser.add_argument("--trust", action="store_true", help="the tests were just seen to pass without any mutant")
    given = parser.parse_args()
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(10**6)
    chosen = drawn(given.size, seed, tuple(given.only))[given.skip :]
    print(f"{len(chosen)} mutants, SEED={seed}", flush=True)
    folders = tuple(given.tests)
    _read_everything({test for mutant in chosen for test in related_tests(mutant.path, folders)})
    killing, survivors = Killing(folders, trusts=given.trust), []
    for number, mutant in enumerate(chosen, 1):
        if killing.survives(mutant):
            survivors.append(mutant)
            print(f"  {number}: survives {mutant}", flush=True)
        if number % 25 == 0:
            print(f"  {number} tried, {len(survivors)} survive", flush=True)
    killed = len(chosen) - len(survivors)
    print(f"{killed} of {len(chosen)} killed ({100 * killed / max(len(chosen), 1):.1f} %)")
    for area, count in sorted(Counter(mutant.path for mutant in survivors).items()):
        print(f"  {count} survived in {area}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
