"""Accounts: the list, the card that shows all of one, supplies, service points."""

from datetime import date, datetime, time
from typing import Any

from flask import abort
from flask_appbuilder import expose
from flask_appbuilder.models.filters import BaseFilter
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app import clock, labels
from app.documents import monitoring
from app.domain.administration import roles
from app.domain.administration.pages import EDIT, LOOK, Page
from app.domain.calendar import TASHKENT, month_start, months_after
from app.extensions import db, record_disclosure
from app.models.accounts import Account, ServicePoint, Supply, UnmeteredSupply
from app.models.columns import described_columns
from app.queries import accounts as queries
from app.queries import billing, claims, contracts, ledger, metering, payments
from app.queries import documents as papers
from app.queries import supply as supplies
from app.queries.accounts import details as account_details
from app.views import acts, menu
from app.views.accounts.documents import AccountDocumentView
from app.views.accounts.search import SearchView
from app.views.base import EntityView, FactView

MONTHS = 24


class ServicePointView(EntityView):
    page = Page(
        _l("Service points"), {LOOK: roles.ACCOUNT_READERS, EDIT: (roles.BILLING_OPERATOR,)}, menu.ACCOUNTS.at(100, "Service points")
    )
    datamodel = SQLAInterface(ServicePoint)
    list_columns = ["street", "house", "flat", "resource", "division"]
    form_columns = ["resource", "street", "house", "flat", "capacity_milli", "cadastre_number", "heating", "stove"]
    fixed_columns = tuple(form_columns[:5])
    base_order = ("id", "asc")
    searched = ("street", "account")
    division_of = "street"


class _Supplies(FactView):
    """What lists of supplies have in common."""

    datamodel = SQLAInterface(Supply)
    list_columns = show_columns = ["account", "service_point", "tariff_group", "valid_from", "valid_to"]
    base_order = ("id", "asc")
    read_along = ("service_point.street",)
    searched = ("account",)


class SupplyView(_Supplies):
    show_template = "supply_show.html"
    page = Page(_l("Supplies"), {LOOK: roles.ACCOUNT_READERS}, menu.ACCOUNTS.at(70, "Supplies"))

    def _get_show_widget(self, pk: Any, item: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        widgets: dict[str, Any] = super()._get_show_widget(pk, item, *args, **kwargs)
        return {**widgets, "hours_off": _hours_off(item.service_point_id)}


#: Months in which a supply is looked for hours without it.
_MONTHS_OFF = 12


def _hours_off(service_point_id: int) -> list[tuple[date, int]]:
    """Return the months of a year in which a place was without supply, and for how long, up to now, in thousandths of an hour."""
    found = []
    for month in [months_after(month_start(clock.today()), -number) for number in range(_MONTHS_OFF)]:
        begin, end = (datetime.combine(each, time(), TASHKENT) for each in (month, months_after(month, 1)))
        hours = supplies.hours_off(db.session(), [service_point_id], begin, min(end, clock.now())).get(service_point_id, 0)
        found += [(month, hours)] if hours else []
    return found


class WithoutMeter(BaseFilter):
    """Supplies that go on without a meter, and without a norm in its place."""

    name = "WithoutMeter"

    def apply(self, query: Any, value: Any) -> Any:
        """Leave out the others."""
        return query.filter(self.model.id.in_(select(UnmeteredSupply.supply_id)))


class UnmeteredSupplyView(_Supplies):
    page = Page(_l("Supplies without a meter"), {LOOK: roles.ACCOUNT_READERS}, menu.METERING.at(45, "Supplies without a meter"))
    base_filters = [["id", WithoutMeter, None]]


class AccountView(EntityView):
    """Accounts; acts change them, and a form what nothing depends on."""

    page = Page(
        _l("Accounts"),
        {LOOK: roles.ACCOUNT_READERS, "can_edit": roles.BILLING_STAFF},
        menu.ACCOUNTS.at(10, "Accounts list"),
    )
    datamodel = SQLAInterface(Account)
    list_template = "accounts.html"
    form_columns = described_columns(Account)
    list_columns = ["number", "consumer", "division", "status", "opened_on", *form_columns]
    base_permissions = ["can_list", "can_show", "can_edit"]
    base_order = ("number", "asc")
    searched = ("account",)

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show all of an account on one page."""
        session = db.session()
        card = queries.card(session, int(pk)) if pk.isdecimal() else None
        if card is None:
            abort(404)
        record_disclosure("account", [card.id])
        record_disclosure("consumer", [card.consumer_id])
        today = clock.today()
        since = months_after(today, 1 - MONTHS)
        rows = monitoring.consumption_rows(billing.consumption_by_month(session, card.id, since=months_after(since, -12)), since)
        return self.render_template(
            "account_card.html",
            card=card,
            alerts=_alerts(card, account_details.due(session, card.id, today), today),
            bills=[(bill, bill.state(today)) for bill in billing.account_bills(session, card.id, withdrawn=True)],
            payments=payments.account_payments(session, card.id),
            readings=metering.account_readings(session, card.id),
            meters=queries.account_installations(session, card.id),
            charges=claims.account_charges(session, card.id),
            balances=ledger.month_balances(session, card.id, MONTHS),
            timeline=queries.timeline(session, card.id),
            act_buttons=acts.buttons_of(card),
            details=account_details.details(session, card.id, today),
            described=self._described(card.id),
            contract=contracts.contract_of_account(session, card.id, on=today),
            common=contracts.balance_of_account(session, card.id, on=today),
            benefits=account_details.benefits(session, card.id, today),
            terms=account_details.terms(session, card.id, today),
            waiting=account_details.waiting_requests(session, card.id),
            held=account_details.held_bills(session, card.id),
            documents=account_details.documents(session, card.id),
            statements=papers.statements_of(session, card.id),
            last_month=lambda until: months_after(until, -1),
            may_read_personal=labels.personal.may_read(),
            chart=monitoring.consumption(rows, unit=card.unit),
            chart_rows=rows,
        )

    def _described(self, account_id: int) -> list[tuple[Any, Any]]:
        """Return what its form holds: labels and values as they are written."""
        values = account_details.described(db.session(), account_id)
        return [(self.label_columns[column], self._formatter(column)(value)) for column, value in values.items()]


def _alerts(card: queries.Card, due: account_details.Due, today: date) -> list[str]:
    """Return what a person who opens the account should know at once."""
    found = []
    if due.overdue_since:
        since = labels.day(due.overdue_since)
        found.append(_("Overdue: %(sum)s, since %(day)s", sum=labels.money(due.overdue_tiyin), day=since))
    if due.next_on:
        found.append(_("To pay by %(day)s: %(sum)s", day=labels.day(due.next_on), sum=labels.money(due.next_tiyin)))
    if card.billed_to and card.actual_to and card.actual_to < card.billed_to:
        found.append(_("The last bills are estimated: there is no reading since %(day)s.", day=labels.day(card.actual_to)))
    if card.closed_on and card.closed_on <= today:
        found.append(_("The account is closed."))
    if not card.phone:
        found.append(_("The consumer has no telephone number."))
    return found


#: The pages of this area.
VIEWS = (
    AccountView,
    SupplyView,
    UnmeteredSupplyView,
    ServicePointView,
    AccountDocumentView,
    SearchView,
)
