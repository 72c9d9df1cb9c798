"""What several tests begin with, made once: they work in one transaction, and what each of them does is undone after it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

Made = TypeVar("Made")


@contextmanager
def begun(engine: Engine, make: Callable[[Session], Made]) -> Iterator[tuple[Connection, Made]]:
    """Make something in a transaction that is rolled back at the end; give the connection and what was made: ids, no rows of a session."""
    with engine.connect() as connection:
        transaction = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            made = make(session)
            session.commit()
        yield connection, made
        transaction.rollback()


@contextmanager
def undone(connection: Connection) -> Iterator[Session]:
    """Give a session whose work is undone at the end, whatever it commits."""
    savepoint = connection.begin_nested()
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        yield session
    savepoint.rollback()
