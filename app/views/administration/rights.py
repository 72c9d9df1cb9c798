"""What the user of a request may do: asked of the database once a request."""

from collections.abc import Hashable
from functools import partial
from typing import Any, cast

from flask import current_app, g, has_request_context
from flask_appbuilder.const import AUTH_DB, AUTH_LDAP, AUTH_OAUTH
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import select

from app import clock
from app.domain.administration import roles
from app.domain.administration.pages import Page
from app.extensions import db
from app.queries import administration as queries
from app.views.administration.profile import ResetMyPasswordView, UserInfoEditView

#: Reading personal data is no page: it unmasks them on all pages.
PERSONAL_DATA = Page(_l("Personal data"), {"can_read": roles.CONTRACT_STAFF})


class RightsManager(SecurityManager):
    """Flask-AppBuilder's permissions, with the roles of absent ones, and its pages about users replaced by ours."""

    resetmypasswordview = ResetMyPasswordView
    userinfoeditview = UserInfoEditView

    def register_views(self) -> None:
        """Register the pages of logging in and of one's own data; users, roles and groups stand in our menu."""
        self.appbuilder.add_api(self.security_api)
        ways = {AUTH_DB: self.authdbview, AUTH_LDAP: self.authldapview, AUTH_OAUTH: self.authoauthview}
        self.auth_view = ways[self.auth_type]()
        for view in (self.auth_view, self.resetmypasswordview(), self.userinfoeditview()):
            self.appbuilder.add_view_no_menu(view)

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """Tell whether the user of this request may do something."""
        user = current_user._get_current_object() if has_request_context() else None  # noqa: SLF001 - a page asks often
        if user is None or not user.is_authenticated:
            return bool(super().has_access(permission_name, view_name))
        return bool(user.is_active) and (permission_name, view_name) in _held_by(user.id) and _reaches(permission_name, view_name)

    def known_rights(self) -> Hashable:
        """Return what decides about all that the user of this request may do, None before he has logged in."""
        user = current_user._get_current_object()  # noqa: SLF001 - as above
        return (user.is_active, _held_by(user.id), works_everywhere()) if user.is_authenticated else None

    def get_user_roles(self, user: Any) -> list[Any]:
        """Return a user's roles: his own, his groups', and those of whom he stands in for today."""
        if not user.is_authenticated:
            return [self.get_public_role()]
        return cast("list[Any]", _once(("roles", user.id), lambda: self._roles_of(user.id)))

    def get_public_permissions(self) -> list[Any]:
        """Return what everybody may do without logging in."""
        return cast("list[Any]", _once("public", super().get_public_permissions))

    def _roles_of(self, user_id: int) -> list[Any]:
        ids = queries.role_ids_of_user(db.session(), user_id, clock.today())
        return list(db.session.scalars(select(self.role_model).where(self.role_model.id.in_(ids)).order_by(self.role_model.id)))


def _held_by(user_id: int) -> frozenset[tuple[str, str]]:
    ask = partial(queries.permissions_of_user, db.session(), user_id, clock.today())
    return cast("frozenset[tuple[str, str]]", _once(("permissions", user_id), ask))


def _reaches(permission_name: str, view_name: str) -> bool:
    """Tell whether the user's divisions are enough for a permission: what holds everywhere asks for the whole company."""
    page = current_app.extensions["pages"].get(view_name)
    if page is None or page.company_wide is None:
        return True
    return permission_name in page.company_wide.split() or works_everywhere()


def works_everywhere() -> bool:
    """Tell whether the user of this request works in the whole company."""
    return bool(_once("everywhere", lambda: queries.works_everywhere(db.session())))


def _once(key: Hashable, ask: Any) -> Any:
    """Return the answer to a question this request asked before, or ask."""
    if not has_request_context():
        return ask()
    known: dict[Hashable, Any] = g.setdefault("rights", {})
    if key not in known:
        known[key] = ask()
    return known[key]
