"""A month's bills from readings and tariffs: pure, for one account or for a country.

A bill covers the days from where the account was billed to (``billed_to``) up to its closing day: the day of the last
reading of the month, or, when there is none, a month after ``billed_to`` with estimated energy. The first actual reading
after estimated bills spreads the true energy over all their days: each estimated period is reversed line by line and
priced again with its own tariff, so no late reading moves energy into a dearer block.

Sources: billing by blocks — Cabinet of Ministers resolution no. 204 of 2024-04-16; true-up by days — policy
``metering.true_up`` (reference case M17); partial periods share blocks by days — policy ``tariffs.partial_period``.
"""

from enum import IntEnum, StrEnum
from typing import NamedTuple, TypeVar

import numpy as np

from app.domain import metering, tariffs
from app.domain.calendar import DAY_BITS
from app.domain.metering import Dials, Segments
from app.domain.values import MAX_AMOUNT_TIYIN, MAX_QUANTITY_MILLI, Flags, Integers, sums_by


class LineKind(StrEnum):
    """What a bill line stands for."""

    CHARGE = "CHARGE"  # energy of this bill's period
    REVERSAL = "REVERSAL"  # takes back a line of an estimated bill
    CORRECTION = "CORRECTION"  # the true energy of that period


class Component(StrEnum):
    """What a bill line charges for."""

    ENERGY = "ENERGY"  # energy of a register, by blocks
    BENEFIT = "BENEFIT"  # a discount the law grants, negative
    REACTIVE = "REACTIVE"  # reactive energy above what goes with the active one
    DEMAND = "DEMAND"  # capacity ordered or taken
    PENALTY = "PENALTY"  # for days of delay
    BACK_BILLING = "BACK_BILLING"  # energy taken past the meter or measured wrong, by an act
    ADJUSTMENT = "ADJUSTMENT"  # a debit note
    SUBSIDY = "SUBSIDY"  # what somebody else pays, negative


class RunStatus(StrEnum):
    """Where a bill run stands."""

    PREVIEWING = "PREVIEWING"
    PREVIEWED = "PREVIEWED"
    POSTING = "POSTING"
    POSTED = "POSTED"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


class ExceptionReason(StrEnum):
    """Why an account is parked (not billed), or billed with a question mark."""

    NO_TARIFF = "NO_TARIFF"
    IMPLAUSIBLE = "IMPLAUSIBLE"
    TOO_LARGE = "TOO_LARGE"
    ESTIMATED = "ESTIMATED"
    HIGH = "HIGH"
    ZERO = "ZERO"


#: Reasons that park an account; the others only ask for a look.
PARKING = frozenset({ExceptionReason.NO_TARIFF, ExceptionReason.IMPLAUSIBLE, ExceptionReason.TOO_LARGE})


class Policy(NamedTuple):
    """Dated operating parameters of a bill run."""

    #: a reading before this many days of the month does not close it
    closing_from_day: int = 10
    #: hours a day of the connected capacity, when there is no history to estimate from
    estimation_hours_per_day: int = 8
    #: a month above this many times its average is worth a look
    high_times: int = 4


class Accounts(NamedTuple):
    """Accounts to bill, one element each."""

    id: Integers
    tariff: Integers  #: index of the tariff in the price table
    quantum_milli: Integers
    actual_to: Integers  #: day up to which all energy is actual
    billed_to: Integers  #: day up to which energy was billed
    first_unbilled: Integers  #: months since 1970-01 of the first month without a bill
    supply_end: Integers  #: day the supply ends
    capacity_milli: Integers  #: connected capacity, thousandths an hour
    history_milli: Integers  #: energy of the latest actual periods, to estimate from
    history_days: Integers


class Readings(NamedTuple):
    """Readings from the last actual closing on, sorted by account, series and day."""

    id: Integers
    account: Integers  #: index into the accounts
    series: Integers  #: one register during one meter installation
    day: Integers
    dial_milli: Integers
    capacity_milli: Integers
    multiplier_numerator: Integers
    multiplier_denominator: Integers


class Lines(NamedTuple):
    """Bill lines; ``kind`` is an index into ``LINE_KINDS``, ``month`` counts from 1970-01."""

    account: Integers
    kind: Integers
    month: Integers
    from_day: Integers
    to_day: Integers
    days: Integers
    version_id: Integers
    block_no: Integers
    quantity_milli: Integers
    rate_e4: Integers
    amount_tiyin: Integers
    vat_tiyin: Integers


