"""Passports: what is known of a device of each kind, with units; what formulas of losses and metering need.

A model gives the usual values of its type, a device its own where they differ. Stored as JSON under the names of the fields.
Source: shared facts "losses and metering", 6.4.
"""

import dataclasses
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

_LONGEST, _MOST = 200, 10**9


class WrongPassport(Exception):
    """A value of a passport is of another kind than its field; the text names the field."""


@dataclass(frozen=True)
class MeterPassport:
    """A meter."""

    current_a: Decimal | None = None
    largest_current_a: Decimal | None = None
    voltage_v: int | None = None
    active_class: Decimal | None = None
    reactive_class: Decimal | None = None
    pulses_per_kwh: int | None = None
    obis_codes: str | None = None
    clock_zone: str | None = None
    communication_address: str | None = None


@dataclass(frozen=True)
class InstrumentTransformerPassport:
    """A current or voltage transformer."""

    primary_rating: int | None = None
    secondary_rating: int | None = None
    accuracy_class: Decimal | None = None
    burden_va: Decimal | None = None
    phase: str | None = None


@dataclass(frozen=True)
class PowerTransformerPassport:
    """A power transformer."""

    rated_power_kva: Decimal | None = None
    high_voltage_kv: Decimal | None = None
    low_voltage_kv: Decimal | None = None
    tap: int | None = None
    no_load_loss_w: int | None = None
    load_loss_w: int | None = None
    no_load_current_percent: Decimal | None = None
    short_circuit_voltage_percent: Decimal | None = None
    vector_group: str | None = None
    owner: str | None = None
    boundary_side: str | None = None


@dataclass(frozen=True)
class LinePassport:
    """A section of a line."""

    begins_at: str | None = None
    ends_at: str | None = None
    line_type: str | None = None
    wire: str | None = None
    section_mm2: Decimal | None = None
    material: str | None = None
    resistance_ohm_km: Decimal | None = None
    reactance_ohm_km: Decimal | None = None
    susceptance_us_km: Decimal | None = None
    length_m: int | None = None
    circuits: int | None = None
    neutral_section_mm2: Decimal | None = None
    main_length_m: int | None = None
    three_phase_length_m: int | None = None
    single_phase_length_m: int | None = None
    owner: str | None = None


@dataclass(frozen=True)
class CabinetPassport:
    """A cabinet of meters."""

    meters: int | None = None
    ingress_protection: str | None = None
    lock: str | None = None


@dataclass(frozen=True)
class CommunicationUnitPassport:
    """A unit that sends readings."""

    technology: str | None = None
    communication_address: str | None = None
    telephone: str | None = None
    firmware: str | None = None


#: Code of the kind of device → its passport; other kinds have none.
PASSPORTS: Mapping[str, type[Any]] = {
    "METER": MeterPassport,
    "CURRENT_TRANSFORMER": InstrumentTransformerPassport,
    "VOLTAGE_TRANSFORMER": InstrumentTransformerPassport,
    "POWER_TRANSFORMER": PowerTransformerPassport,
    "LINE": LinePassport,
    "CABINET": CabinetPassport,
    "COMMUNICATION_UNIT": CommunicationUnitPassport,
}


def fields_of(kind: str) -> dict[str, type]:
    """Return the fields of the passports of a kind of device, with what they hold: ``int``, ``Decimal`` or ``str``.

    >>> [name for name, held in fields_of("CABINET").items() if held is int]
    ['meters']
    """
    passport = PASSPORTS.get(kind)
    hints = typing.get_type_hints(passport) if passport else {}
    return {name: next(held for held in typing.get_args(hint) if held is not type(None)) for name, hint in hints.items()}


def passport_of(kind: str, *stored: Mapping[str, Any]) -> Any:
    """Return the passport of a device; of what is stored of its model and of itself, the later counts. None: its kind has none.

    :raises WrongPassport: if a value does not fit its field, or there is no such field
    """
    passport, fields = PASSPORTS.get(kind), fields_of(kind)
    given = {name: value for each in stored for name, value in each.items() if value not in (None, "")}
    if passport is None or given.keys() - fields.keys():
        if given:
            raise WrongPassport(", ".join(sorted(given.keys() - fields.keys())))
        return None
    return passport(**{name: _value(name, value, fields[name]) for name, value in given.items()})


def stored_passport(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a passport is stored: known values only, numbers with a fraction as texts.

    :raises WrongPassport: if a value does not fit its field, or there is no such field

    >>> stored_passport("CURRENT_TRANSFORMER", {"primary_rating": "100", "accuracy_class": "0.50", "phase": ""})
    {'primary_rating': 100, 'accuracy_class': '0.50'}
    """
    found = passport_of(kind, given)
    known = dataclasses.asdict(found) if found else {}
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in known.items() if value is not None}


def _value(name: str, value: Any, held: type) -> Any:
    """Return a value as its field holds it; what is measured is never below nothing."""
    text = str(value).strip()
    if held is str:
        if len(text) > _LONGEST:
            raise WrongPassport(name)
        return text
    try:
        read = Decimal(text.replace(",", "."))
        is_fitting = 0 <= read < _MOST and (held is Decimal or read == int(read))
    except (ValueError, InvalidOperation):
        is_fitting = False
    if not is_fitting:
        raise WrongPassport(name)
    return held(read)
