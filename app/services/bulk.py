"""Writing many rows at once: ids reserved from the table's sequence, rows sent by COPY.

COPY is not allowed under row-level security; a role under it sends the same rows as one INSERT.
"""

import json
from collections.abc import Iterable
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.values import Integers

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def reserve_ids(session: Session, table: str, count: int) -> Integers:
    """Return ``count`` fresh ids of a table, ascending."""
    rows = session.execute(
        text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)"),
        {"table": table, "count": count},
    )
    return np.sort(np.array([row[0] for row in rows], dtype=np.int64))


def copy(session: Session, table: str, columns: dict[str, Any], count: int) -> None:
    """Append rows to a table inside the session's transaction.

    :param columns: name → an array or list of ``count`` values, or one value for all rows; None is NULL
    """
    if not count:
        return
    if not _may_copy(session):
        _insert(session, table, columns, count)
        return
    texts = [_texts(values, count) for values in columns.values()]
    cursor = session.connection().connection.cursor()
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as stream:
        stream.write("\n".join(map("\t".join, zip(*texts, strict=True))) + "\n")
    cursor.close()


def dates(day_numbers: Integers) -> list[str]:
    """Return day numbers as ISO dates."""
    return [str(day) for day in day_numbers.astype("datetime64[D]")]


def months(months_since_epoch: Integers) -> list[str]:
    """Return months (counted from 1970-01) as the ISO dates of their first days."""
    return [f"{month}-01" for month in months_since_epoch.astype("datetime64[M]")]


def _may_copy(session: Session) -> bool:
    """Tell whether the connection's role stands above row-level security; asked once a connection."""
    known = session.connection().connection.info
    if "may_copy" not in known:
        known["may_copy"] = bool(session.scalar(text("SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = current_user")))
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
    if isinstance(values, np.ndarray):
        return list(values.tolist())
    return values if isinstance(values, list) else [values] * count


def _texts(values: Any, count: int) -> Iterable[str]:
    if isinstance(values, np.ndarray):
        return map(str, values.tolist())
    if isinstance(values, list):
        assert len(values) == count
        return [_text(value) for value in values]
    return [_text(values)] * count


def _text(value: Any) -> str:
    return "\\N" if value is None else str(value).translate(_ESCAPES)
