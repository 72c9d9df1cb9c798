"""The SQL of app/, found in its source: every statement, with every value its parts can have, and what it is read into."""

import ast
import builtins
import copy
import importlib
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from sqlalchemy import TextClause, text
from sqlalchemy.dialects.postgresql import asyncpg

ROOT = Path(__file__).resolve().parent.parent
#: They read a statement, their second argument, into what their third one tells.
READERS = frozenset({"fetch_all", "fetch_each", "fetch_optional", "fetch_one"})
#: They read a statement whose columns are all integers, into as many arrays, or into a record of arrays.
ARRAY_READERS = frozenset({"arrays.columns"})
#: They send a statement, their first argument.
SENDERS = frozenset({"execute", "executemany", "scalar", "scalars", "copy", "stream"})
#: What the mapper builds is checked by the models, not here.
_MAPPED = frozenset({"select", "insert", "update", "delete", "union_all", "exists"})

#: Layers without SQL, or whose SQL is tried by itself; and what sends the statements of others.
_WITHOUT = ("app.schema", "app.models", "app.domain", "app.gateways", "app.queries.records", "app.queries.arrays")

Variants = Mapping[str, Sequence[Any]]
Scope = list[ast.FunctionDef | ast.ClassDef]


class Statement(NamedTuple):
    """A statement of the source, in one of its variants."""

    where: str
    #: a reader, a sender, or ``text``
    by: str
    #: with numbered parameters
    sql: str
    #: what it is read into; None: it is not told
    kind: Any = None
    #: somebody looks at its rows
    is_read: bool = True
    problem: str = ""


class Unresolved(Exception):
    """The source does not tell what a part of a statement can be: it needs a row in the table of variants."""


def modules() -> Iterator[ModuleType]:
    """Yield the modules of app/ that may hold SQL."""
    for path in sorted((ROOT / "app").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if not name.startswith(_WITHOUT):
            yield importlib.import_module(name)


def statements(module: ModuleType, variants: Variants, source: str = "") -> Iterator[Statement]:
    """Yield the statements of a module; one with a part known neither from the source nor from ``variants`` has a problem.

    :param source: its text, where it is not the file's
    """
    tree = ast.parse(source or Path(str(module.__file__)).read_text())
    ignored = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr)}
    for scope, call in _calls(tree, []):
        name = _name_of(call)
        place = 1 if name in READERS | ARRAY_READERS else 0
        if name not in READERS | ARRAY_READERS | SENDERS | {"text"} or len(call.args) <= place:
            continue
        found = _Part(module, scope, variants)
        if name in SENDERS and not found.may_be_text(call.args[0]):
            continue
        where = f"{found.where}:{call.lineno}"
        try:
            # Both at once: a name that stands in both has one value.
            kind = call.args[2] if place and len(call.args) > 2 else ast.Constant(None)
            given = found.values(ast.Tuple([call.args[place], kind], ast.Load()))
        except Unresolved as part:
            yield Statement(where, name, "", problem=f"{part} is not told")
            continue
        is_read = name != "text" and id(call) not in ignored
        yield from (Statement(where, name, _numbered(sql, name), kind, is_read) for sql, kind in given if isinstance(sql, str | TextClause))


def _name_of(call: ast.Call) -> str:
    if isinstance(call.func, ast.Name):
        return call.func.id if call.func.id not in SENDERS else ""
    if not isinstance(call.func, ast.Attribute) or call.func.attr == "text":
        return ""
    return f"arrays.{call.func.attr}" if isinstance(call.func.value, ast.Name) and call.func.value.id == "arrays" else call.func.attr


