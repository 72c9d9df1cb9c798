"""The energy of a bill: counted by registers, estimated, by norm, and lost before the meter."""

from typing import NamedTuple

import numpy as np

from app.domain import metering, tariffs
from app.domain.billing import terms as dated
from app.domain.billing.plan import Plan
from app.domain.billing.policy import Policy
from app.domain.billing.records import (
    QUALITIES,
    Accounts,
    BillingInput,
    BillingRules,
    Consumptions,
    Readings,
    TermKind,
    chosen,
    first_day_of,
    flagged,
    joined,
    month_with,
)
from app.domain.calendar import DAY_BITS
from app.domain.metering import Dials, Quality, Segments
from app.domain.values import MAX_QUANTITY_MILLI, MILLI_PER_UNIT, Flags, Integers, divisor, members_of, multiply_divide, sums_by

_HOURS_A_DAY = 24
_ACTUAL, _ESTIMATED, _NORM, _LOSSES = (QUALITIES.index(quality) for quality in Quality)


class Energy(NamedTuple):
    """What accounts took, with what was found on the way."""

    taken: Consumptions
    #: what reactive registers counted
    reactive: Consumptions
    implausible: Flags
    unverified: Flags
    zones_disagree: Flags


def energy_of(given: BillingInput, plan: Plan) -> Energy:
    """Return what the accounts took in the days from where energy is counted to their closing."""
    accounts, rules, policy = given.accounts, given.rules, given.policy
    counted, verified_to = _counted(accounts, given.readings, plan)
    wanted = plan.wanted[counted.account, counted.zone]
    plausible = metering.is_plausible(counted.quantity_milli, counted.to_day - counted.from_day, accounts.capacity_milli[counted.account])
    count = len(accounts.id)
    verified, unverified = _verified(accounts, counted, verified_to + policy.verification_grace_days)
    kept = plan.wanted[verified.account, verified.zone]
    measured = chosen(verified, kept)
    filled = joined(measured, *_without_meter(given, measured, plan))
    filled = filled._replace(quantity_milli=_capped(filled.quantity_milli, accounts.quantum_milli[filled.account]))
    taken = joined(filled, _losses(accounts, filled, rules))
    order = np.lexsort((taken.quality, taken.zone, taken.from_day, taken.account))
    return Energy(
        taken=chosen(taken, order),
        reactive=chosen(verified, verified.zone == tariffs.REACTIVE),
        implausible=flagged(counted.account[wanted & ~plausible], count),
        unverified=unverified,
        zones_disagree=_zones_disagree(counted, plan, policy),
    )


def _counted(accounts: Accounts, readings: Readings, plan: Plan) -> tuple[Consumptions, Integers]:
    """Return what registers counted between consecutive readings of accounts closed by a reading, and the verification's end."""
    same = (readings.series[1:] == readings.series[:-1]) & (readings.account[1:] == readings.account[:-1])
    later = np.flatnonzero(same & (readings.zone[1:] != tariffs.DEMAND)) + 1
    later = later[plan.actual[readings.account[later]] & plan.billed[readings.account[later]]]
    # A reading after the supply ended closes its last days; what the meter counted later is nobody's.
    closing = plan.closing[readings.account[later]]
    later = later[readings.day[later - 1] < closing]
    later = later[np.lexsort((readings.day[later], readings.account[later]))]
    account = readings.account[later]
    quantity, rolled_over = metering.consumption(
        Dials(
            readings.dial_milli[later - 1],
            readings.dial_milli[later],
            readings.capacity_milli[later],
            readings.multiplier_numerator[later],
            readings.multiplier_denominator[later],
            accounts.quantum_milli[account],
        )
    )
    counted = Consumptions(
        account=account,
        from_day=readings.day[later - 1],
        to_day=np.minimum(readings.day[later], plan.closing[account]),
        quantity_milli=quantity,
        earlier_reading_id=readings.id[later - 1],
        later_reading_id=readings.id[later],
        rolled_over=rolled_over,
        actual=np.ones(len(later), dtype=bool),
        zone=readings.zone[later],
        quality=np.full(len(later), _ACTUAL),
    )
    return counted, readings.verified_to[later]


def _verified(accounts: Accounts, counted: Consumptions, ends: Integers) -> tuple[Consumptions, Flags]:
    """Leave out what a meter counted after its verification ended, by days; also tell which accounts that concerns."""
    late = counted.to_day > ends
    unverified = flagged(counted.account[late], len(accounts.id))
    if not late.any():
        return counted, unverified
    # Each row is cut for itself: what ends is the verification of its meter, not of the account.
    row = np.arange(len(late))
    quantum = accounts.quantum_milli[counted.account]
    pieces, origin = metering.split_at(
        Segments(row, counted.from_day, counted.to_day, counted.quantity_milli), (row << DAY_BITS) + ends, quantum_milli=quantum
    )
    cut = chosen(counted, origin)._replace(from_day=pieces.from_day, to_day=pieces.to_day, quantity_milli=pieces.quantity_milli)
    return chosen(cut, cut.from_day < ends[origin]), unverified


