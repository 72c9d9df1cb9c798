"""Files of loss cases (JSON): a feeder with its loads, elements with their energies, or currents of three phases.

What is computed from is read strictly: a field that is missing, unknown, no number or out of range is refused by its place. Reference
values (``loadflow``, ``normative``, ``deviation_percent``, ``expected``) are kept as they are, number by number, to be compared.
Units are those of the fields' names; ``Px``, ``Pk`` are kW, ``Sn`` kVA, ``Un`` kV, ``uk``, ``ix`` percent, ``r0``, ``x0`` Ohm/km, ``c``
nF/km.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from app.domain.balances import TransformerLoad, WrongLoadCurve, form_factor
from app.domain.balances.cases import LOW_SIDE_KV, Carried, Currents, EnergiesCase, FeederCase, HeadMeasured, LossCase, UnbalanceCase
from app.domain.network import Feeder, Segment, Transformer, Wire
from app.gateways.loss_case.fields import LARGEST, Fields, WrongCase, agree, parsed

_ABOUT = frozenset({"id", "description", "source", "version"})
_REFERENCES = frozenset({"loadflow", "normative", "deviation_percent", "expected"})


class ReadCase(NamedTuple):
    """A loss case with its reference values.

    :ivar reference: place in the file → number
    :ivar tolerances: name of a result → by how many percent it may differ from the number of the same place
    """

    name: str
    case: LossCase
    reference: Mapping[str, float]
    tolerances: Mapping[str, tuple[str, float]]


def parse(content: bytes) -> ReadCase:
    """Return a loss case.

    :raises WrongCase: if it is none
    """
    value = parsed(content)
    fields = Fields(value, "")
    reference = {name: number for key in _REFERENCES & value.keys() for name, number in _numbers(value[key], key)}
    case = _case(fields, reference)
    fields.end(_ABOUT | _REFERENCES)
    reference |= dict(_elements_reference(value))
    return ReadCase(fields.text("id", "case"), case, reference, _tolerances(reference))


def _case(fields: Fields, reference: Mapping[str, float]) -> LossCase:
    if fields.has("rows"):
        return UnbalanceCase(tuple(_currents(row) for row in fields.rows("rows")))
    if fields.has("inputs"):
        inputs = fields.below("inputs")
        found = _pair(inputs, reference) if inputs.has("line") else _branched(inputs, reference)
        inputs.end()
        return found
    if fields.has("segments"):
        return _energies(fields)
    raise WrongCase("there is neither inputs, segments nor rows")


def _currents(row: Fields) -> Currents:
    found = Currents(row.number("IA"), row.number("IB"), row.number("IC"), row.number("Rn_Rf", high=100))
    row.end(frozenset({"IN", "exact_ratio", "knn_formula"}))
    if not found.a + found.b + found.c:
        raise WrongCase(f"{row.place('IA')}, IB and IC are zero")
    return found


def _pair(inputs: Fields, reference: Mapping[str, float]) -> FeederCase:
    """Read one line with one transformer at its end."""
    hours, source_kv = _conditions(inputs)
    line, passport, load = inputs.below("line"), inputs.below("transformer"), inputs.below("load")
    segment, wire = _line(line)
    low_kv = passport.number("Un_lv", LOW_SIDE_KV, above=True)
    transformer = _transformer(passport, passport.text("type", "transformer"), "1")
    delivery = _delivery(load, hours, reference)
    for fields in (line, passport, load):
        fields.end()
    feeder = Feeder(("0",), (segment,), (transformer,), {segment.wire: wire})
    return _feeder_case(inputs, feeder, {transformer.id: delivery}, hours, source_kv, reference)._replace(
        measured=_measured(reference, low_kv)
    )


def _line(line: Fields) -> tuple[Segment, Wire]:
    length = line.number("length_km")
    wire = Wire(line.number("r0_ohm_km"), line.number("x0_ohm_km", 0.0), line.number("c_nf_km", 0.0))
    name = line.text("type", "line")
    agree(line, "R_ohm", wire.resistance_ohm_km * length)
    return Segment(name, "0", "1", name, length, line.whole("parallel", 1)), wire


def _branched(inputs: Fields, reference: Mapping[str, float]) -> FeederCase:
    """Read a feeder of several sections; node 0 is its source."""
    hours, source_kv = _conditions(inputs)
    segments, wires = [], {}
    for place, row in enumerate(inputs.rows("segments")):
        name = row.text("id", f"S{place + 1}")
        wires[name] = Wire(row.number("r0"), row.number("x0", 0.0), row.number("c", 0.0))
        segments.append(Segment(name, row.text("frm"), row.text("to"), name, row.number("L_km"), row.whole("parallel", 1)))
        row.text("wire", "-")
        row.end()
    transformers, deliveries = [], {}
    for place, row in enumerate(inputs.rows("transformers")):
        transformer = _transformer(row, row.text("id", f"T{place + 1}"), row.text("node"))
        row.text("type", "-")
        transformers.append(transformer)
        deliveries[transformer.id] = _delivery(row, hours, reference)
        row.end()
    feeder = Feeder((inputs.text("source", "0"),), tuple(segments), tuple(transformers), wires)
    _check_nodes(inputs, feeder)
    return _feeder_case(inputs, feeder, deliveries, hours, source_kv, reference)


def _check_nodes(inputs: Fields, feeder: Feeder) -> None:
    if not feeder.segments or not feeder.transformers:
        raise WrongCase("a feeder has at least one section and one transformer")
    nodes = {node for each in feeder.segments for node in (each.from_node, each.to_node)}
    if inputs.has("nodes") and inputs.whole("nodes", 0) != len(nodes):
        raise WrongCase(f"{inputs.place('nodes')} is {inputs.whole('nodes', 0)} and sections join {len(nodes)}")


def _conditions(inputs: Fields) -> tuple[float, float]:
    return inputs.number("T_h", above=True, high=1e6), inputs.number("source_kv", above=True, high=1500)


def _feeder_case(
    inputs: Fields,
    feeder: Feeder,
    deliveries: Mapping[str, TransformerLoad],
    hours: float,
    source_kv: float,
    reference: Mapping[str, float],
) -> FeederCase:
    rated = {each.nominal_kv for each in feeder.transformers}
    if len(rated) > 1:
        raise WrongCase(f"transformers of one feeder have different rated voltages: {', '.join(f'{each:g}' for each in sorted(rated))} kV")
    _check_voltage(inputs.place("source_kv"), source_kv, *rated)
    measured = inputs.number("U_kv", source_kv, above=True, high=1500)
    _check_voltage(inputs.place("U_kv"), measured, *rated)
    behind = (
        [measured]
        if inputs.has("U_kv")
        else [value for name, value in reference.items() if name.startswith("loadflow.U_kv[") and name != "loadflow.U_kv[0]"]
    )
    return FeederCase(
        feeder, deliveries, hours, source_kv, inputs.number("kk", reference.get("normative.kk", 1.0), above=True, high=2),
        mean_kv=sum(behind) / len(behind) if behind else None,
        head_kw=reference.get("loadflow.P_head_kw"),
        voltages=_voltages(reference),
        load_flow_kwh=_load_flow(reference),
    )  # fmt: skip


def _voltages(reference: Mapping[str, float]) -> dict[str, float]:
    """Return the voltages the case has normative values for, by the name of their object."""
    begin, end = "normative.", ".U"
    return {name[len(begin) : -len(end)]: value for name, value in reference.items() if name.startswith(begin) and name.endswith(end)}


def _load_flow(reference: Mapping[str, float]) -> dict[str, float]:
    sums = {
        part: sum(value for name, value in reference.items() if name.startswith(f"loadflow.{word}_loss_kwh"))
        for part, word in (("lines", "line"), ("trafo", "trafo"))
    }
    return sums | {"total": reference.get("loadflow.total_kwh", 0.0)}


def _measured(reference: Mapping[str, float], low_nominal_kv: float) -> HeadMeasured | None:
    """Return what the load flow says of both sides of a line and its transformer, if it says all of it."""
    names = [f"loadflow.{name}" for name in ("U_hv_kv", "U_lv_kv", "P_head_kw", "Q_head_kvar")]
    if any(name not in reference for name in names):
        return None
    high, low, head_kw, head_kvar = (reference[name] for name in names)
    if min(high, low) <= 0:
        raise WrongCase("loadflow.U_hv_kv and loadflow.U_lv_kv are above zero")
    return HeadMeasured(high, low, low_nominal_kv, head_kw, head_kvar)


def _transformer(fields: Fields, name: str, node: str) -> Transformer:
    return Transformer(
        name, node, fields.number("Sn"), fields.number("Un"), fields.number("Px"), fields.number("Pk"),
        fields.number("ix", 0.0, high=100), fields.number("uk", 0.0, high=100), fields.whole("parallel", 1),
    )  # fmt: skip


def _delivery(load: Fields, hours: float, reference: Mapping[str, float]) -> TransformerLoad:
    """Read a load: power (or a profile whose mean it is) and cos φ or reactive power; constant where nothing says how uneven it is."""
    profile = load.numbers("profile_kw")
    power = load.number("P_kw", sum(profile) / len(profile) if profile else None)
    if profile:
        agree(load, "P_kw", sum(profile) / len(profile))
    cosine = load.number("cosphi", 1.0, above=True, high=1)
    reactive = power * math.tan(math.acos(cosine))
    if load.has("cosphi"):
        agree(load, "Q_kvar", reactive)
    return TransformerLoad(power * hours, load.number("Q_kvar", reactive) * hours, _form(load, reference.get("normative.kf2", 1.0)))


def _form(fields: Fields, default: float) -> float:
    """Read the square of a form factor: given itself, else by the best of profile, curve of the class and fill factor."""
    given, fill = fields.number("kf2", 1.0, high=1000), fields.number("kz", 0.0, high=1)
    profile, curve = fields.numbers("profile_kw"), fields.numbers("curve")
    if given < 1:
        raise WrongCase(f"{fields.place('kf2')} is {given:g}; the square of a form factor is at least 1")
    if fields.has("kf2"):
        return given
    if profile or curve or fields.has("kz"):
        try:
            return form_factor(profile_kw=profile, curve=curve, fill=fill).squared
        except WrongLoadCurve:
            raise WrongCase(f"{fields.place('kz')}, curve or profile gives no form factor: it is zero") from None
    return default


def _energies(fields: Fields) -> EnergiesCase:
    """Read elements with the energy each carries."""
    hours = fields.number("T_h", above=True, high=1e6)
    default = _head_form(fields)
    segments, wires, transformers, carried = [], dict[str, Wire](), [], dict[str, Carried]()
    for row in fields.rows("segments"):
        segment = Segment(row.text("id"), row.text("frm"), row.text("to"), row.text("id"), row.number("L_km"), row.whole("parallel", 1))
        wires[segment.id] = Wire(row.number("r_ohm_per_km"), row.number("x_ohm_per_km", 0.0), row.number("c_nf_per_km", 0.0))
        segments.append(segment)
        carried[segment.id] = _carried(row, default, "nominal_kv")
    for row in fields.rows("transformers"):
        transformer = _rated_in_watts(row)
        transformers.append(transformer)
        carried[transformer.id] = _carried(row, default, "nominal_hv_kv")
    if not segments and not transformers:
        raise WrongCase("there are no elements")
    delivered = fields.number("head_energy_kwh", 0.0)
    return EnergiesCase(tuple(segments), wires, tuple(transformers), carried, hours, delivered or None)


def _head_form(fields: Fields) -> float:
    """Read the form factor of the whole network; for elements that have none of their own."""
    given, fill = fields.number("head_kf2", 1.0, low=1, high=1000), fields.number("head_kz", 0.0, high=1)
    return form_factor(fill=fill).squared if fill and not fields.has("head_kf2") else given


def _rated_in_watts(row: Fields) -> Transformer:
    high, low = row.number("nominal_hv_kv"), row.number("nominal_lv_kv", LOW_SIDE_KV)
    if high < low:
        raise WrongCase(f"{row.place('nominal_hv_kv')} is below nominal_lv_kv")
    return Transformer(
        row.text("id"), "", row.number("rated_kva"), high, row.number("no_load_w") / 1000, row.number("load_w") / 1000,
        in_parallel=row.whole("parallel", 1),
    )  # fmt: skip


def _carried(row: Fields, form: float, nominal: str) -> Carried:
    nominal_kv = row.number(nominal, above=True, high=1500)
    mean = row.number("mean_kv", nominal_kv, above=True, high=1500)
    _check_voltage(row.place("mean_kv"), mean, nominal_kv)
    found = Carried(
        row.number("energy_kwh"),
        row.number("reactive_kvarh", 0.0, low=-1e12),
        _form(row, form),
        nominal_kv,
        mean if row.has("mean_kv") else None,
    )
    row.end(frozenset({"load_flow_loss_kwh"}))
    return found


def _check_voltage(place: str, kilovolts: float, rated_kv: float) -> None:
    if rated_kv and not 0.5 <= kilovolts / rated_kv <= 1.5:
        raise WrongCase(f"{place} is {kilovolts:g} kV and the rated voltage {rated_kv:g} kV")


def _numbers(value: object, place: str) -> Iterator[tuple[str, float]]:
    """Yield the numbers of a reference value with their places; texts are left out."""
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        if abs(value) > LARGEST:
            raise WrongCase(f"{place} is beyond 10^12")
        yield place, float(value)
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _numbers(each, f"{place}.{name}")
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _numbers(each, f"{place}[{index}]")


def _elements_reference(value: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Yield the reference values that stand within elements and rows."""
    for kind in ("segments", "transformers"):
        for each in value.get(kind) or []:
            yield from _numbers(each.get("load_flow_loss_kwh"), f"{each['id']}.load_flow_loss_kwh")
    for place, each in enumerate(value.get("rows") or []):
        for name in ("IN", "exact_ratio", "knn_formula"):
            yield from _numbers(each.get(name), f"rows[{place}].{name}")


def _tolerances(reference: dict[str, float]) -> dict[str, tuple[str, float]]:
    """Take the tolerances out of the reference values; each with the place of the number it is of."""
    begin, found = "expected.tolerance_percent.", {}
    for name in [name for name in reference if name.startswith(begin)]:
        result = name.removeprefix(begin)
        found[result] = (f"expected.{'transformers' if result.startswith('transformers') else 'lines'}_kwh", reference.pop(name))
    return found
