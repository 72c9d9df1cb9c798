"""Signing on by OneID: the browser is sent there and comes back with a code; the person's JSHSHIR finds his accounts."""

import hmac
import secrets
from http import HTTPStatus
from typing import Any

from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _

from app import clock
from app.extensions import transaction
from app.gateways import oneid as gateway
from app.portal import login
from app.portal.base import blueprint, work_everywhere, work_in
from app.services.portal import users

#: So long a browser may stay away, in seconds.
_AWAY_S = 600


@blueprint.get("/oneid")
def oneid() -> Any:
    """Send the browser to OneID, with a state that it alone knows once."""
    under = gateway.contract(current_app.config)
    if under is None:
        return render_template("portal/oneid.html"), HTTPStatus.NOT_FOUND
    state = secrets.token_urlsafe(32)
    session["portal_oneid"] = [state, int(clock.now().timestamp())]
    return redirect(gateway.sign_on_address(under, state=state, back=_back()))


@blueprint.get("/oneid/back")
def oneid_back() -> Any:
    """Take the browser back: the state is used up, the code tells the person, and his accounts are opened."""
    under = gateway.contract(current_app.config)
    if under is None:
        return render_template("portal/oneid.html"), HTTPStatus.NOT_FOUND
    if not _is_ours(request.args.get("state", "")):
        return _refused(_("You came back from OneID too late, or not from where you left. Begin again."))
    try:
        person = gateway.person(under, request.args.get("code", ""), back=_back())
    except gateway.OneIdFailed as failed:
        current_app.logger.warning("nobody signed on by OneID: %s", failed)
        return _refused(_("OneID does not say who you are. Try again, or ask for a code by SMS."))
    work_everywhere()
    with transaction() as database:
        entered = users.sign_in_person(database, person.pinfl, now=clock.now())
    if entered is None:
        work_in(None)
        return _refused(_("No account is kept under your JSHSHIR. Ask for a code with the number of your account."))
    login.enter(entered, account_id=None)
    return redirect(url_for("portal.home"))


def _is_ours(state: str) -> bool:
    """Return whether this browser left with a state a short while ago; it is used up."""
    kept, left_at = session.pop("portal_oneid", ["", 0])
    away_s = int(clock.now().timestamp()) - int(left_at)
    return bool(kept) and hmac.compare_digest(kept.encode(), state.encode()) and 0 <= away_s <= _AWAY_S


def _refused(reason: str) -> Any:
    flash(reason, "warning")
    return redirect(url_for("portal.login"))


def _back() -> str:
    """Return the address to which OneID sends the browser back."""
    return f"{current_app.config['PUBLIC_URL']}{url_for('portal.oneid_back')}"
