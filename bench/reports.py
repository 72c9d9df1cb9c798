"""How long the file of a report takes that has a row an account, what memory it needs, and when its first byte comes.

``make bench-reports ROWS=1000000`` makes the country of ``bench.office`` with so many accounts (it is kept), writes the turnover by
account of the republic by ``flask --app run report`` as CSV and XLSX, asks for the CSV over HTTP, and prints rows a second, the
largest memory of the process, the first byte, and the ratios to the limits: 100 s, 200 MB, 1 s. What a report without rows takes, which
is the start of the application, is told by itself and taken off. Of fewer rows the limit of time is less in proportion, down to 10 s.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from bench import office
from bench.billing import _scalar, keep
from bench.served import ROOT, Served, User, served

SECONDS, MEGABYTES, FIRST_BYTE_S, MILLION = 100, 200, 1, 1_000_000
USER = User("bench-republic", ["Supervisor"])
_REPORT = "account_turnover"


class Child(NamedTuple):
    """What a process took; of the processor without what the database took."""

    seconds: float
    megabytes: float
    processor_s: float


def run(rows: int) -> dict[str, Any]:
    """Measure on a server of its own and return the figures."""
    servers = office.cluster()
    url = office.make(servers.database_url, rows)
    first, last = (_scalar(url, f"SELECT to_char({end}(billing_month), 'YYYY-MM') FROM account_balance") for end in ("min", "max"))
    with tempfile.TemporaryDirectory(dir=servers.var) as folder:
        environ = {**os.environ, "DATABASE_URL": url, "REDIS_URL": servers.redis_url, "SECRET_KEY": "b" * 40}
        # The first start reads its modules from the disk, and would be taken off the others.
        _cold, start = (_written("suspense", Path(folder) / "none.csv", "csv", f"{first}..{last}", environ) for _ in range(2))
        asked: dict[str, dict[str, Any]] = {"start of the application": {"s": round(start.seconds, 1), "mb": round(start.megabytes)}}
        for kind in ("csv", "xlsx"):
            target = Path(folder) / f"report.{kind}"
            asked[kind] = _told(_written(_REPORT, target, kind, f"{first}..{last}", environ), start, target, rows)
    with served(url, servers.redis_url, servers.var, (USER,)) as site:
        asked["csv over HTTP"] = _over_http(site, f"/reports/{_REPORT}/file.csv?first={first}-01&last={last}-01", rows)
    ratios = [value for told in asked.values() for name, value in told.items() if name.startswith("ratio")]
    return {"rows": rows, "worst_ratio": max(ratios), "asked": asked}


def _written(report: str, target: Path, kind: str, period: str, environ: dict[str, str]) -> Child:
    command = [sys.executable, "-m", "flask", "--app", "run", "report", report, "--division", "17", "--period", period]
    return _child([*command, "--format", kind, "--output", str(target)], environ)


def _told(child: Child, start: Child, target: Path, rows: int) -> dict[str, Any]:
    seconds, megabytes = max(child.seconds - start.seconds, 0.1), child.megabytes - start.megabytes
    return {
        "rows_per_s": round(rows / seconds), "s": round(seconds, 1), "processor_s": round(child.processor_s - start.processor_s, 2),
        "mb": round(megabytes),
        "file_mb": round(target.stat().st_size / 1e6, 1),
        "ratio_time": round(seconds / (SECONDS * max(rows / MILLION, 0.1)), 2), "ratio_memory": round(megabytes / MEGABYTES, 2),
    }  # fmt: skip


def _child(command: list[str], environ: dict[str, str]) -> Child:
    began = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL) as process:
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return Child(time.perf_counter() - began, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime)


def _over_http(site: Served, path: str, rows: int) -> dict[str, Any]:
    client, first, size = site.log_in(USER.name), 0.0, 0
    began = time.perf_counter()
    with client.stream("GET", path) as answer:
        for part in answer.iter_raw():
            first = first or time.perf_counter() - began
            size += len(part)
    took = time.perf_counter() - began
    return {
        "rows_per_s": round(rows / took), "s": round(took, 1), "file_mb": round(size / 1e6, 1), "first_byte_s": round(first, 2),
        "ratio_time": round(took / (SECONDS * max(rows / MILLION, 0.1)), 2), "ratio_first": round(first / FIRST_BYTE_S, 2),
    }  # fmt: skip


if __name__ == "__main__":
    found = run(int(sys.argv[1]) if len(sys.argv) > 1 else MILLION)
    office.show(found["asked"])
    keep("reports", found)
