"""Real servers for the tests: a cluster for each process of the suite, an empty database for services, a small town for screens."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import config  # noqa: E402
from app.cli import schema  # noqa: E402
from app.cli import servers as cli_servers  # noqa: E402
from app.extensions import appbuilder, db  # noqa: E402
from app.factory import create_app  # noqa: E402

#: Where this process keeps its servers and files; ``make test`` has several (see pytest-xdist).
VAR = ROOT / "var" / "-".join(["test", *filter(None, [os.environ.get("PYTEST_XDIST_WORKER")])])
PASSWORD = "pc-billing-demo"
TOWN_ACCOUNTS, TOWN_MONTHS = 60, 4


class Servers(cli_servers.Servers):
    """Servers whose data need not outlive the suite, so that they wait for no disk."""

    settings = (*cli_servers.Servers.settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=8GB")


@pytest.fixture(scope="session")
def servers() -> tuple[str, str]:
    """Addresses of the database server and the queue: the operator's, or the embedded ones."""
    given = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
    if all(given):
        return str(given[0]), str(given[1])
    embedded = Servers(VAR).ensure()
    return embedded.database_url, embedded.redis_url


def copy_database(url: str, name: str, source: str) -> str:
    """Return the address of a new database, a copy of another; one left by an earlier run goes."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY FILE_COPY")
    return _address_of(url, name)


def _address_of(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}")).replace("postgresql:/p", "postgresql:///p")


#: The schema alone, and the town as it was loaded: what other databases are copies of.
BARE, LOADED = "pc_billing_bare", "pc_billing_loaded"
_made: set[str] = set()


def fresh_database(url: str, name: str) -> str:
    """Return the address of a new database with the schema; one left by an earlier run goes."""
    if BARE not in _made:
        copy_database(url, BARE, "template0")
        schema.upgrade(config.database_url(_address_of(url, BARE)))
        _made.add(BARE)
    return copy_database(url, name, BARE)


@pytest.fixture(scope="session")
def engine(servers: tuple[str, str]) -> Iterator[Engine]:
    """Connections to an empty database, as the role of the workers."""
    made = create_engine(config.database_url(fresh_database(servers[0], "pc_billing_empty")), poolclass=NullPool)
    event.listen(made, "connect", lambda connection, _: _take_role(connection, "pcb_worker"))
    yield made
    made.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session whose work is rolled back after the test, whatever it commits."""
    with engine.connect() as connection:
        transaction = connection.begin()
        made = Session(connection, join_transaction_mode="create_savepoint")
        yield made
        made.close()
        transaction.rollback()


@pytest.fixture(scope="session")
def loaded(servers: tuple[str, str]) -> str:
    """The name of a database with a small billed and paid town, which nobody touches."""
    url = fresh_database(servers[0], LOADED)
    command = [sys.executable, "-m", "flask", "--app", "run", "demo", "load"]
    size = ["--accounts", str(TOWN_ACCOUNTS), "--months", str(TOWN_MONTHS)]
    subprocess.run([*command, *size], check=True, cwd=ROOT, env=environment(url, servers[1]), stdout=subprocess.DEVNULL)
    return LOADED


@pytest.fixture(scope="module")
def town_url(servers: tuple[str, str], loaded: str) -> str:
    """A copy of the town for the tests of one module; screens are tried on it, and nothing waits in the queue."""
    with Redis.from_url(servers[1]) as queue:
        queue.flushdb()
    return copy_database(servers[0], "pc_billing_town", loaded)


def environment(database_url: str, redis_url: str, **more: str) -> dict[str, str]:
    """Return the environment of a process that works on a test database."""
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_ROLE"}
    return kept | {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "SECRET_KEY": "t" * 40, "PC_BILLING_VAR": str(VAR)} | more


def web_url(url: str) -> str:
    """Return the address of the web server's own login; on a server of the operator's, where only he makes logins, the one given."""
    return url if os.environ.get("DATABASE_URL") else schema.make_logins(config.database_url(url))["DATABASE_WEB_URL"]


@pytest.fixture(scope="session")
def application(loaded: str, servers: tuple[str, str]) -> Flask:
    """The application over the town; one a process, as the framework wants it."""
    url = copy_database(servers[0], "pc_billing_town", loaded)
    settings = config.settings(environment(web_url(url), servers[1]))
    settings |= {
        "TESTING": True,
        "RATELIMIT_STORAGE_URI": "memory://",
        "SERVER_NAME": "localhost",
        "ADDRESS_LIMIT": "10 per 5 minutes",
        "DATABASE_ROLE": "pcb_web",
    }
    made = create_app(settings)
    release(made)
    return made


def release(app: Flask) -> None:
    """Let go of the database, so that another can take its place, and forget who called how often."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    appbuilder.sm.limiter.storage.reset()


@pytest.fixture(scope="module")
def app(application: Flask, town_url: str) -> Iterator[Flask]:  # noqa: ARG001 - the copy is there before the first request
    """The application over a copy of the town of its own, under row-level security."""
    yield application
    release(application)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without scripts."""
    return app.test_client()


@pytest.fixture
def town(town_url: str) -> Iterator[psycopg.Connection]:
    """A look into the town's database that sees every row."""
    with psycopg.connect(town_url, autocommit=True) as connection:
        yield connection


def _take_role(connection: psycopg.Connection, role: str) -> None:
    connection.execute(f"SET ROLE {role}")
    connection.commit()


def scalar(session: Session, statement: str, **parameters: object) -> object:
    """Return the single value of a statement."""
    return session.scalar(text(statement), parameters)
