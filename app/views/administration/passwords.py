"""Passwords: one rule on every path, told in the user's language."""

from typing import Any

from flask import flash, g, redirect, request
from flask_appbuilder.exceptions import PasswordComplexityValidationError
from flask_appbuilder.fieldwidgets import BS3PasswordFieldWidget
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.views import ResetMyPasswordView, ResetPasswordView
from flask_appbuilder.validators import PasswordComplexityValidator
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.security import check_password_hash
from wtforms import PasswordField, ValidationError
from wtforms.validators import DataRequired, EqualTo

from app import labels
from app.extensions import appbuilder
from app.services import administration as service


def validate_password(password: str) -> None:
    """Refuse a weak password in words; the framework's forms call this."""
    try:
        service.check_password(password, username=_username())
    except service.WeakPassword as weak:
        raise PasswordComplexityValidationError(labels.member(weak.problem)) from None


def _username() -> str:
    """Return whose password a form sets: the one it names, the one its address names, or the user's own."""
    if typed := request.form.get("username"):
        return typed
    if (key := request.args.get("pk", "")).isdecimal() and (user := appbuilder.sm.get_user_by_id(int(key))):
        return str(user.username)
    return str(getattr(g.user, "username", ""))


def _password(label: Any, *checks: Any, description: Any = "") -> PasswordField:
    return PasswordField(label, validators=[DataRequired(), *checks], description=description, widget=BS3PasswordFieldWidget())


_RULE = lazy_gettext(
    "At least 12 characters; a sentence is easier to remember than signs. Words of the company or the region alone do not do."
)


class NewPasswordForm(DynamicForm):
    """A new password, twice."""

    password = _password(lazy_gettext("New password"), PasswordComplexityValidator(), description=_RULE)
    conf_password = _password(lazy_gettext("New password again"), EqualTo("password", message=lazy_gettext("The two passwords differ.")))


class OwnPasswordForm(DynamicForm):
    """The present password, and a new one twice."""

    current = _password(lazy_gettext("Present password"))
    password = _password(lazy_gettext("New password"), PasswordComplexityValidator(), description=_RULE)
    conf_password = _password(lazy_gettext("New password again"), EqualTo("password", message=lazy_gettext("The two passwords differ.")))

    def validate_current(self, field: PasswordField) -> None:
        """Refuse whoever only found the screen unlocked."""
        if not check_password_hash(g.user.password or "", field.data or ""):
            raise ValidationError(_("This is not your present password."))


class OwnPasswordView(ResetMyPasswordView):
    """A user changes his password; all his sessions end."""

    class_permission_name = "ResetMyPasswordView"
    form = OwnPasswordForm
    form_title = lazy_gettext("Change the password")
    message = lazy_gettext("The password was changed. Log in with the new one.")

    def form_post(self, form: OwnPasswordForm) -> Any:
        self.appbuilder.sm.reset_password(g.user.id, form.password.data)
        flash(str(self.message), "info")
        return redirect(f"{self.appbuilder.get_url_for_login}")


class StaffPasswordView(ResetPasswordView):
    """An administrator sets a user's password; all that user's sessions end."""

    class_permission_name = "ResetPasswordView"
    form = NewPasswordForm
    form_title = lazy_gettext("Set the password")
    message = lazy_gettext("The password was set. The user's sessions have ended.")
