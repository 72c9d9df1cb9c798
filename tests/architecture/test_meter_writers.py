"""Meters are installed and removed by acts: no form adds, edits or deletes an installation or a register, and few modules write them."""

import ast

import pytest

from app.factory import VIEWS
from app.models.equipment import MeterInstallation, Register
from app.views.base import EntityView, FactView
from tests.databases import ROOT

#: Modules that make installations: acts, the account that is opened by one, and the demo's first town.
WRITERS = {
    "app/services/accounts/__init__.py",
    "app/services/acts/installing.py",
    "app/services/demo/rules.py",
}
_FORBIDDEN = {"can_add", "can_edit", "can_delete"}


@pytest.mark.parametrize("model", [MeterInstallation, Register])
def test_no_form_writes_installations_or_registers(model: type) -> None:
    views = [view for view in VIEWS if issubclass(view, EntityView) and view.datamodel.obj is model]

    assert views
    assert all(issubclass(view, FactView) for view in views)
    assert [name for view in views for name in view.base_permissions if name in _FORBIDDEN] == []


def test_installations_are_made_by_acts_only() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "app").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "MeterInstallation"
    }

    assert found == WRITERS