class Consumptions(NamedTuple):
    """Energy a bill is made of, with the readings it came from (0: none, estimated)."""

    account: Integers
    from_day: Integers
    to_day: Integers
    quantity_milli: Integers
    earlier_reading_id: Integers
    later_reading_id: Integers
    rolled_over: Flags
    actual: Flags


class Bills(NamedTuple):
    """One bill for each account that was not parked."""

    account: Integers
    from_day: Integers
    to_day: Integers
    actual: Flags
    quantity_milli: Integers
    amount_tiyin: Integers
    vat_tiyin: Integers


class Found(NamedTuple):
    """Exceptions; ``reason`` is an index into ``REASONS``."""

    account: Integers
    reason: Integers


class Outcome(NamedTuple):
    """What a bill run makes of its accounts; every account is billed, parked or has nothing to bill."""

    bills: Bills
    lines: Lines
    consumptions: Consumptions
    found: Found


Rows = TypeVar("Rows", Lines, Consumptions)

LINE_KINDS: tuple[LineKind, ...] = tuple(LineKind)
REASONS: tuple[ExceptionReason, ...] = tuple(ExceptionReason)


class _Kind(IntEnum):
    CHARGE = LINE_KINDS.index(LineKind.CHARGE)
    REVERSAL = LINE_KINDS.index(LineKind.REVERSAL)
    CORRECTION = LINE_KINDS.index(LineKind.CORRECTION)


class _Plan(NamedTuple):
    """How each account is closed: on which day, by a reading or an estimate, and from where energy is counted."""

    closing: Integers
    actual: Flags
    start: Integers
    billed: Flags


class _Periods(NamedTuple):
    """Billing periods, sorted by account and end: estimated ones to correct, skipped months, the current one."""

    account: Integers
    start: Integers
    end: Integers
    month: Integers
    key: Integers


def months_since_epoch(year: int, month: int) -> int:
    """Return a month as a count from 1970-01."""
    return (year - 1970) * 12 + month - 1


def first_day_of(months: Integers) -> Integers:
    """Return the day numbers on which months (counted from 1970-01) begin."""
    days: Integers = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return days


def build(
    accounts: Accounts,
    readings: Readings,
    estimated_lines: Lines,
    table: tariffs.PriceTable,
    *,
    month: int,
    policy: Policy,
) -> Outcome:
    """Return the bills of a month.

    :param estimated_lines: lines of the estimated bills since each account's last actual closing, by account and period
    :param month: the billing month, counted from 1970-01
    """
    plan = _plan(accounts, readings, month, policy)
    measured, pairs, rolled_over = _measured(accounts, readings, plan)
    plausible = metering.is_plausible(
        measured.quantity_milli, measured.to_day - measured.from_day, accounts.capacity_milli[measured.account]
    )
    implausible = _flagged(measured.account[~plausible], len(accounts.id))
    consumptions = _consumptions(accounts, readings, plan, measured, pairs, rolled_over, policy)
    periods = _periods(accounts, estimated_lines, plan, month)
    groups, no_tariff = _groups(accounts, consumptions, periods, table)
    lines = _lines(accounts, estimated_lines, table, periods, groups, plan)
    no_tariff |= _unpriced(lines, consumptions, len(accounts.id))
    too_large = _too_large(lines, consumptions, len(accounts.id))
    parked = implausible | no_tariff | too_large
    kept = plan.billed & ~parked
    outcome = Outcome(
        bills=_bills(accounts, plan, lines, kept),
        lines=_only(lines, kept),
        consumptions=_only(consumptions, kept),
        found=_found(accounts, plan, consumptions, implausible, no_tariff, too_large, policy),
    )
    assert outcome.bills.amount_tiyin.sum() == outcome.lines.amount_tiyin.sum()
    return outcome


def _plan(accounts: Accounts, readings: Readings, month: int, policy: Policy) -> _Plan:
    month_from, month_to = first_day_of(np.array([month, month + 1]))
    end = np.minimum(_estimated_to(accounts.billed_to, month_from, month_to, policy), accounts.supply_end)
    last_read = np.zeros(len(accounts.id), dtype=np.int64)
    np.maximum.at(last_read, readings.account, readings.day)
    closes = (last_read >= month_from + policy.closing_from_day - 1) | (last_read >= accounts.supply_end)
    # An account that was estimated to its end is put right by a final reading that comes later.
    ended = (accounts.billed_to >= accounts.supply_end) & (accounts.actual_to < accounts.supply_end)
    late_final = ended & (last_read >= accounts.supply_end)
    actual = closes & ((last_read > accounts.billed_to) | late_final)
    closing = np.where(actual, np.minimum(last_read, accounts.supply_end), end)
    start = np.where(actual, accounts.actual_to, accounts.billed_to)
    return _Plan(closing, actual, start, (closing > accounts.billed_to) | late_final)


