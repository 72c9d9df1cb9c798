"""Losses of a whole distributor whose tables its regulator published (``vectors/mux.tar.xz``), by our formulas, a feeder and kind each.

Mux Energia, 2024: two feeders, 273 transformer points, 13,300 consumers with their monthly energies and typical curves. Low-voltage
networks are whole trees. Sections of the feeders are not: switches between them are not in the sample.
"""

import csv
import io
import tarfile
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.domain.balances import Flow, SectionPassport, TransformerPassport, figure, section_losses, transformer_losses
from app.domain.network import NO_SEGMENT, Feeder, Segment, Wire, oriented, sums_to_source, tree_of

Floats = NDArray[np.float64]
ARCHIVE = Path(__file__).parent / "vectors" / "mux.tar.xz"
MONTHS = [f"kwh_{month:02d}" for month in range(1, 13)]
#: Working days, Saturdays, and Sundays of the year 2024; quarters of an hour of each typical day follow one another.
DAYS = {"DU": 262, "SA": 52, "DO": 52}
HOURS = 366 * 24
#: tg φ of the power factor 0.92, which the regulator takes.
TANGENT = np.sqrt(1 / 0.92**2 - 1)
KILOVOLTS = {"15": 0.38, "17": 0.44}
#: Own use of a meter, W for each voltage circuit, as the regulator takes it.
METER_W = 1.0


class FeederLost(NamedTuple):
    """Losses of a feeder in a year by kind, kWh."""

    low_voltage: float
    transformers: float
    meters: float


@cache
def table(name: str) -> list[dict[str, str]]:
    with tarfile.open(ARCHIVE) as archive:
        file = archive.extractfile(f"mux/{name}.csv")
        assert file is not None
        return list(csv.DictReader(io.TextIOWrapper(file, "utf-8")))


def energy(rows: list[dict[str, str]]) -> float:
    """Return the energy of a year, kWh."""
    return sum(float(row[month]) for row in rows for month in MONTHS)


def input_and_deliveries() -> dict[str, float]:
    """Return what came in and went out in the year, kWh."""
    names = ("feeders", "mv_generators", "lv_generators", "mv_consumers", "lv_consumers", "street_lighting")
    return {name: energy(table(name)) for name in names}


@cache
def curves() -> Mapping[str, Floats]:
    """Return typical loads: curve → mean load of each quarter hour of the three days, as a share of the mean of the year."""
    days: dict[str, dict[str, Floats]] = defaultdict(dict)
    for row in table("load_curves"):
        days[row["curve"]][row["day"]] = np.array([float(row[f"q{quarter:02d}"]) for quarter in range(96)])
    found = {}
    for name, of in days.items():
        whole = np.concatenate([of[day] for day in DAYS])
        found[name] = whole / np.average(whole, weights=WEIGHTS)
    return found


WEIGHTS = np.repeat(list(DAYS.values()), 96)


def form_squared(loads: Floats) -> Floats:
    """Return the squares of form factors of rows of loads."""
    mean = np.average(loads, axis=1, weights=WEIGHTS)
    squares = np.average(np.square(loads), axis=1, weights=WEIGHTS)
    return np.where(mean > 0, squares / np.where(mean > 0, mean, 1) ** 2, 1.0)


class Taken(NamedTuple):
    """What is taken at nodes of one low-voltage network: mean loads in kW of each quarter hour, and energy by phase, kWh."""

    loads: dict[str, Floats]
    phases: dict[str, Floats]


def taken_by_transformer() -> dict[str, Taken]:
    """Return what consumers take at each node, less what generators give there; lamps hang on the transformer's own bars."""
    found: dict[str, Taken] = defaultdict(lambda: Taken(defaultdict(lambda: np.zeros(288)), defaultdict(lambda: np.zeros(3))))
    for row in table("lv_consumers"):
        _take(found[row["transformer"]], row["node"], energy([row]), curves()[row["load_curve"]], row["phases"])
    for row in table("lv_generators"):
        _take(found[row["transformer"]], row["node"], -energy([row]), _daylight(), "ABC")
    return found


def _take(taken: Taken, node: str, kwh: float, curve: Floats, phases: str) -> None:
    taken.loads[node] += kwh / HOURS * curve
    on = np.array([phase in phases for phase in "ABC"], dtype=float)
    taken.phases[node] += kwh * on / on.sum()


@cache
def _daylight() -> Floats:
    """Return the load of a generator of sunlight, as a share of its mean."""
    hour = (np.arange(288) % 96) / 4
    shape = np.clip(np.sin((hour - 6) / 12 * np.pi), 0, None) * ((hour > 6) & (hour < 18))
    return shape / np.average(shape, weights=WEIGHTS)


def low_voltage(transformer: dict[str, str], taken: Taken, rows: list[dict[str, str]]) -> tuple[float, Floats]:
    """Return the losses of a transformer's low-voltage network, kWh, and the load at its bars."""
    wires = {row["wire"]: Wire(float(row["r1_ohm_km"]), float(row["x1_ohm_km"])) for row in table("wires")}
    source = transformer["node_lv"]
    segments = [
        Segment(f"{place}", row["from_node"], row["to_node"], row["wire"], max(float(row["length_m"]), 0.01) / 1000)
        for place, row in enumerate(rows)
    ]
    feeder = Feeder((source,), oriented(segments, source), (), wires)
    tree = tree_of(feeder)
    ends = [segment.to_node for segment in feeder.segments]
    empty, none = np.zeros(288), np.zeros(3)
    loads = sums_to_source(tree, np.array([taken.loads.get(node, empty) for node in ends]).reshape(len(ends), 288))
    phases = sums_to_source(tree, np.array([taken.phases.get(node, none) for node in ends]).reshape(len(ends), 3))
    at_bars = loads[tree.parent == NO_SEGMENT].sum(axis=0) + taken.loads.get(source, empty)
    if not rows:
        return 0.0, at_bars
    return _lost(feeder, loads, phases, rows), at_bars


