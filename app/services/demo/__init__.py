"""Believable districts for a first try: people, streets, meters, and readings with all the odd cases; deterministic by seed."""

from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
from numpy.random import Generator
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.acts import ActKind
from app.domain.calendar import months_after
from app.domain.identifiers import pinfl_control_digit
from app.domain.metering import ReadingKind, ReadingSource
from app.domain.values import Integers
from app.models.equipment import DeviceModel, MeterInstallation, Register
from app.models.reference import Bank, Resource, Street, TariffGroup
from app.queries.records import fetch_all
from app.services import bulk, contracts
from app.services.demo import office, rules
from app.services.demo.meters import Fitters
from app.services.demo.organisation import District

_SURNAMES = (
    "Karim", "Rahim", "Yusup", "Abdulla", "Tosh", "Ergash", "Sodiq", "Nazar", "Ismoil", "Qodir", "Umar", "Hakim", "Said", "Olim", "Murod",
    "Xolmat", "Turgʻun", "Boʻri", "Oʻrin", "Gʻofur",
)  # fmt: skip
_MEN = (
    "Anvar",
    "Bahrom",
    "Dilshod",
    "Elyor",
    "Farhod",
    "Gʻayrat",
    "Jasur",
    "Kamol",
    "Laziz",
    "Oʻktam",
    "Rustam",
    "Sherzod",
    "Temur",
    "Ulugʻbek",
)
_WOMEN = (
    "Aziza",
    "Barno",
    "Dilnoza",
    "Feruza",
    "Gulchehra",
    "Iroda",
    "Kamola",
    "Lola",
    "Madina",
    "Nodira",
    "Oʻgʻiloy",
    "Sevara",
    "Umida",
    "Zilola",
)
_FIRMS = (
    "Baraka savdo",
    "Yangi qurilish",
    "Oltin don",
    "Gʻuncha tekstil",
    "Shifo dorixona",
    "Zamin agro",
    "Nur maktab",
    "Hayot poliklinika",
)


#: Meters of a district that are exchanged by acts: as many as show what there is.
_MOST_EXCHANGED = 12


class People(NamedTuple):
    """The accounts of a demo: ids and how each behaves, one element each."""

    account_id: Integers
    division_id: Integers
    installation_id: Integers
    register_id: Integers
    service_point_id: Integers
    number: list[str]
    serial: list[str]
    dial: Integers  #: what the meter shows now, whole units
    capacity: Integers  #: first dial the display cannot show
    multiplier: Integers
    base: Integers  #: units a month; 0: nobody lives there
    read_day: Integers
    #: pays: 0 in full, 1 now and then, 2 never, 3 ahead
    habit: Integers
    exchange_month: Integers  #: month of a meter exchange, −1: none
    kind: list[str]


def make_people(session: Session, district: District, *, since: date, months: int, rng: Generator) -> People:
    """Add a district's consumers, accounts, service points, meters and their first readings."""
    count = district.accounts
    legal = np.arange(count) % 33 == 7
    stove = ~legal & (np.arange(count) % 9 == 4)
    ids = {
        table: bulk.reserve_ids(session, table, count)
        for table in ("consumer", "account", "service_point", "device", "register", "meter_installation")
    }
    numbers = [f"{district.branch_code}{place:07d}" for place in range(1, count + 1)]
    _write_consumers(session, district, ids, legal, rng)
    _write_accounts(session, district, ids, numbers, since)
    base = np.where(legal, rng.integers(800, 9000, count), np.minimum(rng.lognormal(5.2, 0.6, count), 1400).astype(np.int64) + 20)
    multiplier = np.where(legal & (rng.random(count) < 0.6), 20, 1)
    base = np.where(~legal & (rng.random(count) < 0.02), 0, base)
    _write_places(session, district, ids, base, legal, stove, since, rng)
    serial = [f"{district.code[2:]}{place:06d}" for place in range(1, count + 1)]
    digits = np.where(legal, 6, 5)
    _write_meters(session, district, ids, serial, digits, multiplier, legal, since, rng)
    capacity = 10**digits
    rolls = ~legal & (rng.random(count) < 0.01) & (base > 0)
    dial = np.where(rolls, capacity - base - 40, rng.integers(0, 60_000, count))
    exchange = np.where(rng.random(count) < 0.03, rng.integers(0, months, count), -1)
    exchange[np.flatnonzero(exchange >= 0)[_MOST_EXCHANGED:]] = -1
    people = People(
        account_id=ids["account"], division_id=np.full(count, district.id), installation_id=ids["meter_installation"].copy(),
        register_id=ids["register"].copy(), service_point_id=ids["service_point"], number=numbers, serial=serial, dial=dial,
        capacity=capacity, multiplier=multiplier, base=base, read_day=rng.integers(20, 28, count),
        habit=rng.choice([0, 1, 2, 3], count, p=[0.72, 0.14, 0.08, 0.06]), exchange_month=exchange,
        kind=["LEGAL" if each else "HOUSEHOLD" for each in legal.tolist()],
    )  # fmt: skip
    _write_readings(session, people, np.arange(count), since, people.dial, ReadingKind.INITIAL)
    if count:
        rules.make_rules(session, people.account_id, legal, base, (exchange < 0) & (multiplier == 1), since)
        contracts.make_missing_contracts(session, district.id, today=since)
        office.sign_contracts(session, district.id, since=since)
    return people


