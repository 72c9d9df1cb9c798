"""What is priced of a bill: ranges of the energy of its segments, each by the blocks it lies in and with its own factor.

Energy that keeps an old price comes first; it uses up the first steps. A benefit gives back its percentage of the first
energy, energy above the ordered one costs a percentage more, both at the rates of the blocks that the energy lies in.
Sources: contract limits with 20 % tolerance and 20 % more above it — amendments of August 2024; prepaid volume at the old
price — the same; reactive energy above its norm — reference case M37, by segments of a billing period.
"""

from typing import NamedTuple

import numpy as np

from app.domain import metering, tariffs
from app.domain.billing import terms as dated
from app.domain.billing.plan import Periods
from app.domain.billing.policy import Policy
from app.domain.billing.records import (
    COMPONENTS,
    ENERGY,
    BillingInput,
    BillingRules,
    BillLines,
    Component,
    Kind,
    Prepaid,
    TermKind,
)
from app.domain.billing.segments import PricingSegments
from app.domain.calendar import DAY_BITS
from app.domain.tariffs import Parts, PriceTable, Spans
from app.domain.values import RATE_SCALE, Integers, divisor, multiply_divide, sums_by

_BENEFIT, _OVER_LIMIT, _REACTIVE, _DEMAND = (
    COMPONENTS.index(component) for component in (Component.BENEFIT, Component.OVER_LIMIT, Component.REACTIVE, Component.DEMAND)
)


class Ranges(NamedTuple):
    """Ranges of energy to price; days and times are those of the segments, until segments are blended."""

    segment: Integers
    component: Integers
    zone: Integers
    version: Integers
    from_milli: Integers
    to_milli: Integers
    factor_e4: Integers
    benefit_id: Integers
    prepaid_id: Integers


def ranges_of(given: BillingInput, reversed_lines: BillLines, segments: PricingSegments, periods: Periods) -> Ranges:
    """Return what is priced of the segments.

    :param taken_back: lines of estimated bills that this bill reverses
    """
    rules, policy = given.rules, given.policy
    segment, zone = np.nonzero(segments.counted[:, : tariffs.ENERGY_ZONES])
    energy = segments.quantity_milli[segment, zone]
    active = segments.quantity_milli[:, : tariffs.ENERGY_ZONES].sum(axis=1)
    old = _from_prepaid(given, reversed_lines, segments, segment, zone, energy)
    drawn = sums_by(old.place, old.to_milli - old.from_milli, len(segment))
    new = (drawn == 0) | (drawn < energy)
    none = np.zeros(len(segment), dtype=np.int64)
    usual = Ranges(
        segment, none + ENERGY, zone, segments.version[segment], drawn, energy, none + RATE_SCALE, none, none
    )  # fmt: skip
    usual = _at(usual, np.flatnonzero(new))
    priced = _joined(old.ranges, usual)
    return _joined(
        priced,
        _benefits(priced, segments, active),
        _over_limit(usual, segments, active, rules, policy),
        _reactive(segments, active, rules, policy),
        _demand(given, segments, periods),
    )


class _Drawn(NamedTuple):
    ranges: Ranges
    #: place among the energy of the segments
    place: Integers
    from_milli: Integers
    to_milli: Integers


def _from_prepaid(
    given: BillingInput, reversed_lines: BillLines, segments: PricingSegments, segment: Integers, zone: Integers, energy: Integers
) -> _Drawn:
    """Return the energy that keeps an old price: each volume is drawn in the order of days until it is used up."""
    table, prepaid = given.table, given.rules.prepaid
    drawn = np.zeros(len(segment), dtype=np.int64)
    account = segments.account[segment]
    remaining = prepaid.remaining_milli + _given_back(prepaid, reversed_lines)
    result = [_Drawn(Ranges(*[drawn[:0]] * 9), drawn[:0], drawn[:0], drawn[:0])]
    first = np.searchsorted(prepaid.account, prepaid.account, "left")
    rank = np.arange(len(first)) - first
    for turn in range(int(rank.max(initial=-1)) + 1):
        own = np.flatnonzero(rank == turn)
        row = own[np.minimum(np.searchsorted(prepaid.account[own], account), len(own) - 1)]
        day = segments.from_day[segment]
        holds = (prepaid.account[row] == account) & (prepaid.from_day[row] <= day) & (day < prepaid.to_day[row])
        holds &= table.block_count[prepaid.version[row], zone] > 0
        free = np.where(holds, np.maximum(energy - drawn, 0), 0)
        before = np.cumsum(free) - free
        before -= before[np.searchsorted(account, account, "left")]
        used = np.clip(remaining[row] - before, 0, free)
        at = np.flatnonzero(used > 0)
        none = np.zeros(len(at), dtype=np.int64)
        begin, end = drawn[at], drawn[at] + used[at]
        ranges = Ranges(
            segment[at], none + ENERGY, zone[at], prepaid.version[row[at]], begin, end, none + RATE_SCALE, none, prepaid.id[row[at]]
        )
        result.append(_Drawn(ranges, at, begin, end))
        drawn = drawn + used
    return _Drawn(_joined(*(each.ranges for each in result)), *(np.concatenate([each[column] for each in result]) for column in (1, 2, 3)))


