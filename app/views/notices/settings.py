"""What messages go by: contracts with gateways, words by kind and language, numbers that want no SMS."""

from collections.abc import Mapping
from typing import Any

from flask import current_app, flash, g, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app import clock, labels
from app.domain import identifiers
from app.domain.administration import ApprovalKind, roles
from app.domain.administration.pages import EDIT, LOOK, Page
from app.domain.notices import KINDS, TEMPLATED, KindSpec, NoticeKind, Value, filled, sms_parts, sms_text
from app.domain.notices.texts import places_of
from app.domain.reference import LANGUAGES
from app.domain.reference.addresses import is_listed
from app.extensions import appbuilder, db, record_disclosure, set_change_reason, transaction
from app.models.administration import Approval
from app.models.notices import MessageContract, NoticeStop, NoticeTemplate
from app.queries import accounts, reference
from app.services import notices as service
from app.views import fields, menu
from app.views.administration.approvals import show_beside
from app.views.base import FactView
from app.views.languages import language_name
from app.views.proposed import TYPED_ANEW, ProposedView, are_networks, typed_key
from app.views.reference import ReferenceView
from app.views.refusals import FormRefused

#: The source of the words that come with the program, as the rows hold it, and as it is told.
_SOURCES = {"our own words; to be confirmed by the customer": _l("our own words; to be confirmed by the company")}


class MessageContractView(ProposedView):
    """Contracts with gateways of SMS; the password is written and never shown."""

    page = Page(
        _l("Contracts with gateways of SMS"),
        {LOOK: roles.ACCESS_READERS, "can_add can_edit": (roles.ADMINISTRATOR,)},
        menu.ADMINISTRATION.at(190, "Contracts with gateways"),
        company_wide=LOOK,
    )
    datamodel = SQLAInterface(MessageContract)
    show_template = "message_contract.html"
    list_columns = ["gateway", "name", "sender", "part_price_tiyin", "rank", "is_active"]
    form_columns = [
        "gateway", "name", "name_uz_cyrl", "name_ru", "address", "login", "new_password", "sender", "networks", "part_price_tiyin",
        "messages_a_call", "rank", "is_active",
    ]  # fmt: skip
    show_columns = [column for column in form_columns if column != "new_password"]
    fixed_columns = ("gateway",)
    add_form_extra_fields = edit_form_extra_fields = {
        "new_password": PasswordField(
            labels.COLUMN_LABELS["new_password"], [Length(max=200)], render_kw=TYPED_ANEW, description=_l("Empty: it stays as it is.")
        )
    }
    description_columns = {
        "address": _l("Such as https://notify.eskiz.uz or https://send.smsxabar.uz"),
        "rank": _l("Of several in use, messages go by the one with the smallest."),
    }
    validators_columns = {"networks": [are_networks]}
    base_order = ("rank", "asc")
    searched = ("name", "sender")
    base_permissions = ["can_list", "can_show", "can_add", "can_edit"]

    def pre_add(self, item: MessageContract) -> None:
        """Refuse an address that is not listed, and a contract without a password."""
        self.pre_update(item)

    def pre_update(self, item: MessageContract) -> None:
        """Keep a password that was typed."""
        hosts = current_app.config["PROVIDER_HOSTS"]
        if not is_listed(item.address, hosts):
            phrase = _(
                "Messages go by https to the hosts that the operator of the machine lists: %(hosts)s.", hosts=", ".join(sorted(hosts))
            )
            raise FormRefused(phrase, "address")
        if password := typed_key(item, "new_password"):
            item.secret = password
        if not item.secret:
            raise FormRefused(_("Without a password the gateway takes no message."), "new_password")

    def render_template(self, template: str, **kwargs: Any) -> Any:
        """Render a page; that of a contract names the addresses the gateway calls, to whom may change it."""
        may_see = "pk" in kwargs and appbuilder.sm.has_access("can_edit", type(self).__name__)
        calls = (
            {name: service.address_of(current_app.config, name, int(kwargs["pk"])) for name in ("receipts", "inbound")} if may_see else {}
        )
        return super().render_template(template, calls=calls, **kwargs)


