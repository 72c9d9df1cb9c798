"""What we replace of Flask-AppBuilder and Flask-Admin: all of it is named here, and a test stands for each."""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import flask_admin
import flask_appbuilder
import pytest

import app
from tests.databases import ROOT

THEIRS = ("flask_appbuilder", "flask_admin")
#: Method → the test that fails without it.
METHODS = {
    "ConsoleHome.inaccessible_callback": "tests/access/test_matrix.py::test_matrix_is_the_reviewed_one",
    "ConsoleHome.index": "tests/console/test_console.py::test_every_page_of_the_console_opens_in_the_readers_language",
    "ConsoleHome.is_accessible": "tests/access/test_matrix.py::test_matrix_is_the_reviewed_one",
}
#: Template → the test that fails without it.
TEMPLATES: dict[str, str] = {}


@cache
def methods() -> dict[str, str]:
    """Return each method of ours that replaces one of theirs outside of a page's own, with whose it is."""
    return {name: owner for each in _classes() for name, owner in _replaced(each)}


def _classes() -> Iterator[type]:
    for module in pkgutil.walk_packages(app.__path__, "app."):
        for each in vars(importlib.import_module(module.name)).values():
            if inspect.isclass(each) and each.__module__ == module.name:
                yield each


def _replaced(ours: type) -> Iterator[tuple[str, str]]:
    bases = [base for base in ours.__mro__[1:] if base.__module__.startswith(THEIRS)]
    is_page = "page" in vars(ours) or ours.__name__.endswith("Console")
    for name, value in vars(ours).items():
        if name.startswith("__") or not inspect.isfunction(value) or value.__module__ != ours.__module__ or (is_page and not name.startswith("_")):
            continue
        owner = next((base for base in bases if callable(vars(base).get(name))), None)
        if owner is not None:
            yield f"{ours.__name__}.{name}", f"{owner.__module__}.{owner.__name__}"


@cache
def templates() -> set[str]:
    """Return our templates that stand in the place of theirs."""
    ours = ROOT / "app" / "templates"
    homes = [Path(flask_appbuilder.__file__).parent / "templates", *(Path(flask_admin.__file__).parent / "templates").iterdir()]
    names = {str(each.relative_to(ours)) for each in ours.rglob("*.html")}
    return {name for name in names if any((home / name).is_file() for home in homes)}


def test_every_method_we_replace_is_named() -> None:
    assert sorted(methods()) == sorted(METHODS)


def test_every_template_we_replace_is_named() -> None:
    assert sorted(templates()) == sorted(TEMPLATES)


@pytest.mark.parametrize("test", sorted({*METHODS.values(), *TEMPLATES.values()}))
def test_a_test_stands_for_each(test: str) -> None:
    path, _, name = test.partition("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))

    assert name in {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}


def test_record_of_the_decision_names_them() -> None:
    told = (ROOT / "docs" / "adr" / "0033-one-frame.md").read_text(encoding="utf-8")

    assert not {name for name in (Path(each).stem for each in TEMPLATES) if not re.search(rf"\b{name}\b", told)}
