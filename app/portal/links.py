"""Links of one purpose: pay, send a reading, or confirm a telephone, without a login and without personal data on the page."""

from http import HTTPStatus
from typing import Any

from flask import current_app, g, render_template, request
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address
from flask_wtf import FlaskForm

from app import clock
from app.domain.portal import LinkPurpose
from app.extensions import Scope, appbuilder, db, set_scope, transaction
from app.portal.base import blueprint
from app.portal.payments import paying
from app.portal.readings import form_for, take
from app.queries.accounts import Card, card
from app.services import links
from app.services.links import OpenLink
from app.services.portal import contacts


class ConfirmForm(FlaskForm):
    """A press of the button is all that is asked for."""


@blueprint.route("/l/<token>", methods=["GET", "POST"])
def link(token: str) -> Any:
    """Do the one act of a link; one that does not work leads to the way in and says nothing of an account."""
    found = _found(token)
    if found is None:
        return render_template("portal/link_dead.html"), HTTPStatus.NOT_FOUND
    head = card(db.session(), found.account_id)
    assert head is not None
    return _ACTS[found.purpose](found, head)


def limit_links() -> None:
    """Let an address try only so many links; many consumers share one, so that the limit is wide."""
    name = "portal.link"
    current_app.view_functions[name] = appbuilder.sm.limiter.limit("300 per 5 minutes", key_func=get_remote_address)(
        current_app.view_functions[name]
    )


def _found(token: str) -> OpenLink | None:
    """Return the link of a token if it works, and work in the division of its account."""
    scope = Scope(actor="portal", today=clock.today(), address=request.remote_addr or "")
    g.portal_current = None
    set_scope(scope._replace(everywhere=True))
    found = links.find(db.session(), token, key=links.terms_of(current_app.config).key, now=clock.now())
    set_scope(scope._replace(division_id=found.division_id, actor=f"link:{found.id}") if found else scope)
    return found


def _pay(_found: OpenLink, head: Card) -> Any:
    return render_template("portal/link_pay.html", **paying(head))


def _read(found: OpenLink, head: Card) -> Any:
    sending = form_for(head.id)
    if sending is not None and request.method == "POST" and take(sending, head.id, link=found):
        return render_template("portal/link_done.html")
    return render_template("portal/link_reading.html", card=head, sending=sending)


def _confirm(found: OpenLink, head: Card) -> Any:
    form = ConfirmForm()
    if form.validate_on_submit():
        assert found.phone is not None
        told = _("PC Billing: the telephone of account %(number)s was changed. If it was not you, go to the office.", number=head.number)
        with transaction() as database:
            is_first = links.use(database, found, now=clock.now())
            if is_first:
                contacts.change_phone(database, head.id, found.phone, user_id=None, warning=told, now=clock.now())
        return render_template("portal/link_done.html") if is_first else (render_template("portal/link_dead.html"), HTTPStatus.NOT_FOUND)
    return render_template("portal/link_phone.html", form=form, last_digits=(found.phone or "")[-2:])


_ACTS = {LinkPurpose.PAY: _pay, LinkPurpose.READING: _read, LinkPurpose.PHONE: _confirm}
