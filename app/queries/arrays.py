"""Rows of integers as numpy arrays."""

import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format
from sqlalchemy import text
from sqlalchemy.dialects import registry
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session

from app.domain.values import Integers

#: Before the elements of an array of one dimension: dimensions, flags, type, length, lower bound; each element has its length.
_ARRAY_HEADER, _ELEMENT = 20, np.dtype([("length", ">i4"), ("value", ">i8")])
_BIGINT, _BIGINTS = 20, 1016


class _Integers(Dumper):
    """Send an array of integers in PostgreSQL's binary form: no text is made, and none is read there."""

    format = Format.BINARY
    oid = _BIGINTS

    def dump(self, obj: Integers) -> bytes:
        elements = np.empty(len(obj), dtype=_ELEMENT)
        elements["length"], elements["value"] = 8, obj
        dimensions = struct.pack(">iiiii", 1, 0, _BIGINT, len(obj), 1) if len(obj) else struct.pack(">iii", 0, 0, _BIGINT)
        return dimensions + elements.tobytes()


psycopg.adapters.register_dumper(np.ndarray, _Integers)


def columns(session: Session, statement: str, width: int, **parameters: Any) -> list[Integers]:
    """Return the columns of a statement whose values are all integers (none NULL), one array a column.

    PostgreSQL gathers each column into one array, which comes in its binary form: no object is made for a value.

    :param width: number of columns
    :param parameters: values by name; lists are lists of words or of integers
    """
    given = {name: _literal(value) if isinstance(value, list) else value for name, value in parameters.items()}
    driver: Any = session.connection().connection
    with driver.cursor(binary=True) as cursor:
        # Not prepared: the plan must be made for this many accounts.
        cursor.execute(_gathering(statement, width), given, prepare=False)
        return [_integers(cursor.pgresult.get_value(0, place)) for place in range(width)]


_DIALECT: Dialect = registry.load("postgresql.psycopg")()


@lru_cache(maxsize=512)
def _gathering(statement: str, width: int) -> str:
    """Return a statement that gathers another one's columns, in the driver's way of writing parameters."""
    names = [f"c{place}" for place in range(width)]
    gathered = ", ".join(f"array_agg({name}::bigint)" for name in names)
    return str(text(f"SELECT {gathered} FROM ({statement}) q ({', '.join(names)})").compile(dialect=_DIALECT))


def _literal(values: list[Any]) -> str:
    """Return words or integers as the text of a PostgreSQL array; its type is the column's."""
    return "{" + ",".join(map(str, values)) + "}"


def _integers(array: bytes | None) -> Integers:
    if array is None:
        return np.zeros(0, dtype=np.int64)
    elements = np.frombuffer(array, dtype=_ELEMENT, offset=_ARRAY_HEADER)
    assert (elements["length"] == 8).all()
    return elements["value"].astype(np.int64)


def texts(values: Sequence[str]) -> str:
    """Return texts as the text of a PostgreSQL array."""
    escaped = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join(f'"{value}"' for value in escaped) + "}"


def positions(ids: Integers, wanted: Integers) -> Integers:
    """Return where each wanted id stands in an ascending array of ids; every one must be there."""
    found = np.searchsorted(ids, wanted)
    assert not len(wanted) or (ids[found] == wanted).all()
    return found
