"""Commands of ``flask --app run`` as processes of their own, forked from one that has read the application's modules already."""

import multiprocessing
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory

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


def _perform(words: tuple[str, ...], environ: dict[str, str], stdout: str, stderr: str) -> None:
    """Become the command: its environment, its streams, its arguments."""
    os.environ.clear()
    os.environ.update(environ)
    for path, stream in ((stdout, sys.stdout), (stderr, sys.stderr)):
        with Path(path).open("wb") as file:
            os.dup2(file.fileno(), stream.fileno())
    sys.argv = ["flask", "--app", "run", *words]
    from flask import cli  # noqa: PLC0415

    import config  # noqa: PLC0415
    import run  # noqa: PLC0415 - the environment names its folder

    run.VAR = config.var_folder()
    cli.main()
