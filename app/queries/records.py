"""Rows of SQL as records: columns come into the fields of their names, and a test holds both against the database.

Statements name their parameters ``:name``, whether a session sends them or the driver itself.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar, cast

import psycopg
from sqlalchemy import text
from sqlalchemy.dialects import registry
from sqlalchemy.orm import Session

#: A named tuple, or what the only column of a statement holds: ``int``, ``str``, ``date`` …
Kind = TypeVar("Kind")
Database = Session | psycopg.Connection[Any]
_text = lru_cache(maxsize=1024)(text)
#: Rows that are fetched together where they come one by one.
_AT_ONCE = 5000
#: A statement whose rows come together.
_WHOLE: Mapping[str, Any] = {}
_DIALECT: Any = registry.load("postgresql.psycopg")()


class Choice(NamedTuple):
    """A row people choose by its name."""

    id: int
    name: str


def fetch_all(database: Database, statement: str, kind: type[Kind], /, **parameters: Any) -> list[Kind]:
    """Return every row of a statement."""
    return list(_rows(database, statement, kind, parameters))


def fetch_each(session: Session, statement: str, kind: type[Kind], /, **parameters: Any) -> Iterator[Kind]:
    """Yield the rows of a statement as they come, however many there are: the server keeps them until they are asked for."""
    return _rows(session, statement, kind, parameters, {"stream_results": True, "yield_per": _AT_ONCE})


def fetch_optional(database: Database, statement: str, kind: type[Kind], /, **parameters: Any) -> Kind | None:
    """Return the only row of a statement, or None if there is none or, where it is a single value, if that is NULL.

    :raises AssertionError: if there are several rows
    """
    rows = fetch_all(database, statement, kind, **parameters)
    assert len(rows) <= 1
    return rows[0] if rows else None


def fetch_one(database: Database, statement: str, kind: type[Kind], /, **parameters: Any) -> Kind:
    """Return the only row of a statement, which is always there.

    :raises ValueError: if there is none, or several
    """
    (row,) = fetch_all(database, statement, kind, **parameters)
    return row


def _rows(
    database: Database, statement: str, kind: type[Kind], parameters: dict[str, Any], options: Mapping[str, Any] = _WHOLE
) -> Iterator[Kind]:
    names, rows = _sent(database, statement, parameters, options)
    if not issubclass(kind, tuple):
        return (row[0] for row in rows)
    record = cast("Any", kind)
    if names == record._fields:
        return map(record._make, rows)
    # In the order of the fields, whatever the order of the columns; a column that is missing raises.
    return map(record._make, map(itemgetter(*map(names.index, record._fields)), rows))


def _sent(
    database: Database, statement: str, parameters: dict[str, Any], options: Mapping[str, Any]
) -> tuple[tuple[str, ...], Iterator[Any]]:
    """Return the names of the columns, and the rows."""
    if isinstance(database, psycopg.Connection):
        cursor = database.execute(_of_driver(statement), parameters)
        return tuple(column.name for column in cursor.description or ()), iter(cursor)
    result = database.execute(_text(statement), parameters, execution_options=options)
    return tuple(result.keys()), iter(result)


@lru_cache(maxsize=256)
def _of_driver(statement: str) -> bytes:
    """Return a statement in the driver's way of writing parameters."""
    return str(text(statement).compile(dialect=_DIALECT)).encode()
