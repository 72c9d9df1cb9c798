"""Energy by formula: the reference cases."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from app.domain import metering
from app.domain.metering import Passport
from app.domain.values import MILLI_PER_UNIT
from tests.strategies import int64s, vectors


def only(rule: str) -> dict[str, Any]:
    [vector] = vectors(rule)
    return {name: Decimal(value) if isinstance(value, str) else value for name, value in (vector["input"] | vector["expected"]).items()}


def test_reactive_energy_above_the_norm():
    case = only("reactive")
    active, reactive = int(case["wp"]) * MILLI_PER_UNIT, int(case["wq"]) * MILLI_PER_UNIT

    excess = metering.reactive_excess(int64s([active, active]), int64s([reactive, 0]), int64s([4000, 4000]))
    tangent, cosine = metering.power_factor(active, reactive)

    assert excess.tolist() == [case["excess"] * MILLI_PER_UNIT, 0]
    assert (round(Decimal(tangent), 4), round(Decimal(cosine), 4)) == (case["tg"], case["cos"])
    assert metering.power_factor(0, 5) == (0, 0)


def test_losses_from_the_boundary_to_the_meter():
    case = only("boundary_loss")
    passport = Passport(
        no_load_kw=float(case["px"]), load_kw=float(case["pk"]), rated_kva=float(case["sn"]), resistance_ohm=float(case["r_ohm"]),
        voltage_kv=float(case["u"]), tangent=float(case["tg"]), form_squared=case["kf2"][0] / case["kf2"][1],
        configuration=float(case["kk"]), sign=case["sign"],
    )  # fmt: skip
    energy = float(case["w"])

    losses = metering.boundary_losses(passport, energy_kwh=energy, hours=float(case["t"]))

    assert [round(Decimal(float(kwh)), 3) for kwh in losses] == [case["noload"], case["trafo_load"], case["line"], case["total"]]
    billed = metering.with_losses(int64s([int(energy) * 1000]), np.array([losses.total_kwh]), int64s([1]), int64s([1000]))
    assert billed.tolist() == [case["billed"] * MILLI_PER_UNIT]


@pytest.mark.parametrize(
    ("quantity", "losses_kwh", "sign", "quantum", "billed"),
    [(1000, 0.5, 1, 1000, 2000), (1000, 0.499, 1, 1000, 1000), (3000, 1.0, -1, 1000, 2000), (3000, 4.0, -1, 1000, 0), (0, 0.0, 1, 1, 0)],
)
def test_losses_are_added_before_the_meter_or_taken_off_behind_it_and_never_leave_less_than_nothing(
    quantity: int, losses_kwh: float, sign: int, quantum: int, billed: int
):
    assert metering.with_losses(int64s([quantity]), np.array([losses_kwh]), int64s([sign]), int64s([quantum])).tolist() == [billed]


def test_gas_is_brought_to_standard_conditions():
    case = only("gas_std")

    volume = metering.standard_volume(
        int(case["v"]) * MILLI_PER_UNIT, pressure_mpa=case["p_abs_mpa"], celsius=case["t_c"], compressibility=case["k"]
    )

    assert Decimal(volume) / MILLI_PER_UNIT == case["vst"]


def test_unavoidable_losses_of_a_water_network():
    case = only("uarl")

    unavoidable = metering.unavoidable_losses(mains_km=case["lm"], connections=int(case["nc"]), private_km=case["lp"], pressure_m=case["p"])

    assert Decimal(unavoidable) / MILLI_PER_UNIT == case["uarl_m3_day"]
    assert metering.leakage_index(case["carl_m3"], unavoidable) == case["ili"]


def test_leakage_of_a_heat_network():
    case = only("heat_leak")

    lost, heat = metering.heat_leakage(
        norm_percent=case["a_pct"], volume_m3=case["v"], hours=int(case["t"]), density=case["rho"], supply_celsius=case["t1"],
        return_celsius=case["t2"], cold_celsius=case["tx"], supply_share=case["b"],
    )  # fmt: skip

    assert (Decimal(lost) / MILLI_PER_UNIT, Decimal(heat) / MILLI_PER_UNIT) == (case["m3"], case["gcal"])


@pytest.mark.parametrize(("days", "norm"), [(31, 150_000), (15, 73_000), (0, 0)])
def test_a_norm_is_shared_by_the_days_of_the_month(days: int, norm: int):
    assert metering.norm_by_days(int64s([150_000]), int64s([days]), int64s([31]), int64s([1000])).tolist() == [norm]


def test_a_percentage_of_energy_is_rounded_to_the_quantum():
    assert metering.percent_of(int64s([1_000_000, 10_000]), int64s([2500, 2500]), int64s([1000, 1])).tolist() == [25_000, 250]
