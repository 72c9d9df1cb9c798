"""Where users may work, and their language."""

from inspect import signature
from typing import Any

from flask import abort, current_app, flash, g, has_request_context, redirect, request, session, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import force_locale, refresh
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_jwt_extended import get_jwt
from flask_login import current_user
from wtforms import validators as rules

from app import clock, labels
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.notices import NoticeKind
from app.extensions import appbuilder, db, is_local_path, scope, transaction
from app.models.administration import DivisionAccess
from app.queries import administration as queries
from app.services import administration as service
from app.services.administration import check_password
from app.services.notices import queue_staff_notice
from app.views import menu, session_guard
from app.views.administration import sessions
from app.views.administration.divisions import my_divisions
from app.views.administration.passwords import mark_given
from app.views.administration.rights import RightsManager
from app.views.administration.role_grants import refusing_rights
from app.views.base import EntityView
from app.views.refusals import FormRefused

#: What is looked up in place of a name nobody has: neither a name nor an e-mail address, which the framework takes too.
_NOBODY = " "


class StaffManager(RightsManager):
    """Flask-AppBuilder's users and roles; the schema and the first roles belong to ``app.cli``."""

    def create_db(self) -> None:
        """Leave the schema to Alembic."""

    authdbview = sessions.DatabaseLoginView
    authldapview = sessions.LdapLoginView
    authoauthview = sessions.OAuthLoginView

    def auth_user_db(self, username: str, password: str) -> Any:
        """Return the user of a name and password; an e-mail address is no name, a machine shows no code."""
        named = username if username and self.find_user(username=username) else _NOBODY
        return self._unless_code_is_due(super().auth_user_db(named, password))

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
        """Set a user's password, if it is good; one that somebody else sets is changed at the next sign-in."""
        user = self.get_user_by_id(userid)
        check_password(password, username=user.username)
        _tell_of_password(user)
        if has_request_context() and current_user.is_authenticated and current_user.id == user.id:
            service.mark_chosen(db.session(), user.id)
        else:
            mark_given(user.id)
        super().reset_password(userid, password)

    def create_jwt_manager(self, app: Any) -> Any:
        """Bind the tokens of the interface for machines to sessions that end on the server."""
        manager = super().create_jwt_manager(app)
        manager.additional_claims_loader(_claims)
        manager.token_in_blocklist_loader(lambda _header, token: session_guard.live_session(token.get("sid", "")) is None)
        return manager

    @staticmethod
    def _unless_code_is_due(user: Any) -> Any:
        if not user or request.endpoint != "SecurityApi.login":
            return user
        return None if session_guard.needs_code(user) or queries.given_password(db.session(), user.id) else user


def _tell_of_password(user: Any) -> None:
    """Write an e-mail about a new password to the outbox; it is committed with the password."""
    current = scope.get()
    with force_locale(current_app.config["BABEL_DEFAULT_LOCALE"]):
        subject = _("PC Billing: your password was changed")
        message = _(
            "The password of user %(name)s was changed on %(moment)s by %(actor)s. If you did not expect this, tell your administrator.",
            name=user.username,
            moment=labels.moment(clock.now()),
            actor=current.actor if current else "",
        )
    queue_staff_notice(db.session(), user.id, NoticeKind.STAFF_PASSWORD, subject=subject, message=message, now=clock.now())


def _claims(identity: str) -> dict[str, str]:
    """Return what a token carries besides its user: his session, the same for the tokens of one login."""
    if "token_session" not in g:
        known = get_jwt().get("sid") if request.endpoint == "SecurityApi.refresh" else None
        g.token_session = known or session_guard.start_session(appbuilder.sm.get_user_by_id(int(identity)), is_open=True)
    return {"sid": g.token_session}


class DivisionAccessView(EntityView):
    """Grants of access: given with their basis and dates, ended, never deleted once they were in force."""

    page = Page(
        _l("Access to divisions"),
        {LOOK: roles.ACCESS_READERS, "can_add can_edit can_end": (roles.ADMINISTRATOR,)},
        menu.ADMINISTRATION.at(60, "Division access"),
    )
    datamodel = SQLAInterface(DivisionAccess)
    base_permissions = ["can_list", "can_show", "can_add", "can_edit", "can_end"]
    list_template = "accesses.html"
    show_template = "access_show.html"
    list_columns = show_columns = add_columns = ["user", "division", "valid_from", "valid_to", "basis"]
    edit_columns = ["valid_to", "basis"]
    search_columns = ["division", "valid_from", "valid_to", "basis"]
    base_order = ("id", "desc")
    searched = ("user", "basis")
    validators_columns = {"basis": [rules.DataRequired(), rules.Length(max=300)]}

    def pre_add(self, item: DivisionAccess) -> None:
        with refusing_rights("user"):
            service.check_access(db.session(), item, giver_id=g.user.id, today=clock.today())

    pre_update = pre_add

    @expose("/end/<int:pk>", methods=["POST"])
    @has_access
    def end(self, pk: int) -> Any:
        """End a grant today."""
        item = db.session.get(DivisionAccess, pk) or abort(404)
        try:
            self.pre_update(item)
        except FormRefused as refused:
            flash(str(refused), "danger")
        else:
            user_id = item.user_id
            with transaction() as unit:
                service.end_access(unit, pk, today=clock.today())
            flash(_("The access ends today."), "success")
            return redirect(url_for("UserView.show", pk=user_id))
        return redirect(url_for("DivisionAccessView.show", pk=pk))


class AccessTodayView(BaseView):
    """Who may work in a division today, by whatever grant, also in the place of somebody absent."""

    page = Page(_l("Who has access today"), {"can_list": roles.ACCESS_READERS}, menu.ADMINISTRATION.at(90, "Access today"))
    route_base = "/access-today"
    default_view = "list"

    @expose("/")
    @has_access
    def list(self) -> Any:
        """Show who has access to the chosen division; a word narrows the list."""
        mine = my_divisions()
        wanted, word = request.args.get("division", ""), request.args.get("q", "")[:100].replace("\0", "").lower()
        chosen = next((each for each in mine if str(each.id) == wanted), mine[0] if mine and not wanted else None)
        if chosen is None:
            abort(404)
        rows = queries.access_on(db.session(), chosen.id, clock.today())
        found = [row for row in rows if word in f"{row.username} {row.name}".lower()]
        return self.render_template("access_today.html", divisions=mine, chosen=chosen, rows=found, word=word)


class LanguageView(BaseView):
    """The language switch; one stays where one is."""

    page = Page(None)
    route_base = "/language"

    @expose("/<code>")
    def switch(self, code: str) -> Any:
        """Switch the language and return to the page the user came from."""
        if code not in self.appbuilder.bm.languages:
            abort(404)
        session["locale"] = code
        if record := g.get("session_record"):
            with transaction() as database:
                service.keep_language(database, record.id, code)
        refresh()
        back = request.args.get("next", "/")
        return redirect(back if is_local_path(back) else "/")
