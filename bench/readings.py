"""How fast readings of devices are taken from a file: read in its child, matched, judged by all rules, recorded; against the limit.

``make bench-readings ROWS=1000000`` makes a country of as many meters, billed for a month, and a file with a reading of each: of a
hundred one is of an unknown device, and one is doubtful, refused or of another register. It takes the file as the job does and ends with
one line of JSON. The limit is 50,000 rows a second and 350 MB.
"""

import os
import resource
import sys
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psutil
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
from bench.billing import VAR, Cluster, _database, _scalar, _url, keep

LIMIT_ROWS_PER_S, LIMIT_MB = 50_000, 350
TODAY, NOW = date(2026, 2, 11), datetime(2026, 2, 11, 6, 0, tzinfo=UTC)
_COLUMNS = (
    "id, division_id, account_id, meter_installation_id, register_id, read_on, dial_milli, kind, source, replaces_id, reading_import_id"
)


def run(rows: int, base: str, folder: Path, schema_of: str | None = None, *, unknown: bool = False, accounts: int = 0) -> dict[str, Any]:
    """Measure on a server and return the figures; ``base`` is the address of any database of it.

    :param accounts: of the country, each with a meter; 0: as many as rows
    :param schema_of: a database of the server that has the schema and nothing else
    :param unknown: the file is of devices that nobody knows
    """
    url, plain = _url(base, "bench_readings"), _url(base, "bench_readings_copy")
    _database(base, "bench_readings", schema_of)
    schema.upgrade(config.database_url(url))
    country.make(url, accounts or rows, 1)
    _database(base, "bench_readings_copy", "bench_readings")
    path = folder / "devices.csv"
    _write_unknown(path, rows) if unknown else _write(url, path)
    engine = create_engine(config.database_url(url))
    event.listen(engine, "connect", lambda connection, _: connection.execute("SET ROLE pcb_worker") and connection.commit())
    with Session(engine) as session, Session(engine) as one, Session(engine) as other:
        target = _import(session)
        division_id, import_id = target.division_id, target.id
        processes = [_process(each) for each in (session, one, other)]
        used, began = _used(processes), time.perf_counter()
        for matched in metering.match_ahead(read_device_file(path), (one, other), division_id=division_id, today=TODAY):
            metering.take_matched(session, target, matched, source=ReadingSource.TELEMETRY, today=TODAY, now=NOW)
            session.commit()
        metering.finish(session, target)
        session.commit()
        seconds = time.perf_counter() - began
        spent = {name: after - used[name] for name, after in _used(processes).items()}
        figures = {name: getattr(target, name) for name in ("received", "accepted", "held", "parked", "rejected")}
    engine.dispose()
    path.unlink()
    kept = _scalar(url, "SELECT count(*) FROM parked_reading")
    assert kept == figures["parked"], kept
    own, child = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    speed = figures["received"] / seconds
    copied = _copied(url, plain, folder / "rows", import_id)
    return {
        **figures, "rows_per_s": round(speed), "ratio_to_limit": round(speed / LIMIT_ROWS_PER_S, 2),
        "copy_rows_per_s": round(figures["accepted"] / copied) if copied else None,
        "ratio_to_copy": round(copied / seconds, 3) if copied else None,
        **{f"{name}_us_of_processor": round(used / figures["received"] * 1e6, 1) for name, used in spent.items()},
        "rss_mb": round(own), "child_rss_mb": round(child), "ratio_of_memory": round(own / LIMIT_MB, 2),
        "load_before": round(os.getloadavg()[0], 2),
    }  # fmt: skip


def _process(session: Session) -> psutil.Process:
    """Return the process of the server that serves a session."""
    return psutil.Process(session.scalar(text("SELECT pg_backend_pid()")))


def _used(servers: Sequence[psutil.Process]) -> dict[str, float]:
    """Return the seconds of processor that each part has taken so far."""
    times = os.times()
    database = sum(sum(each.cpu_times()[:2]) for each in servers)
    return {"application": times.user + times.system, "child": times.children_user + times.children_system, "database": database}


def _copied(url: str, plain: str, path: Path, import_id: int) -> float:
    """Return how long plain COPY of the recorded rows into the same table takes, with all its checks; 0: none was recorded."""
    with psycopg.connect(url) as source, path.open("wb") as file:
        with source.cursor().copy(
            f"COPY (SELECT {_COLUMNS} FROM reading WHERE reading_import_id = {import_id} ORDER BY id) TO STDOUT (FORMAT BINARY)"
        ) as rows:
            file.writelines(rows)
        imports = source.execute(f"SELECT to_jsonb(i)::text FROM reading_import i WHERE id = {import_id}").fetchone()
        stored = source.execute("SELECT to_jsonb(f)::text FROM stored_file f").fetchone()
    with psycopg.connect(plain) as target:
        target.execute("SET session_replication_role = replica")
        for table, row in (("stored_file", stored), ("reading_import", imports)):
            target.execute(
                f"INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM jsonb_populate_record(NULL::{table}, %s::jsonb)", row
            )
        target.commit()
        target.execute("SET session_replication_role = origin")
        began = time.perf_counter()
        with path.open("rb") as file, target.cursor().copy(f"COPY reading ({_COLUMNS}) FROM STDIN (FORMAT BINARY)") as stream:
            while block := file.read(1 << 20):
                stream.write(block)
        target.commit()
        seconds = time.perf_counter() - began
    path.unlink()
    return seconds if import_id else 0


def _write_unknown(path: Path, rows: int) -> None:
    """Write a reading of each of as many devices that nobody knows."""
    with path.open("w", encoding="utf-8") as file:
        file.write("meter;register;time;reading;quality\n")
        file.writelines(
            f"N{number:08d};TOTAL;2026-02-10T{number % 24:02}:{number % 60:02}:00+05:00;{number % 90_000};A\n" for number in range(rows)
        )


def _write(url: str, path: Path) -> None:
    """Write a reading of each meter that is installed, of what its account usually takes since the last one."""
    statement = f"""
        SELECT m.serial_number, (x.dial_milli + coalesce(c.a_day, 3000) * (DATE '{TODAY}' - 1 - x.read_on)) / 1000, i.id
        FROM meter_installation i JOIN device m ON m.id = i.meter_id JOIN supply s ON s.service_point_id = i.service_point_id
        JOIN LATERAL (SELECT * FROM reading r WHERE r.meter_installation_id = i.id ORDER BY read_on DESC LIMIT 1) x ON true
        LEFT JOIN LATERAL (
            SELECT (sum(quantity_milli) / sum(period_to - period_from))::bigint AS a_day FROM consumption WHERE account_id = s.account_id
        ) c ON true
        WHERE i.valid_to IS NULL ORDER BY i.id
        """
    with psycopg.connect(url) as connection, path.open("w", encoding="utf-8") as file:
        file.write("meter;register;time;reading;quality\n")
        for serial, dial, number in connection.cursor(name="meters").execute(statement):
            device = f"N{number}" if number % 100 == 7 else serial
            shown = "12x4" if number % 400 == 1 else max(dial - 5000, 0) if number % 400 == 101 else dial
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
    unknown = os.environ.get("UNKNOWN") == "1"
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    accounts = int(os.environ.get("ACCOUNTS", "0"))
    figures = run(size, Cluster(VAR).ensure().database_url, VAR, unknown=unknown, accounts=accounts)
    keep("readings_unknown" if unknown else "readings", figures)
