"""Dated terms of accounts, energy that keeps an old price, whether points are on or off, and the orders about that."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.filters import FilterEqual
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from app import clock, labels
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.supply import (
    ORDERED_REASONS,
    OffReason,
    SupplyFault,
    SupplyOrderKind,
    SupplyOrderStatus,
    SupplyRefused,
)
from app.extensions import appbuilder, db, record_disclosure, set_change_reason, transaction
from app.models.accounts import Account
from app.models.supply import PointState, PrepaidVolume, SupplyOrder, SupplyTerm
from app.queries import accounts
from app.queries import supply as queries
from app.services import supply as states
from app.services.acts.supply_orders import refusal_of
from app.services.billing import prepaid as service
from app.views import acts, fields, menu
from app.views.base import FactView


class SupplyTermView(FactView):
    page = Page(_l("Terms of accounts"), {LOOK: roles.ACCOUNT_READERS}, menu.ACCOUNTS.at(80, "Supply terms"))
    datamodel = SQLAInterface(SupplyTerm)
    list_columns = show_columns = ["account", "kind", "value_milli", "basis", "valid_from", "valid_to"]
    base_order = ("id", "asc")
    searched = ("account",)


class PrepaidVolumeForm(FlaskForm):
    """For whom, from which day, and by which act of law the old price is kept."""

    division = fields.division_field()
    day = fields.day_field(_l("First day of the new price"), [InputRequired()])
    basis = StringField(labels.COLUMN_LABELS["basis"], [DataRequired(), Length(max=300)])


class PrepaidVolumeView(FactView):
    page = Page(
        _l("Prepaid volumes"), {LOOK: roles.BILLING_READERS, "can_grant": roles.BILLING_STAFF}, menu.ACCOUNTS.at(90, "Prepaid volumes")
    )
    datamodel = SQLAInterface(PrepaidVolume)
    list_columns = ["account", "tariff_version", "quantity_milli", "valid_from", "valid_to", "kept_to", "basis"]
    show_columns = list_columns
    base_order = ("id", "desc")
    total_columns = ("quantity_milli",)
    searched = ("account", "basis")
    base_permissions = ["can_list", "can_show", "can_grant"]
    list_template = "prepaid_volumes.html"

    @expose("/grant", methods=["GET", "POST"])
    @has_access
    def grant(self) -> Any:
        """Show what accounts that paid ahead would keep at the price that ends on a day, then grant it."""
        form, found = PrepaidVolumeForm(), None
        if form.validate_on_submit():
            chosen = {"division_id": form.division.data, "day": form.day.data}
            if request.form.get("step") == "do":
                set_change_reason(form.basis.data)
                with transaction() as session:
                    count = service.grant_prepaid(session, basis=form.basis.data, **chosen)
                flash(ngettext("%(num)s account keeps the old price.", "%(num)s accounts keep the old price.", count), "success")
                return redirect(url_for("PrepaidVolumeView.list"))
            offers = service.prepaid_offers(db.session(), **chosen)
            found = {"count": len(offers), "quantity_milli": sum(offer["quantity_milli"] for offer in offers)}
        return self.render_template("prepaid_grant.html", form=form, found=found)


class PointStateView(FactView):
    page = Page(_l("State of supply"), {LOOK: roles.ACCOUNT_READERS}, menu.METERING.at(70, "State of supply"))
    datamodel = SQLAInterface(PointState)
    list_columns = [
        "account",
        "service_point",
        "supply_state",
        "off_reason",
        "begins_at",
        "ends_at",
        "state_source",
        "supply_order",
        "brigade",
    ]
    show_columns = [*list_columns, "act_id", "reference", "division", "created_at", "created_by"]
    search_columns = ["account", "division", "supply_state", "off_reason", "begins_at", "ends_at", "state_source", "brigade"]
    base_filters = [["withdrawn_act_id", FilterEqual, None]]
    base_order = ("id", "desc")
    read_along = ("service_point.street",)
    searched = ("account",)


class DraftOrderForm(FlaskForm):
    """An order that somebody else issues."""

    account = fields.LookupField(labels.COLUMN_LABELS["account"], [DataRequired()], model=Account)
    kind = fields.enum_field(labels.COLUMN_LABELS["order_kind"], SupplyOrderKind, [InputRequired()])
    off_reason = SelectField(
        labels.COLUMN_LABELS["off_reason"], choices=lambda: [(each.value, labels.member(each)) for each in ORDERED_REASONS],
        description=_l("Of a reconnection it is the reason for which the supply is off."),
    )  # fmt: skip
    term_on = fields.day_field(labels.COLUMN_LABELS["term_on"], [InputRequired()])
    note = StringField(labels.COLUMN_LABELS["note"], [Length(max=300)])


class SupplyOrderView(FactView):
    page = Page(
        _l("Supply orders"),
        {LOOK: roles.ACCOUNT_READERS, "can_waiting": roles.ACCOUNT_READERS, "can_draft": (roles.ENGINEER, *roles.DEBT_STAFF)},
        menu.METERING.at(80, "Supply orders"),
    )
    datamodel = SQLAInterface(SupplyOrder)
    list_columns = ["id", "kind", "status", "off_reason", "account", "service_point", "brigade", "ordered_on", "term_on", "created_by"]
    search_columns = ["kind", "status", "off_reason", "account", "division", "brigade", "ordered_on", "term_on", "created_by"]
    base_order = ("id", "desc")
    read_along = ("service_point.street",)
    searched = ("id", "account")
    base_permissions = ["can_list", "can_show", "can_waiting", "can_draft"]
    list_template = "supply_orders.html"

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show an order with the acts about it, and what the reader may do with it."""
        order = self.found(pk)
        record_disclosure("account", [order.account_id])
        card = accounts.card(db.session(), order.account_id)
        is_open = order.status in {SupplyOrderStatus.DRAFT, SupplyOrderStatus.ISSUED} and card is not None and card.order_id == order.id
        return self.render_template(
            "supply_order.html",
            order=order,
            done=queries.acts_of_order(db.session(), order.id, order.account_id),
            buttons=acts.buttons_of(card, acts.SUPPLY_ORDER_ACTS) if is_open and card else [],
            may_withdraw=order.status == SupplyOrderStatus.DRAFT and may_draft(),
            late_days=(clock.today() - order.term_on).days if is_open else 0,
        )

    @expose("/waiting", methods=["GET"])
    @has_access
    def waiting(self) -> Any:
        """Show the orders that wait, those with the earliest term first."""
        rows = queries.open_orders(db.session(), today=clock.today(), limit=SHOWN)
        record_disclosure("account", [row.account_id for row in rows])
        return self.render_template("supply_orders_waiting.html", rows=rows, most=SHOWN)

    @expose("/draft", methods=["GET", "POST"])
    @has_access
    def draft(self) -> Any:
        """Draft an order, for somebody else to issue."""
        form = DraftOrderForm()
        if form.validate_on_submit():
            chosen, kind = form.account.data, form.kind.data
            wanted = states.OrderRequest(
                chosen.id, kind, OffReason(form.off_reason.data), clock.today(), form.term_on.data, form.note.data or ""
            )
            try:
                with transaction() as session:
                    order_id = states.draft_order(session, wanted).id
            except SupplyRefused as refused:
                column = _COLUMNS.get(refused.fault, "account")
                form[column].errors = [labels.act_refusal(refusal_of(refused))]
            else:
                flash(_("The order was drafted."), "success")
                return redirect(url_for("SupplyOrderView.show", pk=order_id))
        return self.render_template("supply_order_draft.html", form=form)

    @expose("/withdraw/<int:order_id>", methods=["POST"])
    @has_access
    @permission_name("draft")
    def withdraw(self, order_id: int) -> Any:
        """Give a draft up."""
        self.found(str(order_id))
        try:
            with transaction() as session:
                states.withdraw_draft(session, order_id)
        except SupplyRefused as refused:
            flash(labels.act_refusal(refusal_of(refused)), "warning")
        else:
            flash(_("The draft was withdrawn."), "success")
        return redirect(url_for("SupplyOrderView.show", pk=order_id))


_COLUMNS = {SupplyFault.TERM_FALLS: "term_on"}
#: Orders on the page of those that wait.
SHOWN = 500


def may_draft() -> bool:
    """Return whether the reader may draft orders and give drafts up."""
    return bool(appbuilder.sm.has_access("can_draft", "SupplyOrderView"))


#: The pages of this area.
VIEWS = (
    PointStateView,
    SupplyOrderView,
    SupplyTermView,
    PrepaidVolumeView,
)
