"""How long a search takes in a country of a million accounts, for one who works in one district and for one who works in all.

``make bench-search ACCOUNTS=1000000`` makes consumers with names in both scripts, on streets called alike in every district, asks as people
type, compares with reading every name as the search did before, and ends with one line of JSON.
"""

import itertools
import statistics
import sys
import time
from typing import Any

from sqlalchemy import create_engine, event, text
from sqlalchemy.orm import Session

import config
from app.cli import schema
from app.domain.transliteration import to_cyrillic
from app.queries.accounts import search
from bench.billing import VAR, Cluster, _database, _execute, _url, keep

DISTRICTS, STREETS, LIMIT_MS, TIMES = 200, 50, 300, 7
_SURNAMES = """
    Karimov Rahimov Yusupov Abdullayev Ergashev Gʻofurov Xodjayev Oʻktamov Axmedov Valiyev Qodirov Toshmatov
    Sodiqov Ismoilov Nazarov Saidov Umarov Usmonov Yoʻldoshev Xolmatov Boboyev Haydarov Jumayev Mirzayev Normatov
    Olimov Pulatov Rustamov Sharipov Tursunov Zokirov Li Kim Ibragimov Eshonqulov Hamidov Gʻaniyev Choriyev
    Shodiyev Berdiyev
""".split()
_NAMES = """
    Anvar Botir Dilshod Eldor Farhod Gʻayrat Hilola Ikrom Jamshid Kamola Lola Malika Nodira Oygul Pulat Qahramon
    Ravshan Sardor Temur Ulugʻbek Vera Xurshid Yulduz Zulfiya Shahnoza Chori Aziz Bahrom Umida Otabek
""".split()
_STREETS = """
    Navoiy Amir Temur Bobur Istiqlol Mustaqillik Doʻstlik Oʻzbekiston Bunyodkor Yangi hayot Guliston Bogʻiston
    Chilonzor Beruniy Ibn Sino Karimov Umarov Zulfiya Paxtakor Tinchlik Nurafshon Sharq Gʻalaba Mirobod Uchqun
    Oqtepa
""".split()

_STATEMENTS = (
    """
    INSERT INTO division (level, code, branch_code, name, path, parent_id)
    SELECT 'DISTRICT', r.code || lpad(n::text, 3, '0'), lpad((60000 + n)::text, 5, '0'), 'Tuman ' || n,
           r.path || r.code || lpad(n::text, 3, '0') || '/', r.id
    FROM generate_series(1, :districts) n
    JOIN (SELECT id, code, path, row_number() OVER (ORDER BY code) - 1 AS place, count(*) OVER () AS regions
          FROM division WHERE level = 'REGION') r ON r.place = (n - 1) * r.regions / :districts
    """,
    "CREATE TABLE bench_district AS SELECT id, row_number() OVER (ORDER BY code) - 1 AS place FROM division WHERE level = 'DISTRICT'",
    "CREATE TABLE bench_word AS SELECT * FROM unnest(CAST(:names AS text[])) WITH ORDINALITY n (name, place)",
    """INSERT INTO mahalla (division_id, name) SELECT d.id, w || ' MFY'
       FROM bench_district d, unnest(CAST(:mahallas AS text[])) w ON CONFLICT DO NOTHING""",
    """INSERT INTO street (id, division_id, mahalla_id, name)
       SELECT d.place * :streets + w.place, d.id,
              (SELECT m.id FROM mahalla m WHERE m.division_id = d.id ORDER BY m.id
               OFFSET w.place % :mahalla_count LIMIT 1), w.name || ' koʻchasi'
       FROM bench_district d, unnest(CAST(:street_names AS text[])) WITH ORDINALITY w (name, place)""",
    """
    CREATE TABLE bench_account AS
    SELECT n AS id, d.id AS division_id, d.place * :streets + 1 + n % :streets AS street_id,
           lpad((n::bigint * 7919 % 1000000007)::text, 9, '0') AS mixed
    FROM generate_series(1, :accounts) n JOIN bench_district d ON d.place = (n - 1)::bigint * :districts / :accounts
    """,
    """INSERT INTO consumer (id, division_id, kind, name, phone)
       SELECT b.id, b.division_id, 'HOUSEHOLD', w.name, '+998' || b.mixed FROM bench_account b
       JOIN bench_word w ON w.place = 1 + (b.id::bigint * 48271 % 2147483647) % (SELECT count(*) FROM bench_word)""",
    """INSERT INTO account (id, division_id, number, consumer_id, opened_on)
       SELECT id, division_id, '26' || lpad(id::text, 10, '0'), id, DATE '2024-01-01' FROM bench_account""",
    """INSERT INTO account_position (account_id, division_id) SELECT id, division_id FROM bench_account""",
    """INSERT INTO service_point (id, division_id, resource_id, street_id, house, flat, capacity_milli)
       SELECT b.id, b.division_id, r.id, b.street_id, (1 + b.id / :streets % 60)::text,
              CASE WHEN b.id % 2 = 0 THEN (b.id % 40)::text END, 10000
       FROM bench_account b, resource r WHERE r.code = 'ELECTRICITY'""",
    """INSERT INTO supply (division_id, account_id, service_point_id, tariff_group_id, valid_from)
       SELECT b.division_id, b.id, b.id, g.id, DATE '2024-01-01' FROM bench_account b, tariff_group g WHERE g.code = 'HOUSEHOLD'""",
    "INSERT INTO meter_model (name, resource_id) SELECT 'Bench', id FROM resource WHERE code = 'ELECTRICITY'",
    """INSERT INTO meter (id, division_id, model_id, serial_number)
       SELECT b.id, b.division_id, m.id, lpad((b.id::bigint * 104729 % 100000007)::text, 8, '0') || b.id % 7
       FROM bench_account b, (SELECT max(id) AS id FROM meter_model) m""",
    """INSERT INTO meter_installation (id, division_id, meter_id, service_point_id, valid_from)
       SELECT id, division_id, id, id, DATE '2024-01-01' FROM bench_account""",
)
#: What the search did before: every name of the divisions is read.
_READ_ALL = "SELECT count(*) FROM consumer c JOIN account a ON a.consumer_id = c.id WHERE lower(c.name) LIKE '%' || lower(:word) || '%'"


