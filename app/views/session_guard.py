"""What every request passes: whether its session lives, whether a code is awaited, and what browsers are told with the answer."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, abort, current_app, flash, g, redirect, request, session, url_for
from flask_appbuilder.const import AUTH_DB
from flask_babel import gettext as _
from flask_babel import refresh
from flask_login import logout_user, user_logged_in
from werkzeug.routing import IntegerConverter

from app import clock
from app.extensions import Scope, appbuilder, csp_nonce, db, is_local_path, scope, set_scope, transaction
from app.queries import administration as queries
from app.services import administration as service

SESSION = "session"
#: The division a user looks at; it ends with his session.
WITHIN = "division"
#: What a session keeps when somebody logs in or out: the language, and the token of the form that is under way.
_KEPT = ("locale", "csrf_token")
_LOGGED_IN = ("_user_id", "_fresh", "_id")
#: Callers with keys instead of sessions, whose bodies are read as they come.
_OF_MACHINES = ("applications", "consumer", "messages", "providers", "readings")
_OWN_RULES = ("portal", *_OF_MACHINES, "health", "static", "appbuilder.static", "admin.static")
#: Pages that scripts of ours send JSON to, which these read themselves.
_OF_SCRIPTS = ("FieldView.acts",)
_READS = ("GET", "HEAD", "OPTIONS")
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
#: Rows on a page of a list.
LARGEST_PAGE = 100
_TOUCH_S = 60
_MOST_DIGITS = 4000

_POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
    "worker-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class RowNumber(IntegerConverter):
    """The number of a row in an address; what no row can have leads nowhere."""

    regex = r"\d{1,18}"


def init_boundary(app: Flask) -> None:
    """Guard every request and every answer; to be called before Flask-AppBuilder takes its turn."""
    app.before_request(enter_request)
    app.after_request(protect)
    app.after_request(_say_once)
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    user_logged_in.connect(_log_in, app)


def enter_request() -> Any:
    """Work as the user of the session, in his divisions; without one that lives, in none."""
    if request.blueprint == appbuilder.sm.auth_view.endpoint and not request.args.get("next", "").isprintable():
        abort(HTTPStatus.BAD_REQUEST)
    if session.get("locale") not in (None, *(appbuilder.bm.languages if appbuilder.bm else ())):
        session.pop("locale")
    user_id = session.get("_user_id")
    name = session.get("user_name") or (f"user:{user_id}" if user_id else "anonymous")
    if request.blueprint not in _OF_MACHINES and not (_is_form_or_none() and _is_readable()):
        abort(HTTPStatus.BAD_REQUEST)
    if request.endpoint == "SecurityApi.login" and not _are_plain_words(request.get_json(silent=True)):
        abort(HTTPStatus.BAD_REQUEST)
    working = Scope(actor=name, today=clock.today(), address=_address(), user_id=int(user_id) if user_id else None)
    scope.set(working._replace(within_id=session.get(WITHIN) if user_id else None))
    if request.endpoint in _OWN_RULES or request.blueprint in _OWN_RULES or not (user_id or SESSION in session):
        return None
    record = live_session(session.get(SESSION, ""))
    if record is None or (record.is_open and str(record.user_id) != user_id) or (user_id and not record.is_open):
        return _turn_away()
    g.session_record = record
    if not record.is_open and not _serves_unknown():
        return redirect(url_for("LoginCodeView.code", next=_here()))
    return _lead_to_choice() if record.is_open and record.must_choose else None


def _is_form_or_none() -> bool:
    """Tell whether what is sent to a page is a form: anything else would be read as a form whose every field was emptied."""
    if request.method in _READS or request.mimetype in _FORMS or request.blueprint == "SecurityApi" or request.endpoint in _OF_SCRIPTS:
        return True
    return not (request.mimetype or request.content_length or "Transfer-Encoding" in request.headers)


def _is_readable() -> bool:
    """Tell whether the words and the page numbers of a request are ones a page can work with."""
    return not any(map(_is_unreadable, _words())) and all(_is_paging(*each) for each in request.args.items(multi=True))


def _words() -> list[str]:
    """Return what stands in the address, its arguments and the form."""
    return [*map(str, (request.view_args or {}).values()), *(value for _name, value in request.values.items(multi=True))]


def _is_unreadable(word: str) -> bool:
    """Tell whether no column holds a word, or no program reads it as a number (Python stops at 4,300 digits)."""
    return "\0" in word or (len(word) > _MOST_DIGITS and word.isdecimal())


def _is_paging(name: str, value: str) -> bool:
    """Tell whether an argument, if it turns the pages of a list, can be counted with; cards hold lists of related rows too."""
    if not name.startswith(("psize_", "page_")):
        return True
    return value.isdecimal() and len(value) < 7 and (name.startswith("page_") or int(value) <= LARGEST_PAGE)


def _are_plain_words(told: Any) -> bool:
    """Tell whether JSON is an object of words and yes or no; half a letter is no word, and the framework takes what is not for one."""
    if not isinstance(told, dict) or not all(isinstance(value, str | bool) for value in told.values()):
        return False
    return not any("\0" in word or any("\ud800" <= letter <= "\udfff" for letter in word) for word in map(str, told.values()))


def live_session(token: str) -> queries.SessionRecord | None:
    """Return the session of a token if it lives, and note once a minute that it is in use."""
    now = clock.now()
    record = queries.live_session(db.session(), service.hash_of(token), now=now, today=clock.today())
    if record is not None and (now - record.seen_at).total_seconds() > _TOUCH_S:
        with transaction() as database:
            service.touch_session(database, record.id, now=now)
    return record


def start_session(user: Any, *, is_open: bool) -> str:
    """Start a session of a user in the database; return its token."""
    now = clock.now()
    with transaction() as database:
        service.end_expired(database, user.id, now=now, today=clock.today())
        agent = request.user_agent.string
        return service.start_session(database, user.id, address=_address(), agent=agent, is_open=is_open, now=now)


def needs_code(user: Any) -> bool:
    """Tell whether a password is not enough for a user: he has a generator of codes, or his roles require one."""
    if queries.has_device(db.session(), user.id):
        return True
    roles = {role.name for role in appbuilder.sm.get_user_roles(user)}
    return bool(current_app.config["TOTP_REQUIRED"] and roles & set(current_app.config["TOTP_ROLES"]))


def forget_user() -> None:
    """Empty the cookie's session but for the language."""
    kept = {key: session[key] for key in _KEPT if key in session}
    session.clear()
    session.update(kept)


