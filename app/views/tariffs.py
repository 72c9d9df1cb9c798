"""Tariffs, their dated versions and blocks."""

from flask_appbuilder.models.sqla.interface import SQLAInterface

from app.models.tariffs import Tariff, TariffBlock, TariffVersion
from app.views.base import EntityView


class TariffBlockView(EntityView):
    datamodel = SQLAInterface(TariffBlock)
    list_columns = form_columns = ["version", "block_no", "upper_milli", "rate"]
    base_order = ("id", "asc")


class TariffVersionView(EntityView):
    datamodel = SQLAInterface(TariffVersion)
    list_columns = form_columns = ["tariff", "valid_from", "valid_to", "source"]
    base_order = ("id", "asc")
    related_views = [TariffBlockView]


class TariffView(EntityView):
    datamodel = SQLAInterface(Tariff)
    list_columns = form_columns = ["resource", "tariff_group", "name"]
    base_order = ("id", "asc")
    related_views = [TariffVersionView]
