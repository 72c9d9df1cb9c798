"""Tariffs, their dated versions and blocks."""

from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import lazy_gettext as _l

from app.domain.administration import ApprovalKind, roles
from app.domain.administration.pages import EDIT, LOOK, Page
from app.models.tariffs import Tariff
from app.views import menu
from app.views.administration.approvals import show_beside
from app.views.reference import ReferenceView
from app.views.tariffs.approvals import show_prices
from app.views.tariffs.versions import TariffBlockView, TariffVersionView


class TariffView(ReferenceView):
    page = Page(
        _l("Tariffs"), {LOOK: roles.DOCUMENT_READERS, EDIT: roles.REFERENCE_EDITORS}, menu.REFERENCE.at(10, "Tariffs"), company_wide=LOOK
    )
    datamodel = SQLAInterface(Tariff)
    form_columns = ["resource", "tariff_group", "name", "name_uz_cyrl", "name_ru"]
    list_columns = ["name", "resource", "tariff_group", "retired_on"]
    base_order = ("id", "asc")
    searched = ("name",)
    related_views = [TariffVersionView]
    show_template = "tariff.html"


show_beside(ApprovalKind.REFERENCE_CHANGE, show_prices)

#: The pages of this area.
VIEWS = (
    TariffView,
    TariffVersionView,
    TariffBlockView,
)
