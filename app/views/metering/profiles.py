"""Interval profiles of a register: a day by steps, a month by days."""

from datetime import timedelta
from typing import Any

from flask import abort, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import lazy_gettext as _l

from app import labels
from app.documents import metering as documents
from app.domain import readers
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.calendar import month_start, months_after
from app.domain.metering import QUALITY_OF_LETTER
from app.domain.readers import Misread
from app.extensions import db
from app.models.metering.devices import IntervalDay
from app.queries.metering import devices as queries
from app.views import menu
from app.views.base import FactView


class IntervalDayView(FactView):
    """Days of profiles, every version of each."""

    page = Page(
        _l("Interval profiles"),
        {LOOK: roles.EQUIPMENT_READERS, "can_chart": roles.EQUIPMENT_READERS},
        menu.METERING.at(28, "Interval profiles"),
    )
    datamodel = SQLAInterface(IntervalDay)
    list_columns = ["day", "register", "step_minutes", "gap_minutes", "version", "division", "reading_import", "created_at"]
    search_columns = ["day", "step_minutes", "division"]
    base_order = ("id", "desc")
    searched = ("id",)
    read_along = ("register.meter.model",)
    formatters_columns = {"register": lambda register: f"{register.meter} · {labels.register(register.code)}"}
    base_permissions = ["can_list", "can_show", "can_chart"]

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show a day's profile."""
        found = self.found(pk)
        return self._chart(found.register_id, found.day)

    @expose("/register/<int:register_id>", methods=["GET"])
    @has_access
    def chart(self, register_id: int) -> Any:
        """Show a day of a register's profile by steps and its month by days; the last one that is there unless a day is named."""
        try:
            day = readers.day(request.args["day"]) if request.args.get("day") else None
        except Misread:
            abort(404)
        return self._chart(register_id, day)

    def _chart(self, register_id: int, day: Any) -> Any:
        known = queries.profiled_register(db.session(), register_id) if register_id < 10**18 else None
        if known is None:
            abort(404)
        day = day or known.last_day
        month = month_start(day)
        days = queries.profile_days(db.session(), register_id, since=month, until=months_after(month, 1))
        chosen = next((each for each in days if each.day == day), None)
        steps = [
            {"time": documents.step_name(place, chosen.step_minutes), "quantity_milli": quantity, "quality": QUALITY_OF_LETTER[letter]}
            for place, (quantity, letter) in enumerate(zip(chosen.quantities_milli, chosen.qualities, strict=True))
        ] if chosen else []  # fmt: skip
        return self.render_template(
            "interval_profile.html",
            known=known,
            day=day,
            chosen=chosen,
            steps=steps,
            day_chart=documents.profile_chart(chosen, known.unit) if chosen else None,
            month_chart=documents.month_chart(days, known.unit),
            days=[{"day": each.day, "quantity_milli": sum(each.quantities_milli), "gap_minutes": each.gap_minutes} for each in days],
            links={each.day: url_for("IntervalDayView.chart", register_id=register_id, day=each.day) for each in days},
            before=day - timedelta(days=1),
            after=day + timedelta(days=1),
        )
