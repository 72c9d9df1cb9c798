"""Dated terms of accounts, and energy that keeps an old price."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired, InputRequired, Length

from app import labels
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.extensions import db, set_change_reason, transaction
from app.models.supply import PrepaidVolume, SupplyTerm
from app.services.billing import prepaid as service
from app.views import fields, menu
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


#: The pages of this area.
VIEWS = (
    SupplyTermView,
    PrepaidVolumeView,
)
