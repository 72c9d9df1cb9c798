"""Readings in the portal: sent with a photograph, asked about if they are odd, and what became of each."""

from typing import Any, NamedTuple

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from sqlalchemy.orm import Session
from wtforms import BooleanField, DateField, SelectField, StringField
from wtforms.validators import InputRequired

from app import clock, labels
from app.documents import downloads
from app.documents import metering as documents
from app.domain.documents import LARGEST_PICTURE_BYTES, PictureFault, PictureRefused
from app.domain.metering import RegisterCode
from app.domain.portal import PortalRight
from app.extensions import db, transaction
from app.gateways.pictures import drawn_anew
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
)
from app.queries import administration as files
from app.queries import metering as registers
from app.queries import portal as queries
from app.services import links, metering
from app.services.links import OpenLink
from app.services.portal.readings import AlreadySent, ReadingRequest, TooManyReadings, send_reading

in_navigation(PortalPage("readings", lazy_gettext("Readings"), 50))


class ConsumerReadingForm(FlaskForm):
    """What the registers of a meter showed; a line for each register is added."""

    meter_number = SelectField(labels.COLUMN_LABELS["meter_number"], validate_choice=False)
    read_on = DateField(labels.COLUMN_LABELS["read_on"], [InputRequired()])
    photo = FileField(lazy_gettext("Photograph of the meter"))
    sure = BooleanField(lazy_gettext("I read it again: it is right"))


class ReadingLines(NamedTuple):
    """A form for a reading, the names of its lines by register, and the figures that are odd."""

    form: Any
    lines: dict[str, str]
    last: dict[str, registers.Series]
    doubts: list[tuple[str, str]]


@blueprint.route("/readings", methods=["GET", "POST"])
@consumers_only
def readings() -> Any:
    """Take a reading, and show what became of those that were sent."""
    here, card = current(), current_card()
    may_send = here.may(PortalRight.READ)
    sending = form_for(here.account_id) if may_send else None
    if request.method == "POST" and sending is None:
        abort(403)
    if sending is not None and take(sending, here.account_id, portal_user_id=here.user_id):
        return redirect(url_for("portal.readings"))
    page = page_of(
        lambda limit, skipped: queries.sent_readings(db.session(), here.account_id, held=current_holding(), limit=limit, skipped=skipped)
    )
    return render_template("portal/readings.html", card=card, sending=sending, page=page)


@blueprint.get("/readings/<int:reading_id>/photo")
@with_right(PortalRight.VIEW)
def reading_photo(reading_id: int) -> Any:
    """Send the photograph of a reading that was sent for the account."""
    stored_id = queries.photo_of(db.session(), reading_id, current().account_id, current_holding())
    stored = files.stored_file(db.session(), stored_id) if stored_id else None
    if stored is None:
        abort(404)
    return downloads.inline(stored[2], stored[0], stored[1])


def form_for(account_id: int) -> ReadingLines | None:
    """Return the form for the registers of an account's meters; None if it has no meter."""
    series = [each for each in registers.series_of_account(db.session(), account_id) if each.valid_to is None]
    if not series:
        return None
    codes = [code.value for code in RegisterCode if code in {each.register for each in series}]
    lines = {code: f"dial_{code.lower()}" for code in codes}
    fields = {name: StringField(labels.COLUMN_LABELS["dial"] if len(codes) == 1 else labels.register(code)) for code, name in lines.items()}
    form = type("ConsumerReadingLines", (ConsumerReadingForm,), fields)()
    form.meter_number.choices = list(dict.fromkeys((each.meter_number, each.meter_number) for each in reversed(series)))
    if request.method == "GET":
        form.read_on.data = clock.today()
    return ReadingLines(form, lines, {each.register: each for each in series}, [])


def take(sending: ReadingLines, account_id: int, *, portal_user_id: int | None = None, link: OpenLink | None = None) -> bool:
    """Take what a form holds, and say what became of it; False: it is shown again with what is wrong or odd.

    :param link: the link it came by, which it uses up
    """
    form = sending.form
    if not form.validate_on_submit():
        return False
    try:
        is_held = _sent(sending, account_id, portal_user_id, link)
    except metering.Doubtful as doubtful:
        sending.doubts.extend((labels.register(code), labels.member(doubt)) for code, doubt, _milli in doubtful.registers)
    except (PictureRefused, metering.ReadingRefused, AlreadySent, TooManyReadings) as refused:
        name, told = _refusal(sending, refused)
        form[name].errors = [told]
    else:
        flash(_("The reading was sent to the office, which looks at it.") if is_held else _("The reading was taken."), "success")
        return True
    return False


def _sent(sending: ReadingLines, account_id: int, portal_user_id: int | None, link: OpenLink | None) -> bool:
    """Send what a form holds, and use up the link it came by; return whether it waits for the office."""
    form = sending.form
    photo = _photo(form.photo.data)
    dials = {code: form[name].data or "" for code, name in sending.lines.items()}
    asked = ReadingRequest(
        account_id, form.meter_number.data, form.read_on.data.isoformat(), dials, photo, portal_user_id, link.id if link else None
    )  # fmt: skip
    with transaction() as database:
        if link is not None:
            _use(database, link)
        return send_reading(database, asked, sure=form.sure.data, today=clock.today(), now=clock.now()).is_held


def _use(database: Session, link: OpenLink) -> None:
    """Use up a link; of two who hold it one sends the reading.

    :raises AlreadySent: if it was used meanwhile
    """
    if not links.use(database, link, now=clock.now()):
        raise AlreadySent


def _refusal(sending: ReadingLines, refused: Exception) -> tuple[str, str]:
    """Return the field that a refusal is about, and what is said there."""
    if isinstance(refused, PictureRefused):
        return "photo", labels.member(refused.fault)
    if isinstance(refused, metering.ReadingRefused):
        line = sending.lines.get(refused.register) or next(iter(sending.lines.values()))
        name = line if refused.column in {"dial", "register", ""} else refused.column
        return name, documents.reason_of_refusal(refused.problem, refused.about)
    if isinstance(refused, TooManyReadings):
        return "read_on", _("Enough readings were sent for today. Send the next one tomorrow.")
    return "read_on", _("A reading of this day waits for the office already.")


def _photo(uploaded: Any) -> bytes | None:
    """Return the photograph of a form, drawn anew; None if there is none.

    :raises PictureRefused: if it is none we can draw
    """
    if not uploaded:
        return None
    content = uploaded.read(LARGEST_PICTURE_BYTES + 1)
    if len(content) > LARGEST_PICTURE_BYTES:
        raise PictureRefused(PictureFault.TOO_LARGE)
    return drawn_anew(content)
