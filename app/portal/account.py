"""What the portal says of an account itself: meters, tariff, contract, office, messages, own data, telephone and language."""

import io
import json
import zipfile
from typing import Any

from flask import current_app, flash, redirect, render_template, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext, refresh
from flask_wtf import FlaskForm
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length, Optional, Regexp

from app import clock, labels
from app.documents import downloads
from app.domain.notices import CHOSEN, NoticeChannel, NoticeStatus
from app.domain.portal import PortalRight
from app.extensions import db, transaction
from app.portal import codes
from app.portal.base import (
    PortalPage,
    blueprint,
    consumers_only,
    current,
    current_card,
    current_holding,
    in_navigation,
    page_of,
    with_right,
    work_in,
)
from app.portal.login import PortalCodeForm, enter, phone_in
from app.queries import portal as queries
from app.queries import tariffs
from app.queries.accounts import account_installations, details
from app.queries.notices import contact_email
from app.queries.portal.own_data import own_data
from app.services.notices.choosing import CHOSEN_WAYS, ConsumerChoice, choose, chosen_ways, mark_read
from app.services.portal import contacts as service
from app.services.portal import users
from app.services.portal.users import SignedIn

in_navigation(
    PortalPage("account", lazy_gettext("Account and meters"), 60),
    PortalPage("notices", lazy_gettext("Messages"), 70),
    PortalPage("settings", lazy_gettext("Settings"), 80),
)


class PhoneForm(FlaskForm):
    """The telephone that messages about the account shall go to."""

    phone = StringField(lazy_gettext("New telephone"), [DataRequired()])


class PortalChoiceForm(FlaskForm):
    """The language, the address of e-mail, and the ways of each kind of message, ticked as ``kind.way``."""

    language = SelectField(lazy_gettext("Language of bills and messages"))
    email = StringField(
        lazy_gettext("E-mail"),
        [Optional(), Length(max=320), Regexp(r"[^@\s]+@[^@\s]+$", message=lazy_gettext("This is no e-mail address."))],
    )
    ways = SelectMultipleField(lazy_gettext("Messages"))


@blueprint.get("/account")
@consumers_only
def account() -> Any:
    """Show the account's facts, its meters with the end of their verification, and the tariff in force with its document."""
    database, card, today = db.session(), current_card(), clock.today()
    return render_template(
        "portal/account.html",
        card=card,
        today=today,
        known=details.details(database, card.id, today),
        benefits=[each for each in details.benefits(database, card.id, today, current_holding()) if each.holds],
        meters=[each for each in account_installations(database, card.id) if each.valid_to is None or each.valid_to > today],
        tariff=tariffs.in_force_for(database, card.id, today),
        office=queries.contact_of(database, card.division_id),
    )


@blueprint.get("/notices")
@consumers_only
def notices() -> Any:
    """Show the messages about the account."""
    here = current()
    page = page_of(
        lambda limit, skipped: queries.notices(db.session(), here.account_id, held=current_holding(), limit=limit, skipped=skipped)
    )
    shown = render_template("portal/notices.html", page=page)
    unread = [each.id for each in page.rows if each.channel == NoticeChannel.PORTAL and each.status == NoticeStatus.SENT]
    if unread:
        with transaction() as database:
            mark_read(database, here.account_id, unread, now=clock.now())
    return shown


@blueprint.get("/own-data.<any(json, zip):archive_kind>")
@consumers_only
def own_data_file(archive_kind: str) -> Any:
    """Send all that is kept of the account and its consumer as a file."""
    here = current()
    found = own_data(db.session(), here.account_id, clock.today())
    name = f"{here.number}-{clock.today().isoformat()}"
    if archive_kind == "json":
        return downloads.attachment(_json(found), f"{name}.json", "application/json")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for topic, rows in found.items():
            archive.writestr(f"{topic}.json", _json(rows))
    return downloads.attachment(packed.getvalue(), f"{name}.zip", "application/zip")


