"""What a second person is shown of a change that holds in the whole company: each column, old beside new, keys never."""

from datetime import date
from typing import Any, NamedTuple

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import Enum

from app import labels
from app.domain.administration import ApprovalKind
from app.extensions import db
from app.models.administration import Approval, Division
from app.models.columns import metadata

_NEW_COLUMNS = {"key_sha256": "new_key", "secret": "new_secret"}


class DifferingSettings(NamedTuple):
    """A column and its two values."""

    label: Any
    before: str
    after: str


def differing(request: Approval) -> list[DifferingSettings]:
    """Return what a request would change, in the reader's words."""
    held = request.contents
    if request.kind == ApprovalKind.TRANSLATION:
        language = current_app.config["LANGUAGES"].get(held["language"], {}).get("name", held["language"])
        pairs = [(each, *pair) for each in held.get("entries", [held]) for pair in zip(each["before"], each["texts"], strict=False)]
        return [DifferingSettings(each["source"][0] if "entries" in held else language, before, after) for each, before, after in pairs]
    if request.kind != ApprovalKind.COMPANY_SETTING:
        return []
    table = held["table"]
    rows = [
        DifferingSettings(
            labels.COLUMN_LABELS[column.removesuffix("_id")],
            _shown(table, column, held["before"].get(column)),
            _shown(table, column, after),
        )
        for column, after in held["after"].items()
    ]
    hidden = _("changed; it is shown to nobody")
    return rows + [DifferingSettings(labels.COLUMN_LABELS[_NEW_COLUMNS[key]], "***", hidden) for key in held.get("keys", ())]


def _shown(table: str, column: str, value: Any) -> str:
    if value is None:
        return ""
    if column == "division_id":
        return str(db.session.get(Division, value) or value)
    kind: Any = metadata.tables[table].columns[column].type
    if isinstance(kind, Enum):
        return labels.member_of(kind.enum_class, value)
    if isinstance(value, bool):
        return str(labels.yes(value))
    if column.endswith("_tiyin"):
        return labels.money(value)
    return labels.day(date.fromisoformat(value)) if kind.python_type is date else str(value)
