"""Dictionaries: resources, tariff groups, VAT, banks, benefits, mahallas, streets."""

from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import gettext as _

from app.models.reference import Bank, Benefit, Mahalla, Resource, Street, TariffGroup, VatRate
from app.views.base import EntityView, Refused


class ResourceView(EntityView):
    datamodel = SQLAInterface(Resource)
    list_columns = form_columns = ["code", "name", "unit", "quantum_milli"]
    base_order = ("code", "asc")


class TariffGroupView(EntityView):
    datamodel = SQLAInterface(TariffGroup)
    list_columns = form_columns = ["code", "name", "consumer_kind"]
    base_order = ("code", "asc")


class VatRateView(EntityView):
    datamodel = SQLAInterface(VatRate)
    list_columns = form_columns = ["valid_from", "percent", "source"]
    base_order = ("valid_from", "desc")


class BankView(EntityView):
    datamodel = SQLAInterface(Bank)
    list_columns = form_columns = ["mfo", "name"]
    base_order = ("mfo", "asc")


class BenefitView(EntityView):
    datamodel = SQLAInterface(Benefit)
    list_columns = form_columns = ["code", "name", "percent", "source"]
    base_order = ("code", "asc")


class MahallaView(EntityView):
    datamodel = SQLAInterface(Mahalla)
    list_columns = form_columns = ["division", "name"]
    base_order = ("id", "asc")


class StreetView(EntityView):
    datamodel = SQLAInterface(Street)
    list_columns = form_columns = ["division", "mahalla", "name"]
    base_order = ("id", "asc")

    def pre_add(self, item: Street) -> None:
        if item.mahalla is not None and item.mahalla.division_id != item.division.id:
            raise Refused(_("The mahalla belongs to another division."), "mahalla")

    pre_update = pre_add
