"""How each account is closed, which registers its energy is taken from, and its billing periods."""

from typing import NamedTuple

import numpy as np

from app.domain import tariffs
from app.domain.billing.policy import Policy
from app.domain.billing.records import Accounts, BillingInput, BillLines, Readings, TermKind, first_day_of, month_with
from app.domain.billing.terms import in_force
from app.domain.calendar import DAY_BITS, DAY_MASK
from app.domain.values import Flags, Integers, members_of, sums_by


class Plan(NamedTuple):
    """How each account is closed: on which day, by a reading or an estimate, and from where energy is counted."""

    closing: Integers
    actual: Flags
    start: Integers
    billed: Flags
    #: the first reading after estimates puts all of the difference into the last month
    single_month_true_up: Flags
    #: first day of what is priced
    priced_from: Integers
    #: registers that count the energy, one column a zone
    wanted: Flags
    #: billed to the end of the supply already, with charges that would have no bill else
    beside: Flags


class Periods(NamedTuple):
    """Billing periods, sorted by account and end: estimated ones to correct, skipped months, the current one."""

    account: Integers
    start: Integers
    end: Integers
    month: Integers
    key: Integers


def plan_of(given: BillingInput) -> Plan:
    """Return how each account is closed."""
    accounts, readings, policy = given.accounts, given.readings, given.policy
    month_from, month_to = first_day_of(np.array([given.month, given.month + 1]))
    wanted = _wanted(accounts, readings, given.table, month_to)
    end = np.minimum(_estimated_to(accounts.billed_to, month_from, month_to, policy), accounts.supply_end)
    counts = wanted[readings.account, readings.zone]
    last_read = np.zeros(len(accounts.id), dtype=np.int64)
    np.maximum.at(last_read, readings.account[counts], readings.day[counts])
    closes = (last_read >= month_from + policy.closing_from_day - 1) | (last_read >= accounts.supply_end)
    # An account that was estimated to its end is put right by a final reading that comes later.
    ended = (accounts.billed_to >= accounts.supply_end) & (accounts.actual_to < accounts.supply_end)
    late_final = ended & (last_read >= accounts.supply_end)
    read = closes & ((last_read > accounts.billed_to) | late_final)
    closing = np.where(read, np.minimum(last_read, accounts.supply_end), end)
    # Without a meter the norm is the true energy.
    _, by_norm = in_force(given.rules.terms, TermKind.UNMETERED_NORM, np.arange(len(accounts.id)), closing - 1)
    actual = read | (by_norm & (closing > accounts.billed_to))
    start = np.where(actual, accounts.actual_to, accounts.billed_to)
    single_month_true_up = actual & (accounts.actual_to < accounts.billed_to) & (policy.true_up == 1)
    priced_from = np.where(single_month_true_up & (closing > accounts.billed_to), accounts.billed_to, start)
    billed = (closing > accounts.billed_to) | late_final
    charges = given.rules.charges
    owed = sums_by(charges.account, charges.amount_tiyin, len(accounts.id)) != 0
    beside = owed & ~billed & (accounts.billed_to >= accounts.supply_end)
    return Plan(closing, actual, start, billed, single_month_true_up, priced_from, wanted, beside)


def _wanted(accounts: Accounts, readings: Readings, table: tariffs.PriceTable, month_to: int) -> Flags:
    """Tell which registers count: the zones where the tariff prices zones and the meter has them, else the whole counter."""
    wanted: Flags = np.zeros((len(accounts.id), len(tariffs.ZONES)), dtype=bool)
    wanted[:, tariffs.TOTAL] = True
    if not (table.block_count[:, 1 : tariffs.ENERGY_ZONES] > 0).any():
        return wanted
    last_day = np.minimum(month_to, accounts.supply_end) - 1
    version, missing = tariffs.versions_on(table, accounts.tariff, last_day, last_day + 1)
    priced = tariffs.energy_zones(table, version) & ~missing[:, None]
    seen = np.zeros_like(wanted)
    seen[readings.account, readings.zone] = True
    has_zones = seen[:, 1 : tariffs.ENERGY_ZONES].any(axis=1)
    only_zones = ~priced[:, tariffs.TOTAL] & ~seen[:, tariffs.TOTAL]
    zoned = priced[:, 1:].any(axis=1) & (has_zones | only_zones)
    wanted[:, tariffs.TOTAL] = ~zoned
    wanted[:, 1 : tariffs.ENERGY_ZONES] = priced[:, 1:] & zoned[:, None]
    return wanted


def _estimated_to(billed_to: Integers, month_from: int, month_to: int, policy: Policy) -> Integers:
    """Return the day an estimate ends: a month after the account was billed to, so that a month's blocks meet a month's energy.

    Where that day is too early to close the month, or already billed, it is the end of the month.
    """
    of_month = billed_to - first_day_of(month_with(billed_to))
    usual = np.minimum(month_from + of_month, month_to)
    return np.where((of_month + 1 >= policy.closing_from_day) & (usual > billed_to), usual, month_to)


def periods_of(given: BillingInput, plan: Plan) -> Periods:
    """Return the billing periods of the accounts that are billed."""
    accounts, estimated, month = given.accounts, given.estimated, given.month
    billed = np.flatnonzero(plan.billed)
    corrected = np.flatnonzero((plan.actual & plan.billed & ~plan.single_month_true_up)[estimated.account])
    skipped = np.clip(month - accounts.first_unbilled[billed], 0, None)
    of_billed, place = members_of(skipped)
    owner = billed[of_billed]
    skipped_month = accounts.first_unbilled[owner] + place
    skipped_end = first_day_of(skipped_month + 1)
    inside = (skipped_end > accounts.billed_to[owner]) & (skipped_end < plan.closing[owner])
    account = np.concatenate([estimated.account[corrected], owner[inside], billed])
    end = np.concatenate([estimated.to_day[corrected], skipped_end[inside], plan.closing[billed]])
    months = np.concatenate([estimated.month[corrected], skipped_month[inside], np.full(len(billed), month)])
    key, first = np.unique((account << DAY_BITS) + _period_end(estimated, corrected, end), return_index=True)
    account, end, months = account[first], key & DAY_MASK, months[first]
    starts_account = np.append(True, account[1:] != account[:-1]) if len(account) else np.zeros(0, dtype=bool)
    start = np.where(starts_account, plan.priced_from[account], np.append(0, end[:-1]) if len(end) else end)
    return Periods(account, start, end, months, key)


def _period_end(estimated: BillLines, corrected: Integers, end: Integers) -> Integers:
    """Return period ends: lines of one estimated period share the end of its last line."""
    count = len(corrected)
    if not count:
        return end
    owner = (estimated.account[corrected] << DAY_BITS) + estimated.month[corrected]
    _, inverse = np.unique(owner, return_inverse=True)
    last = np.zeros(int(inverse.max()) + 1, dtype=np.int64)
    np.maximum.at(last, inverse, end[:count])
    return np.concatenate([last[inverse], end[count:]])


def whole_days(accounts: Accounts, periods: Periods, policy: Policy) -> Integers:
    """Return the days that have the whole steps of a month: the period's own, or by policy the month's when somebody moves."""
    days = periods.end - periods.start
    if not policy.partial_month:
        return days
    month = month_with(periods.start)
    month_days = first_day_of(month + 1) - first_day_of(month)
    moves = (periods.start == accounts.supply_start[periods.account]) | (periods.end == accounts.supply_end[periods.account])
    return np.where(moves, np.maximum(days, month_days), days)
