"""Tariffs, their dated versions and blocks."""

from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import lazy_gettext as _l

from app import labels
from app.domain.administration import roles
from app.domain.administration.pages import EDIT, LOOK, Page
from app.labels import COLUMN_LABELS
from app.models.tariffs import Tariff, TariffBlock, TariffVersion
from app.views import menu
from app.views.base import FactView
from app.views.fields import BlocksField
from app.views.reference import ReferenceView


class TariffBlockView(FactView):
    page = Page(_l("Tariff blocks"), {LOOK: roles.DOCUMENT_READERS}, menu.REFERENCE.at(30, "Tariff blocks"), company_wide=LOOK)
    datamodel = SQLAInterface(TariffBlock)
    list_columns = ["version", "zone", "block_no", "upper_milli", "rate"]
    show_columns = list_columns
    formatters_columns = {"zone": labels.register}
    base_order = ("id", "asc")


class TariffVersionView(ReferenceView):
    page = Page(
        _l("Tariff versions"),
        {LOOK: roles.DOCUMENT_READERS, EDIT: roles.REFERENCE_EDITORS},
        menu.REFERENCE.at(20, "Tariff versions"),
        company_wide=LOOK,
    )
    datamodel = SQLAInterface(TariffVersion)
    list_columns = form_columns = ["tariff", "valid_from", "valid_to", "source"]
    base_order = ("id", "asc")
    related_views = [TariffBlockView]
    add_form_extra_fields = {"blocks": BlocksField(COLUMN_LABELS["blocks"])}
    edit_form_extra_fields = add_form_extra_fields


class TariffView(ReferenceView):
    page = Page(
        _l("Tariffs"), {LOOK: roles.DOCUMENT_READERS, EDIT: roles.REFERENCE_EDITORS}, menu.REFERENCE.at(10, "Tariffs"), company_wide=LOOK
    )
    datamodel = SQLAInterface(Tariff)
    form_columns = ["resource", "tariff_group", "name"]
    list_columns = [*form_columns, "retired_on"]
    base_order = ("id", "asc")
    related_views = [TariffVersionView]


#: The pages of this area.
VIEWS = (
    TariffView,
    TariffVersionView,
    TariffBlockView,
)
