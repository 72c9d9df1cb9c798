"""Acts that open accounts."""

from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.acts import ActKind, ActRequest
from tests.services.act_scenario import _references

OPENED = date(2026, 3, 10)


def opening(session: Session, division_id: int, number: str, /, **changes: Any) -> ActRequest:
    one = lambda statement: session.scalar(text(statement), {"division": division_id})  # noqa: E731
    model = one("SELECT min(id) FROM device_model") or one(
        "INSERT INTO device_model (name, resource_id) SELECT 'Test meter', id FROM resource WHERE code = 'ELECTRICITY' RETURNING id"
    )
    given = {
        "kind": "HOUSEHOLD", "name": "Yangi Abonent", "identifier": None, "phone": None, "language": "uz", "number": number,
        "street": one("SELECT id FROM street WHERE division_id = :division"), "house": "7", "flat": None, "capacity_milli": 5000,
        "tariff_group": one("SELECT id FROM tariff_group WHERE code = 'HOUSEHOLD'"), "meter_model": model,
        "resource_id": one("SELECT id FROM resource WHERE code = 'ELECTRICITY'"), "serial_number": "NEW-1", "digits": 5,
        "ct_primary": 1, "ct_secondary": 1, "first_dial_milli": 12_000,
    } | changes  # fmt: skip
    return ActRequest(ActKind.OPEN_ACCOUNT, division_id, OPENED, "application no. 9", given, f"open {next(_references)}")