def _given_back(prepaid: Prepaid, reversed_lines: BillLines) -> Integers:
    """Return what estimated lines that are taken back had drawn from each volume."""
    back = np.zeros(len(prepaid.id), dtype=np.int64)
    order = np.argsort(prepaid.id)
    ids = prepaid.id[order]
    at = np.minimum(np.searchsorted(ids, reversed_lines.prepaid_id), max(len(ids) - 1, 0))
    found = np.flatnonzero((reversed_lines.component == ENERGY) & (reversed_lines.prepaid_id > 0))
    if len(ids):
        found = found[ids[at[found]] == reversed_lines.prepaid_id[found]]
        np.add.at(back, order[at[found]], reversed_lines.quantity_milli[found])
    return back


def _benefits(priced: Ranges, segments: PricingSegments, active: Integers) -> Ranges:
    """Give back the percentage of a benefit for the energy it covers; zones share its limit by their energy."""
    benefit = segments.benefit
    days = segments.to_day - segments.from_day
    limit = multiply_divide(np.maximum(benefit.limit_milli, 0), days, segments.whole_days)
    covered = np.where(benefit.limit_milli < 0, np.abs(active), np.minimum(np.abs(active), limit)) * np.sign(active)
    some = priced.segment[(benefit.percent_e2 > 0)[priced.segment]]
    ranges = _at(priced, np.flatnonzero((benefit.percent_e2 > 0)[priced.segment]))
    own = segments.quantity_milli[some, ranges.zone]
    share = multiply_divide(covered[some], own, divisor(np.abs(active[some]))) * np.sign(active[some])
    end = np.where(ranges.to_milli < 0, np.maximum(ranges.to_milli, share), np.minimum(ranges.to_milli, share))
    ranges = ranges._replace(
        component=np.full(len(some), _BENEFIT),
        to_milli=end,
        factor_e4=-benefit.percent_e2[some],
        benefit_id=benefit.id[some],
    )
    return _at(ranges, np.flatnonzero(np.abs(end) > ranges.from_milli))


def _over_limit(usual: Ranges, segments: PricingSegments, active: Integers, rules: BillingRules, policy: Policy) -> Ranges:
    """Return the energy above the ordered one and its tolerance; zones share it by their energy."""
    limit, holds = dated.in_force(rules.terms, TermKind.CONTRACT_LIMIT, segments.account, segments.from_day)
    days = segments.to_day - segments.from_day
    allowed = multiply_divide(limit * (100 + policy.over_limit_tolerance), days, 100 * segments.whole_days)
    excess = np.where(holds, np.maximum(active - allowed, 0), 0)
    ranges = _at(usual, np.flatnonzero((excess > 0)[usual.segment]))
    some = ranges.segment
    share = multiply_divide(excess[some], segments.quantity_milli[some, ranges.zone], divisor(active[some]))
    ranges = ranges._replace(
        component=np.full(len(some), _OVER_LIMIT),
        from_milli=ranges.to_milli - share,
        factor_e4=np.full(len(some), policy.over_limit_percent * 100),
    )
    return _at(ranges, np.flatnonzero(share > 0))


def _reactive(segments: PricingSegments, active: Integers, rules: BillingRules, policy: Policy) -> Ranges:
    norm, holds = dated.in_force(rules.terms, TermKind.TG_NORM, segments.account, segments.from_day)
    norm_e4 = np.where(holds, norm * 10, policy.tg_norm_percent * 100)
    counted = segments.quantity_milli[:, tariffs.REACTIVE]
    excess = metering.reactive_excess(np.maximum(active, 0), counted, norm_e4)
    some = np.flatnonzero((excess > 0) & segments.counted[:, tariffs.REACTIVE])
    return _plain(segments, some, tariffs.REACTIVE, _REACTIVE, excess[some])


