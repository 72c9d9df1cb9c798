"""Accounts: the list, the card that shows all of one, supplies, service points, and the search box."""

from datetime import date
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.fields import QuerySelectField
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError
from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app import clock, labels
from app.documents import charts
from app.documents.letters import in_other_script
from app.domain import identifiers
from app.domain.calendar import months_after
from app.domain.reference import ConsumerKind
from app.extensions import db, show, transaction
from app.models.accounts import Account, ServicePoint, Supply
from app.models.equipment import MeterModel
from app.models.reference import Resource, Street, TariffGroup
from app.queries import account_details, billing, claims, contracts, ledger, metering, papers, payments
from app.queries import accounts as queries
from app.services import accounts as service
from app.views import acts, fields
from app.views.base import EntityView, FactView

MONTHS = 24


def _key(row: Any) -> int:
    return int(row.id)


class ServicePointView(EntityView):
    datamodel = SQLAInterface(ServicePoint)
    list_columns = ["street", "house", "flat", "resource", "division"]
    form_columns = ["resource", "street", "house", "flat", "capacity_milli", "cadastre_number", "heating", "stove"]
    fixed_columns = tuple(form_columns[:4])
    base_order = ("id", "asc")
    division_of = "street"


class SupplyView(FactView):
    datamodel = SQLAInterface(Supply)
    list_columns = show_columns = ["account", "service_point", "tariff_group", "valid_from", "valid_to"]
    base_order = ("id", "asc")


class AccountView(FactView):
    datamodel = SQLAInterface(Account)
    list_template = "accounts.html"
    list_columns = ["number", "consumer", "division", "status", "opened_on"]
    base_order = ("number", "asc")
    order_columns = ["number", "status", "opened_on"]

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show all of an account on one page."""
        session = db.session()
        card = queries.card(session, int(pk)) if pk.isdecimal() else None
        if card is None:
            abort(404)
        show("account", [card.id])
        show("consumer", [card.consumer_id])
        today = clock.today()
        since = months_after(today, 1 - MONTHS)
        rows = charts.consumption_rows(billing.consumption_by_month(session, card.id, since=months_after(since, -12)), since)
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
            chart=charts.consumption(rows, unit=card.unit),
            chart_rows=rows,
        )


class NewAccountForm(FlaskForm):
    """Everything an account begins with, on one page."""

    kind = fields.enum_field(labels.COLUMN_LABELS["consumer_kind"], ConsumerKind)
    name = StringField(labels.COLUMN_LABELS["name"], [DataRequired(), Length(max=200)])
    identifier = StringField(_l("JSHSHIR of a person, STIR of a legal entity"), [Optional()])
    phone = StringField(labels.COLUMN_LABELS["phone"], [fields.Identifier(identifiers.phone)])
    language = SelectField(labels.COLUMN_LABELS["language"])
    number = StringField(labels.COLUMN_LABELS["account_number"], [DataRequired(), fields.Identifier(identifiers.account_number)])
    opened_on = fields.day_field(labels.COLUMN_LABELS["opened_on"], [InputRequired()])
    street = fields.LookupField(labels.COLUMN_LABELS["street"], [DataRequired()], model=Street)
    house = StringField(labels.COLUMN_LABELS["house"], [DataRequired(), Length(max=16)])
    flat = StringField(labels.COLUMN_LABELS["flat"], [Length(max=16)])
    capacity_milli = fields.quantity_field(labels.COLUMN_LABELS["capacity_milli"], [InputRequired()])
    tariff_group = QuerySelectField(labels.COLUMN_LABELS["tariff_group"], query_func=lambda: _all(TariffGroup), get_pk_func=_key)
    resource = QuerySelectField(labels.COLUMN_LABELS["resource"], query_func=lambda: _all(Resource), get_pk_func=_key)
    meter_model = QuerySelectField(labels.COLUMN_LABELS["model"], query_func=lambda: _all(MeterModel), get_pk_func=_key)
    serial_number = StringField(labels.COLUMN_LABELS["serial_number"], [DataRequired(), Length(max=32)])
    digits = IntegerField(labels.COLUMN_LABELS["digits"], [InputRequired(), NumberRange(3, 9)], default=5)
    ct_primary = IntegerField(labels.COLUMN_LABELS["ct_primary"], [InputRequired(), NumberRange(1, 100_000)], default=1)
    ct_secondary = IntegerField(labels.COLUMN_LABELS["ct_secondary"], [InputRequired(), NumberRange(1, 100)], default=1)
    first_dial_milli = fields.quantity_field(_l("First reading"), [InputRequired()])


class NewAccountView(BaseView):
    """A new account from one page: consumer, place, meter, first reading."""

    route_base = "/new-account"
    default_view = "open"

    @expose("/", methods=["GET", "POST"])
    @has_access
    def open(self) -> Any:
        """Open an account, or say beside which field why not."""
        form = NewAccountForm()
        form.language.choices = [(code, each["name"]) for code, each in self.appbuilder.bm.languages.items()]
        if request.method == "GET":
            form.opened_on.data = clock.today()
        if form.validate_on_submit():
            try:
                with transaction() as session:
                    account_id = service.open_account(session, _new_account(form)).id
            except (
                service.ForeignNumber,
                service.NumberTaken,
                service.MeterInUse,
                identifiers.InvalidIdentifier,
                DataError,
                IntegrityError,
            ) as error:
                column, phrase = _refusal(error)
                form[column].errors = [*form[column].errors, phrase]
            else:
                flash(_("The account was opened."), "success")
                return redirect(url_for("AccountView.show", pk=account_id))
        return self.render_template("account_new.html", form=form)


def _new_account(form: NewAccountForm) -> service.NewAccount:
    names = [name for name in service.NewAccount._fields if name != "resource_id"]
    return service.NewAccount(**{name: form[name].data for name in names}, resource_id=form.resource.data.id)


def _refusal(error: Exception) -> tuple[str, str]:
    if isinstance(error, service.ForeignNumber):
        return "number", _("An account number begins with the code of its branch: %(code)s.", code=str(error))
    if isinstance(error, service.NumberTaken):
        return "number", _("There is an account with this number already.")
    if isinstance(error, service.MeterInUse):
        return "serial_number", _("There is a meter with this number already.")
    if isinstance(error, identifiers.InvalidIdentifier):
        return "identifier", labels.member(error.reason)
    return "identifier", _("There is such a row already: a value that must be unique repeats.")


def _all(model: Any) -> Any:
    return db.session.scalars(select(model).order_by(model.id)).all()


class SearchView(BaseView):
    """One box for everything one knows of a consumer."""

    route_base = "/search"
    default_view = "find"

    @expose("/")
    @has_access
    def find(self) -> Any:
        """Show the accounts that match a number, name, telephone, meter or address."""
        word = request.args.get("q", "")[:100].replace("\0", "").strip()
        hits = []
        if len(word) > 1:
            hits = queries.search(db.session(), word, other_script=in_other_script(word), personal=labels.personal.may_read())
        shown = hits[: queries.MOST_HITS]
        show("account", [hit.id for hit in shown])
        return self.render_template("search.html", word=word, hits=shown, more=len(hits) > len(shown))


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
