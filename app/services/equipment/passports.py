"""Passports of devices and of their models are written here."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.domain.equipment.passports import passport_of, stored_passport
from app.models.equipment import Device, DeviceModel


def write_passport(session: Session, row: Device | DeviceModel, given: Mapping[str, Any]) -> None:
    """Write what is known of a device, or what is usual of a model; empty values are not known.

    :raises WrongPassport: if a value does not fit its field
    """
    row.passport = stored_passport(_kind(row), given)
    session.flush()


def passport(row: Device | DeviceModel) -> Any:
    """Return the passport of a model, or of a device: its own values, and those of its model where it has none; None: its kind has none."""
    stored = (row.passport,) if isinstance(row, DeviceModel) else (row.model.passport, row.passport)
    return passport_of(_kind(row), *stored)


def _kind(row: Device | DeviceModel) -> str:
    model = row if isinstance(row, DeviceModel) else row.model
    return model.device_kind.code
