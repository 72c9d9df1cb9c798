"""Normative losses of transformers and sections by the method of mean loads, each kind as a figure with its inputs.

One element or arrays of many: the functions are the same. What an element carries goes in as it is at the consumers' side of it:
the low side of a transformer, the receiving end of a section.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from app.domain.balances.figures import ComputedFigure, figure
from app.domain.balances.formulas import Numbers
from app.domain.network import Segment, Transformer, Wire


class LossKind(StrEnum):
    """Of what losses are."""

    NO_LOAD = "NO_LOAD"  # of transformers, while they are energized
    LOAD = "LOAD"  # of transformers, with the square of the load
    LINE = "LINE"
    INSULATION = "INSULATION"  # of cables
    METERS = "METERS"  # their own use
    PERCENT = "PERCENT"  # agreed share of the energy


class LossesAboveInput(Exception):
    """An element would lose more than flows into it; a passport, a length or a quantity is wrong.

    :ivar element: the element
    """

    def __init__(self, element: str, lost_kwh: float, input_kwh: float) -> None:
        super().__init__(f"{element} would lose {lost_kwh:.3f} kWh of {input_kwh:.3f}")
        self.element, self.lost_kwh, self.input_kwh = element, lost_kwh, input_kwh


class Flow(NamedTuple):
    """What an element carries in a period, and under which conditions.

    :ivar voltage_kv: mean line-to-line voltage; of transformers at the side that ``nominal_kv`` is of
    :ivar load_voltage_ratio: mean voltage at the side of the load to its rated one, where it was measured
    """

    active_kwh: Numbers
    reactive_kvarh: Numbers
    hours: Numbers
    voltage_kv: Numbers
    form_squared: Numbers = 1.0
    configuration: Numbers = 1.0
    load_voltage_ratio: Numbers | None = None


class TransformerPassport(NamedTuple):
    """Passport figures of transformers; of several equal ones in parallel, those of one."""

    rated_kva: Numbers
    nominal_kv: Numbers
    no_load_kw: Numbers
    load_kw: Numbers
    no_load_current_percent: Numbers = 0.0
    short_circuit_percent: Numbers = 0.0
    in_parallel: Numbers = 1


class SectionPassport(NamedTuple):
    """Figures of sections over their whole length, of all circuits together."""

    resistance_ohm: Numbers
    reactance_ohm: Numbers = 0.0
    capacitance_nf: Numbers = 0.0


class TransformerLosses(NamedTuple):
    """Losses of transformers and the reactive energy they take."""

    no_load: ComputedFigure
    load: ComputedFigure
    no_load_reactive: ComputedFigure
    load_reactive: ComputedFigure


class SectionLosses(NamedTuple):
    """Losses of sections and the reactive energy they take and give."""

    load: ComputedFigure
    load_reactive: ComputedFigure
    charging: ComputedFigure


def passport_of(transformers: Sequence[Transformer]) -> TransformerPassport:
    """Return the passports of transformers as arrays."""
    names = TransformerPassport._fields
    return TransformerPassport(*(np.array([getattr(each, name) for each in transformers], dtype=np.float64) for name in names))


def section_of(segments: Sequence[Segment], wires: Sequence[Wire]) -> SectionPassport:
    """Return sections of lines with their wires as arrays."""
    length = np.array([each.length_km for each in segments], dtype=np.float64)
    circuits = np.array([each.circuits for each in segments], dtype=np.float64)
    resistance, reactance, capacitance = (
        np.array([getattr(wire, name) for wire in wires], dtype=np.float64)
        for name in ("resistance_ohm_km", "reactance_ohm_km", "capacitance_nf_km")
    )
    return SectionPassport(resistance * length / circuits, reactance * length / circuits, capacitance * length * circuits)


def transformer_losses(passport: TransformerPassport, flow: Flow) -> TransformerLosses:
    """Return the losses of transformers; n in parallel are one with n times the power, the losses and the load losses of one."""
    whole = {"rated_kva": passport.rated_kva * passport.in_parallel, "load_kw": passport.load_kw * passport.in_parallel}
    no_load_kw = passport.no_load_kw * passport.in_parallel
    nominal = {"nominal_kv": passport.nominal_kv}
    idle = nominal | {"voltage_kv": flow.voltage_kv, "hours": flow.hours, "no_load_kw": no_load_kw}
    load_kv = flow.voltage_kv if flow.load_voltage_ratio is None else flow.load_voltage_ratio * passport.nominal_kv
    loaded = nominal | whole | {
        "active_kwh": flow.active_kwh, "reactive_kvarh": flow.reactive_kvarh, "hours": flow.hours, "voltage_kv": load_kv,
        "form_squared": flow.form_squared,
    }  # fmt: skip
    return TransformerLosses(
        figure("no_load", **idle),
        figure("transformer_load", **loaded, configuration=flow.configuration),
        figure("no_load_reactive", **idle, rated_kva=whole["rated_kva"], no_load_current_percent=passport.no_load_current_percent),
        figure("transformer_load_reactive", **loaded, short_circuit_percent=passport.short_circuit_percent),
    )


def section_losses(section: SectionPassport, flow: Flow) -> SectionLosses:
    """Return the losses of sections; half of what a cable's capacitance gives is taken off at its end."""
    charging = figure("cable_charging", capacitance_nf=section.capacitance_nf, voltage_kv=flow.voltage_kv, hours=flow.hours)
    carried = {
        "active_kwh": flow.active_kwh, "reactive_kvarh": flow.reactive_kvarh - charging.result / 2, "voltage_kv": flow.voltage_kv,
        "hours": flow.hours, "form_squared": flow.form_squared,
    }  # fmt: skip
    return SectionLosses(
        figure("line_load", resistance_ohm=section.resistance_ohm, **carried, configuration=flow.configuration),
        figure("line_load_reactive", reactance_ohm=section.reactance_ohm, **carried),
        charging,
    )
