"""Movements of devices have one writer."""

import re

from tests.databases import ROOT

_LEFT = "(state|place_kind|stock_place_id|service_point_id|step_no|moved_on|verified_to)"
_WRITES = re.compile(rf"(?<![\w.])Movement\(\s*\w+=|INTO movement\b|UPDATE device\b|device\.{_LEFT}(, device\.\w+)* \+?= ")


def test_movements_and_what_they_leave_on_devices_are_written_by_one_service_only() -> None:
    sources = [path for path in (ROOT / "app").rglob("*.py") if "schema" not in path.parts]

    writers = {str(path.relative_to(ROOT / "app")) for path in sources if _WRITES.search(path.read_text(encoding="utf-8"))}

    assert writers == {"services/equipment/movements.py"}
