"""Passwords: one rule on every path, told in the user's language."""

from flask import g, request
from flask_appbuilder.exceptions import PasswordComplexityValidationError
from flask_babel import lazy_gettext

from app import clock, labels
from app.extensions import appbuilder, db, scope
from app.services import administration as service


def validate_password(password: str) -> None:
    """Refuse a weak password in words; the framework's forms call this."""
    try:
        service.check_password(password, username=_username())
    except service.WeakPassword as weak:
        raise PasswordComplexityValidationError(labels.member(weak.problem)) from None


def mark_given(user_id: int) -> None:
    """Record that whoever works now gave a user his password, so that the user is asked for one of his own."""
    current = scope.get()
    service.mark_given(db.session(), user_id, by=current.actor if current else "", now=clock.now())


def _username() -> str:
    """Return whose password a form sets: the one it names, the one its address names, or the user's own."""
    if typed := request.form.get("username"):
        return typed
    if (key := request.args.get("pk", "")).isdecimal() and (user := appbuilder.sm.get_user_by_id(int(key))):
        return str(user.username)
    return str(getattr(g.user, "username", ""))


RULE = lazy_gettext(
    "At least 12 characters; a sentence is easier to remember than signs. Words of the company or the region alone do not do."
)
