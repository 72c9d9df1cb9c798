"""Meters and where they are installed."""

from flask_appbuilder.models.sqla.interface import SQLAInterface

from app import labels
from app.domain.metering import RegisterCode
from app.labels import COLUMN_LABELS
from app.models.equipment import Meter, MeterInstallation, MeterModel, Register
from app.views import fields
from app.views.base import EntityView
from app.views.reference import ReferenceView


class MeterModelView(ReferenceView):
    datamodel = SQLAInterface(MeterModel)
    form_columns = ["name", "resource", "phases"]
    list_columns = [*form_columns, "retired_on"]
    base_order = ("name", "asc")


class RegisterView(EntityView):
    datamodel = SQLAInterface(Register)
    list_columns = form_columns = ["meter", "code", "digits", "decimals"]
    add_form_extra_fields = {"code": fields.enum_field(COLUMN_LABELS["code"], RegisterCode)}
    edit_form_extra_fields = {"code": fields.enum_field(COLUMN_LABELS["code"], RegisterCode)}
    formatters_columns = {"code": labels.register}
    base_order = ("id", "asc")


class MeterInstallationView(EntityView):
    datamodel = SQLAInterface(MeterInstallation)
    list_columns = ["meter", "service_point", "valid_from", "valid_to", "ct_primary", "ct_secondary"]
    form_columns = [
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
    division_of = "service_point"


class MeterView(EntityView):
    datamodel = SQLAInterface(Meter)
    form_columns = ["division", "model", "serial_number", "made_in_year", "verified_to"]
    list_columns = [*form_columns, "is_double"]
    base_order = ("id", "asc")
    related_views = [RegisterView, MeterInstallationView]
