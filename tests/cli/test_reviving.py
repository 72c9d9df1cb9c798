"""What was killed is started again, also if it cannot start at once."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import run
from app.cli.servers import Servers


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Servers]:
    """The servers that the program holds."""
    made = Servers(tmp_path / "var").ensure()
    monkeypatch.setattr(run, "_servers", made)
    yield made
    made.stop()
    shutil.rmtree(made.sockets, ignore_errors=True)


def kill_postgresql(place: Servers) -> None:
    pid = int((place.data / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise AssertionError("PostgreSQL still runs")


def test_database_whose_remains_are_in_the_way_is_tried_again(place: Servers, capsys: pytest.CaptureFixture[str]) -> None:
    kill_postgresql(place)
    lock = place.data / "postmaster.pid"
    with subprocess.Popen(["sleep", "60"]) as other:
        _, *rest = lock.read_text().splitlines(keepends=True)
        lock.write_text("".join([f"{other.pid}\n", *rest]))
        run._revive([], [])
        other.kill()
    refused = capsys.readouterr().err

    run._revive([], [])

    assert "It is tried again" in refused
    assert "PostgreSQL had ended and was started again" in capsys.readouterr().err
    psycopg.connect(place.database_url).close()


def test_database_that_is_killed_while_it_is_started_is_tried_again(
    place: Servers, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kill_postgresql(place)
    start = place._run

    def start_and_kill(program: str, *arguments: str) -> None:
        start(program, *arguments)
        kill_postgresql(place)

    with monkeypatch.context() as patched:
        patched.setattr(place, "_run", start_and_kill)
        run._revive([], [])
    refused = capsys.readouterr().err

    for _ in range(20):
        run._revive([], [])
        if place._postgresql_answers():
            break

    assert "PostgreSQL ended as soon as it was started" in refused
    psycopg.connect(place.database_url).close()
