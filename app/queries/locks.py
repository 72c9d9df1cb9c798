"""The one space of advisory locks: what is locked, by which key, and for how long.

A lock's key is a name of ``Lock`` and what it is about, hashed to 64 bits by the server, so that SQL that has no parameters can
name the same lock. Triggers of the schema take ``REFERENCE_RELEASE``, ``PAYMENT_REFERENCES`` and
``READING_REFERENCES``.
"""

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import Connection, TextClause, text
from sqlalchemy.orm import Session


class Lock(StrEnum):
    """What is locked."""

    SCHEMA = "SCHEMA"  # revisions and logins of the database
    JOB = "JOB"  # a job while a worker performs it; by its id
    DAILY_JOBS = "DAILY_JOBS"
    CONFLICTS = "CONFLICTS"  # counters of subscriptions
    AUDIT_SEAL = "AUDIT_SEAL"
    KEY = "KEY"  # what is done once a key; by table and key
    LIMIT = "LIMIT"  # what one person does alone below a limit; by his name and the limit
    READING_FILE = "READING_FILE"  # by the digest of its contents
    TAX_INVOICES = "TAX_INVOICES"  # their numbers; by division
    ACCOUNTING_PERIOD = "ACCOUNTING_PERIOD"  # shared by postings; by division
    PAYMENT_FILES = "PAYMENT_FILES"  # loading them; by contract
    PORTAL_CODES = "PORTAL_CODES"
    INDICATORS = "INDICATORS"  # counting them
    REPORT = "REPORT"  # versions of stored reports; by division
    REFERENCE_RELEASE = "REFERENCE_RELEASE"  # in the schema
    PAYMENT_REFERENCES = "PAYMENT_REFERENCES"  # in the schema; shared by what is written of payments
    READING_REFERENCES = "READING_REFERENCES"  # in the schema; shared by what is written of readings


def key_of(lock: Lock, about: str = "''") -> str:
    """Return the SQL of a lock's key.

    :param about: SQL of the text that says what exactly is locked

    >>> key_of(Lock.JOB, "j.id::text")
    "hashtextextended('JOB:' || j.id::text, 0)"
    """
    return f"hashtextextended('{lock}:' || {about}, 0)"


def acquire(session: Session | Connection, lock: Lock, *about: object) -> None:
    """Wait for a lock and hold it to the end of the transaction."""
    session.execute(_call("pg_advisory_xact_lock", lock), {"about": _text(about)})


def acquire_shared(session: Session, lock: Lock, several: Iterable[object]) -> None:
    """Wait for several locks and hold them, shared with others, to the end of the transaction."""
    statement = f"SELECT pg_advisory_xact_lock_shared({key_of(lock, 'about')}) FROM unnest(CAST(:several AS text[])) AS u (about)"
    session.execute(text(statement), {"several": [str(each) for each in several]})


def try_to_acquire(session: Session, lock: Lock, *about: object) -> bool:
    """Take a lock to the end of the transaction if it is free; return whether it was."""
    return bool(session.scalar(_call("pg_try_advisory_xact_lock", lock), {"about": _text(about)}))


def acquire_for_connection(connection: Connection, lock: Lock) -> None:
    """Wait for a lock and hold it until the connection closes."""
    connection.execute(_call("pg_advisory_lock", lock), {"about": ""})


def try_to_acquire_for_connection(connection: Connection, lock: Lock, *about: object) -> bool:
    """Take a lock until it is released or the connection closes, if it is free; return whether it was."""
    return bool(connection.scalar(_call("pg_try_advisory_lock", lock), {"about": _text(about)}))


def release(connection: Connection, lock: Lock, *about: object) -> None:
    """Release a lock that the connection holds."""
    connection.execute(_call("pg_advisory_unlock", lock), {"about": _text(about)})


def is_held(lock: Lock, about: str) -> str:
    """Return the SQL condition that a connection holds a lock alone.

    :param about: SQL of the text that says what exactly is locked
    """
    return (
        "EXISTS (SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' AND l.objsubid = 1 "
        "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
        f"AND (l.classid::bigint << 32 | l.objid::bigint) = {key_of(lock, about)})"
    )


def _call(function: str, lock: Lock) -> TextClause:
    return text(f"SELECT {function}({key_of(lock, 'CAST(:about AS text)')})")


def _text(about: Iterable[object]) -> str:
    return ":".join(map(str, about))
