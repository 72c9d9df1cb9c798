"""The same bills as ``app.domain.billing.build`` makes, one account and one day at a time, with exact fractions.

Slow and without arrays on purpose: it shares no arithmetic with the engine, only the records of tariffs and the policy.
"""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from app.domain.billing import Component, ExceptionReason, LineKind, Policy
from app.domain.calendar import NO_END, day_number, months_after
from app.domain.calendar import day_of as date_of
from app.domain.metering import Quality
from app.domain.tariffs import Version

LARGEST_AMOUNT_TIYIN = 10**15
LARGEST_QUANTITY_MILLI = 10**15


class Account(NamedTuple):
    """One element of ``billing.Accounts``."""

    id: int
    tariff: int
    quantum_milli: int
    actual_to: int
    billed_to: int
    first_unbilled: int
    supply_end: int
    capacity_milli: int
    history_milli: int
    history_days: int
    history_periods: int = 0
    last_year_milli: int = 0
    last_year_days: int = 0
    supply_start: int = 0


class Reading(NamedTuple):
    """One element of ``billing.Readings``, without the account."""

    id: int
    series: int
    day: int
    dial_milli: int
    capacity_milli: int
    multiplier_numerator: int
    multiplier_denominator: int
    zone: int = 0
    verified_to: int = NO_END


class Line(NamedTuple):
    """One element of ``billing.Lines``, without the account."""

    kind: LineKind
    month: int
    from_day: int
    to_day: int
    days: int
    version_id: int
    block_no: int
    quantity_milli: int
    rate_e4: int
    amount_tiyin: int
    vat_tiyin: int
    component: Component = Component.ENERGY
    zone: int = 0
    charge_id: int = 0
    benefit_id: int = 0
    prepaid_id: int = 0


class Consumption(NamedTuple):
    """One element of ``billing.Consumptions``, without the account."""

    from_day: int
    to_day: int
    quantity_milli: int
    earlier_reading_id: int
    later_reading_id: int
    rolled_over: bool
    actual: bool
    zone: int = 0
    quality: Quality | None = None

    @property
    def counts_as(self) -> Quality:
        return self.quality or (Quality.ACTUAL if self.actual else Quality.ESTIMATED)


class Bill(NamedTuple):
    """One element of ``billing.Bills``, without the account."""

    from_day: int
    to_day: int
    actual: bool
    quantity_milli: int
    amount_tiyin: int
    vat_tiyin: int


class Case(NamedTuple):
    """All that an account's bill is made of."""

    account: Account
    readings: tuple[Reading, ...] = ()
    estimated_lines: tuple[Line, ...] = ()


class Result(NamedTuple):
    """What becomes of an account."""

    bill: Bill | None
    lines: list[Line]
    consumptions: list[Consumption]
    reasons: set[ExceptionReason]


class Period(NamedTuple):
    """Days that share one month's blocks."""

    start: int
    end: int
    month: int


def first_day_of(month: int) -> int:
    return day_number(months_after(date_of(0), month))


def half_up(exact: Fraction) -> int:
    magnitude = int(abs(exact) + Fraction(1, 2))
    return magnitude if exact >= 0 else -magnitude


