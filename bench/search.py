"""How long a search takes in a country of a million accounts, for one who works in one district and for one who works in all.

``make bench-search ACCOUNTS=1000000`` asks as people type, with and without the right to personal data, compares with reading every
name as the search did before, and ends with one line of JSON. The country is the one of ``bench.office``.
"""

import math
import os
import statistics
import sys
import time
from typing import Any

from sqlalchemy import create_engine, event, text
from sqlalchemy.orm import Session

import config
from app.queries.accounts import search
from bench import office
from bench.billing import keep
from bench.country import DISTRICTS
from bench.served import processor_ms

LIMIT_MS, TIMES = 300, int(os.environ.get("TIMES", "20")) + 1
#: What the search did before: every name of the divisions is read.
_READ_ALL = "SELECT count(*) FROM consumer c JOIN account a ON a.consumer_id = c.id WHERE lower(c.name) LIKE '%' || lower(:word) || '%'"
_SAMPLE = """
    SELECT a.number, c.phone, m.serial_number
    FROM account a JOIN consumer c ON c.id = a.consumer_id JOIN device m ON m.id = a.id WHERE a.id = :id
"""
_ASKED = {
    "surname": "karimov", "surname in Cyrillic": "Ғофуров", "half a surname": "yusu", "two letters": "li", "one letter": "a",
    "surname and name": "Ахмедов Малика", "name before surname": "zulfiya karimov", "first name": "malika",
    "street": "navoiy", "two words of a street": "amir temur", "word of streets and of names": "umarov",
    "street and house": "Навоий 12", "street, house, flat": "amir 12-14", "mahalla": "bobur mfy", "name and street": "sodikov beruniy",
    "word of each street": "koʻchasi", "district": "district 17", "street and district": "navoiy district 17", "nothing": "qwertyuiop",
}  # fmt: skip


def run(accounts: int) -> dict[str, Any]:
    """Measure on a server of its own and return the figures."""
    url = office.make(office.cluster().database_url, accounts)
    engine = create_engine(config.database_url(url))
    event.listen(engine, "connect", lambda connection, _: connection.execute("SET ROLE pcb_web") and connection.commit())
    asked: dict[str, dict[str, Any]] = {}
    with Session(engine) as session:
        districts = list(session.scalars(text("SELECT id FROM division WHERE level = 'DISTRICT' ORDER BY id")))
        for who, mine in (("district", districts[:1]), ("republic", districts)):
            session.execute(text("SELECT set_config('app.divisions', :ids, false)"), {"ids": "{" + ",".join(map(str, mine)) + "}"})
            asked |= {f"{who}: {title}": found for title, found in _measured(session, accounts).items()}
    ratios = [found["p95_ms"] / LIMIT_MS for found in asked.values() if "found" in found]
    return {"accounts": accounts, "worst_ratio": round(max(ratios), 2), "asked": asked}


def _measured(session: Session, accounts: int) -> dict[str, dict[str, Any]]:
    """Return of each search how many it finds and how long it takes."""
    middle = accounts // (2 * DISTRICTS)
    number, phone, serial = session.execute(text(_SAMPLE), {"id": middle}).one()
    asked = _ASKED | {
        "account number": number, "end of a number": number[-6:], "four digits": number[-4:], "telephone": phone,
        "end of a telephone": phone[-4:], "part of a meter": serial[2:7], "part of a meter with a word": f"meter {serial[2:7]}",
    }  # fmt: skip
    backend = session.scalar(text("SELECT pg_backend_pid()"))
    found = {title: _timed(lambda typed=typed: _total(session, typed), backend) for title, typed in asked.items()}
    alone = {title: asked[title] for title in ("telephone", "end of a telephone", "surname", "four digits")}
    found |= {
        f"{title}, no personal data": _timed(lambda typed=typed: _total(session, typed, personal=False), backend)
        for title, typed in alone.items()
    }
    before = _timed(lambda: session.execute(text(_READ_ALL), {"word": "karimov"}).scalar_one(), backend, times=3)
    before.pop("found")
    return found | {"all names read, as before": before}


def _total(session: Session, typed: str, *, personal: bool = True) -> int:
    hits = search.search(session, typed, personal=personal)
    return hits[0].total if hits else 0


def _timed(work: Any, backend: int, times: int = TIMES) -> dict[str, Any]:
    """Return how many were found and the milliseconds; the first time, which reads what lies on the disk, apart."""
    taken, found, before = [], 0, processor_ms(backend)
    for _ in range(times):
        began = time.perf_counter()
        found = work()
        taken.append((time.perf_counter() - began) * 1000)
    first, warm = taken[0], sorted(taken[1:])
    p95 = warm[math.ceil(len(warm) * 0.95) - 1]
    return {"p50_ms": round(statistics.median(warm), 1), "p95_ms": round(p95, 1), "first_ms": round(first, 1), "found": found,
            "processor_ms": round((processor_ms(backend) - before) / times, 1),
            "ratio": round(p95 / LIMIT_MS, 2)}  # fmt: skip


if __name__ == "__main__":
    figures = run(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    office.show(figures["asked"])
    keep("search", figures)
