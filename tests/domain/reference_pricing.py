"""What ``reference_billing`` charges for energy: stretch by stretch, range by range, with exact fractions."""

from bisect import bisect_right
from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from app.domain.billing import Component, LineKind, Policy, TermKind
from app.domain.tariffs import DEMAND, REACTIVE, ZONES, Block, Version
from tests.domain import reference_billing as reference

if TYPE_CHECKING:
    from tests.domain.reference_billing import Benefit, Case, Line, Period

PRICING = {TermKind.FAMILIES, TermKind.CONTRACT_LIMIT, TermKind.DEMAND, TermKind.TG_NORM}
Stream = tuple[int, int, int, int]


class Stretch:
    """Days of one period under one version and the same terms."""

    def __init__(self, period: "Period", version: Version) -> None:
        self.period, self.version = period, version
        self.days: set[int] = set()
        self.quantity: dict[int, int] = defaultdict(int)


class Range(NamedTuple):
    """A part of a stretch's energy in one zone."""

    segments: tuple[Stretch, ...]
    component: Component
    zone: int
    version: Version
    begin: int
    end: int
    factor_e4: int = 10_000
    benefit_id: int = 0
    prepaid_id: int = 0


def charged(
    case: "Case",
    streams: list[Stream],
    reversed_lines: "list[Line]",
    periods: "list[Period]",
    versions: tuple[Version, ...],
    policy: Policy,
) -> "tuple[list[Line], bool]":
    """Return the priced energy, and whether all of it had a rate."""
    segments, complete = _stretches(case, streams, periods, versions)
    remaining = {each.id: each.remaining_milli for each in case.prepaid}
    for line in reversed_lines:
        if line.prepaid_id in remaining and line.component is Component.ENERGY:
            remaining[line.prepaid_id] -= line.quantity_milli
    ranges: list[Range] = []
    for segment in segments:
        ranges += _ranges(case, segment, remaining, versions, policy)
    if policy.limit_change:
        ranges = _blended(ranges)
    lines = [line for each in ranges for line in _lines(case, each, policy)]
    priced = sum(line.quantity_milli for line in lines if line.component is Component.ENERGY)
    energy = sum(quantity for _, _, quantity, zone in streams if zone < REACTIVE)
    return lines, complete and priced == energy


