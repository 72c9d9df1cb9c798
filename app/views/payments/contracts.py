"""Contracts with providers: changed by two persons, for their keys and limits are money."""

import hashlib
from collections.abc import Iterable

from flask import current_app
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from wtforms import PasswordField
from wtforms.validators import Length

from app import labels
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.payments.channels import CHANNELS, Channel, Collection, SignIn, known_by, with_term
from app.domain.reference.addresses import is_listed
from app.models.payments import PaymentContract
from app.views import menu
from app.views.proposed import TYPED_ANEW, ProposedView, are_networks, typed_key
from app.views.refusals import FormRefused


def _names(channels: Iterable[Channel]) -> LazyString:
    return LazyString(lambda: ", ".join(labels.member(channel) for channel in channels))


class PaymentContractView(ProposedView):
    """Contracts; credentials are written and never shown: of a key only the digest is kept."""

    page = Page(
        _l("Contracts with providers"),
        {LOOK: roles.ACCESS_READERS, "can_add can_edit": (roles.ADMINISTRATOR,)},
        menu.PAYMENTS.at(110, "Payment contracts"),
        company_wide=LOOK,
    )
    datamodel = SQLAInterface(PaymentContract)
    list_columns = ["channel", "name", "merchant_number", "service_number", "smallest_tiyin", "largest_tiyin", "is_active", "is_stopped"]
    form_columns = [
        "channel", "name", "name_uz_cyrl", "name_ru", "merchant_number", "service_number", "login", "new_key", "new_secret", "networks",
        "smallest_tiyin", "largest_tiyin", "commission_percent", "unknown_transaction", "repeated_cancel", "repeated_payment",
        "cancel_days", "ask_url", "ask_login", "is_active", "is_stopped",
    ]  # fmt: skip
    show_columns = [column for column in form_columns if not column.startswith("new_")]
    fixed_columns = ("channel",)
    add_form_extra_fields = edit_form_extra_fields = {
        "new_key": PasswordField(
            labels.COLUMN_LABELS["new_key"], [Length(max=200)], render_kw=TYPED_ANEW,
            description=_l("%(channels)s. Empty: it stays as it is.", channels=_names(known_by(SignIn.KEY))),
        ),
        "new_secret": PasswordField(
            labels.COLUMN_LABELS["new_secret"], [Length(max=200)], render_kw=TYPED_ANEW,
            description=_l(
                "%(channels)s, and our questions to providers. Empty: it stays as it is.", channels=_names(known_by(SignIn.SIGNATURE))
            ),
        ),
    }  # fmt: skip
    description_columns = {
        column: _l("Only for %(channels)s.", channels=_names(with_term(column)))
        for column in sorted(frozenset().union(*(spec.contract_terms for spec in CHANNELS.values())))
    }
    validators_columns = {"networks": [are_networks]}
    base_order = ("id", "asc")
    searched = ("name", "merchant_number", "service_number")
    base_permissions = ["can_list", "can_show", "can_add", "can_edit"]
    stopped_by = ({"is_stopped": True}, {"is_active": False}, {"is_stopped": True, "is_active": False})

    def pre_add(self, item: PaymentContract) -> None:
        """Refuse a second contract with ourselves; keep the keys of any other."""
        if CHANNELS[item.channel].collection == Collection.CASH:
            raise FormRefused(_("There is one contract with our own cash desks, and it is there."), "channel")
        self.pre_update(item)

    def pre_update(self, item: PaymentContract) -> None:
        """Keep the digest of a key that was typed, and a secret that was; an active contract has what its channel is known by."""
        key, secret = typed_key(item, "new_key"), typed_key(item, "new_secret")
        _refuse_unlisted(item)
        if key:
            item.key_sha256 = hashlib.sha256(key.encode()).hexdigest()
        if secret:
            item.secret = secret
        spec = CHANNELS[item.channel]
        if item.is_active and spec.sign_in == SignIn.KEY and not item.key_sha256:
            raise FormRefused(_("Without a key the provider cannot sign in."), "new_key")
        if item.is_active and spec.sign_in == SignIn.SIGNATURE and not item.secret:
            raise FormRefused(_("Without this key no call can be believed."), "new_secret")
        if spec.has_service_number and item.service_number and not item.service_number.isdecimal():
            raise FormRefused(_("A service has a number."), "service_number")


def _refuse_unlisted(item: PaymentContract) -> None:
    """Refuse to ask an address that the operator of the machine has not listed; it could lie inside the company's network."""
    hosts = current_app.config["PROVIDER_HOSTS"]
    if item.ask_url and not is_listed(item.ask_url, hosts):
        phrase = _("Questions go by https to the hosts that the operator of the machine lists: %(hosts)s.", hosts=", ".join(sorted(hosts)))
        raise FormRefused(phrase, "ask_url")
