"""Movements of devices have one writer."""

import re

from tests.databases import ROOT

_LEFT = "(state|place_kind|stock_place_id|service_point_id|step_no|moved_on|verified_to)"
_WRITES = re.compile(rf"(?<![\w.])Movement\(\s*\w+=|INTO movement\b|UPDATE device\b|device\.{_LEFT}(, device\.\w+)* \+?= ")


def test_movements_and_what_they_leave_on_devices_are_written_by_one_service_only() -> None:
    sources = [path for path in (ROOT / "app").rglob("*.py") if "schema" not in path.parts]

    writers = {str(path.relative_to(ROOT / "app")) for path in sources if _WRITES.search(path.read_text(encoding="utf-8"))}

    assert writers == {"services/equipment/movements.py"}


_SEALS_LEFT = "(state|stock_place_id|device_id|service_point_id|sealed_part|step_no|moved_on)"
_WRITES_SEALS = re.compile(rf"(?<![\w.])SealMovement\(\s*\w+=|INTO seal_movement\b|INTO seal\b|UPDATE seal\b|\bseal\.{_SEALS_LEFT} \+?= ")


def test_movements_of_seals_and_what_they_leave_are_written_by_one_service_only() -> None:
    sources = [path for path in (ROOT / "app").rglob("*.py") if "schema" not in path.parts]

    writers = {str(path.relative_to(ROOT / "app")) for path in sources if _WRITES_SEALS.search(path.read_text(encoding="utf-8"))}

    assert writers == {"services/seals/movements.py"}
