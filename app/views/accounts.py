"""Accounts: the list, the card that shows all of one, supplies, service points, and the search box."""

import json
from datetime import date
from typing import Any

from flask import abort, request
from flask_appbuilder import BaseView, expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _

from app import clock, labels
from app.documents import charts
from app.documents.letters import in_other_script
from app.domain import identifiers
from app.domain.calendar import months_after
from app.extensions import db
from app.models.accounts import Account, ServicePoint, Supply
from app.queries import accounts as queries
from app.queries import billing, ledger, metering, payments
from app.views.base import EntityView, refusing

MONTHS = 24


class ServicePointView(EntityView):
    datamodel = SQLAInterface(ServicePoint)
    list_columns = ["street", "house", "flat", "resource", "division"]
    form_columns = ["resource", "street", "house", "flat", "capacity_milli"]
    base_order = ("id", "asc")

    def pre_add(self, item: ServicePoint) -> None:
        item.division_id = item.street.division_id


class SupplyView(EntityView):
    datamodel = SQLAInterface(Supply)
    list_columns = form_columns = ["account", "service_point", "tariff_group", "valid_from", "valid_to"]
    base_order = ("id", "asc")

    def pre_add(self, item: Supply) -> None:
        item.division_id = item.account.division_id


class AccountView(EntityView):
    datamodel = SQLAInterface(Account)
    list_columns = ["number", "consumer", "division", "status", "opened_on"]
    form_columns = ["consumer", "number", "status", "opened_on", "closed_on"]
    base_order = ("number", "asc")
    order_columns = ["number", "status", "opened_on"]

    def pre_add(self, item: Account) -> None:
        item.division_id = item.consumer.division_id
        with refusing("number", {identifiers.InvalidIdentifier: _("An account number has 12 or 13 digits.")}):
            item.number = identifiers.account_number(item.number)

    pre_update = pre_add

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show all of an account on one page."""
        session = db.session()
        card = queries.card(session, int(pk)) if pk.isdecimal() else None
        if card is None:
            abort(404)
        today = clock.today()
        months = [months_after(today, -back) for back in range(MONTHS - 1, -1, -1)]
        energy = billing.consumption_by_month(session, card.id, since=months_after(months[0], -12))
        return self.render_template(
            "account_card.html",
            card=card,
            alerts=_alerts(card, today),
            bills=billing.account_bills(session, card.id),
            payments=payments.account_payments(session, card.id),
            readings=metering.account_readings(session, card.id),
            meters=queries.account_installations(session, card.id),
            balances=ledger.month_balances(session, card.id, MONTHS),
            timeline=queries.timeline(session, card.id),
            chart=json.dumps(charts.consumption(energy, months, unit=card.unit)),
            chart_rows=charts.consumption_rows(energy, months),
        )


class SearchView(BaseView):
    """One box for everything one knows of a consumer."""

    route_base = "/search"
    default_view = "find"

    @expose("/")
    @has_access
    def find(self) -> Any:
        """Show the accounts that match a number, name, telephone, meter or address."""
        word = request.args.get("q", "")[:100].replace("\0", "").strip()
        hits = queries.search(db.session(), word, other_script=in_other_script(word)) if len(word) > 1 else []
        return self.render_template("search.html", word=word, hits=hits)


def _alerts(card: queries.Card, today: date) -> list[str]:
    """Return what a person who opens the account should know at once."""
    found = []
    if card.debt_tiyin:
        found.append(_("The consumer owes %(sum)s.", sum=labels.money(card.debt_tiyin)))
    if card.billed_to and card.actual_to and card.actual_to < card.billed_to:
        found.append(_("The last bills are estimated: there is no reading since %(day)s.", day=labels.day(card.actual_to)))
    if card.closed_on and card.closed_on <= today:
        found.append(_("The account is closed."))
    if not card.phone:
        found.append(_("The consumer has no telephone number."))
    return found
