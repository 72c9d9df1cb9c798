"""Formulas of losses and imbalance, one function each, for single figures and arrays alike.

Each is also a row of ``FORMULAS`` with its text, so that a calculation sheet prints it with the numbers it was computed from.
Losses are floating point until they are rounded once to thousandths of a kWh; money never is.

Sources: shared facts "losses and metering", sections 1 and 2. Transformers and lines by mean loads: published methodology
(elektro-rezhim.ru), proved against load flow; fill factor, loss hours, 0.4 kV and own use of meters as recalled of Order 326 of
the Ministry of Energy of Russia of 2008-12-30, to be confirmed by the company; allowed imbalance: instruction on commercial
metering of Ukraine, annex 8, and RD 34.09.101-94.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = float | NDArray[np.float64]

#: Hours of a year, for loss hours by the year's greatest load.
YEAR_HOURS = 8760
FREQUENCY_HZ = 50


class Formula(NamedTuple):
    """A formula as a sheet prints it."""

    text: str
    unit: str
    compute: Callable[..., Numbers]


#: Parameter → its symbol and unit.
SYMBOLS: Mapping[str, tuple[str, str]] = {
    "hours": ("T", "h"), "voltage_kv": ("U", "kV"), "nominal_kv": ("Un", "kV"), "no_load_kw": ("ΔPx", "kW"), "load_kw": ("ΔPk", "kW"),
    "rated_kva": ("Sn", "kVA"), "no_load_current_percent": ("Ix", "%"), "short_circuit_percent": ("uk", "%"),
    "active_kwh": ("Wp", "kWh"), "reactive_kvarh": ("Wq", "kvarh"), "form_squared": ("kf²", ""), "configuration": ("kk", ""),
    "largest_kva": ("Smax", "kVA"), "loss_hours": ("τ", "h"), "resistance_ohm": ("R", "Ohm"), "reactance_ohm": ("X", "Ohm"),
    "capacitance_nf": ("C", "nF"), "susceptance_us": ("B", "µS"), "tangent_loss": ("tg δ", ""), "fill": ("kz", ""),
    "largest_load_hours": ("Tmax", "h"), "weight": ("k", ""), "squares_kw2h": ("ΣP²Δt", "kW²h"), "unbalance": ("kнн", ""),
    "voltage_drop_percent": ("ΔUmax", "%"), "neutral_ratio": ("Rn/Rf", ""), "current_a_a": ("IA", "A"), "current_b_a": ("IB", "A"),
    "current_c_a": ("IC", "A"), "tangent": ("tg φ", ""), "length_km": ("L", "km"), "section_mm2": ("F", "mm²"), "days": ("D", "d"),
    "distributed": ("dp", ""), "main_km": ("Lm", "km"), "three_phase_km": ("L2-3", "km"), "single_phase_km": ("L1", "km"),
    "meters": ("n", ""), "yearly_kwh": ("w", "kWh a year"), "year_hours": ("Tyear", "h"), "percent": ("p", "%"),
    "current_error": ("δct", "%"), "voltage_error": ("δvt", "%"), "line_error": ("δl", "%"), "meter_error": ("δm", "%"),
    "factor": ("kδ", ""), "squares_percent2": ("Σδ²d²", "%²"),
}  # fmt: skip


def _square(value: Numbers) -> Numbers:
    return value * value


def _root(value: Numbers) -> Numbers:
    """Return square roots; of what is below zero by a rounding, 0."""
    root: Numbers = np.sqrt(np.maximum(value, 0))
    return root


def no_load(*, no_load_kw: Numbers, hours: Numbers, voltage_kv: Numbers, nominal_kv: Numbers) -> Numbers:
    """Return what a transformer loses while it is energized, kWh."""
    return no_load_kw * hours * _square(voltage_kv / nominal_kv)


def no_load_reactive(
    *, no_load_current_percent: Numbers, rated_kva: Numbers, no_load_kw: Numbers, hours: Numbers, voltage_kv: Numbers, nominal_kv: Numbers
) -> Numbers:
    """Return the reactive energy that magnetizes a transformer, kvarh; 0 where its current is not known."""
    power = _root(_square(no_load_current_percent / 100 * rated_kva) - _square(no_load_kw))
    return power * hours * _square(voltage_kv / nominal_kv)


def transformer_load(
    *, load_kw: Numbers, active_kwh: Numbers, reactive_kvarh: Numbers, rated_kva: Numbers, hours: Numbers, nominal_kv: Numbers,
    voltage_kv: Numbers, form_squared: Numbers, configuration: Numbers,
) -> Numbers:  # fmt: skip
    """Return what the load of a transformer loses in its windings, by energy, kWh."""
    apparent = _square(active_kwh) + _square(reactive_kvarh)
    return configuration * form_squared * load_kw * apparent / (_square(rated_kva) * hours) * _square(nominal_kv / voltage_kv)


def transformer_load_reactive(
    *, short_circuit_percent: Numbers, load_kw: Numbers, rated_kva: Numbers, active_kwh: Numbers, reactive_kvarh: Numbers, hours: Numbers,
    nominal_kv: Numbers, voltage_kv: Numbers, form_squared: Numbers,
) -> Numbers:  # fmt: skip
    """Return the reactive energy that the load of a transformer takes, kvarh; 0 where its short-circuit voltage is not known."""
    reactance = _root(_square(short_circuit_percent / 100) - _square(load_kw / rated_kva))
    apparent = _square(active_kwh) + _square(reactive_kvarh)
    return form_squared * reactance * apparent / (rated_kva * hours) * _square(nominal_kv / voltage_kv)


def transformer_resistance(*, load_kw: Numbers, nominal_kv: Numbers, rated_kva: Numbers) -> Numbers:
    """Return the resistance of a transformer's windings, Ohm; losses by it are those of a line (``line_load``)."""
    return load_kw * _square(nominal_kv) / _square(rated_kva) * 1000


