"""Dictionaries: resources, tariff groups, VAT, banks, benefits, mahallas, streets."""

from typing import Any

from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import gettext as _

from app.models.reference import Bank, Benefit, Mahalla, Resource, Street, TariffGroup, VatRate
from app.views.reference.base import ReferenceView
from app.views.refusals import FormRefused


class ResourceView(ReferenceView):
    datamodel = SQLAInterface(Resource)
    form_columns = ["code", "name", "unit", "quantum_milli", "catalog_code", "measure_code"]
    list_columns = [*form_columns, "retired_on"]
    base_order = ("code", "asc")


class TariffGroupView(ReferenceView):
    datamodel = SQLAInterface(TariffGroup)
    form_columns = ["code", "name", "consumer_kind"]
    list_columns = [*form_columns, "retired_on"]
    base_order = ("code", "asc")


class VatRateView(ReferenceView):
    datamodel = SQLAInterface(VatRate)
    list_columns = form_columns = ["valid_from", "percent", "source"]
    base_order = ("valid_from", "desc")
    base_permissions = ["can_list", "can_show", "can_add", "can_edit"]


class BankView(ReferenceView):
    datamodel = SQLAInterface(Bank)
    form_columns = ["mfo", "name"]
    list_columns = [*form_columns, "retired_on"]
    base_order = ("mfo", "asc")


class BenefitView(ReferenceView):
    datamodel = SQLAInterface(Benefit)
    form_columns = ["code", "name", "percent", "limit_milli", "source"]
    list_columns = [*form_columns, "retired_on"]
    base_order = ("code", "asc")


class MahallaView(ReferenceView):
    datamodel = SQLAInterface(Mahalla)
    form_columns = ["division", "name"]
    list_columns = [*form_columns, "retired_on"]
    base_order = ("id", "asc")


class StreetView(ReferenceView):
    datamodel = SQLAInterface(Street)
    form_columns = ["division", "mahalla", "name"]
    list_columns = [*form_columns, "retired_on"]
    base_order = ("id", "asc")

    def check(self, form: Any) -> None:
        if form.mahalla.data is not None and form.mahalla.data.division_id != form.division.data.id:
            raise FormRefused(_("The mahalla belongs to another division."), "mahalla")
