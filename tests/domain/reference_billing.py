"""The same bills as ``app.domain.billing.build`` makes, one account and one day at a time, with exact fractions.

Slow and without arrays on purpose: it shares no arithmetic with the engine, only the records of tariffs and the policy.
"""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from math import floor
from typing import NamedTuple

from app.domain.billing import Component, ExceptionReason, LineKind, Policy, TermKind
from app.domain.calendar import NO_END, day_number, months_after
from app.domain.calendar import day_of as date_of
from app.domain.metering import Passport, Quality
from app.domain.tariffs import DEMAND, REACTIVE, ZONES, Version
from tests.domain import reference_pricing as pricing

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
    zeros_before: int = 0


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


class Term(NamedTuple):
    """One element of ``billing.Terms``, without the account; a passport in place of its number."""

    kind: TermKind
    from_day: int
    to_day: int
    value_milli: int
    passport: Passport | None = None


class Benefit(NamedTuple):
    """One element of ``billing.Benefits``, without the account."""

    from_day: int
    to_day: int
    percent_e2: int
    limit_milli: int
    id: int


class Charge(NamedTuple):
    """One element of ``billing.Charges``, without the account."""

    id: int
    component: Component
    from_day: int
    to_day: int
    quantity_milli: int
    amount_tiyin: int
    vat_tiyin: int


class Prepaid(NamedTuple):
    """One element of ``billing.Prepaid``, without the account; the id of the version in place of its index."""

    id: int
    version_id: int
    from_day: int
    to_day: int
    remaining_milli: int


class Case(NamedTuple):
    """All that an account's bill is made of."""

    account: Account
    readings: tuple[Reading, ...] = ()
    estimated_lines: tuple[Line, ...] = ()
    terms: tuple[Term, ...] = ()
    benefits: tuple[Benefit, ...] = ()
    charges: tuple[Charge, ...] = ()
    prepaid: tuple[Prepaid, ...] = ()
    #: energy of the five energy zones before
    zone_history: tuple[int, ...] = (0, 0, 0, 0, 0)

    def term(self, kind: TermKind, day: int) -> Term | None:
        """Return the term of a kind in force on a day."""
        return next((each for each in self.terms if each.kind is kind and each.from_day <= day < each.to_day), None)


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
    wanted = _wanted(case, versions, month)
    closing, actual = _closing(case, wanted, month, policy)
    if closing <= account.billed_to and not (actual and account.actual_to < closing):
        return _of_charges(case, month, policy)
    capacity = case.term(TermKind.CAPACITY, closing - 1)
    if capacity:
        case = case._replace(account=account._replace(capacity_milli=capacity.value_milli))
        account = case.account
    actual = actual or case.term(TermKind.UNMETERED_NORM, closing - 1) is not None
    start = account.actual_to if actual else account.billed_to
    counted = _measured(case, closing) if actual else []
    valid = [piece for each in counted for piece in _verified(case, each, policy)]
    measured = [each for each in valid if each.zone in wanted]
    taken = measured + [guess for zone in wanted for guess in _estimated(case, wanted, zone, measured, start, closing, policy)]
    taken = sorted(taken + [lost for each in taken for lost in _losses(case, each, taken)], key=_order)
    lumped = actual and account.actual_to < account.billed_to and policy.true_up == 1
    reversed_lines = [_reversal(line) for line in case.estimated_lines] if actual and not lumped else []
    streams = [(each.from_day, each.to_day, each.quantity_milli, each.zone) for each in taken]
    streams += [(each.from_day, each.to_day, each.quantity_milli, each.zone) for each in valid if each.zone == REACTIVE]
    priced_from, streams = _lump(case, streams, start, closing) if lumped else (start, streams)
    periods = _periods(case, month, start=priced_from, closing=closing, actual=actual and not lumped)
    charged, complete = pricing.charged(case, streams, reversed_lines, periods, versions, policy)
    beside = [_beside(each, month) for each in case.charges]
    lines = sorted(reversed_lines + charged + beside, key=_place)
    energy = [line.quantity_milli for line in lines if line.component is Component.ENERGY]
    sums = sum(energy), sum(line.amount_tiyin for line in lines), sum(line.vat_tiyin for line in lines)
    total = Bill(account.billed_to if closing > account.billed_to else start, closing, actual, *sums)
    reasons = set(_looks(account, _of_first_zone(taken, wanted), taken, actual=actual, policy=policy))
    reasons |= set(_doubts(case, counted, wanted, actual=actual, policy=policy))
    reasons |= set(_amounts(total.amount_tiyin, policy))
    if not complete:
        reasons.add(ExceptionReason.NO_TARIFF)
    if _too_large(total, lines, taken):
        reasons.add(ExceptionReason.TOO_LARGE)
    if reasons & {ExceptionReason.NO_TARIFF, ExceptionReason.IMPLAUSIBLE, ExceptionReason.TOO_LARGE}:
        return Result(None, [], [], reasons)
    return Result(total, lines, taken, reasons)


