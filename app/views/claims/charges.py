"""Charges beside the month's energy: how each came about, and taking it back."""

from typing import Any

from flask import abort, flash, redirect, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from app import clock, labels
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.billing import Component
from app.extensions import db, record_disclosure, transaction
from app.models.administration import Approval
from app.models.billing import BillableCharge
from app.queries import claims as queries
from app.services import claims as service
from app.views import menu
from app.views.base import FactView


class ReasonForm(FlaskForm):
    """Why a charge is taken back."""

    reason = StringField(labels.COLUMN_LABELS["reason"], [DataRequired(), Length(max=300)])


class BillableChargeView(FactView):
    page = Page(
        _l("Billable charges"),
        {LOOK: roles.CHARGE_READERS, "can_reverse_charge": roles.BILLING_STAFF},
        menu.CLAIMS.at(10, "Billable charges"),
    )
    datamodel = SQLAInterface(BillableCharge)
    list_columns = ["id", "account", "component", "period_from", "period_to", "amount_tiyin", "basis", "created_at", "created_by"]
    search_columns = ["component", "period_from", "basis"]
    base_order = ("id", "desc")
    searched = ("account",)
    total_columns = ("amount_tiyin",)
    base_permissions = ["can_list", "can_show", "can_reverse_charge"]

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show a charge, everything it was computed from, and the bill it stands on."""
        charge = _charge(pk)
        return self.render_template("charge.html", charge=charge, component=labels.member_of(Component, charge.component))

    @expose("/reverse/<pk>", methods=["GET", "POST"])
    @has_access
    def reverse_charge(self, pk: str) -> Any:
        """Say why a charge is taken back; a large one waits for a second person."""
        charge, form = _charge(pk), ReasonForm()
        if not form.validate_on_submit():
            return self.render_template("charge_reverse.html", form=form, charge=charge)
        try:
            with transaction() as session:
                done = service.reverse(session, charge.id, reason=form.reason.data, today=clock.today())
                asked = done.id if isinstance(done, Approval) else None
        except service.ChargeAlreadyReversed:
            flash(_("This charge was taken back already, or takes another one back."), "warning")
        except service.ReversalAlreadyRequested:
            flash(_("Somebody asked for this already; a second person decides."), "warning")
        else:
            flash(_("A second person decides about this.") if asked else _("The charge was taken back."), "success")
        return redirect(url_for("BillableChargeView.show", pk=charge.id))


def _charge(pk: str) -> queries.ChargeRow:
    found = queries.charge(db.session(), int(pk)) if pk.isdecimal() and len(pk) < 19 else None
    if found is None:
        abort(404)
    record_disclosure("account", [found.account_id])
    return found
