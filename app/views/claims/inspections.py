"""Inspection records: drafted with a preview of what they charge, approved by a second person."""

from decimal import Decimal
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, Optional

from app import clock, labels
from app.documents import claims as documents
from app.documents import downloads
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.claims.inspections import EnergyMethod, NoTariff, ViolationKind
from app.domain.seals import InspectionCause, SealRefused
from app.domain.values import MILLI_PER_UNIT, AmountTooLarge
from app.extensions import db, record_disclosure, transaction
from app.models.claims import InspectionRecord
from app.models.seals import Inspection
from app.queries import accounts
from app.queries import claims as queries
from app.queries import documents as papers
from app.services.claims import inspections as service
from app.views import fields, menu
from app.views.base import FactView

#: What each method needs to know.
_NEEDED = {
    EnergyMethod.WIRE: ("current_a", "voltage_kv", "power_factor", "hours_a_day"),
    EnergyMethod.APPLIANCES: ("capacity_kw", "hours_a_day"),
    EnergyMethod.MEASURED: ("energy_milli",),
}


class FindingForm(FlaskForm):
    """What an inspector writes down."""

    number = StringField(_l("Number of the record"), [DataRequired(), Length(max=32)])
    drawn_on = fields.day_field(labels.COLUMN_LABELS["drawn_on"], [InputRequired()])
    kind = fields.enum_field(labels.COLUMN_LABELS["kind"], ViolationKind, [InputRequired()])
    inspector = StringField(labels.COLUMN_LABELS["inspector"], [DataRequired(), Length(max=200)])
    findings = TextAreaField(labels.COLUMN_LABELS["findings"], [Length(max=1000)])
    seals_broken = StringField(
        labels.COLUMN_LABELS["seals_broken"], [Length(max=200)], description=_l("Those on the meter, one after another.")
    )  # fmt: skip
    inspection_id = HiddenField()
    period_from = fields.day_field(_l("First day of the window"), [InputRequired()])
    period_to = fields.day_field(_l("End of the window"), [InputRequired()], description=_l("That day is excluded."))
    method = fields.enum_field(labels.COLUMN_LABELS["method"], EnergyMethod, [InputRequired()])
    phases = IntegerField(labels.ENTERED_LABELS["phases"], [AnyOf((1, 3), message=_l("1 or 3."))], default=1)
    current_a = fields.quantity_field(labels.ENTERED_LABELS["current_a"], [Optional()])
    voltage_kv = fields.quantity_field(labels.ENTERED_LABELS["voltage_kv"], [Optional()])
    power_factor = fields.quantity_field(labels.ENTERED_LABELS["power_factor"], [Optional()])
    capacity_kw = fields.quantity_field(labels.ENTERED_LABELS["capacity_kw"], [Optional()])
    hours_a_day = fields.quantity_field(labels.ENTERED_LABELS["hours_a_day"], [Optional()])
    energy_milli = fields.quantity_field(labels.ENTERED_LABELS["energy_milli"], [Optional()])

    def validate(self, extra_validators: Any = None) -> bool:
        """Check also that the window is over and that the method has what it needs."""
        if not super().validate(extra_validators):
            return False
        if not self.period_from.data < self.period_to.data <= self.drawn_on.data <= clock.today():
            self.period_to.errors = [_("The window must rise and be over when the record is drawn up, today or earlier.")]
        for name in _NEEDED[self.method.data]:
            if self[name].data is None or self[name].data <= 0:
                self[name].errors = [_("This method needs it.")]
        if self.hours_a_day.data is not None and self.hours_a_day.data > 24 * MILLI_PER_UNIT:
            self.hours_a_day.errors = [_("A day has 24 hours.")]
        if self.power_factor.data is not None and self.power_factor.data > MILLI_PER_UNIT:
            self.power_factor.errors = [_("A power factor is 1 at most.")]
        return not any(field.errors for field in self)


