"""Verification: plans of a year, the devices they name, and certificates from files."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from app import clock
from app.domain.administration import JobKind, roles
from app.domain.administration.pages import EDIT, LOOK, Page
from app.domain.reference import ConsumerKind
from app.extensions import db, transaction
from app.gateways.certificates_file import CERTIFICATES
from app.jobs import runner
from app.labels import COLUMN_LABELS
from app.models.verification import PlannedVerification, VerificationInterval, VerificationPlan
from app.queries import verification as queries
from app.services import administration as jobs
from app.services.equipment import verification as service
from app.views import fields, menu
from app.views.base import FactView
from app.views.reference import ReferenceView
from app.views.uploads import FileForm, LoadsFiles


class VerificationIntervalView(ReferenceView):
    page = Page(
        _l("Intervals of verification"),
        {LOOK: (roles.ENGINEER, roles.BILLING_OPERATOR, roles.AUDITOR), EDIT: roles.EQUIPMENT_EDITORS},
        menu.METERING.at(63, "Intervals of verification"),
        company_wide=LOOK,
    )
    datamodel = SQLAInterface(VerificationInterval)
    form_columns = ["device_kind", "accuracy_class", "consumer_kind", "valid_from", "interval_months", "source"]
    list_columns = [*form_columns, "retired_on"]
    add_form_extra_fields = {"consumer_kind": fields.enum_field(COLUMN_LABELS["consumer_kind"], ConsumerKind)}
    description_columns = {"accuracy_class": _l("As the passport has it; * means any other class.")}
    base_order = ("valid_from", "desc")
    searched = ("source",)


class _PlanForm(FlaskForm):
    """Whose verifications of which year, and by which order."""

    division = fields.division_field([InputRequired()])
    plan_year = IntegerField(COLUMN_LABELS["plan_year"], [InputRequired(), NumberRange(2000, 2200)])
    basis = StringField(COLUMN_LABELS["basis"], [DataRequired(), Length(max=300)], description=_l("Document, number, day"))


class CertificateFileForm(FileForm):
    """A file of certificates of a division's devices."""

    division = fields.division_field()


class PlannedVerificationView(FactView):
    page = Page(_l("Planned verifications"), {LOOK: roles.EQUIPMENT_READERS}, menu.METERING.at(66, "Planned verifications"))
    datamodel = SQLAInterface(PlannedVerification)
    list_columns = show_columns = ["verification_plan", "device", "ends_on", "noticed_on", "division"]
    search_columns = ["verification_plan", "ends_on", "noticed_on", "division"]
    base_order = ("ends_on", "asc")
    read_along = ("device.model", "verification_plan.division")
    searched = ("device",)


class VerificationPlanView(LoadsFiles, FactView):
    page = Page(
        _l("Plans of verification"),
        {LOOK: roles.EQUIPMENT_READERS, "can_draw_up can_load": roles.EQUIPMENT_EDITORS},
        menu.METERING.at(65, "Plans of verification"),
    )
    datamodel = SQLAInterface(VerificationPlan)
    list_template = "verification_plans.html"
    list_columns = ["plan_year", "division", "status", "basis", "created_at", "created_by", "decided_by"]
    search_columns = ["plan_year", "division", "status"]
    base_order = ("id", "desc")
    searched = ("basis",)
    base_permissions = ["can_list", "can_show", "can_draw_up", "can_load"]
    file_spec = CERTIFICATES

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show how far a plan is, by division and month."""
        plan = self.found(pk)
        return self.render_template(
            "verification_plan.html",
            plan=plan,
            state=queries.plan_state(db.session(), plan.id),
            months=queries.plan_months(db.session(), plan.id),
        )

    @expose("/draw-up", methods=["GET", "POST"])
    @has_access
    def draw_up(self) -> Any:
        """Draw up the plan of a year; a second person approves it."""
        form = _PlanForm()
        if request.method == "GET":
            form.plan_year.data = clock.today().year + 1
        elif form.validate():
            try:
                with transaction() as session:
                    wanted = service.PlanRequest(form.division.data, form.plan_year.data, form.basis.data.strip())
                    plan_id = service.draw_up_plan(session, wanted).id
            except service.NothingToPlan:
                form.plan_year.errors = [_("No verification ends in this year that is not planned already.")]
            else:
                flash(_("The plan waits for approval by a second person."), "info")
                return redirect(url_for(".show", pk=plan_id))
        return self.render_template("verification_plan_new.html", form=form)

    @expose("/load", methods=["GET", "POST"])
    @has_access
    def load(self) -> Any:
        """Take in a file of certificates and start recording them."""
        form = CertificateFileForm()
        if request.method == "GET" or not form.validate():
            return self.file_page(form)
        with transaction() as session:
            given = {"file_id": form.stored(session, form.division.data).id}
            job_id = jobs.start_job(session, JobKind.CERTIFICATE_IMPORT, division_id=form.division.data, parameters=given)
        runner.enqueue(job_id)
        return redirect(url_for("JobView.show", pk=job_id))


#: The pages of verification.
VIEWS = (PlannedVerificationView, VerificationPlanView, VerificationIntervalView)
