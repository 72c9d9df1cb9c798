"""What the billing of a month takes in and what it gives: records of arrays, and the words of bills.

Every reference to an account is the place of the account among ``Accounts``, ascending where a record says sorted. Days are
day numbers, months count from 1970-01, quantities are thousandths, amounts tiyin.
"""

from enum import IntEnum, StrEnum
from typing import NamedTuple, TypeVar

import numpy as np

from app.domain.billing.policy import Policy
from app.domain.metering import Passport, Quality
from app.domain.tariffs import ENERGY_ZONES, PriceTable
from app.domain.values import Flags, Integers


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
    OVER_LIMIT = "OVER_LIMIT"  # what energy above the ordered one costs more


class ExceptionReason(StrEnum):
    """Why an account is parked (not billed), or billed with a question mark."""

    NO_TARIFF = "NO_TARIFF"
    IMPLAUSIBLE = "IMPLAUSIBLE"
    TOO_LARGE = "TOO_LARGE"
    ESTIMATED = "ESTIMATED"
    HIGH = "HIGH"
    ZERO = "ZERO"
    ZONES_DISAGREE = "ZONES_DISAGREE"
    ESTIMATED_LONG = "ESTIMATED_LONG"
    UNVERIFIED = "UNVERIFIED"
    ZERO_MONTHS = "ZERO_MONTHS"
    NEGATIVE = "NEGATIVE"
    OVER_AMOUNT = "OVER_AMOUNT"


#: Reasons that park an account; the others only ask for a look.
PARKING = frozenset({ExceptionReason.NO_TARIFF, ExceptionReason.IMPLAUSIBLE, ExceptionReason.TOO_LARGE})


class TermKind(StrEnum):
    """What a dated term of an account settles."""

    FAMILIES = "FAMILIES"  # registered families; the steps are multiplied
    CONTRACT_LIMIT = "CONTRACT_LIMIT"  # energy ordered a month
    DEMAND = "DEMAND"  # kW ordered
    TG_NORM = "TG_NORM"  # reactive energy that goes with the active one
    LOSS_PERCENT = "LOSS_PERCENT"  # losses behind the boundary, a fixed percentage
    LOSS_BOUNDARY = "LOSS_BOUNDARY"  # losses behind the boundary, by passport
    UNMETERED_NORM = "UNMETERED_NORM"  # energy a month without a meter
    ADVANCE_PERCENT = "ADVANCE_PERCENT"  # what is paid before the month
    RESIDENTS = "RESIDENTS"  # people who live there; shown, and priced by no rule yet
    CAPACITY = "CAPACITY"  # connected capacity that took the place of the one the account was opened with
    VOLTAGE = "VOLTAGE"  # kV the account is supplied at; reports tell sales apart by it


class VoltageLevel(StrEnum):
    """Voltage of a supply as form 46-ЭЭ gathers it (levels ВН, СН-1, СН-2, НН; to be confirmed by the customer)."""

    HIGH = "HIGH"  # 110 kV and more
    MIDDLE_1 = "MIDDLE_1"  # from 27.5 kV
    MIDDLE_2 = "MIDDLE_2"  # from 1 kV
    LOW = "LOW"  # below, or nobody wrote down which


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
    history_periods: Integers
    last_year_milli: Integers  #: energy of the periods around the same month a year before
    last_year_days: Integers
    supply_start: Integers  #: day the supply began
    zeros_before: Integers  #: actual periods without energy just before this one


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
    zone: Integers  #: index into ``tariffs.ZONES``
    verified_to: Integers  #: day the verification of the meter ends


class SupplyTerms(NamedTuple):
    """Dated terms of accounts; at most one of a kind is in force."""

    kind: Integers  #: index into ``TERM_KINDS``
    account: Integers
    from_day: Integers
    to_day: Integers
    value_milli: Integers  #: for losses by passport: place among ``Rules.passports``


#: What a benefit without a limit has in place of one.
NO_LIMIT = -1


class Benefits(NamedTuple):
    """Benefits of accounts; where several are in force, the one with the largest percentage counts."""

    account: Integers
    from_day: Integers
    to_day: Integers
    percent_e2: Integers
    limit_milli: Integers  #: energy a month it covers; ``NO_LIMIT``: all
    id: Integers


class Charges(NamedTuple):
    """Charges beside the month's energy that are not on a bill yet."""

    account: Integers
    id: Integers
    component: Integers
    from_day: Integers
    to_day: Integers
    quantity_milli: Integers
    amount_tiyin: Integers
    vat_tiyin: Integers


class Prepaid(NamedTuple):
    """Energy paid for at an old price, drawn in the order of the records."""

    account: Integers
    id: Integers
    version: Integers  #: index of the tariff version whose price it keeps
    from_day: Integers
    to_day: Integers
    remaining_milli: Integers


