"""Which faults there are, which of them a seed draws, and how one is put into the code of this process.

A fault changes one place of one function. What stands outside of functions is not changed. Not drawn is what nobody could notice:

- invariants that hold and how errors are built: ``assert``, ``raise``, what an exception tells its base class, ``strict=`` of ``zip``,
  ``assume_unique=`` of numpy;
- words about types and values: annotations, defaults, decorators, ``cast``, ``__repr__``;
- writing to the database early what is written anyway: ``flush``.
"""

import ast
import copy
import gc
import hashlib
import importlib
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("app/domain", "app/services/payments", "app/services/billing", "app/services/ledger")
_SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn,
    ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult, ast.Div: ast.Mult, ast.Mod: ast.Mult, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
#: Functions of this process, by file and qualified name.
Functions = dict[tuple[str, str], list[FunctionType]]
_LEFT_OUT = (ast.Assert, ast.Raise)
_FUNCTIONS_LEFT_OUT, _CALLS_LEFT_OUT, _ARGUMENTS_LEFT_OUT = {"__repr__"}, {"cast"}, {"strict", "assume_unique"}
_FLUSH = "flush"


class Mutant(NamedTuple):
    """A change of one place in a function: the how-manyth place of the module's, and what becomes of it."""

    path: str
    place: int
    line: int
    function: str
    change: str
    #: the lines of the place, and those of the statement it stands in
    lines: range
    statement: range

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.function}: {self.change}"


class Place(NamedTuple):
    """What can be changed, and the statement it stands in."""

    node: ast.AST
    statement: ast.stmt


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Return functions and methods with their qualified names; what stands in them belongs to them."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            found = (each for each in node.body if isinstance(each, ast.FunctionDef) and each.name not in _FUNCTIONS_LEFT_OUT)
            yield from ((f"{node.name}.{each.name}", each) for each in found)


def _places(node: ast.AST, statement: ast.stmt) -> Iterator[Place]:
    """Return what can be changed in a function, always in the same order."""
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "args"} and not isinstance(node, ast.Call):
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, ast.AST) and not _is_left_out(each):
                within = each if isinstance(each, ast.stmt) else statement
                if _change(each):
                    yield Place(each, within)
                yield from _places(each, within)


