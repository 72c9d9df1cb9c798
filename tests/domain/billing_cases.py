"""Tariffs and accounts of the reference cases of billing."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import numpy as np

from app.domain import billing, tariffs
from app.domain.billing import (
    COMPONENTS,
    LINE_KINDS,
    QUALITIES,
    REASONS,
    TERM_KINDS,
    BillingOutcome,
    ExceptionReason,
    Policy,
)
from app.domain.calendar import NO_END, day_number
from app.domain.metering import Quality
from app.domain.tariffs import Block, Version
from tests.domain.random_accounts import Tariff
from tests.domain.reference_billing import Account, Bill, Case, Consumption, Line, Reading, Result

JANUARY, FEBRUARY, MARCH = (billing.months_since_epoch(2026, month) for month in (1, 2, 3))


PLENTY = 10**9


USUAL = Policy()


#: Qualities that the flag of a consumption tells already.
MEASURED = {Quality.ACTUAL, Quality.ESTIMATED}


FLAT = (Version(1, 0, None, 1200, (Block(None, 10_000_000),)),)


STEPPED = (Version(1, 0, None, 1200, (Block(200_000, 4_500_000), Block(1_000_000, 9_000_000), Block(None, 13_500_000))),)


Inputs = tuple[billing.Accounts, billing.Readings, billing.BillLines]


def day(month: int, number: int, year: int = 2026) -> int:
    return day_number(date(year, month, number))


def account(**changes: int) -> Account:
    """Return an account billed up to 1 March 2026 with everything actual."""
    usual = Account(1, 0, 1000, day(3, 1), day(3, 1), MARCH, NO_END, PLENTY, 0, 0)
    return usual._replace(**changes)


def readings(
    *dials: tuple[int, int], series: int = 1, first_id: int = 1, digits: int = 6, ratio: tuple[int, int] = (1, 1)
) -> tuple[Reading, ...]:
    """Return readings of one register from (day, dial in units)."""
    return tuple(Reading(first_id + at, series, on, dial * 1000, 1000 * 10**digits, *ratio) for at, (on, dial) in enumerate(dials))


def engine(cases: Sequence[Case], prices: Sequence[Tariff], month: int = MARCH, policy: Policy = USUAL) -> list[Result]:
    """Bill all cases in one batch and return what became of each."""
    return split(built(cases, prices, month, policy), len(cases))


def built(cases: Sequence[Case], prices: Sequence[Tariff], month: int, policy: Policy = USUAL) -> BillingOutcome:
    return built_from(inputs(cases), prices, month, policy, rules_of(cases, prices))


def built_from(
    arrays: Inputs, prices: Sequence[Tariff], month: int, policy: Policy = USUAL, rules: billing.BillingRules | None = None
) -> BillingOutcome:
    return billing.build(*arrays, tariffs.price_table(list(prices)), month=month, policy=policy, rules=rules)


def rules_of(cases: Sequence[Case], prices: Sequence[Tariff]) -> billing.BillingRules:
    """Lay the rules of cases out as the arrays that the engine takes."""
    places = {version_id: place for place, version_id in enumerate(tariffs.price_table(list(prices)).version_id.tolist())}
    terms, passports = [], []
    for index, case in enumerate(cases):
        for term in case.terms:
            value = term.value_milli
            if term.passport:
                passports.append(term.passport)
                value = len(passports) - 1
            terms.append((TERM_KINDS.index(term.kind), index, term.from_day, term.to_day, value))
    benefits = [(index, *each) for index, case in enumerate(cases) for each in case.benefits]
    charges = [(index, each.id, COMPONENTS.index(each.component), *each[2:]) for index, case in enumerate(cases) for each in case.charges]
    prepaid = [(index, each.id, places[each.version_id], *each[2:]) for index, case in enumerate(cases) for each in case.prepaid]
    return billing.BillingRules(
        billing.SupplyTerms(*columns(sorted(terms), 5)),
        billing.Benefits(*columns(benefits, 6)),
        billing.Charges(*columns(charges, 8)),
        billing.Prepaid(*columns(prepaid, 6)),
        columns([case.zone_history for case in cases], 5).T.copy(),
        tuple(passports),
    )


def inputs(cases: Sequence[Case]) -> Inputs:
    """Lay cases out as the arrays that the engine takes."""
    read = [(reading.id, index, *reading[1:]) for index, case in enumerate(cases) for reading in case.readings]
    lines = [
        (index, LINE_KINDS.index(line.kind), *line[1:11], COMPONENTS.index(line.component), *line[12:])
        for index, case in enumerate(cases)
        for line in case.estimated_lines
    ]
    return (
        billing.Accounts(*columns([case.account for case in cases], 15)),
        billing.Readings(*columns(read, 10)),
        billing.BillLines(*columns(lines, 17)),
    )


def columns(rows: Sequence[tuple[int, ...]], width: int) -> Any:
    return np.array([tuple(row) for row in rows], dtype=np.int64).reshape(len(rows), width).T.copy()


def split(outcome: BillingOutcome, count: int) -> list[Result]:
    lines: dict[int, list[Line]] = defaultdict(list)
    for index, kind, *rest in rows_of(outcome.lines):
        lines[index].append(Line(LINE_KINDS[kind], *rest[:10], COMPONENTS[rest[10]], *rest[11:]))
    taken: dict[int, list[Consumption]] = defaultdict(list)
    for index, *rest in rows_of(outcome.consumptions):
        taken[index].append(Consumption(*rest[:-1], None if QUALITIES[rest[-1]] in MEASURED else QUALITIES[rest[-1]]))
    reasons: dict[int, set[ExceptionReason]] = defaultdict(set)
    for index, reason in rows_of(outcome.found):
        reasons[index].add(REASONS[reason])
    bills = {index: Bill(*rest) for index, *rest in rows_of(outcome.bills)}
    return [Result(bills.get(index), lines[index], taken[index], reasons[index]) for index in range(count)]


def rows_of(record: Any) -> Iterator[Any]:
    return zip(*(column.tolist() for column in record), strict=True)


def bill_one(case: Case, tariff: Tariff, month: int = MARCH) -> Result:
    [result] = engine([case], [tariff], month)
    return result