def _without_meter(given: BillingInput, measured: Consumptions, plan: Plan) -> tuple[Consumptions, ...]:
    """Return estimates, or the norm, for the days of each register that nothing measured."""
    account, zone = np.nonzero((plan.wanted & plan.billed[:, None])[:, : tariffs.ENERGY_ZONES])
    stream = account * tariffs.ENERGY_ZONES + zone
    segments = Segments(measured.account * tariffs.ENERGY_ZONES + measured.zone, *measured[1:4])
    empty = metering.gaps(segments, account=stream, from_day=plan.start[account], to_day=plan.closing[account])
    owner, zone = np.divmod(empty.account, tariffs.ENERGY_ZONES)
    empty = empty._replace(account=owner)
    normed = dated.of_kinds(given.rules.terms, dated.NORM)
    has_norm = flagged(normed.account, len(given.accounts.id))[owner] & (zone == tariffs.TOTAL)
    metered = Segments(*(column[~has_norm] for column in empty))
    estimated = _estimates(given, plan, metered, zone[~has_norm])
    if not has_norm.any():
        return (estimated,)
    return estimated, _by_norm(given, plan, Segments(*(column[has_norm] for column in empty)))


def _by_norm(given: BillingInput, plan: Plan, empty: Segments) -> Consumptions:
    """Return the norm for days without a meter, each month's share by its own days, and estimates where no norm holds."""
    terms, quantum = given.rules.terms, given.accounts.quantum_milli
    normed = dated.of_kinds(terms, dated.NORM)
    cuts = np.unique(np.append(_month_starts(empty), dated.cuts(normed)))
    pieces, _ = metering.split_at(empty, cuts, quantum_milli=quantum[empty.account])
    norm, holds = dated.in_force(terms, TermKind.UNMETERED_NORM, pieces.account, pieces.from_day)
    month = month_with(pieces.from_day)
    quantity = metering.norm_by_days(
        norm, pieces.to_day - pieces.from_day, first_day_of(month + 1) - first_day_of(month), quantum[pieces.account]
    )
    result = _estimates(given, plan, pieces, np.zeros(len(month), dtype=np.int64))
    return result._replace(quantity_milli=np.where(holds, quantity, result.quantity_milli), quality=np.where(holds, _NORM, result.quality))


def _month_starts(segments: Segments) -> Integers:
    """Return the months that begin inside segments, as cut keys of their accounts."""
    first = month_with(segments.from_day) + 1
    count = month_with(segments.to_day - 1) + 1 - first
    owner, place = members_of(count)
    return (segments.account[owner] << DAY_BITS) + first_day_of(first[owner] + place)


def _estimates(given: BillingInput, plan: Plan, empty: Segments, zone: Integers) -> Consumptions:
    none, never = np.zeros(len(empty.account), dtype=np.int64), np.zeros(len(empty.account), dtype=bool)
    return Consumptions(
        account=empty.account,
        from_day=empty.from_day,
        to_day=empty.to_day,
        quantity_milli=_shared(given, plan, empty, zone, _estimate(given.accounts, empty, given.policy)),
        earlier_reading_id=none,
        later_reading_id=none,
        rolled_over=never,
        actual=never,
        zone=zone,
        quality=none + _ESTIMATED,
    )


def _estimate(accounts: Accounts, empty: Segments, policy: Policy) -> Integers:
    """Return estimates by the ladder of the policy: the first of its steps that knows something."""
    account = empty.account
    days = empty.to_day - empty.from_day
    quantum = accounts.quantum_milli[account]
    hours = np.full(len(days), policy.estimation_hours_per_day)
    result = metering.estimate_by_capacity(accounts.capacity_milli[account], hours, days, quantum_milli=quantum)
    before = (accounts.history_days[account] > 0, _from_months_before(accounts, empty, policy))
    year_before = accounts.last_year_days[account]
    last_year = (
        year_before > 0,
        metering.estimate_by_days(accounts.last_year_milli[account], year_before, days, quantum_milli=quantum),
    )
    for known, estimate in ([last_year, before], [before, last_year], [])[policy.estimation_order]:
        result = np.where(known, estimate, result)
    return result


def _from_months_before(accounts: Accounts, empty: Segments, policy: Policy) -> Integers:
    history, quantum = accounts.history_milli[empty.account], accounts.quantum_milli[empty.account]
    days = empty.to_day - empty.from_day
    if not policy.estimation_average:
        return metering.estimate_by_days(history, accounts.history_days[empty.account], days, quantum_milli=quantum)
    month = month_with(empty.from_day)
    month_days = first_day_of(month + 1) - first_day_of(month)
    periods = divisor(accounts.history_periods[empty.account])
    return metering.estimate_by_days(history, periods * month_days, days, quantum_milli=quantum)


