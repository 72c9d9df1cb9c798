"""Starts PC Billing: ``python run.py`` runs all of it; ``flask --app run …`` runs a command.

Where ``DATABASE_URL`` or ``REDIS_URL`` is not set, an embedded PostgreSQL and Valkey under ``var/`` are started when they
are not up, and stopped when the last process that uses them ends.
"""

import ctypes
import fcntl
import gc
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import IO, NamedTuple, NoReturn

# Nothing that is imported becomes garbage, and looking for some meanwhile is a quarter of the start.
gc.disable()

import psycopg
from flask import Flask

import config
from app.cli import balances, demo, schema, startup
from app.cli.servers import CannotStart, Servers, keep_private

gc.freeze()
gc.enable()

ROOT = Path(__file__).resolve().parent
VAR = config.var_folder()
FLASK = [sys.executable, "-m", "flask", "--app", "run"]

#: The embedded servers this process holds; None where the operator's are used.
_servers: Servers | None = None
#: Whether the steps of the start are printed: by ``python run.py`` alone.
_tells_steps = False


class Program(NamedTuple):
    """A process this one keeps running.

    :ivar login: the setting with the address of the login it works with
    """

    command: list[str]
    login: str = "DATABASE_URL"


def prepare() -> None:
    """Bring up what is needed before the application can be built: servers, a secret, the schema."""
    is_embedded = not os.environ.get("DATABASE_URL")
    _prepare_place("DATABASE_URL")
    with _step("schema of the database up to date"):
        url = config.database_url(os.environ["DATABASE_URL"])
        schema.upgrade(url)
    if is_embedded:
        os.environ.update(schema.make_logins(url))


def prepare_web() -> None:
    """Bring up what a web server needs. It works with a login of its own, which can change no schema and become nobody else.

    :raises CannotStart: if it has that login alone and the schema is another version's
    """
    if os.environ.get("DATABASE_URL") or not os.environ.get("DATABASE_WEB_URL"):
        prepare()
    else:
        _prepare_place("DATABASE_WEB_URL")
    if os.environ.get("DATABASE_WEB_URL"):
        os.environ["DATABASE_URL"] = os.environ["DATABASE_WEB_URL"]
    if not schema.is_current(config.database_url(os.environ["DATABASE_URL"])):
        raise CannotStart("The database has the schema of another version. Run this with DATABASE_URL first: flask --app run access sync")


def _prepare_place(database: str) -> None:
    """Start the embedded servers where an address of the operator's is not set; find the port and the secret of this machine."""
    keep_private(VAR)
    if not os.environ.get(database) or not os.environ.get("REDIS_URL"):
        global _servers
        with _step("PostgreSQL and Valkey started"):
            _servers = Servers(VAR).ensure()
        for name, url in ((database, _servers.database_url), ("REDIS_URL", _servers.redis_url)):
            os.environ[name] = os.environ.get(name) or url
    if (VAR / "port").exists():  # the port of the last start, for commands that print addresses
        os.environ["PORT"] = os.environ.get("PORT") or (VAR / "port").read_text()
    if not os.environ.get("SECRET_KEY"):
        os.environ["SECRET_KEY"] = _local_secret()


@contextmanager
def _step(done: str) -> Iterator[None]:
    """Print what a start has done and how long it took; commands, which prepare the same, print nothing."""
    begun = time.monotonic()
    yield
    if _tells_steps:
        print(f"  {done} ({time.monotonic() - begun:.1f} s)", flush=True)


def refusal() -> str | None:
    """Return why a web server must not start here, if it must not: settings that cannot be used, or a trial's in production."""
    try:
        given = {name: value for name, value in os.environ.items() if value}
        settings = config.settings({"SECRET_KEY": "", "DATABASE_URL": "postgresql:///", "REDIS_URL": "redis://"} | given)
        found = startup.faults(os.environ, settings) if settings["PRODUCTION"] else []
    except (config.WrongSetting, psycopg.Error) as error:
        return str(error)
    return "\n".join(["PC Billing does not start in production:", *(f"- {fault}" for fault in found)]) if found else None


def create_app() -> Flask:
    """Return the application for ``flask --app run``: commands work as the operator, a web server under row-level security."""
    if _is_web_server(sys.argv):
        return create_web()
    if _is_command(sys.argv, balances.group.name):
        return _without_database()
    try:
        config.read()
        prepare()
    except (config.WrongSetting, CannotStart) as error:
        _stop(str(error))
    os.environ.setdefault("DATABASE_ROLE", "pcb_worker")
    return _build()


def create_web() -> Flask:
    """Return the application for a web server."""
    if problem := refusal():
        _stop(problem)
    try:
        prepare_web()
    except CannotStart as error:
        _stop(str(error))
    os.environ["DATABASE_ROLE"] = "pcb_web"
    return _build()


def main() -> int:
    """Run the web server and the workers until told to stop; what dies is started again."""
    global _tells_steps
    _tells_steps = True
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if problem := refusal():
        print(problem, file=sys.stderr)
        return 1
    given = config.read()
    port, intake_port = given.port, given.intake_port or given.port + 1
    os.environ |= {"PORT": str(port), "INTAKE_PORT": str(intake_port)}
    keep_private(VAR)
    with (VAR / "run.lock").open("a") as lock:
        if problem := _occupied(lock, given.host, port, intake_port):
            print(problem, file=sys.stderr)
            return 1
        try:
            prepare()
        except CannotStart as error:
            print(error, file=sys.stderr)
            return 1
        (VAR / "port").write_text(str(port))
        _fill()
        return _live(config.read())


