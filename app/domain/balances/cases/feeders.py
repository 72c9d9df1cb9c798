"""Cases of a feeder with its loads: losses by the rated voltage, by the source's, and by what was measured."""

from collections.abc import Iterator

from app.domain.balances.cases.records import (
    AGREEMENT,
    LINES,
    TRANSFORMERS,
    Basic,
    Basis,
    CaseResult,
    FeederCase,
    HeadMeasured,
    NegativeBalance,
)
from app.domain.balances.feeders import Conditions, ElementLosses, FeederLosses, feeder_losses
from app.domain.balances.losses import Flow, LossKind, passport_of, section_losses, section_of, transformer_losses

Names = dict[str, float]


def of_feeder(case: FeederCase) -> CaseResult:
    """Return the losses of a feeder by rated voltages, and by the source's and mean voltage where they are known.

    :raises NetworkRefused: with all faults
    :raises LossesAboveInput: for an element that would lose more than it carries
    :raises NegativeBalance: if less flows in than is delivered
    """
    _check_head(case)
    voltages = {Basis.RATED: None, Basis.SOURCE: case.source_kv} | ({Basis.MEAN: case.mean_kv} if case.mean_kv else {})
    found = {basis: _losses(case, voltage) for basis, voltage in voltages.items()}
    bases = [Basic(basis, (*losses.segments, *losses.transformers), losses.head_kwh) for basis, losses in found.items()]
    named = dict(_feeder_names(case, found[Basis.RATED]))
    if case.measured is not None:
        bases.append(_measured(case, case.measured))
        named |= _pair_names(case, bases[0], bases[-1])
    return CaseResult(tuple(bases), named)


def _check_head(case: FeederCase) -> None:
    delivered = sum(each.active_kwh for each in case.deliveries.values())
    if case.head_kw is not None and case.head_kw * case.hours < delivered * (1 - AGREEMENT):
        raise NegativeBalance(f"{case.head_kw * case.hours:.3f} kWh flow in at the source and {delivered:.3f} kWh are delivered")


def _losses(case: FeederCase, voltage_kv: float | None) -> FeederLosses:
    return feeder_losses(case.feeder, case.deliveries, Conditions(case.hours, voltage_kv, case.configuration))


def _measured(case: FeederCase, measured: HeadMeasured) -> Basic:
    """Return the losses of one line and its transformer by the voltages at their sides and the energy at the line's head."""
    [transformer], [segment] = case.feeder.transformers, case.feeder.segments
    delivery = case.deliveries[transformer.id]
    flow = Flow(
        delivery.active_kwh, delivery.reactive_kvarh, case.hours, measured.high_kv, delivery.form_squared, case.configuration,
        measured.low_kv / measured.low_nominal_kv,
    )  # fmt: skip
    lost = transformer_losses(passport_of([transformer]), flow)
    kinds = {LossKind.NO_LOAD: lost.no_load.at(0), LossKind.LOAD: lost.load.at(0)}
    elements = (_line_by_head(case, case.source_kv), ElementLosses(transformer.id, delivery.active_kwh, delivery.reactive_kvarh, kinds))
    assert segment.id == elements[0].element
    return Basic(Basis.MEASURED, elements, measured.head_kw * case.hours)


def _line_by_head(case: FeederCase, voltage_kv: float) -> ElementLosses:
    """Return the losses of a line from the energy that was measured at its head."""
    assert case.measured is not None
    return _line(case, case.measured.head_kw * case.hours, case.measured.head_kvar * case.hours, voltage_kv)


def _line(case: FeederCase, active_kwh: float, reactive_kvarh: float, voltage_kv: float) -> ElementLosses:
    [segment] = case.feeder.segments
    form = next(iter(case.deliveries.values())).form_squared
    flow = Flow(active_kwh, reactive_kvarh, case.hours, voltage_kv, form, case.configuration)
    lost = section_losses(section_of([segment], [case.feeder.wires[segment.wire]]), flow)
    return ElementLosses(segment.id, active_kwh, reactive_kvarh, {LossKind.LINE: lost.load.at(0)})


def _feeder_names(case: FeederCase, rated: FeederLosses) -> Iterator[tuple[str, float]]:
    """Yield what reference values of a feeder with several elements are compared with."""
    for place, segment in enumerate(rated.segments):
        yield f"loadflow.line_loss_kwh[{place}]", segment.lost_kwh
    for place, transformer in enumerate(rated.transformers):
        yield f"loadflow.trafo_loss_kwh[{place}]", transformer.lost_kwh
    yield "loadflow.total_kwh", _total(rated)
    for label, voltage in case.voltages.items():
        yield from _names_of_voltage(case, f"normative.{label}", _losses(case, voltage))