class InspectionRecordView(FactView):
    page = Page(
        _l("Inspection records"),
        {
            LOOK: roles.CHARGE_READERS,
            "can_draft": (roles.INSPECTOR, roles.BILLING_OPERATOR),
            "can_pdf": (roles.INSPECTOR, roles.LAWYER, roles.BILLING_OPERATOR, roles.SUPERVISOR),
        },
        menu.CLAIMS.at(50, "Inspection records"),
    )
    datamodel = SQLAInterface(InspectionRecord)
    list_columns = ["number", "drawn_on", "account", "kind", "method", "quantity_milli", "amount_tiyin", "status", "inspector"]
    search_columns = ["number", "drawn_on", "kind", "method", "status", "inspector"]
    base_order = ("id", "desc")
    searched = ("number", "account")
    total_columns = ("quantity_milli", "amount_tiyin")
    base_permissions = ["can_list", "can_show", "can_draft", "can_pdf"]

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show a record with what it charges and why."""
        record = self.found(pk)
        return self.render_template("inspection_record.html", record=record)

    @expose("/pdf/<pk>", methods=["GET"])
    @has_access
    def pdf(self, pk: str) -> Any:
        """Send a record as PDF in the consumer's language, to be signed."""
        record = queries.inspection_record(db.session(), int(pk)) if pk.isdecimal() and len(pk) < 19 else None
        card = accounts.card(db.session(), record.account_id) if record else None
        if record is None or card is None:
            abort(404)
        record_disclosure("account", [card.id])
        record_disclosure("consumer", [card.consumer_id])
        content = documents.record_pdf(record, papers.addressee_of_record(db.session(), record.id))
        return downloads.inline(content, documents.file_name(record), "application/pdf")

    @expose("/draft/<int:account_id>", methods=["GET", "POST"])
    @has_access
    def draft(self, account_id: int) -> Any:
        """Enter a record, look at what it would charge, and put it before a second person."""
        card = accounts.card(db.session(), account_id)
        if card is None:
            abort(404)
        record_disclosure("account", [card.id])
        form, computed = FindingForm(), None
        if request.method == "GET":
            form.drawn_on.data = form.period_to.data = clock.today()
            self._begin(form, card.id)
            form.period_from.data = service.earliest_day(db.session(), card.id, until=clock.today(), today=clock.today())
        elif form.validate():
            try:
                if request.form.get("step") == "ask":
                    return self._ask(_finding(form, card.id))
                computed = service.compute(db.session(), _finding(form, card.id), today=clock.today())
            except SealRefused as refused:
                form.seals_broken.errors = [labels.seal_refusal(refused)]
            except (service.WindowTooLong, service.NothingToCharge, service.RecordNumberTaken, NoTariff, AmountTooLarge) as error:
                column, phrase = _refusal(error)
                form[column].errors = [phrase]
        return self.render_template("inspection_record_draft.html", form=form, card=card, computed=computed)

    def _begin(self, form: FindingForm, account_id: int) -> None:
        """Fill the form from the inspection that the record is to end."""
        asked = request.args.get("inspection", "")
        found = db.session.get(Inspection, int(asked)) if asked.isdecimal() and len(asked) < 19 else None
        if found is not None and found.account_id == account_id:
            form.inspection_id.data, form.kind.data = str(found.id), ViolationKind.TAMPERING
            form.seals_broken.data = found.seal.number if found.seal and found.cause == InspectionCause.BROKEN_SEAL else ""

    def _ask(self, finding: service.Finding) -> Any:
        with transaction() as session:
            record_id = service.ask(session, finding, today=clock.today()).id
        flash(_("A second person decides about this."), "success")
        return redirect(url_for("InspectionRecordView.show", pk=record_id))


def _finding(form: FindingForm, account_id: int) -> service.Finding:
    names = ("number", "drawn_on", "kind", "inspector", "period_from", "period_to", "method")
    needed = _NEEDED[form.method.data]
    entered = {name: Decimal(form[name].data) / MILLI_PER_UNIT for name in needed if name != "energy_milli"}
    return service.Finding(
        account_id=account_id,
        **{name: form[name].data for name in names},
        findings=form.findings.data or "",
        seals_broken=form.seals_broken.data or "",
        inspection_id=int(form.inspection_id.data) if (form.inspection_id.data or "").isdecimal() else None,
        phases=form.phases.data if form.method.data == EnergyMethod.WIRE else None,
        energy_milli=form.energy_milli.data if "energy_milli" in needed else None,
        **entered,
    )


def _refusal(error: Exception) -> tuple[str, str]:
    if isinstance(error, service.WindowTooLong):
        return "period_from", _("The window may begin on %(day)s: the last check, or the longest time back.", day=str(error))
    if isinstance(error, NoTariff):
        return "period_from", _("The account has no supply or no tariff on a day of the window: %(day)s.", day=str(error))
    if isinstance(error, service.RecordNumberTaken):
        return "number", _("There is an inspection record with this number already.")
    if isinstance(error, AmountTooLarge):
        return "method", _("The amount is beyond the limit of the system.")
    return "method", _("All this energy was billed: nothing is left to charge.")
