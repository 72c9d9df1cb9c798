"""Energy cut where something about its price changes: period, tariff, terms or benefit."""

from typing import NamedTuple

import numpy as np

from app.domain import metering, tariffs
from app.domain.billing import terms as dated
from app.domain.billing.energy import Energy
from app.domain.billing.plan import Periods, Plan, whole_days
from app.domain.billing.records import ENERGY, BillingInput, BillLines, TermKind, distinct, flagged
from app.domain.billing.terms import Granted
from app.domain.calendar import DAY_BITS
from app.domain.metering import Segments
from app.domain.values import MILLI_PER_UNIT, Flags, Integers, sums_by

_ZONES = len(tariffs.ZONES)


class PricingSegments(NamedTuple):
    """Runs of days of a billing period under one tariff version and the same terms, sorted by account and day."""

    account: Integers
    period: Integers
    version: Integers
    from_day: Integers
    to_day: Integers
    #: days that have the whole steps of a month
    whole_days: Integers
    #: families that share the account
    times: Integers
    #: energy by zone, and the zones that count any
    quantity_milli: Integers
    counted: Flags
    benefit: Granted


class _Streams(NamedTuple):
    """Energy of registers between two days."""

    account: Integers
    from_day: Integers
    to_day: Integers
    quantity_milli: Integers
    zone: Integers


def stretches_of(given: BillingInput, energy: Energy, periods: Periods, plan: Plan) -> tuple[PricingSegments, Flags]:
    """Cut energy into segments; also tell which accounts have days or zones without a price."""
    accounts, table, rules = given.accounts, given.table, given.rules
    streams = _streams(given.estimated, energy, plan)
    billed = np.flatnonzero(flagged(streams.account, len(accounts.id)))
    cuts = distinct(
        np.concatenate(
            [
                periods.key,
                dated.tariff_cuts(given, billed),
                dated.cuts(dated.of_kinds(rules.terms, dated.PRICING)),
                dated.cuts(rules.benefits),
            ]
        )
    )
    pieces, origin = metering.split_at(Segments(*streams[:4]), cuts, quantum_milli=accounts.quantum_milli[streams.account])
    zone = streams.zone[origin]
    version, missing = tariffs.versions_on(table, dated.tariff_of(given, pieces.account, pieces.from_day), pieces.from_day, pieces.to_day)
    zone, unpriced = _priced_zone(table, version, zone, missing)
    without = flagged(pieces.account[unpriced & (zone < tariffs.ENERGY_ZONES)], len(accounts.id))
    kept = ~unpriced
    rows = _Streams(pieces.account[kept], pieces.from_day[kept], pieces.to_day[kept], pieces.quantity_milli[kept], zone[kept])
    place = np.searchsorted(cuts, (rows.account << DAY_BITS) + rows.to_day, "left")
    return _gathered(given, rows, version[kept], place, periods), without


def _streams(estimated: BillLines, energy: Energy, plan: Plan) -> _Streams:
    """Return the energy to price; where all of a true-up goes to the last month, what was estimated is taken off there."""
    taken, reactive = energy.taken, energy.reactive
    streams = _Streams(
        *(np.concatenate([getattr(taken, name), getattr(reactive, name)]) for name in _Streams._fields),
    )
    if not plan.single_month_true_up.any():
        return streams
    lumped = plan.single_month_true_up[streams.account]
    before = np.flatnonzero((plan.single_month_true_up & plan.billed)[estimated.account] & (estimated.component == ENERGY))
    key = np.append(streams.account[lumped] * _ZONES + streams.zone[lumped], estimated.account[before] * _ZONES + estimated.zone[before])
    quantity = np.append(streams.quantity_milli[lumped], -estimated.quantity_milli[before])
    stream, place = np.unique(key, return_inverse=True)
    account, zone = np.divmod(stream, _ZONES)
    sums = sums_by(place, quantity, len(stream))
    whole = _Streams(account, plan.priced_from[account], plan.closing[account], sums, zone)
    return _Streams(*(np.append(column[~lumped], more) for column, more in zip(streams, whole, strict=True)))


def _priced_zone(table: tariffs.PriceTable, version: Integers, zone: Integers, missing: Flags) -> tuple[Integers, Flags]:
    """Return the zone each piece is priced by; a version without the zone prices the whole."""
    if not len(table.version_id):
        return zone, np.ones(len(zone), dtype=bool)
    priced = table.block_count[version, zone] > 0
    whole = ~priced & (zone < tariffs.ENERGY_ZONES) & (table.block_count[version, tariffs.TOTAL] > 0)
    return np.where(whole, tariffs.TOTAL, zone), missing | ~(priced | whole)


def _gathered(given: BillingInput, rows: _Streams, version: Integers, place: Integers, periods: Periods) -> PricingSegments:
    _, first, segment = np.unique(place, return_index=True, return_inverse=True)
    count = len(first)
    from_day = np.full(count, np.iinfo(np.int64).max)
    to_day = np.zeros(count, dtype=np.int64)
    np.minimum.at(from_day, segment, rows.from_day)
    np.maximum.at(to_day, segment, rows.to_day)
    account = rows.account[first]
    period = np.searchsorted(periods.key, (account << DAY_BITS) + to_day, "left")
    quantity = sums_by(segment * _ZONES + rows.zone, rows.quantity_milli, count * _ZONES).reshape(count, _ZONES)
    counted: Flags = np.zeros((count, _ZONES), dtype=bool)
    counted[segment, rows.zone] = True
    families, _ = dated.in_force(given.rules.terms, TermKind.FAMILIES, account, from_day)
    return PricingSegments(
        account=account,
        period=period,
        version=version[first],
        from_day=from_day,
        to_day=to_day,
        whole_days=whole_days(given.accounts, periods, given.policy)[period],
        times=np.maximum(families // MILLI_PER_UNIT, 1),
        quantity_milli=quantity,
        counted=counted,
        benefit=dated.granted(given.rules.benefits, account, from_day),
    )