def _names_of_voltage(case: FeederCase, label: str, losses: FeederLosses) -> Iterator[tuple[str, float]]:
    for place, segment in enumerate(losses.segments):
        yield f"{label}.lines[{place}]", segment.lost_kwh
    for place, transformer in enumerate(losses.transformers):
        yield f"{label}.trafos_noload_load[{place}][0]", transformer.kinds[LossKind.NO_LOAD].value
        yield f"{label}.trafos_noload_load[{place}][1]", transformer.kinds[LossKind.LOAD].value
    yield f"{label}.total_kwh", _total(losses)
    yield f"{label}.W_head_kwh", losses.head_kwh
    lines, transformers = losses.of_kind(LossKind.LINE), _total(losses) - losses.of_kind(LossKind.LINE)
    for part, lost in (("lines", lines), ("trafo", transformers), ("total", lines + transformers)):
        if flowed := case.load_flow_kwh.get(part):
            yield f"{label}.dev_{part}_percent", 100 * (lost / flowed - 1)


def _total(losses: FeederLosses) -> float:
    return sum(each.lost_kwh for each in (*losses.segments, *losses.transformers))


def _pair_names(case: FeederCase, rated: Basic, by_measured: Basic) -> Names:
    """Return what reference values of one line with one transformer are compared with."""
    [transformer] = case.feeder.transformers
    by_meter = case.deliveries[transformer.id]
    after = rated.elements[0]
    head, nominal_kv = _line_by_head(case, transformer.nominal_kv), transformer.nominal_kv
    lines = {
        "line_from_head_energy_nominalU_kwh": head.lost_kwh,
        "line_from_head_energy_measuredU_kwh": by_measured.elements[0].lost_kwh,
        "line_from_lv_meter_plus_trafo_nominalU_kwh": after.lost_kwh,
        "line_from_lv_meter_only_nominalU_kwh": _line(case, by_meter.active_kwh, by_meter.reactive_kvarh, nominal_kv).lost_kwh,
        "P_after_trafo_kw": after.active_kwh / case.hours,
        "Q_after_trafo_kvar": after.reactive_kvarh / case.hours,
    }
    named = {f"normative.{name}": value for name, value in (lines | _transformer_names(rated, by_measured)).items()}
    for part, kinds in (("line", LINES), ("trafo", TRANSFORMERS)):
        named[f"loadflow.{part}_loss_kwh"] = by_measured.lost(kinds)
        named[f"loadflow.{part}_loss_kw"] = by_measured.lost(kinds) / case.hours
    return named | {"loadflow.total_kwh": by_measured.lost(LINES | TRANSFORMERS)} | _deviations(case, named)


def _transformer_names(rated: Basic, by_measured: Basic) -> Names:
    named = {}
    for word, basic in (("nominal", rated), ("measuredU", by_measured)):
        named[f"trafo_noload_{word}_kwh"] = basic.lost(frozenset({LossKind.NO_LOAD}))
        named[f"trafo_load_{word}_kwh"] = basic.lost(frozenset({LossKind.LOAD}))
        named[f"trafo_{word}_total_kwh"] = basic.lost(TRANSFORMERS)
    return named


def _deviations(case: FeederCase, named: Names) -> Names:
    """Return by how many percent the normative losses differ from those of the load flow."""
    compared = {
        "trafo_nominal": ("trafo_nominal_total_kwh", "trafo"), "trafo_measuredU": ("trafo_measuredU_total_kwh", "trafo"),
        "line_head_nominalU": ("line_from_head_energy_nominalU_kwh", "lines"),
        "line_head_measuredU": ("line_from_head_energy_measuredU_kwh", "lines"),
        "line_lv_plus_trafo": ("line_from_lv_meter_plus_trafo_nominalU_kwh", "lines"),
        "line_lv_only": ("line_from_lv_meter_only_nominalU_kwh", "lines"),
    }  # fmt: skip
    normative = {name: named[f"normative.{key}"] for name, (key, _) in compared.items()}
    flowed = case.load_flow_kwh
    found = {
        f"deviation_percent.{name}": 100 * (normative[name] / flowed[part] - 1) for name, (_, part) in compared.items() if flowed.get(part)
    }
    if flowed.get("total"):
        billed = normative["trafo_nominal"] + normative["line_lv_plus_trafo"]
        found["deviation_percent.total_billing"] = 100 * (billed / flowed["total"] - 1)
    return found
