"""Two connections at once: a copy of the empty database where work is really committed, and work that is seen to wait for a lock."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

import config
from tests.databases import fresh_database

#: A machine under load is slow; what never comes fails after this.
PATIENCE_S = 180


@contextmanager
def copied(servers: tuple[str, str], name: str) -> Iterator[Engine]:
    """Give connections to an empty database of one's own, as the role of the workers; it goes with its test."""
    url = config.database_url(fresh_database(servers[0], name))
    engine = create_engine(url, poolclass=NullPool, connect_args={"options": "-c role=pcb_worker"})
    try:
        yield engine
    finally:
        engine.dispose()
        with psycopg.connect(servers[0], autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


class Beside:
    """Work in a thread with a session of its own, committed at its end unless it fails."""

    def __init__(self, engine: Engine, work: Callable[[Session], Any]) -> None:
        self._engine, self._work = engine, work
        self.result: Any = None
        self.error: Exception | None = None
        self.pid = 0
        self._connected = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._connected.wait(PATIENCE_S)

    def _run(self) -> None:
        with Session(self._engine) as session:
            self.pid = int(session.scalar(text("SELECT pg_backend_pid()")) or 0)
            self._connected.set()
            try:
                self.result = self._work(session)
                session.commit()
            except Exception as error:  # noqa: BLE001 - the test looks at it
                self.error = error

    def waits(self) -> bool:
        """Tell whether it comes to wait for a lock, rather than to its end."""
        waiting = text("SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = :pid")
        with Session(self._engine) as session:
            while self._thread.is_alive():
                if session.scalar(waiting, {"pid": self.pid}):
                    return True
                session.rollback()
                time.sleep(0.02)
        return False

    def done(self) -> Any:
        """Wait for its end and return what it returned, or raise its error."""
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()
        if self.error:
            raise self.error
        return self.result
