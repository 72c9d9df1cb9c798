"""A centre and a node on clusters of their own, with a small district for the node and one that stays at the centre."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

import config
from app.cli import schema
from app.cli.servers import Servers
from tests import commands
from tests.builders import SINCE, Home, make_district, make_home, read
from tests.waiting import wait_until

OF_NODE, OF_CENTRE = "1726998", "1726999"


#: A line that died without a word is noticed after seconds, and tried again at once; in production after a minute, and each five seconds.
QUICK = ("wal_receiver_timeout = '3s'", "wal_sender_timeout = '3s'", "wal_retrieve_retry_interval = '300ms'")


class Side(NamedTuple):
    """The centre or a node."""

    var: Path
    url: str
    queue: str

    def run(self, *arguments: str, ok: bool = True) -> str:
        """Run a command of this side and return what it said."""
        environ = {name: value for name, value in os.environ.items() if name != "DATABASE_ROLE"}
        environ |= {"DATABASE_URL": self.url, "REDIS_URL": self.queue, "SECRET_KEY": "t" * 40, "PC_BILLING_VAR": str(self.var)}
        done = commands.flask(*arguments, environ=environ)
        assert (done.returncode == 0) is ok, done.stdout + done.stderr
        return done.stdout + done.stderr

    def status(self, *arguments: str) -> dict[str, Any]:
        """Return what the side tells of itself."""
        found: dict[str, Any] = json.loads(self.run("node", "status", "--json", *arguments))
        return found

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Work as the workers do, and commit."""
        engine = create_engine(config.database_url(self.url), poolclass=NullPool)
        with Session(engine) as session:
            session.execute(text("SET ROLE pcb_worker"))
            yield session
            session.commit()
        engine.dispose()

    def one(self, statement: str) -> Any:
        """Return the single value of a statement, as the server's owner."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            row = connection.execute(statement).fetchone()
            return row[0] if row else None

    def do(self, statement: str) -> None:
        """Execute a statement as the server's owner."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)


class Line:
    """The line by which one side reaches the other's database server; see ``tests/nodes/line.py``."""

    def __init__(self, to: Side, place: Path) -> None:
        place.mkdir(mode=0o700)
        self._here = place / ".s.PGSQL.5432"
        self._there = Path(dict(parse_qsl(urlsplit(to.url).query))["host"]) / ".s.PGSQL.5432"
        self.url = to.url.replace(str(self._there.parent), str(place))
        self._process: subprocess.Popen[bytes] | None = None

    def join(self) -> None:
        """Let the line work."""
        command = [sys.executable, str(Path(__file__).with_name("line.py")), str(self._here), str(self._there)]
        self._process = subprocess.Popen(command)
        try:
            wait_until(lambda: self._here.exists() and _is_reached(self.url))
        except BaseException:
            self.cut()
            raise

    def signal(self, number: int) -> None:
        """Send a signal to the process: SIGSTOP and SIGCONT swallow and free what passes."""
        assert self._process is not None
        self._process.send_signal(number)

    def cut(self) -> None:
        """End the process, and every connection that goes through it."""
        self.signal(signal.SIGKILL)
        assert self._process is not None
        self._process.wait()


def _is_reached(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


class Pair(NamedTuple):
    """The two sides, the lines that lead to them, and who lives where."""

    centre: Side
    node: Side
    to_centre: Line
    to_node: Line
    node_home: Home
    centre_home: Home


@contextmanager
def clusters(place: Path) -> Iterator[tuple[Side, Side]]:
    """Two running clusters with the schema and nothing else."""
    pair = [Servers(place / name).ensure() for name in ("centre", "node")]
    for each in pair:
        schema.upgrade(config.database_url(each.database_url))
    sides = [Side(each.var, each.database_url, each.redis_url) for each in pair]
    try:
        yield sides[0], sides[1]
    finally:
        for each in pair:
            each.stop()
            shutil.rmtree(each.sockets, ignore_errors=True)


def settle(centre: Side) -> tuple[Home, Home]:
    """Make both districts with two read homes each; return the first of each."""
    with centre.session() as session:
        homes = []
        for code in (OF_NODE, OF_CENTRE):
            district = make_district(session, code)
            homes.append([make_home(session, district, serial) for serial in (1, 2)])
            for home in homes[-1]:
                read(session, home, SINCE.replace(month=2), 1150)
    return homes[0][0], homes[1][0]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """A centre and a node with a link."""
    place = tmp_path_factory.mktemp("pair")
    with clusters(place) as (centre, node), TemporaryDirectory(prefix="line-") as sockets, ExitStack() as ends:
        homes = settle(centre)
        lines = Line(centre, Path(sockets) / "c"), Line(node, Path(sockets) / "n")
        for line in lines:
            line.join()
            ends.callback(line.cut)
        for side in (centre, node):
            for setting in QUICK:
                side.do(f"ALTER SYSTEM SET {setting}")
            side.do("SELECT pg_reload_conf()")
        node.run("node", "init", "--centre", lines[0].url, "--here", lines[1].url, "--number", "7", "--division", OF_NODE)
        yield Pair(centre, node, *lines, *homes)