def transformer_load_by_maximum(
    *, load_kw: Numbers, largest_kva: Numbers, rated_kva: Numbers, loss_hours: Numbers, configuration: Numbers
) -> Numbers:
    """Return what the load of a transformer loses, by its greatest load and loss hours, kWh."""
    return configuration * load_kw * _square(largest_kva / rated_kva) * loss_hours


def line_load(
    *, resistance_ohm: Numbers, active_kwh: Numbers, reactive_kvarh: Numbers, voltage_kv: Numbers, hours: Numbers, form_squared: Numbers,
    configuration: Numbers,
) -> Numbers:  # fmt: skip
    """Return what three phases of a line lose, kWh.

    :param resistance_ohm: of one phase
    """
    apparent = _square(active_kwh) + _square(reactive_kvarh)
    return configuration * form_squared * resistance_ohm * apparent / (_square(voltage_kv) * hours) / 1000


def line_load_reactive(
    *, reactance_ohm: Numbers, active_kwh: Numbers, reactive_kvarh: Numbers, voltage_kv: Numbers, hours: Numbers, form_squared: Numbers
) -> Numbers:
    """Return the reactive energy that a line takes, kvarh."""
    apparent = _square(active_kwh) + _square(reactive_kvarh)
    return form_squared * reactance_ohm * apparent / (_square(voltage_kv) * hours) / 1000


def cable_charging(*, capacitance_nf: Numbers, voltage_kv: Numbers, hours: Numbers) -> Numbers:
    """Return the reactive energy that the capacitance of a cable gives, kvarh."""
    return 2 * np.pi * FREQUENCY_HZ * capacitance_nf * 1e-6 * _square(voltage_kv) * hours


def cable_insulation(*, susceptance_us: Numbers, tangent_loss: Numbers, voltage_kv: Numbers, hours: Numbers) -> Numbers:
    """Return what the insulation of a cable loses, kWh.

    :param susceptance_us: of the whole length
    """
    return _square(voltage_kv) * susceptance_us * tangent_loss * hours / 1000


def form_of_profile(*, squares_kw2h: Numbers, active_kwh: Numbers, hours: Numbers) -> Numbers:
    """Return the exact square of the form factor, from the interval profile of the element."""
    return squares_kw2h * hours / _square(active_kwh)


