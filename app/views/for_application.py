"""Pages whose document does what an application asks for: filled from it, and closing it. The address names it."""

from typing import Any

from flask import request
from sqlalchemy.orm import Session

from app import clock, labels
from app.extensions import db
from app.models.applications import ConsumerApplication
from app.services import applications as service


def application_id() -> int | None:
    """Return the application that a page was opened for; None: it was opened for none."""
    given = request.args.get("application", "")
    return int(given) if given.isdecimal() and len(given) < 19 else None


def fill(form: Any) -> None:
    """Fill the fields of an empty form from the application that the page was opened for; what it does not say stays."""
    number = application_id()
    found = db.session.get(ConsumerApplication, number) if number is not None else None
    if found is None or found.status not in service.FILLABLE:
        return
    for name, value in (_values(found) | {"reason": labels.application_basis(found.id, found.filed_on)}).items():
        if name in form and value not in (None, ""):
            form[name].data = value


def _values(found: ConsumerApplication) -> dict[str, Any]:
    return dict(service.page_values(db.session(), found, today=clock.today()))


def close(session: Session, reference: str) -> None:
    """Let the document with a reference, just drawn up, do the work of the application that the page was opened for.

    :raises ApplicationRefused: if it is not what the application asks for
    """
    number = application_id()
    if number is not None:
        service.attach(session, number, reference, today=clock.today(), now=clock.now())