def _shared(given: BillingInput, plan: Plan, empty: Segments, zone: Integers, estimate: Integers) -> Integers:
    """Share estimates of the whole among zones as their energy stood to each other before, else evenly."""
    if not (zone != tariffs.TOTAL).any():
        return estimate
    wanted = plan.wanted[:, : tariffs.ENERGY_ZONES]
    history = np.where(wanted, given.rules.zone_history_milli, 0)
    history = np.where(history.sum(axis=1)[:, None] > 0, history, wanted)[empty.account]
    quantum = given.accounts.quantum_milli[empty.account]
    return multiply_divide(estimate, history[np.arange(len(zone)), zone], history.sum(axis=1) * quantum) * quantum


def _capped(quantity_milli: Integers, quantum_milli: Integers) -> Integers:
    """Keep what is too large to carry just too large, so that it does not overflow when it is shared by days."""
    capped: Integers = np.minimum(quantity_milli, (MAX_QUANTITY_MILLI // quantum_milli + 1) * quantum_milli)
    return capped


def _losses(accounts: Accounts, taken: Consumptions, rules: BillingRules) -> Consumptions:
    """Return what is lost between the boundary and the meter on the way of the energy that was taken."""
    lossy = dated.of_kinds(rules.terms, dated.LOSSES)
    concerned = flagged(lossy.account, len(accounts.id))[taken.account] & (taken.quality != _NORM)
    rows = chosen(taken, concerned)
    if not len(rows.account):
        return rows
    cuts = np.unique(dated.cuts(lossy))
    pieces, origin = metering.split_at(Segments(*rows[:4]), cuts, quantum_milli=accounts.quantum_milli[rows.account])
    quantum = accounts.quantum_milli[pieces.account]
    percent, by_percent = dated.in_force(lossy, TermKind.LOSS_PERCENT, pieces.account, pieces.from_day)
    place, by_passport = dated.in_force(lossy, TermKind.LOSS_BOUNDARY, pieces.account, pieces.from_day)
    quantity = metering.percent_of(pieces.quantity_milli, percent, quantum)
    some = np.flatnonzero(by_passport & (pieces.to_day > pieces.from_day))
    if len(some):
        quantity[some] += _by_passport(Segments(*(column[some] for column in pieces)), quantum[some], place[some], rules)
    lost = chosen(rows, origin)._replace(from_day=pieces.from_day, to_day=pieces.to_day, quantity_milli=quantity)
    lost = lost._replace(quality=np.full(len(quantity), _LOSSES), rolled_over=np.zeros(len(quantity), dtype=bool))
    return chosen(lost, (by_percent | by_passport) & (quantity != 0))


def _by_passport(pieces: Segments, quantum: Integers, place: Integers, rules: BillingRules) -> Integers:
    """Return losses by passport; the zones of one segment load the line together and share its losses by their energy."""
    _, segment = np.unique(np.stack([pieces.account, pieces.from_day, pieces.to_day]), axis=1, return_inverse=True)
    total = sums_by(segment, pieces.quantity_milli, len(segment))[segment]
    columns = np.array([tuple(passport) for passport in rules.passports], dtype=np.float64)[place].T
    passport = metering.Passport(*columns)
    hours = np.multiply(pieces.to_day - pieces.from_day, _HOURS_A_DAY, dtype=np.float64)
    losses = metering.boundary_losses(passport, energy_kwh=total / MILLI_PER_UNIT, hours=hours).total_kwh
    share = np.where(total > 0, pieces.quantity_milli / divisor(total), 1 / np.bincount(segment)[segment])
    billed = metering.with_losses(pieces.quantity_milli, losses * share, np.asarray(passport.sign, dtype=np.int64), quantum)
    return billed - pieces.quantity_milli


def _zones_disagree(counted: Consumptions, plan: Plan, policy: Policy) -> Flags:
    """Tell which accounts billed by zones have a whole counter that tells another story."""
    count = len(plan.wanted)
    none: Flags = np.zeros(count, dtype=bool)
    by_zones = ~plan.wanted[:, tariffs.TOTAL]
    checks = (counted.zone == tariffs.TOTAL) & by_zones[counted.account]
    if not checks.any():
        return none
    zones = plan.wanted[counted.account, counted.zone]
    total = sums_by(counted.account[checks], counted.quantity_milli[checks], count)
    parts = sums_by(counted.account[zones], counted.quantity_milli[zones], count)
    registers = plan.wanted.sum(axis=1)
    apart = ~metering.zones_agree([parts], total, tolerance_milli=policy.zone_tolerance * registers * MILLI_PER_UNIT)
    result: Flags = flagged(counted.account[checks], count) & apart
    return result
