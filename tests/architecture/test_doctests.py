"""Every example in a docstring of the application, whatever its layer, is true."""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WITH_EXAMPLES = sorted(
    str(path.relative_to(ROOT).with_suffix("")).replace("/", ".").removesuffix(".__init__")
    for path in (ROOT / "app").rglob("*.py")
    if ">>>" in path.read_text(encoding="utf-8")
)


def test_every_layer_with_figures_has_examples():
    assert {name.split(".")[1] for name in WITH_EXAMPLES} >= {"domain", "services", "queries", "gateways", "documents", "api"}


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_of_a_module_are_true(name: str):
    found = doctest.testmod(importlib.import_module(name))

    assert (found.failed, found.attempted > 0) == (0, True)
