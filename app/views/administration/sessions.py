"""Login, the code after it, logout, and the sessions of oneself and of all."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import pyotp
import segno
from flask import abort, current_app, flash, g, redirect, request, session, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.models.filters import BaseFilter
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.views import AuthDBView, AuthLDAPView, AuthOAuthView
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import login_user
from flask_wtf import FlaskForm
from werkzeug.security import check_password_hash
from wtforms import PasswordField, StringField, ValidationError
from wtforms.validators import DataRequired, Length

from app import clock
from app.domain.administration import roles
from app.domain.administration.access import SessionEnd
from app.domain.administration.pages import LOOK, Page
from app.extensions import db, is_local_path, scope, transaction
from app.models.administration import TotpDevice, UserSession
from app.queries import administration as queries
from app.services import administration as service
from app.views import menu, session_guard
from app.views.administration.rights import works_everywhere
from app.views.base import FactView
from app.views.lists.selection import bulk_act


class SecondFactorForm(FlaskForm):
    """A code of six digits."""

    code = StringField(lazy_gettext("Code of six digits"), [DataRequired(), Length(max=10)])


class DeviceForm(SecondFactorForm):
    """The first code of a generator, and the password again: a screen that was left open enrolls nobody."""

    password = PasswordField(lazy_gettext("Present password"), render_kw={"autocomplete": "current-password"})

    def validate_password(self, field: PasswordField) -> None:
        """Refuse whoever does not know the present password; one of a directory is not known here."""
        if g.user.password and not check_password_hash(g.user.password, field.data or ""):
            raise ValidationError(_("This is not your present password."))


def members_only(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let everybody in who is logged in, whatever his roles."""

    @wraps(view)
    def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not g.user.is_authenticated:
            return redirect(url_for(f"{self.appbuilder.sm.auth_view.endpoint}.login", next=request.path))
        return view(self, *args, **kwargs)

    return guarded


class _Logout:
    """Logout by a form of ours; a link only asks."""

    @expose("/logout/", methods=["GET", "POST"])
    def logout(self) -> Any:
        """End the session on the server, or ask whether to."""
        if request.method == "GET":
            return self.render_template("logout.html")  # type: ignore[attr-defined]
        if record := g.get("session_record"):
            _end([record.id], SessionEnd.LOGOUT)
        answer = super().logout()  # type: ignore[misc]
        session_guard.forget_user()
        return answer


class DatabaseLoginView(_Logout, AuthDBView):
    """Login with a password of ours."""


class LdapLoginView(_Logout, AuthLDAPView):
    """Login with a password of the directory."""


class OAuthLoginView(_Logout, AuthOAuthView):
    """Login through a provider."""


class LoginCodeView(BaseView):
    """The second factor: asked for after the password, and set up where it is required and missing."""

    page = Page(None)
    route_base = "/login-code"

    @expose("/", methods=["GET", "POST"])
    def code(self) -> Any:
        """Ask for a code; a right one opens the session."""
        record = g.get("session_record")
        if record is None or record.is_open:
            return redirect(self.appbuilder.get_url_for_index)
        form, has_device = SecondFactorForm(), queries.has_device(db.session(), record.user_id)
        if form.validate_on_submit():
            if _is_right(record, _digits(form), has_device=has_device):
                return self._open(record)
            if session_guard.live_session(session.get(session_guard.SESSION, "")) is None:
                session_guard.forget_user()
                flash(_("Too many wrong codes. Log in again."), "warning")
                return redirect(url_for(f"{self.appbuilder.sm.auth_view.endpoint}.login"))
            form.code.errors = [_("The code is wrong or was used already. Wait for the next one.")]
        name = self.appbuilder.sm.get_user_by_id(record.user_id).username
        return self.render_template("login_code.html", form=form, setup=None if has_device else _setup(record.id, name))

    def _open(self, record: queries.SessionRecord) -> Any:
        g.proved_session_id = record.id
        login_user(self.appbuilder.sm.get_user_by_id(record.user_id))
        back = request.args.get("next", "")
        return redirect(back if is_local_path(back) else self.appbuilder.get_url_for_index)


