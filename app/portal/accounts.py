"""The accounts of a user of the portal: claimed by a code, left, and who else has access to the one that is shown."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired

from app import clock, labels
from app.domain import identifiers
from app.domain.portal import AccessEnd, PortalRight
from app.extensions import db, transaction
from app.portal import codes
from app.portal.base import PortalPage, blueprint, consumers_only, current, in_navigation, with_right, work_everywhere, work_in
from app.portal.login import PortalCodeForm, forget
from app.queries import portal as queries
from app.services.portal import users


class ClaimForm(FlaskForm):
    """Which account is to be added."""

    account = StringField(labels.COLUMN_LABELS["account_number"], [DataRequired()])


in_navigation(PortalPage("own_accounts", lazy_gettext("My accounts"), 90))


@blueprint.get("/accounts")
@consumers_only
def own_accounts() -> Any:
    """Show the accounts of the user, and who has access to the one that is shown."""
    here = current()
    holders = queries.holders(db.session(), here.account_id) if here.may(PortalRight.MANAGE) else []
    return render_template("portal/accounts.html", here=here, holders=holders, form=ClaimForm(account=request.args.get("number", "")[:20]))


@blueprint.post("/accounts")
@consumers_only
def claim() -> Any:
    """Send a code for an account that is to be added; whether the account exists is not told."""
    form, here = ClaimForm(), current()
    if not form.validate_on_submit():
        return redirect(url_for("portal.own_accounts"))
    try:
        number = codes.account_number(form.account.data)
    except identifiers.InvalidIdentifier:
        form.account.errors = [_("An account number has 12 or 13 digits.")]
        return render_template("portal/accounts.html", here=here, holders=[], form=form)
    session["portal_claim"] = number
    codes.ask(number)
    return redirect(url_for("portal.claim_code"))


@blueprint.route("/accounts/code", methods=["GET", "POST"])
@consumers_only
def claim_code() -> Any:
    """Ask for the code of an account that is to be added; a right one adds it."""
    number = session.get("portal_claim")
    if not number:
        return redirect(url_for("portal.own_accounts"))
    form = PortalCodeForm()
    if form.validate_on_submit():
        if _claimed(number, "".join(form.code.data.split())):
            session.pop("portal_claim")
            flash(_("Account %(number)s is among yours now.", number=number), "success")
            return redirect(url_for("portal.home", account=number))
        form.code.errors = [_("The code is wrong or too old. Check it, or ask for a new one.")]
    return render_template("portal/claim_code.html", form=form, number=number, **codes.told())


@blueprint.post("/accounts/leave")
@consumers_only
def leave() -> Any:
    """Take the account that is shown off the user's own; with the last one the session ends."""
    here = current()
    with transaction() as database:
        users.remove_own(database, here.user_id, here.account_id, now=clock.now())
        if len(here.accesses) == 1:
            users.close_session(database, here.session_id, now=clock.now())
    if len(here.accesses) == 1:
        return forget()
    session.pop("portal_account_id")
    flash(_("Account %(number)s is no longer among yours.", number=here.number), "success")
    rest = next(each.number for each in here.accesses if each.account_id != here.account_id)
    return redirect(url_for("portal.own_accounts", account=rest))


@blueprint.post("/accounts/holders/<int:access_id>/remove")
@with_right(PortalRight.MANAGE)
def remove_holder(access_id: int) -> Any:
    """End another user's access to the account that is shown."""
    try:
        with transaction() as database:
            users.remove(database, access_id, account_id=current().account_id, end=AccessEnd.REMOVED, now=clock.now())
    except users.NotTheirs:
        abort(404)
    flash(_("The access was removed."), "success")
    return redirect(url_for("portal.own_accounts"))


def _claimed(number: str, typed: str) -> bool:
    """Return whether a code added its account; it may lie in any division."""
    here = current()
    work_everywhere()
    try:
        with transaction() as database:
            opened = codes.opened_by(database, number, typed)
            return opened is not None and users.claim(database, here.user_id, opened, now=clock.now()) is not None
    finally:
        work_in(here)
