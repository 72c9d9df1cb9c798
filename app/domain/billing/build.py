"""A month's bills from readings and tariffs: pure, for one account or for a country.

A bill covers the days from where the account was billed to (``billed_to``) up to its closing day: the day of the last
reading of the month, or, when there is none, a month after ``billed_to`` with estimated energy. The first actual reading
after estimated bills spreads the true energy over all their days: each estimated period is reversed line by line and
priced again with its own tariff, so no late reading moves energy into a dearer block.

Sources: billing by blocks — Cabinet of Ministers resolution no. 204 of 2024-04-16; true-up by days — policy
``metering.true_up`` (reference case M17); partial periods share blocks by days — policy ``tariffs.partial_period``.
"""

import numpy as np

from app.domain import tariffs
from app.domain.billing.energy import Energy, energy_of
from app.domain.billing.plan import Plan, periods_of, plan_of
from app.domain.billing.policy import Policy
from app.domain.billing.pricing import blended, priced_lines, ranges_of
from app.domain.billing.records import (
    ENERGY,
    QUALITIES,
    REASONS,
    Accounts,
    BillingInput,
    BillingOutcome,
    BillingRules,
    BillLines,
    Bills,
    Charges,
    Consumptions,
    ExceptionReason,
    Exceptions,
    Kind,
    Readings,
    TermKind,
    chosen,
    flagged,
    joined,
    no_rules,
    only,
)
from app.domain.billing.segments import stretches_of
from app.domain.billing.terms import in_force
from app.domain.metering import Quality
from app.domain.values import MAX_AMOUNT_TIYIN, MAX_QUANTITY_MILLI, TIYIN_PER_SOM, Flags, Integers, sums_by

_LOSSES = QUALITIES.index(Quality.LOSSES)
#: What may be found about a bill of nothing but charges.
_OF_AMOUNT = frozenset({ExceptionReason.TOO_LARGE, ExceptionReason.NEGATIVE, ExceptionReason.OVER_AMOUNT})


def build(
    accounts: Accounts,
    readings: Readings,
    estimated_lines: BillLines,
    table: tariffs.PriceTable,
    *,
    month: int,
    policy: Policy,
    rules: BillingRules | None = None,
) -> BillingOutcome:
    """Return the bills of a month.

    :param estimated_lines: lines of the estimated bills since each account's last actual closing, by account and period
    :param month: the billing month, counted from 1970-01
    :param rules: what holds beside readings and tariffs; None: nothing
    """
    given = BillingInput(accounts, readings, estimated_lines, table, rules or no_rules(len(accounts.id)), policy, month)
    plan = plan_of(given)
    given = given._replace(accounts=_connected(given, plan))
    energy = energy_of(given, plan)
    lines, no_tariff = _lines(given, energy, plan)
    taken, count = energy.taken, len(accounts.id)
    no_tariff |= _unpriced(lines, estimated_lines, taken, plan)
    too_large = _too_large(lines, taken, count)
    kept = (plan.billed & ~(energy.implausible | no_tariff) | plan.beside) & ~too_large
    outcome = BillingOutcome(
        bills=_bills(given.accounts, plan, lines, kept),
        lines=only(lines, kept),
        consumptions=only(taken, kept & plan.billed),
        found=_found(given, plan, energy, lines, no_tariff, too_large),
    )
    assert outcome.bills.amount_tiyin.sum() == outcome.lines.amount_tiyin.sum()
    return outcome


def _connected(given: BillingInput, plan: Plan) -> Accounts:
    """Return the accounts with the connected capacity in force on the last day that is billed."""
    accounts = given.accounts
    capacity, holds = in_force(given.rules.terms, TermKind.CAPACITY, np.arange(len(accounts.id)), plan.closing - 1)
    return accounts._replace(capacity_milli=np.where(holds, capacity, accounts.capacity_milli))


def _lines(given: BillingInput, energy: Energy, plan: Plan) -> tuple[BillLines, Flags]:
    """Return reversals of estimated lines, the priced energy and charges beside it, in the order of account and period."""
    periods = periods_of(given, plan)
    segments, without = stretches_of(given, energy, periods, plan)
    reversed_lines = only(given.estimated, plan.actual & plan.billed & ~plan.single_month_true_up)
    ranges = ranges_of(given, reversed_lines, segments, periods)
    made = blended(ranges, segments, given.table, given.policy)
    charged = priced_lines(given, made, segments, periods)
    reversed_lines = reversed_lines._replace(
        kind=np.full(len(reversed_lines.account), int(Kind.REVERSAL)),
        quantity_milli=-reversed_lines.quantity_milli,
        amount_tiyin=-reversed_lines.amount_tiyin,
        vat_tiyin=-reversed_lines.vat_tiyin,
    )
    beside = only(_other_charges(given.rules.charges, given.month), plan.billed | plan.beside)
    lines = joined(reversed_lines, only(charged, plan.billed), beside)
    order = np.lexsort(
        (
            lines.block_no,
            lines.zone,
            lines.component,
            lines.from_day,
            lines.charge_id > 0,
            lines.kind == int(Kind.CORRECTION),
            lines.month,
            lines.account,
        )
    )
    return chosen(lines, order), without