def _demand(given: BillingInput, segments: PricingSegments, periods: Periods) -> Ranges:
    """Return capacity by days: what the contract orders, else the largest reading of the period."""
    readings, table = given.readings, given.table
    ordered, holds = dated.in_force(given.rules.terms, TermKind.DEMAND, segments.account, segments.from_day)
    largest = np.zeros(len(periods.key) + 1, dtype=np.int64)
    rows = np.flatnonzero(readings.zone == tariffs.DEMAND)
    if len(rows) and len(periods.key):
        place = np.searchsorted(periods.key, (readings.account[rows] << DAY_BITS) + readings.day[rows], "left")
        at = np.minimum(place, len(periods.key) - 1)
        inside = (periods.account[at] == readings.account[rows]) & (periods.start[at] < readings.day[rows]) & (place == at)
        shown = multiply_divide(readings.dial_milli[rows], readings.multiplier_numerator[rows], readings.multiplier_denominator[rows])
        np.maximum.at(largest, at[inside], shown[inside])
    capacity = np.where(holds, ordered, largest[segments.period])
    by_days = multiply_divide(capacity, segments.to_day - segments.from_day, segments.whole_days)
    priced = table.block_count[segments.version, tariffs.DEMAND] > 0 if len(table.version_id) else holds
    some = np.flatnonzero((by_days > 0) & priced)
    return _plain(segments, some, tariffs.DEMAND, _DEMAND, by_days[some])


def _plain(segments: PricingSegments, some: Integers, zone: int, component: int, quantity: Integers) -> Ranges:
    none = np.zeros(len(some), dtype=np.int64)
    return Ranges(some, none + component, none + zone, segments.version[some], none, quantity, none + RATE_SCALE, none, none)


class Blended(NamedTuple):
    """Ranges ready to price, with the segments whose steps each adds up."""

    ranges: Ranges
    spans: Spans | None
    from_day: Integers
    to_day: Integers
    days: Integers


def blended(ranges: Ranges, segments: PricingSegments, table: PriceTable, policy: Policy) -> Blended:
    """Join, where the policy says so, the energy of a period's segments with equal rates: its steps are blended by days.

    Energy with a benefit, an old price or above the ordered one keeps the steps of its own days.
    """
    from_day, to_day = segments.from_day[ranges.segment], segments.to_day[ranges.segment]
    if not policy.limit_change:
        return Blended(ranges, None, from_day, to_day, to_day - from_day)
    place = np.arange(len(ranges.segment))
    special = np.zeros(len(segments.account), dtype=bool)
    special[ranges.segment[(ranges.component != ENERGY) & (ranges.zone < tariffs.ENERGY_ZONES) | (ranges.prepaid_id > 0)]] = True
    mixes = (ranges.component == ENERGY) & ~special[ranges.segment]
    rates = table.same_rates[ranges.version, ranges.zone]
    key = np.stack([np.where(mixes, -1, place), segments.period[ranges.segment], ranges.zone, rates])
    _, owner = np.unique(key, axis=1, return_inverse=True)
    order = np.argsort(owner, kind="stable")
    spans = Spans(owner[order], ranges.version[order], (to_day - from_day)[order], segments.times[ranges.segment][order])
    count = int(owner.max(initial=-1)) + 1
    last = np.zeros(count, dtype=np.int64)
    np.maximum.at(last, owner, place)
    first = np.full(count, len(place))
    np.minimum.at(first, owner, place)
    joined = _at(ranges, last)
    same = first == last
    quantity = np.where(same, joined.to_milli, sums_by(owner, ranges.to_milli, count))
    return Blended(joined._replace(to_milli=quantity), spans, from_day[first], to_day[last], sums_by(owner, to_day - from_day, count))


def priced_lines(given: BillingInput, made: Blended, segments: PricingSegments, periods: Periods) -> BillLines:
    """Return ranges as priced lines: charges, or corrections in periods that were billed before."""
    table = given.table
    ranges = made.ranges
    parts = Parts(
        version=ranges.version,
        zone=ranges.zone,
        quantity_milli=ranges.to_milli,
        from_milli=ranges.from_milli,
        days=made.days,
        whole_days=segments.whole_days[ranges.segment],
        times=segments.times[ranges.segment],
        factor_e4=ranges.factor_e4,
    )
    priced = tariffs.price_parts(table, parts, made.spans)
    part, segment = priced.part, ranges.segment[priced.part]
    period, account = segments.period[segment], segments.account[segment]
    corrects = periods.end[period] <= given.accounts.billed_to[account]
    return BillLines(
        account=account,
        kind=np.where(corrects, int(Kind.CORRECTION), int(Kind.CHARGE)),
        month=periods.month[period],
        from_day=made.from_day[part],
        to_day=made.to_day[part],
        days=made.days[part],
        version_id=table.version_id[ranges.version[part]] if len(table.version_id) else part,
        block_no=priced.block_no,
        quantity_milli=priced.quantity_milli,
        rate_e4=priced.rate_e4,
        amount_tiyin=priced.amount_tiyin,
        vat_tiyin=priced.vat_tiyin,
        component=ranges.component[part],
        zone=ranges.zone[part],
        charge_id=np.zeros(len(part), dtype=np.int64),
        benefit_id=ranges.benefit_id[part],
        prepaid_id=ranges.prepaid_id[part],
    )


def _at(ranges: Ranges, places: Integers) -> Ranges:
    return Ranges(*(column[places] for column in ranges))


def _joined(*parts: Ranges) -> Ranges:
    return Ranges(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
