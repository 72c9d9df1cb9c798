"""Devices, and where meters are installed."""

from collections import Counter
from itertools import groupby
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import Length, Optional

from app import clock, labels
from app.domain.administration import roles
from app.domain.administration.pages import EDIT, LOOK, Page
from app.domain.equipment import StockPlaceKind
from app.domain.equipment.passports import WrongPassport, fields_of
from app.domain.seals import ranges_of
from app.extensions import db, transaction
from app.labels import COLUMN_LABELS
from app.models.equipment import Device, DeviceKind, DeviceModel, MeterInstallation, Movement, Register, StockPlace
from app.queries import equipment as queries
from app.queries import seals
from app.queries.metering.devices import profiled_registers
from app.services import equipment as service
from app.views import fields, menu
from app.views.base import EntityView, FactView
from app.views.equipment.works import MaintenanceWorkView
from app.views.reference import ReferenceView


class _DayForm(FlaskForm):
    """The day a stock is asked for."""

    class Meta:
        csrf = False

    on = fields.day_field(_l("At the end of the day"), [Optional()])


class HasPassport:
    """A list whose rows have a passport: shown on the card, and written on a page of its own."""

    @expose("/passport/<pk>", methods=["GET", "POST"])
    @has_access
    def passport(self: Any, pk: str) -> Any:
        """Show the fields of the kind and write what is known."""
        row = self.found(pk)
        kind = (row if isinstance(row, DeviceModel) else row.model).device_kind.code
        made = {name: StringField(labels.PASSPORT_LABELS[name], [Length(max=200)]) for name in fields_of(kind)}
        form: Any = type("PassportForm", (FlaskForm,), made)(data=row.passport)
        if form.validate_on_submit():
            try:
                with transaction() as session:
                    service.write_passport(session, row, {name: form[name].data for name in made})
            except WrongPassport as wrong:
                for name in str(wrong).split(", "):
                    form[name].errors = [*form[name].errors, gettext("Write a number that fits, or leave it empty.")]
            else:
                flash(gettext("The row was changed."), "success")
                return redirect(url_for(f"{self.endpoint}.show", pk=pk))
        return self.render_template("passport.html", form=form, row=row, back=url_for(f"{self.endpoint}.show", pk=pk))

    def _get_show_widget(self: Any, pk: Any, item: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        shown = super()._get_show_widget(pk, item, *args, **kwargs)  # type: ignore[misc]
        return {**shown, "passport": labels.passport_lines(service.passport(item)), "passport_page": f"{type(self).__name__}.passport"}


class DeviceKindView(ReferenceView):
    page = Page(
        _l("Kinds of devices"),
        {LOOK: (roles.ENGINEER, roles.BILLING_OPERATOR, roles.AUDITOR), EDIT: roles.EQUIPMENT_EDITORS},
        menu.EQUIPMENT.at(61, "Kinds of devices"),
        company_wide=LOOK,
    )
    datamodel = SQLAInterface(DeviceKind)
    form_columns = ["code", "name", "name_uz_cyrl", "name_ru"]
    list_columns = [*form_columns, "has_registers", "retired_on"]
    base_order = ("code", "asc")
    searched = ("code", "name")


class DeviceModelView(HasPassport, ReferenceView):
    show_template = "device_model_show.html"
    page = Page(
        _l("Device models"),
        {LOOK: (roles.ENGINEER, roles.BILLING_OPERATOR, roles.AUDITOR), f"{EDIT} can_passport": roles.EQUIPMENT_EDITORS},
        menu.EQUIPMENT.at(60, "Device models"),
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


class ShowsProfiles:
    """What the card of a device or of its installation adds: its seals, and the way to the interval profiles of its registers."""

    show_template = "profiled.html"

    def _get_show_widget(self, pk: Any, item: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        device_id = item.id if isinstance(item, Device) else item.meter_id
        widgets: dict[str, Any] = super()._get_show_widget(pk, item, *args, **kwargs)  # type: ignore[misc]
        session = db.session()
        sealed = {"seals": seals.seals_on(session, device_id=device_id), "seal_steps": seals.history_of_device(session, device_id)}
        return {**widgets, **sealed, "profiles": profiled_registers(session, [device_id])}


class MeterInstallationView(ShowsProfiles, FactView):
    page = Page(_l("Meter installations"), {LOOK: roles.EQUIPMENT_READERS}, menu.EQUIPMENT.at(50, "Meter installations"))
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


class MovementView(FactView):
    page = Page(_l("Movements of devices"), {LOOK: roles.EQUIPMENT_READERS}, menu.EQUIPMENT.at(46, "Movements of devices"))
    datamodel = SQLAInterface(Movement)
    list_columns = [
        "device", "moved_on", "event", "to_state", "from_stock_place", "from_point", "to_stock_place", "to_point", "equipment_document",
        "act",
    ]  # fmt: skip
    show_columns = [*list_columns, "from_state", "from_kind", "to_kind", "reverses_id", "division", "details", "created_at", "created_by"]
    formatters_columns = {"details": labels.movement_details}
    search_columns = ["moved_on", "event", "from_stock_place", "to_stock_place", "device", "division"]
    base_order = ("id", "desc")
    read_along = ("device.model", "from_point.street", "to_point.street")
    searched = ("device",)


class StockPlaceView(EntityView):
    show_template = "stock_place_show.html"
    page = Page(
        _l("Warehouses and brigades"),
        {LOOK: roles.EQUIPMENT_READERS, "can_stock": roles.EQUIPMENT_READERS, EDIT: roles.EQUIPMENT_EDITORS},
        menu.EQUIPMENT.at(62, "Warehouses and brigades"),
    )
    datamodel = SQLAInterface(StockPlace)
    form_columns = ["division", "kind", "brigade", "name", "keeper", "most_devices", "retired_on"]
    list_columns = form_columns
    fixed_columns = ("division", "kind", "brigade")
    add_form_extra_fields = {"kind": fields.enum_field(COLUMN_LABELS["kind"], StockPlaceKind)}
    base_order = ("name", "asc")
    searched = ("name", "keeper")
    base_permissions = ["can_list", "can_show", "can_add", "can_edit", "can_delete", "can_stock"]

    @expose("/stock/<pk>", methods=["GET"])
    @has_access
    def stock(self, pk: str) -> Any:
        """Show what a warehouse or a brigade kept at the end of a day, by the movements up to it."""
        place, form = self.found(pk), _DayForm(request.args)
        on = form.on.data if form.validate() and form.on.data else clock.today()
        form.on.data = on
        rows, kept = queries.stock(db.session(), place.id, on), seals.stock(db.session(), place.id, on)
        kinds = {kind: ranges_of([each.number for each in found]) for kind, found in groupby(kept, lambda each: each.kind)}
        counted = Counter((each.model, each.state) for each in rows)
        return self.render_template(
            "stock.html",
            place=place,
            form=form,
            on=on,
            rows=rows,
            counts=sorted((*key, number) for key, number in counted.items()),
            seals=[(kind, sum(each.seals for each in found), ", ".join(map(str, found))) for kind, found in kinds.items()],
        )


class DeviceView(HasPassport, ShowsProfiles, EntityView):
    show_template = "device_show.html"
    page = Page(
        _l("Devices"),
        {LOOK: roles.EQUIPMENT_READERS, "can_edit can_passport": roles.EQUIPMENT_EDITORS},
        menu.EQUIPMENT.at(40, "Devices"),
    )
    datamodel = SQLAInterface(Device)
    base_permissions = ["can_list", "can_show", "can_edit", "can_passport"]
    add_columns = edit_columns = ["made_in_year"]
    list_columns = [
        "serial_number", "model", "state", "place_kind", "stock_place", "service_point", "verified_to",
    ]  # fmt: skip
    show_columns = [*list_columns, "made_in_year", "division", "is_double", "moved_on"]
    search_columns = ["division", "model", "state", "place_kind", "stock_place", "verified_to", "made_in_year", "is_double"]
    base_order = ("id", "asc")
    read_along = ("service_point.street",)
    searched = ("serial_number",)
    related_views = [RegisterView, MeterInstallationView, MovementView, MaintenanceWorkView]


#: The pages of this area.
VIEWS = (
    DeviceView,
    MovementView,
    StockPlaceView,
    MeterInstallationView,
    DeviceModelView,
    DeviceKindView,
    RegisterView,
)
