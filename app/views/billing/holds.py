"""The work queue of bills that wait for a person before they are posted."""

from datetime import datetime
from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import Length

from app import clock, labels
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.billing import TRANSITIONS, ExceptionReason, HoldEvent, HoldStatus
from app.extensions import db, record_disclosure, set_change_reason, transaction
from app.models.billing import BillHold
from app.queries import metering
from app.queries.billing import holds as queries
from app.services.billing import holds as service
from app.views import menu
from app.views.base import FactView
from app.views.lists.selection import bulk_act


class RemarkForm(FlaskForm):
    """What was found out."""

    remark = StringField(labels.COLUMN_LABELS["remark"], [Length(max=300)])


def days_since(since: datetime) -> str:
    """Return how long ago a moment was, in days: what a list of work has room for."""
    days = (clock.now() - since).days
    return ngettext("%(number)s day", "%(number)s days", days, number=days) if days else _("today")


def _age(since: datetime) -> str:
    """Return a moment, and how many days ago it was."""
    days = (clock.now() - since).days
    return _("%(moment)s, %(days)s days ago", moment=labels.moment(since), days=days) if days else labels.moment(since)


class BillHoldView(FactView):
    page = Page(
        _l("Bills on hold"),
        {LOOK: roles.CORRECTION_READERS, "can_work park_holds release_holds take_holds": roles.BILLING_STAFF},
        menu.BILLING.at(40, "Bill holds"),
    )
    datamodel = SQLAInterface(BillHold)
    list_columns = [
        "account", "consumer_name", "phone", "billing_month", "reason", "quantity_milli", "amount_tiyin", "waits_since", "owner", "status",
    ]  # fmt: skip
    search_columns = ["billing_month", "reason", "status", "owner", "division", "bill_run"]
    base_order = ("id", "desc")
    searched = ("account",)
    read_along = ("account.consumer",)
    total_columns = ("quantity_milli", "amount_tiyin")
    base_permissions = ["can_list", "can_show", "can_work"]
    formatters_columns = {"waits_since": days_since}

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show a held bill beside the months before, with what can be decided."""
        held = self._held(pk)
        return self.render_template(
            "bill_hold.html",
            held=held,
            form=RemarkForm(),
            reason=labels.member_of(ExceptionReason, held.reason),
            status=labels.member_of(HoldStatus, held.status),
            age=_age(held.created_at),
            before=queries.energy_before(db.session(), held.account_id, held.billing_month),
            readings=metering.account_readings(db.session(), held.account_id, limit=12),
            events=[(event.value, labels.member(event)) for event in HoldEvent if self._possible(held, event)],
        )

    @expose("/work/<pk>", methods=["POST"])
    @has_access
    def work(self, pk: str) -> Any:
        """Take a held bill up, give it back, or decide about it."""
        held, step = self._held(pk), request.form.get("step", "")
        form = RemarkForm()
        if not form.validate():
            abort(400)
        if step in {"TAKE", "GIVE_BACK"}:
            with transaction() as session:
                service.assign(session, [held.id], owner=g.user.username if step == "TAKE" else None)
            return redirect(url_for("BillHoldView.show", pk=pk))
        if step not in set(HoldEvent):
            abort(400)
        self._decide([held.id], HoldEvent(step), form.remark.data or "")
        return redirect(url_for("BillHoldView.show", pk=pk))

    take_holds = bulk_act("take_holds", _l("Take up"), None, "fa-hand-paper-o")
    release_holds = bulk_act("release_holds", _l("Release"), _l("Post these bills as they stand?"), "fa-check")
    park_holds = bulk_act("park_holds", _l("Park"), _l("Leave these accounts without a bill of the month?"), "fa-pause")

    def _decide(self, ids: list[int], event: HoldEvent, remark: str) -> None:
        set_change_reason(remark)
        try:
            with transaction() as session:
                count = service.decide(session, ids, event, by=g.user.username, remark=remark, now=clock.now())
        except service.HoldRefused as refused:
            flash(_("Number %(id)s does not allow this: it stands otherwise, or no bill can be made.", id=str(refused)), "warning")
        else:
            flash(_("Decided about %(count)s bills.", count=count), "success")

    def _possible(self, held: queries.HoldRow, event: HoldEvent) -> bool:
        following = TRANSITIONS.get((HoldStatus(held.status), event))
        return following is not None and not (event == HoldEvent.RELEASE and held.amount_tiyin is None)

    def _held(self, pk: str) -> queries.HoldRow:
        held = queries.hold(db.session(), int(pk)) if pk.isdecimal() and len(pk) < 19 else None
        if held is None:
            abort(404)
        record_disclosure("account", [held.account_id])
        return held
