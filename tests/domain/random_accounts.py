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
from tests.domain.reference_billing import Account, Case, Consumption, Line, Reading, Result, bill, first_day_of

Tariff = tuple[Version, ...]
#: Bills cases in one batch, with the tariffs their accounts name, for a month.
Engine = Callable[[list[Case], list[Tariff], int], list[Result]]


class Life(NamedTuple):
    """A random account over some months: a meter that counts true energy, read now and then, well or badly."""

    record: Account
    read: list[tuple[int, int, Reading]]  #: first and last month in which the office has the reading
    tariff: int


class Step(NamedTuple):
    """An account in a month: what went in, what should come out and what came out."""

    month: int
    case: Case
    expected: Result
    result: Result


FIRST_MONTH = billing.months_since_epoch(2025, 1)
MONTHS = 10


def day_2025(month: int, number: int) -> int:
    return day(month, number, 2025)


#: No change; a change in mid-month; a change of VAT at a month's first day; an end; a last step with an end; absurd rates.
PRICES: list[Tariff] = [
    STEPPED,
    (
        Version(11, 0, day_2025(4, 11), 1200, (Block(100_000, 2_950_000), Block(None, 4_500_000))),
        Version(12, day_2025(4, 11), day_2025(7, 20), 1200, (Block(100_000, 6_000_000), Block(300_000, 9_000_000), Block(None, 9_900_000))),
        Version(13, day_2025(7, 20), None, 1200, (Block(None, 6_001_234),)),
    ),
    (
        Version(21, 0, day_2025(3, 1), 1500, (Block(50_500, 3_333_333), Block(None, 7_777_777))),
        Version(21, day_2025(3, 1), None, 1200, (Block(50_500, 3_333_333), Block(None, 7_777_777))),
    ),
    (Version(31, 0, day_2025(8, 15), 1200, (Block(None, 5_000_000),)), Version(32, day_2025(9, 1), None, 0, (Block(None, 5_000_000),))),
    (Version(41, 0, None, 1200, (Block(900_000, 5_000_000), Block(2_500_000, 8_000_000))),),
    (Version(51, 0, None, 1200, (Block(5_000, 10**13), Block(None, 10**14))),),
]  # fmt: skip
ABSURD = 5


