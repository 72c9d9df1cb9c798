"""Servers and databases of the tests: a cluster for each process of the suite, copies of an empty database and of a small town."""

import hashlib
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import config  # noqa: E402
from app.cli import schema  # noqa: E402
from app.cli import servers as cli_servers  # noqa: E402
from app.extensions import appbuilder, db  # noqa: E402

#: Where this process keeps its servers and files; ``make test`` has several (see pytest-xdist).
VAR = ROOT / "var" / "-".join(["test", *filter(None, [os.environ.get("PYTEST_XDIST_WORKER")])])
PASSWORD = "pc-billing-demo"


class Servers(cli_servers.Servers):
    """Servers whose data need not outlive the suite, so that they wait for no disk."""

    settings = (*cli_servers.Servers.settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=8GB")


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


def make_bare_database(url: str) -> None:
    """Make the database with the schema alone; one left by an earlier run stays if no file of the schema has changed."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "app" / "schema").rglob("*.*")):
        digest.update(path.read_bytes() if path.suffix != ".pyc" else b"")
    with psycopg.connect(url, autocommit=True) as connection:
        told = connection.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", (BARE,)).fetchone()
        if told != (digest.hexdigest(),):
            schema.upgrade(config.database_url(copy_database(url, BARE, "template0")))
            connection.execute(f"COMMENT ON DATABASE {BARE} IS '{digest.hexdigest()}'")


def fresh_database(url: str, name: str) -> str:
    """Return the address of a new database with the schema; one left by an earlier run goes."""
    return copy_database(url, name, BARE)


def environment(database_url: str, redis_url: str, **more: str) -> dict[str, str]:
    """Return the environment of a process that works on a test database."""
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_ROLE"}
    return kept | {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "SECRET_KEY": "t" * 40, "PC_BILLING_VAR": str(VAR)} | more


def web_url(url: str) -> str:
    """Return the address of the web server's own login; on a server of the operator's, where only he makes logins, the one given."""
    return url if os.environ.get("DATABASE_URL") else schema.make_logins(config.database_url(url))["DATABASE_WEB_URL"]


def release(app: Flask) -> None:
    """Let go of the database, so that another can take its place; forget who called how often and which texts were corrected."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    appbuilder.sm.limiter.storage.reset()
    appbuilder.bm.babel.domain_instance.asked_at = None


def scalar(session: Session, statement: str, **parameters: object) -> object:
    """Return the single value of a statement."""
    return session.scalar(text(statement), parameters)
