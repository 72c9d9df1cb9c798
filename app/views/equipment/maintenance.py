"""Maintenance: materials, kinds of work and their norms, plans of a year, and what was recorded and used up."""

from typing import Any

from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import lazy_gettext as _l

from app import clock
from app.documents import maintenance as papers
from app.domain.administration import roles
from app.domain.administration.pages import EDIT, LOOK, Page
from app.extensions import db
from app.models.maintenance import MaintenanceKind, MaintenancePlan, MaintenanceRecord, Material, MaterialNorm, MaterialUse
from app.queries import maintenance as queries
from app.services.equipment import maintenance as service
from app.views import menu
from app.views.base import FactView
from app.views.equipment.plans import PlansOfYears
from app.views.reference import ReferenceView

_READERS = (roles.ENGINEER, roles.BILLING_OPERATOR, roles.SUPERVISOR, roles.AUDITOR)
_OF_NORMS = {LOOK: _READERS, EDIT: roles.EQUIPMENT_EDITORS}


class MaterialView(ReferenceView):
    page = Page(_l("Materials"), _OF_NORMS, menu.EQUIPMENT.at(75, "Materials"), company_wide=LOOK)
    datamodel = SQLAInterface(Material)
    form_columns = ["code", "name", "name_uz_cyrl", "name_ru", "unit"]
    list_columns = [*form_columns, "retired_on"]
    base_order = ("code", "asc")
    searched = ("code", "name")


class MaintenanceKindView(ReferenceView):
    page = Page(_l("Kinds of work"), _OF_NORMS, menu.EQUIPMENT.at(74, "Kinds of work"), company_wide=LOOK)
    datamodel = SQLAInterface(MaintenanceKind)
    form_columns = [
        "code", "name", "name_uz_cyrl", "name_ru", "device_kind", "interval_months", "interval_hours", "norm_hours_milli", "source",
    ]  # fmt: skip
    list_columns = [*form_columns, "retired_on"]
    description_columns = {
        "interval_months": _l("Since the last work. Write months or hours, not both."),
        "interval_hours": _l("Hours in service since the last work."),
    }
    base_order = ("code", "asc")
    searched = ("code", "name")


class MaterialNormView(ReferenceView):
    page = Page(_l("Norms of materials"), _OF_NORMS, menu.EQUIPMENT.at(76, "Norms of materials"), company_wide=LOOK)
    datamodel = SQLAInterface(MaterialNorm)
    form_columns = ["maintenance_kind", "material", "quantity_milli"]
    list_columns = [*form_columns, "retired_on"]
    base_order = ("id", "asc")
    searched = ("id",)


class MaintenancePlanView(PlansOfYears, FactView):
    page = Page(
        _l("Plans of works"),
        {f"{LOOK} can_pdf": roles.EQUIPMENT_READERS, "can_draw_up": roles.EQUIPMENT_EDITORS},
        menu.EQUIPMENT.at(71, "Plans of works"),
    )
    datamodel = SQLAInterface(MaintenancePlan)
    list_template = "maintenance_plans.html"
    base_permissions = ["can_list", "can_show", "can_draw_up", "can_pdf"]
    plan_spec = service.PLAN
    draw_up_title = _l("Draw up a plan of works")
    draw_up_note = _l(
        "It names the works on installed devices that fall due in the year, counted from the last work or from the installation, and that"
        " no other plan has. A second person approves it."
    )
    nothing_text = _l("No work falls due in this year that is not planned already.")

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show how far a plan is, by division, month and kind of work."""
        plan, session = self.found(pk), db.session()
        return self.render_template(
            "maintenance_plan.html",
            plan=plan,
            state=queries.plan_state(session, plan.id, today=clock.today()),
            months=queries.plan_months(session, plan.id),
        )

    def paper(self, plan: MaintenancePlan) -> bytes:
        """Return a plan with its works by the day they are due."""
        session = db.session()
        state = queries.plan_state(session, plan.id, today=clock.today())
        rows = queries.works_of_plan(session, plan.id, limit=papers.MOST_ON_PAPER)
        return papers.maintenance_plan_pdf(plan, state, queries.plan_months(session, plan.id), rows)


class MaintenanceRecordView(FactView):
    page = Page(_l("Records of works"), {LOOK: roles.EQUIPMENT_READERS}, menu.EQUIPMENT.at(78, "Records of works"))
    datamodel = SQLAInterface(MaintenanceRecord)
    list_columns = [
        "id", "maintenance_work", "event", "record_on", "hours_milli", "term_on", "maintenance_order", "reason", "reverses_id", "division",
        "created_by",
    ]  # fmt: skip
    show_columns = [*list_columns, "created_at"]
    search_columns = ["event", "record_on", "division", "created_by"]
    base_order = ("id", "desc")
    read_along = ("maintenance_work.maintenance_kind",)
    searched = ("id",)


class MaterialUseView(FactView):
    page = Page(_l("Materials used"), {LOOK: roles.EQUIPMENT_READERS}, menu.EQUIPMENT.at(77, "Materials used"))
    datamodel = SQLAInterface(MaterialUse)
    list_columns = show_columns = ["id", "material", "quantity_milli", "stock_place", "maintenance_record", "division", "created_at"]
    search_columns = ["material", "stock_place", "division", "created_at"]
    base_order = ("id", "desc")
    searched = ("id",)


#: The pages of plans and norms.
VIEWS = (MaintenancePlanView, MaintenanceKindView, MaterialView, MaterialNormView, MaterialUseView, MaintenanceRecordView)
