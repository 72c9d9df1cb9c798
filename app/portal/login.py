"""The way in and out: an account's number (or the user's telephone) and a code by SMS, the language, the exit."""

from typing import Any

from flask import abort, current_app, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import refresh
from flask_limiter.util import get_remote_address
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired

from app import clock, labels
from app.domain import identifiers
from app.extensions import appbuilder, db, is_local_path, transaction
from app.gateways import oneid
from app.portal import codes
from app.portal.base import Current, blueprint, not_yours, signed_in, work_everywhere, work_in
from app.queries import administration as parameters
from app.queries import portal as queries
from app.queries.accounts import card
from app.services.portal import users


class NumberForm(FlaskForm):
    """Which account."""

    account = StringField(labels.COLUMN_LABELS["account_number"], [DataRequired()])


class PortalCodeForm(FlaskForm):
    """The code that came by SMS."""

    code = StringField(validators=[DataRequired()])


def phone_in(form: Any) -> str | None:
    """Return the telephone of a form that was sent; None: none was sent, or the form says what is wrong."""
    if not form.validate_on_submit():
        return None
    try:
        return identifiers.phone(form.phone.data)
    except identifiers.InvalidIdentifier:
        form.phone.errors = [_("A telephone has +998 and nine digits.")]
        return None


@blueprint.route("/", methods=["GET", "POST"])
def login() -> Any:
    """Ask for the account number and send a code; whether the account exists is not told."""
    if signed_in():
        return not_yours() if g.portal_not_yours else redirect(url_for("portal.home"))
    form = NumberForm(account=request.args.get("account", "")[:20])
    if form.validate_on_submit():
        try:
            typed = codes.account_or_phone(form.account.data)
        except identifiers.InvalidIdentifier:
            form.account.errors = [_("An account number has 12 or 13 digits.")]
        else:
            session["portal_number"] = typed
            codes.ask(typed)
            return redirect(url_for("portal.code"))
    return render_template(
        "portal/login.html", form=form, is_silent=codes.is_silent(), offers_oneid=oneid.contract(current_app.config) is not None
    )


@blueprint.route("/code", methods=["GET", "POST"])
def code() -> Any:
    """Ask for the code; a right one opens the account in a fresh session."""
    number = session.get("portal_number")
    if not number:
        return redirect(url_for("portal.login"))
    form = PortalCodeForm()
    if form.validate_on_submit():
        if _open(number, "".join(form.code.data.split())):
            return redirect(url_for("portal.home"))
        form.code.errors = [_("The code is wrong or too old. Check it, or ask for a new one.")]
    return render_template("portal/code.html", form=form, number=number, **codes.told())


@blueprint.get("/language/<code_>")
def language(code_: str) -> Any:
    """Switch the language and stay where one is."""
    if code_ not in current_app.config["LANGUAGES"]:
        abort(404)
    session["locale"] = code_
    refresh()
    if here := signed_in():
        with transaction() as database:
            users.choose_language(database, here.user_id, code_)
    back = request.args.get("next", "")
    return redirect(back if is_local_path(back) and back.startswith("/portal/") else url_for("portal.login"))


@blueprint.post("/logout")
def logout() -> Any:
    """End the session, also where its cookie was copied to."""
    if here := signed_in():
        with transaction() as database:
            users.close_session(database, here.session_id, now=clock.now())
    return forget()


def forget() -> Any:
    """Empty the cookie's session but for the language, and lead to the way in."""
    chosen = session.get("locale")
    session.clear()
    if chosen:
        session["locale"] = chosen
    work_in(None)
    return redirect(url_for("portal.login"))


def enter(opened: users.SignedIn, *, account_id: int | None) -> None:
    """Begin the work of a user whose session was opened, with the account he named or else his first.

    For whatever proves who somebody is: a code, a sign-on by another system.
    """
    found = queries.accesses_of_session(db.session(), opened.session_id)
    shown = next((each for each in found if each.account_id == account_id), found[0])
    work_in(Current(opened.user_id, opened.session_id, shown, found))
    user, head = queries.user(db.session(), opened.user_id), card(db.session(), shown.account_id)
    assert user is not None
    assert head is not None
    chosen = session.get("locale")
    session.clear()
    session["locale"] = user.language or chosen or head.language
    session["portal_session_id"], session["portal_account_id"] = opened.session_id, shown.account_id
    session["portal_seen"] = int(clock.now().timestamp())
    refresh()


def limit_logins() -> None:
    """Let an account be tried only so often from one address; many consumers share an address, so its own limit is wide.

    What all addresses together may ask for an account is counted in the database, with the codes.
    """
    for endpoint in ("portal.login", "portal.code", "portal.claim", "portal.claim_code", "portal.telephone", "portal.telephone_code"):
        for key, rate in ((_typed_number, "10 per 5 minutes"), (get_remote_address, "300 per 5 minutes")):
            view = current_app.view_functions[endpoint]
            current_app.view_functions[endpoint] = appbuilder.sm.limiter.limit(rate, key_func=key, methods=["POST"])(view)


def _typed_number() -> str:
    typed = request.form.get("account", session.get("portal_claim" if "claim" in (request.endpoint or "") else "portal_number", ""))[:60]
    if "telephone" in (request.endpoint or ""):
        typed = request.form.get("phone", session.get("portal_telephone_asked", ""))[:60]
    try:
        typed = codes.account_or_phone(typed)
    except identifiers.InvalidIdentifier:
        typed = "none"
    return f"account:{typed}:{get_remote_address()}"


def _open(number: str, typed: str) -> bool:
    work_everywhere()
    with transaction() as database:
        opened = codes.opened_by(database, number, typed)
        idle_days = int(parameters.value_on(database, "portal.user_idle_days", clock.today()))
        entered = users.sign_in(database, opened, idle_days=idle_days, now=clock.now()) if opened else None
    if opened is None or entered is None:
        work_in(None)
        return False
    enter(entered, account_id=opened.account_id)
    return True
