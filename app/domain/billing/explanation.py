"""How a bill came about, told in sentences: which they are and which figures stand in them; the words are the reader's language's.

The names of the figures tell how they are written: ``_milli`` with the resource's unit, ``_tiyin`` as money, ``_on`` as a day.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from app.domain.billing import Component, LineKind
from app.domain.metering import Quality
from app.domain.reference import Names


class Sentence(StrEnum):
    """What a sentence says."""

    READINGS = "READINGS"  # later − earlier, times the multiplier
    ROLLED_OVER = "ROLLED_OVER"  # the same past the last digit
    ESTIMATED = "ESTIMATED"
    NORM = "NORM"
    LOSSES = "LOSSES"
    TAKEN_BACK = "TAKEN_BACK"  # heads the lines that give a month back
    CORRECTED = "CORRECTED"  # heads the lines that bill it again
    FLAT = "FLAT"  # energy of a tariff with one rate
    STEP = "STEP"  # energy of a block with an end
    LAST_STEP = "LAST_STEP"  # energy of the block without one
    BENEFIT = "BENEFIT"
    PRICED = "PRICED"  # another quantity times a rate
    CHARGED = "CHARGED"  # an amount from another document
    PENALTY_DAYS = "PENALTY_DAYS"
    PENALTY_SUM = "PENALTY_SUM"
    ACT_LINE = "ACT_LINE"
    TOTAL = "TOTAL"


class ExplanationLine(NamedTuple):
    """A sentence and the figures in it."""

    sentence: Sentence
    values: dict[str, Any]


_BY_QUALITY = {Quality.ESTIMATED: Sentence.ESTIMATED, Quality.NORM: Sentence.NORM, Quality.LOSSES: Sentence.LOSSES}
_HEAD = {LineKind.REVERSAL: Sentence.TAKEN_BACK, LineKind.CORRECTION: Sentence.CORRECTED}


def explain(lines: Sequence[Any], consumption: Sequence[Any]) -> list[ExplanationLine]:
    """Return a bill's derivation: its energy, its lines in their order, their sum.

    :param lines: the bill's lines, as ``queries.billing.bill_lines`` gives them
    :param consumption: the energy it is made of, as ``queries.billing.bill_consumption`` gives it
    """
    told = [_taken(row) for row in consumption]
    headed: tuple[LineKind, date] | None = None
    for line in lines:
        kind, month = LineKind(line.kind), line.for_month
        if kind in _HEAD and headed != (kind, month):
            told.append(ExplanationLine(_HEAD[kind], {"month": month}))
            headed = (kind, month)
        told += _line(line)
    sums = {name: sum(getattr(line, name) for line in lines) for name in ("amount_tiyin", "vat_tiyin")}
    return [*told, ExplanationLine(Sentence.TOTAL, {"count": len(lines), **sums})]


def _taken(row: Any) -> ExplanationLine:
    values = {"from_on": row.period_from, "to_on": row.period_to, "days": (row.period_to - row.period_from).days}
    values |= {"quantity_milli": row.quantity_milli, "zone": row.zone}
    if row.quality in _BY_QUALITY or row.later_milli is None:
        return ExplanationLine(_BY_QUALITY.get(row.quality, Sentence.ESTIMATED), values)
    capacity = row.capacity_milli if row.rolled_over else 0
    values |= {"meter": row.meter, "earlier": _units(row.earlier_milli), "later": _units(row.later_milli)}
    values |= {"capacity": _units(capacity), "difference": _units(row.later_milli + capacity - row.earlier_milli)}
    return ExplanationLine(Sentence.ROLLED_OVER if row.rolled_over else Sentence.READINGS, values | {"multiplier": row.multiplier})


def _line(line: Any) -> Iterator[ExplanationLine]:
    values = {"from_on": line.period_from, "to_on": line.period_to, "days": (line.period_to - line.period_from).days}
    values |= {name: getattr(line, name) for name in ("block_no", "rate", "amount_tiyin", "vat_tiyin", "zone")}
    component = Component(line.component)
    if line.charge_id is not None:
        yield ExplanationLine(Sentence.CHARGED, values | {"component": component, "basis": line.source})
        yield from _derived(line.derivation or {})
    elif component == Component.ENERGY:
        limits = {"lower_milli": line.lower_milli or 0, "upper_milli": line.upper_milli}
        whole = line.upper_milli is None and not line.lower_milli
        step = Sentence.STEP if line.upper_milli is not None else Sentence.FLAT if whole else Sentence.LAST_STEP
        yield ExplanationLine(step, values | limits | {"quantity_milli": line.quantity_milli})
    elif component == Component.BENEFIT:
        names = Names(line.benefit or "", line.benefit_uz_cyrl, line.benefit_ru)
        named = {"benefit": names, "percent": line.percent or Decimal(0)}
        yield ExplanationLine(Sentence.BENEFIT, values | named | {"quantity_milli": line.quantity_milli})
    else:
        yield ExplanationLine(Sentence.PRICED, values | {"component": component, "quantity": _units(line.quantity_milli)})


def _derived(derivation: dict[str, Any]) -> Iterator[ExplanationLine]:
    """Tell how another document computed its amount, from what it kept."""
    for bill in derivation.get("bills", []):
        for start, end, base, rate_e6 in bill["pieces"]:
            days = (date.fromisoformat(end) - date.fromisoformat(start)).days
            amount = (2 * base * rate_e6 * days + 10**6) // (2 * 10**6)
            values = {"from_on": date.fromisoformat(start), "to_on": date.fromisoformat(end), "days": days, "base_tiyin": base}
            yield ExplanationLine(Sentence.PENALTY_DAYS, values | {"percent": Decimal(rate_e6) / 10_000, "amount_tiyin": amount})
        total, before = bill["total_tiyin"], bill["before_tiyin"]
        sums = {"total_tiyin": total, "cap_tiyin": bill["cap_tiyin"], "before_tiyin": before, "amount_tiyin": total - before}
        yield ExplanationLine(Sentence.PENALTY_SUM, {"month": date.fromisoformat(bill["billing_month"]), **sums})
    for line in derivation.get("lines", []):
        values = {"from_on": date.fromisoformat(line["period_from"]), "to_on": date.fromisoformat(line["period_to"])}
        values |= {name: line[name] for name in ("block_no", "quantity_milli", "amount_tiyin", "vat_tiyin")}
        yield ExplanationLine(Sentence.ACT_LINE, values | {"rate": Decimal(line["rate_e4"]) / 10_000})


def _units(milli: int) -> Decimal:
    return Decimal(milli) / 1000
