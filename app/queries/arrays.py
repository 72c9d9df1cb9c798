"""Rows of integers as numpy arrays."""

from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Select, TextClause, cast, literal
from sqlalchemy.orm import Session
from sqlalchemy.types import BigInteger, Date

from app.domain.values import Integers


def columns(session: Session, statement: Select[Any] | TextClause, width: int, **parameters: Any) -> list[Integers]:
    """Return the columns of a statement whose values are all integers, one array a column.

    :param width: number of columns, so that no rows still give as many (empty) arrays
    """
    rows = session.execute(statement, parameters).all()
    table = np.array([tuple(row) for row in rows], dtype=np.int64).reshape(len(rows), width)
    return [np.ascontiguousarray(table[:, column]) for column in range(width)]


def as_day_number(column: Any) -> ColumnElement[int]:
    """Return the days from 1970-01-01 to a date column."""
    return cast(column - literal("1970-01-01", Date), BigInteger)


def positions(ids: Integers, wanted: Integers) -> Integers:
    """Return where each wanted id stands in an ascending array of ids; every one must be there."""
    found = np.searchsorted(ids, wanted)
    assert not len(wanted) or (ids[found] == wanted).all()
    return found
