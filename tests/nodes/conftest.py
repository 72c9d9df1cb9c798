"""A centre and a node on clusters of their own, with a small district for the node and one that stays at the centre."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

import config
from app.cli import schema
from app.cli.servers import Servers
from tests.builders import SINCE, Home, make_district, make_home, read
from tests.conftest import ROOT

OF_NODE, OF_CENTRE = "1726998", "1726999"
FLASK = [sys.executable, "-m", "flask", "--app", "run"]


class Side(NamedTuple):
    """The centre or a node."""

    var: Path
    url: str
    queue: str

    def run(self, *arguments: str, ok: bool = True) -> str:
        """Run a command of this side and return what it said."""
        environ = {name: value for name, value in os.environ.items() if name != "DATABASE_ROLE"}
        environ |= {"DATABASE_URL": self.url, "REDIS_URL": self.queue, "SECRET_KEY": "t" * 40, "PC_BILLING_VAR": str(self.var)}
        done = subprocess.run([*FLASK, *arguments], cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
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


class Pair(NamedTuple):
    """The two sides, and who lives where."""

    centre: Side
    node: Side
    node_home: Home
    centre_home: Home


def wait_until(met: Any, seconds: int = 120) -> None:
    """Wait for something the servers do by themselves."""
    for _ in range(seconds * 10):
        if met():
            return
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s")


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
    with clusters(tmp_path_factory.mktemp("pair")) as (centre, node):
        homes = settle(centre)
        node.run("node", "init", "--centre", centre.url, "--number", "7", "--division", OF_NODE)
        yield Pair(centre, node, *homes)