def _other_charges(charges: Charges, month: int) -> BillLines:
    """Return charges beside the energy as lines of the month."""
    none = np.zeros(len(charges.id), dtype=np.int64)
    return BillLines(
        account=charges.account,
        kind=none + int(Kind.CHARGE),
        month=none + month,
        from_day=charges.from_day,
        to_day=charges.to_day,
        days=charges.to_day - charges.from_day,
        version_id=none,
        block_no=none,
        quantity_milli=charges.quantity_milli,
        rate_e4=none,
        amount_tiyin=charges.amount_tiyin,
        vat_tiyin=charges.vat_tiyin,
        component=charges.component,
        zone=none + tariffs.TOTAL,
        charge_id=charges.id,
        benefit_id=none,
        prepaid_id=none,
    )


def _bills(accounts: Accounts, plan: Plan, lines: BillLines, kept: Flags) -> Bills:
    """Return the bills; one of nothing but charges after the supply ended has its last day."""
    account = np.flatnonzero(kept)
    from_day = np.where(plan.closing > accounts.billed_to, accounts.billed_to, plan.start)
    return Bills(
        account=account,
        from_day=np.where(plan.beside, accounts.supply_end - 1, from_day)[account],
        to_day=np.where(plan.beside, accounts.supply_end, plan.closing)[account],
        actual=(plan.actual | (plan.beside & (accounts.actual_to >= accounts.supply_end)))[account],
        quantity_milli=sums_by(lines.account, np.where(lines.component == ENERGY, lines.quantity_milli, 0), len(kept))[account],
        amount_tiyin=sums_by(lines.account, lines.amount_tiyin, len(kept))[account],
        vat_tiyin=sums_by(lines.account, lines.vat_tiyin, len(kept))[account],
    )


def _found(given: BillingInput, plan: Plan, energy: Energy, lines: BillLines, no_tariff: Flags, too_large: Flags) -> Exceptions:
    accounts, policy = given.accounts, given.policy
    count = len(accounts.id)
    quantity = sums_by(energy.taken.account, energy.taken.quantity_milli, count)
    days = _days(energy.taken, plan)
    high = (accounts.history_days > 0) & (quantity * accounts.history_days > policy.high_times * accounts.history_milli * days)
    guessed, zero = plan.billed & ~plan.actual, plan.billed & plan.actual & (quantity == 0)
    amount = sums_by(lines.account, lines.amount_tiyin, count)
    largest = policy.largest_bill_som * TIYIN_PER_SOM
    flags = {
        ExceptionReason.NO_TARIFF: no_tariff,
        ExceptionReason.IMPLAUSIBLE: energy.implausible,
        ExceptionReason.TOO_LARGE: too_large,
        ExceptionReason.ESTIMATED: guessed,
        ExceptionReason.HIGH: plan.actual & high,
        ExceptionReason.ZERO: zero,
        ExceptionReason.ZONES_DISAGREE: energy.zones_disagree,
        ExceptionReason.ESTIMATED_LONG: guessed & (_estimated_months(given.estimated, count) >= policy.most_estimated_months),
        ExceptionReason.UNVERIFIED: energy.unverified,
        ExceptionReason.ZERO_MONTHS: zero & (accounts.zeros_before + 1 >= policy.zero_months),
        ExceptionReason.NEGATIVE: amount < 0,
        ExceptionReason.OVER_AMOUNT: (amount > largest) & (largest > 0),
    }
    found = [np.flatnonzero(flags[reason] & (plan.billed | (plan.beside & (reason in _OF_AMOUNT)))) for reason in REASONS]
    reasons = [np.full(len(account), index, dtype=np.int64) for index, account in enumerate(found)]
    return Exceptions(np.concatenate(found), np.concatenate(reasons))


def _days(taken: Consumptions, plan: Plan) -> Integers:
    """Return the days the energy of each account was taken in; zones and losses share the same days."""
    first_zone = np.argmax(plan.wanted, axis=1)
    counts = (taken.zone == first_zone[taken.account]) & (taken.quality != _LOSSES)
    return sums_by(taken.account[counts], (taken.to_day - taken.from_day)[counts], len(plan.wanted))


def _estimated_months(estimated: BillLines, count: int) -> Integers:
    """Return how many months in a row each account was estimated before this one."""
    pairs = np.unique(np.stack([estimated.account, estimated.month]), axis=1)[0]
    months: Integers = np.bincount(pairs, minlength=count).astype(np.int64)
    return months


def _unpriced(lines: BillLines, estimated: BillLines, taken: Consumptions, plan: Plan) -> Flags:
    """Tell which accounts took energy that their tariff has no rate for, because its last step has an end."""
    count = len(plan.billed)
    charged = np.where((lines.kind != int(Kind.REVERSAL)) & (lines.component == ENERGY), lines.quantity_milli, 0)
    before = np.where(plan.single_month_true_up[estimated.account] & (estimated.component == ENERGY), estimated.quantity_milli, 0)
    wanted = sums_by(taken.account, taken.quantity_milli, count) - sums_by(estimated.account, before, count)
    unpriced: Flags = plan.billed & (sums_by(lines.account, charged, count) != wanted)
    return unpriced


def _too_large(lines: BillLines, taken: Consumptions, count: int) -> Flags:
    """Tell which accounts have a bill, a line of it or energy beyond what the system carries."""
    amounts = sums_by(lines.account, lines.amount_tiyin, count)
    energy = sums_by(taken.account, taken.quantity_milli, count)
    beyond = flagged(lines.account[np.abs(lines.amount_tiyin) > MAX_AMOUNT_TIYIN], count)
    beyond |= (np.abs(amounts) > MAX_AMOUNT_TIYIN) | (energy > MAX_QUANTITY_MILLI)
    return beyond
