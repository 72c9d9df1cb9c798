"""Losses of other resources by one interface: passports and conditions go in, fixed and variable losses come out in thousandths.

Sources: gas at 20 °C and 101.325 kPa (reference case M41), unavoidable losses of water (UARL and ILI, M42), heat with the water that
leaks (M44) and through insulation; norms a kilometer are the company's.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from app.domain import metering
from app.domain.values import Milli, half_up

#: kcal in a Gcal.
_KCAL = 10**6


class ResourceLosses(NamedTuple):
    """Normative losses in thousandths of the resource's unit.

    :ivar fixed_milli: what is lost whatever flows
    :ivar variable_milli: what goes with the flow
    """

    fixed_milli: Milli
    variable_milli: Milli = Milli(0)

    @property
    def total_milli(self) -> int:
        """Return all losses."""
        return self.fixed_milli + self.variable_milli


class GasRelease(NamedTuple):
    """Gas that an emergency act says was lost, under the conditions of the pipe."""

    volume_milli: int
    pressure_mpa: Decimal
    celsius: Decimal
    compressibility: Decimal


class HeatSection(NamedTuple):
    """A section of a heat network.

    :ivar loss_kcal_m_h: norm of insulation, kcal a meter and hour
    :ivar fittings: factor for what stands in the pipes
    """

    length_m: Decimal
    loss_kcal_m_h: Decimal
    fittings: Decimal = Decimal(1)


def percent_losses(quantity_milli: int, percent: Decimal) -> ResourceLosses:
    """Return losses as an agreed share of what flows in; for any resource."""
    return ResourceLosses(Milli(0), Milli(half_up(quantity_milli * Fraction(percent) / 100)))


def gas_losses(*, length_km: Decimal, norm_m3_km: Decimal, releases: Sequence[GasRelease] = ()) -> ResourceLosses:
    """Return losses of a gas network in m³ at standard conditions: a norm for each kilometer in the period, and emergency releases."""
    released = sum(
        metering.standard_volume(
            each.volume_milli, pressure_mpa=each.pressure_mpa, celsius=each.celsius, compressibility=each.compressibility
        )
        for each in releases
    )
    return ResourceLosses(Milli(half_up(Fraction(length_km) * Fraction(norm_m3_km) * 1000) + released))


def water_losses(*, mains_km: Decimal, connections: int, private_km: Decimal, pressure_m: Decimal, days: int) -> ResourceLosses:
    """Return the losses of a water network in a period that cannot be avoided, m³; more than 5,000 connections are meant."""
    daily = metering.unavoidable_losses(mains_km=mains_km, connections=connections, private_km=private_km, pressure_m=pressure_m)
    return ResourceLosses(Milli(daily * days))


def heat_losses(sections: Sequence[HeatSection], hours: int, leaked_gcal_milli: int = 0) -> ResourceLosses:
    """Return losses of a heat network in Gcal: through insulation by norm, and with the water that leaks.

    :param leaked_gcal_milli: second result of ``metering.heat_leakage``
    """
    hourly = [Fraction(each.loss_kcal_m_h) * Fraction(each.length_m) * Fraction(each.fittings) for each in sections]
    return ResourceLosses(Milli(half_up(sum(hourly, Fraction(0)) * hours / _KCAL * 1000) + leaked_gcal_milli))


def heat_supplied(*, water_t: Decimal, supply_celsius: Decimal, return_celsius: Decimal) -> Milli:
    """Return the heat that water gave, thousandths of a Gcal: ``Q = G · c · (t1 − t2)`` with c = 1 kcal/(kg · °C)."""
    return Milli(half_up(Fraction(water_t) * (Fraction(supply_celsius) - Fraction(return_celsius))))
