"""How fast a month is billed: our jobs in two processes, the plain COPY of the same rows, and a per-account ORM loop, in one run.

``python -m bench.billing 100000`` prints a table and, as its last line, one JSON object. ``python -m bench.billing curve 100000
1000000`` posts countries of several sizes only, and shows that an account costs the same in each. ``HISTORY=12`` tells how many
months were billed before; of ``HISTORY="12 36"`` each is measured. ``python -m bench.billing upkeep 100000`` tells what of the posting
the kept sums take.
"""

import json
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

import config
from app.cli import schema
from app.cli.servers import Servers
from bench import country

VAR = Path(__file__).resolve().parent.parent / "var" / "bench"
RESULTS = Path(__file__).resolve().parent / "results"
#: Written by a bill run, parents first.
TABLES = ("bill", "bill_line", "consumption", "debt", "allocation", "ledger_entry", "account_balance")
CHUNK, ORM_SAMPLE = 10_000, 300
#: Which of a table's rows the measured run wrote; bills of the months before are numbered up to ``before``.
_OF_RUN = {
    "bill": "t.id > {before}", "bill_line": "t.bill_id > {before}", "consumption": "t.bill_id > {before}", "debt": "t.bill_id > {before}",
    "allocation": "t.id > {before}", "ledger_entry": f"t.billing_month = '{country.MONTH}'",
    "account_balance": f"t.billing_month = '{country.MONTH}'",
}  # fmt: skip


class Cluster(Servers):
    """PostgreSQL alone, in its own directory, with the memory a country's server gives it: a quarter for pages, checkpoints far apart."""

    settings = (
        *Servers.settings,
        f"shared_buffers={os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') // 4 >> 20}MB",
        "max_wal_size=16GB",
    )

    def _start_valkey(self) -> None:
        pass

    def _valkey_answers(self) -> bool:
        return False


