"""An address is layer × area: a module of a layer bears an area's name or lies in an area's package, under the same name in every layer."""

from pathlib import Path

import pytest

from tests.databases import ROOT

#: Areas, with what the customer calls their subsystem; those to come are there so that they are named alike from their first module on.
#: ``field_work`` stands beside ``supply`` and ``metering``: a round leads to readings, inspections, meters and orders alike.
AREAS = frozenset(
    """accounts acts administration alerts applications balances billing claims contracts documents equipment field_work household_consumers
    indicators inquiries ledger legal_consumers legacy_import maintenance metering monitoring network notices outages payments portal
    reference reports runs seals settlement supply tariffs tasks verification""".split()
)
#: Modules that serve all areas of their layer.
MACHINERY = {
    "domain": "calendar identifiers readers transliteration values",
    "models": "columns",
    "queries": "arrays holdings live locks movements names records",
    "services": "binary_copy bulk demo links once",
    "labels": "cells channels columns explanations figures job_messages members parameters permissions personal reading "
    "requests states titles",
    "documents": "downloads fonts issuer pdf sheets tables",
    "jobs": "kinds lists runner schedule",
    "views": "base fields for_application form_building languages listing lists menu proposed refusals session_guard shell "
    "stored_files texts uploads values",
}


@pytest.mark.parametrize("layer", MACHINERY)
def test_module_of_a_layer_is_an_area_or_its_machinery(layer: str) -> None:
    named = {path.stem for path in _modules(ROOT / "app" / layer)}

    assert named - AREAS - set(MACHINERY[layer].split()) == set()


def test_machinery_that_is_named_is_there() -> None:
    there = {layer: {path.stem for path in _modules(ROOT / "app" / layer)} for layer in MACHINERY}

    assert {layer: set(names.split()) - there[layer] for layer, names in MACHINERY.items() if set(names.split()) - there[layer]} == {}


def _modules(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if not path.name.startswith("__") and (path.is_dir() or path.suffix == ".py")]
