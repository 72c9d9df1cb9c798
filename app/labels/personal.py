"""Personal data at the edge: in full for who may read it, masked for the others."""

from typing import Any

from flask import current_app, g, has_request_context

from app.domain.administration import privacy


def may_read() -> bool:
    """Tell whether the user of this request may read personal data in full; asked once a request."""
    if not has_request_context():
        return False
    if "reads_personal" not in g:
        # Consumers of the portal are no users of the office.
        is_of_office = getattr(g.get("user"), "is_authenticated", False)
        g.reads_personal = is_of_office and bool(current_app.extensions["appbuilder"].sm.has_access("can_read", "PersonalData"))
    return bool(g.reads_personal)


def shown(value: Any, column: str) -> str:
    """Return a value of a column as the user may see it."""
    text = "" if value is None else str(value)
    return privacy.masked(text) if text and privacy.is_personal(column, text) and not may_read() else text


def message(text: str | None) -> str:
    """Return a message as anybody may see it: a code that opens the portal is its reader's alone."""
    return privacy.without_codes(text or "") if may_read() else privacy.scrubbed(privacy.without_codes(text or ""))


def record(row: Any) -> Any:
    """Return a stored row or call, as kept in JSON, with what the user may not read masked at every depth."""
    if isinstance(row, dict):
        return {
            name: shown(value, name) if isinstance(value, str) and name in privacy.PERSONAL else record(value)
            for name, value in row.items()
        }
    if isinstance(row, list):
        return [record(each) for each in row]
    return row if may_read() or not isinstance(row, str) else privacy.scrubbed(row)


def may_search(column: str) -> bool:
    """Tell whether the user may search or order by a column; a search by what is masked would tell it."""
    return column not in privacy.PERSONAL or may_read()
