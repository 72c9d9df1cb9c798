"""Random accounts that live through some months: read well or badly, billed, parked and left out now and then.

Each month is billed by the engine under test and by the reference, and the next month begins where the bills end.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from random import Random
from typing import NamedTuple

from app.domain import billing
from app.domain.billing import TERM_KINDS, Component, Policy, TermKind
from app.domain.calendar import NO_END, day_number
from app.domain.metering import Passport, Quality
from app.domain.tariffs import DEMAND, ZONES, Block, Version
from tests.domain import reference_billing as reference
from tests.domain.reference_billing import Account, Benefit, Case, Charge, Consumption, Line, Prepaid, Reading, Result, Term

Tariff = tuple[Version, ...]
#: Bills cases in one batch, with the tariffs their accounts name, for a month, under a policy.
Engine = Callable[[list[Case], list[Tariff], int, Policy], list[Result]]

FIRST_MONTH = billing.months_since_epoch(2025, 1)
MONTHS = 10


class Ruled(NamedTuple):
    """What holds for an account beside readings and tariff; a charge's id ends with the month it appears in."""

    terms: tuple[Term, ...] = ()
    benefits: tuple[Benefit, ...] = ()
    charges: tuple[Charge, ...] = ()
    prepaid: tuple[Prepaid, ...] = ()
    zone_history: tuple[int, ...] = (0, 0, 0, 0, 0)


NO_RULES = Ruled()


class Life(NamedTuple):
    """An account and a meter that counts true energy."""

    record: Account
    #: first and last month in which the office has the reading
    read: list[tuple[int, int, Reading]]
    tariff: int
    rules: Ruled


class Step(NamedTuple):
    """An account in a month: what went in, what should come out and what came out."""

    month: int
    case: Case
    expected: Result
    result: Result


def day(month: int, number: int) -> int:
    return day_number(date(2025, month, number))


STEPPED = (Block(200_000, 4_500_000), Block(1_000_000, 9_000_000), Block(None, 13_500_000))
UNEVEN = (Block(50_500, 3_333_333), Block(None, 7_777_777))
PRICES: list[Tariff] = [
    (Version(1, 0, None, 1200, STEPPED),),
    (  # changes in mid-month, also in the number of steps
        Version(11, 0, day(4, 11), 1200, (Block(100_000, 2_950_000), Block(None, 4_500_000))),
        Version(12, day(4, 11), day(7, 20), 1200, (Block(100_000, 6_000_000), Block(300_000, 9_000_000), Block(None, 9_900_000))),
        Version(13, day(7, 20), None, 1200, (Block(None, 6_001_234),)),
    ),
    (  # the same version with another rate of VAT
        Version(21, 0, day(3, 1), 1500, UNEVEN),
        Version(21, day(3, 1), None, 1200, UNEVEN),
    ),
    (  # nothing in force for two weeks
        Version(31, 0, day(8, 15), 1200, (Block(None, 5_000_000),)),
        Version(32, day(9, 1), None, 0, (Block(None, 5_000_000),)),
    ),
    (Version(41, 0, None, 1200, (Block(900_000, 5_000_000), Block(2_500_000, 8_000_000))),),  # the last step has an end
    (  # zones, reactive energy and capacity; the whole counter first, then its zones
        Version(61, 0, day(4, 20), 1200, (Block(300_000, 8_000_000), Block(None, 9_000_000), Block(None, 1_000_000, "REACTIVE"))),
        Version(
            62,
            day(4, 20),
            None,
            1200,
            (
                Block(100_000, 9_000_000, "DAY"),
                Block(None, 11_000_000, "DAY"),
                Block(None, 4_000_001, "NIGHT"),
                Block(None, 1_500_000, "REACTIVE"),
                Block(50_000, 200_000_000, "DEMAND"),
                Block(None, 300_000_000, "DEMAND"),
            ),
        ),
    ),
    (  # the same rates with other steps, as of gas in spring
        Version(71, 0, day(3, 16), 1200, (Block(500_000, 10_000_000), Block(None, 18_000_000))),
        Version(72, day(3, 16), day(6, 6), 1200, (Block(100_000, 10_000_000), Block(None, 18_000_000))),
        Version(73, day(6, 6), None, 1200, (Block(90_000, 10_000_000), Block(None, 18_000_001))),
    ),
    (Version(51, 0, None, 1200, (Block(5_000, 10**13), Block(None, 10**14))),),  # typed wrong
]
ABSURD = len(PRICES) - 1
ZONED = next(tariff for tariff in PRICES if any(version.id == 62 for version in tariff))
NO_TARIFF = -1


