"""Rows of integers as numpy arrays."""

from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, TextClause, cast, literal, text
from sqlalchemy.orm import Session
from sqlalchemy.types import BigInteger, Date

from app.domain.values import Integers

#: Before the elements of an array of one dimension: dimensions, flags, type, length, lower bound; each element has its length.
_ARRAY_HEADER, _ELEMENT = 20, np.dtype([("length", ">i4"), ("value", ">i8")])


def columns(session: Session, statement: TextClause, width: int, **parameters: Any) -> list[Integers]:
    """Return the columns of a statement whose values are all integers (none NULL), one array a column.

    PostgreSQL gathers each column into one array, which comes in its binary form: no object is made for a value.

    :param width: number of columns
    :param parameters: values by name; arrays and lists are lists of integers
    """
    names = [f"c{place}" for place in range(width)]
    gathered = ", ".join(f"array_agg({name}::bigint)" for name in names)
    wrapped = text(f"SELECT {gathered} FROM ({statement.text}) q ({', '.join(names)})")
    connection = session.connection()
    given = {name: literal_array(value) if isinstance(value, np.ndarray | list) else value for name, value in parameters.items()}
    driver: Any = connection.connection
    with driver.cursor(binary=True) as cursor:
        # Not prepared: the plan must be made for this many accounts.
        cursor.execute(str(wrapped.compile(dialect=connection.dialect)), given, prepare=False)
        return [_integers(cursor.pgresult.get_value(0, place)) for place in range(width)]


def literal_array(values: Integers | list[int]) -> str:
    """Return integers as the text of a PostgreSQL array; much faster to send than a list."""
    listed = values.tolist() if isinstance(values, np.ndarray) else values
    return "{" + ",".join(map(str, listed)) + "}"


def _integers(array: bytes | None) -> Integers:
    if array is None:
        return np.zeros(0, dtype=np.int64)
    elements = np.frombuffer(array, dtype=_ELEMENT, offset=_ARRAY_HEADER)
    assert (elements["length"] == 8).all()
    return elements["value"].astype(np.int64)


def as_day_number(column: Any) -> ColumnElement[int]:
    """Return the days from 1970-01-01 to a date column."""
    return cast(column - literal("1970-01-01", Date), BigInteger)


def positions(ids: Integers, wanted: Integers) -> Integers:
    """Return where each wanted id stands in an ascending array of ids; every one must be there."""
    found = np.searchsorted(ids, wanted)
    assert not len(wanted) or (ids[found] == wanted).all()
    return found
