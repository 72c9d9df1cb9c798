"""The application as it is served in production, on the database of a bench: users of every kind ask for pages and see what each cost."""

import math
import os
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import psycopg

import config
from app.cli import access
from app.factory import create_app

#: As a browser asks that follows a link of the site.
BROWSER = {"Accept-Encoding": "gzip", "Sec-Fetch-Site": "same-origin"}
WORKERS, PASSWORD = 2, "quiet-River-72-stone"
ROOT = Path(__file__).resolve().parent.parent
_TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]*)"')
#: What is asked to begin and end is no statement of a page.
_STATEMENTS = """
    SELECT coalesce(sum(calls) FILTER (WHERE query !~* '^(begin|commit|rollback|set|reset|savepoint|release)'), 0)
    FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND query !~ 'pg_stat_statements'
"""


class User(NamedTuple):
    """Who asks: with which roles, and where he works (a condition on ``division``)."""

    name: str
    roles: Sequence[str]
    where: str = "parent_id IS NULL"


class Cost(NamedTuple):
    """What a page cost, asked for several times; milliseconds.

    :ivar ms: of each time by the clock, the shortest first
    :ivar statements: how many the database was asked
    :ivar database_ms: processor time of the database, of one page
    :ivar python_ms: processor time of the application, of one page; ticks of 10 ms are spread over the times
    """

    ms: list[float]
    statements: int
    database_ms: float
    python_ms: float
    size: int

    @property
    def median(self) -> float:
        """The time of half of the answers."""
        return round(statistics.median(self.ms), 1)

    @property
    def p95(self) -> float:
        """The time of 95 of 100 answers."""
        return round(self.ms[math.ceil(len(self.ms) * 0.95) - 1], 1)

    def told(self) -> dict[str, Any]:
        """Return the figures by name."""
        return {"p50_ms": self.median, "p95_ms": self.p95, "statements": self.statements, "database_ms": self.database_ms,
                "python_ms": self.python_ms, "bytes": self.size}  # fmt: skip


class Served:
    """The running application."""

    def __init__(self, address: str, url: str, pid: int, var: Path) -> None:
        self.address, self._pid = address, pid
        self._server = int((var / "postgresql" / "postmaster.pid").read_text().split()[0])
        self._database = psycopg.connect(url, autocommit=True)
        self._database.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")

    def log_in(self, user: str) -> httpx.Client:
        """Return a browser in which a user has logged in."""
        client = httpx.Client(base_url=self.address, timeout=120, trust_env=False, headers=BROWSER)
        found = _TOKEN.search(client.get("/login/").text)
        assert found is not None
        answer = client.post("/login/", data={"username": user, "password": PASSWORD, "csrf_token": found[1]})
        assert answer.status_code == httpx.codes.FOUND, (user, answer.status_code)
        return client

    def asked(self, client: httpx.Client, path: str, *, times: int, first_byte: bool = False) -> Cost | None:
        """Ask for a page, first as often as there are workers, so that each is warm; None if the user may not see it.

        :param first_byte: wait for the first rows of a file alone
        """
        with client.stream("GET", path) as answer:
            size = 0 if first_byte else len(answer.read())
        if answer.status_code in {httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND, httpx.codes.FOUND}:
            return None
        assert answer.status_code == httpx.codes.OK, (path, answer.status_code)
        if not first_byte:
            client.get(path)
        self._database.execute("SELECT pg_stat_statements_reset()")
        before, taken = self.used_ms(), []
        for _time in range(times):
            began = time.perf_counter()
            with client.stream("GET", path) as stream:
                if first_byte:
                    _first_rows(stream)
                else:
                    stream.read()
                taken.append((time.perf_counter() - began) * 1000)
        row = self._database.execute(_STATEMENTS).fetchone()
        assert row is not None
        python, database = (now - then for now, then in zip(self.used_ms(), before, strict=True))
        return Cost(sorted(taken), round(row[0] / times), round(database / times, 1), round(python / times, 1), size)

    def used_ms(self) -> tuple[float, float]:
        """Return the processor time that the application and the database have used so far."""
        return _processor_ms(self._pid), _processor_ms(self._server)

    def largest_mb(self) -> float:
        """Return the most memory that a worker has had."""
        return max(_largest_mb(child) for child in _children(self._pid))


def processor_ms(pid: int) -> float:
    """Return the processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK_MS


def _processor_ms(pid: int) -> float:
    """Return the processor time that the children of a process have used."""
    used = 0.0
    for child in _children(pid):
        with suppress(FileNotFoundError):
            used += processor_ms(child)
    return used


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _largest_mb(pid: int) -> float:
    found = re.search(r"VmHWM:\s*(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0


def _first_rows(stream: httpx.Response) -> None:
    read = b""
    for part in stream.iter_raw():
        read += part
        if read.count(b"\n") > 1:
            return


@contextmanager
def served(url: str, redis_url: str, var: Path, users: Sequence[User]) -> Iterator[Served]:
    """Serve a database to users, who are made if they are not there."""
    environment = {"DATABASE_URL": url, "REDIS_URL": redis_url, "SECRET_KEY": "b" * 64, "PC_BILLING_VAR": str(var)}
    _make(environment, users)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [
        sys.executable, "-W", "ignore", "-m", "gunicorn", "--worker-class", "app.api.workers.WebWorker", "--workers", str(WORKERS),
        "--threads", "4", "--bind", f"127.0.0.1:{port}", "--no-control-socket", "--log-level", "warning", "run:create_web()",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment | {"PORT": port})
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(address)
        yield Served(address, url, process.pid, var)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(address: str) -> None:
    for _ in range(300):
        try:
            if httpx.get(f"{address}/healthz", timeout=5, trust_env=False).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.3)
    raise TimeoutError(address)


def _make(environment: dict[str, str], users: Sequence[User]) -> None:
    app = create_app(config.settings(environment) | {"DATABASE_ROLE": "pcb_worker", "RATELIMIT_STORAGE_URI": "memory://"})
    with app.app_context():
        access.sync()
        for user in users:
            user_id = access.add_user(username=user.name, first_name="B", last_name=user.name, role_names=[*user.roles], password=PASSWORD)
            with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as connection:
                connection.execute("SET session_replication_role = replica")
                connection.execute(
                    f"INSERT INTO division_access (user_id, division_id, valid_from) SELECT %s, max(id), '2020-01-01' FROM division "
                    f"WHERE {user.where} HAVING NOT EXISTS (SELECT 1 FROM division_access WHERE user_id = %s)",
                    (user_id, user_id),
                )
