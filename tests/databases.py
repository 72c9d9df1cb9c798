"""Servers and databases of the tests: a cluster for each process of the suite, copies of an empty database and of a small town."""

import fcntl
import hashlib
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.security import generate_password_hash

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import config  # noqa: E402
from app import clock  # noqa: E402
from app.cli import schema  # noqa: E402
from app.cli import servers as cli_servers  # noqa: E402
from app.extensions import appbuilder, db  # noqa: E402
from tests import commands  # noqa: E402

#: Where this process keeps its servers and files; ``make test`` has several (see pytest-xdist).
VAR = ROOT / "var" / "-".join(["test", *filter(None, [os.environ.get("PYTEST_XDIST_WORKER")])])
#: Where one of them makes the cluster with both databases that all begin with a copy of.
MADE = ROOT / "var" / "test-made"
PASSWORD = "pc-billing-demo"
#: Passwords of tests guard nothing, and are checked a thousand times; ``test_settings`` sees that an application has no such setting.
CHEAP_HASH = "scrypt:1024:8:1"
TOWN_SIZE = ("--accounts", "60", "--months", "4")


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
    digest = _digest_of((ROOT / "app" / "schema").rglob("*.*"))
    if _told_of(url, BARE) != digest:
        schema.upgrade(config.database_url(copy_database(url, BARE, "template0")))
        _tell_of(url, BARE, digest)


def make_town(url: str, redis_url: str) -> None:
    """Load the database with a small billed and paid town; one left by an earlier run stays if it was loaded by the same code today."""
    if _told_of(url, LOADED) == _digest_of_town():
        return
    town = fresh_database(url, LOADED)
    commands.flask("demo", "load", *TOWN_SIZE, environ=environment(town, redis_url), check=True)
    with psycopg.connect(town) as connection:
        connection.execute("SET session_replication_role = replica")  # nothing of this into the audit trail
        connection.execute("UPDATE ab_user SET password = %s", (generate_password_hash(PASSWORD, CHEAP_HASH),))
    _tell_of(url, LOADED, _digest_of_town())


def take_cluster() -> None:
    """Begin with a copy of the cluster that has both databases; who comes first makes it, and the others wait for him."""
    wanted = _digest_of_town()
    MADE.parent.mkdir(exist_ok=True)
    with MADE.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_of(MADE, wanted):
            made = Servers(MADE)
            made.stop()
            shutil.rmtree(MADE, ignore_errors=True)
            made.ensure()
            make_bare_database(made.database_url)
            make_town(made.database_url, made.redis_url)
            made.stop()
            (MADE / "digest").write_text(wanted)
    if not _is_of(VAR, wanted):
        Servers(VAR).stop()
        shutil.rmtree(VAR / "postgresql", ignore_errors=True)
        cli_servers.keep_private(VAR)
        shutil.copytree(MADE / "postgresql", VAR / "postgresql")
        shutil.copy(MADE / "digest", VAR)


def _is_of(var: Path, digest: str) -> bool:
    return (var / "digest").exists() and (var / "digest").read_text() == digest


def _digest_of_town() -> str:
    """Return what the town comes of: all code, all texts, and the day."""
    code = [*ROOT.glob("*.py"), *ROOT.glob("requirements*.txt"), *(ROOT / "app").rglob("*.*"), *(ROOT / "translations").rglob("*.po")]
    return _digest_of([*code, Path(__file__)], f"{clock.today()} {TOWN_SIZE}")


def _digest_of(paths: Iterable[Path], more: str = "") -> str:
    digest = hashlib.sha256(more.encode())
    for path in sorted(paths):
        digest.update(path.read_bytes() if path.is_file() and path.suffix != ".pyc" else b"")
    return digest.hexdigest()


def _told_of(url: str, name: str) -> str | None:
    with psycopg.connect(url) as connection:
        told = connection.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", (name,)).fetchone()
        return told and told[0]


def _tell_of(url: str, name: str, digest: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(f"COMMENT ON DATABASE {name} IS '{digest}'")


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
