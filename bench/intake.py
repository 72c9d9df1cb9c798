"""How fast payments are taken: PAYNET's JSON-RPC over HTTP with 32 connections, against pgbench running the same statement.

``make bench-intake SECONDS=10`` starts the intake server on a database of its own under ``var/bench``, lets wrk and pgbench take turns,
counts what was acknowledged and what is in the database, and ends with one line of JSON: payments_per_s, pgbench_per_s, ratio (the
medians of the turns), p99_ms, the same in mean times of pgbench's calls, how many connections each worker had, and how much of the
machine was idle before and during the turns: a machine that others use shows less than we can.
"""

import base64
import hashlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.request import urlopen

import psutil
import psycopg

import config
from app.cli import schema
from app.cli.servers import postgresql_binary
from app.services.payments import tenders
from bench import country
from bench.billing import VAR, Cluster, _database, _scalar, _url, keep

ACCOUNTS, CONNECTIONS, WORKERS, ROUNDS, PORT = 20_000, 32, 2, 3, 8097
KEY, LOGIN = "bench-key", "bench"
PGBENCH = postgresql_binary("pgbench")
Result = TypeVar("Result")

#: Every thread of wrk numbers its transactions apart; the answers are counted by whether they bear a result.
LUA = """
local thread_number = 0
threads = {}
function setup(thread)
   thread:set("number", thread_number); thread_number = thread_number + 1; table.insert(threads, thread)
end
function init(args)
   sent = 0; base = tonumber(args[1]) + number * 1000000000; good = 0
   wrk.method = "POST"; wrk.headers["Authorization"] = "Basic " .. args[2]; wrk.headers["Content-Type"] = "application/json"
end
function request()
   sent = sent + 1
   local account = string.format("%012.0f", (base + sent * 7919) % ACCOUNTS + 1)
   local key = string.format("%.0f", base + sent)
   return wrk.format(nil, "/api/paynet", nil, '{"jsonrpc":"2.0","method":"PerformTransaction","id":' .. sent ..
      ',"params":{"serviceId":7,"transactionId":' .. key .. ',"amount":150000,"time":"2026-11-27 11:06:00",' ..
      '"fields":{"client_id":"' .. account .. '"}}}')
end
function response(status, headers, body) if body:find('"result"') then good = good + 1 end end
function done(summary, latency, requests)
   local all = 0
   for _, thread in ipairs(threads) do all = all + thread:get("good") end
   io.write(string.format('RESULT {"good": %d, "requests": %d, "seconds": %.3f, "p50_ms": %.2f, "p99_ms": %.2f, "most_ms": %.2f}\\n',
      all, summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end
"""


def run(seconds: int) -> dict[str, Any]:
    """Measure, and return the figures."""
    wrk = shutil.which("wrk")
    if wrk is None:
        sys.exit("wrk is missing: apt-get install wrk")
    base = Cluster(VAR).ensure().database_url
    url = _url(base, "bench_intake")
    _database(base, "bench_intake")
    schema.upgrade(config.database_url(url))
    country.make(url, ACCOUNTS)
    contract, control = _prepare(url)
    (VAR / "pay.lua").write_text(f"ACCOUNTS = {ACCOUNTS}\n{LUA}")
    (VAR / "pay.sql").write_text(_pgbench_script(contract, control))
    idle, _ = _idle(lambda: time.sleep(1))
    server = _serve(url)
    try:
        _wrk(wrk, 2, 0)
        turns = [_turn(wrk, url, server, seconds, turn * 10**11) for turn in range(1, ROUNDS + 1)]
    finally:
        server.terminate()
        server.wait()
    return _figures(turns) | {"idle_before": idle}


def _turn(wrk: str, url: str, server: subprocess.Popen[bytes], seconds: int, first: int) -> dict[str, Any]:
    """Let wrk pay and pgbench pay after it; return what each of them did, and how much of the machine was idle meanwhile."""
    before = _scalar(url, "SELECT count(*) FROM tender")
    with ThreadPoolExecutor(1) as watcher:
        connections = watcher.submit(_connections, server, seconds / 2)
        spent = _spent(server)
        idle_ours, ours = _idle(lambda: _wrk(wrk, seconds, first))
    ours["worker_us"] = round((_spent(server) - spent) / max(1, ours["good"]) * 1e6)
    ours["kept"] = _scalar(url, "SELECT count(*) FROM tender") - before
    idle_pgbench, rate = _idle(lambda: _pgbench(url, seconds))
    turn = {"pgbench_per_s": rate, "connections": connections.result(), "idle_ours": idle_ours, "idle_pgbench": idle_pgbench}
    print(json.dumps(ours | turn), flush=True)
    return ours | turn


def _connections(server: subprocess.Popen[bytes], after_s: float) -> list[int]:
    """Return how many clients each worker serves, some seconds from now."""
    time.sleep(after_s)
    return [
        sum(each.status == psutil.CONN_ESTABLISHED and each.laddr.port == PORT for each in worker.net_connections("tcp"))
        for worker in psutil.Process(server.pid).children()
    ]


def _spent(server: subprocess.Popen[bytes]) -> float:
    """Return the seconds of processor the workers have used so far; other users of the machine do not show in them."""
    return sum(sum(worker.cpu_times()[:2]) for worker in psutil.Process(server.pid).children())


def _idle(work: Callable[[], Result]) -> tuple[float, Result]:
    """Do something; return which share of the machine was idle meanwhile, whoever used the rest, and the result."""
    before = psutil.cpu_times()
    result = work()
    passed = [late - early for early, late in zip(before, psutil.cpu_times(), strict=True)]
    return round((passed[3] + passed[4]) / sum(passed[:8]), 2), result