def _estimated_to(billed_to: Integers, month_from: int, month_to: int, policy: Policy) -> Integers:
    """Return the day an estimate ends: a month after the account was billed to, so that a month's blocks meet a month's energy.

    Where that day is too early to close the month, or already billed, it is the end of the month.
    """
    of_month = billed_to - first_day_of(billed_to.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64))
    usual = np.minimum(month_from + of_month, month_to)
    return np.where((of_month + 1 >= policy.closing_from_day) & (usual > billed_to), usual, month_to)


def _measured(accounts: Accounts, readings: Readings, plan: _Plan) -> tuple[Segments, Integers, Flags]:
    """Return what registers counted between consecutive readings of accounts closed by a reading.

    :return: the segments sorted by account and day, the index of each one's later reading, and the rolled-over ones
    """
    same = (readings.series[1:] == readings.series[:-1]) & (readings.account[1:] == readings.account[:-1])
    later = np.flatnonzero(same) + 1
    later = later[plan.actual[readings.account[later]] & plan.billed[readings.account[later]]]
    # A reading after the supply ended closes its last days; what the meter counted later is nobody's.
    closing = plan.closing[readings.account[later]]
    later = later[(readings.day[later] <= closing) | (readings.day[later - 1] < closing)]
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
    to_day = np.minimum(readings.day[later], plan.closing[account])
    return Segments(account, readings.day[later - 1], to_day, quantity), later, rolled_over


def _consumptions(
    accounts: Accounts,
    readings: Readings,
    plan: _Plan,
    measured: Segments,
    later: Integers,
    rolled_over: Flags,
    policy: Policy,
) -> Consumptions:
    """Return measured energy and, for the days nothing measured, estimates."""
    billed = np.flatnonzero(plan.billed)
    empty = metering.gaps(measured, account=billed, from_day=plan.start[billed], to_day=plan.closing[billed])
    estimated = empty._replace(quantity_milli=_estimate(accounts, empty, policy))
    none = np.zeros(len(estimated.account), dtype=np.int64)
    joined = Consumptions(
        account=np.concatenate([measured.account, estimated.account]),
        from_day=np.concatenate([measured.from_day, estimated.from_day]),
        to_day=np.concatenate([measured.to_day, estimated.to_day]),
        quantity_milli=np.concatenate([measured.quantity_milli, estimated.quantity_milli]),
        earlier_reading_id=np.concatenate([readings.id[later - 1], none]),
        later_reading_id=np.concatenate([readings.id[later], none]),
        rolled_over=np.concatenate([rolled_over, none > 0]),
        actual=np.concatenate([rolled_over | True, none > 0]),
    )
    joined = joined._replace(quantity_milli=_capped(joined.quantity_milli, accounts.quantum_milli[joined.account]))
    order = np.lexsort((joined.from_day, joined.account))
    return _chosen(joined, order)


