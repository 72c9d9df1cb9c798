"""How fast readings of devices are taken from a file: read in its child, matched, judged by all rules, recorded; against the limit.

``make bench-readings ROWS=1000000`` makes a country of as many meters, billed for a month, and a file with a reading of each: of a
hundred one is of an unknown device, and one is doubtful, refused or of another register. It takes the file as the job does and ends with
one line of JSON. The limit is 50,000 rows a second and 350 MB.
"""

import resource
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import create_engine, event, text
from sqlalchemy.orm import Session

import config
from app.cli import schema
from app.domain.metering import ImportContent, ReadingSource
from app.gateways.device_data import read_device_file
from app.models.metering import ReadingImport
from app.services import administration, metering
from bench import country
from bench.billing import VAR, Cluster, _database, _url, keep

LIMIT_ROWS_PER_S, LIMIT_MB = 50_000, 350
TODAY, NOW = date(2026, 2, 11), datetime(2026, 2, 11, 6, 0, tzinfo=UTC)


def run(rows: int, base: str, folder: Path, schema_of: str | None = None) -> dict[str, Any]:
    """Measure on a server and return the figures; ``base`` is the address of any database of it.

    :param schema_of: a database of the server that has the schema and nothing else
    """
    url = _url(base, "bench_readings")
    _database(base, "bench_readings", schema_of)
    schema.upgrade(config.database_url(url))
    country.make(url, rows, 1)
    path = folder / "devices.csv"
    _write(url, path)
    engine = create_engine(config.database_url(url))
    event.listen(engine, "connect", lambda connection, _: connection.execute("SET ROLE pcb_worker") and connection.commit())
    with Session(engine) as session:
        target = _import(session)
        began = time.perf_counter()
        for chunk in read_device_file(path):
            metering.take_rows(session, target, chunk, source=ReadingSource.TELEMETRY, today=TODAY, now=NOW)
            session.commit()
        metering.finish(session, target)
        session.commit()
        seconds = time.perf_counter() - began
        figures = {name: getattr(target, name) for name in ("received", "accepted", "held", "parked", "rejected")}
    engine.dispose()
    path.unlink()
    own, child = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    speed = figures["received"] / seconds
    return {
        **figures, "rows_per_s": round(speed), "ratio_to_limit": round(speed / LIMIT_ROWS_PER_S, 2), "rss_mb": round(own),
        "child_rss_mb": round(child), "ratio_of_memory": round(own / LIMIT_MB, 2),
    }  # fmt: skip


def _write(url: str, path: Path) -> None:
    """Write a reading of each meter that is installed; the country's meters were read last on the 27th of January."""
    statement = """
        SELECT m.serial_number, x.dial_milli / 1000 + 20 + i.id % 60, i.id FROM meter_installation i JOIN device m ON m.id = i.meter_id
        JOIN LATERAL (SELECT dial_milli FROM reading r WHERE r.meter_installation_id = i.id ORDER BY read_on DESC LIMIT 1) x ON true
        WHERE i.valid_to IS NULL ORDER BY i.id
        """
    with psycopg.connect(url) as connection, path.open("w", encoding="utf-8") as file:
        file.write("meter;register;time;reading;quality\n")
        for serial, dial, number in connection.cursor(name="meters").execute(statement):
            device = f"N{number}" if number % 100 == 7 else serial
            shown = "12x4" if number % 400 == 1 else dial - 5000 if number % 400 == 101 else dial
            register = "NIGHT" if number % 400 == 201 else "TOTAL"
            quality = "E" if number % 400 == 301 else "A"
            file.write(f"{device};{register};2026-02-10T{number % 24:02}:{number % 60:02}:00+05:00;{shown};{quality}\n")


def _import(session: Session) -> ReadingImport:
    division = session.execute(text("SELECT id FROM division WHERE parent_id IS NULL")).scalar_one()
    stored = administration.store_file(session, division_id=division, name="devices.csv", media_type="text/csv", content=b"devices")
    target = ReadingImport(division_id=division, stored_file_id=stored.id, content=ImportContent.DEVICES)
    session.add(target)
    session.commit()
    return target


if __name__ == "__main__":
    keep("readings", run(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, Cluster(VAR).ensure().database_url, VAR))
