"""Work spread over several processes, each with connections of its own; the results come in the order of the work."""

import gc
import multiprocessing
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any, TypeVar

from flask import Flask, current_app

from app.extensions import db
from app.jobs.runner import enter_worker

ProcessTask = TypeVar("ProcessTask")
TaskResult = TypeVar("TaskResult")

#: Pieces each process has before it, so that none waits and results do not pile up.
_AHEAD = 2


def count() -> int:
    """Return how many processes there is room for."""
    return len(os.sched_getaffinity(0))


def spread(task: Callable[[ProcessTask], TaskResult], pieces: Sequence[ProcessTask], *, actor: str, processes: int) -> Iterator[TaskResult]:
    """Do a task for each piece of work in several processes; closing the iterator stops them after their present piece.

    The processes are forked, so they have the application as it stands; what must not be shared, the connections to the
    database, they open anew. They must not be forked from a process with threads.

    :param task: a function of a module; it finds the database in ``db.session`` and sees all divisions
    """
    application = current_app._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001
    pool = ProcessPoolExecutor(
        processes, mp_context=multiprocessing.get_context("fork"), initializer=_begin, initargs=(application, actor, os.getpid())
    )
    try:
        under_way: deque[Future[TaskResult]] = deque()
        for piece in pieces:
            under_way.append(pool.submit(task, piece))
            if len(under_way) >= processes * _AHEAD:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(application: Flask, actor: str, parent: int) -> None:
    """Make a forked process stand on its own: new connections, a new session, and an end when its parent ends."""
    # The inherited connections belong to the parent: they are forgotten here without being closed.
    context: Any = application.app_context()
    context.push()
    db.engine.dispose(close=False)
    enter_worker(actor)
    gc.freeze()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
