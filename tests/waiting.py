"""How tests wait for what other processes and servers do by themselves."""

import time
from collections.abc import Callable

import psycopg


def wait_until(met: Callable[[], object], seconds: float = 180) -> None:
    """Wait until something is true; ask again and again, for a machine may be slow."""
    until = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < until, f"not within {seconds} s"
        time.sleep(0.05)


def wait_for_row(url: str, statement: str, seconds: float = 180) -> None:
    """Wait until a statement finds a row."""
    with psycopg.connect(url, autocommit=True) as connection:
        wait_until(lambda: connection.execute(statement).fetchone(), seconds)
