"""Real servers for the tests: a cluster for each process of the suite, an empty database for services, a small town for screens."""

import gc
import os
from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session
from werkzeug.security import generate_password_hash

import config
from app.cli import access
from app.factory import create_app
from tests.browsers import LOCAL, MINE, Browser, ClosingClient, close_answers, log_in
from tests.databases import (
    CHEAP_HASH,
    LOADED,
    PASSWORD,
    VAR,
    Servers,
    copy_database,
    environment,
    fresh_database,
    make_bare_database,
    make_town,
    release,
    take_cluster,
    web_url,
)

#: Modules that take longest, measured; a process that is free begins with them, whatever the order of the others.
LONG = (
    "tests/nodes/test_replication.py",
    "tests/crawl/test_crawl.py",
    "tests/access/test_matrix.py",
    "tests/jobs/test_notice_jobs.py",
    "tests/crash/test_intake_killed.py",
    "tests/api/test_slow_clients.py",
    "tests/browser/test_pages.py",
    "tests/jobs/test_worker.py",
    "tests/gateways/test_tables.py",
    "tests/gateways/test_payment_files.py",
    "tests/services/test_payment_file_loading.py",
    "tests/views/test_bad_input.py",
    "tests/views/test_sessions.py",
    "tests/jobs/test_documents.py",
    "tests/access/test_odd_input.py",
    "tests/access/test_words.py",
    "tests/documents/test_sheets.py",
    "tests/cli/test_billing_commands.py",
    "tests/cli/test_database_commands.py",
    "tests/browser/test_policy.py",
    "tests/architecture/test_mutants.py",
    "tests/domain/test_billing.py",
    "tests/services/test_corrections.py",
    "tests/views/test_boundary.py",
    "tests/cli/test_servers.py",
    "tests/views/test_personal_data.py",
    "tests/views/test_list_engine.py",
    "tests/views/test_headers.py",
    "tests/access/test_hostile_texts.py",
    "tests/services/test_parallel_acts.py",
    "tests/documents/test_bills.py",
    "tests/views/test_translations.py",
    "tests/views/test_job_ends.py",
    "tests/storm/test_same_bill.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the modules that take longest, and tell the stories of nodes, each of many minutes, as they are written."""
    places = {name: place for place, name in enumerate(LONG)}
    lines = {item: item.reportinfo()[1] or 0 if item.nodeid.startswith("tests/nodes/") else 0 for item in items}
    names = {item: item.nodeid.partition("::")[0] for item in items}
    items.sort(key=lambda item: (places.get(names[item], len(places)), names[item] if lines[item] else "", lines[item]))


def pytest_collection_finish() -> None:
    """Look for garbage among what tests make, not again and again among a thousand modules and the tests themselves."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Addresses of the database server and the queue: the operator's, or the embedded ones; there is a database to copy."""
    given = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
    if not all(given):
        if any("loaded" in item.fixturenames for item in request.session.items if isinstance(item, pytest.Function)):
            take_cluster()
        embedded = Servers(VAR).ensure()
        given = embedded.database_url, embedded.redis_url
    make_bare_database(str(given[0]))
    return str(given[0]), str(given[1])


@pytest.fixture(scope="session")
def engine(servers: tuple[str, str]) -> Iterator[Engine]:
    """Connections to an empty database, as the role of the workers; they are kept, for a new one learns the schema again in 50 ms.

    Two transactions of one module that want the same row end with an error after a minute, and not never.
    """
    url = config.database_url(fresh_database(servers[0], "pc_billing_empty"))
    made = create_engine(url, pool_pre_ping=True, connect_args={"options": "-c lock_timeout=60s"})
    event.listen(made, "connect", lambda connection, _: _take_role(connection, "pcb_worker"))
    event.listen(made, "checkin", lambda connection, _: _forget(connection, "pcb_worker") if connection else None)
    os.register_at_fork(after_in_child=lambda: made.dispose(close=False))
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
    make_town(*servers)
    return LOADED


@pytest.fixture(scope="module")
def demo_url(servers: tuple[str, str], loaded: str) -> str:
    """A copy of the town for the tests of one module; screens are tried on it, and nothing waits in the queue."""
    with Redis.from_url(servers[1]) as queue:
        queue.flushdb()
    return copy_database(servers[0], "pc_billing_town", loaded)


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
        "FAB_PASSWORD_HASH_METHOD": CHEAP_HASH,
        "AUTH_DB_FAKE_PASSWORD_HASH_CHECK": generate_password_hash("nobody's", CHEAP_HASH),
    }
    made = create_app(settings)
    made.test_client_class = ClosingClient
    release(made)
    gc.collect()
    gc.freeze()
    return made


@pytest.fixture(scope="module")
def app(application: Flask, demo_url: str) -> Iterator[Flask]:  # noqa: ARG001 - the copy is there before the first request
    """The application over a copy of the town of its own, under row-level security."""
    yield application
    release(application)


@pytest.fixture(autouse=True)
def _closed_answers() -> Iterator[None]:
    """End every answer a test did not read to its end: its connection goes back."""
    yield
    close_answers()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without scripts."""
    return app.test_client()


@pytest.fixture(scope="module")
def looks() -> Iterator[list[psycopg.Connection]]:
    """The connection by which the tests of a module look into the town's database."""
    kept: list[psycopg.Connection] = []
    yield kept
    for connection in kept:
        connection.close()


@pytest.fixture
def demo_database(demo_url: str, looks: list[psycopg.Connection]) -> psycopg.Connection:
    """A look into the town's database that sees every row."""
    if not looks or looks[-1].closed:
        looks.append(psycopg.connect(demo_url, autocommit=True))
    _forget(looks[-1])
    return looks[-1]


@pytest.fixture(scope="module")
def local(app: Flask, demo_url: str) -> str:
    """A user with every role whose access ends at his district."""
    with app.app_context():
        roles = ["Admin", "Administrator", "Supervisor", "Billing operator"]
        user_id = access.add_user(username=LOCAL, first_name="Local", last_name="Chief", role_names=roles, password=PASSWORD)
    with psycopg.connect(demo_url) as connection:
        connection.execute(
            "INSERT INTO division_access (user_id, division_id, valid_from) SELECT %s, id, '2020-01-01' FROM division WHERE code = %s "
            "ON CONFLICT DO NOTHING",
            (user_id, MINE),
        )
    return LOCAL


@pytest.fixture
def chief(app: Flask, local: str) -> Browser:
    """The browser of a user who may do everything in one district."""
    return log_in(app, local)


@pytest.fixture
def supervisor(app: Flask) -> Browser:
    """The browser of a user who works in the whole company."""
    return log_in(app, "supervisor")


def _take_role(connection: psycopg.Connection, role: str) -> None:
    connection.execute(f"SET ROLE {role}")
    connection.commit()


def _forget(connection: psycopg.Connection, role: str = "NONE") -> None:
    """Let nothing of a test live on in a connection that is kept: no setting, no lock, no other role."""
    connection.rollback()
    connection.execute("RESET ALL")
    connection.execute("SELECT pg_advisory_unlock_all()")
    _take_role(connection, role)
