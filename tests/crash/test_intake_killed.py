"""The intake server, one of its workers, the crediting process and PostgreSQL are killed under load: nothing is lost or doubled.

Clients repeat a call until it is answered, as providers do. What was killed is started again the way ``run.py`` does it.
"""

import os
import random
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import psycopg
import pytest

import config
from app.cli import schema
from app.cli.servers import CannotStart, Servers, postgresql_binary
from tests.storm.clients import CHANNELS, Payment, PaynetJson, Unanswered, send
from tests.storm.database import DemoDatabase, Kept, Works, at_work, drifts, kept, settle, wait_until_credited
from tests.waiting import wait_until

CRASHES = int(os.environ.get("CRASHES", "1"))
CLIENTS, HOMES = 8, 12
#: How long clients go on after everything is up again, in seconds; how long they try to have a call answered.
AFTERWARDS_S, PATIENCE_S = 1.0, 240
_serials = count(3_000_000)
_chance = random.Random(20261127)


class Place(NamedTuple):
    """A cluster of its own, the town in it, and its processes."""

    servers: Servers
    demo_database: DemoDatabase
    works: Works


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Processes that are started again whenever they end."""
    var: Path = tmp_path_factory.mktemp("crash")
    servers = Servers(var).ensure()
    try:
        schema.upgrade(config.database_url(servers.database_url))
        demo_database = settle(servers.database_url, HOMES)
        with at_work(demo_database.url, var / "works.log") as works, supervised(servers, works):
            yield Place(servers, demo_database, works)
    finally:
        servers.stop()
        shutil.rmtree(servers.sockets, ignore_errors=True)


@contextmanager
def supervised(servers: Servers, works: Works) -> Iterator[None]:
    """Start again what ended, the database first."""
    is_over = threading.Event()

    def supervise() -> None:
        while not is_over.wait(0.3):
            # What is left of a killed server may be in the way for a moment.
            with suppress(CannotStart):
                servers.revive()
            works.revive()

    with ThreadPoolExecutor(1) as alone:
        supervisor = alone.submit(supervise)
        try:
            yield
        finally:
            is_over.set()
    supervisor.result()


def insistently(port: int, payment: Payment) -> Payment:
    """Make a payment, repeating each call until it is answered; return it as acknowledged."""
    for step in payment.steps():
        until = time.monotonic() + PATIENCE_S
        while True:
            with suppress(Unanswered):
                answer = send(port, step.call())
                if payment.code(answer) != payment.not_now:
                    break
            assert time.monotonic() < until, "nobody answers"
            time.sleep(0.2)
        assert payment.code(answer) in step.codes, answer
        payment.heard(answer)
    return payment


@contextmanager
def load(place: Place) -> Iterator[list[Payment]]:
    """Pay by every channel until the block ends; the list has what was acknowledged then."""
    is_over, acknowledged = threading.Event(), list[Payment]()

    def pay() -> list[Payment]:
        made = []
        while not is_over.is_set():
            serial = next(_serials)
            kind = CHANNELS[serial % len(CHANNELS)]
            is_undone = kind.can_be_undone and serial % 7 == 0
            made.append(
                insistently(
                    place.works.port,
                    kind(serial, place.demo_database.accounts[serial % HOMES], 50_000 + serial % 1000, is_undone=is_undone),
                )
            )
        return made

    with ThreadPoolExecutor(CLIENTS) as clients:
        paying: list[Future[list[Payment]]] = [clients.submit(pay) for _ in range(CLIENTS)]
        try:
            yield acknowledged
        finally:
            is_over.set()
    for each in paying:
        acknowledged += each.result()


def damage(place: Place) -> str:
    """Return what pg_amcheck finds wrong in the tables and indexes of the database; nothing if they are sound."""
    name = urlsplit(place.demo_database.url).path.strip("/")
    done = subprocess.run(
        [
            str(postgresql_binary("pg_amcheck")),
            "--install-missing",
            "--heapallindexed",
            f"--host={place.servers.sockets}",
            "--username=postgres",
            name,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def kill_intake(place: Place) -> None:
    os.kill(place.works.processes["intake"].pid, signal.SIGKILL)


def kill_worker(place: Place) -> None:
    master = place.works.processes["intake"].pid
    workers = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    os.kill(int(_chance.choice(workers)), signal.SIGKILL)


def kill_crediting(place: Place) -> None:
    os.kill(place.works.processes["crediting"].pid, signal.SIGKILL)


def kill_postgresql(place: Place) -> None:
    os.kill(int((place.servers.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)


def is_up(place: Place) -> bool:
    """Tell whether money can be taken and credited."""
    try:
        with psycopg.connect(place.demo_database.url, connect_timeout=5):
            return place.works.answers() and all(process.poll() is None for process in place.works.processes.values())
    except psycopg.OperationalError:
        return False


def wrong(acknowledged: list[Payment], found: list[Kept]) -> list[str]:
    """Return what is lost, what is doubled, and what is there that nobody was told of."""
    by_number = {each[:2]: each for each in found}
    faults = [f"twice: {each}" for each in found if each.payments > 1 or each.reversals > 1]
    for payment in acknowledged:
        tender = by_number.pop((payment.channel, payment.reference), None)
        stands = 0 if payment.is_undone else payment.amount_tiyin
        if tender is None or (tender.amount_tiyin, tender.paid_tiyin - tender.reversed_tiyin) != (payment.amount_tiyin, stands):
            faults.append(f"lost: {payment.reference} {tender}")
    return faults + [f"never acknowledged: {each}" for each in by_number.values()]


@pytest.mark.parametrize("number", range(CRASHES))
@pytest.mark.parametrize("kill", [kill_intake, kill_worker, kill_crediting, kill_postgresql])
def test_nothing_is_lost_or_doubled(place: Place, kill: Callable[[Place], None], number: int) -> None:
    before = len(kept(place.demo_database.url))

    with load(place) as acknowledged:
        time.sleep(0.5 + _chance.random())
        kill(place)
        time.sleep(0.5)
        wait_until(lambda: is_up(place))
        time.sleep(AFTERWARDS_S)
    wait_until_credited(place.demo_database.url)

    found = kept(place.demo_database.url)[before:]
    print(f"{kill.__name__} {number + 1}: {len(acknowledged)} acknowledged, {len(found)} kept")
    assert len(acknowledged) > CLIENTS
    assert wrong(acknowledged, found) == []
    assert drifts(place.demo_database.url) == []
    if kill is kill_postgresql:
        assert damage(place) == ""


def told_without_postgresql(place: Place) -> dict[str, int | str]:
    """Kill PostgreSQL, call by every channel, and return the codes of the answers."""
    payments = [kind(next(_serials), place.demo_database.accounts[0], 50_000) for kind in CHANNELS]
    told: dict[str, int | str] = {}

    kill_postgresql(place)
    for payment in payments:
        try:
            told[type(payment).__name__] = payment.code(send(place.works.port, payment.steps()[0].call()))
        except Unanswered as unanswered:
            told[type(payment).__name__] = str(unanswered)[:3]
    wait_until(lambda: is_up(place))
    return told


def test_while_postgresql_is_away_each_channel_is_told_to_ask_again(place: Place) -> None:
    expected = {"PaynetJson": -32603, "PaynetSoap": 102, "Payme": -32400, "Click": "503", "Uzum": "503", "Sms": "503"}

    # A connection may outlive the server for a moment, and the server may be back before the last call.
    for _ in range(5):
        if (told := told_without_postgresql(place)) == expected:
            break

    assert told == expected


def test_contracts_are_read_anew_and_calls_are_logged_after_postgresql_was_killed(place: Place) -> None:
    kill_postgresql(place)
    time.sleep(0.5)
    wait_until(lambda: is_up(place))

    def refused() -> int:
        """Return how many of a dozen calls are refused; as far as a dozen meets both workers."""
        payments = [PaynetJson(next(_serials), place.demo_database.accounts[0], 50_000) for _ in range(12)]
        return [each.code(send(place.works.port, each.steps()[0].call())) for each in payments].count(100)

    with psycopg.connect(place.demo_database.url, autocommit=True) as connection:
        connection.execute("UPDATE payment_contract SET is_stopped = true WHERE channel = 'PAYNET'")
        wait_until(lambda: refused() == 12)
        connection.execute("UPDATE payment_contract SET is_stopped = false WHERE channel = 'PAYNET'")
        logged = "SELECT count(*) FROM gateway_call WHERE channel = 'PAYNET' AND reply LIKE '%\"code\":100,%'"
        wait_until(lambda: (connection.execute(logged).fetchone() or (0,))[0] >= 12)
    # Else the next test would be refused, too.
    wait_until(lambda: refused() == 0)