def _calls(node: ast.AST, scope: Scope) -> Iterator[tuple[Scope, ast.Call]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield scope, child
        yield from _calls(child, [*scope, child] if isinstance(child, ast.FunctionDef | ast.ClassDef) else scope)


class _Part(NamedTuple):
    """A part of a statement, in the function it stands in."""

    module: ModuleType
    scope: Scope
    variants: Variants

    @property
    def where(self) -> str:
        return ".".join([self.module.__name__, *(each.name for each in self.scope)])

    def values(self, expression: ast.expr) -> list[Any]:
        """Return the values of an expression: each branch of its conditions, with each value of its names."""
        found = []
        for branch in _branches(expression):
            names = sorted(_free(branch))
            code = compile(ast.fix_missing_locations(ast.Expression(branch)), self.where, "eval")
            for given in itertools.product(*map(self._values_of, names)):
                found += [eval(code, {**vars(self.module), **dict(zip(names, given, strict=True))})]
        return found

    def may_be_text(self, expression: ast.expr) -> bool:
        """Return whether an expression is SQL that we wrote, and not what the mapper builds."""
        if isinstance(expression, ast.Name):
            assigned = self._assigned(expression.id)
            known = getattr(self.module, expression.id, None)
            return any(map(self.may_be_text, assigned)) if assigned else isinstance(known, str | TextClause)
        calls = {_name_of(each) for each in ast.walk(expression) if isinstance(each, ast.Call)}
        has_words = any(
            isinstance(each, ast.Constant) and isinstance(each.value, str) and " " in each.value for each in ast.walk(expression)
        )
        return not calls & _MAPPED and (has_words or "text" in calls)

    def _values_of(self, name: str) -> Sequence[Any]:
        for key in (f"{self.where}.{name}", f"{self.module.__name__}.{name}"):
            if key in self.variants:
                return self.variants[key]
        assigned = self._assigned(name)
        if assigned:
            return [value for each in assigned for value in self.values(each)]
        if any(name in {each.arg for each in ast.walk(function) if isinstance(each, ast.arg)} for function in self.scope):
            raise Unresolved(f"{self.where}.{name}")
        for owner in (self.module, builtins):
            if hasattr(owner, name):
                return [getattr(owner, name)]
        raise Unresolved(f"{self.where}.{name}")

    def _assigned(self, name: str) -> list[ast.expr]:
        """Return what the innermost function that sets a name sets it to."""
        for function in reversed(self.scope):
            found = [value for each in ast.walk(function) for target, value in _assignments(each) if target == name]
            if found:
                return found
        return []


def _assignments(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if isinstance(target, ast.Name):
                yield target.id, node.value


def _free(expression: ast.expr) -> set[str]:
    bound = [name for each in ast.walk(expression) if isinstance(each, ast.comprehension) for name in ast.walk(each.target)]
    names = {each.id for each in ast.walk(expression) if isinstance(each, ast.Name)}
    return names - {each.id for each in bound if isinstance(each, ast.Name)}


def _branches(expression: ast.expr) -> list[ast.expr]:
    """Return an expression once for each way through its conditions, but for those inside of comprehensions."""
    inner = {id(each) for one in ast.walk(expression) if isinstance(one, ast.ListComp | ast.GeneratorExp) for each in ast.walk(one)}
    place = next((at for at, each in enumerate(ast.walk(expression)) if isinstance(each, ast.IfExp) and id(each) not in inner), None)
    if place is None:
        return [expression]
    made = []
    for way in ("body", "orelse"):
        holder = ast.Expression(copy.deepcopy(expression))
        made += _branches(_Way(list(ast.walk(holder.body))[place], way).visit(holder).body)
    return made


class _Way(ast.NodeTransformer):
    """Puts one way of a condition in its place."""

    def __init__(self, condition: ast.AST, way: str) -> None:
        self.condition, self.way = condition, way

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        return getattr(node, self.way) if node is self.condition else self.generic_visit(node)


_DIALECT = asyncpg.dialect()


def _numbered(sql: str | TextClause, by: str) -> str:
    """Return a statement with the parameters of the mapper (``:name``) or of the driver (``%s``, ``%(name)s``) numbered."""
    if isinstance(sql, str) and by in SENDERS:
        numbers: dict[str, int] = {}
        return re.sub(r"%(?:%|[sbt]|\((\w+)\)[sbt])", lambda found: _number(found, numbers), sql)
    return str((text(sql) if isinstance(sql, str) else sql).compile(dialect=_DIALECT))


def _number(found: re.Match[str], numbers: dict[str, int]) -> str:
    if found[0] == "%%":
        return "%"
    return f"${numbers.setdefault(found[1] or f'place {len(numbers)}', len(numbers) + 1)}"
