"""What a consumer chose about messages, as the office sees and keeps it: ways by kind, language, e-mail."""

import re
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional, Regexp

from app import labels
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.notices import CHOSEN, KINDS, NoticeChannel, NoticeKind
from app.domain.reference import LANGUAGES
from app.extensions import db, record_disclosure, set_change_reason, transaction
from app.models.notices import NoticePreference
from app.queries import accounts
from app.queries import notices as queries
from app.services import notices as service
from app.views import fields, menu
from app.views.base import FactView
from app.views.languages import language_name

_WAYS = (NoticeChannel.SMS, NoticeChannel.EMAIL, NoticeChannel.PORTAL)
_EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,190}\.[^@\s,;<>\"]{2,60}")


class NoticeWaysForm(FlaskForm):
    """What the consumer of an account wants; ``ways`` holds pairs of a kind and a way."""

    language = SelectField(labels.COLUMN_LABELS["language"], choices=lambda: [(code, language_name(code)) for code in LANGUAGES])
    contact_email = StringField(
        labels.COLUMN_LABELS["contact_email"], [Optional(), Length(max=320), Regexp(_EMAIL, message=_l("This is no address of e-mail."))]
    )
    ways = fields.ChecksField(_l("Messages"), coerce=str, choices=[SelectChoice(f"{kind}.{way}", "") for kind in CHOSEN for way in _WAYS])
    basis = StringField(labels.COLUMN_LABELS["basis"], [Length(max=300)], description=_l("How the consumer asked for it"))

    def choice(self) -> service.ConsumerChoice:
        """Return what was chosen."""
        marked = set(self.ways.data)
        ways = {kind: frozenset(way for way in _WAYS if f"{kind}.{way}" in marked) for kind in CHOSEN}
        return service.ConsumerChoice(ways, self.language.data, (self.contact_email.data or "").strip() or None)


class NoticePreferenceView(FactView):
    page = Page(
        _l("Ways of messages"),
        {LOOK: roles.ACCOUNT_READERS, "can_choose": roles.BILLING_STAFF},
        menu.INFORMATION.at(33, "Ways of messages"),
    )
    datamodel = SQLAInterface(NoticePreference)
    list_columns = show_columns = ["account", "notice_kind", "by_sms", "by_email", "by_portal", "created_at", "created_by"]
    search_columns = ["account", "notice_kind", "by_sms", "by_email", "by_portal"]
    base_order = ("id", "desc")
    searched = ("account",)
    base_permissions = ["can_list", "can_show", "can_choose"]

    def _get_show_widget(self, pk: Any, item: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        name = f"{item.account} · {labels.member(item.notice_kind)}"
        return {**super()._get_show_widget(pk, item, *args, **kwargs), "name": name}

    @expose("/choose/<int:account_id>", methods=["GET", "POST"])
    @has_access
    def choose(self, account_id: int) -> Any:
        """Keep what the consumer of an account wants to be told, and how."""
        card = accounts.card(db.session(), account_id)
        if card is None:
            abort(404)
        record_disclosure("account", [account_id])
        form = NoticeWaysForm()
        if request.method == "GET":
            self._fill(form, card)
        elif form.validate():
            set_change_reason(form.basis.data or "")
            with transaction() as session:
                service.choose(session, account_id, form.choice())
            flash(_("The choices are kept."), "success")
            return redirect(url_for("AccountView.show", pk=account_id))
        stopped = bool(card.phone) and service.is_stopped(db.session(), card.phone or "")
        return self.render_template(
            "notice_choices.html", form=form, card=card, kinds=[{"kind": kind} for kind in CHOSEN], is_stopped=stopped
        )

    def _fill(self, form: NoticeWaysForm, card: accounts.Card) -> None:
        form.language.data = card.language
        form.contact_email.data = queries.contact_email(db.session(), card.consumer_id)
        form.ways.data = [f"{kind}.{way}" for kind, ways in chosen_ways(card.id).items() for way in ways]


def chosen_ways(account_id: int) -> dict[NoticeKind, frozenset[NoticeChannel]]:
    """Return the ways by which each kind of message about an account goes, as the consumer chose or as the kind has it."""
    chosen = queries.choices(db.session(), account_id)
    return {
        kind: frozenset(way for way in _WAYS if getattr(chosen[kind], f"by_{way.lower()}")) if kind in chosen else KINDS[kind].ways
        for kind in CHOSEN
    }