def tried_user() -> str:
    """Return whose password is tried; where he worked from lately, tries from elsewhere do not keep him out."""
    typed = request.get_json(silent=True) or request.form
    name = str(typed.get("username", ""))[:64].lower().replace("\0", "") if hasattr(typed, "get") else ""
    name = name.encode(errors="replace").decode()
    since = clock.now() - timedelta(days=queries.value_on(db.session(), "access.known_days", clock.today()))
    return f"user:{name}" + (f"@{_address()}" if queries.knows_address(db.session(), name, _address(), since=since) else "")


def user_of_session() -> str:
    """Return whose session or login this is."""
    record = g.get("session_record")
    return f"user:{record.user_id}" if record else f"address:{_address()}"


def protect(response: Response) -> Response:
    """Tell the browser what this site never does, and keep what is personal out of caches."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", _POLICY.format(nonce=csp_nonce()))
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    is_static = (request.endpoint or "").endswith("static")
    if not is_static and "no-store" not in response.headers.get("Cache-Control", ""):
        response.headers["Cache-Control"] = "no-store"
    return response


def _say_once(response: Response) -> Response:
    """Keep what waits to be shown from filling the cookie: a script that is refused again and again is told once."""
    waiting = [tuple(each) for each in session.get("_flashes", ())]
    if len(set(waiting)) < len(waiting):
        session["_flashes"] = [*dict.fromkeys(waiting)]
    return response


def _log_in(_app: Flask, user: Any, **_more: Any) -> None:
    """Give whoever logged in a fresh session; if a code is awaited, he is nobody until it comes."""
    proved = g.pop("proved_session_id", None)
    is_open = proved is not None or not needs_code(user)
    marks = {key: session[key] for key in _LOGGED_IN if key in session}
    if proved is None:
        token = start_session(user, is_open=is_open)
    else:
        with transaction() as database:
            token = service.open_session(database, proved, now=clock.now())
    if not is_open:
        logout_user()
        marks = {}
    forget_user()
    if language := queries.language_of_user(db.session(), user.id):
        session["locale"] = language
        refresh()
    session.update(marks | {SESSION: token} | ({"user_name": user.username} if is_open else {}))


def _turn_away() -> Any:
    """Forget a session that is over; who goes on alone is led to the login, a script is told 401."""
    db.session.rollback()
    forget_user()
    set_scope(Scope(actor="anonymous", today=clock.today(), address=_address()))
    if _serves_unknown():
        return None
    login = url_for(f"{appbuilder.sm.auth_view.endpoint}.login", next=_here())
    if _is_from_script():
        return Response(status=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": login})
    flash(_("Your session has ended. Log in again."), "warning")
    return redirect(login)


def _lead_to_choice() -> Any:
    """Lead whoever works with a password that somebody else gave to the page where he chooses his own; he does nothing before."""
    sm = appbuilder.sm
    if sm.auth_type != AUTH_DB or _serves_unknown() or request.blueprint == sm.resetmypasswordview.__name__:
        return None
    choice = url_for(f"{sm.resetmypasswordview.__name__}.this_form_get")
    if request.method == "GET" and not _is_from_script():
        return redirect(choice)
    return Response(status=HTTPStatus.FORBIDDEN, headers={"HX-Redirect": choice})


def _serves_unknown() -> bool:
    """Tell whether the page is for people who are not logged in."""
    login = appbuilder.sm.auth_view.endpoint
    return request.endpoint in {"LoginCodeView.code", "LanguageView.switch", "SecurityApi.login"} or request.blueprint == login


def _is_from_script() -> bool:
    asked = request.accept_mimetypes
    wants_json = asked["application/json"] > asked["text/html"]
    return bool(wants_json or request.headers.get("HX-Request") or request.headers.get("X-Requested-With") == "XMLHttpRequest")


def _here() -> str | None:
    """Return the page that was asked for, if one may come back to it."""
    here = request.full_path.rstrip("?")
    return here if request.method == "GET" and here != "/" and is_local_path(here) else None


def _address() -> str:
    return request.remote_addr or ""