class EarlierTariffs(NamedTuple):
    """Tariffs that accounts had before their present one, by account and day."""

    account: Integers
    from_day: Integers
    to_day: Integers
    tariff: Integers  #: index of the tariff in the price table


_NONE = np.zeros(0, dtype=np.int64)


class BillingRules(NamedTuple):
    """What holds for some accounts beside readings and tariffs."""

    terms: SupplyTerms
    benefits: Benefits
    charges: Charges
    prepaid: Prepaid
    #: energy by account and energy zone, to share estimates among zones
    zone_history_milli: Integers
    passports: tuple[Passport, ...] = ()
    earlier: EarlierTariffs = EarlierTariffs(_NONE, _NONE, _NONE, _NONE)


class BillingInput(NamedTuple):
    """All that the bills of a month are computed from."""

    accounts: Accounts
    readings: Readings
    #: lines of the estimated bills since each account's last actual closing, by account and period
    estimated: "BillLines"
    table: PriceTable
    rules: BillingRules
    policy: Policy
    #: the billing month, counted from 1970-01
    month: int


class BillLines(NamedTuple):
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
    component: Integers  #: index into ``COMPONENTS``
    zone: Integers  #: index into ``tariffs.ZONES``
    charge_id: Integers  #: the charge the line puts on the bill; 0: none
    benefit_id: Integers  #: the benefit it comes from; 0: none
    prepaid_id: Integers  #: the prepaid volume it draws from; 0: none


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
    zone: Integers  #: index into ``tariffs.ZONES``
    quality: Integers  #: index into ``QUALITIES``


class Bills(NamedTuple):
    """One bill for each account that was not parked."""

    account: Integers
    from_day: Integers
    to_day: Integers
    actual: Flags
    quantity_milli: Integers
    amount_tiyin: Integers
    vat_tiyin: Integers


class Exceptions(NamedTuple):
    """Exceptions; ``reason`` is an index into ``REASONS``."""

    account: Integers
    reason: Integers


class BillingOutcome(NamedTuple):
    """What a bill run makes of its accounts; every account is billed, parked or has nothing to bill."""

    bills: Bills
    lines: BillLines
    consumptions: Consumptions
    found: Exceptions
    #: accounts whose bill waits for a person; they have none here
    held: Integers = np.zeros(0, dtype=np.int64)


RowsOf = TypeVar("RowsOf", Bills, BillLines, Consumptions, Readings, SupplyTerms)

LINE_KINDS: tuple[LineKind, ...] = tuple(LineKind)
REASONS: tuple[ExceptionReason, ...] = tuple(ExceptionReason)
COMPONENTS: tuple[Component, ...] = tuple(Component)
TERM_KINDS: tuple[TermKind, ...] = tuple(TermKind)
QUALITIES: tuple[Quality, ...] = tuple(Quality)
ENERGY = COMPONENTS.index(Component.ENERGY)


class Kind(IntEnum):
    """Places among ``LINE_KINDS``."""

    CHARGE = LINE_KINDS.index(LineKind.CHARGE)
    REVERSAL = LINE_KINDS.index(LineKind.REVERSAL)
    CORRECTION = LINE_KINDS.index(LineKind.CORRECTION)


def no_rules(accounts: int) -> BillingRules:
    """Return rules under which accounts have nothing but readings and tariffs."""
    none = np.zeros(0, dtype=np.int64)
    return BillingRules(
        SupplyTerms(*[none] * 5),
        Benefits(*[none] * 6),
        Charges(*[none] * 8),
        Prepaid(*[none] * 6),
        np.zeros((accounts, ENERGY_ZONES), np.int64),
    )


def months_since_epoch(year: int, month: int) -> int:
    """Return a month as a count from 1970-01."""
    return (year - 1970) * 12 + month - 1


def first_day_of(months: Integers) -> Integers:
    """Return the day numbers on which months (counted from 1970-01) begin."""
    days: Integers = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return days


def month_with(day: Integers) -> Integers:
    """Return the months (counted from 1970-01) that days lie in."""
    months: Integers = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months


def distinct(values: Integers) -> Integers:
    """Return the different values, rising; numpy's own hashes them first, which takes longer."""
    ordered = np.sort(values)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered


def flagged(account: Integers, count: int) -> Flags:
    """Return a flag for each account, raised for those named."""
    flags: Flags = np.zeros(count, dtype=bool)
    flags[account] = True
    return flags


def only(rows: RowsOf, kept: Flags) -> RowsOf:
    """Return the rows of the accounts that are kept."""
    return chosen(rows, np.flatnonzero(kept[rows.account]))


def chosen(rows: RowsOf, places: Integers | Flags) -> RowsOf:
    """Return the rows at some places, in that order."""
    return rows._replace(**{name: column[places] for name, column in rows._asdict().items()})


def joined(*parts: RowsOf) -> RowsOf:
    """Return the rows of several records, one after the other."""
    return type(parts[0])(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