class MySessionsView(BaseView):
    """What everybody sees of his own security: sessions, password, second factor."""

    page = Page(None)
    route_base = "/my-sessions"
    default_view = "show"

    @expose("/")
    @members_only
    def show(self) -> Any:
        """Show the user's sessions that live, and whether he has a second factor."""
        database = db.session()
        return self.render_template(
            "my_sessions.html",
            sessions=queries.own_sessions(database, g.user.id, now=clock.now(), today=clock.today()),
            current=g.session_record.id,
            has_device=queries.has_device(database, g.user.id),
        )

    @expose("/end", methods=["POST"])
    @members_only
    def end(self) -> Any:
        """End one of the user's sessions, or all but this one."""
        own = queries.own_sessions(db.session(), g.user.id, now=clock.now(), today=clock.today())
        chosen = request.form.get("id", "")
        ids = [each.id for each in own if str(each.id) == chosen or (chosen == "others" and each.id != g.session_record.id)]
        if not ids and chosen != "others":
            abort(404)
        count = _end(ids, SessionEnd.ENDED)
        flash(_("Sessions ended: %(count)s.", count=count), "info")
        return redirect(url_for("MySessionsView.show"))

    @expose("/device", methods=["GET", "POST"])
    @members_only
    def device(self) -> Any:
        """Set up a generator of one-time codes for the user himself."""
        if queries.has_device(db.session(), g.user.id):
            return redirect(url_for("MySessionsView.show"))
        form = DeviceForm()
        if form.validate_on_submit():
            if _confirm(g.session_record.id, _digits(form)):
                flash(_("From now on a code is asked for at login."), "success")
                return redirect(url_for("MySessionsView.show"))
            form.code.errors = [_("The code is wrong or was used already. Wait for the next one.")]
        return self.render_template("login_code.html", form=form, setup=_setup(g.session_record.id, g.user.username))


class OfMyPeople(BaseFilter):
    """Rows of people with a grant that is not over in the user's divisions, and his own; all of them in the whole company."""

    name = "OfMyPeople"

    def apply(self, query: Any, value: Any) -> Any:
        """Leave out the others."""
        if works_everywhere():
            return query
        mine = queries.people_here(clock.today())
        return query.filter(self.model.user_id.in_(mine) | (self.model.user_id == g.user.id))


class UserSessionView(FactView):
    page = Page(
        lazy_gettext("Sessions"),
        {LOOK: roles.ACCESS_READERS, "end_sessions": (roles.ADMINISTRATOR,)},
        menu.ADMINISTRATION.at(70, "Sessions"),
    )
    datamodel = SQLAInterface(UserSession)
    base_filters = [["user_id", OfMyPeople, None]]
    list_columns = ["user", "started_at", "seen_at", "address", "agent", "ended_at", "ended_by", "end_reason"]
    show_columns = list_columns
    search_columns = ["address", "ended_by", "end_reason"]
    base_order = ("id", "desc")
    searched = ("user", "address")

    end_sessions = bulk_act(
        "end_sessions", lazy_gettext("End the sessions"), lazy_gettext("End the chosen sessions?"), "fa-power-off", single=True
    )

    def back(self) -> Any:
        """Return to the card of the user from which the form was sent, or to the list."""
        return redirect(_card_or("UserSessionView.list"))


class TotpDeviceView(FactView):
    page = Page(
        lazy_gettext("Second factors"),
        {LOOK: (roles.ADMINISTRATOR,), "reset": (roles.ADMINISTRATOR,)},
        menu.ADMINISTRATION.at(80, "Second factors"),
    )
    datamodel = SQLAInterface(TotpDevice)
    base_filters = [["user_id", OfMyPeople, None]]
    list_columns = show_columns = ["user", "confirmed_at"]
    search_columns = ["confirmed_at"]
    base_order = ("id", "desc")
    searched = ("user",)

    reset = bulk_act(
        "reset",
        lazy_gettext("Reset"),
        lazy_gettext("Take these second factors away? Their users set up new ones."),
        "fa-eraser",
        single=True,
    )

    def back(self) -> Any:
        """Return to the card of the user from which the form was sent, or to the list."""
        return redirect(_card_or("TotpDeviceView.list"))


def _card_or(listed: str) -> str:
    """Return the address of the card a form was sent from, or of a list."""
    user_id = request.form.get("user", "")
    return url_for("UserView.show", pk=user_id) if user_id.isdecimal() else url_for(listed)


def _end(ids: list[int], reason: SessionEnd) -> int:
    current = scope.get()
    assert current is not None
    with transaction() as database:
        return service.end_sessions(database, ids, reason, by=current.actor, now=clock.now())


def _is_right(record: queries.SessionRecord, code: str, *, has_device: bool) -> bool:
    """Try a code of a login; a wrong one is counted."""
    name, now = f"user:{record.user_id}", clock.now()
    if has_device:
        with transaction() as database:
            return service.code_is_right(database, record.id, code, by=name, now=now)
    if _confirm(record.id, code):
        return True
    with transaction() as database:
        service.count_wrong_code(database, record.id, by=name, now=now)
    return False


def _confirm(session_id: int, code: str) -> bool:
    with transaction() as database:
        return service.confirm_device(database, session_id, code, now=clock.now())


def _digits(form: SecondFactorForm) -> str:
    return "".join((form.code.data or "").split())


def _setup(session_id: int, username: str) -> dict[str, str]:
    """Return the secret offered to a session as text and as a picture for the telephone."""
    with transaction() as database:
        secret = service.offer_device(database, session_id)
    address = pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=current_app.config["APP_NAME"])
    return {
        "secret": " ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
        "picture": segno.make(address).svg_data_uri(scale=5),
    }