def lived(numbers: range, engine: Engine, policy: Policy | None = None) -> Iterator[list[Step]]:
    """Bill random accounts month after month, with the engine and with the reference; yield each month's batch."""
    policy = policy or Policy()
    lives = [random_life(number) for number in numbers]
    drawn = [Counter[int]() for _ in lives]
    charged = [set[int]() for _ in lives]
    records, estimated = [life.record for life in lives], [list[Line]() for _ in lives]
    histories = [list[Consumption]() for _ in lives]
    for month in range(FIRST_MONTH, FIRST_MONTH + MONTHS):
        cases = month_of(lives, records, estimated, month, drawn, charged)
        chosen = [number for number, case in enumerate(cases) if takes_part(case, month)]
        results = engine([cases[number] for number in chosen], PRICES, month, policy)
        yield [
            Step(month, cases[number], expected(cases[number], month, policy), result)
            for number, result in zip(chosen, results, strict=True)
        ]
        for number, result in zip(chosen, results, strict=True):
            if result.bill:
                histories[number] += [each for each in result.consumptions if each.counts_as is Quality.ACTUAL]
                charged[number] |= {line.charge_id for line in result.lines}
                for line in result.lines:
                    if line.component is Component.ENERGY:
                        drawn[number][line.prepaid_id] += line.quantity_milli
                records[number] = following(records[number], result, month, **history_of(histories[number]))
                estimated[number] = [] if result.bill.actual else estimated[number] + [line for line in result.lines if not line.charge_id]


def expected(case: Case, month: int, policy: Policy) -> Result:
    tariff = case.account.tariff
    return reference.bill(case, () if tariff == NO_TARIFF else PRICES[tariff], month=month, policy=policy)


def month_of(
    lives: list[Life],
    records: list[Account],
    estimated: list[list[Line]],
    month: int,
    drawn: list[Counter[int]] | None = None,
    charged: list[set[int]] | None = None,
) -> list[Case]:
    """Return the cases of a month as the office finds them: what is known of the readings, and the tariff as entered."""
    cases = []
    for number, (life, record, lines) in enumerate(zip(lives, records, estimated, strict=True)):
        known = [read for first, last, read in life.read if first <= month <= last]
        until = reference.first_day_of(month + 1)
        window = {(read.series, read.day): read for read in known if record.actual_to <= read.day <= until}
        [tariff] = Random(record.id * 1000 + month).choices([life.tariff, NO_TARIFF, ABSURD], [30, 1, 1])
        readings = tuple(window[key] for key in sorted(window))
        rules = life.rules
        used = drawn[number] if drawn else Counter[int]()
        prepaid = [each._replace(remaining_milli=each.remaining_milli - used[each.id]) for each in rules.prepaid if tariff == life.tariff]
        charges = [each for each in rules.charges if each.id % 1000 <= month and each.id not in (charged[number] if charged else ())]
        others = (rules.terms, rules.benefits, tuple(charges), tuple(prepaid), rules.zone_history)
        cases.append(Case(record._replace(tariff=tariff), readings, tuple(lines), *others))
    return cases


def takes_part(case: Case, month: int) -> bool:
    """Tell whether a bill run reaches the account: it has begun, and it is not one of those left out now and then."""
    return case.account.actual_to < reference.first_day_of(month + 1) and (case.account.id * 7 + month) % 23 > 0


def following(before: Account, result: Result, month: int, **changes: int) -> Account:
    """Return the account as it stands after its bill."""
    assert result.bill is not None
    actual_to = result.bill.to_day if result.bill.actual else before.actual_to
    return before._replace(billed_to=result.bill.to_day, actual_to=actual_to, first_unbilled=month + 1, **changes)


def history_of(taken: list[Consumption]) -> dict[str, int]:
    """Return what to estimate from: the three latest actual consumptions."""
    latest = sorted(taken, key=lambda each: each.to_day)[-3:]
    days = sum(each.to_day - each.from_day for each in latest)
    return {"history_milli": sum(each.quantity_milli for each in latest), "history_days": days, "history_periods": len(latest)}


