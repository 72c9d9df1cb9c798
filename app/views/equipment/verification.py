"""Verification: plans of a year, the devices they name, and certificates from files."""

from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import lazy_gettext as _l

from app.documents import maintenance as papers
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
from app.views.equipment.plans import PlansOfYears
from app.views.reference import ReferenceView
from app.views.uploads import FileForm, LoadsFiles


class VerificationIntervalView(ReferenceView):
    page = Page(
        _l("Intervals of verification"),
        {LOOK: (roles.ENGINEER, roles.BILLING_OPERATOR, roles.AUDITOR), EDIT: roles.EQUIPMENT_EDITORS},
        menu.EQUIPMENT.at(63, "Intervals of verification"),
        company_wide=LOOK,
    )
    datamodel = SQLAInterface(VerificationInterval)
    form_columns = ["device_kind", "accuracy_class", "consumer_kind", "valid_from", "interval_months", "source"]
    list_columns = [*form_columns, "retired_on"]
    add_form_extra_fields = {"consumer_kind": fields.enum_field(COLUMN_LABELS["consumer_kind"], ConsumerKind)}
    description_columns = {"accuracy_class": _l("As the passport has it; * means any other class.")}
    base_order = ("valid_from", "desc")
    searched = ("source",)


class CertificateFileForm(FileForm):
    """A file of certificates of a division's devices."""

    division = fields.division_field()


class PlannedVerificationView(FactView):
    page = Page(_l("Planned verifications"), {LOOK: roles.EQUIPMENT_READERS}, menu.EQUIPMENT.at(66, "Planned verifications"))
    datamodel = SQLAInterface(PlannedVerification)
    list_columns = show_columns = ["verification_plan", "device", "ends_on", "noticed_on", "division"]
    search_columns = ["verification_plan", "ends_on", "noticed_on", "division"]
    base_order = ("ends_on", "asc")
    read_along = ("device.model", "verification_plan.division")
    searched = ("device",)


class VerificationPlanView(LoadsFiles, PlansOfYears, FactView):
    page = Page(
        _l("Plans of verification"),
        {f"{LOOK} can_pdf": roles.EQUIPMENT_READERS, "can_draw_up can_load": roles.EQUIPMENT_EDITORS},
        menu.EQUIPMENT.at(65, "Plans of verification"),
    )
    datamodel = SQLAInterface(VerificationPlan)
    list_template = "verification_plans.html"
    base_permissions = ["can_list", "can_show", "can_draw_up", "can_load", "can_pdf"]
    file_spec = CERTIFICATES
    plan_spec = service.PLAN
    draw_up_title = _l("Draw up a plan of verification")
    draw_up_note = _l("It names the devices whose verification ends in the year and that no other plan has. A second person approves it.")
    nothing_text = _l("No verification ends in this year that is not planned already.")

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

    def paper(self, plan: VerificationPlan) -> bytes:
        """Return a plan with its devices by the day their verification ends."""
        session = db.session()
        rows = queries.planned_rows(session, plan.id, limit=papers.MOST_ON_PAPER)
        return papers.verification_plan_pdf(plan, queries.plan_state(session, plan.id), queries.plan_months(session, plan.id), rows)

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
