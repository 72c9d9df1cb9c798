"""How long the exchange of a meter takes in a country of a million meters: the act with its preview, on time and entered late.

``make bench-exchange ACCOUNTS=1000000`` performs acts on meters all over the country, one transaction each, and ends with one line of
JSON: the ratio of the slowest twentieth to 300 ms. The country is the one of ``bench.office``; what the acts write is taken back.
"""

import os
import statistics
import sys
import time
from datetime import date, timedelta
from typing import Any

from sqlalchemy import create_engine, event, text
from sqlalchemy.orm import Session

import config
from app import clock
from app.domain.acts import ActKind, ActRequest
from app.models.reference import Brigade
from app.queries import acts as queries
from app.services import acts
from bench import office
from bench.billing import keep

#: Accounts whose meter was not exchanged since the day by the country's own history.
_CHOSEN = """
    SELECT a.id FROM account a JOIN supply s ON s.account_id = a.id AND s.valid_to IS NULL
    JOIN meter_installation i ON i.service_point_id = s.service_point_id AND i.valid_to IS NULL AND i.valid_from < :on
    WHERE a.id = ANY(:ids) GROUP BY a.id HAVING count(*) = 1 ORDER BY a.id * 7919 % 1009, a.id LIMIT :limit
"""
LIMIT_MS, TIMES = 300, int(os.environ.get("TIMES", "60"))
_PLACE = """
    SELECT a.division_id, s.service_point_id FROM account a JOIN supply s ON s.account_id = a.id AND s.valid_to IS NULL WHERE a.id = :id
"""


def run(accounts: int) -> dict[str, Any]:
    """Measure on a server of its own and return the figures."""
    url = office.make(office.cluster().database_url, accounts)
    engine = create_engine(config.database_url(url))
    event.listen(engine, "connect", lambda connection, _: connection.execute("SET ROLE pcb_worker") and connection.commit())
    today = clock.today()
    asked: dict[str, dict[str, Any]] = {}
    with Session(engine) as session:
        before = text("SELECT max(read_on) FROM reading WHERE account_id = :id AND read_on < :today")
        last = session.scalar(before, {"id": accounts // 2, "today": today})
        assert last is not None
        for title, on in (("on time", today), ("entered late, months billed again", last + timedelta(days=1))):
            for kind in ("preview", "act"):
                asked[f"{title}: {kind}"] = _measured(session, accounts, on, today, is_preview=kind == "preview")
    worst = max(found["p95_ms"] for found in asked.values())
    return {"accounts": accounts, "worst_ratio": round(worst / LIMIT_MS, 2), "asked": asked}


def _measured(session: Session, accounts: int, on: date, today: date, *, is_preview: bool) -> dict[str, Any]:
    """Return how long acts on one day take, in milliseconds."""
    took = []
    asked = [1 + (place * 7919 + 13) % accounts for place in range(4 * (TIMES + 3))]
    chosen = session.scalars(text(_CHOSEN), {"ids": asked, "on": on, "limit": TIMES + 3}).all()
    for place, account_id in enumerate(chosen):
        request = _request(session, account_id, on, f"bench {on} {is_preview} {place}")
        begun = time.perf_counter()
        if is_preview:
            acts.preview(session, request, today=today)
        else:
            acts.submit(session, request, today=today)
        session.flush()
        took.append((time.perf_counter() - begun) * 1000)
        session.rollback()
    took = sorted(took[3:])
    return {"median_ms": round(statistics.median(took), 1), "p95_ms": round(took[int(len(took) * 0.95)], 1), "times": TIMES}


def _request(session: Session, account_id: int, on: date, reference: str) -> ActRequest:
    division_id, point = session.execute(text(_PLACE), {"id": account_id}).one()
    brigade = Brigade(division_id=division_id, name=reference)
    session.add(brigade)
    session.flush()
    readings = {
        str(row.register_id): row.dial_milli if row.dial_milli is not None else (row.before_milli or 0) + 5000
        for row in queries.registers_on(session, point, on, until=True)
    }
    given = {
        "readings": readings, "brigade_id": brigade.id, "is_sure": True, "withdraws_later": True, "serial_number": reference[-32:],
        "model_id": session.scalar(text("SELECT min(id) FROM device_model")), "digits": 6, "verified_to": "2040-01-01",
        "opening": {"TOTAL": 0}, "seals": "", "photos": [],
    }  # fmt: skip
    return ActRequest(ActKind.EXCHANGE_METER, division_id, on, "bench", given, reference, account_id=account_id)


def main() -> None:
    """Measure with the number of accounts given, 1,000,000 if none is, and print the figures."""
    figures = run(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    office.show(figures["asked"])
    keep("exchange", figures)


if __name__ == "__main__":
    main()
