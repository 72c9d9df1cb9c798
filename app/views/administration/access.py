"""Who works here: users, where they may work, their language."""

from inspect import signature
from typing import Any

from flask import abort, g, redirect, request, session
from flask_appbuilder import BaseView, expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_babel import refresh
from flask_jwt_extended import get_jwt

from app.extensions import appbuilder, stays_here
from app.models.administration import DivisionAccess
from app.services.administration import check_password
from app.views import boundary
from app.views.administration import passwords, sessions
from app.views.base import EntityView


class StaffManager(SecurityManager):
    """Flask-AppBuilder's users and roles; the schema and the first roles belong to ``app.cli``."""

    def create_db(self) -> None:
        """Leave the schema to Alembic."""

    authdbview = sessions.DatabaseLoginView
    authldapview = sessions.LdapLoginView
    authoauthview = sessions.OAuthLoginView
    resetmypasswordview = passwords.OwnPasswordView
    resetpasswordview = passwords.StaffPasswordView

    def auth_user_db(self, username: str, password: str) -> Any:
        """Return the user of a name and password; a machine cannot show the code that some must add."""
        return self._unless_code_is_due(super().auth_user_db(username, password))

    def auth_user_ldap(self, username: str, password: str) -> Any:
        """Return the user of a name and password of the directory, as above."""
        return self._unless_code_is_due(super().auth_user_ldap(username, password))

    def add_user(self, *args: Any, **kwargs: Any) -> Any:
        """Add a user; his password, if he has one, must be good, whoever sets it."""
        given = signature(super().add_user).bind(*args, **kwargs).arguments
        if given.get("password"):
            check_password(given["password"], username=given["username"])
        return super().add_user(*args, **kwargs)

    def reset_password(self, userid: Any, password: str) -> None:
        """Set a user's password, if it is good."""
        check_password(password, username=self.get_user_by_id(userid).username)
        super().reset_password(userid, password)

    def create_jwt_manager(self, app: Any) -> Any:
        """Bind the tokens of the interface for machines to sessions that end on the server."""
        manager = super().create_jwt_manager(app)
        manager.additional_claims_loader(_claims)
        manager.token_in_blocklist_loader(lambda _header, token: boundary.live_session(token.get("sid", "")) is None)
        return manager

    @staticmethod
    def _unless_code_is_due(user: Any) -> Any:
        return None if user and request.endpoint == "SecurityApi.login" and boundary.needs_code(user) else user


def _claims(identity: str) -> dict[str, str]:
    """Return what a token carries besides its user: his session, the same for the tokens of one login."""
    if "token_session" not in g:
        known = get_jwt().get("sid") if request.endpoint == "SecurityApi.refresh" else None
        g.token_session = known or boundary.start_session(appbuilder.sm.get_user_by_id(int(identity)), is_open=True)
    return {"sid": g.token_session}


class DivisionAccessView(EntityView):
    datamodel = SQLAInterface(DivisionAccess)
    list_columns = form_columns = ["user", "division", "valid_from", "valid_to"]
    base_order = ("id", "asc")


class LanguageView(BaseView):
    """The language switch; one stays where one is."""

    route_base = "/language"

    @expose("/<code>")
    def switch(self, code: str) -> Any:
        """Switch the language and return to the page the user came from."""
        if code not in self.appbuilder.bm.languages:
            abort(404)
        session["locale"] = code
        refresh()
        back = request.args.get("next", "/")
        return redirect(back if stays_here(back) else "/")
