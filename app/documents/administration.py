"""What changed in a row, as people read it."""

from datetime import date, datetime
from typing import Any, NamedTuple

from app import labels
from app.domain.administration.audit import present_name
from app.labels import personal
from app.queries.administration.audit import AuditRecord


class ChangedValue(NamedTuple):
    """A column before and after."""

    label: str
    before: str
    after: str


def differences(entry: AuditRecord) -> list[ChangedValue]:
    """Return the columns an entry changed; all of a row that was added or deleted."""
    before, after = entry.before or {}, entry.after or {}
    return [
        ChangedValue(label(column), _written(column, before.get(column)), _written(column, after.get(column)))
        for column in sorted({*before, *after}, key=_as_in_forms)
        if before.get(column) != after.get(column)
    ]


def label(column: str) -> str:
    """Return what a column is called; a reference is called like what it refers to."""
    known, column = labels.COLUMN_LABELS, present_name(column)
    return str(known.get(column) or known.get(column.removesuffix("_id")) or column.replace("_", " "))


def title(table: str) -> str:
    """Return what the rows of a table are called."""
    return str(labels.TITLES.get(present_name(table), table))


def _as_in_forms(column: str) -> tuple[bool, str]:
    """Put what the machine fills last."""
    return column in {"id", "created_at", "created_by"}, column


def _written(column: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return labels.yes(value) or "✗"
    if isinstance(value, dict | list):
        return str(personal.record(value))
    if isinstance(value, int) and column.endswith("_tiyin"):
        return labels.money(value)
    if isinstance(value, int) and column.endswith("_milli"):
        return labels.quantity(value)
    text = personal.shown(value, column)
    return _moment(column, text) if isinstance(value, str) else text


def _moment(column: str, text: str) -> str:
    """Return a stored day or moment as people write it; any other text as it stands."""
    try:
        if column.endswith("_at"):
            return labels.moment(datetime.fromisoformat(text))
        if column.endswith(("_on", "_from", "_to", "_month")):
            day = date.fromisoformat(text)
            return labels.month(day) if column.endswith("_month") else labels.day(day)
    except ValueError:
        pass
    return text
