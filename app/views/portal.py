"""The portal seen from the office: who has access to an account, links of one purpose, readings that consumers sent."""

from typing import Any

from flask import abort, current_app, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from app import clock, labels
from app.domain import identifiers
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.portal import AccessEnd, LinkPurpose
from app.extensions import db, record_disclosure, transaction
from app.models.portal import ConsumerReading
from app.queries import accounts
from app.queries import portal as queries
from app.services import links
from app.services.portal import devices, users
from app.views import fields, menu
from app.views.base import FactView
from app.views.stored_files import sent_file

_STAFF = (roles.CASHIER, *roles.METERING_STAFF)


class PortalLinkForm(FlaskForm):
    """What a link is for."""

    purpose = fields.enum_field(labels.COLUMN_LABELS["purpose"], LinkPurpose, [InputRequired()])
    phone = StringField(labels.COLUMN_LABELS["phone"], [Length(max=20)], description=_l("Of a link that confirms a telephone: which one."))


class PortalOfAccountView(BaseView):
    """Who has access to an account in the portal, and its links."""

    page = Page(_l("Portal of an account"), {"can_show": roles.ACCOUNT_READERS, "can_link can_remove": _STAFF}, under="AccountView")
    route_base = "/portal-of-account"
    default_view = "show"

    @expose("/<int:account_id>", methods=["GET"])
    @has_access
    def show(self, account_id: int) -> Any:
        """Show accesses and links of an account."""
        return self._page(account_id, PortalLinkForm())

    @expose("/<int:account_id>/link", methods=["POST"])
    @has_access
    def link(self, account_id: int) -> Any:
        """Make a link, and show its address once: only its digest is kept."""
        form, phone = PortalLinkForm(), None
        is_phone = form.validate_on_submit() and form.purpose.data == LinkPurpose.PHONE
        if is_phone:
            try:
                phone = identifiers.phone(form.phone.data or "")
            except identifiers.InvalidIdentifier:
                form.phone.errors = [_("A telephone has +998 and nine digits.")]
        if form.errors or (is_phone and phone is None):
            return self._page(account_id, form)
        _card(account_id)
        terms = links.terms_of(current_app.config)
        with transaction() as session:
            token = links.make(session, account_id, form.purpose.data, key=terms.key, now=clock.now(), phone=phone)
        return self._page(account_id, form, terms.address_of(token))

    @expose("/<int:account_id>/remove", methods=["POST"])
    @has_access
    def remove(self, account_id: int) -> Any:
        """End an access to the account."""
        _card(account_id)
        try:
            with transaction() as session:
                users.remove(session, _number("access"), account_id=account_id, end=AccessEnd.STAFF, now=clock.now())
        except users.NotTheirs:
            abort(404)
        flash(_("The access was removed."), "success")
        return redirect(url_for("PortalOfAccountView.show", account_id=account_id))

    @expose("/<int:account_id>/sign-out", methods=["POST"])
    @has_access
    @permission_name("remove")
    def sign_out(self, account_id: int) -> Any:
        """Shut the token of a device of somebody who has access to the account."""
        _card(account_id)
        device_id = _number("device")
        found = next((each for each in _devices(account_id) if each.id == device_id), None)
        if found is None:
            abort(404)
        with transaction() as session:
            devices.sign_out(session, device_id, user_id=found.portal_user_id, now=clock.now())
        flash(_("The device was signed out."), "success")
        return redirect(url_for("PortalOfAccountView.show", account_id=account_id))

    @expose("/<int:account_id>/withdraw", methods=["POST"])
    @has_access
    @permission_name("link")
    def withdraw(self, account_id: int) -> Any:
        """Withdraw a link of the account."""
        _card(account_id)
        with transaction() as session:
            links.withdraw(session, _number("link"), account_id=account_id, now=clock.now())
        flash(_("The link was withdrawn."), "success")
        return redirect(url_for("PortalOfAccountView.show", account_id=account_id))

    def _page(self, account_id: int, form: PortalLinkForm, made: str = "") -> Any:
        card, session = _card(account_id), db.session()
        return self.render_template(
            "portal_of_account.html",
            card=card,
            form=form,
            made=made,
            holders=queries.holders(session, account_id),
            links=queries.links_of(session, account_id, now=clock.now()),
            devices=_devices(account_id),
        )


class ConsumerReadingView(FactView):
    """Readings that consumers sent, with their photographs."""

    page = Page(
        _l("Readings of consumers"),
        {f"{LOOK} can_photo": (*roles.METERING_STAFF, roles.ENGINEER, roles.AUDITOR)},
        menu.METERING.at(23, "Readings of consumers"),
    )
    datamodel = SQLAInterface(ConsumerReading)
    list_columns = ["sent_at", "account", "read_on", "meter_installation", "division", "created_by"]
    search_columns = ["sent_at", "read_on", "division", "account"]
    base_order = ("id", "desc")
    searched = ("account",)
    read_along = ("meter_installation.meter.model",)
    formatters_columns = {"meter_installation": lambda installation: str(installation.meter)}
    base_permissions = ["can_list", "can_show", "can_photo"]

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show a reading with its photograph and what became of it."""
        found = self.found(pk)
        record_disclosure("account", [found.account_id])
        return self.render_template("consumer_reading.html", reading=found, sent=queries.sent_reading(db.session(), found.id))

    @expose("/photo/<int:reading_id>", methods=["GET"])
    @has_access
    @permission_name("photo")
    def photo(self, reading_id: int) -> Any:
        """Send the photograph of a reading."""
        return sent_file(self.found(str(reading_id)).stored_file_id, is_shown=True)


def _card(account_id: int) -> accounts.Card:
    card = accounts.card(db.session(), account_id)
    if card is None:
        abort(404)
    record_disclosure("account", [card.id])
    return card


def _devices(account_id: int) -> list[queries.PortalDeviceRecord]:
    """Return the devices of those who have access to an account."""
    held_by = {each.portal_user_id for each in queries.holders(db.session(), account_id)}
    return queries.devices(db.session(), held_by, today=clock.today(), now=clock.now())


def _number(name: str) -> int:
    typed = request.form.get(name, "")
    if not (typed.isdecimal() and len(typed) < 19):
        abort(404)
    return int(typed)


VIEWS = (PortalOfAccountView, ConsumerReadingView)