def _of_charges(case: Case, month: int, policy: Policy) -> Result:
    """Return the bill of nothing but charges that an account gets which was billed to its end."""
    account, lines = case.account, sorted((_beside(each, month) for each in case.charges), key=_place)
    amount, vat = sum(line.amount_tiyin for line in lines), sum(line.vat_tiyin for line in lines)
    if account.billed_to < account.supply_end or not amount:
        return Result(None, [], [], set())
    total = Bill(account.supply_end - 1, account.supply_end, account.actual_to >= account.supply_end, 0, amount, vat)
    reasons = set(_amounts(amount, policy))
    if _too_large(total, lines, []):
        return Result(None, [], [], reasons | {ExceptionReason.TOO_LARGE})
    return Result(total, lines, [], reasons)


def _amounts(amount_tiyin: int, policy: Policy) -> Iterable[ExceptionReason]:
    """Return what asks for a look at the amount of a bill."""
    if amount_tiyin < 0:
        yield ExceptionReason.NEGATIVE
    if policy.largest_bill_som and amount_tiyin > policy.largest_bill_som * 100:
        yield ExceptionReason.OVER_AMOUNT


def _doubts(case: Case, counted: list[Consumption], wanted: list[int], *, actual: bool, policy: Policy) -> Iterable[ExceptionReason]:
    """Return what is doubtful about readings, or about their absence."""
    if not actual and len({line.month for line in case.estimated_lines}) >= policy.most_estimated_months:
        yield ExceptionReason.ESTIMATED_LONG
    if any(each.to_day > _expires(case, each, policy) for each in counted):
        yield ExceptionReason.UNVERIFIED
    whole = [each.quantity_milli for each in counted if each.zone == 0]
    parts = sum(each.quantity_milli for each in counted if each.zone in wanted)
    if 0 not in wanted and whole and abs(sum(whole) - parts) > policy.zone_tolerance * len(wanted) * 1000:
        yield ExceptionReason.ZONES_DISAGREE
    capacity = case.account.capacity_milli * 24
    if any(each.quantity_milli > capacity * max(each.to_day - each.from_day, 1) for each in counted if each.zone in wanted):
        yield ExceptionReason.IMPLAUSIBLE


def _wanted(case: Case, versions: tuple[Version, ...], month: int) -> list[int]:
    """Return the energy zones that count."""
    last_day = min(first_day_of(month + 1), case.account.supply_end) - 1
    version = next((each for each in versions if each.from_day <= last_day and (each.to_day is None or last_day < each.to_day)), None)
    priced = {ZONES.index(block.zone) for block in version.blocks} if version else set()
    zones = sorted(priced & {1, 2, 3, 4})
    seen = {reading.zone for reading in case.readings}
    if zones and (seen & {1, 2, 3, 4} or (0 not in priced and 0 not in seen)):
        return zones
    return [0]


def _order(each: Consumption) -> tuple[int, int, int]:
    return each.from_day, each.zone, list(Quality).index(each.counts_as)


def _of_first_zone(taken: list[Consumption], wanted: list[int]) -> int:
    """Return the days energy was taken in."""
    return sum(each.to_day - each.from_day for each in taken if each.zone == wanted[0] and each.quality is not Quality.LOSSES)


def _expires(case: Case, each: Consumption, policy: Policy) -> int:
    reading = next(reading for reading in case.readings if reading.id == each.later_reading_id)
    return reading.verified_to + policy.verification_grace_days


