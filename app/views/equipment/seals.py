"""Seals: the register with the card of each, what moved them, and their kinds."""

from typing import Any

from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import lazy_gettext as _l

from app.domain.administration import roles
from app.domain.administration.pages import EDIT, LOOK, Page
from app.extensions import db
from app.models.seals import Seal, SealKind, SealMovement
from app.queries import seals as queries
from app.views import menu
from app.views.base import FactView
from app.views.claims.opened_inspections import InspectionView
from app.views.reference import ReferenceView


class SealKindView(ReferenceView):
    page = Page(
        _l("Kinds of seals"),
        {LOOK: (roles.ENGINEER, roles.BILLING_OPERATOR, roles.AUDITOR), EDIT: roles.EQUIPMENT_EDITORS},
        menu.EQUIPMENT.at(64, "Kinds of seals"),
        company_wide=LOOK,
    )
    datamodel = SQLAInterface(SealKind)
    form_columns = ["code", "name", "name_uz_cyrl", "name_ru"]
    list_columns = [*form_columns, "is_own", "retired_on"]
    base_order = ("code", "asc")
    searched = ("code", "name")


class SealMovementView(FactView):
    page = Page(_l("Movements of seals"), {LOOK: roles.EQUIPMENT_READERS}, menu.EQUIPMENT.at(48, "Movements of seals"))
    datamodel = SQLAInterface(SealMovement)
    list_columns = [
        "seal", "moved_on", "event", "to_state", "from_stock_place", "to_stock_place", "to_device", "to_part", "equipment_document", "act",
    ]  # fmt: skip
    show_columns = [
        *list_columns, "from_state", "from_device", "from_part", "from_point", "to_point", "field_proposal_id", "inspection_record_id",
        "reverses_id", "division", "created_at", "created_by",
    ]  # fmt: skip
    search_columns = ["moved_on", "event", "from_stock_place", "to_stock_place", "seal", "division"]
    base_order = ("id", "desc")
    read_along = ("from_device.model", "to_device.model", "from_point.street", "to_point.street")
    searched = ("seal",)


class SealView(FactView):
    page = Page(_l("Seals"), {LOOK: roles.EQUIPMENT_READERS}, menu.EQUIPMENT.at(47, "Seals"))
    datamodel = SQLAInterface(Seal)
    show_template = "seal_show.html"
    list_columns = ["number", "seal_kind", "state", "stock_place", "device", "sealed_part", "service_point", "moved_on", "division"]
    show_columns = list_columns
    search_columns = ["division", "seal_kind", "state", "stock_place", "sealed_part", "moved_on", "number"]
    base_order = ("id", "desc")
    read_along = ("device.model", "service_point.street")
    searched = ("number",)
    related_views = [InspectionView]

    def _get_show_widget(self, pk: Any, item: Seal, *args: Any, **kwargs: Any) -> dict[str, Any]:
        shown: dict[str, Any] = super()._get_show_widget(pk, item, *args, **kwargs)
        return {**shown, "steps": queries.history(db.session(), item.id)}


#: The pages of seals.
VIEWS = (SealView, SealMovementView, SealKindView)