def _stretches(case: "Case", streams: list[Stream], periods: "list[Period]", versions: tuple[Version, ...]) -> tuple[list[Stretch], bool]:
    edges = {day for term in case.terms if term.kind in PRICING for day in (term.from_day, term.to_day)}
    edges |= {day for each in case.benefits for day in (each.from_day, each.to_day)}
    edges |= {each.end for each in periods} | {each.from_day for each in versions}
    ordered, complete = sorted(edges), True
    found: dict[int, Stretch] = {}
    for begin, end, quantity, zone in streams:
        runs: dict[int, list[int]] = defaultdict(list)
        for day in range(begin, end):
            runs[bisect_right(ordered, day)].append(day)
        quantum = case.account.quantum_milli
        shares = reference.largest_remainder(quantity // quantum, [len(run) for run in runs.values()])
        for (place, run), share in zip(runs.items(), shares, strict=True):
            inside = [each for each in versions if each.from_day <= run[0] and (each.to_day is None or run[-1] < each.to_day)]
            own = _priced_zone(inside[0], zone) if inside else None
            if own is None:
                complete = complete and zone >= REACTIVE
                continue
            period = next(each for each in periods if run[0] < each.end)
            segment = found.setdefault(place, Stretch(period, inside[0]))
            segment.days.update(run)
            segment.quantity[own] += share * quantum
    return [found[place] for place in sorted(found)], complete


def _priced_zone(version: Version, zone: int) -> int | None:
    priced = {ZONES.index(block.zone) for block in version.blocks}
    if zone in priced:
        return zone
    return 0 if zone < REACTIVE and 0 in priced else None


def whole_days(case: "Case", period: "Period", policy: Policy) -> int:
    days = period.end - period.start
    moves = period.start == case.account.supply_start or period.end == case.account.supply_end
    return max(days, reference.days_of_month(period.start)) if policy.partial_month and moves else days


def _ranges(case: "Case", segment: Stretch, remaining: dict[int, int], versions: tuple[Version, ...], policy: Policy) -> list[Range]:
    day, days, whole = min(segment.days), max(segment.days) + 1 - min(segment.days), whole_days(case, segment.period, policy)
    energy = {zone: milli for zone, milli in sorted(segment.quantity.items()) if zone < REACTIVE}
    total = sum(energy.values())
    old, usual = _by_price(case, segment, energy, day, remaining, versions)
    result = old + usual + _benefits(case, old + usual, energy, total, day, Fraction(days, whole))
    limit = case.term(TermKind.CONTRACT_LIMIT, day)
    if limit:
        allowed = reference.half_up(Fraction(limit.value_milli * (100 + policy.over_limit_tolerance) * days, 100 * whole))
        for each in usual:
            over = reference.half_up(Fraction(max(total - allowed, 0) * energy[each.zone], max(total, 1)))
            if over > 0:
                percent = policy.over_limit_percent * 100
                result.append(each._replace(component=Component.OVER_LIMIT, begin=each.end - over, factor_e4=percent))
    return result + _reactive(case, segment, total, day, policy) + _demand(case, segment, day, Fraction(days, whole))


def _by_price(
    case: "Case", segment: Stretch, energy: dict[int, int], day: int, remaining: dict[int, int], versions: tuple[Version, ...]
) -> tuple[list[Range], list[Range]]:
    """Return the energy that keeps old prices, and the rest of it; what is drawn is taken off what remains."""
    old: list[Range] = []
    usual: list[Range] = []
    for zone, milli in energy.items():
        drawn = 0
        for volume in case.prepaid:
            version = [each for each in versions if each.id == volume.version_id][-1:]
            if version and volume.from_day <= day < volume.to_day and _priced_zone(version[0], zone) == zone:
                used = max(min(remaining[volume.id], milli - drawn), 0)
                if used:
                    old.append(Range((segment,), Component.ENERGY, zone, version[0], drawn, drawn + used, prepaid_id=volume.id))
                remaining[volume.id] -= used
                drawn += used
        if not drawn or drawn < milli:
            usual.append(Range((segment,), Component.ENERGY, zone, segment.version, drawn, milli))
    return old, usual


def _benefits(case: "Case", priced: list[Range], energy: dict[int, int], total: int, day: int, share: Fraction) -> list[Range]:
    held = [each for each in case.benefits if each.from_day <= day < each.to_day]
    if not held:
        return []
    best: Benefit = min(held, key=lambda each: (-each.percent_e2, each.id))
    covered = abs(total) if best.limit_milli < 0 else min(abs(total), reference.half_up(best.limit_milli * share))
    result = []
    for each in priced:
        own = reference.half_up(Fraction(covered * energy[each.zone], max(abs(total), 1)))
        if total < 0:
            # Everything is counted from nothing downwards.
            own = -reference.half_up(Fraction(-covered * energy[each.zone], max(abs(total), 1)))
        end = max(each.end, own) if each.end < 0 else min(each.end, own)
        if abs(end) > each.begin:
            extra = {"component": Component.BENEFIT, "end": end, "factor_e4": -best.percent_e2, "benefit_id": best.id}
            result.append(each._replace(**extra))
    return result


def _reactive(case: "Case", segment: Stretch, total: int, day: int, policy: Policy) -> list[Range]:
    if REACTIVE not in segment.quantity:
        return []
    norm = case.term(TermKind.TG_NORM, day)
    tangent = Fraction(norm.value_milli, 1000) if norm else Fraction(policy.tg_norm_percent, 100)
    excess = segment.quantity[REACTIVE] - reference.half_up(max(total, 0) * tangent)
    return [Range((segment,), Component.REACTIVE, REACTIVE, segment.version, 0, excess)] if excess > 0 else []


def _demand(case: "Case", segment: Stretch, day: int, share: Fraction) -> list[Range]:
    if not any(block.zone == "DEMAND" for block in segment.version.blocks):
        return []
    ordered = case.term(TermKind.DEMAND, day)
    shown = [
        reference.half_up(Fraction(read.dial_milli * read.multiplier_numerator, read.multiplier_denominator))
        for read in case.readings
        if read.zone == DEMAND and segment.period.start < read.day <= segment.period.end
    ]
    capacity = reference.half_up((ordered.value_milli if ordered else max(shown, default=0)) * share)
    return [Range((segment,), Component.DEMAND, DEMAND, segment.version, 0, capacity)] if capacity > 0 else []


def _blended(ranges: list[Range]) -> list[Range]:
    """Join the plain energy of a period where the rates are equal."""
    special = {
        id(each.segments[0]) for each in ranges if each.zone < REACTIVE and (each.component is not Component.ENERGY or each.prepaid_id)
    }
    result: list[Range] = []
    place: dict[object, int] = {}
    for each in ranges:
        if each.component is not Component.ENERGY or id(each.segments[0]) in special:
            result.append(each)
            continue
        rates = tuple(block.rate_e4 for block in _blocks(each.version, each.zone))
        key = (each.segments[0].period, each.zone, rates, each.version.vat_percent_e2)
        if key in place:
            before = result[place[key]]
            joined = {"segments": before.segments + each.segments, "end": before.end + each.end, "version": each.version}
            result[place[key]] = before._replace(**joined)
        else:
            place[key] = len(result)
            result.append(each)
    return result


def _blocks(version: Version, zone: int) -> list[Block]:
    return [block for block in version.blocks if block.zone == ZONES[zone]]


def _lines(case: "Case", each: Range, policy: Policy) -> "list[Line]":
    """Return a range's lines: what of it lies in each block."""
    period = each.segments[0].period
    kind = LineKind.CORRECTION if period.end <= case.account.billed_to else LineKind.CHARGE
    days = sum(max(segment.days) + 1 - min(segment.days) for segment in each.segments)
    span = (period.month, min(each.segments[0].days), max(each.segments[-1].days) + 1, days)
    sign, end = (-1, -each.end) if each.end < 0 else (1, each.end)
    lines, lower = [], Fraction(0)
    for number, block in enumerate(_blocks(each.version, each.zone), 1):
        upper = Fraction(end) if block.upper_milli is None else _upper(case, each, number - 1, policy)
        since, upto = max(lower, Fraction(each.begin)), min(upper, Fraction(end))
        lower = upper
        if upto <= since and not (end == 0 and number == 1):
            continue
        upto = max(upto, since)
        rate = reference.half_up(Fraction(block.rate_e4 * each.factor_e4, 10_000))
        amount = sign * reference.half_up((upto - since) * rate / 100_000)
        vat = reference.half_up(Fraction(amount * each.version.vat_percent_e2, 10_000 + each.version.vat_percent_e2))
        quantity = sign * (reference.half_up(upto) - reference.half_up(since))
        marks = (each.component, each.zone, 0, each.benefit_id, each.prepaid_id)
        lines.append(reference.Line(kind, *span, each.version.id, number, quantity, rate, amount, vat, *marks))
    return lines


def _upper(case: "Case", each: Range, place: int, policy: Policy) -> Fraction:
    """Return the end of a step: by the days of the stretches, once for each family."""
    result = Fraction(0)
    for segment in each.segments:
        families = case.term(TermKind.FAMILIES, min(segment.days))
        times = max(families.value_milli // 1000, 1) if families else 1
        version = each.version if len(each.segments) == 1 else segment.version
        upper = _blocks(version, each.zone)[place].upper_milli
        days = max(segment.days) + 1 - min(segment.days)
        result += Fraction((upper or 10**15) * days * times, whole_days(case, segment.period, policy))
    return result
