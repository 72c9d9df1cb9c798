"""A whole distributor, published by its regulator: energies to the kWh, and our losses against the regulator's by kind and feeder."""

import pytest

from tests import mux


def reference(name: str) -> dict[str, float]:
    return {row["feeder"]: float(row[name]) for row in mux.table("feeders")}


@pytest.fixture(scope="module")
def own() -> dict[str, mux.FeederLost]:
    return mux.lost_by_feeder(owners=frozenset("1"))


def test_input_less_deliveries_to_the_kwh() -> None:
    energy = mux.input_and_deliveries()

    came_in = energy["feeders"] + energy["mv_generators"] + energy["lv_generators"]
    delivered = energy["mv_consumers"] + energy["lv_consumers"] + energy["street_lighting"]

    assert round(came_in) == 90_546_780
    assert round(delivered) == 84_789_956
    assert round(came_in - delivered) == 5_756_823


def test_low_voltage_lines_by_segment_are_within_a_tenth(own: dict[str, mux.FeederLost]) -> None:
    official = reference("loss_lv_kwh")

    deviations = {feeder: 100 * (each.low_voltage / official[feeder] - 1) for feeder, each in own.items()}

    assert deviations == pytest.approx({"1": 7.7, "2": 5.4}, abs=0.1)


def test_ownership_decides_on_transformers(own: dict[str, mux.FeederLost]) -> None:
    everybody = mux.lost_by_feeder(owners=frozenset("12"))
    official = sum(reference("loss_mv_lv_transformers_kwh").values())

    assert sum(each.transformers for each in own.values()) < official < sum(each.transformers for each in everybody.values())


def test_meters_of_the_second_feeder_take_a_watt_a_circuit(own: dict[str, mux.FeederLost]) -> None:
    official = reference("loss_meters_kwh")

    assert own["2"].meters == pytest.approx(official["2"], rel=0.002)
    assert own["1"].meters == pytest.approx(official["1"] * 1.72, rel=0.01)


def test_sections_of_feeders_are_in_pieces() -> None:
    found = {row["feeder"]: mux.trunk(row) for row in mux.table("feeders")}
    official = reference("loss_mv_kwh")

    assert {feeder: pieces for feeder, (pieces, _) in found.items()} == {"1": 81, "2": 101}
    assert {feeder: round(100 * lost / official[feeder]) for feeder, (_, lost) in found.items()} == {"1": 44, "2": 43}