def form_of_fill(*, fill: Numbers) -> Numbers:
    """Return the square of the form factor that goes with a fill factor; off by a fifth to a third for single elements."""
    return (1 + 2 * fill) / (3 * fill)


def form_of_fill_squared(*, fill: Numbers) -> Numbers:
    """Return the square of the form factor by Pospelov's rule."""
    return _square(0.16 / fill + 0.82)


def relative_loss_hours(*, fill: Numbers) -> Numbers:
    """Return loss hours as a share of all hours, from a fill factor."""
    return (fill + 2 * _square(fill)) / 3


def loss_hours_of_year(*, largest_load_hours: Numbers) -> Numbers:
    """Return the loss hours of a year, from the hours of its greatest load (Kezevich)."""
    return _square(0.124 + largest_load_hours / 10_000) * YEAR_HOURS


def loss_factor(*, fill: Numbers, weight: Numbers) -> Numbers:
    """Return the loss factor of western practice; with the square of the fill factor as divisor it is a form factor squared."""
    return weight * fill + (1 - weight) * _square(fill)


def unbalance_factor(*, current_a_a: Numbers, current_b_a: Numbers, current_c_a: Numbers, neutral_ratio: Numbers) -> Numbers:
    """Return how many times a line with unequal phases loses what it would with equal ones; exact for currents 120° apart."""
    squares = _square(current_a_a) + _square(current_b_a) + _square(current_c_a)
    return 3 * squares / _square(current_a_a + current_b_a + current_c_a) * (1 + 1.5 * neutral_ratio) - 1.5 * neutral_ratio


def neutral_current(*, current_a_a: Numbers, current_b_a: Numbers, current_c_a: Numbers) -> Numbers:
    """Return the current of the neutral wire, A, with phases 120° apart."""
    products = current_a_a * current_b_a + current_b_a * current_c_a + current_c_a * current_a_a
    return _root(_square(current_a_a) + _square(current_b_a) + _square(current_c_a) - products)


def low_voltage_by_drop(*, unbalance: Numbers, voltage_drop_percent: Numbers, loss_hours: Numbers, largest_load_hours: Numbers) -> Numbers:
    """Return the losses of a 0.4 kV line in percent of its energy, from the greatest voltage loss; of a load along the line."""
    return 0.7 * unbalance * voltage_drop_percent * loss_hours / largest_load_hours


def low_voltage_by_length(
    *, active_kwh: Numbers, tangent: Numbers, length_km: Numbers, section_mm2: Numbers, days: Numbers, fill: Numbers, distributed: Numbers
) -> Numbers:
    """Return the losses of 0.4 kV lines from their length and section, kWh; a norm with a margin for unequal phases.

    :param length_km: equivalent length
    :param distributed: share of the load that is spread along the line
    """
    coefficient = 9.67 - 3.32 * distributed - 1.84 * _square(distributed)
    energy = _square(active_kwh / 1000) * (1 + _square(tangent))
    return coefficient * energy * length_km / (section_mm2 * days) * (1 + 2 * fill) / (3 * fill) * 1000


def equivalent_length(*, main_km: Numbers, three_phase_km: Numbers, single_phase_km: Numbers) -> Numbers:
    """Return the length of a 0.4 kV line that counts, km."""
    return main_km + 0.44 * three_phase_km + 0.22 * single_phase_km


def meters_own_use(*, meters: Numbers, yearly_kwh: Numbers, hours: Numbers, year_hours: Numbers) -> Numbers:
    """Return what meters take themselves, kWh."""
    return meters * yearly_kwh * hours / year_hours


def fixed_percent(*, active_kwh: Numbers, percent: Numbers) -> Numbers:
    """Return losses agreed as a share of the energy, kWh."""
    return active_kwh * percent / 100


def metering_error(
    *, factor: Numbers, current_error: Numbers, voltage_error: Numbers, line_error: Numbers, meter_error: Numbers
) -> Numbers:
    """Return the error of a metering point, percent, from the classes of what it is made of."""
    return factor * _root(_square(current_error) + _square(voltage_error) + _square(line_error) + _square(meter_error))


