"""Who else may open the account that is shown, each with rights; and the devices on which the user is signed in."""

from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, StringField
from wtforms.validators import DataRequired, InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from app import clock, labels
from app.domain import identifiers
from app.domain.portal import PortalRight
from app.extensions import db, transaction
from app.jobs import portal as service
from app.portal.base import PortalPage, blueprint, consumers_only, current, current_card, in_navigation, with_right
from app.queries import portal as queries
from app.services.portal import devices

in_navigation(
    PortalPage("holders", lazy_gettext("Users"), 91, PortalRight.MANAGE),
    PortalPage("own_devices", lazy_gettext("Signed-in telephones"), 92),
)


class HolderForm(FlaskForm):
    """Whom to let in, and what for."""

    phone = StringField(labels.COLUMN_LABELS["phone"], [DataRequired()])
    rights = SelectMultipleField(
        lazy_gettext("What he may do"), [InputRequired()], widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )


@blueprint.route("/users", methods=["GET", "POST"])
@with_right(PortalRight.MANAGE)
def holders() -> Any:
    """Show who may open the account, and let somebody in or change what he may do."""
    form = HolderForm()
    form.rights.choices = [(right.value, labels.member(right)) for right in PortalRight]
    if form.validate_on_submit() and _let_in(form):
        return redirect(url_for("portal.holders"))
    if not form.is_submitted():
        form.rights.data = [PortalRight.VIEW.value]
    rows = queries.holders(db.session(), current().account_id)
    return render_template("portal/holders.html", here=current(), form=form, rows=rows)


def _let_in(form: HolderForm) -> bool:
    """Let in whom a form names; False: it is shown again."""
    try:
        phone = identifiers.phone(form.phone.data)
        with transaction() as database:
            service.let_in(database, phone, current_card(), form.rights.data, by_user_id=current().user_id)
    except identifiers.InvalidIdentifier:
        form.phone.errors = [_("Write the telephone as +998 and nine digits.")]
    except service.OwnTelephone:
        form.phone.errors = [_("This is the telephone of the account itself: who has it opens the account by a code.")]
    except service.TooManyLetIn:
        form.phone.errors = [_("Enough people were let in for today. Let the next one in tomorrow.")]
    else:
        flash(_("The user may open the account now. The code at the first sign-in confirms the telephone."), "success")
        return True
    return False


@blueprint.get("/devices")
@consumers_only
def own_devices() -> Any:
    """Show the devices on which the user is signed in by the app."""
    rows = queries.devices(db.session(), [current().user_id], today=clock.today(), now=clock.now())
    return render_template("portal/devices.html", rows=rows)


@blueprint.post("/devices/<int:device_id>/sign-out")
@consumers_only
def sign_device_out(device_id: int) -> Any:
    """Shut the token of a device of the user."""
    with transaction() as database:
        if not devices.sign_out(database, device_id, user_id=current().user_id, now=clock.now()):
            abort(404)
    flash(_("The device was signed out."), "success")
    return redirect(url_for("portal.own_devices"))
