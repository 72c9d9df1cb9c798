"""Writing many rows at once: ids reserved from the table's sequence, rows sent by COPY.

Columns of arrays, ``Coded``, ``Sparse`` and single values go in the binary format; lists in the text format. COPY is not
allowed under row-level security; a role under it sends the same rows as one INSERT.
"""

import json
import secrets
from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.values import Integers
from app.queries import arrays
from app.queries.records import fetch_all, fetch_one
from app.services.binary_copy import Coded, Sparse, encoded

__all__ = ["Coded", "Sparse", "copy", "dates", "may_copy", "months", "reserve_ids", "uuids"]

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
#: Rows below this number are not worth the columns' types.
_FEW = 20


def reserve_ids(session: Session, table: str, count: int) -> Integers:
    """Return ``count`` fresh ids of a table, ascending."""
    # The sequence is looked up once, not once an id.
    statement = (
        "SELECT nextval(s.name) FROM (SELECT pg_get_serial_sequence(CAST(:table AS text), 'id')::regclass AS name OFFSET 0) s, "
        "generate_series(1, CAST(:count AS int))"
    )
    (ids,) = arrays.columns(session, statement, 1, table=table, count=count)
    return np.sort(ids)


def copy(session: Session, table: str, columns: dict[str, Any], count: int) -> None:
    """Append rows to a table inside the session's transaction.

    :param columns: name → an array, ``Coded``, ``Sparse`` or list of ``count`` values, or one value for all rows; None is NULL
    """
    if not count:
        return
    if not may_copy(session):
        _insert(session, table, columns, count)
        return
    cursor = session.connection().connection.cursor()
    rows = None if count < _FEW or any(isinstance(each, list) for each in columns.values()) else _binary(session, table, columns, count)
    if rows is None:
        texts = [_texts(values, count) for values in columns.values()]
        rows = ("\n".join(map("\t".join, zip(*texts, strict=True))) + "\n").encode()
        form = ""
    else:
        form = " (FORMAT BINARY)"
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN{form}") as stream:
        stream.write(rows)
    cursor.close()


def dates(day_numbers: Integers) -> Any:
    """Return day numbers as an array of dates."""
    return day_numbers.astype("datetime64[D]")


def months(months_since_epoch: Integers) -> Any:
    """Return months (counted from 1970-01) as an array of the dates of their first days."""
    return months_since_epoch.astype("datetime64[M]").astype("datetime64[D]")


def uuids(session: Session, count: int) -> Any:
    """Return fresh UUIDs (version 7, RFC 9562) as an array of 16 bytes each.

    They begin with the moment, so an index of them grows at its end; 74 bits of each are random and cannot be guessed.
    """
    (now_ms,) = arrays.columns(session, "SELECT extract(epoch FROM clock_timestamp()) * 1000", 1)
    made = np.frombuffer(secrets.token_bytes(16 * count), dtype=np.uint8).reshape(count, 16).copy()
    made[:, :6] = np.frombuffer(int(now_ms[0]).to_bytes(6, "big"), dtype=np.uint8)
    made[:, 6] = (made[:, 6] & 0x0F) | 0x70
    made[:, 8] = (made[:, 8] & 0x3F) | 0x80
    return made.view("V16")[:, 0]


class _ColumnType(NamedTuple):
    name: str
    type: str


def _binary(session: Session, table: str, columns: dict[str, Any], count: int) -> bytes | None:
    """Return the rows in the binary format, if all columns have one."""
    known = session.connection().connection.info.setdefault("column_types", {})
    if table not in known:
        statement = (
            "SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute "
            "WHERE attrelid = CAST(:table AS regclass) AND attnum > 0"
        )
        known[table] = dict(fetch_all(session, statement, _ColumnType, table=table))
    return encoded([known[table][name.strip('"')] for name in columns], list(columns.values()), count)


def may_copy(session: Session) -> bool:
    """Tell whether the connection's role stands above row-level security; asked once a connection."""
    known = session.connection().connection.info
    if "may_copy" not in known:
        known["may_copy"] = fetch_one(session, "SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = current_user", bool)
    return bool(known["may_copy"])


def _insert(session: Session, table: str, columns: dict[str, Any], count: int) -> None:
    names = [name.strip('"') for name in columns]
    values = [_list(each, count) for each in columns.values()]
    rows = [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]
    listed = ", ".join(columns)
    session.execute(
        text(f"INSERT INTO {table} ({listed}) SELECT {listed} FROM jsonb_populate_recordset(CAST(NULL AS {table}), CAST(:rows AS jsonb))"),
        {"rows": json.dumps(rows, default=str)},
    )


def _list(values: Any, count: int) -> list[Any]:
    if isinstance(values, Coded | Sparse):
        return list(values.listed())
    if isinstance(values, np.ndarray):
        return [_uuid(each) for each in values.tolist()] if values.dtype.kind == "V" else list(values.tolist())
    return values if isinstance(values, list) else [values] * count


def _texts(values: Any, count: int) -> Iterable[str]:
    if isinstance(values, np.ndarray) and values.dtype.kind in "iub":
        return map(str, values.tolist())
    if isinstance(values, list | np.ndarray | Coded | Sparse):
        listed = _list(values, count)
        assert len(listed) == count
        return [_text(value) for value in listed]
    return [_text(values)] * count


def _text(value: Any) -> str:
    if value is None:
        return "\\N"
    return (json.dumps(value) if isinstance(value, dict) else str(value)).translate(_ESCAPES)


def _uuid(value: bytes) -> str:
    return str(UUID(bytes=bytes(value)))