def allowed_imbalance(*, squares_percent2: Numbers) -> Numbers:
    """Return the imbalance that the accuracy of meters explains, percent of the input."""
    return _root(squares_percent2)


FORMULAS: Mapping[str, Formula] = {
    "no_load": Formula("ΔWx = ΔPx · T · (U/Un)²", "kWh", no_load),
    "no_load_reactive": Formula("ΔWqx = √((Ix/100·Sn)² − ΔPx²) · T · (U/Un)²", "kvarh", no_load_reactive),
    "transformer_load": Formula("ΔWk = kk · kf² · ΔPk · (Wp² + Wq²) / (Sn² · T) · (Un/U)²", "kWh", transformer_load),
    "transformer_load_reactive": Formula(
        "ΔWqk = kf² · √((uk/100)² − (ΔPk/Sn)²) · (Wp² + Wq²) / (Sn · T) · (Un/U)²", "kvarh", transformer_load_reactive
    ),
    "transformer_resistance": Formula("R = ΔPk · Un² / Sn² · 1000", "Ohm", transformer_resistance),
    "transformer_load_by_maximum": Formula("ΔWk = kk · ΔPk · (Smax/Sn)² · τ", "kWh", transformer_load_by_maximum),
    "line_load": Formula("ΔWl = kk · kf² · R · (Wp² + Wq²) / (U² · T) / 1000", "kWh", line_load),
    "line_load_reactive": Formula("ΔWql = kf² · X · (Wp² + Wq²) / (U² · T) / 1000", "kvarh", line_load_reactive),
    "cable_charging": Formula("Wc = 2π · 50 · C · 10⁻⁶ · U² · T", "kvarh", cable_charging),
    "cable_insulation": Formula("ΔWi = U² · B · tg δ · T / 1000", "kWh", cable_insulation),
    "form_of_profile": Formula("kf² = ΣP²Δt · T / Wp²", "", form_of_profile),
    "form_of_fill": Formula("kf² = (1 + 2kz) / (3kz)", "", form_of_fill),
    "form_of_fill_squared": Formula("kf² = (0.16/kz + 0.82)²", "", form_of_fill_squared),
    "relative_loss_hours": Formula("τ/T = (kz + 2kz²) / 3", "", relative_loss_hours),
    "loss_hours_of_year": Formula("τ = (0.124 + Tmax/10⁴)² · 8760", "h", loss_hours_of_year),
    "loss_factor": Formula("LSF = k · kz + (1 − k) · kz²", "", loss_factor),
    "unbalance_factor": Formula("kнн = 3 · (IA² + IB² + IC²) / (IA + IB + IC)² · (1 + 1.5 · Rn/Rf) − 1.5 · Rn/Rf", "", unbalance_factor),
    "neutral_current": Formula("IN = √(IA² + IB² + IC² − IA·IB − IB·IC − IC·IA)", "A", neutral_current),
    "low_voltage_by_drop": Formula("ΔW% = 0.7 · kнн · ΔUmax · τ / Tmax", "%", low_voltage_by_drop),
    "low_voltage_by_length": Formula(
        "ΔW = (9.67 − 3.32dp − 1.84dp²) · (Wp/1000)² · (1 + (tg φ)²) · L / (F · D) · (1 + 2kz) / (3kz) · 1000", "kWh", low_voltage_by_length
    ),
    "equivalent_length": Formula("L = Lm + 0.44 · L2-3 + 0.22 · L1", "km", equivalent_length),
    "meters_own_use": Formula("ΔWm = n · w · T / Tyear", "kWh", meters_own_use),
    "fixed_percent": Formula("ΔW = Wp · p / 100", "kWh", fixed_percent),
    "metering_error": Formula("δ = kδ · √(δct² + δvt² + δl² + δm²)", "%", metering_error),
    "allowed_imbalance": Formula("NBд = √Σδ²d²", "%", allowed_imbalance),
}
