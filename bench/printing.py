"""How fast bills are printed: one at a time, many in a document, and by several processes.

``make bench-printing BILLS=10000`` makes a database of its own under ``var/bench``, prints a month of it, and ends with one
line of JSON: bills_per_s (the job's best way), processes, rss_mb of the largest process.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import config  # noqa: E402
from app.cli.servers import Servers  # noqa: E402
from app.domain.administration import JobKind  # noqa: E402
from app.extensions import Scope, db, set_scope  # noqa: E402
from app.factory import create_app  # noqa: E402
from app.jobs import documents  # noqa: E402
from app.jobs.administration import processes  # noqa: E402
from app.queries.billing import prints  # noqa: E402
from tests.conftest import environment, fresh_database  # noqa: E402

TODAY = date(2026, 11, 1)
#: Bills printed by the slower ways; their rate does not depend on how many there are.
SAMPLE = 60


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--bills", type=int, default=10_000)
    options.add_argument("--database", help="an address of a database that is there already")
    asked = options.parse_args()
    servers = Servers(ROOT / "var" / "bench").ensure()
    url = asked.database or load(servers, asked.bills)
    app = create_app(config.settings(environment(url, servers.redis_url, DATABASE_ROLE="pcb_worker")))
    with app.app_context():
        set_scope(Scope(actor="bench", today=TODAY, everywhere=True))
        ids = bills(asked.bills)
        table = [
            ("one a document", 1, len(ids[:SAMPLE]), rate(ids[:SAMPLE], 1, alone)),
            *((f"{size} a document", 1, len(ids[:SAMPLE]), rate(ids[:SAMPLE], size, alone)) for size in (10, 30)),
            (f"{documents.BATCH} a document", processes.count(), len(ids), rate(ids, documents.BATCH, together)),
        ]
    report(table)


def load(servers: Servers, count: int) -> str:
    url = fresh_database(servers.database_url, "pc_billing_bench_print")
    command = [sys.executable, "-m", "flask", "--app", "run", "demo", "load", "--accounts", str(count + count // 4), "--months", "1"]
    subprocess.run(command, check=True, cwd=ROOT, env=environment(url, servers.redis_url), stdout=subprocess.DEVNULL)
    return url


def bills(count: int) -> list[int]:
    statement = "SELECT id FROM division WHERE parent_id IS NULL"
    root = db.session().connection().exec_driver_sql(statement).scalar()
    month = db.session().connection().exec_driver_sql("SELECT max(billing_month) FROM bill").scalar()
    print_batches = prints.print_batches(db.session(), division_id=int(root or 0), month=month, by_mahalla=True, limit=documents.BATCH)
    return [bill for batch in print_batches for bill in batch.bill_ids][:count]


def pieces(ids: list[int], size: int) -> list[documents.Batch]:
    parts = [ids[start : start + size] for start in range(0, len(ids), size)]
    return [documents.Batch("bench", JobKind.BILL_PRINT, part, TODAY, TODAY, TODAY) for part in parts]


def alone(work: list[documents.Batch]) -> list[documents.Printed]:
    return [documents.printed(piece) for piece in work]


def together(work: list[documents.Batch]) -> list[documents.Printed]:
    return list(processes.spread(documents.printed, work, actor="bench", processes=processes.count()))


def rate(ids: list[int], size: int, way: Callable[[list[documents.Batch]], list[documents.Printed]]) -> float:
    work = pieces(ids, size)
    documents.printed(work[0])
    begun = time.perf_counter()
    made = way(work)
    taken = time.perf_counter() - begun
    assert sum(each.papers for each in made) == len(ids), "every bill is printed"
    return len(ids) / taken


def report(table: list[tuple[str, int, int, float]]) -> None:
    print(f"{'way':<20} {'processes':>9} {'bills':>7} {'bills/s':>8}")
    for way, many, count, per_second in table:
        print(f"{way:<20} {many:>9} {count:>7} {per_second:>8.1f}")
    largest = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    _way, many, count, best = table[-1]
    print(json.dumps({"bills": count, "bills_per_s": round(best, 1), "processes": many, "rss_mb": round(largest / 1024)}))


if __name__ == "__main__":
    main()
