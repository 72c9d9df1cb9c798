"""Doubtful readings of devices: the queue, and the page that decides about one by a key."""

from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from app import clock, labels
from app.documents import metering as documents
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.calendar import month_start, months_after
from app.domain.metering import DoubtfulStatus
from app.extensions import db, record_disclosure, set_change_reason, transaction
from app.models.metering.devices import DoubtfulReading
from app.queries.metering import devices as queries
from app.services import metering as service
from app.views import menu
from app.views.base import FactView

#: Months that the chart shows.
MONTHS = 24
#: Key → decision and its button, in their order.
KEYS = {
    "1": (DoubtfulStatus.ACCEPTED, _l("Accept")),
    "2": (DoubtfulStatus.REPLACED, _l("Replace")),
    "3": (DoubtfulStatus.ASKED_AGAIN, _l("Ask again")),
    "4": (DoubtfulStatus.ESTIMATED, _l("Estimate")),
}


class DoubtfulDecisionForm(FlaskForm):
    """What is decided about a reading, and how it is known."""

    basis = StringField(labels.COLUMN_LABELS["basis"], [DataRequired(), Length(min=3, max=300)])
    dial = StringField(_l("Right reading"), [Length(max=32)], description=_l("Where the reading is replaced."))


class DoubtfulReadingView(FactView):
    """Readings of devices that a person decides about."""

    page = Page(
        _l("Doubtful readings"),
        {LOOK: (*roles.METERING_STAFF, roles.ENGINEER, roles.AUDITOR), "can_decide": roles.METERING_STAFF},
        menu.METERING.at(22, "Doubtful readings"),
    )
    datamodel = SQLAInterface(DoubtfulReading)
    list_columns = [
        "read_on", "account", "register", "dial_milli", "quantity_milli", "doubt", "source", "status", "decided_by",
    ]  # fmt: skip
    show_columns = [*list_columns, "division", "basis"]
    search_columns = ["status", "doubt", "source", "read_on", "division"]
    base_order = ("id", "desc")
    searched = ("account",)
    read_along = ("register.meter.model",)
    formatters_columns = {
        "register": lambda register: f"{register.meter} · {labels.register(register.code)}",
        "doubt": documents.words_of,
    }
    base_permissions = ["can_list", "can_show", "can_decide"]
    list_template = "doubtful_readings.html"

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show a reading with its history, and what can be decided."""
        return self._page(int(self.found(pk).id), DoubtfulDecisionForm())

    @expose("/next", methods=["GET"])
    @has_access
    def decide(self) -> Any:
        """Go to the next reading that waits, after one that is named; back to the list if none is left."""
        after = request.args.get("after", "0")
        found = queries.waiting_ids(db.session(), after=int(after) if after.isdecimal() and len(after) < 19 else 0, limit=1)
        found = found or queries.waiting_ids(db.session(), limit=1)
        if not found:
            flash(_("Nothing waits for a decision."), "success")
            return redirect(url_for("DoubtfulReadingView.list"))
        return redirect(url_for("DoubtfulReadingView.show", pk=found[0], basis=request.args.get("basis") or None))

    @expose("/decide/<pk>", methods=["POST"])
    @has_access
    @permission_name("decide")
    def decide_one(self, pk: str) -> Any:
        """Decide about a reading, and go to the next one."""
        found, form = self.found(pk), DoubtfulDecisionForm()
        key = request.form.get("decision", "")
        if key not in {status for status, _phrase in KEYS.values()}:
            abort(404)
        decision = DoubtfulStatus(key)
        if not form.validate_on_submit():
            return self._page(found.id, form)
        set_change_reason(form.basis.data)
        try:
            with transaction() as session:
                decided = service.ReadingDecision(decision, g.user.username, form.basis.data, form.dial.data or "")
                count = service.decide_doubtful(session, found.id, decided, today=clock.today(), now=clock.now())
        except service.ReadingDecided:
            flash(_("Somebody decided about this reading meanwhile."), "warning")
        except service.ReadingRefused as refused:
            # What stood there when the rule was broken is told as in a file.
            form.dial.errors = [documents.reason_of_refusal(refused.problem, refused.about)]
            return self._page(found.id, form)
        except service.ReadingAlreadyBilled:
            flash(
                _("A bill was made with the reading of that day, or others follow it. Correct it on the account, or leave this one out."),
                "warning",
            )
            return redirect(url_for("DoubtfulReadingView.show", pk=found.id))
        else:
            flash(_("%(decision)s: %(count)s", decision=labels.member(decision), count=count), "success")
        return redirect(url_for("DoubtfulReadingView.decide", after=found.id, basis=form.basis.data))

    def _page(self, doubtful_id: int, form: DoubtfulDecisionForm) -> Any:
        session = db.session()
        row = queries.doubtful(session, doubtful_id) or abort(404)
        record_disclosure("account", [row.account_id])
        if request.method == "GET":
            form.basis.data = request.args.get("basis", "")[:300] or _("By the history of consumption")
            form.dial.data = ""
        since = months_after(month_start(clock.today()), 1 - MONTHS)
        energy = queries.energy_by_month(session, row.account_id, row.register, since=since)
        around = queries.waiting_around(session, doubtful_id)
        chart = documents.history_chart(row, energy, since=since, months=MONTHS)
        return self.render_template(
            "doubtful_reading.html", row=row, form=form, chart=chart, energy=energy, keys=KEYS, around=around, words=documents.words_of
        )
