"""Rows as PostgreSQL's binary COPY format, made by numpy: one structured array, cut to length where texts differ.

Format: https://www.postgresql.org/docs/15/sql-copy.html, "Binary Format".
"""

import struct
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from app.domain.values import Flags, Integers

_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
_TRAILER = struct.pack(">h", -1)
#: PostgreSQL counts days from 2000-01-01.
_DAY_ZERO = np.datetime64("2000-01-01", "D")
#: Column types of a fixed width → how numpy writes them.
_FIXED = {"bigint": ">i8", "integer": ">i4", "smallint": ">i2", "date": ">i4", "boolean": "u1", "uuid": "V16"}


class Coded(NamedTuple):
    """A column of few different texts (or decimals, as texts): the words, and each row's place among them; None is NULL."""

    words: Sequence[str | None]
    codes: Integers

    def listed(self) -> list[str | None]:
        """Return the values one by one."""
        return [self.words[code] for code in self.codes.tolist()]


class Sparse(NamedTuple):
    """A column of numbers with gaps: NULL where not present."""

    values: Integers
    present: Flags

    def listed(self) -> list[int | None]:
        """Return the values one by one."""
        return [value if there else None for value, there in zip(self.values.tolist(), self.present.tolist(), strict=True)]


class _Field(NamedTuple):
    """A column ready to be laid out: bytes of each row (or of all), and how many of them count (-1: NULL)."""

    format: str
    values: Any
    lengths: Any
    varies: bool


def encoded(types: Sequence[str], columns: Sequence[Any], count: int) -> bytes | None:
    """Return rows in the binary format, or None if a column has a type or a shape that only the text format serves.

    :param types: names of the columns' types as ``format_type`` gives them, without lengths
    :param columns: an array, ``Coded``, ``Sparse`` or one value for all rows
    """
    fields = [_field(kind, column) for kind, column in zip(types, columns, strict=True)]
    known = [field for field in fields if field is not None]
    if len(known) < len(fields):
        return None
    layout: list[tuple[str, str]] = [("count", ">i2")]
    for place, field in enumerate(known):
        layout += [(f"length{place}", ">i4"), (f"value{place}", field.format)]
    rows = np.zeros(count, dtype=layout)
    rows["count"] = len(known)
    for place, field in enumerate(known):
        rows[f"length{place}"] = field.lengths
        rows[f"value{place}"] = field.values
    return _HEADER + _cut(rows, known) + _TRAILER


def _cut(rows: Any, fields: Sequence[_Field]) -> bytes:
    """Return the rows' bytes without what lies behind the ends of values of varying length."""
    if not any(field.varies for field in fields):
        return bytes(rows.tobytes())
    width = rows.dtype.itemsize
    kept = np.ones((len(rows), width), dtype=bool)
    for place, field in enumerate(fields):
        if field.varies:
            kind, start = rows.dtype.fields[f"value{place}"][:2]
            kept[:, start : start + kind.itemsize] = np.arange(kind.itemsize) < np.asarray(field.lengths)[:, None]
    return bytes(rows.view(np.uint8).reshape(len(rows), width)[kept].tobytes())


def _field(kind: str, column: Any) -> _Field | None:
    if isinstance(column, Coded):
        return _coded(kind, column)
    if isinstance(column, Sparse):
        form = _FIXED.get(kind)
        width = np.dtype(form).itemsize if form else 0
        return _Field(form, column.values, np.where(column.present, width, -1), varies=True) if form else None
    if isinstance(column, np.ndarray):
        return _array(kind, column)
    return _single(kind, column)


def _array(kind: str, column: Any) -> _Field | None:
    form = _FIXED.get(kind)
    if form is None or column.dtype.kind not in "iubMV":
        return None
    if kind == "date":
        column = (column.astype("datetime64[D]") - _DAY_ZERO).astype(np.int64)
    return _Field(form, column, np.dtype(form).itemsize, varies=False)


def _single(kind: str, value: Any) -> _Field | None:
    if value is None:
        return _Field("V0", b"", -1, varies=False)
    if isinstance(value, date) and kind == "date":
        return _Field(">i4", (np.datetime64(value, "D") - _DAY_ZERO).astype(np.int64), 4, varies=False)
    if isinstance(value, bool | int | np.integer):
        form = _FIXED.get(kind)
        return _Field(form, value, np.dtype(form).itemsize, varies=False) if form else None
    body = _word(kind, str(value))
    return _Field(f"V{len(body)}", np.void(body) if body else b"", len(body), varies=False) if body is not None else None


def _coded(kind: str, column: Coded) -> _Field | None:
    bodies = [None if word is None else _word(kind, word) for word in column.words]
    if any(body is None and word is not None for body, word in zip(bodies, column.words, strict=True)):
        return None
    width = max((len(body) for body in bodies if body), default=0)
    table = np.frombuffer(b"".join((body or b"").ljust(width, b"\0") for body in bodies), dtype=f"V{width}") if width else b""
    lengths = np.array([-1 if body is None else len(body) for body in bodies], dtype=np.int64)
    varies = len(set(lengths.tolist())) > 1
    values = table[column.codes] if width else b""
    return _Field(f"V{width}", values, lengths[column.codes], varies)


def _word(kind: str, word: str) -> bytes | None:
    if kind in {"text", "character varying"}:
        return word.encode()
    if kind == "numeric":
        return numeric(word)
    return None


def numeric(decimal: str) -> bytes:
    """Return a decimal number in the binary format of ``numeric``: digits to the base of 10,000.

    >>> numeric("1").hex(" ", 2)
    '0001 0000 0000 0000 0001'
    """
    sign, digits = (0x4000, decimal[1:]) if decimal.startswith("-") else (0, decimal)
    whole, _, fraction = digits.partition(".")
    whole = whole.lstrip("0")
    whole = whole.zfill(-(-len(whole) // 4) * 4)
    padded = whole + fraction.ljust(-(-len(fraction) // 4) * 4, "0")
    groups = [int(padded[start : start + 4]) for start in range(0, len(padded), 4)]
    weight = len(whole) // 4 - 1
    while groups and groups[0] == 0:
        groups, weight = groups[1:], weight - 1
    while groups and groups[-1] == 0:
        groups = groups[:-1]
    if not groups:
        sign, weight = 0, 0
    return struct.pack(f">hhHh{len(groups)}h", len(groups), weight, sign, len(fraction), *groups)
