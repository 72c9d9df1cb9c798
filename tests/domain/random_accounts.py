"""Random accounts that live through some months: read well or badly, billed, parked and left out now and then.

Each month is billed by the engine under test and by the reference, and the next month begins where the bills end.
"""

from collections.abc import Callable, Iterator
from datetime import date
from random import Random
from typing import NamedTuple

from app.domain import billing
from app.domain.billing import Policy
from app.domain.calendar import NO_END, day_number
from app.domain.tariffs import Block, Version
from tests.domain import reference_billing as reference
from tests.domain.reference_billing import Account, Case, Consumption, Line, Reading, Result

Tariff = tuple[Version, ...]
#: Bills cases in one batch, with the tariffs their accounts name, for a month.
Engine = Callable[[list[Case], list[Tariff], int], list[Result]]

FIRST_MONTH = billing.months_since_epoch(2025, 1)
MONTHS = 10


class Life(NamedTuple):
    """An account and a meter that counts true energy."""

    record: Account
    #: first and last month in which the office has the reading
    read: list[tuple[int, int, Reading]]
    tariff: int


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
    (Version(51, 0, None, 1200, (Block(5_000, 10**13), Block(None, 10**14))),),  # typed wrong
]
ABSURD = len(PRICES) - 1
NO_TARIFF = -1


def lived(numbers: range, engine: Engine) -> Iterator[list[Step]]:
    """Bill random accounts month after month, with the engine and with the reference; yield each month's batch."""
    lives = [random_life(number) for number in numbers]
    records, estimated = [life.record for life in lives], [list[Line]() for _ in lives]
    histories = [list[Consumption]() for _ in lives]
    for month in range(FIRST_MONTH, FIRST_MONTH + MONTHS):
        cases = month_of(lives, records, estimated, month)
        chosen = [number for number, case in enumerate(cases) if takes_part(case, month)]
        results = engine([cases[number] for number in chosen], PRICES, month)
        yield [Step(month, cases[number], expected(cases[number], month), result) for number, result in zip(chosen, results, strict=True)]
        for number, result in zip(chosen, results, strict=True):
            if result.bill:
                histories[number] += [each for each in result.consumptions if each.actual]
                records[number] = following(records[number], result, month, **history_of(histories[number]))
                estimated[number] = [] if result.bill.actual else estimated[number] + result.lines


def expected(case: Case, month: int) -> Result:
    tariff = case.account.tariff
    return reference.bill(case, () if tariff == NO_TARIFF else PRICES[tariff], month=month, policy=Policy())


def month_of(lives: list[Life], records: list[Account], estimated: list[list[Line]], month: int) -> list[Case]:
    """Return the cases of a month as the office finds them: what is known of the readings, and the tariff as entered."""
    cases = []
    for life, record, lines in zip(lives, records, estimated, strict=True):
        known = [read for first, last, read in life.read if first <= month <= last]
        until = reference.first_day_of(month + 1)
        window = {(read.series, read.day): read for read in known if record.actual_to <= read.day <= until}
        [tariff] = Random(record.id * 1000 + month).choices([life.tariff, NO_TARIFF, ABSURD], [30, 1, 1])
        readings = tuple(window[key] for key in sorted(window))
        cases.append(Case(record._replace(tariff=tariff), readings, tuple(lines)))
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
    return {"history_milli": sum(each.quantity_milli for each in latest), "history_days": days}


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
    )
    return Life(record, list(random_readings(random, start, min(supply_end, day(12, 1)), daily_milli)), random.randrange(ABSURD))


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