def random_life(number: int) -> Life:
    random = Random(number)
    start = day_2025(random.randint(1, 3), random.choice([1, 1, 1, 15, 28]))
    supply_end = day_2025(random.randint(4, 9), random.randint(1, 28)) if random.random() < 0.3 else NO_END
    daily_milli = random.choice([0, random.randint(1, 900), random.randint(1000, 12_000), random.randint(5000, 60_000)])
    record = Account(
        id=number + 1,
        tariff=0,
        quantum_milli=random.choice([1000, 1000, 1000, 100, 7, 1]),
        actual_to=start,
        billed_to=start,
        first_unbilled=reference_month(start),
        supply_end=supply_end,
        capacity_milli=max(daily_milli * random.choice([1, 3, 6, 20]) // 24, 20),
        history_milli=0,
        history_days=0,
    )
    return Life(record, list(random_readings(random, start, min(supply_end, day_2025(12, 1)), daily_milli)), random.randrange(5))


def reference_month(on: int) -> int:
    return next(month for month in range(600, 800) if first_day_of(month + 1) > on)


def random_readings(random: Random, start: int, end: int, daily_milli: int) -> Iterator[tuple[int, int, Reading]]:
    """Yield readings of a meter, and of the ones it is exchanged for, until some days after the supply ended."""
    series, ids = 0, iter(range(random.randint(1, 10**6), 10**9))
    on, stop = start, end + random.choice([0, 0, 9])
    fresh, energy, initial = True, 0, random.random() < 0.95
    while on <= stop:
        if fresh:
            series += 1
            capacity, ratio = 1000 * 10 ** random.randint(3, 6), random.choice([(1, 1), (1, 1), (100, 5), (2, 3)])
            dial = random.choice([0, random.randrange(capacity), capacity - random.randint(1, 60_000)])
        if (initial or on > start) and (fresh or random.random() < 0.75):
            read = Reading(next(ids), series, on, (dial + energy * ratio[1] // ratio[0]) % capacity, capacity, *ratio)
            yield from seen_by_the_office(random, read)
        fresh = not fresh and random.random() < 0.06
        step = random.choice([0, 0, 3]) if fresh else random.choice([31, 31, 30, 30, 29, 10, 4])
        energy = 0 if fresh else energy + step * daily_milli * random.choice([0, 90, 100, 110, 180]) // 100
        on += step


def seen_by_the_office(random: Random, read: Reading) -> Iterator[tuple[int, int, Reading]]:
    """Yield the reading from when it is known; sometimes it is known late, sometimes wrong for a month."""
    month = reference_month(read.day - 1)
    known_from = month + random.choice([0, 0, 0, 0, 1])
    if random.random() < 0.06:
        wrong = read._replace(id=read.id + 10**9, dial_milli=max(read.dial_milli - random.randint(1, 300_000), 0))
        yield known_from, known_from, wrong
        known_from += 1
    yield known_from, FIRST_MONTH + MONTHS, read


def lived_month(lives: list[Life], records: list[Account], estimated: list[list[Line]], month: int) -> list[Case]:
    """Return the cases of a month as the office finds them."""
    cases = []
    for number, (life, record) in enumerate(zip(lives, records, strict=True)):
        month_to = first_day_of(month + 1)
        known = [read for first, last, read in life.read if first <= month <= last]
        window = {(read.series, read.day): read for read in known if record.actual_to <= read.day <= month_to}
        random = Random(number * 1000 + month)
        tariff = random.choices([life.tariff, -1, ABSURD], [30, 1, 1])[0]
        chosen = tuple(window[key] for key in sorted(window))
        cases.append(Case(record._replace(tariff=tariff), chosen, tuple(estimated[number])))
    return cases


def lived(numbers: range, engine: Engine) -> Iterator[list[Step]]:
    """Bill random accounts month after month, with the engine and with the reference; yield each month's batch."""
    lives = [random_life(number) for number in numbers]
    records, estimated = [life.record for life in lives], [list[Line]() for _ in lives]
    histories: list[list[Consumption]] = [[] for _ in lives]
    for month in range(FIRST_MONTH, FIRST_MONTH + MONTHS):
        cases = lived_month(lives, records, estimated, month)
        chosen = [number for number, case in enumerate(cases) if takes_part(case, month)]
        results = engine([cases[number] for number in chosen], PRICES, month=month)
        steps = []
        for number, result in zip(chosen, results, strict=True):
            versions = PRICES[cases[number].account.tariff] if cases[number].account.tariff >= 0 else ()
            steps.append(Step(month, cases[number], bill(cases[number], versions, month=month, policy=Policy()), result))
            if result.bill:
                histories[number] += [each for each in result.consumptions if each.actual]
                records[number] = following(records[number], result, month, **history_of(histories[number]))
                estimated[number] = [] if result.bill.actual else estimated[number] + result.lines
        yield steps


def takes_part(case: Case, month: int) -> bool:
    """Tell whether a bill run reaches the account: it has begun, and it is not one of those left out now and then."""
    return case.account.actual_to < first_day_of(month + 1) and (case.account.id * 7 + month) % 23 > 0


def history_of(taken: list[Consumption]) -> dict[str, int]:
    latest = sorted(taken, key=lambda each: each.to_day)[-3:]
    days = sum(each.to_day - each.from_day for each in latest)
    return {"history_milli": sum(each.quantity_milli for each in latest), "history_days": days}


def following(before: Account, result: Result, month: int, **changes: int) -> Account:
    """Return the account as it stands after its bill."""
    assert result.bill is not None
    actual_to = result.bill.to_day if result.bill.actual else before.actual_to
    return before._replace(billed_to=result.bill.to_day, actual_to=actual_to, first_unbilled=month + 1, **changes)