class NoticeTemplateView(ReferenceView):
    page = Page(
        _l("Words of messages"),
        {LOOK: (*roles.REFERENCE_READERS, roles.SUPERVISOR), EDIT: roles.REFERENCE_EDITORS},
        menu.REFERENCE.at(120, "Words of messages"),
        company_wide=LOOK,
    )
    datamodel = SQLAInterface(NoticeTemplate)
    show_template = "notice_template.html"
    form_columns = ["notice_kind", "language", "valid_from", "template_text", "source"]
    list_columns = ["notice_kind", "language", "valid_from", "template_text", "retired_on"]
    add_form_extra_fields = edit_form_extra_fields = {
        "notice_kind": SelectField(
            labels.COLUMN_LABELS["notice_kind"], choices=lambda: [(each.value, labels.member(each)) for each in TEMPLATED]
        ),
        "language": SelectField(labels.COLUMN_LABELS["language"], choices=lambda: [(code, language_name(code)) for code in LANGUAGES]),
        "template_text": TextAreaField(
            labels.COLUMN_LABELS["template_text"], [DataRequired(), Length(max=1000)], render_kw={"rows": 4},
            description=_l("Places stand in braces, as in {account}; the card of the words lists those of the kind."),
        ),
    }  # fmt: skip
    formatters_columns = {"language": language_name, "source": lambda source: _SOURCES.get(source, source)}
    base_order = ("notice_kind", "asc")
    searched = ("template_text",)

    def _get_show_widget(self, pk: Any, item: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        name = f"{labels.member(item.notice_kind)} · {language_name(item.language)}"
        return {**super()._get_show_widget(pk, item, *args, **kwargs), "name": name}

    def render_template(self, template: str, **kwargs: Any) -> Any:
        """Render a page; that of a template shows it filled in, with a real account if one is named."""
        example = self._example(int(kwargs["pk"])) if "pk" in kwargs else None
        return super().render_template(template, example=example, **kwargs)

    def _example(self, template_id: int) -> dict[str, Any] | None:
        row = db.session.get(NoticeTemplate, template_id)
        if row is None:
            return None
        spec, number = KINDS[row.notice_kind], request.args.get("account", "")
        found, wrong = self._account(number) if number else (None, "")
        of_account = {"account": found.number, "debt": found.debt_tiyin} if found is not None else {}
        places = [(name, name in spec.required) for name in sorted(spec.variables)]
        shown = {"places": places, "used": places_of(row.template_text), "account": number, "wrong": wrong}
        return shown | _as_it_reads(spec, row.language, row.template_text, of_account)

    def _account(self, typed: str) -> tuple[Any, str]:
        try:
            card = accounts.card_by_number(db.session(), identifiers.account_number(typed))
        except identifiers.InvalidIdentifier:
            card = None
        if card is None:
            return None, _("There is no such account.")
        record_disclosure("account", [card.id])
        return card, ""


def _as_it_reads(spec: KindSpec, language: str, words: str, of_account: Mapping[str, Value] | None = None) -> dict[str, Any]:
    """Return words filled in with examples, and with what is known of an account."""
    text = sms_text(
        filled(words, spec.variables, {name: each.sample for name, each in spec.variables.items()} | dict(of_account or {}), language)
    )
    return {"text": text, "parts": sms_parts(text), "lang": language.replace("_", "-")}


def show_examples(asked: Approval) -> dict[str, Any]:
    """Return how the words of a request read, for the page where a second person decides about them."""
    if asked.contents.get("table") != NoticeTemplate.__tablename__:
        return {}
    drafted = [each for each in reference.changes_of(db.session(), asked.id, limit=20) if "template_text" in each.contents]
    held = [
        (reference.row_texts(db.session(), each.table_name, each.row_id) if each.row_id else {}) | dict(each.contents) for each in drafted
    ]
    return {"examples": [_as_it_reads(KINDS[NoticeKind(each["notice_kind"])], each["language"], each["template_text"]) for each in held]}


show_beside(ApprovalKind.REFERENCE_CHANGE, show_examples)


class StopForm(FlaskForm):
    """A number that is to get no SMS, and who asked for it."""

    phone = StringField(labels.COLUMN_LABELS["phone"], [DataRequired(), Length(max=20), fields.Identifier(identifiers.phone)])
    basis = StringField(labels.COLUMN_LABELS["basis"], [DataRequired(), Length(max=300)], description=_l("Who asked, and how"))


class NoticeStopView(FactView):
    page = Page(
        _l("Numbers without SMS"),
        {LOOK: (roles.BILLING_OPERATOR, roles.SUPERVISOR, roles.AUDITOR), "can_stop": roles.BILLING_STAFF},
        menu.INFORMATION.at(32, "Numbers without SMS"),
        # A number is of no division: whoever the consumer asks stops it.
        company_wide=f"{LOOK} can_stop",
    )
    datamodel = SQLAInterface(NoticeStop)
    list_template = "notice_stops.html"
    list_columns = show_columns = ["phone", "basis", "created_at", "created_by", "ended_at", "ended_by"]
    search_columns = ["created_at", "ended_at"]
    base_order = ("id", "desc")
    searched = ("basis",)
    base_permissions = ["can_list", "can_show", "can_stop"]

    @expose("/stop", methods=["GET", "POST"])
    @has_access
    def stop(self) -> Any:
        """Send no more SMS to a number, or send them again."""
        form = StopForm()
        if form.validate_on_submit():
            flash(self._decided(form.phone.data, form.basis.data), "success")
            return redirect(url_for(".list"))
        return self.render_template("notice_stop_new.html", form=form)

    def _decided(self, phone: str, basis: str) -> str:
        set_change_reason(basis)
        with transaction() as session:
            if request.form.get("step") == "start":
                service.start(session, phone, by=g.user.username, now=clock.now())
                return _("The number gets SMS again.")
            count = service.stop(session, phone, basis=basis, now=clock.now())
        return _("The number gets no SMS but codes and answers. Withdrawn: %(count)s.", count=count)
