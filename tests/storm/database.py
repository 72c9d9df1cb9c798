"""A district where every account owes the same and every channel has a contract; the processes that take and credit its money."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

import psycopg
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

import config
from app.queries import ledger
from app.queries.ledger import Drift
from app.services.demo import payments as demo_payments
from tests.builders import bill_month, make_district, make_home, read
from tests.databases import ROOT, environment
from tests.waiting import wait_until

#: Money is taken and credited without the queue: nobody listens here.
NO_QUEUE = "redis://127.0.0.1:1/0"
BILLED = date(2026, 1, 1)


class DemoDatabase(NamedTuple):
    """The database, its district, and the numbers of its accounts."""

    url: str
    division_id: int
    accounts: list[str]


def settle(url: str, homes: int) -> DemoDatabase:
    """Make the district's homes with a bill each, and the contracts, in an empty database."""
    with working(url) as session:
        district = make_district(session)
        made = [make_home(session, district, serial) for serial in range(1, homes + 1)]
        for home in made:
            read(session, home, date(2026, 1, 31), 1100)
        bill_month(session, district.id, BILLED)
        demo_payments.make_contracts(session)
        return DemoDatabase(url, district.id, [home.number for home in made])


@contextmanager
def working(url: str) -> Iterator[Session]:
    """Work as the workers do, and commit."""
    engine = create_engine(config.database_url(url), poolclass=NullPool)
    try:
        with Session(engine) as session:
            session.execute(text("SET ROLE pcb_worker"))
            yield session
            session.commit()
    finally:
        engine.dispose()


def drifts(url: str) -> list[Drift]:
    """Return what ``ledger verify`` finds."""
    with working(url) as session:
        return ledger.drifts(session)


class Kept(NamedTuple):
    """What the books have of a tender: the payments of it, and those that undo them."""

    channel: str
    reference: str
    amount_tiyin: int
    status: str
    payments: int
    paid_tiyin: int
    reversals: int
    reversed_tiyin: int


def kept(url: str) -> list[Kept]:
    """Return every tender with what became of it in the books."""
    statement = """
        SELECT k.channel, t.reference, t.amount_tiyin, t.status, count(p.id), coalesce(sum(p.amount_tiyin), 0)::bigint,
               count(r.id), coalesce(sum(r.amount_tiyin), 0)::bigint
        FROM tender t JOIN payment_contract k ON k.id = t.payment_contract_id
        LEFT JOIN payment p ON p.tender_id = t.id AND p.reverses_id IS NULL LEFT JOIN payment r ON r.reverses_id = p.id
        GROUP BY k.channel, t.id ORDER BY t.id
    """
    with psycopg.connect(url) as connection:
        return [Kept(*row) for row in connection.execute(statement)]


def wait_until_credited(url: str, seconds: int = 240) -> None:
    """Wait until the ledger has heard of every tender."""

    def nothing_waits() -> bool:
        with psycopg.connect(url) as connection:
            return connection.execute("SELECT count(*) FROM tender WHERE waiting").fetchone() == (0,)

    wait_until(nothing_waits, seconds)


def crediting(url: str, *, held_up: bool = False) -> bool:
    """Tell whether the crediting process is at work, or waits for somebody who holds accounts or months."""
    statement = "SELECT wait_event_type FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'crediting'"
    with psycopg.connect(url) as connection:
        found = connection.execute(statement).fetchall()
    return ("Lock",) in found if held_up else bool(found)


class Works:
    """The intake server and the crediting process of a database; what ended is started again when asked to, as ``run.py`` does it."""

    def __init__(self, url: str, log: Path) -> None:
        self.port = _free_port()
        self._url = url
        self._log = log
        server = [
            "gunicorn",
            "--worker-class",
            "app.api.workers.IntakeWorker",
            "--workers",
            "2",
            "--bind",
            f"127.0.0.1:{self.port}",
            "--no-control-socket",
        ]
        self._commands = {
            "intake": [*server, "--log-level", "warning", "app.api.server:application"],
            "crediting": ["flask", "--app", "run", "payments", "credit", "--forever"],
        }
        self.processes = {name: self._start(name) for name in self._commands}

    def revive(self) -> list[str]:
        """Start again what ended, and return what had."""
        ended = [name for name, process in self.processes.items() if process.poll() is not None]
        self.processes |= {name: self._start(name) for name in ended}
        return ended

    def answers(self) -> bool:
        """Tell whether the intake server lives."""
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2):
                return True
        except OSError:
            return False

    def stop(self) -> None:
        """End both with all they started."""
        for process in self.processes.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", *self._commands[name]]
        with self._log.open("ab") as log:
            environ = environment(self._url, NO_QUEUE, PGAPPNAME=name)
            return subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log, process_group=0)


@contextmanager
def at_work(url: str, log: Path) -> Iterator[Works]:
    """Take and credit money of a database."""
    works = Works(url, log)
    try:
        wait_until(lambda: works.answers() and crediting(url))
        yield works
    finally:
        works.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