def _capped(quantity_milli: Integers, quantum_milli: Integers) -> Integers:
    """Keep what is too large to carry just too large, so that it does not overflow when it is shared by days."""
    capped: Integers = np.minimum(quantity_milli, (MAX_QUANTITY_MILLI // quantum_milli + 1) * quantum_milli)
    return capped


def _estimate(accounts: Accounts, empty: Segments, policy: Policy) -> Integers:
    days = empty.to_day - empty.from_day
    quantum = accounts.quantum_milli[empty.account]
    by_days = metering.estimate_by_days(
        accounts.history_milli[empty.account], accounts.history_days[empty.account], days, quantum_milli=quantum
    )
    by_capacity = metering.estimate_by_capacity(
        accounts.capacity_milli[empty.account],
        np.full(len(days), policy.estimation_hours_per_day),
        days,
        quantum_milli=quantum,
    )
    return np.where(accounts.history_days[empty.account] > 0, by_days, by_capacity)


def _periods(accounts: Accounts, estimated: Lines, plan: _Plan, month: int) -> _Periods:
    billed = np.flatnonzero(plan.billed)
    corrected = np.flatnonzero((plan.actual & plan.billed)[estimated.account])
    skipped = np.clip(month - accounts.first_unbilled[billed], 0, None)
    owner = np.repeat(billed, skipped)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(skipped) - skipped, skipped)
    skipped_month = accounts.first_unbilled[owner] + place
    skipped_end = first_day_of(skipped_month + 1)
    inside = (skipped_end > accounts.billed_to[owner]) & (skipped_end < plan.closing[owner])
    account = np.concatenate([estimated.account[corrected], owner[inside], billed])
    end = np.concatenate([estimated.to_day[corrected], skipped_end[inside], plan.closing[billed]])
    months = np.concatenate([estimated.month[corrected], skipped_month[inside], np.full(len(billed), month)])
    key, first = np.unique((account << DAY_BITS) + _period_end(estimated, corrected, end), return_index=True)
    account, end, months = account[first], key & ((1 << DAY_BITS) - 1), months[first]
    starts_account = np.append(True, account[1:] != account[:-1]) if len(account) else np.zeros(0, dtype=bool)
    start = np.where(starts_account, plan.start[account], np.append(0, end[:-1]) if len(end) else end)
    return _Periods(account, start, end, months, key)


def _period_end(estimated: Lines, corrected: Integers, end: Integers) -> Integers:
    """Return period ends: lines of one estimated period share the end of its last line."""
    count = len(corrected)
    if not count:
        return end
    owner = (estimated.account[corrected] << DAY_BITS) + estimated.month[corrected]
    _, inverse = np.unique(owner, return_inverse=True)
    last = np.zeros(int(inverse.max()) + 1, dtype=np.int64)
    np.maximum.at(last, inverse, end[:count])
    return np.concatenate([last[inverse], end[count:]])


class _Groups(NamedTuple):
    """Energy by billing period and tariff version."""

    period: Integers
    version: Integers
    from_day: Integers
    to_day: Integers
    quantity_milli: Integers


def _groups(accounts: Accounts, taken: Consumptions, periods: _Periods, table: tariffs.PriceTable) -> tuple[_Groups, Flags]:
    """Cut energy at period ends and tariff changes; also tell which accounts have days without a tariff."""
    billed = np.unique(taken.account)
    cuts = np.sort(np.append(periods.key, tariffs.changes_between(table, accounts.tariff[billed], billed)))
    whole = Segments(taken.account, taken.from_day, taken.to_day, taken.quantity_milli)
    pieces, _ = metering.split_at(whole, np.unique(cuts), quantum_milli=accounts.quantum_milli[taken.account])
    assert pieces.quantity_milli.sum() == taken.quantity_milli.sum()
    version, missing = tariffs.versions_on(table, accounts.tariff[pieces.account], pieces.from_day, pieces.to_day)
    without = _flagged(pieces.account[missing], len(accounts.id))
    pieces, version = Segments(*(column[~missing] for column in pieces)), version[~missing]
    period = np.searchsorted(periods.key, (pieces.account << DAY_BITS) + pieces.to_day, "left")
    key, group = np.unique(period * (len(table.version_id) + 1) + version, return_inverse=True)
    from_day = np.full(len(key), np.iinfo(np.int64).max)
    to_day = np.zeros(len(key), dtype=np.int64)
    np.minimum.at(from_day, group, pieces.from_day)
    np.maximum.at(to_day, group, pieces.to_day)
    quantity = sums_by(group, pieces.quantity_milli, len(key))
    period, version = np.divmod(key, len(table.version_id) + 1)
    return _Groups(period, version, from_day, to_day, quantity), without


def _lines(
    accounts: Accounts,
    estimated: Lines,
    table: tariffs.PriceTable,
    periods: _Periods,
    groups: _Groups,
    plan: _Plan,
) -> Lines:
    """Return reversals of estimated lines, then the priced energy, in the order of account and period."""
    days = groups.to_day - groups.from_day
    priced = tariffs.price(
        table,
        version=groups.version,
        quantity_milli=groups.quantity_milli,
        days=days,
        period_days=(periods.end - periods.start)[groups.period],
    )
    period = groups.period[priced.part]
    account = periods.account[period]
    corrects = periods.end[period] <= accounts.billed_to[account]
    charged = Lines(
        account=account,
        kind=np.where(corrects, int(_Kind.CORRECTION), int(_Kind.CHARGE)),
        month=periods.month[period],
        from_day=groups.from_day[priced.part],
        to_day=groups.to_day[priced.part],
        days=days[priced.part],
        version_id=table.version_id[groups.version][priced.part],
        block_no=priced.block_no,
        quantity_milli=priced.quantity_milli,
        rate_e4=priced.rate_e4,
        amount_tiyin=priced.amount_tiyin,
        vat_tiyin=priced.vat_tiyin,
    )
    taken_back = _only(estimated, plan.actual & plan.billed)
    reversed_lines = taken_back._replace(
        kind=np.full(len(taken_back.account), int(_Kind.REVERSAL)),
        quantity_milli=-taken_back.quantity_milli,
        amount_tiyin=-taken_back.amount_tiyin,
        vat_tiyin=-taken_back.vat_tiyin,
    )
    joined = Lines(*(np.concatenate(columns) for columns in zip(reversed_lines, charged, strict=True)))
    order = np.lexsort((joined.block_no, joined.from_day, joined.kind == int(_Kind.CORRECTION), joined.month, joined.account))
    return _chosen(joined, order)


def _bills(accounts: Accounts, plan: _Plan, lines: Lines, kept: Flags) -> Bills:
    account = np.flatnonzero(kept)
    return Bills(
        account=account,
        from_day=np.where(plan.closing > accounts.billed_to, accounts.billed_to, plan.start)[account],
        to_day=plan.closing[account],
        actual=plan.actual[account],
        quantity_milli=sums_by(lines.account, lines.quantity_milli, len(kept))[account],
        amount_tiyin=sums_by(lines.account, lines.amount_tiyin, len(kept))[account],
        vat_tiyin=sums_by(lines.account, lines.vat_tiyin, len(kept))[account],
    )


def _found(
    accounts: Accounts,
    plan: _Plan,
    taken: Consumptions,
    implausible: Flags,
    no_tariff: Flags,
    too_large: Flags,
    policy: Policy,
) -> Found:
    count = len(accounts.id)
    quantity = sums_by(taken.account, taken.quantity_milli, count)
    days = sums_by(taken.account, taken.to_day - taken.from_day, count)
    high = (accounts.history_days > 0) & (quantity * accounts.history_days > policy.high_times * accounts.history_milli * days)
    flags = {
        ExceptionReason.NO_TARIFF: no_tariff,
        ExceptionReason.IMPLAUSIBLE: implausible,
        ExceptionReason.TOO_LARGE: too_large,
        ExceptionReason.ESTIMATED: plan.billed & ~plan.actual,
        ExceptionReason.HIGH: plan.actual & high,
        ExceptionReason.ZERO: plan.billed & plan.actual & (quantity == 0),
    }
    found = [np.flatnonzero(flags[reason] & plan.billed) for reason in flags]
    reasons = [np.full(len(account), REASONS.index(reason), dtype=np.int64) for reason, account in zip(flags, found, strict=True)]
    return Found(np.concatenate(found), np.concatenate(reasons))


def _unpriced(lines: Lines, taken: Consumptions, count: int) -> Flags:
    """Tell which accounts took energy that their tariff has no rate for, because its last step has an end."""
    charged = np.where(lines.kind == int(_Kind.REVERSAL), 0, lines.quantity_milli)
    unpriced: Flags = sums_by(lines.account, charged, count) != sums_by(taken.account, taken.quantity_milli, count)
    return unpriced


def _too_large(lines: Lines, taken: Consumptions, count: int) -> Flags:
    """Tell which accounts have a bill, a line of it or energy beyond what the system carries."""
    amounts = sums_by(lines.account, lines.amount_tiyin, count)
    energy = sums_by(taken.account, taken.quantity_milli, count)
    beyond = _flagged(lines.account[np.abs(lines.amount_tiyin) > MAX_AMOUNT_TIYIN], count)
    beyond |= (np.abs(amounts) > MAX_AMOUNT_TIYIN) | (energy > MAX_QUANTITY_MILLI)
    return beyond


def _flagged(account: Integers, count: int) -> Flags:
    flags: Flags = np.zeros(count, dtype=bool)
    flags[account] = True
    return flags


def _only(rows: Rows, kept: Flags) -> Rows:
    """Return the rows of the accounts that are kept."""
    return _chosen(rows, np.flatnonzero(kept[rows.account]))


def _chosen(rows: Rows, places: Integers) -> Rows:
    """Return the rows at some places, in that order."""
    return rows._replace(**{name: column[places] for name, column in rows._asdict().items()})
