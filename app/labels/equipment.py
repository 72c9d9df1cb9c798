"""Devices in words: why one is not moved."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from app.domain.equipment import DeviceState, MovementRefusal, MovementRefused
from app.domain.equipment.maintenance import MaintenanceRefused
from app.domain.seals import SealRefusal, SealRefused
from app.labels.figures import member_of
from app.labels.members.equipment import MAINTENANCE_REFUSALS, MOVEMENT_REFUSALS
from app.labels.seals import seal_refusal


def movement_refusal(refused: MovementRefused) -> str:
    """Return why a device is not moved, in the reader's language."""
    detail = refused.detail
    if refused.refusal == MovementRefusal.SEAL_REFUSED:
        why, _blank, about = detail.partition(" ")
        return seal_refusal(SealRefused(SealRefusal(why), about))
    device, _colon, state = detail.rpartition(": ")
    if state in DeviceState.__members__:
        detail = f"{device}: {member_of(DeviceState, state)}"
    return str(MOVEMENT_REFUSALS[refused.refusal]) % {"detail": detail}


def maintenance_refusal(refused: MaintenanceRefused) -> str:
    """Return why a step of a work is not taken, in the reader's language."""
    return str(MAINTENANCE_REFUSALS[refused.fault]) % {"detail": refused.detail}


#: What the fields of passports hold, with their units.
PASSPORT_LABELS: Mapping[str, Any] = {
    "current_a": _("Current, A"),
    "largest_current_a": _("Largest current, A"),
    "voltage_v": _("Voltage, V"),
    "active_class": _("Class, active energy"),
    "reactive_class": _("Class, reactive energy"),
    "pulses_per_kwh": _("Pulses a kWh"),
    "obis_codes": _("OBIS codes"),
    "clock_zone": _("Clock zone"),
    "communication_address": _("Communication address"),
    "primary_rating": _("Primary rating, A or V"),
    "secondary_rating": _("Secondary rating, A or V"),
    "accuracy_class": _("Accuracy class"),
    "burden_va": _("Burden, VA"),
    "phase": _("Phase"),
    "rated_power_kva": _("Rated power, kVA"),
    "high_voltage_kv": _("High voltage, kV"),
    "low_voltage_kv": _("Low voltage, kV"),
    "tap": _("Tap"),
    "no_load_loss_w": _("No-load loss, W"),
    "load_loss_w": _("Load loss, W"),
    "no_load_current_percent": _("No-load current, %"),
    "short_circuit_voltage_percent": _("Short-circuit voltage, %"),
    "vector_group": _("Vector group"),
    "owner": _("Owner"),
    "boundary_side": _("Side of the boundary"),
    "begins_at": _("Begins at"),
    "ends_at": _("Ends at"),
    "line_type": _("Overhead or cable"),
    "wire": _("Wire"),
    "section_mm2": _("Section, mm²"),
    "material": _("Material"),
    "resistance_ohm_km": _("Resistance, Ω/km"),
    "reactance_ohm_km": _("Reactance, Ω/km"),
    "susceptance_us_km": _("Susceptance, µS/km"),
    "length_m": _("Length, m"),
    "circuits": _("Circuits"),
    "neutral_section_mm2": _("Section of the neutral, mm²"),
    "main_length_m": _("Length of the main, m"),
    "three_phase_length_m": _("Length of three-phase branches, m"),
    "single_phase_length_m": _("Length of single-phase branches, m"),
    "meters": _("Meters in it"),
    "ingress_protection": _("Ingress protection"),
    "lock": _("Lock"),
    "technology": _("Technology"),
    "telephone": _("Telephone of its card"),
    "firmware": _("Firmware"),
}


def passport_lines(passport: Any) -> list[tuple[Any, Any]]:
    """Return what a passport knows, as pairs of a word and a value."""
    known = vars(passport).items() if passport else ()
    return [(PASSPORT_LABELS[name], value) for name, value in known if value is not None]
