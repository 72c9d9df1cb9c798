"""How the console writes what its tables hold: moments, members and people as everywhere, records as they stand."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from markupsafe import Markup
from sqlalchemy import JSON

from app import labels

_AS_IT_STANDS = Markup('<code translate="no">{}</code>')


def of_columns(model: Any) -> dict[str, Any]:
    """Return how each column of a table is written; what is a technical record or number is marked as standing as it is."""
    made = {column.name: _formatter(column) for column in model.__table__.columns if not column.primary_key}
    return {name: _of_row(formatter) for name, formatter in made.items()}


def record(value: Any) -> Any:
    """Return a record as JSON, without personal data the reader may not see; nothing where there is none.

    >>> record(None)
    ''
    """
    if value is None or value == {}:
        return ""
    return _AS_IT_STANDS.format(json.dumps(labels.personal.record(value), ensure_ascii=False))


def plain(value: Any) -> Any:
    """Return a technical word or number as it stands."""
    return "" if value is None else _AS_IT_STANDS.format(value)


def table(value: str) -> str:
    """Return what the rows of a table are called."""
    return str(labels.TITLES.get(value, value))


def _formatter(column: Any) -> Any:
    kind = getattr(column.type, "enum_class", None)
    if kind is not None:
        return partial(labels.badge, kind=kind) if labels.is_state(column.name) else lambda value: labels.member_of(kind, value)
    if isinstance(column.type, JSON):
        return record
    if column.name.endswith("_ms"):
        return _provider_moment
    return plain if column.name.endswith(("_id", "sha256", "_key", "reply")) else labels.formatter_of(column.name)


def _provider_moment(milliseconds: int) -> str:
    """Return a moment that providers count in milliseconds; they write nought for none."""
    return labels.moment(datetime.fromtimestamp(milliseconds / 1000, UTC)) if milliseconds else ""


def _of_row(formatter: Any) -> Any:
    return lambda _view, _context, row, column: formatter(getattr(row, column))


def of_values(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Return formatters of values as the library calls them: with the view, the context, the row and the column."""
    return {column: _of_row(formatter) for column, formatter in chosen.items()}
