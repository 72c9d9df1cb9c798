"""Devices, and where meters are installed."""

from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import lazy_gettext as _l

from app import labels
from app.domain.administration import roles
from app.domain.administration.pages import EDIT, LOOK, Page
from app.models.equipment import Device, DeviceKind, DeviceModel, MeterInstallation, Register
from app.views import menu
from app.views.base import EntityView, FactView
from app.views.reference import ReferenceView


class DeviceKindView(ReferenceView):
    page = Page(
        _l("Kinds of devices"),
        {LOOK: (roles.ENGINEER, roles.BILLING_OPERATOR, roles.AUDITOR), EDIT: roles.EQUIPMENT_EDITORS},
        menu.METERING.at(61, "Kinds of devices"),
        company_wide=LOOK,
    )
    datamodel = SQLAInterface(DeviceKind)
    form_columns = ["code", "name", "name_uz_cyrl", "name_ru"]
    list_columns = [*form_columns, "has_registers", "retired_on"]
    base_order = ("code", "asc")
    searched = ("code", "name")


class DeviceModelView(ReferenceView):
    page = Page(
        _l("Device models"),
        {LOOK: (roles.ENGINEER, roles.BILLING_OPERATOR, roles.AUDITOR), EDIT: roles.EQUIPMENT_EDITORS},
        menu.METERING.at(60, "Device models"),
        company_wide=LOOK,
    )
    datamodel = SQLAInterface(DeviceModel)
    form_columns = ["name", "device_kind", "resource", "phases"]
    list_columns = [*form_columns, "retired_on"]
    base_order = ("name", "asc")
    searched = ("name",)


class RegisterView(FactView):
    page = Page(labels.TITLES["register"], {LOOK: roles.EQUIPMENT_READERS}, under="DeviceView")
    datamodel = SQLAInterface(Register)
    list_columns = show_columns = ["meter", "code", "digits", "decimals"]
    formatters_columns = {"code": labels.register}
    base_order = ("id", "asc")
    read_along = ("meter.model",)
    searched = ("meter",)


class MeterInstallationView(FactView):
    page = Page(_l("Meter installations"), {LOOK: roles.EQUIPMENT_READERS}, menu.METERING.at(50, "Meter installations"))
    datamodel = SQLAInterface(MeterInstallation)
    list_columns = ["meter", "service_point", "valid_from", "valid_to", "ct_primary", "ct_secondary"]
    show_columns = [
        "meter",
        "service_point",
        "valid_from",
        "valid_to",
        "ct_primary",
        "ct_secondary",
        "vt_primary",
        "vt_secondary",
    ]
    base_order = ("id", "asc")
    read_along = ("meter.model", "service_point.street")
    searched = ("account",)


class DeviceView(EntityView):
    page = Page(_l("Devices"), {LOOK: roles.EQUIPMENT_READERS, EDIT: roles.EQUIPMENT_EDITORS}, menu.METERING.at(40, "Devices"))
    datamodel = SQLAInterface(Device)
    form_columns = ["division", "model", "serial_number", "made_in_year", "verified_to"]
    list_columns = [*form_columns, "is_double"]
    base_order = ("id", "asc")
    searched = ("serial_number",)
    related_views = [RegisterView, MeterInstallationView]


#: The pages of this area.
VIEWS = (
    DeviceView,
    MeterInstallationView,
    DeviceModelView,
    DeviceKindView,
    RegisterView,
)
