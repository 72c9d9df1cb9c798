"""Energy that no register counted, by formula: behind the meter, in another state of the gas, lost on the way.

Figures of one case, exact: decimals go in, thousandths of the unit come out, rounded once, halves away from zero. Only the
losses between boundary and meter, whose passport figures are measured ones, are floating point until they are rounded.

Sources: reactive energy M37; losses from the boundary to the meter M39; standard volume of gas M41; unavoidable losses of a
water network M42; leakage of a heat network M44. Energy past the meter is in ``domain.inspections``.
"""

from decimal import Decimal
from fractions import Fraction
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.domain.values import MILLI_PER_UNIT, Integers, Milli, half_up, multiply_divide

Numbers = NDArray[np.float64]

_STANDARD_KELVIN = Decimal("293.15")
_ZERO_CELSIUS_KELVIN = Decimal("273.15")
_STANDARD_MPA = Decimal("0.101325")


def reactive_excess(active_milli: Integers, reactive_milli: Integers, tg_norm_e4: Integers) -> Integers:
    """Return reactive energy above what goes with the active energy: Wq − tg · Wp, never below nothing (M37)."""
    excess: Integers = np.maximum(reactive_milli - multiply_divide(active_milli, tg_norm_e4, np.full(len(active_milli), 10_000)), 0)
    return excess


def power_factor(active_milli: int, reactive_milli: int) -> tuple[float, float]:
    """Return tg φ and cos φ for display; no active energy gives no power factor: (0, 0)."""
    if not active_milli:
        return 0.0, 0.0
    tangent = reactive_milli / active_milli
    return tangent, 1 / sqrt(1 + tangent * tangent)


class Passport(NamedTuple):
    """What lies between the boundary of the networks and the meter: a transformer, a line, or both; zeros: not there."""

    no_load_kw: float | Numbers = 0.0
    load_kw: float | Numbers = 0.0
    rated_kva: float | Numbers = 1.0
    resistance_ohm: float | Numbers = 0.0
    voltage_kv: float | Numbers = 1.0
    #: tg φ of the load
    tangent: float | Numbers = 0.0
    #: square of the form factor of the load curve
    form_squared: float | Numbers = 1.0
    #: coefficient of the configuration
    configuration: float | Numbers = 1.0
    #: 1: losses are added to what the meter counted, −1: they are taken off
    sign: int | Integers = 1


class BoundaryLosses(NamedTuple):
    """Losses between boundary and meter in kWh, not rounded."""

    no_load_kwh: float | Numbers
    load_kwh: float | Numbers
    line_kwh: float | Numbers
    total_kwh: float | Numbers


def boundary_losses(passport: Passport, *, energy_kwh: float | Numbers, hours: float | Numbers) -> BoundaryLosses:
    """Return the losses of a transformer and of the line before it (M39); the line carries the transformer's losses too.

    :param hours: hours of the period, above zero
    """
    squared = 1 + np.square(passport.tangent)
    form = passport.form_squared * passport.configuration
    no_load = passport.no_load_kw * hours
    load = passport.load_kw * np.square(energy_kwh) * squared * form / (np.square(passport.rated_kva) * hours)
    through_line = energy_kwh + no_load + load
    line = passport.resistance_ohm * np.square(through_line) * squared * form / (np.square(passport.voltage_kv) * hours) / 1000
    return BoundaryLosses(no_load, load, line, no_load + load + line)


def with_losses(quantity_milli: Integers, losses_kwh: Numbers, sign: Integers, quantum_milli: Integers) -> Integers:
    """Return what is billed: the counted energy with the losses, rounded once to the quantum and never below nothing."""
    quanta = np.floor((quantity_milli + sign * losses_kwh * MILLI_PER_UNIT) / quantum_milli + 0.5)
    return np.maximum(quanta, 0).astype(np.int64) * quantum_milli


def percent_of(quantity_milli: Integers, percent_milli: Integers, quantum_milli: Integers) -> Integers:
    """Return a percentage (in thousandths of a percent) of quantities, rounded to the quantum."""
    return multiply_divide(quantity_milli, percent_milli, 100_000 * quantum_milli) * quantum_milli


def standard_volume(volume_milli: int, *, pressure_mpa: Decimal, celsius: Decimal, compressibility: Decimal) -> Milli:
    """Return a volume of gas at 20 °C and 101.325 kPa, in thousandths of a cubic metre (M41).

    :param pressure_mpa: absolute pressure
    """
    kelvin = Fraction(celsius + _ZERO_CELSIUS_KELVIN)
    above = volume_milli * Fraction(pressure_mpa) * Fraction(_STANDARD_KELVIN)
    return Milli(half_up(above / (Fraction(_STANDARD_MPA) * kelvin * Fraction(compressibility))))


def unavoidable_losses(*, mains_km: Decimal, connections: int, private_km: Decimal, pressure_m: Decimal) -> Milli:
    """Return the unavoidable losses of a water network in thousandths of a cubic metre (litres) a day (M42)."""
    litres = (18 * Fraction(mains_km) + Fraction(4, 5) * connections + 25 * Fraction(private_km)) * Fraction(pressure_m)
    return Milli(half_up(litres))


def leakage_index(yearly_losses_m3: Decimal, unavoidable_milli_per_day: int) -> Decimal:
    """Return how many times its unavoidable losses a water network loses, four decimals (M42)."""
    index = Fraction(yearly_losses_m3) * MILLI_PER_UNIT / (365 * unavoidable_milli_per_day)
    return Decimal(half_up(index * 10_000)).scaleb(-4)


def heat_leakage(
    *,
    norm_percent: Decimal,
    volume_m3: Decimal,
    hours: int,
    density: Decimal,
    supply_celsius: Decimal,
    return_celsius: Decimal,
    cold_celsius: Decimal,
    supply_share: Decimal,
) -> tuple[Milli, Milli]:
    """Return the water lost by a heat network in a period and the heat lost with it: thousandths of m³ and of Gcal (M44).

    :param norm_percent: share of the volume that leaks in an hour
    :param density: tonnes in a cubic metre
    :param supply_share: share of the leakage on the supply side
    """
    lost = Fraction(norm_percent) / 100 * Fraction(volume_m3) * hours
    share = Fraction(supply_share)
    warmth = share * Fraction(supply_celsius) + (1 - share) * Fraction(return_celsius) - Fraction(cold_celsius)
    return _milli(lost), _milli(Fraction(density) * lost * warmth / 1000)


def norm_by_days(norm_milli: Integers, days: Integers, month_days: Integers, quantum_milli: Integers) -> Integers:
    """Return the energy of a monthly norm for some days of a month, rounded to the quantum."""
    return multiply_divide(norm_milli, days, month_days * quantum_milli) * quantum_milli


def _milli(units: Fraction) -> Milli:
    return Milli(half_up(units * MILLI_PER_UNIT))
