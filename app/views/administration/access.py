"""Who works here: users, where they may work, their language."""

from typing import Any

from flask import abort, redirect, request, session
from flask_appbuilder import BaseView, expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_babel import refresh

from app.extensions import stays_here
from app.models.administration import DivisionAccess
from app.views.base import EntityView


class StaffManager(SecurityManager):
    """Flask-AppBuilder's users and roles; the schema and the first roles belong to ``app.cli``."""

    def create_db(self) -> None:
        """Leave the schema to Alembic."""

    def on_user_login(self, user: Any) -> None:
        """Remember the name that what the user does is recorded under."""
        session["user_name"] = user.username


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