def largest_remainder(total: int, weights: list[int]) -> list[int]:
    exact = [Fraction(total * weight, sum(weights)) for weight in weights]
    parts = [share.numerator // share.denominator for share in exact]
    by_remainder = sorted(range(len(weights)), key=lambda place: (parts[place] - exact[place], place))
    for place in by_remainder[: total - sum(parts)]:
        parts[place] += 1
    return parts


def bill(case: Case, versions: tuple[Version, ...], *, month: int, policy: Policy) -> Result:
    """Return what becomes of an account in a month."""
    account = case.account
    closing, actual = _closing(case, month, policy)
    if closing <= account.billed_to and not (actual and account.actual_to < closing):
        return Result(None, [], [], set())
    start = account.actual_to if actual else account.billed_to
    measured = _measured(case, closing) if actual else []
    taken = sorted(measured + _estimated(account, measured, start, closing, policy), key=lambda each: each.from_day)
    periods = _periods(case, month, start=start, closing=closing, actual=actual)
    charged, complete = _charged(account, taken, periods, versions)
    reversed_lines = [_reversal(line) for line in case.estimated_lines] if actual else []
    lines = sorted(reversed_lines + charged, key=_place)
    total = Bill(account.billed_to if closing > account.billed_to else start, closing, actual, *(sum(column) for column in _sums(lines)))
    reasons = set(_looks(account, taken, actual=actual, policy=policy))
    if not actual and len({line.month for line in case.estimated_lines}) >= policy.most_estimated_months:
        reasons.add(ExceptionReason.ESTIMATED_LONG)
    if not complete:
        reasons.add(ExceptionReason.NO_TARIFF)
    if any(each.quantity_milli > account.capacity_milli * 24 * max(each.to_day - each.from_day, 1) for each in measured):
        reasons.add(ExceptionReason.IMPLAUSIBLE)
    if _too_large(total, lines, taken):
        reasons.add(ExceptionReason.TOO_LARGE)
    if reasons & {ExceptionReason.NO_TARIFF, ExceptionReason.IMPLAUSIBLE, ExceptionReason.TOO_LARGE}:
        return Result(None, [], [], reasons)
    return Result(total, lines, taken, reasons)


def _closing(case: Case, month: int, policy: Policy) -> tuple[int, bool]:
    """Return the day the bill ends, and whether a reading closes it."""
    account = case.account
    last_read = max((reading.day for reading in case.readings), default=0)
    in_time = last_read >= first_day_of(month) + policy.closing_from_day - 1 or last_read >= account.supply_end
    late_final = account.actual_to < account.supply_end <= min(account.billed_to, last_read)
    if in_time and (last_read > account.billed_to or late_final):
        return min(last_read, account.supply_end), True
    return min(_estimated_to(account.billed_to, month, policy), account.supply_end), False


def _estimated_to(billed_to: int, month: int, policy: Policy) -> int:
    """Return the same day of the month as the account was billed to, or the month's end."""
    day = date_of(billed_to).day
    usual = min(first_day_of(month) + day - 1, first_day_of(month + 1))
    return usual if day >= policy.closing_from_day and usual > billed_to else first_day_of(month + 1)


def _measured(case: Case, closing: int) -> list[Consumption]:
    by_series: dict[int, list[Reading]] = defaultdict(list)
    for reading in case.readings:
        by_series[reading.series].append(reading)
    result = []
    for readings in by_series.values():
        for earlier, later in pairwise(readings):
            if earlier.day < closing:
                result.append(_between(earlier, later, closing, case.account.quantum_milli))
    return result


def _between(earlier: Reading, later: Reading, closing: int, quantum_milli: int) -> Consumption:
    rolled_over = later.dial_milli < earlier.dial_milli
    turned = later.dial_milli - earlier.dial_milli + (later.capacity_milli if rolled_over else 0)
    exact = Fraction(turned * later.multiplier_numerator, later.multiplier_denominator * quantum_milli)
    quantity = half_up(exact) * quantum_milli
    return Consumption(earlier.day, min(later.day, closing), quantity, earlier.id, later.id, rolled_over, actual=True)


def _estimated(account: Account, measured: list[Consumption], start: int, closing: int, policy: Policy) -> list[Consumption]:
    """Return an estimate for every run of days that nothing measured."""
    covered = {day for each in measured for day in range(each.from_day, each.to_day)}
    runs: list[list[int]] = []
    for day in range(start, closing):
        if day in covered:
            continue
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return [Consumption(run[0], run[-1] + 1, _estimate(account, len(run), policy), 0, 0, False, False) for run in runs]


def _estimate(account: Account, days: int, policy: Policy) -> int:
    if account.history_days:
        exact = Fraction(account.history_milli * days, account.history_days)
    else:
        exact = Fraction(account.capacity_milli * policy.estimation_hours_per_day * days)
    return half_up(exact / account.quantum_milli) * account.quantum_milli


def _periods(case: Case, month: int, *, start: int, closing: int, actual: bool) -> list[Period]:
    ends: dict[int, int] = {}
    for line in case.estimated_lines if actual else ():
        ends[line.month] = max(line.to_day, ends.get(line.month, 0))
    for skipped in range(case.account.first_unbilled, month):
        if case.account.billed_to < first_day_of(skipped + 1) < closing:
            ends[skipped] = first_day_of(skipped + 1)
    ends[month] = closing
    periods = []
    for of_month, end in sorted(ends.items(), key=lambda item: item[1]):
        periods.append(Period(start, end, of_month))
        start = end
    return periods


def _charged(account: Account, taken: list[Consumption], periods: list[Period], versions: tuple[Version, ...]) -> tuple[list[Line], bool]:
    """Return the priced energy, and whether all of it had a rate."""
    quantity: dict[tuple[Period, Version], int] = defaultdict(int)
    days: dict[tuple[Period, Version], set[int]] = defaultdict(set)
    complete = True
    for each in taken:
        runs = _runs(each, periods, versions)
        shares = largest_remainder(each.quantity_milli // account.quantum_milli, [len(run) for _, _, run in runs])
        for (period, version, run), share in zip(runs, shares, strict=True):
            if version is None:
                complete = False
            else:
                quantity[period, version] += share * account.quantum_milli
                days[period, version].update(run)
    lines = []
    for (period, version), milli in quantity.items():
        priced = _priced(account, period, version, milli, days[period, version])
        complete = complete and sum(line.quantity_milli for line in priced) == milli
        lines += priced
    return lines, complete


def _runs(taken: Consumption, periods: list[Period], versions: tuple[Version, ...]) -> list[tuple[Period, Version | None, list[int]]]:
    """Return the days of a consumption, cut where the period or the tariff changes."""
    runs: list[tuple[Period, Version | None, list[int]]] = []
    for day in range(taken.from_day, taken.to_day):
        period = next(period for period in periods if day < period.end)
        version = next((each for each in versions if each.from_day <= day and (each.to_day is None or day < each.to_day)), None)
        if runs and runs[-1][:2] == (period, version):
            runs[-1][2].append(day)
        else:
            runs.append((period, version, [day]))
    return runs


def _priced(account: Account, period: Period, version: Version, milli: int, days: set[int]) -> list[Line]:
    kind = LineKind.CORRECTION if period.end <= account.billed_to else LineKind.CHARGE
    share = Fraction(len(days), period.end - period.start)
    lines, below = [], Fraction(0)
    for block_no, block in enumerate(version.blocks, 1):
        reached = Fraction(milli) if block.upper_milli is None else min(Fraction(milli), block.upper_milli * share)
        taken = reached - below
        if taken > 0 or (milli == 0 and block_no == 1):
            amount = half_up(taken * block.rate_e4 / 100_000)
            vat = half_up(Fraction(amount * version.vat_percent_e2, 10_000 + version.vat_percent_e2))
            span = (period.month, min(days), max(days) + 1, len(days))
            rounded = half_up(reached) - half_up(below)
            lines.append(Line(kind, *span, version.id, block_no, rounded, block.rate_e4, amount, vat))
        below = reached
    return lines


def _reversal(line: Line) -> Line:
    return line._replace(
        kind=LineKind.REVERSAL,
        quantity_milli=-line.quantity_milli,
        amount_tiyin=-line.amount_tiyin,
        vat_tiyin=-line.vat_tiyin,
    )


def _place(line: Line) -> tuple[int, bool, int, int]:
    return line.month, line.kind is LineKind.CORRECTION, line.from_day, line.block_no


def _sums(lines: list[Line]) -> Iterable[list[int]]:
    yield [line.quantity_milli for line in lines]
    yield [line.amount_tiyin for line in lines]
    yield [line.vat_tiyin for line in lines]


def _looks(account: Account, taken: list[Consumption], *, actual: bool, policy: Policy) -> Iterable[ExceptionReason]:
    """Return what asks for a look, whether or not the account is billed."""
    if not actual:
        yield ExceptionReason.ESTIMATED
        return
    quantity = sum(each.quantity_milli for each in taken)
    days = sum(each.to_day - each.from_day for each in taken)
    if not quantity:
        yield ExceptionReason.ZERO
    if account.history_days and Fraction(quantity, days) > policy.high_times * Fraction(account.history_milli, account.history_days):
        yield ExceptionReason.HIGH


def _too_large(total: Bill, lines: list[Line], taken: list[Consumption]) -> bool:
    amounts = [total.amount_tiyin, *(line.amount_tiyin for line in lines)]
    energy = sum(each.quantity_milli for each in taken)
    return any(abs(amount) > LARGEST_AMOUNT_TIYIN for amount in amounts) or energy > LARGEST_QUANTITY_MILLI