_SAMPLE = """
    SELECT a.number, c.phone, m.serial_number
    FROM account a JOIN consumer c ON c.id = a.consumer_id JOIN meter m ON m.id = a.id WHERE a.id = :id
"""
_ASKED = {
    "surname": "karimov", "surname in Cyrillic": "Ғофуров", "half a surname": "yusu", "two letters": "li",
    "surname and name": "Ахмедов Малика",
    "name before surname": "zulfiya karimov", "street": "navoiy", "street and house": "Навоий 12", "street, house, flat": "amir 12-14",
    "mahalla": "bobur mfy", "name and street": "sodikov beruniy", "nothing": "qwertyuiop",
}  # fmt: skip


def run(accounts: int, base: str) -> dict[str, Any]:
    """Measure on a server and return the figures; ``base`` is the address of any database of it."""
    url = _url(base, "bench_search")
    _database(base, "bench_search")
    schema.upgrade(config.database_url(url))
    began = time.perf_counter()
    _make(url, accounts)
    made = time.perf_counter() - began
    engine = create_engine(config.database_url(url))
    event.listen(engine, "connect", lambda connection, _: connection.execute("SET ROLE pcb_web") and connection.commit())
    figures: dict[str, Any] = {"accounts": accounts, "made_s": round(made)}
    with Session(engine) as session:
        districts = list(session.scalars(text("SELECT id FROM division WHERE level = 'DISTRICT' ORDER BY id")))
        for who, mine in (("district", districts[:1]), ("republic", districts)):
            session.execute(text("SELECT set_config('app.divisions', :ids, false)"), {"ids": "{" + ",".join(map(str, mine)) + "}"})
            figures |= {f"{who}: {title}": found for title, found in _measured(session, accounts).items()}
    median = max(found[1] for found in figures.values() if isinstance(found, list))
    return figures | {"slowest median, ms": median, "ratio to the limit of 300 ms": round(median / LIMIT_MS, 2)}


def _make(url: str, accounts: int) -> None:
    names = [f"{surname} {name}" for surname, name in itertools.product(_SURNAMES, _NAMES)]
    streets = [f"{first} {place // len(_STREETS) or ''}".strip() for place, first in zip(range(STREETS), itertools.cycle(_STREETS))]
    names = [to_cyrillic(name) if place % 3 == 0 else name for place, name in enumerate(names)]
    given = {
        "districts": DISTRICTS, "streets": STREETS, "accounts": accounts, "names": names, "mahallas": _STREETS,
        "mahalla_count": len(_STREETS),
        "street_names": streets,
    }  # fmt: skip
    engine = create_engine(config.database_url(url))
    with engine.begin() as connection:
        # No trail is written of a country that nobody keeps.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in _STATEMENTS:
            bound = text(statement)
            connection.execute(bound, {name: given[name] for name in bound._bindparams})  # noqa: SLF001 - the statement's own names
    _execute(url, "VACUUM ANALYZE")


def _measured(session: Session, accounts: int) -> dict[str, Any]:
    """Return of each search how many it finds, and its median and worst time in milliseconds."""
    middle = accounts // (2 * DISTRICTS)
    row = session.execute(text(_SAMPLE), {"id": middle}).one()
    asked = _ASKED | {
        "account number": row[0], "end of a number": row[0][-6:], "telephone": row[1], "end of a telephone": row[1][-4:],
        "part of a meter": row[2][2:7],
    }  # fmt: skip
    found = {title: _timed_search(session, typed) for title, typed in asked.items()}
    before = _median(lambda: session.execute(text(_READ_ALL), {"word": "karimov"}).scalar_one())
    return found | {"all names read, ms": round(before, 1), "surname against that, times": round(before / max(found["surname"][1], 0.1), 1)}


def _timed_search(session: Session, typed: str) -> list[float]:
    times, total = [], 0
    for _ in range(TIMES):
        began = time.perf_counter()
        hits = search.search(session, typed, personal=True)
        times.append((time.perf_counter() - began) * 1000)
        total = hits[0].total if hits else 0
    # The first one reads what lies on the disk.
    times = times[1:]
    return [total, round(statistics.median(times), 1), round(max(times), 1)]


def _median(work: Any) -> float:
    times = []
    for _ in range(3):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def main(arguments: list[str]) -> None:
    """Measure on an own server, print the table and the JSON line, and keep the result."""
    keep(f"search-{arguments[0]}", run(int(arguments[0]), Cluster(VAR).ensure().database_url))


if __name__ == "__main__":
    main(sys.argv[1:])
