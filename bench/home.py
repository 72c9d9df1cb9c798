"""How long the home pages of roles take in a country, the first time and later, and what an open one asks for.

``make bench-home ACCOUNTS=20000`` serves the country of ``bench.office`` as in production after the database was started anew, counts the
figures as the worker does, and lets users of the whole company and of a district ask for their homes. It prints the first time (nothing is
in the caches of database and application), p50 and p95, statements and the ratio of the first time to the limit; the last line is JSON.
Figures are read from kept sums, so what matters is the number of divisions, not that of bills: compare two sizes.
"""

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import config
from app.domain.administration import roles
from app.factory import create_app
from app.jobs import indicators, runner
from bench import office
from bench.billing import _scalar, keep
from bench.served import User, served

LIMIT_MS, TIMES = 1000, 11
USERS = (
    User("bench-home-supervisor", [roles.SUPERVISOR]),
    User("bench-home-operator", [roles.BILLING_OPERATOR]),
    User("bench-home-lawyer", [roles.LAWYER]),
    User("bench-home-district", [roles.SUPERVISOR], "level = 'DISTRICT'"),
)
PATHS = {"home": "/", "figures of today": "/figures.json?today=y", "all figures": "/figures.json"}


def run(accounts: int) -> dict[str, Any]:
    """Measure on a server of its own and return the figures."""
    servers = office.cluster()
    url = office.make(servers.database_url, accounts)
    with ProcessPoolExecutor(1, get_context("spawn")) as apart:  # one application a process
        counted_s, pieces = apart.submit(_count, url, servers.redis_url, str(servers.var)).result()
    servers.stop()
    servers = office.cluster()
    found: dict[str, dict[str, Any]] = {}
    with served(url, servers.redis_url, servers.var, USERS) as site:
        for user in USERS:
            client = site.log_in(user.name)
            for title, path in PATHS.items():
                began = time.perf_counter()
                client.get(path).raise_for_status()
                first = (time.perf_counter() - began) * 1000
                cost = site.asked(client, path, times=TIMES)
                assert cost is not None
                told = {"first_ms": round(first, 1), **cost.told(), "ratio": round(first / LIMIT_MS, 2)}
                found[f"{user.name.removeprefix('bench-home-')}: {title}"] = told
    bills = _scalar(url, "SELECT count(*) FROM bill")
    return {"accounts": accounts, "bills": bills, "counted_s": counted_s, "pieces": pieces, "asked": found}


def _count(url: str, redis_url: str, var: str) -> tuple[float, int]:
    """Count what is due as the worker does and return how long it took, and how many pieces there were."""
    environment = {"DATABASE_URL": url, "REDIS_URL": redis_url, "SECRET_KEY": "b" * 64, "PC_BILLING_VAR": var}
    app = create_app(config.settings(environment) | {"DATABASE_ROLE": "pcb_worker", "RATELIMIT_STORAGE_URI": "memory://"})
    with app.app_context():
        runner.enter_worker("scheduler")
        began = time.perf_counter()
        pieces = indicators.keep_all()
        return round(time.perf_counter() - began, 1), pieces


if __name__ == "__main__":
    figures = run(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
    print(f"counted {figures['pieces']} months of regions in {figures['counted_s']} s, {figures['bills']:,} bills")
    office.show(figures["asked"])
    keep("home", figures)