def run(
    accounts: int, base: str, var: Path, processes: int = 2, orm_sample: int = ORM_SAMPLE, history: int = 0, schema_of: str | None = None
) -> dict[str, Any]:
    """Measure all on a server and return the figures; ``base`` is the address of any database of it.

    :param schema_of: a database of the server that has the schema and nothing else
    :param history: months that were billed before
    """
    urls = {name: _url(base, f"bench_{name}") for name in ("country", "ours", "copy", "bare", "orm")}
    _database(base, "bench_country", schema_of)
    schema.upgrade(config.database_url(urls["country"]))
    making = _timed(lambda: country.make(urls["country"], accounts, history))
    for name in ("ours", "copy", "bare", "orm"):
        _database(base, f"bench_{name}", "bench_country")
    _execute(urls["bare"], *(f"ALTER TABLE {table} DISABLE TRIGGER {table}_references" for table in TABLES))
    ours, rss, steps = _post(urls["ours"], processes)
    written = {table: chosen.format(before=history * accounts) for table, chosen in _OF_RUN.items()}
    counts = {table: _scalar(urls["ours"], f"SELECT count(*) FROM {table} t WHERE {chosen}") for table, chosen in written.items()}
    sums = _scalar(urls["ours"], f"SELECT sum(amount_tiyin) FROM bill t WHERE {written['bill']}")
    folder = var / "rows"
    parts = _export(urls["ours"], folder, accounts, min(CHUNK, -(-accounts // processes)), written)
    limit = _copy_all(urls["copy"], folder, parts, processes)
    bare = _copy_all(urls["bare"], folder, parts, processes)
    orm = _orm(urls["orm"], orm_sample)
    return {
        "accounts": accounts,
        "history_months": history,
        "bills": counts["bill"],
        "rows": sum(counts.values()),
        "amount_tiyin": int(sums or 0),
        "processes": processes,
        "accounts_per_s": round(accounts / ours),
        "copy_accounts_per_s": round(accounts / limit),
        "copy_unchecked_accounts_per_s": round(accounts / bare),
        "orm_accounts_per_s": round(orm, 1),
        "ratio_to_copy": round(limit / ours, 3),
        "ratio_to_copy_unchecked": round(bare / ours, 3),
        "ratio_to_orm": round(accounts / ours / orm),
        "rss_mb": round(max(rss)),
        "seconds": round(ours, 2),
        "first_step_us_per_account": steps[0],
        "last_step_us_per_account": steps[1],
        "making_s": round(making, 1),
        "load_before": round(os.getloadavg()[2], 2),
    }


def curve(sizes: list[int], base: str, processes: int = 2, history: int = 0) -> list[dict[str, Any]]:
    """Post the month of countries of several sizes, and return what an account of each took."""
    found = []
    for accounts in sizes:
        url = _url(base, "bench_curve")
        _database(base, "bench_curve")
        schema.upgrade(config.database_url(url))
        country.make(url, accounts, history)
        seconds, rss, steps = _post(url, processes)
        assert _scalar(url, f"SELECT count(*) FROM bill WHERE billing_month = '{country.MONTH}'") == accounts
        found.append({
            "accounts": accounts, "history_months": history, "seconds": round(seconds, 2), "accounts_per_s": round(accounts / seconds),
            "us_per_account": round(seconds / accounts * 1e6, 1), "rss_mb": round(max(rss)),
            "first_step_us_per_account": steps[0], "last_step_us_per_account": steps[1],
        })  # fmt: skip
        print(json.dumps(found[-1]), flush=True)
    _execute(base, "DROP DATABASE bench_curve WITH (FORCE)")
    return found


def upkeep(accounts: int, base: str, history: int = 0) -> dict[str, Any]:
    """Post the month of a country by one process, and return what of it the kept sums and the proof at the end of each run took.

    All is measured in the same run, so a busy machine is as busy for the parts as for the whole.
    """
    url = _url(base, "bench_upkeep")
    _database(base, "bench_upkeep")
    schema.upgrade(config.database_url(url))
    country.make(url, accounts, history)
    seconds, reports = _together(_watched_poster, 1, url, _jobs(url))
    parts = reports[0][1]
    posting = seconds - parts["proof"]
    _execute(base, "DROP DATABASE bench_upkeep WITH (FORCE)")
    return {
        "accounts": accounts, "history_months": history, "seconds": round(seconds, 2),
        "turnover_s": round(parts["turnover"], 2), "debt_totals_s": round(parts["debt_totals"], 2), "proof_s": round(parts["proof"], 2),
        "upkeep_percent_of_posting": round(100 * (parts["turnover"] + parts["debt_totals"]) / posting, 2),
        "proof_percent_of_posting": round(100 * parts["proof"] / posting, 2),
    }  # fmt: skip


def _watched_poster(url: str, jobs: Any, ready: Any, results: Any) -> None:
    with _application(url):
        from app.extensions import db  # noqa: PLC0415
        from app.jobs import billing as billing_jobs  # noqa: PLC0415
        from app.jobs.runner import perform  # noqa: PLC0415
        from app.services.ledger import posting, totals  # noqa: PLC0415

        parts = {"turnover": 0.0, "debt_totals": 0.0, "proof": 0.0}
        for part, owner, name in (
            ("turnover", posting, "_add_turnover"),
            ("debt_totals", totals, "add_debts"),
            ("proof", billing_jobs, "found_in_snapshot"),
        ):
            setattr(owner, name, _watched(getattr(owner, name), parts, part))
        db.session.remove()
        ready.wait()
        while (job := jobs.get()) is not None:
            perform(job)
        results.put((0.0, parts))


def _watched(function: Callable[..., Any], parts: dict[str, float], part: str) -> Callable[..., Any]:
    def call(*given: Any, **named: Any) -> Any:
        began = time.perf_counter()
        try:
            return function(*given, **named)
        finally:
            parts[part] += time.perf_counter() - began

    return call


def _jobs(url: str) -> list[int]:
    """Return the jobs that post the districts, the largest first."""
    with psycopg.connect(url) as connection:
        return [
            row[0]
            for row in connection.execute(
                "SELECT j.id FROM job_run j JOIN division r ON r.id = j.division_id JOIN division d ON d.parent_id = r.id "
                "JOIN account a ON a.division_id = d.id GROUP BY j.id ORDER BY count(*) DESC, j.id"
            )
        ]


def _post(url: str, processes: int) -> tuple[float, list[float], tuple[int, int]]:
    """Post all runs by the real jobs; return the seconds, each process's memory, and microseconds an account of the first and last job."""
    seconds, results = _together(_poster, processes, url, _jobs(url))
    each = sorted(step for _, steps in results for step in steps)
    return seconds, [rss for rss, _ in results], (each[0], each[-1]) if each else (0, 0)


def _poster(url: str, jobs: Any, ready: Any, results: Any) -> None:
    with _application(url):
        from app.extensions import db  # noqa: PLC0415
        from app.jobs.runner import perform  # noqa: PLC0415

        db.session.remove()
        ready.wait()
        steps = []
        while (job := jobs.get()) is not None:
            began = time.perf_counter()
            perform(job)
            done = max(1, _scalar(url, f"SELECT done FROM job_run WHERE id = {job}") or 1)
            steps.append(round((time.perf_counter() - began) / done * 1e6))
        results.put((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, steps))


def _copy_all(url: str, folder: Path, parts: int, processes: int) -> float:
    return _together(_copier, processes, url, [(str(folder), part) for part in range(parts)])[0]


def _copier(url: str, work: Any, ready: Any, results: Any) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("SET ROLE pcb_worker")
        connection.commit()
        ready.wait()
        while (each := work.get()) is not None:
            folder, part = each
            for table in TABLES:
                data = (Path(folder) / f"{table}.{part}").read_bytes()
                with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN (FORMAT BINARY)") as stream:
                    stream.write(data)
            connection.commit()
    results.put((0.0, []))


def _export(url: str, folder: Path, accounts: int, size: int, written: dict[str, str]) -> int:
    """Write the rows our run made as files of the binary format, one a table and chunk of accounts; return how many chunks."""
    folder.mkdir(parents=True, exist_ok=True)
    with psycopg.connect(url) as connection:
        for part, first in enumerate(range(1, accounts + 1, size)):
            for table in TABLES:
                key = "bill_id" if table in {"bill_line", "consumption"} else "id" if table in {"bill", "ledger_entry"} else "account_id"
                # A line has no index by account, so it is found by its bill.
                found = "bill" if table == "bill_line" else table
                lines = f"SELECT l.* FROM bill t JOIN bill_line l ON l.bill_id = t.id WHERE {{}} ORDER BY {key}, l.line_no"
                rows = f"SELECT * FROM {table} t WHERE {{}} ORDER BY {key}"
                of_part = f"t.account_id BETWEEN {first} AND {first + size - 1} AND {written[found]}"
                chosen = (lines if table == "bill_line" else rows).format(of_part)
                with connection.cursor() as cursor, cursor.copy(f"COPY ({chosen}) TO STDOUT (FORMAT BINARY)") as stream:
                    (folder / f"{table}.{part}").write_bytes(b"".join(bytes(block) for block in stream))
    return -(-accounts // size)


def _orm(url: str, sample: int) -> float:
    """Bill some accounts one by one, an object a row and a commit an account; return accounts a second."""
    with _application(url):
        from bench.orm_loop import bill_accounts  # noqa: PLC0415

        return bill_accounts(sample)


@contextmanager
def _application(url: str) -> Iterator[None]:
    """Be a worker of the application on a database."""
    from app.extensions import db  # noqa: PLC0415
    from app.factory import create_app  # noqa: PLC0415
    from app.jobs.runner import enter_worker  # noqa: PLC0415

    environment = {"DATABASE_URL": url, "REDIS_URL": "redis://localhost:1", "SECRET_KEY": "b" * 40, "DATABASE_ROLE": "pcb_worker"}
    app = create_app(config.settings(environment | {"PC_BILLING_VAR": str(VAR)}) | {"RATELIMIT_STORAGE_URI": "memory://"})
    with app.app_context():
        enter_worker("bench")
        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()


def _together(target: Callable[..., None], processes: int, url: str, work: list[Any]) -> tuple[float, list[Any]]:
    """Let processes share out work; return the seconds from their common start to the last one's end, and what they report."""
    context = multiprocessing.get_context("spawn")
    queue, results, ready = context.Queue(), context.Queue(), context.Barrier(processes + 1)
    for each in [*work, *[None] * processes]:
        queue.put(each)
    workers = [context.Process(target=target, args=(url, queue, ready, results)) for _ in range(processes)]
    for worker in workers:
        worker.start()
    ready.wait(timeout=120)
    began = time.perf_counter()
    reports = [results.get(timeout=7200) for _ in workers]
    seconds = time.perf_counter() - began
    for worker in workers:
        worker.join()
    return seconds, reports


def _database(base: str, name: str, template: str | None = None) -> None:
    copied = f" TEMPLATE {template} STRATEGY FILE_COPY" if template else ""
    _execute(base, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}{copied}")


def _url(base: str, name: str) -> str:
    address, _, options = base.partition("?")
    return f"{address.rsplit('/', 1)[0]}/{name}" + (f"?{options}" if options else "")


def _execute(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def _scalar(url: str, statement: str) -> Any:
    with psycopg.connect(url) as connection:
        row = connection.execute(statement).fetchone()
        return row[0] if row else None


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def keep(name: str, found: Any) -> None:
    """Print figures as a table and a JSON line, and keep them."""
    if isinstance(found, dict):
        for title, value in found.items():
            if isinstance(value, dict):
                continue
            print(f"{title:32} {str(value) if isinstance(value, list) else format(value, ','):>16}")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found))


def main(arguments: list[str]) -> None:
    """Measure on an own server, print the table and the JSON line, and keep the result."""
    base = Cluster(VAR).ensure().database_url
    for history in map(int, os.environ.get("HISTORY", "12").split()):
        if arguments[0] == "curve":
            keep(f"billing-curve-{history}", curve([int(each) for each in arguments[1:]], base, history=history))
        elif arguments[0] == "upkeep":
            keep("billing-upkeep", upkeep(int(arguments[1]), base, history))
        else:
            keep(f"billing-{arguments[0]}-{history}", run(int(arguments[0]), base, VAR, history=history))


if __name__ == "__main__":
    main(sys.argv[1:])