def _figures(turns: list[dict[str, Any]]) -> dict[str, Any]:
    rates = [turn["good"] / turn["seconds"] for turn in turns]
    limits = [turn["pgbench_per_s"] for turn in turns]
    return {
        "connections": CONNECTIONS,
        "connections_per_worker": turns[-1]["connections"],
        "payments_per_s": round(statistics.median(rates)),
        "pgbench_per_s": round(statistics.median(limits)),
        "ratio": round(statistics.median(rate / limit for rate, limit in zip(rates, limits, strict=True)), 3),
        "worker_us_per_payment": statistics.median(turn["worker_us"] for turn in turns),
        "idle_ours": statistics.median(turn["idle_ours"] for turn in turns),
        "idle_pgbench": statistics.median(turn["idle_pgbench"] for turn in turns),
        "p50_ms": statistics.median(turn["p50_ms"] for turn in turns),
        "p99_ms": statistics.median(turn["p99_ms"] for turn in turns),
        # Milliseconds tell of the machine; this tells of us: 25 ms where pgbench pays 4,740 times a second are 3.7 of its mean times.
        "p99_in_means_of_pgbench": round(
            statistics.median(turn["p99_ms"] * turn["pgbench_per_s"] / 1e3 / CONNECTIONS for turn in turns), 2
        ),
        "acknowledged": sum(turn["good"] for turn in turns),
        # What was still under way when wrk stopped was kept and not acknowledged.
        "kept": sum(turn["kept"] for turn in turns),
        "lost": max(0, sum(turn["good"] for turn in turns) - sum(turn["kept"] for turn in turns)),
    }


def _prepare(url: str) -> tuple[int, int]:
    with psycopg.connect(url, autocommit=True) as connection:
        contract = connection.execute(
            "INSERT INTO payment_contract (channel, name, merchant_number, service_number, login, key_sha256) "
            "VALUES ('PAYNET', 'bench', '1', '7', %s, %s) RETURNING id",
            (LOGIN, hashlib.sha256(KEY.encode()).hexdigest()),
        ).fetchone()
        assert contract is not None
        control = connection.execute(
            "INSERT INTO payment_control (division_id, kind, payment_contract_id, business_day) "
            "SELECT id, 'GATEWAY_DAY', %s, (now() AT TIME ZONE 'Asia/Tashkent')::date FROM division WHERE parent_id IS NULL RETURNING id",
            contract,
        ).fetchone()
        assert control is not None
        connection.execute("VACUUM ANALYZE")
    return int(contract[0]), int(control[0])


def _pgbench_script(contract: int, control: int) -> str:
    """Return the statement of the service with one tender in it."""
    values = {
        "contract": f"ARRAY[{contract}]", "reference": "ARRAY[CAST(:reference AS text)]",
        "number": "ARRAY[lpad(CAST(:account AS text), 12, '0')]",
        "amount": "ARRAY[150000]", "provider_ms": "ARRAY[1795759560000]", "performed": "ARRAY[true]", "control": f"ARRAY[{control}]",
        "at_counter": "ARRAY[false]",
        "now_ms": "1795759561000", "today": "CAST(DATE '2026-11-27' AS date)",
    }  # fmt: skip
    statement = re.sub(r"(?<!:):([a-z_]+)", lambda found: values[found[1]], tenders._TAKE)  # noqa: SLF001 - the very statement
    return f"\\set reference random(1, 9000000000000000000)\n\\set account random(1, {ACCOUNTS})\n{' '.join(statement.split())};\n"


def _serve(url: str) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--worker-class",
        "app.api.workers.IntakeWorker",
        "--workers",
        str(WORKERS),
        "--bind",
        f"127.0.0.1:{PORT}",
    ]
    more = ["--no-control-socket", "--log-level", "warning", "app.api.server:application"]
    server = subprocess.Popen([*command, *more], env={**os.environ, "DATABASE_URL": url})
    for _ in range(300):
        try:
            with urlopen(f"http://127.0.0.1:{PORT}/healthz", timeout=1):
                return server
        except OSError:
            time.sleep(0.1)
    sys.exit("the intake server did not start")


def _wrk(wrk: str, seconds: int, first: int) -> dict[str, Any]:
    credentials = base64.b64encode(f"{LOGIN}:{KEY}".encode()).decode()
    command = [
        wrk,
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{seconds}s",
        "-s",
        str(VAR / "pay.lua"),
        f"http://127.0.0.1:{PORT}/",
        "--",
        str(first),
        credentials,
    ]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"RESULT (\{.*\})", printed)
    assert found is not None, printed
    result: dict[str, Any] = json.loads(found[1])
    return result


def _pgbench(url: str, seconds: int) -> float:
    command = [str(PGBENCH), "-n", "-M", "prepared", f"-c{CONNECTIONS}", "-j1", f"-T{seconds}", "-f", str(VAR / "pay.sql"), url]
    # As the intake server does it.
    options = {**os.environ, "PGOPTIONS": "-c role=pcb_worker -c app.actor=intake"}
    printed = subprocess.run(command, check=True, capture_output=True, text=True, env=options)
    found = re.search(r"tps = ([0-9.]+)", printed.stdout)
    assert found is not None, printed
    return float(found[1])


if __name__ == "__main__":
    keep("intake", run(int(sys.argv[1]) if len(sys.argv) > 1 else 10))