def _occupied(lock: IO[str], host: str, port: int, intake_port: int) -> str | None:
    """Return why PC Billing cannot run here now, if it cannot."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return f"PC Billing already runs from {VAR}. Stop it first, or set PC_BILLING_VAR to another folder."
    if not _is_free(host, port):
        return f"Port {port} is taken. Choose another one: PORT={port + 2} make run"
    if not _is_free(host, intake_port):
        return f"Port {intake_port}, where payments are taken, is taken. Choose another one: INTAKE_PORT={intake_port + 2} make run"
    return None


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _fill() -> None:
    """Load the demo into an empty database; bring permissions and roles up to date in any other."""
    given = config.read()
    if given.pc_billing_demo and demo.is_empty(given.database_url):
        size = ["--accounts", str(given.demo_accounts), "--months", str(given.demo_months)]
        with _step(f"demo loaded: {given.demo_accounts} accounts, {given.demo_months} months"):
            subprocess.run([*FLASK, "demo", "load", *size], check=True, cwd=ROOT)
    else:
        with _step("permissions and roles in place"):
            subprocess.run([*FLASK, "access", "sync"], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


def _live(given: config.Settings) -> int:
    port, web, intake = str(given.port), f"{given.host}:{given.port}", f"{given.host}:{given.intake_port}"
    programs = [
        Program([*_gunicorn(web, "WebWorker"), "--threads", "4", "run:create_web()"], "DATABASE_WEB_URL"),
        Program([*_gunicorn(intake, "IntakeWorker"), "app.api.server:application"], "DATABASE_INTAKE_URL"),
        Program([*FLASK, "payments", "credit", "--forever"]),
        *[Program([*FLASK, "worker"])] * given.workers,
    ]
    children = [_start(program) for program in programs]
    try:
        with _step("web server, intake of payments and workers started"):
            demo.wait_until_ready(port)
        print(demo.greeting(port), flush=True)
        while True:
            time.sleep(2)
            _revive(programs, children)
    except (KeyboardInterrupt, SystemExit):
        pass
    finally:
        _end(children)
    return 0


def _gunicorn(bind: str, worker: str) -> list[str]:
    options = ["--workers", "2", "--bind", bind, "--no-control-socket", "--log-level", "warning"]
    return [sys.executable, "-m", "gunicorn", "--worker-class", f"app.api.workers.{worker}", *options]


def _revive(programs: list[Program], children: list[subprocess.Popen[bytes]]) -> None:
    """Start again what ended, and say so: the embedded servers first, then the rest."""
    if _servers is not None:
        _revive_servers(_servers)
    for place, child in enumerate(children):
        if child.poll() is not None:
            print(
                f"{' '.join(programs[place].command[2:5])} had ended ({child.returncode}) and was started again",
                file=sys.stderr,
                flush=True,
            )
            children[place] = _start(programs[place])


def _revive_servers(servers: Servers) -> None:
    try:
        for name in servers.revive():
            print(f"{name} had ended and was started again", file=sys.stderr, flush=True)
    except CannotStart as error:
        # What is left of a killed server may be in the way for a moment; the rest goes on meanwhile.
        print(f"{error}\nIt is tried again.", file=sys.stderr, flush=True)


def _build() -> Flask:
    gc.disable()
    from app.factory import create_app as build

    application = build(config.settings())
    gc.freeze()
    gc.enable()
    return application


def _stop(problem: str) -> NoReturn:
    print(problem, file=sys.stderr)
    sys.exit(1)


def _is_web_server(arguments: list[str]) -> bool:
    """Tell ``flask --app run run`` from the other commands."""
    return any(word == "run" and before not in {"--app", "-A"} for before, word in pairwise(arguments))


def _is_command(arguments: list[str], name: str | None) -> bool:
    """Return whether the first word behind the options of Flask names a command."""
    words = [word for before, word in pairwise(arguments) if not word.startswith("-") and before not in {"--app", "-A"}]
    return words[:1] == [name]


def _without_database() -> Flask:
    """Return an application of the commands that compute from a file alone; no server is started for it."""
    application = Flask("app")
    application.cli.add_command(balances.group)
    return application


def _local_secret() -> str:
    """Return this machine's own key, made at the first start."""
    path = VAR / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    return path.read_text().strip()


def _start(program: Program) -> subprocess.Popen[bytes]:
    environ = os.environ.copy()
    if environ.get(program.login):  # the address of the one login it works with, and of no other
        for name in {"DATABASE_URL", *schema.LOGINS} - {program.login}:
            environ.pop(name, None)
    return subprocess.Popen(program.command, cwd=ROOT, env=environ, preexec_fn=_die_with_parent, process_group=0)


def _die_with_parent() -> None:
    """Ask the kernel to end this child when its parent is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(timeout=15)
        except subprocess.TimeoutExpired:
            child.kill()


if __name__ == "__main__":
    sys.exit(main())