@blueprint.get("/settings")
@consumers_only
def settings() -> Any:
    """Show what can be changed: telephone, language, messages, and the consumer's own data."""
    return _settings(PhoneForm(), _choice_form())


@blueprint.post("/settings/messages")
@with_right(PortalRight.MANAGE)
def change_messages() -> Any:
    """Change the language of bills and messages, the address of e-mail, and which way each kind of message comes."""
    form, here = _choice_form(), current()
    if not form.validate_on_submit():
        return _settings(PhoneForm(formdata=None), form)
    ticked = set(form.ways.data)
    ways = {kind: frozenset(way for way in CHOSEN_WAYS if f"{kind}.{way}" in ticked) for kind in CHOSEN}
    with transaction() as database:
        choose(database, here.account_id, ConsumerChoice(ways, form.language.data, (form.email.data or "").strip() or None))
        users.choose_language(database, here.user_id, form.language.data)
    session["locale"] = form.language.data
    refresh()
    flash(_("The settings were changed."), "success")
    return redirect(url_for("portal.settings"))


@blueprint.post("/settings/phone")
@with_right(PortalRight.MANAGE)
def change_phone() -> Any:
    """Send a code to a new telephone of the account."""
    form = PhoneForm()
    if (phone := phone_in(form)) is not None:
        session["portal_phone"] = phone
        codes.ask_for_phone(current().account_id, phone)
        return redirect(url_for("portal.phone_code"))
    return _settings(form, _choice_form())


@blueprint.route("/settings/phone/code", methods=["GET", "POST"])
@with_right(PortalRight.MANAGE)
def phone_code() -> Any:
    """Ask for the code that came to the new telephone; a right one changes the telephone."""
    phone = session.get("portal_phone")
    if not phone:
        return redirect(url_for("portal.settings"))
    form = PortalCodeForm()
    if form.validate_on_submit():
        if _changed(phone, "".join(form.code.data.split())):
            flash(_("The telephone was changed."), "success")
            return redirect(url_for("portal.settings"))
        form.code.errors = [_("The code is wrong or too old. Check it, or ask for a new one.")]
    return render_template("portal/phone_code.html", form=form, number=current().number, phone=phone, **codes.told())


def _changed(phone: str, typed: str) -> bool:
    """Return whether a code changed the telephone of the account; the session goes on as the user of the new one."""
    here = current()
    with transaction() as database:
        opened = codes.opened_by(database, codes.word_of_phone(here.account_id, phone), typed)
        if opened is None or opened.account_id != here.account_id or opened.phone != phone:
            return False
        told = _("PC Billing: the telephone of account %(number)s was changed. If it was not you, go to the office.", number=here.number)
        user_id = service.change_phone(database, here.account_id, phone, user_id=here.user_id, warning=told, now=clock.now())
    work_in(here)
    enter(SignedIn(here.session_id, user_id), account_id=here.account_id)
    return True


def _settings(phone: PhoneForm, choice: PortalChoiceForm) -> Any:
    ways = {each: labels.member(each) for each in CHOSEN_WAYS}
    return render_template(
        "portal/settings.html", card=current_card(), here=current(), phone_form=phone, form=choice, kinds=CHOSEN, ways=ways
    )  # fmt: skip


def _choice_form() -> PortalChoiceForm:
    form, card = PortalChoiceForm(), current_card()
    form.language.choices = [(code, language["name"]) for code, language in current_app.config["LANGUAGES"].items()]
    form.ways.choices = [(f"{kind}.{way}", "") for kind in CHOSEN for way in CHOSEN_WAYS]
    if not form.is_submitted():
        form.language.data, form.email.data = card.language, contact_email(db.session(), card.consumer_id)
        form.ways.data = [f"{kind}.{way}" for kind, ways in chosen_ways(db.session(), card.id).items() for way in ways]
    return form


def _json(found: Any) -> bytes:
    return json.dumps(found, ensure_ascii=False, indent=1, default=str).encode()
