"""Dictionaries: resources, tariff groups, VAT, banks, benefits, reasons, brigades, mahallas, streets."""

from typing import Any

from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.administration import roles
from app.domain.administration.pages import EDIT, LOOK, Page
from app.models.reference import Bank, Benefit, Brigade, Mahalla, MeterChangeReason, Resource, Street, TariffGroup, VatRate
from app.views import menu
from app.views.reference.base import ReferenceView
from app.views.refusals import FormRefused


class ResourceView(ReferenceView):
    page = Page(
        _l("Resources"),
        {LOOK: roles.REFERENCE_READERS, EDIT: roles.REFERENCE_EDITORS},
        menu.REFERENCE.at(50, "Resources"),
        company_wide=LOOK,
    )
    datamodel = SQLAInterface(Resource)
    form_columns = ["code", "name", "name_uz_cyrl", "name_ru", "unit", "quantum_milli", "catalog_code", "measure_code"]
    list_columns = ["name", "unit", "quantum_milli", "catalog_code", "measure_code", "retired_on"]
    base_order = ("code", "asc")
    searched = ("code", "name")


class TariffGroupView(ReferenceView):
    page = Page(
        _l("Tariff groups"),
        {LOOK: roles.REFERENCE_READERS, EDIT: roles.REFERENCE_EDITORS},
        menu.REFERENCE.at(40, "Tariff groups"),
        company_wide=LOOK,
    )
    datamodel = SQLAInterface(TariffGroup)
    form_columns = ["code", "name", "name_uz_cyrl", "name_ru", "consumer_kind"]
    list_columns = ["name", "consumer_kind", "retired_on"]
    base_order = ("code", "asc")
    searched = ("code", "name")


class VatRateView(ReferenceView):
    page = Page(
        _l("VAT rates"),
        {LOOK: roles.REFERENCE_READERS, "can_add can_edit": roles.REFERENCE_EDITORS},
        menu.REFERENCE.at(60, "VAT rates"),
        company_wide=LOOK,
    )
    datamodel = SQLAInterface(VatRate)
    list_columns = form_columns = ["valid_from", "percent", "source"]
    base_order = ("valid_from", "desc")
    searched = ("source",)
    base_permissions = ["can_list", "can_show", "can_add", "can_edit"]


class BankView(ReferenceView):
    page = Page(
        _l("Banks"), {LOOK: roles.REFERENCE_READERS, EDIT: roles.REFERENCE_EDITORS}, menu.REFERENCE.at(70, "Banks"), company_wide=LOOK
    )
    datamodel = SQLAInterface(Bank)
    form_columns = ["mfo", "name"]
    list_columns = [*form_columns, "retired_on"]
    base_order = ("mfo", "asc")
    searched = ("mfo", "name")


class BenefitView(ReferenceView):
    page = Page(
        _l("Benefits"), {LOOK: roles.REFERENCE_READERS, EDIT: roles.REFERENCE_EDITORS}, menu.REFERENCE.at(80, "Benefits"), company_wide=LOOK
    )
    datamodel = SQLAInterface(Benefit)
    form_columns = ["code", "name", "name_uz_cyrl", "name_ru", "percent", "limit_milli", "source"]
    list_columns = ["name", "percent", "limit_milli", "source", "retired_on"]
    base_order = ("code", "asc")
    searched = ("code", "name")


class MeterChangeReasonView(ReferenceView):
    page = Page(
        _l("Reasons of meter changes"),
        {LOOK: roles.REFERENCE_READERS, EDIT: roles.REFERENCE_EDITORS},
        menu.REFERENCE.at(85, "Reasons of meter changes"),
        company_wide=LOOK,
    )
    datamodel = SQLAInterface(MeterChangeReason)
    form_columns = ["code", "name", "name_uz_cyrl", "name_ru"]
    list_columns = ["code", "name", "retired_on"]
    base_order = ("code", "asc")
    searched = ("code", "name")


class BrigadeView(ReferenceView):
    page = Page(_l("Brigades"), {LOOK: roles.OFFICE, EDIT: roles.REFERENCE_EDITORS}, menu.REFERENCE.at(87, "Brigades"))
    datamodel = SQLAInterface(Brigade)
    form_columns = ["division", "name"]
    list_columns = [*form_columns, "retired_on"]
    base_order = ("name", "asc")
    searched = ("name",)


class MahallaView(ReferenceView):
    page = Page(_l("Mahallas"), {LOOK: roles.OFFICE, EDIT: roles.REFERENCE_EDITORS}, menu.REFERENCE.at(100, "Mahallas"))
    datamodel = SQLAInterface(Mahalla)
    form_columns = ["division", "name"]
    list_columns = [*form_columns, "retired_on"]
    base_order = ("name", "asc")
    searched = ("name",)


class StreetView(ReferenceView):
    page = Page(_l("Streets"), {LOOK: roles.OFFICE, EDIT: roles.REFERENCE_EDITORS}, menu.REFERENCE.at(110, "Streets"))
    datamodel = SQLAInterface(Street)
    form_columns = ["division", "mahalla", "name"]
    list_columns = [*form_columns, "retired_on"]
    base_order = ("name", "asc")
    searched = ("name",)

    def check(self, form: Any) -> None:
        if form.mahalla.data is not None and form.mahalla.data.division_id != form.division.data.id:
            raise FormRefused(_("The mahalla belongs to another division."), "mahalla")