def _is_left_out(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return name in _CALLS_LEFT_OUT
        case ast.Call(func=ast.Attribute(attr="limit"), args=[ast.Constant(value=1)]):
            return True
        case ast.keyword(arg=name):
            return name in _ARGUMENTS_LEFT_OUT
    return isinstance(node, _LEFT_OUT)


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
        case ast.Expr(value=ast.Call(func=func)) if getattr(func, "attr", "") != _FLUSH and "super()" not in ast.unparse(func):
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


def _every_place(tree: ast.Module) -> Iterator[tuple[str, Place]]:
    return ((name, place) for name, function in _functions(tree) for place in _places(function, function))


def _lines(node: ast.expr | ast.stmt) -> range:
    """Return the lines of a node; of a statement that has others in it, those before them."""
    within = getattr(node, "body", None)
    is_block = isinstance(node, ast.stmt) and isinstance(within, list)
    return range(node.lineno, max(within[0].lineno, node.lineno + 1) if is_block and within else (node.end_lineno or node.lineno) + 1)


@cache
def mutants_of(path: str) -> tuple[Mutant, ...]:
    """Return every mutant of a module."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return tuple(
        Mutant(path, number, node.lineno, name, _change(node), _lines(node), _lines(statement))  # type: ignore[attr-defined,arg-type]
        for number, (name, (node, statement)) in enumerate(_every_place(tree))
    )


def drawn(size: int, seed: int, sources: Iterable[str] = SOURCES) -> list[Mutant]:
    """Return so many mutants of the sources: for a seed always the same of a function, whatever is written in others."""
    files = [path for source in sources for path in (ROOT / source, *(ROOT / source).rglob("*.py")) if path.is_file()]
    before: Counter[str] = Counter()
    ranks = {}
    for path in sorted(str(path.relative_to(ROOT)) for path in files):
        for mutant in mutants_of(path):
            name = f"{mutant.path} {mutant.function} {mutant.change}"
            ranks[mutant] = hashlib.sha256(f"{seed} {name} {before[name]}".encode()).digest()
            before[name] += 1
    return sorted(sorted(ranks, key=lambda mutant: ranks[mutant])[:size], key=lambda mutant: (mutant.path, mutant.place))


def living_functions(sources: Iterable[str] = SOURCES) -> Functions:
    """Return the functions of the sources that this process has, by file and qualified name."""
    found: Functions = {}
    folders = tuple(str(ROOT / source) for source in sources)
    for path in (path for source in sources for path in (ROOT / source, *(ROOT / source).rglob("*.py")) if path.is_file()):
        importlib.import_module(_module_name(str(path.relative_to(ROOT))))
    for each in _every_object():
        if isinstance(each, FunctionType) and each.__code__.co_filename.startswith(folders):
            found.setdefault((str(Path(each.__code__.co_filename).relative_to(ROOT)), each.__code__.co_qualname), []).append(each)
    return found


def _every_object() -> list[object]:
    """Return what the collector knows, with what it was told to pass over, which it goes on to pass over."""
    is_frozen = gc.get_freeze_count() > 0
    gc.unfreeze()
    found = gc.get_objects()
    if is_frozen:
        gc.freeze()
    return found


def put_in(mutant: Mutant, living: Functions) -> None:
    """Exchange the code of a function in this process, wherever it is used, and that of functions made in it before."""
    source = ROOT / mutant.path
    tree = copy.deepcopy(ast.parse(source.read_text(encoding="utf-8")))
    wanted = [place.node for _name, place in _every_place(tree)][mutant.place]
    module = compile(ast.fix_missing_locations(_Replace(wanted).visit(tree)), str(source), "exec")
    changed = next(each for each in _codes(module) if each.co_qualname == mutant.function)
    assert living[mutant.path, mutant.function], f"{mutant}: there is no such function"
    within = list(_codes(changed))
    starts = Counter((each.co_qualname, each.co_firstlineno) for each in within)
    for code in (changed, *within):
        for function in living.get((mutant.path, code.co_qualname), ()):
            is_it = code is changed or function.__code__.co_firstlineno == code.co_firstlineno
            if is_it and starts[code.co_qualname, code.co_firstlineno] <= 1 and function.__code__.co_freevars == code.co_freevars:
                function.__code__ = code


def compute_again(mutant: Mutant) -> None:
    """Compute again what a module computed by a function when it was read, wherever that is known by a name.

    :raises Exception: if the module could not be read with the mutant
    """
    known = vars(sys.modules[_module_name(mutant.path)])
    computed: set[str] = set()
    for statement in ast.parse((ROOT / mutant.path).read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and _is_computed(statement, mutant.function, computed):
            computed |= {each.id for each in ast.walk(statement) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
            before = {name: known[name] for name in computed & known.keys()}
            exec(compile(ast.Module([statement], []), mutant.path, "exec"), known)
            for name, value in before.items():
                _exchange(value, known[name])


def _is_computed(statement: ast.stmt, function: str, computed: set[str]) -> bool:
    """Tell whether a statement calls a function, or uses what was computed by it."""
    for node in ast.walk(statement):
        match node:
            case ast.Call(func=ast.Name(id=called)) if called == function:
                return True
            case ast.Call(func=ast.Name(id="map"), args=[ast.Name(id=called), *_]) if called == function:
                return True
            case ast.Name(id=name, ctx=ast.Load()) if name in computed:
                return True
    return False


def _exchange(before: object, now: object) -> None:
    for module in [each for name, each in sys.modules.items() if name.startswith("app.")]:
        for name in [name for name, value in vars(module).items() if value is before]:
            setattr(module, name, now)


def _module_name(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


def _codes(code: CodeType) -> Iterator[CodeType]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield each
            yield from _codes(each)
