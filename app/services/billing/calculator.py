"""What a quantity would cost: one account that nobody has, priced by the engine that prices bills; nothing is written."""

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

import numpy as np
from sqlalchemy.orm import Session

from app.domain import billing, tariffs
from app.domain.billing import (
    COMPONENTS,
    LINE_KINDS,
    NO_LIMIT,
    TERM_KINDS,
    Accounts,
    Benefits,
    BillingRules,
    BillLines,
    Readings,
    SupplyTerms,
    TermKind,
)
from app.domain.calendar import NO_END, day_number, day_of, month_start, months_after
from app.domain.values import MAX_QUANTITY_MILLI, MILLI_PER_UNIT, Integers
from app.queries import billing as bill_queries
from app.queries import tariffs as price_queries
from app.queries.billing import BillLineRow
from app.queries.billing import calculator as queries
from app.queries.billing.calculator import BenefitRow, Offer
from app.services.billing.runs import policy_on

#: Longest period that is priced at once.
MOST_DAYS = 31
MOST_FAMILIES = 20


class UnknownTariff(Exception):
    """No tariff of such a resource and tariff group is in force on the day; the text says what there is."""


class UnknownBenefit(Exception):
    """There is no such benefit; the text says which there are."""


class NoPrice(Exception):
    """Some of the days or of the energy have no price, or the amount is beyond what the system carries."""


class CalculatorOutOfRange(Exception):
    """A quantity, a number of days or of families is none that can be priced."""


class CalculatorRequest(NamedTuple):
    """What to price."""

    resource: str
    tariff_group: str
    quantity_milli: int
    #: any day of the month; with ``days`` the first of them
    on: date
    #: None: the whole month
    days: int | None = None
    families: int = 1
    benefit: str = ""


class Calculation(NamedTuple):
    """What it costs, line by line."""

    offer: Offer
    period_from: date
    period_to: date
    lines: list[BillLineRow]
    amount_tiyin: int
    vat_tiyin: int


def calculate(session: Session, wanted: CalculatorRequest) -> Calculation:
    """Price a quantity as a bill of these days would.

    A part of a month gets the steps that the policy ``tariffs.partial_month`` gives somebody who moves in and out.

    :raises CalculatorOutOfRange: if the quantity, the days or the families are out of range
    :raises UnknownTariff: if nothing of the sort is sold on the day
    :raises UnknownBenefit: if there is no such benefit
    :raises NoPrice: if the tariff does not cover it
    """
    _check(wanted)
    start = month_start(wanted.on) if wanted.days is None else wanted.on
    end = months_after(start, 1) if wanted.days is None else start + timedelta(days=wanted.days)
    offer = _offer(session, wanted, start)
    benefit = _benefit(session, wanted.benefit)
    prices = price_queries.prices(session)
    place = prices.places[offer.resource_id, offer.tariff_group_id]
    first, last = day_number(start), day_number(end)
    outcome = billing.build(
        _account(place, first, last),
        _readings(first, last, wanted.quantity_milli),
        BillLines(*[_none()] * len(BillLines._fields)),
        prices.table,
        month=bill_queries.month_number(end - timedelta(days=1)),
        policy=policy_on(session, start),
        rules=_rules(wanted, benefit, first, last),
    )
    if not len(outcome.bills.account):
        raise NoPrice
    lines = _rows(session, outcome.lines, benefit)
    return Calculation(offer, start, end, lines, int(outcome.bills.amount_tiyin[0]), int(outcome.bills.vat_tiyin[0]))


def _check(wanted: CalculatorRequest) -> None:
    days = 1 if wanted.days is None else wanted.days
    inside = 0 <= wanted.quantity_milli <= MAX_QUANTITY_MILLI and 1 <= days <= MOST_DAYS and 1 <= wanted.families <= MOST_FAMILIES
    if not inside or not 2000 <= wanted.on.year < 2200:
        raise CalculatorOutOfRange


