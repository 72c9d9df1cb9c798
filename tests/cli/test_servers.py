"""The embedded servers, started, shared, killed and started again by processes of their own."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from redis import Redis, RedisError

from app.cli.servers import CannotStart, Servers
from tests.databases import ROOT

#: Keeps the servers of a directory running until its input ends.
HOLD = (
    "import sys; from pathlib import Path; from app.cli.servers import Servers; "
    "Servers(Path(sys.argv[1])).ensure(); print('up', flush=True); sys.stdin.read()"
)
NOBODY = 65534
AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Servers]:
    """The servers of an empty directory; nothing is running yet."""
    made = Servers(tmp_path / "var")
    yield made
    made.stop()
    shutil.rmtree(made.sockets, ignore_errors=True)


@contextmanager
def holder(place: Servers, user: Sequence[str] = ()) -> Iterator[subprocess.Popen[str]]:
    """Another process that uses the servers, and leaves at the end."""
    command = [*user, sys.executable, "-c", HOLD, str(place.var)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        yield process


def answers(place: Servers) -> tuple[bool, bool]:
    """Tell whether the database and the queue answer."""
    found = []
    for ask, failure in ((_ask_postgresql, psycopg.OperationalError), (_ask_valkey, RedisError)):
        try:
            ask(place)
        except failure:
            found.append(False)
        else:
            found.append(True)
    return found[0], found[1]


def _ask_postgresql(place: Servers) -> None:
    psycopg.connect(place.database_url, connect_timeout=5).close()


def _ask_valkey(place: Servers) -> None:
    with Redis.from_url(place.redis_url) as queue:
        queue.ping()


def postmaster(place: Servers) -> int:
    return int((place.data / "postmaster.pid").read_text().split()[0])


def write(place: Servers) -> None:
    """Keep a row in the database and a key in the queue."""
    with psycopg.connect(place.database_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS value")
    with Redis.from_url(place.redis_url) as queue:
        queue.set("kept", "42")


def kept(place: Servers) -> tuple[object, object]:
    """Return what is left of the row and the key."""
    with psycopg.connect(place.database_url) as connection, Redis.from_url(place.redis_url) as queue:
        found = connection.execute("SELECT to_regclass('kept') IS NOT NULL").fetchone()
        row = connection.execute("SELECT value FROM kept").fetchone() if found and found[0] else None
        return row and row[0], queue.get("kept")


def wait_until_gone(pid: int, seconds: int = 120) -> None:
    for _ in range(seconds * 20):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise AssertionError(f"process {pid} still runs after {seconds} s")


def test_both_servers_start_in_an_empty_directory_and_stop_with_their_user(place: Servers) -> None:
    before = answers(place)

    with holder(place):
        during, pid = answers(place), postmaster(place)

    assert (before, during, answers(place)) == ((False, False), (True, True), (False, False))
    wait_until_gone(pid)


def test_servers_listen_on_no_port_and_only_to_their_user(place: Servers) -> None:
    with holder(place), psycopg.connect(place.database_url) as connection, Redis.from_url(place.redis_url) as queue:
        listening = connection.execute("SHOW listen_addresses").fetchone()
        port = queue.config_get("port")

    assert listening == ("",)
    assert port == {"port": "0"}
    assert place.sockets.stat().st_mode & 0o777 == 0o700


def test_two_processes_share_the_servers_and_the_last_one_to_leave_stops_them(place: Servers) -> None:
    with holder(place):
        first = postmaster(place)
        with holder(place):
            second = postmaster(place)
        after_one_left = answers(place)

    assert first == second
    assert after_one_left == (True, True)
    assert answers(place) == (False, False)


def test_first_process_may_leave_before_the_second(place: Servers) -> None:
    with holder(place) as first:
        with holder(place):
            assert first.stdin is not None
            first.stdin.close()
            first.wait(60)
            after_the_first_left = answers(place)
        after_both_left = answers(place)

    assert (after_the_first_left, after_both_left) == ((True, True), (False, False))


def test_data_survive_a_restart(place: Servers) -> None:
    with holder(place):
        write(place)

    with holder(place):
        found = kept(place)

    assert found == (42, b"42")


def test_data_survive_the_killing_of_postgresql(place: Servers) -> None:
    with holder(place):
        write(place)
        pid = postmaster(place)
        os.kill(pid, signal.SIGKILL)
        wait_until_gone(pid)
        with holder(place):
            found, restarted = kept(place), postmaster(place)

    assert found == (42, b"42")
    assert restarted != pid
    assert answers(place) == (False, False)


def test_servers_of_a_killed_process_are_adopted_by_the_next_one(place: Servers) -> None:
    with holder(place) as process:
        pid = postmaster(place)
        process.kill()
        process.wait(60)
        orphaned = answers(place)

    with holder(place):
        adopted = postmaster(place)

    assert orphaned == (True, True)
    assert adopted == pid
    assert answers(place) == (False, False)


@pytest.mark.parametrize("left", [("base/1/112",), ("PG_VERSION", "base/1/112")], ids=["without PG_VERSION", "without pg_control"])
def test_initialisation_that_was_cut_off_starts_again_from_empty(place: Servers, left: tuple[str, ...]) -> None:
    for name in left:
        (place.data / name).parent.mkdir(parents=True, exist_ok=True)
        (place.data / name).write_text("16\n")
    place.data.chmod(0o700)

    with holder(place):
        during = answers(place)

    assert during == (True, True)
    assert (place.data / "global" / "pg_control").exists()


def test_many_processes_that_come_together_start_one_server(place: Servers) -> None:
    command = [sys.executable, "-c", HOLD, str(place.var)]

    started = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [process.stdout.readline() for process in started if process.stdout]
    during = answers(place)
    ends = [(process.communicate(), process.returncode)[1] for process in started]

    assert said == ["up\n"] * 3
    assert (during, ends) == ((True, True), [0] * 3)
    assert answers(place) == (False, False)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a directory away")
def test_socket_directory_of_another_user_is_not_trusted(place: Servers) -> None:
    place.sockets.mkdir(mode=0o777)
    os.chown(place.sockets, NOBODY, NOBODY)

    with pytest.raises(CannotStart, match="belongs to another user"):
        place.ensure()


@pytest.mark.skipif(os.getuid() != 0, reason="the tests run as an ordinary user already")
def test_ordinary_user_starts_the_servers_too() -> None:
    if shutil.which("setpriv") is None:
        pytest.skip("no setpriv here")
    tried = subprocess.run([*AS_NOBODY, sys.executable, "-c", "import app.cli.servers"], cwd=ROOT, capture_output=True, check=False)
    if tried.returncode:
        pytest.skip(f"an ordinary user cannot use this interpreter: {tried.stderr.decode()[-80:].strip()}")
    home = Path(tempfile.mkdtemp(prefix="pc-billing-nobody-"))
    os.chown(home, NOBODY, NOBODY)
    place = Servers(home)
    place.sockets = place.sockets.with_name(place.sockets.name.replace("-0-", f"-{NOBODY}-"))

    try:
        with holder(place, AS_NOBODY):
            owners = {path.stat().st_uid for path in (home / "postgresql", place.sockets, place.sockets / "redis.sock")}
        gone = not (place.sockets / "redis.sock").exists()
    finally:
        shutil.rmtree(place.sockets, ignore_errors=True)
        shutil.rmtree(home)

    assert owners == {NOBODY}
    assert gone
