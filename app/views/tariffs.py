"""Tariffs, their dated versions and blocks."""

from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import lazy_gettext as _
from sqlalchemy import inspect

from app.extensions import db
from app.models.tariffs import Tariff, TariffBlock, TariffVersion
from app.services import tariffs as service
from app.views.base import EntityView, refusing

_BILLED = {service.AlreadyBilled: _("Bills were made with this version. End it and add a further version instead.")}


class TariffBlockView(EntityView):
    datamodel = SQLAInterface(TariffBlock)
    list_columns = form_columns = ["version", "block_no", "upper_milli", "rate"]
    base_order = ("id", "asc")

    def pre_add(self, item: TariffBlock) -> None:
        with refusing("rate", _BILLED):
            service.check_unbilled(db.session(), item.version.valid_from)

    pre_update = pre_delete = pre_add


class TariffVersionView(EntityView):
    datamodel = SQLAInterface(TariffVersion)
    list_columns = form_columns = ["tariff", "valid_from", "valid_to", "source"]
    base_order = ("id", "asc")
    related_views = [TariffBlockView]

    def pre_update(self, item: TariffVersion) -> None:
        began = inspect(item).attrs.valid_from.history
        if began.has_changes() or inspect(item).attrs.tariff.history.has_changes():
            with refusing("valid_from", _BILLED):
                service.check_unbilled(db.session(), min([*began.deleted, item.valid_from]))


class TariffView(EntityView):
    datamodel = SQLAInterface(Tariff)
    list_columns = form_columns = ["resource", "tariff_group", "name"]
    base_order = ("id", "asc")
    related_views = [TariffVersionView]