def _offer(session: Session, wanted: CalculatorRequest, on: date) -> Offer:
    there_are = queries.offers(session, on)
    found = [each for each in there_are if (each.resource, each.tariff_group) == (wanted.resource, wanted.tariff_group)]
    if not found:
        raise UnknownTariff(", ".join(f"{each.resource} {each.tariff_group}" for each in there_are))
    return found[0]


def _benefit(session: Session, code: str) -> BenefitRow | None:
    if not code:
        return None
    there_are = queries.benefits(session)
    found = [each for each in there_are if each.code == code]
    if not found:
        raise UnknownBenefit(", ".join(each.code for each in there_are))
    return found[0]


def _account(tariff: int, first: int, last: int) -> Accounts:
    """Return an account that moved in on the first day and out on the last."""
    blank = Accounts(*[_one(0)] * len(Accounts._fields))
    days = {"actual_to": first, "billed_to": first, "supply_start": first, "supply_end": last}
    month = bill_queries.month_number(day_of(last - 1))
    size = {"quantum_milli": 1, "capacity_milli": MAX_QUANTITY_MILLI, "tariff": tariff, "first_unbilled": month, "id": 1}
    return blank._replace(**{name: _one(value) for name, value in (days | size).items()})


def _readings(first: int, last: int, quantity_milli: int) -> Readings:
    """Return a meter that counted just the quantity."""
    both = np.zeros(2, dtype=np.int64)
    return Readings(
        id=np.array([1, 2]),
        account=both,
        series=both,
        day=np.array([first, last]),
        dial_milli=np.array([0, quantity_milli]),
        capacity_milli=both,
        multiplier_numerator=both + 1,
        multiplier_denominator=both + 1,
        zone=both + tariffs.TOTAL,
        verified_to=both + NO_END,
    )


def _rules(wanted: CalculatorRequest, benefit: BenefitRow | None, first: int, last: int) -> BillingRules:
    rules = billing.no_rules(1)
    if wanted.families > 1:
        kind = TERM_KINDS.index(TermKind.FAMILIES)
        families = SupplyTerms(_one(kind), _one(0), _one(first), _one(last), _one(wanted.families * MILLI_PER_UNIT))
        rules = rules._replace(terms=families)
    if benefit is not None:
        limit = NO_LIMIT if benefit.limit_milli is None else benefit.limit_milli
        granted = Benefits(_one(0), _one(first), _one(last), _one(int(benefit.percent * 100)), _one(limit), _one(benefit.id))
        rules = rules._replace(benefits=granted)
    return rules


def _rows(session: Session, lines: BillLines, benefit: BenefitRow | None) -> list[BillLineRow]:
    """Return the engine's lines as a bill's lines are read."""
    steps = queries.steps(session, np.unique(lines.version_id).tolist())
    rows = []
    for number, values in enumerate(zip(*(column.tolist() for column in lines), strict=True), 1):
        line = dict(zip(BillLines._fields, values, strict=True))
        zone = tariffs.ZONES[line["zone"]]
        step = steps[line["version_id"], zone, line["block_no"]]
        by_benefit = benefit if line["benefit_id"] else None
        rows.append(
            BillLineRow(
                line_no=number,
                kind=LINE_KINDS[line["kind"]],
                for_month=day_of(int(billing.first_day_of(_one(line["month"]))[0])),
                period_from=day_of(line["from_day"]),
                period_to=day_of(line["to_day"]),
                tariff=step.tariff,
                source=step.source,
                block_no=line["block_no"],
                quantity_milli=line["quantity_milli"],
                rate=Decimal(line["rate_e4"]) / 10_000,
                amount_tiyin=line["amount_tiyin"],
                vat_tiyin=line["vat_tiyin"],
                component=COMPONENTS[line["component"]],
                zone=zone,
                charge_id=None,
                derivation=None,
                lower_milli=step.lower_milli,
                upper_milli=step.upper_milli,
                benefit=by_benefit.name if by_benefit else None,
                percent=by_benefit.percent if by_benefit else None,
            )
        )
    return rows


def _one(value: int) -> Integers:
    return np.array([value], dtype=np.int64)


def _none() -> Integers:
    return np.zeros(0, dtype=np.int64)
