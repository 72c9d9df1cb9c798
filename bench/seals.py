"""How long documents of seals take: received, issued, returned, taken back, in a register that has a million of them.

``make bench-seals SEALS=100000`` receives, previews, issues, returns and takes back as many, a document each, under the row-level
security of a district's engineer, and ends with one line of JSON: the ratio of the slowest to 30 s, after which nobody waits for a page.
"""

import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session

import config
from app import clock
from app.cli import schema
from app.domain.equipment import EquipmentDocumentKind, StockPlaceKind
from app.models.equipment import StockPlace
from app.models.reference import Brigade
from app.queries import seals as queries
from app.services import equipment
from app.services.equipment import DocumentRequest
from bench import office
from bench.billing import VAR, Cluster, _database, _execute, _scalar, _url, keep

LIMIT_S = 30
#: Seals that the register has before, in documents of as many as are measured.
KNOWN = int(os.environ.get("KNOWN", "1000000"))
_DISTRICT = """
    INSERT INTO division (level, code, name, path, parent_id)
    SELECT 'DISTRICT', code || '901', 'Bench', path || code || '901/', id FROM division WHERE level = 'REGION' ORDER BY id LIMIT 1
    RETURNING id
"""


class _Store:
    """A district with a warehouse and a brigade, whose engineer draws up documents of seals."""

    def __init__(self, session: Session, division_id: int) -> None:
        self.session, self.division_id, self.today, self.drawn = session, division_id, clock.today(), 0
        crew = Brigade(division_id=division_id, name="Bench")
        session.add(crew)
        session.flush()
        kinds = {StockPlaceKind.WAREHOUSE: None, StockPlaceKind.BRIGADE: crew.id}
        self.places = {
            kind: StockPlace(division_id=division_id, kind=kind, name=str(kind), keeper="Bench", brigade_id=brigade_id)
            for kind, brigade_id in kinds.items()
        }
        session.add_all(self.places.values())
        session.commit()

    def wanted(self, kind: EquipmentDocumentKind, seals: str, place: StockPlaceKind) -> DocumentRequest:
        self.drawn += 1
        given = {"seals": [seals], "seal_kind_id": 1}
        return DocumentRequest(
            kind, self.division_id, self.today, "1", "bench", given, f"bench {self.drawn}", stock_place_id=self.places[place].id
        )

    def draw(self, kind: EquipmentDocumentKind, seals: str, place: StockPlaceKind = StockPlaceKind.WAREHOUSE) -> Any:
        return equipment.submit(self.session, self.wanted(kind, seals, place), today=self.today)


def run(seals: int, base: str, known: int = KNOWN, schema_of: str | None = None) -> dict[str, Any]:
    """Measure on a server and return the figures; ``base`` is the address of any database of it.

    :param known: seals of the register before
    :param schema_of: a database of the server that has the schema and nothing else
    """
    url = _url(base, "bench_seals")
    _database(base, "bench_seals", schema_of)
    schema.upgrade(config.database_url(url))
    division_id = _scalar(url, _DISTRICT)
    engine = create_engine(config.database_url(url))
    scope = f"SET app.divisions = '{{{division_id}}}'; SET app.actor = 'bench'; SET ROLE pcb_web"
    event.listen(engine, "connect", lambda connection, _: connection.execute(scope) and connection.commit())
    with Session(engine) as session:
        store = _Store(session, division_id)
        for place in range(-(-known // seals)):
            store.draw(EquipmentDocumentKind.RECEIVE_SEALS, _range("K", place * seals + 1, (place + 1) * seals))
            session.commit()
        _execute(url, "VACUUM ANALYZE seal, seal_movement")
        asked = _measured(session, store, seals, store.today)
    engine.dispose()
    worst = max(told["seconds"] for told in asked.values())
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seals": seals, "known": known, "worst_ratio": round(worst / LIMIT_S, 3), "rss_mb": round(rss), "asked": asked}


def _range(series: str, first: int, last: int) -> str:
    return f"{series}-{first:08d} .. {series}-{last:08d}"


def _measured(session: Session, store: _Store, seals: int, today: date) -> dict[str, Any]:
    """Return how long each document takes, with its commit."""
    kinds, new = EquipmentDocumentKind, _range("N", 1, seals)
    receipt = store.wanted(kinds.RECEIVE_SEALS, new, StockPlaceKind.WAREHOUSE)
    half = _range("N", seals // 2 + 1, seals + seals // 2)
    asked = {
        "receipt: preview": _timed(session, seals, lambda: equipment.preview(session, receipt, today=today)),
        "receipt": _timed(session, seals, lambda: equipment.submit(session, receipt, today=today)),
        "receipt, half of the numbers stand already": _timed(session, seals, lambda: store.draw(kinds.RECEIVE_SEALS, half)),
        "issue to a brigade": _timed(session, seals, lambda: store.draw(kinds.ISSUE_SEALS, new, StockPlaceKind.BRIGADE)),
    }
    returned = store.draw(kinds.RETURN_SEALS, new)
    session.commit()
    undo = equipment.reversal_of(returned, reason="bench", reference="bench undo")
    kept = store.places[StockPlaceKind.BRIGADE].id
    return asked | {
        "return taken back by a counter-document": _timed(session, seals, lambda: equipment.submit(session, undo, today=today)),
        "stock of the brigade on a day": _timed(session, seals, lambda: queries.stock(session, kept, today)),
    }


def _timed(session: Session, seals: int, work: Callable[[], Any]) -> dict[str, Any]:
    begun = time.perf_counter()
    work()
    session.commit()
    seconds = time.perf_counter() - begun
    return {"seconds": round(seconds, 2), "us_a_seal": round(seconds / seals * 1e6, 1), "ratio": round(seconds / LIMIT_S, 3)}


def main() -> None:
    """Measure with the number of seals given, 100,000 if none is, and print the figures."""
    figures = run(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, Cluster(VAR).ensure().database_url)
    office.show(figures["asked"])
    keep("seals", figures)


if __name__ == "__main__":
    main()
