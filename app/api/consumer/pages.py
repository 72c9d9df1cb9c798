"""Pages of rows: the place after a row, written so that apps do not take it for anything but what it is."""

import base64
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, TypeVar

from flask_babel import gettext as _

from app.api.consumer.calls import CallRefused, ConsumerCall
from app.api.openapi import FieldProblem

Row = TypeVar("Row", bound=Any)


def before(call: ConsumerCall) -> int | None:
    """Return the id before which the page begins; None: with the newest row.

    :raises CallRefused: if the cursor is none of ours
    """
    cursor = call.given.get("cursor")
    if cursor is None:
        return None
    try:
        found = int(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        found = -1
    if not 0 < found < 2**63:
        errors = [FieldProblem(field="cursor", reason=_("This is no value of the kind that is wanted."))]
        raise CallRefused(HTTPStatus.BAD_REQUEST, "WRONG_VALUES", _("Some of what was sent is wrong."), errors)
    return found


def as_dict(row: Any) -> dict[str, Any]:
    """Return a row of which every field is answered."""
    return dict(row._asdict())


def page_of_account(call: ConsumerCall, fetch: Callable[..., Sequence[Row]], told: Callable[[Row], Any]) -> dict[str, Any]:
    """Return the page of rows about the account that a call asks for.

    :param fetch: a query that is given the account, since when it is its consumer's, and the place and length of the page
    :param told: a row as it is answered
    """
    rows = fetch(call.session, call.access.account_id, held=call.held, before=before(call), limit=call.limit + 1)
    return page(call, rows, told)


def page(call: ConsumerCall, rows: Sequence[Row], told: Callable[[Row], Any]) -> dict[str, Any]:
    """Return a page of rows ordered by their id, of which one more was fetched than is shown, and the cursor of the next.

    :param told: a row as it is answered
    """
    shown = rows[: call.limit]
    cursor = base64.urlsafe_b64encode(str(shown[-1].id).encode()).decode().rstrip("=") if len(rows) > len(shown) else None
    return {"rows": [told(row) for row in shown], "next": cursor}
