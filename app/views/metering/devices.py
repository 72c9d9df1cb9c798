"""What devices sent: files of head-ends, parked devices, events, and the rules their readings are checked by."""

from typing import Any, NamedTuple

from flask import flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import clock, labels
from app.domain.administration import JobKind, roles
from app.domain.administration.pages import LOOK, Page
from app.domain.metering import RULES, Effect
from app.extensions import db, set_change_reason, transaction
from app.jobs import runner
from app.models.metering.devices import HeadEndEvent, ParkedDevice
from app.queries import administration as parameters
from app.queries.metering import devices as queries
from app.services import administration
from app.services import metering as service
from app.views import menu
from app.views.base import FactView

#: Readings of a parked device that its card shows.
SHOWN = 100
#: What stands in the place of a device's key where those of all are meant.
ALL_DEVICES = "all"


class ParkedDeviceView(FactView):
    """Devices that are not known, or installed nowhere, with what they sent."""

    page = Page(
        _l("Parked devices"),
        {LOOK: (*roles.METERING_STAFF, roles.ENGINEER, roles.AUDITOR), "can_post can_discard": roles.METERING_STAFF},
        menu.METERING.at(24, "Parked devices"),
    )
    datamodel = SQLAInterface(ParkedDevice)
    list_columns = ["serial_number", "division", "parked_reason", "readings", "first_on", "last_on", "status", "created_at"]
    search_columns = ["division", "parked_reason", "status", "first_on", "last_on"]
    base_order = ("id", "desc")
    searched = ("serial_number",)
    base_permissions = ["can_list", "can_show", "can_post", "can_discard"]
    list_template = "parked_devices.html"

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show what a device sent, and what became of it."""
        found = self.found(pk)
        rows = queries.readings_of_parked(db.session(), found.id, limit=SHOWN)
        is_there = bool(service.next_to_post(db.session(), found.division_id, device_id=found.id))
        return self.render_template("parked_device.html", found=found, rows=rows, is_there=is_there)

    @expose("/post", methods=["POST"])
    @has_access
    def post(self) -> Any:
        """Post what is parked of a device that is installed by now; those of all devices by a job."""
        if request.form.get("device") == ALL_DEVICES:
            with transaction() as session:
                division_id = parameters.divisions_here(session)[0].id
                job_id = administration.start_job(session, JobKind.PARKED_POST, division_id=division_id)
            runner.enqueue(job_id)
            return redirect(url_for("JobView.show", pk=job_id))
        found = self.found(request.form.get("device", ""))
        with transaction() as session:
            rows = service.next_to_post(session, found.division_id, device_id=found.id)
            posted = service.post_parked(session, rows, today=clock.today(), now=clock.now())
        if posted:
            flash(_("%(count)s readings found their device. What is doubtful waits in the queue.", count=posted), "success")
        else:
            flash(_("The device is not installed yet: register and install it first."), "warning")
        return redirect(url_for("ParkedDeviceView.show", pk=found.id))

    @expose("/discard/<pk>", methods=["POST"])
    @has_access
    def discard(self, pk: str) -> Any:
        """Put aside what a device sent that is not ours."""
        found = self.found(pk)
        set_change_reason(request.form.get("change_reason", ""))
        try:
            with transaction() as session:
                count = service.discard(session, found.id)
        except service.NotWaiting:
            flash(_("Nothing of this device waits."), "warning")
        else:
            flash(_("%(count)s readings were put aside.", count=count), "success")
        return redirect(url_for("ParkedDeviceView.show", pk=found.id))


class HeadEndEventView(FactView):
    """What devices did by themselves: supply went off, or came back."""

    page = Page(
        _l("Events of devices"),
        {LOOK: (*roles.METERING_STAFF, roles.ENGINEER, roles.AUDITOR)},
        menu.METERING.at(26, "Events of devices"),
    )
    datamodel = SQLAInterface(HeadEndEvent)
    list_columns = ["happened_at", "serial_number", "kind", "device", "division", "meter_data_source", "status"]
    show_columns = ["id", *list_columns, "reading_import", "created_at"]
    search_columns = ["division", "kind", "status", "happened_at"]
    base_order = ("id", "desc")
    searched = ("serial_number",)
    read_along = ("device.model",)


class RuleRow(NamedTuple):
    """A rule as its page shows it."""

    place: int
    meaning: str
    effect: Effect
    column: str
    threshold: str
    parameter: str


class ReadingRuleView(BaseView):
    """The rules that readings are checked by, in their order, with the thresholds in force."""

    page = Page(
        _l("Rules of readings"),
        {"can_show": (*roles.METERING_STAFF, roles.ENGINEER, roles.AUDITOR, roles.ADMINISTRATOR)},
        menu.METERING.at(35, "Rules of readings"),
        company_wide="can_show",
    )
    route_base = "/reading-rules"
    default_view = "show"
    base_permissions = ["can_show"]

    @expose("/")
    @has_access
    def show(self) -> Any:
        """Show each rule with what it leads to, and the order of the sources."""
        values = {group: parameters.values_on(db.session(), group, clock.today()) for group in ("metering", "billing")}
        rows = [
            RuleRow(place, labels.member(rule.code), rule.effect, rule.column, _threshold(rule.parameter, values), rule.parameter)
            for place, rule in enumerate(RULES, 1)
        ]
        ranks = sorted(service.limits_on(db.session(), clock.today()).ranks.items(), key=lambda each: (each[1], each[0]))
        sources = [(rank, source, f"metering.rank_{source.lower()}") for source, rank in ranks]
        return self.render_template("reading_rules.html", rows=rows, sources=sources)


def _threshold(code: str, values: dict[str, dict[str, int]]) -> str:
    return labels.parameter_value(code, values[code.split(".", maxsplit=1)[0]][code]) if code else ""
