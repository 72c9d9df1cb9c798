"""Alerts about figures of divisions: what is watched, for whom, and when it crossed its threshold."""

from typing import Any

from flask import flash, g, redirect, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms import validators as rules

from app import clock, labels
from app.documents.indicators import INDICATORS
from app.documents.indicators.figures import value_text
from app.domain import readers
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.indicators import PLACES, IndicatorUnit, read_figure
from app.extensions import appbuilder, db, transaction
from app.labels import COLUMN_LABELS
from app.models.alerts import Alert
from app.queries import alerts as queries
from app.queries.reports.schedules import names_of_users, possible_receivers
from app.services import alerts as service
from app.views import menu
from app.views.base import EntityView
from app.views.refusals import FormRefused

#: Crossings shown on a card.
LOGGED = 100


def _indicators() -> list[tuple[str, str]]:
    return [(name, str(spec.title)) for name, spec in INDICATORS.items() if appbuilder.sm.has_access(*spec.report.permission)]


def _title(name: str) -> str:
    return str(INDICATORS[name].title) if name in INDICATORS else name


def _unit(name: str) -> IndicatorUnit:
    return INDICATORS[name].unit if name in INDICATORS else IndicatorUnit.COUNT


def _read_threshold(item: Alert) -> None:
    try:
        item.threshold = read_figure(str(item.threshold), _unit(item.indicator), least=-readers.LARGEST_MONEY_TIYIN)
    except readers.Misread as misread:
        raise FormRefused(labels.member(misread.fault), "threshold") from None


class AlertView(EntityView):
    """Alerts: added, changed, paused and let go on."""

    page = Page(
        _l("Alerts"),
        {LOOK: roles.CORRECTION_READERS, "can_add can_edit can_pause": roles.BILLING_STAFF},
        menu.MONITORING.at(7, "Alerts"),
    )
    datamodel = SQLAInterface(Alert)
    base_permissions = ["can_list", "can_show", "can_add", "can_edit", "can_pause"]
    list_columns = ["id", "indicator", "division", "comparison", "limit", "is_crossed", "crossed_at", "is_paused", "owner"]
    show_columns = list_columns
    add_columns = edit_columns = ["indicator", "division", "comparison", "threshold", "receiver_ids"]
    search_columns = ["division", "comparison", "is_crossed", "is_paused"]
    base_order = ("id", "desc")
    searched = ("id",)
    label_columns = {"owner": _l("Owner")}
    formatters_columns = {"indicator": _title, "limit": lambda limit: value_text(limit["value"], _unit(limit["indicator"]))}
    add_form_extra_fields = edit_form_extra_fields = {
        "indicator": SelectField(COLUMN_LABELS["indicator"], [rules.InputRequired()], choices=_indicators),
        "threshold": StringField(
            COLUMN_LABELS["threshold"], [rules.InputRequired(), rules.Length(max=24)],
            description=_l("In the unit of the figure: soʻm, a number, or percent."),
        ),
        "receiver_ids": SelectMultipleField(
            COLUMN_LABELS["receiver_ids"], [rules.DataRequired()], coerce=int,
            choices=lambda: list(possible_receivers(db.session(), clock.today())),
            description=_l("Told are those who work in the division and may see the figure on that day."),
        ),
    }  # fmt: skip

    def prefill_form(self, form: Any, pk: Any) -> None:
        """Show the threshold in the unit of the figure."""
        item = self.found(str(pk))
        form.threshold.data = readers.number_text(item.threshold, PLACES[_unit(item.indicator)])

    def pre_add(self, item: Alert) -> None:
        """Read the threshold in the unit of the figure; whoever adds an alert owns it."""
        item.owner_id = g.user.id
        _read_threshold(item)

    def pre_update(self, item: Alert) -> None:
        """Read the threshold; a changed alert watches a figure that it never saw beyond it."""
        _read_threshold(item)
        item.is_crossed = False

    @expose("/show/<int:pk>", methods=["GET"])
    @has_access
    def show(self, pk: int) -> Any:
        """Show an alert, whom it is for, and when it crossed its threshold."""
        item = self.found(str(pk))
        unit = _unit(item.indicator)
        rows = queries.crossings(db.session(), pk, limit=LOGGED)
        return self.render_template(
            "alert.html",
            item=item,
            title=_title(item.indicator),
            threshold=value_text(item.threshold, unit),
            receivers=names_of_users(db.session(), item.receiver_ids),
            rows=[(row, value_text(row.value, unit)) for row in rows],
        )

    @expose("/pause/<int:pk>", methods=["POST"])
    @has_access
    def pause(self, pk: int) -> Any:
        """Pause an alert, or let it go on."""
        paused = not self.found(str(pk)).is_paused
        with transaction() as session:
            service.set_paused(session, pk, paused=paused)
        flash(_("The alert is paused.") if paused else _("The alert goes on."), "success")
        return redirect(url_for("AlertView.show", pk=pk))


#: The pages of this area.
VIEWS = (AlertView,)