def random_life(number: int) -> Life:
    random = Random(number)
    start = day(random.randint(1, 3), random.choice([1, 1, 1, 15, 28]))
    supply_end = day(random.randint(4, 9), random.randint(1, 28)) if random.random() < 0.35 else NO_END
    daily_milli = random.choice([0, random.randint(1, 900), random.randint(1000, 12_000), random.randint(5000, 60_000)])
    record = Account(
        id=number + 1,
        tariff=NO_TARIFF,
        quantum_milli=random.choice([1000, 1000, 1000, 100, 7, 1]),
        actual_to=start,
        billed_to=start,
        first_unbilled=month_with(start),
        supply_end=supply_end,
        capacity_milli=max(daily_milli * random.choice([1, 3, 6, 20]) // 24, 20),
        history_milli=0,
        history_days=0,
        supply_start=start,
        zeros_before=random.choice([0, 0, 1, 2, 5]),
    )
    read = list(random_readings(random, start, min(supply_end, day(12, 1)), daily_milli))
    return with_rules(Life(record, read, random.randrange(ABSURD), NO_RULES), daily_milli)


def month_with(on: int) -> int:
    return next(month for month in range(FIRST_MONTH, FIRST_MONTH + 100) if reference.first_day_of(month + 1) > on)


def random_readings(random: Random, start: int, end: int, daily_milli: int) -> Iterator[tuple[int, int, Reading]]:
    """Yield readings of a meter, and of those it is exchanged for, until some days after the supply ended."""
    on, stop = start, end + random.choice([0, 9, 9])
    has_initial, fresh, series, energy, ids = random.random() < 0.95, True, 0, 0, iter(range(1, 10**6))
    while on <= stop:
        if fresh:
            series, energy = series + 1, 0
            capacity, ratio = 1000 * 10 ** random.randint(3, 6), random.choice([(1, 1), (1, 1), (100, 5), (2, 3)])
            dial = random.choice([0, random.randrange(capacity), capacity - random.randint(1, 60_000)])
        if (has_initial or on > start) and (fresh or random.random() < 0.75):
            shown = (dial + energy * ratio[1] // ratio[0]) % capacity
            yield from seen_by_the_office(random, Reading(next(ids), series, on, shown, capacity, *ratio))
        fresh = not fresh and random.random() < 0.06
        step = random.choice([0, 0, 3]) if fresh else random.choice([31, 31, 30, 30, 29, 10, 4])
        energy += step * daily_milli * random.choice([0, 90, 100, 110, 180]) // 100
        on += step


def seen_by_the_office(random: Random, read: Reading) -> Iterator[tuple[int, int, Reading]]:
    """Yield a reading from when it is known: sometimes a month late, sometimes wrong for a month."""
    known_from = month_with(read.day - 1) + random.choice([0, 0, 0, 0, 1])
    if random.random() < 0.06:
        wrong = read._replace(id=read.id + 10**6, dial_milli=max(read.dial_milli - random.randint(1, 300_000), 0))
        yield known_from, known_from, wrong
        known_from += 1
    yield known_from, FIRST_MONTH + MONTHS, read


def with_rules(life: Life, daily_milli: int) -> Life:
    """Return a life with some of the rules that accounts may have; half of them have none."""
    random = Random(life.record.id * 31 + 5)
    if random.random() < 0.5:
        return life
    record, read = life.record, life.read
    if random.random() < 0.3:
        days = random.choice([28, 31, 62])
        record = record._replace(last_year_milli=daily_milli * days * random.randint(50, 150) // 100, last_year_days=days)
    if random.random() < 0.15:
        expires = day(random.randint(2, 9), random.randint(1, 28))
        read = [(first, last, each._replace(verified_to=expires)) for first, last, each in read]
    history = (0, 0, 0, 0, 0)
    if life.tariff == PRICES.index(ZONED) or random.random() < 0.05:
        read = [row for each in read for row in by_zones(random, each)]
        history = random.choice([history, (0, 700, 0, 0, 300), (0, 1, 0, 0, 0)])
    monthly = daily_milli * 30 + 1
    terms = tuple(term for kind in TERM_KINDS for term in random_terms(random, kind, monthly))
    versions = PRICES[life.tariff]
    rules = Ruled(
        terms,
        tuple(random_benefits(random, monthly)) if random.random() < 0.3 else (),
        tuple(random_charges(random, record.id)) if random.random() < 0.2 else (),
        tuple(random_prepaid(random, record.id, versions, monthly)) if random.random() < 0.25 else (),
        history,
    )
    return life._replace(record=record, read=read, rules=rules)


def by_zones(random: Random, row: tuple[int, int, Reading]) -> Iterator[tuple[int, int, Reading]]:
    """Yield what the registers of a meter with zones show."""
    first, last, read = row
    shares = {"TOTAL": 100, "DAY": 65, "NIGHT": 35, "REACTIVE": random.choice([0, 20, 90]), "DEMAND": 1}
    for zone, share in shares.items():
        missed = random.random() < 0.05
        off = random.randint(0, 5000) if random.random() < 0.05 else 0
        place = ZONES.index(zone)
        dial = random.randint(0, 60_000) if place == DEMAND else min(read.dial_milli * share // 100 + off, read.capacity_milli - 1)
        if not missed:
            yield first, last, read._replace(id=read.id * 10 + place, series=read.series * 10 + place, dial_milli=dial, zone=place)


def random_terms(random: Random, kind: TermKind, monthly: int) -> Iterator[Term]:
    """Yield no term of a kind, or one or two, one after the other."""
    if random.random() > 0.15:
        return
    starts = sorted({day(random.randint(1, 10), random.choice([1, 1, 15, random.randint(1, 28)])) for _ in range(2)})
    ends = [*starts[1:], random.choice([NO_END, day(11, 1)])]
    for begin, end in zip(starts, ends, strict=True):
        value = {
            TermKind.FAMILIES: random.choice([0, 1000, 2000, 3000]),
            TermKind.CONTRACT_LIMIT: monthly * random.randint(1, 12) // 10,
            TermKind.DEMAND: random.randint(0, 90_000),
            TermKind.TG_NORM: random.choice([0, 350, 400]),
            TermKind.LOSS_PERCENT: random.randint(0, 9000),
            TermKind.UNMETERED_NORM: random.randint(0, 300_000),
            TermKind.CAPACITY: monthly * random.choice([1, 3, 6, 20]) // 720 + 1,
        }.get(kind, 0)
        passport = None
        if kind is TermKind.LOSS_BOUNDARY:
            passport = Passport(0.02, 0.5, 25.0, random.choice([0.0, 2.9755]), 10.0, 0.5, 4 / 3, 1.0, random.choice([1, 1, -1]))
        yield Term(kind, begin, end if random.random() < 0.8 or end == NO_END else end - 1, value, passport)


def random_benefits(random: Random, monthly: int) -> Iterator[Benefit]:
    """Yield one or two benefits that may overlap."""
    for number in range(random.randint(1, 2)):
        begin = day(random.randint(1, 8), random.choice([1, 12, 28]))
        end = random.choice([NO_END, begin + random.randint(1, 90)])
        yield Benefit(begin, end, random.choice([2500, 5000, 5000, 10_000, 3333]), random.choice([-1, monthly // 2, 100_000]), number + 1)


def random_charges(random: Random, account: int) -> Iterator[Charge]:
    """Yield charges that appear in some months."""
    for month in random.sample(range(FIRST_MONTH, FIRST_MONTH + MONTHS), 3):
        component = random.choice([Component.PENALTY, Component.BACK_BILLING, Component.SUBSIDY])
        amount = random.randint(1, 10**7) * (-1 if component is Component.SUBSIDY else 1)
        begin = reference.first_day_of(month - 1)
        yield Charge(
            account * 1000 + month, component, begin, begin + random.randint(1, 60), random.randint(0, 10**6), amount, amount * 3 // 28
        )


def random_prepaid(random: Random, account: int, versions: Tariff, monthly: int) -> Iterator[Prepaid]:
    """Yield energy that keeps the price of the tariff's earlier versions."""
    for number, version in enumerate(versions[: random.randint(1, 2)]):
        begin = day(random.randint(1, 6), random.choice([1, 11]))
        yield Prepaid(account * 10 + number, version.id, begin, begin + random.choice([40, 400]), random.randint(1, monthly * 3))
