"""Dated terms of accounts, and energy that keeps an old price."""

from flask_appbuilder.models.sqla.interface import SQLAInterface

from app.models.supply_terms import PrepaidVolume, SupplyTerm
from app.views.base import FactView


class SupplyTermView(FactView):
    datamodel = SQLAInterface(SupplyTerm)
    list_columns = show_columns = ["account", "kind", "value_milli", "basis", "valid_from", "valid_to"]
    base_order = ("id", "asc")


class PrepaidVolumeView(FactView):
    datamodel = SQLAInterface(PrepaidVolume)
    list_columns = ["account", "tariff_version", "quantity_milli", "valid_from", "valid_to", "basis"]
    show_columns = list_columns
    base_order = ("id", "desc")
