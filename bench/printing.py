"""How fast bills are printed: one at a time as pages of tags, and many at once, drawn by several processes.

``make bench-printing BILLS=10000`` makes a database of its own under ``var/bench``, prints a month of it, and ends with one
line of JSON: bills_per_s (the job's way), processes, rss_mb of the largest process, cpu_ms_per_bill (of ours alone),
database_cpu_ms_per_bill, and bills_per_cpu_s, which holds also where the machine is shared.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import config  # noqa: E402
from app.cli.servers import Servers  # noqa: E402
from app.documents.billing import bills as papers  # noqa: E402
from app.documents.sheets import html  # noqa: E402
from app.domain.administration import JobKind  # noqa: E402
from app.extensions import Scope, db, set_scope  # noqa: E402
from app.factory import create_app  # noqa: E402
from app.jobs import documents  # noqa: E402
from app.jobs.administration import processes  # noqa: E402
from app.queries.billing import prints  # noqa: E402
from tests.databases import environment, fresh_database, make_bare_database  # noqa: E402

TODAY = date(2026, 11, 1)
#: Bills printed by the slower way; its rate does not depend on how many there are.
SAMPLE = 40
_TICKS = os.sysconf("SC_CLK_TCK")


class Measured(NamedTuple):
    """A way of printing: how many, how long, and what it cost the processors, ours and the database's."""

    way: str
    processes: int
    bills: int
    seconds: float
    cpu_s: float
    database_cpu_s: float


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--bills", type=int, default=10_000)
    options.add_argument("--database", help="an address of a database that is there already")
    options.add_argument("--queue", help="an address of a queue that is there already")
    asked = options.parse_args()
    if asked.database and asked.queue:
        url, queue = asked.database, asked.queue
    else:
        servers = Servers(ROOT / "var" / "bench").ensure()
        url, queue = asked.database or load(servers, asked.bills), servers.redis_url
    app = create_app(config.settings(environment(url, queue, DATABASE_ROLE="pcb_worker")))
    with app.test_request_context():
        set_scope(Scope(actor="bench", today=TODAY, everywhere=True))
        ids = bills(asked.bills)
        one = measured("one a document", 1, ids[:SAMPLE], alone)
        alike = measured("drawn, one process", 1, ids[: documents.BATCH * 2], drawn)
        many = measured(f"{documents.BATCH} a document", processes.count(), ids, together)
    report([one, alike, many])


def load(servers: Servers, count: int) -> str:
    make_bare_database(servers.database_url)
    url = fresh_database(servers.database_url, "pc_billing_bench_print")
    command = [sys.executable, "-m", "flask", "--app", "run", "demo", "load", "--accounts", str(count + count // 4), "--months", "1"]
    subprocess.run(command, check=True, cwd=ROOT, env=environment(url, servers.redis_url), stdout=subprocess.DEVNULL)
    return url


def bills(count: int) -> list[int]:
    statement = "SELECT id FROM division WHERE parent_id IS NULL"
    root = db.session().connection().exec_driver_sql(statement).scalar()
    month = db.session().connection().exec_driver_sql("SELECT billing_month FROM bill GROUP BY 1 ORDER BY count(*) DESC LIMIT 1").scalar()
    print_batches = prints.print_batches(db.session(), division_id=int(root or 0), month=month, by_mahalla=True, limit=documents.BATCH)
    return [bill for batch in print_batches for bill in batch.bill_ids][:count]


def pieces(ids: list[int]) -> list[documents.Batch]:
    parts = [ids[start : start + documents.BATCH] for start in range(0, len(ids), documents.BATCH)]
    return [documents.Batch("bench", JobKind.BILL_PRINT, part, TODAY, TODAY) for part in parts]


def alone(ids: list[int]) -> int:
    return sum(bool(html.printed(sheet)) for each in ids for sheet in papers.bill_sheets(db.session(), [each], {}))


def drawn(ids: list[int]) -> int:
    return sum(documents.printed(piece).papers for piece in pieces(ids))


def together(ids: list[int]) -> int:
    return sum(each.papers for each in processes.spread(documents.printed, pieces(ids), actor="bench", processes=processes.count()))


def measured(way: str, many: int, ids: list[int], print_: Callable[[list[int]], int]) -> Measured:
    print_(ids[:2])
    begun, ours, servers = time.perf_counter(), own_cpu_s(), database_cpu_s()
    printed = print_(ids)
    assert printed == len(ids), "every bill is printed"
    return Measured(way, many, len(ids), time.perf_counter() - begun, own_cpu_s() - ours, database_cpu_s() - servers)


def own_cpu_s() -> float:
    """Return the processor seconds of this process and of those it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def database_cpu_s() -> float:
    """Return the processor seconds of the database's server: of its processes that live, and of those that are over."""
    postmaster = int(db.session().connection().exec_driver_sql("SELECT pg_backend_pid()").scalar() or 0)
    parent = int(Path(f"/proc/{postmaster}/stat").read_text().rpartition(")")[2].split()[1])
    return sum(_ticks(stat, parent) for stat in Path("/proc").glob("[0-9]*/stat")) / _TICKS


def _ticks(stat: Path, parent: int) -> int:
    try:
        fields = stat.read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    if int(stat.parent.name) == parent:
        return sum(map(int, fields[13:15]))
    return sum(map(int, fields[11:13])) if int(fields[1]) == parent else 0


def report(table: list[Measured]) -> None:
    print(f"{'way':<20} {'processes':>9} {'bills':>7} {'bills/s':>8} {'cpu ms a bill':>13} {'database ms':>12}")
    for row in table:
        each = 1000 / row.bills
        print(
            f"{row.way:<20} {row.processes:>9} {row.bills:>7} {row.bills / row.seconds:>8.1f} {row.cpu_s * each:>13.1f} "
            f"{row.database_cpu_s * each:>12.1f}"
        )
    best, largest = table[-1], max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    cpu_s = best.cpu_s + best.database_cpu_s
    found = {
        "bills": best.bills, "bills_per_s": round(best.bills / best.seconds, 1), "processes": best.processes,
        "rss_mb": round(largest / 1024), "cpu_ms_per_bill": round(1000 * best.cpu_s / best.bills, 1),
        "database_cpu_ms_per_bill": round(1000 * best.database_cpu_s / best.bills, 1),
        "bills_per_cpu_s": round(best.bills / cpu_s, 1),
    }  # fmt: skip
    print(json.dumps(found))


if __name__ == "__main__":
    main()