def _verified(case: Case, each: Consumption, policy: Policy) -> list[Consumption]:
    """Return the part of a consumption that a verified meter counted."""
    expires = _expires(case, each, policy)
    if each.to_day <= expires:
        return [each]
    if each.from_day >= expires:
        return []
    quantum = case.account.quantum_milli
    before, _after = largest_remainder(each.quantity_milli // quantum, [expires - each.from_day, each.to_day - expires])
    return [each._replace(to_day=expires, quantity_milli=before * quantum)]


def _losses(case: Case, each: Consumption, taken: list[Consumption]) -> list[Consumption]:
    """Return the losses that go with a consumption, cut where their terms begin and end."""
    if each.quality is Quality.NORM:
        return []
    kinds = (TermKind.LOSS_PERCENT, TermKind.LOSS_BOUNDARY)
    result = []
    for begin, end, quantity, fellows in _cut_for_losses(case, each, taken, kinds):
        percent, passport = case.term(TermKind.LOSS_PERCENT, begin), case.term(TermKind.LOSS_BOUNDARY, begin)
        quantum, lost = case.account.quantum_milli, 0
        if percent:
            lost += half_up(Fraction(quantity * percent.value_milli, 100_000 * quantum)) * quantum
        if passport and passport.passport:
            lost += _by_passport(passport.passport, quantity, fellows, end - begin, quantum)
        if lost:
            result.append(each._replace(from_day=begin, to_day=end, quantity_milli=lost, rolled_over=False, quality=Quality.LOSSES))
    return result


def _cut_for_losses(
    case: Case, each: Consumption, taken: list[Consumption], kinds: tuple[TermKind, ...]
) -> Iterable[tuple[int, int, int, list[int]]]:
    """Yield begin, end, energy of a piece, and the energies of all zones on exactly these days."""
    edges = sorted({day for term in case.terms if term.kind in kinds for day in (term.from_day, term.to_day)})
    pieces: dict[tuple[int, int], list[int]] = defaultdict(list)
    for other in taken:
        if other.quality is not Quality.NORM:
            for begin, end, quantity in _cut_at(other, edges, case.account.quantum_milli):
                pieces[begin, end].append(quantity)
    for begin, end, quantity in _cut_at(each, edges, case.account.quantum_milli):
        yield begin, end, quantity, pieces[begin, end]


def _cut_at(each: Consumption, edges: list[int], quantum_milli: int) -> list[tuple[int, int, int]]:
    days = [each.from_day, *(day for day in edges if each.from_day < day < each.to_day), each.to_day]
    shares = largest_remainder(each.quantity_milli // quantum_milli, [end - begin for begin, end in pairwise(days)])
    return [(begin, end, share * quantum_milli) for (begin, end), share in zip(pairwise(days), shares, strict=True)]


def _by_passport(passport: Passport, quantity: int, fellows: list[int], days: int, quantum: int) -> int:
    """Return losses by the formula of M39, in floating point as its source has it."""
    hours, squared = days * 24.0, 1 + passport.tangent**2
    total = sum(fellows)
    energy, form = total / 1000, passport.form_squared * passport.configuration
    idle = passport.no_load_kw * hours
    load = passport.load_kw * energy**2 * squared * form / (passport.rated_kva**2 * hours)
    line = passport.resistance_ohm * (energy + idle + load) ** 2 * squared * form / (passport.voltage_kv**2 * hours) / 1000
    share = quantity / total if total else 1 / len(fellows)
    return max(floor((quantity + passport.sign * (idle + load + line) * share * 1000) / quantum + 0.5), 0) * quantum - quantity


def _lump(case: Case, streams: list[tuple[int, int, int, int]], start: int, closing: int) -> tuple[int, list[tuple[int, int, int, int]]]:
    """Put all energy, less what was estimated, into the days not billed yet; return the first of them too."""
    start = case.account.billed_to if closing > case.account.billed_to else start
    sums: dict[int, int] = defaultdict(int)
    for _, _, quantity, zone in streams:
        sums[zone] += quantity
    for line in case.estimated_lines:
        if line.component is Component.ENERGY:
            sums[line.zone] -= line.quantity_milli
    return start, [(start, closing, quantity, zone) for zone, quantity in sums.items()]


def _beside(charge: Charge, month: int) -> Line:
    span = (month, charge.from_day, charge.to_day, charge.to_day - charge.from_day)
    amounts = (charge.quantity_milli, 0, charge.amount_tiyin, charge.vat_tiyin)
    return Line(LineKind.CHARGE, *span, 0, 0, *amounts, charge.component, 0, charge.id)


def _closing(case: Case, wanted: list[int], month: int, policy: Policy) -> tuple[int, bool]:
    """Return the day the bill ends, and whether a reading closes it."""
    account = case.account
    last_read = max((reading.day for reading in case.readings if reading.zone in wanted), default=0)
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
        if reading.zone != DEMAND:
            by_series[reading.series].append(reading)
    result = []
    for readings in by_series.values():
        for earlier, later in pairwise(readings):
            if earlier.day < closing:
                result.append(_between(earlier, later, closing, case.account.quantum_milli))
    # The order in which the days of the later readings come.
    day = {reading.id: reading.day for reading in case.readings}
    return sorted(result, key=lambda each: day[each.later_reading_id])


def _between(earlier: Reading, later: Reading, closing: int, quantum_milli: int) -> Consumption:
    rolled_over = later.dial_milli < earlier.dial_milli
    turned = later.dial_milli - earlier.dial_milli + (later.capacity_milli if rolled_over else 0)
    exact = Fraction(turned * later.multiplier_numerator, later.multiplier_denominator * quantum_milli)
    quantity = half_up(exact) * quantum_milli
    return Consumption(earlier.day, min(later.day, closing), quantity, earlier.id, later.id, rolled_over, actual=True, zone=later.zone)


def _estimated(
    case: Case, wanted: list[int], zone: int, measured: list[Consumption], start: int, closing: int, policy: Policy
) -> list[Consumption]:
    """Return an estimate, or the norm, for every run of days that nothing measured."""
    covered = {day for each in measured if each.zone == zone for day in range(each.from_day, each.to_day)}
    norms = [term for term in case.terms if term.kind is TermKind.UNMETERED_NORM] if zone == 0 else []
    edges = {day for term in norms for day in (term.from_day, term.to_day)}
    runs: list[list[int]] = []
    for day in range(start, closing):
        if day in covered:
            continue
        cut = norms and (day in edges or date_of(day).day == 1)
        if runs and runs[-1][-1] == day - 1 and not cut:
            runs[-1].append(day)
        else:
            runs.append([day])
    return [_guess(case, wanted, zone, run, policy) for run in runs]


def _guess(case: Case, wanted: list[int], zone: int, run: list[int], policy: Policy) -> Consumption:
    account, quantum = case.account, case.account.quantum_milli
    norm = case.term(TermKind.UNMETERED_NORM, run[0]) if zone == 0 else None
    if norm:
        quantity = half_up(Fraction(norm.value_milli * len(run), days_of_month(run[0]) * quantum)) * quantum
        return Consumption(run[0], run[-1] + 1, quantity, 0, 0, False, False, zone, Quality.NORM)
    quantity = _estimate(account, run, policy)
    if zone:
        weights = [case.zone_history[each] for each in wanted]
        weights = weights if sum(weights) else [1] * len(wanted)
        quantity = half_up(Fraction(quantity * weights[wanted.index(zone)], sum(weights) * quantum)) * quantum
    return Consumption(run[0], run[-1] + 1, quantity, 0, 0, False, False, zone)


def days_of_month(day: int) -> int:
    month = month_of(day)
    return first_day_of(month + 1) - first_day_of(month)


def month_of(day: int) -> int:
    on = date_of(day)
    return (on.year - 1970) * 12 + on.month - 1


def _estimate(account: Account, run: list[int], policy: Policy) -> int:
    days = len(run)
    before = None
    if account.history_days and policy.estimation_average:
        before = Fraction(account.history_milli * days, max(account.history_periods, 1) * days_of_month(run[0]))
    elif account.history_days:
        before = Fraction(account.history_milli * days, account.history_days)
    last_year = Fraction(account.last_year_milli * days, account.last_year_days) if account.last_year_days else None
    capacity = Fraction(account.capacity_milli * policy.estimation_hours_per_day * days)
    ladder = [(before, last_year), (last_year, before), ()][policy.estimation_order]
    exact = next((step for step in ladder if step is not None), capacity)
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


def _reversal(line: Line) -> Line:
    return line._replace(
        kind=LineKind.REVERSAL,
        quantity_milli=-line.quantity_milli,
        amount_tiyin=-line.amount_tiyin,
        vat_tiyin=-line.vat_tiyin,
    )


def _place(line: Line) -> tuple[int, bool, bool, int, int, int, int]:
    component = list(Component).index(line.component)
    return line.month, line.kind is LineKind.CORRECTION, line.charge_id > 0, line.from_day, component, line.zone, line.block_no


def _looks(account: Account, days: int, taken: list[Consumption], *, actual: bool, policy: Policy) -> Iterable[ExceptionReason]:
    """Return what asks for a look, whether or not the account is billed."""
    if not actual:
        yield ExceptionReason.ESTIMATED
        return
    quantity = sum(each.quantity_milli for each in taken)
    if not quantity:
        yield ExceptionReason.ZERO
        if account.zeros_before + 1 >= policy.zero_months:
            yield ExceptionReason.ZERO_MONTHS
    if account.history_days and Fraction(quantity, days) > policy.high_times * Fraction(account.history_milli, account.history_days):
        yield ExceptionReason.HIGH


def _too_large(total: Bill, lines: list[Line], taken: list[Consumption]) -> bool:
    amounts = [total.amount_tiyin, *(line.amount_tiyin for line in lines)]
    energy = sum(each.quantity_milli for each in taken)
    return any(abs(amount) > LARGEST_AMOUNT_TIYIN for amount in amounts) or energy > LARGEST_QUANTITY_MILLI
