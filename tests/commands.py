"""Commands of ``flask --app run`` as processes of their own, forked from one that has read the application's modules already."""

import multiprocessing
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired
from tempfile import TemporaryDirectory

from tests.waiting import wait_until

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["run", "app.factory"])


def flask(*words: str, environ: Mapping[str, str], check: bool = False) -> CompletedProcess[str]:
    """Perform a command in an environment; return how it ended and what it said.

    :raises AssertionError: if it fails and ``check`` is set
    """
    with TemporaryDirectory() as folder:
        said = Path(folder, "stdout"), Path(folder, "stderr")
        process = _FORKS.Process(target=_perform, args=(words, dict(environ), *map(str, said)))
        process.start()
        process.join()
        assert process.exitcode is not None
        done = CompletedProcess(words, process.exitcode, *(path.read_text(encoding="utf-8") for path in said))
    assert done.returncode == 0 or not check, done.stdout + done.stderr
    return done


class Running:
    """A command that goes on, such as a worker: the first of a process group of its own, so that all of it can be killed."""

    def __init__(self, *words: str, environ: Mapping[str, str]) -> None:
        self._words = words
        self._process = _FORKS.Process(target=_go_on, args=(words, dict(environ)))
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid
        wait_until(lambda: os.getpgid(self.pid) == self.pid)

    def poll(self) -> int | None:
        """Return how it ended, None while it goes on."""
        return self._process.exitcode

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    def wait(self, timeout: float | None = None) -> None:
        """Wait until it has ended.

        :raises TimeoutExpired: if it goes on for longer than so many seconds
        """
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise TimeoutExpired(self._words, timeout or 0)


def _go_on(words: tuple[str, ...], environ: dict[str, str]) -> None:
    os.setsid()
    _become(words, environ)


def _perform(words: tuple[str, ...], environ: dict[str, str], stdout: str, stderr: str) -> None:
    for path, stream in ((stdout, sys.stdout), (stderr, sys.stderr)):
        with Path(path).open("wb") as file:
            os.dup2(file.fileno(), stream.fileno())
    _become(words, environ)


def _become(words: tuple[str, ...], environ: dict[str, str]) -> None:
    """Become the command: its environment, its arguments."""
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = ["flask", "--app", "run", *words]
    from flask import cli  # noqa: PLC0415

    import config  # noqa: PLC0415
    import run  # noqa: PLC0415 - the environment names its folder

    run.VAR = config.var_folder()
    cli.main()