def read_month(session: Session, people: People, month: date, number: int, rng: Generator) -> None:
    """Read the meters of a month: some are missed, some exchanged, some roll over."""
    used = _used(people, month, rng)
    exchanged = np.flatnonzero(people.exchange_month == number)
    if len(exchanged):
        part = used[exchanged] * 2 // 5
        _exchange(session, people, exchanged, month.replace(day=12), part, number)
        used[exchanged] -= part
    people.dial[:] = (people.dial + used) % people.capacity
    seen = np.flatnonzero((rng.random(len(used)) > 0.05) | (people.exchange_month == number))
    for day in np.unique(people.read_day[seen]).tolist():
        on_day = seen[people.read_day[seen] == day]
        _write_readings(session, people, on_day, month.replace(day=day), people.dial[on_day], ReadingKind.PERIODIC)
    if len(people.division_id):
        rules.read_rules(session, int(people.division_id[0]), month)


def next_readings(people: People, month: date, rng: Generator) -> list[list[str]]:
    """Return rows of a file of readings for a month that is left to the user, with some planted faults."""
    dial = (people.dial + _used(people, month, rng)) % people.capacity
    days = people.read_day.tolist()
    rows = [
        [number, serial, month.replace(day=day).isoformat(), str(value)]
        for number, serial, day, value in zip(people.number, people.serial, days, dial.tolist(), strict=True)
    ]

    # Each fault is about another account, as far as the district has so many.
    def number(place: int) -> str:
        return people.number[place % len(people.number)]

    faults = [
        [number(0)[:9], "", rows[0][2], "100"],
        ["269029999999", "", rows[0][2], "100"],
        [number(1), "", "31.02.2026", "100"],
        [number(2), "no-such-meter", rows[0][2], "100"],
        [number(3), "", rows[0][2], "12x4"],
        [number(4), "", rows[0][2], "1234567"],
        [number(5), "", months_after(month, 24).isoformat(), "100"],
        ["", "", rows[0][2], "100"],
    ]
    return rows[: len(rows) - len(rows) // 20] + faults


class _Debtor(NamedTuple):
    account_id: int
    debt_tiyin: int


def payments_of(session: Session, people: People, share: float, rng: Generator) -> list[tuple[int, int]]:
    """Return (account, tiyin) of those who pay now: by habit in full, in part, ahead, or not at all."""
    statement = "SELECT account_id, debt_tiyin FROM account_position WHERE account_id = ANY(:ids) AND debt_tiyin > 0 ORDER BY account_id"
    rows = fetch_all(session, statement, _Debtor, ids=people.account_id.tolist())
    habit = dict(zip(people.account_id.tolist(), people.habit.tolist(), strict=True))
    result = []
    for account_id, debt in rows:
        luck, kind = rng.random(), habit[account_id]
        if luck > share or kind == 2:
            continue
        factor = {0: 100, 1: 50 if luck < share / 2 else 0, 3: 160}[kind]
        amount = debt * factor // 100 // 100_000 * 100_000 if factor != 100 else debt
        if amount > 0:
            result.append((account_id, amount))
    return result


def _used(people: People, month: date, rng: Generator) -> Integers:
    season = {12: 1.25, 1: 1.3, 2: 1.2, 6: 1.15, 7: 1.3, 8: 1.25}.get(month.month, 1.0)
    noise = rng.uniform(0.85, 1.15, len(people.base))
    return (people.base * season * noise / people.multiplier).astype(np.int64)


def _exchange(session: Session, people: People, chosen: Integers, day: date, part: Integers, number: int) -> None:
    """Exchange meters by acts, each for a new one of its kind, with the same ratios."""
    final = (people.dial[chosen] + part) % people.capacity[chosen]
    fitters = Fitters(session, int(people.division_id[0]), name=f"month {number}")
    models = session.scalars(select(DeviceModel.id).order_by(DeviceModel.id)).all()
    for place, index in enumerate(chosen.tolist()):
        serial, is_legal = f"N{number}{people.serial[index]}", people.kind[index] == "LEGAL"
        ratio = int(people.multiplier[index])
        act = fitters.act(
            ActKind.EXCHANGE_METER, int(people.account_id[index]), day, day, "Rejali almashtirish", "PLANNED",
            readings={str(people.register_id[index]): int(final[place]) * 1000},
            **fitters.new_meter(serial, 6 if is_legal else 5, date(day.year + 8, 1, 1), models[1] if is_legal else models[0]),
            ct_primary=ratio * 5 if ratio > 1 else 1, ct_secondary=5 if ratio > 1 else 1,
        )  # fmt: skip
        installed = session.get_one(MeterInstallation, act.result["undo"]["installed_id"])
        people.installation_id[index], people.dial[index], people.serial[index] = installed.id, 0, serial
        people.register_id[index] = session.scalars(select(Register.id).where(Register.meter_id == installed.meter_id)).one()


def _write_consumers(session: Session, district: District, ids: dict[str, Integers], legal: Any, rng: Generator) -> None:
    count = district.accounts
    names: list[str] = []
    pinfls: list[str | None] = []
    stirs: list[str | None] = []
    for place, is_legal in enumerate(legal.tolist()):
        if is_legal:
            names.append(f"“{_FIRMS[place % len(_FIRMS)]} {place}” MChJ")
            pinfls.append(None)
            stirs.append(f"30{district.id % 100:02d}{place % 100_000:05d}")
        else:
            names.append(_name(rng))
            pinfls.append(_pinfl(place, district.id, rng))
            stirs.append(None)
    phones = [f"+99890{district.id % 100:02d}{place % 100_000:05d}" if place % 20 != 13 else None for place in range(count)]
    languages = rng.choice(["uz", "uz_Cyrl", "ru", "kaa", "en"], count, p=[0.7, 0.08, 0.18, 0.03, 0.01]).tolist()
    bank = session.execute(select(Bank.id).order_by(Bank.id).limit(1)).scalar_one()
    bulk.copy(
        session,
        "consumer",
        {
            "id": ids["consumer"],
            "division_id": district.id,
            "kind": ["LEGAL" if each else "HOUSEHOLD" for each in legal.tolist()],
            "name": names,
            "phone": phones,
            "language": languages,
            "pinfl": pinfls,
            "stir": stirs,
            "bank_id": [bank if each else None for each in legal.tolist()],
            "bank_account": [f"20208000{place:09d}001" if each else None for place, each in enumerate(legal.tolist())],
        },
        count,
    )


def _write_accounts(session: Session, district: District, ids: dict[str, Integers], numbers: list[str], since: date) -> None:
    bulk.copy(
        session,
        "account",
        {"id": ids["account"], "division_id": district.id, "number": numbers, "consumer_id": ids["consumer"], "opened_on": since},
        district.accounts,
    )
    bulk.copy(session, "account_position", {"account_id": ids["account"], "division_id": district.id}, district.accounts)


def _write_places(
    session: Session,
    district: District,
    ids: dict[str, Integers],
    base: Integers,
    legal: Any,
    stove: Any,
    since: date,
    rng: Generator,
) -> None:
    count = district.accounts
    electricity = session.execute(select(Resource.id).where(Resource.code == "ELECTRICITY")).scalar_one()
    streets = np.array(session.scalars(select(Street.id).where(Street.division_id == district.id).order_by(Street.id)).all())
    capacity = np.where(legal, np.maximum(base // 100, 20) * 1000, np.where(base > 700, 12_000, 5_000))
    flats = np.where(rng.random(count) < 0.5, rng.integers(1, 60, count), 0)
    bulk.copy(
        session,
        "service_point",
        {
            "id": ids["service_point"],
            "division_id": district.id,
            "resource_id": electricity,
            "street_id": streets[np.arange(count) % len(streets)],
            "house": [str(1 + place // len(streets)) for place in range(count)],
            "flat": [str(flat) if flat else None for flat in flats.tolist()],
            "capacity_milli": capacity,
        },
        count,
    )
    _write_supplies(session, district, ids, legal, stove, since)


def _write_supplies(session: Session, district: District, ids: dict[str, Integers], legal: Any, stove: Any, since: date) -> None:
    groups = dict(session.execute(select(TariffGroup.code, TariffGroup.id)).tuples().all())
    budget = legal & (np.arange(district.accounts) % 4 == 0)
    bulk.copy(
        session,
        "supply",
        {
            "division_id": district.id,
            "account_id": ids["account"],
            "service_point_id": ids["service_point"],
            "tariff_group_id": np.select(
                [budget, legal, stove], [groups["LEGAL_BUDGET"], groups["LEGAL"], groups["HOUSEHOLD_STOVE"]], groups["HOUSEHOLD"]
            ),
            "valid_from": since,
        },
        district.accounts,
    )


def _write_meters(
    session: Session,
    district: District,
    ids: dict[str, Integers],
    serial: list[str],
    digits: Integers,
    multiplier: Integers,
    legal: Any,
    since: date,
    rng: Generator,
) -> None:
    count = len(serial)
    models = session.scalars(select(DeviceModel.id).order_by(DeviceModel.id)).all()
    verified = [since + timedelta(days=int(days)) for days in rng.integers(200, 3600, count)]
    meters = {
        "id": ids["device"], "division_id": district.id, "model_id": [models[1] if each else models[0] for each in legal.tolist()],
        "serial_number": serial, "made_in_year": rng.integers(2012, 2025, count), "verified_to": verified,
    }  # fmt: skip
    bulk.copy(session, "device", meters, count)
    bulk.copy(session, "register", {"id": ids["register"], "meter_id": ids["device"], "digits": digits}, count)
    bulk.copy(
        session,
        "meter_installation",
        {
            "id": ids["meter_installation"],
            "division_id": district.id,
            "meter_id": ids["device"],
            "service_point_id": ids["service_point"],
            "valid_from": since,
            "ct_primary": multiplier * np.where(multiplier > 1, 5, 1),
            "ct_secondary": np.where(multiplier > 1, 5, 1),
        },
        count,
    )


def _write_readings(session: Session, people: People, chosen: Integers, day: date, dial: Integers, kind: ReadingKind) -> None:
    bulk.copy(
        session,
        "reading",
        {
            "division_id": people.division_id[chosen],
            "account_id": people.account_id[chosen],
            "meter_installation_id": people.installation_id[chosen],
            "register_id": people.register_id[chosen],
            "read_on": day,
            "dial_milli": dial * 1000,
            "kind": kind,
            "source": ReadingSource.CONTROLLER,
        },
        len(chosen),
    )


def _name(rng: Generator) -> str:
    father = _MEN[rng.integers(len(_MEN))]
    stem = _SURNAMES[rng.integers(len(_SURNAMES))]
    if rng.random() < 0.5:
        return f"{stem}ov {_MEN[rng.integers(len(_MEN))]} {father}ovich"
    return f"{stem}ova {_WOMEN[rng.integers(len(_WOMEN))]} {father}ovna"


def _pinfl(place: int, district: int, rng: Generator) -> str:
    """Return a personal number no other person of the demo has: area and serial count, the day of birth is the district's."""
    born = f"{district % 28 + 1:02d}{rng.integers(1, 13):02d}{rng.integers(50, 99):02d}"
    first = f"{3 + place % 2}{born}{place // 1000 % 1000:03d}{place % 1000:03d}"
    return first + pinfl_control_digit(first)
