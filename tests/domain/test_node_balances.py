"""Balances of nodes and cuts: reference cases, verdicts, refusals, and that imbalances add up exactly."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import balances, metering
from app.domain.balances import (
    BalanceFault,
    BalanceRefused,
    BalanceVerdict,
    GasRelease,
    HeatSection,
    InstrumentErrors,
    Limits,
    LossKind,
    NotJudged,
    Point,
    PointRole,
)

VECTORS = {each["id"]: each for each in json.loads((Path(__file__).parent.parent / "vectors" / "balance.json").read_text())["vectors"]}
KWH = 1000
SALE, OWN = PointRole.SALE, PointRole.OWN_NEEDS


def b05() -> list[Point]:
    given_ = VECTORS["B05"]["input"]
    errors = [InstrumentErrors(*(float(each[name]) for name in ("ct", "vt", "line", "m"))) for each in given_["win"] + given_["wout"]]
    inflow = Point("head", None, "bus", given_["win"][0]["w"] * KWH, errors[0])
    outflows = [
        Point(f"out {place}", "bus", None, each["w"] * KWH, errors[place + 1], OWN if each["w"] == 3000 else SALE, "LEGAL")
        for place, each in enumerate(given_["wout"])
    ]
    return [inflow, *outflows]


def test_balance_of_a_substation_b05() -> None:
    expected = VECTORS["B05"]["expected"]

    found = balances.balance(["bus"], b05(), {})

    assert found.imbalance_milli == int(expected["nb_actual_kwh"]) * KWH
    assert f"{found.percent(found.imbalance_milli):.5f}" == expected["nb_actual_pct"]
    assert f"{found.allowed_percent:.5f}" == expected["nb_allowed_pct"]
    assert (found.verdict is BalanceVerdict.WITHIN) is expected["ok"]
    assert (found.own_needs_milli, dict(found.out_by_group)) == (3000 * KWH, {"LEGAL": 990_000 * KWH})


def test_excess_at_a_transformer_point_with_mass_consumers() -> None:
    points = [
        Point("head", None, "TP", 100_000 * KWH, InstrumentErrors(0.5, meter=1.0)),
        Point("legal", "TP", None, 6000 * KWH, InstrumentErrors(0.5, meter=1.0), SALE, "LEGAL"),
        Point("single-phase", "TP", None, 70_000 * KWH, InstrumentErrors(meter=2.0), SALE, "HOUSEHOLD", 180, 18, 7000 * KWH),
        Point("three-phase", "TP", None, 18_000 * KWH, InstrumentErrors(meter=1.0), SALE, "HOUSEHOLD", 12),
    ]

    found = balances.balance(["TP"], points, {"TP": {LossKind.NO_LOAD: 900 * KWH, LossKind.LOAD: 3000 * KWH}})

    assert f"{found.allowed_percent:.5f}" == "1.23870"
    assert (found.verdict, found.imbalance_milli) == (BalanceVerdict.LOST, 2100 * KWH)
    assert round(found.excess_milli / KWH, 1) == 861.3
    assert dict(found.out_by_group) == {"LEGAL": 6000 * KWH, "HOUSEHOLD": 88_000 * KWH}
    assert round(found.coverage_percent, 2) == round(100 * (194 - 18) / 194, 2)
    assert round(found.estimated_percent, 3) == round(100 * 7000 / 194_000, 3)


def b07() -> tuple[list[Point], dict[str, dict[LossKind, int]], dict[str, str | None]]:
    given_ = VECTORS["B07"]["input"]
    points = [Point("head", None, "feeder", given_["feeder_in"] * KWH)]
    technical = {"feeder": {LossKind.LINE: given_["tech10"] * KWH}}
    for place, each in enumerate(given_["tps"]):
        points.append(Point(f"TP {place}", "feeder", f"tp{place}", each["w"] * KWH))
        points.append(Point(f"sales {place}", f"tp{place}", None, each["sales"] * KWH, role=SALE, group="HOUSEHOLD"))
        technical[f"tp{place}"] = {LossKind.LINE: each["tech"] * KWH}
    return points, technical, {"feeder": None, "tp0": "feeder", "tp1": "feeder"}


def test_balances_add_up_b07() -> None:
    points, technical, parents = b07()
    expected = VECTORS["B07"]["expected"]

    own = {node: balances.balance([node], points, technical) for node in parents}
    whole = balances.balance(balances.below("feeder", parents), points, technical)

    assert own["feeder"].imbalance_milli == expected["feeder_imb"] * KWH
    assert own["feeder"].passed_milli == 194_000 * KWH
    assert [own[f"tp{place}"].imbalance_milli for place in (0, 1)] == [each * KWH for each in expected["tp_imb"]]
    assert whole.imbalance_milli == sum(each.imbalance_milli for each in own.values()) == expected["whole_imb"] * KWH
    assert (whole.actual_milli, whole.technical_milli) == (expected["whole_actual_loss"] * KWH, expected["whole_tech"] * KWH)
    shares = [whole.percent(each) for each in (whole.actual_milli, whole.technical_milli, whole.imbalance_milli)]
    assert [f"{each:.2f}" for each in shares] == [expected["actual_pct"], expected["tech_pct"], expected["dev_pct"]]


def test_inner_meters_drop_out_of_the_allowed_imbalance() -> None:
    points, technical, parents = b07()
    classed = [each._replace(errors=InstrumentErrors(meter=5.0 if each.id.startswith("TP") else 0.5)) for each in points]

    whole = balances.balance(balances.below("feeder", parents), classed, technical)
    own = balances.balance(["feeder"], classed, technical)

    assert whole.allowed_percent is not None
    assert own.allowed_percent is not None
    assert whole.allowed_percent < 0.8
    assert own.allowed_percent > 3


@st.composite
def networks(draw: st.DrawFn) -> tuple[list[Point], dict[str, dict[LossKind, int]], dict[str, str | None]]:
    parents = draw(st.lists(st.integers(0, 10**6), max_size=15))
    above: dict[str, str | None] = {"n0": None} | {f"n{place + 1}": f"n{parent % (place + 1)}" for place, parent in enumerate(parents)}
    quantity = st.integers(1, 10**12)
    points = [Point(f"to {node}", parent, node, draw(quantity)) for node, parent in above.items()]
    points += [Point(f"sold {node}", node, None, draw(quantity), role=SALE) for node in above]
    points += [Point(f"fed {node}", None, node, draw(quantity), role=PointRole.FEED_IN) for node in above]
    technical = {node: {draw(st.sampled_from(list(LossKind))): draw(st.integers(0, 1))} for node in above}
    return points, technical, above


@given(networks())
def test_imbalances_of_all_nodes_add_up_to_that_of_the_whole(
    drawn: tuple[list[Point], dict[str, dict[LossKind, int]], dict[str, str | None]],
) -> None:
    points, technical, above = drawn

    own = [balances.balance([node], points, technical) for node in above]
    whole = balances.balance(above, points, technical)

    assert sum(each.imbalance_milli for each in own) == whole.imbalance_milli
    assert sum(each.actual_milli for each in own) == whole.actual_milli
    assert sum(each.technical_milli for each in own) == whole.technical_milli
    for each in (*own, whole):
        out = sum(each.out_by_group.values()) + each.passed_milli + each.own_needs_milli
        assert each.in_milli == out + each.technical_milli + each.imbalance_milli


HEAD = Point("head", None, "TP", 1000 * KWH, InstrumentErrors(meter=1.0))
SOLD = Point("sold", "TP", None, 1005 * KWH, InstrumentErrors(meter=1.0), SALE)


@pytest.mark.parametrize(
    ("points", "verdict", "reason"),
    [
        ([HEAD, SOLD], BalanceVerdict.WITHIN, None),
        ([HEAD, SOLD._replace(quantity_milli=900 * KWH)], BalanceVerdict.LOST, None),
        ([HEAD, SOLD._replace(quantity_milli=1100 * KWH)], BalanceVerdict.GAINED, None),
        ([SOLD], BalanceVerdict.NOT_JUDGED, NotJudged.NO_HEAD_READING),
        ([HEAD._replace(quantity_milli=None), SOLD], BalanceVerdict.NOT_JUDGED, NotJudged.NO_HEAD_READING),
        ([HEAD, SOLD._replace(quantity_milli=None)], BalanceVerdict.NOT_JUDGED, NotJudged.MISSING_READING),
        ([HEAD, SOLD._replace(estimated=1, estimated_milli=1005 * KWH)], BalanceVerdict.NOT_JUDGED, NotJudged.ESTIMATED_SHARE),
    ],
)
def test_verdict(points: list[Point], verdict: BalanceVerdict, reason: NotJudged | None) -> None:
    found = balances.balance(["TP"], points, {})

    assert (found.verdict, found.not_judged) == (verdict, reason)


def test_more_may_be_estimated_where_the_company_says_so() -> None:
    points = [HEAD, SOLD._replace(estimated=1, estimated_milli=1005 * KWH)]

    assert balances.balance(["TP"], points, {}, Limits(largest_estimated_percent=60)).verdict is BalanceVerdict.WITHIN


@pytest.mark.parametrize(
    ("points", "technical", "fault", "element"),
    [
        ([HEAD, HEAD], {}, BalanceFault.REPEATED_POINT, "head"),
        ([HEAD._replace(quantity_milli=-1)], {}, BalanceFault.DIRECTION_REVERSED, "head"),
        ([HEAD._replace(from_node="TP")], {}, BalanceFault.LEADS_NOWHERE, "head"),
        ([HEAD._replace(points=0)], {}, BalanceFault.NO_POINTS, "head"),
        ([HEAD], {"TP": {LossKind.LINE: -1}}, BalanceFault.NEGATIVE_LOSSES, "TP"),
        ([HEAD], {"TP": {LossKind.LINE: 1001 * KWH}}, BalanceFault.LOSSES_ABOVE_INPUT, "TP"),
    ],
)
def test_wrong_points_and_losses_are_refused(points: list[Point], technical: dict[str, Any], fault: BalanceFault, element: str) -> None:
    with pytest.raises(BalanceRefused) as refused:
        balances.balance(["TP"], points, technical)

    assert (refused.value.fault, refused.value.element) == (fault, element)


# Other resources by the same interface


def test_losses_of_gas_are_a_norm_and_what_was_released_at_standard_conditions() -> None:
    release = GasRelease(1000 * KWH, Decimal("0.4"), Decimal(10), Decimal("0.99"))

    found = balances.gas_losses(length_km=Decimal(12), norm_m3_km=Decimal("2.5"), releases=[release])

    assert found.total_milli == 30_000 + 4_128_398


def test_unavoidable_losses_of_water() -> None:
    [case] = [
        each
        for each in json.loads((Path(__file__).parent.parent / "vectors" / "metering.json").read_text())["vectors"]
        if each["id"] == "M42"
    ]
    given_ = case["input"]
    named = {"mains_km": "lm", "connections": "nc", "private_km": "lp", "pressure_m": "p"}
    mains, private, pressure = (Decimal(str(given_[named[name]])) for name in ("mains_km", "private_km", "pressure_m"))

    found = balances.water_losses(mains_km=mains, connections=int(given_["nc"]), private_km=private, pressure_m=pressure, days=30)

    assert found.fixed_milli == 514_500 * 30


def test_losses_of_heat_through_insulation_and_with_water() -> None:
    _, leaked = metering.heat_leakage(
        norm_percent=Decimal("0.25"), volume_m3=Decimal(300), hours=720, density=Decimal("0.97"), supply_celsius=Decimal(95),
        return_celsius=Decimal(70), cold_celsius=Decimal(5), supply_share=Decimal("0.75"),
    )  # fmt: skip

    found = balances.heat_losses([HeatSection(Decimal(1000), Decimal(120), Decimal("1.15"))], 720, leaked)

    assert found.total_milli == 99_360 + 43_868
    assert balances.heat_supplied(water_t=Decimal(1000), supply_celsius=Decimal(95), return_celsius=Decimal(70)) == 25_000


def test_agreed_share_is_variable() -> None:
    assert balances.percent_losses(100_000, Decimal("2.5")) == balances.ResourceLosses(0, 2500)  # type: ignore[arg-type]