def _lost(feeder: Feeder, loads: Floats, phases: Floats, rows: list[dict[str, str]]) -> float:
    active = np.average(loads, axis=1, weights=WEIGHTS) * HOURS
    squares = np.average(np.square(loads), axis=1, weights=WEIGHTS)
    mean_squares = np.square(active / HOURS)
    form = np.where(mean_squares > 0, squares / np.where(mean_squares > 0, mean_squares, 1), 1.0)
    shares = np.array([_phase_shares(row["phases"], each) for row, each in zip(rows, phases, strict=True)])
    factor = figure(
        "unbalance_factor", current_a_a=shares[:, 0], current_b_a=shares[:, 1], current_c_a=shares[:, 2], neutral_ratio=np.ones(len(rows))
    ).result
    resistance = np.array([feeder.wires[each.wire].resistance_ohm_km * each.length_km for each in feeder.segments])
    flow = Flow(active, active * TANGENT, HOURS, KILOVOLTS["15"], form * factor)
    return float(np.sum(section_losses(SectionPassport(resistance), flow).load.result))


def _phase_shares(phases: str, taken: Floats) -> Floats:
    """Return the shares of phases: those that consumers behind have; evenly over the section's own where they give energy or take none."""
    own = np.array([phase in phases for phase in "ABC"], dtype=float)
    if not own.any():
        own = np.ones(3)
    usable = (taken >= 0).all() and (taken * own).sum() > 0
    return taken * own / (taken * own).sum() if usable else own / own.sum()


def transformers(point: dict[str, str], loads: Floats, lamps_kwh: float) -> float:
    """Return the losses of the units of a transformer point, kWh."""
    units = [row for row in table("transformer_units") if row["transformer"] == point["transformer"]]
    no_load, total = (sum(float(row[name]) for row in units) / 1000 for name in ("no_load_w", "total_w"))
    active = np.average(loads, weights=WEIGHTS) * HOURS + lamps_kwh
    passport = TransformerPassport(float(point["rated_kva"]), 13.8, no_load, total - no_load)
    lost = transformer_losses(passport, Flow(active, active * TANGENT, HOURS, 13.8, float(form_squared(loads[None])[0])))
    return float(lost.no_load.result + lost.load.result)


def lost_by_feeder(*, owners: frozenset[str]) -> dict[str, FeederLost]:
    """Return the losses of each feeder by kind; of transformers those of some owners."""
    taken, by_point = taken_by_transformer(), defaultdict(list)
    for row in (*table("lv_lines"), *table("service_drops")):
        by_point[row["transformer"]].append(row)
    lamps = {row["transformer"]: energy([row]) for row in table("street_lighting")}
    found: dict[str, Any] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for point in table("transformers"):
        code = point["transformer"]
        lines, loads = low_voltage(point, taken[code], by_point[code])
        sums = found[point["feeder"]]
        sums[0] += lines
        if point["owner"] in owners:
            sums[1] += transformers(point, loads, lamps.get(code, 0.0))
    for row in table("lv_consumers"):
        circuits = max(sum(phase in row["phases"] for phase in "ABC"), 1)
        found[row["feeder"]][2] += METER_W * circuits * HOURS / 1000
    return {feeder: FeederLost(*sums) for feeder, sums in found.items()}


def trunk(feeder: dict[str, str]) -> tuple[int, float]:
    """Return in how many pieces a feeder is, and what the one at the source would lose, kWh, if all energy went to its farthest end."""
    rows = [row for row in table("mv_lines") if row["feeder"] == feeder["feeder"]]
    wires = {row["wire"]: Wire(float(row["r1_ohm_km"])) for row in table("wires")}
    nodes = {node for row in rows for node in (row["from_node"], row["to_node"])}
    given = [Segment(row["segment"], row["from_node"], row["to_node"], row["wire"], float(row["length_m"]) / 1000) for row in rows]
    fed_by = {each.to_node: each for each in oriented(given, feeder["node"]) if each.to_node != feeder["node"]}
    farthest = max((_way(node, feeder["node"], fed_by) for node in nodes), key=lambda way: sum(each.length_km for each in way))
    resistance = sum(wires[each.wire].resistance_ohm_km * each.length_km for each in farthest)
    voltage = 13.8 * float(feeder["operating_pu"])
    active = energy([feeder])
    return len(nodes) - len(rows), float(
        section_losses(SectionPassport(resistance), Flow(active, active * TANGENT, HOURS, voltage)).load.result
    )


def _way(node: str, source: str, fed_by: Mapping[str, Segment]) -> list[Segment]:
    """Return the sections from the source to a node; none if the source does not reach it."""
    way = []
    while node != source:
        if node not in fed_by or len(way) > len(fed_by):
            return []
        way.append(fed_by[node])
        node = fed_by[node].from_node
    return way
