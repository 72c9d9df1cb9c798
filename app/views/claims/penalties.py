"""Penalty runs, what each bill bore, and days held free of penalty."""

from datetime import date
from typing import Any

from flask import request
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from wtforms import SelectField
from wtforms.validators import InputRequired

from app import clock, labels
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.calendar import months_after
from app.extensions import db, record_disclosure
from app.models.claims import Penalty, PenaltyHold, PenaltyRun
from app.queries import billing as bills
from app.services.claims import penalties as service
from app.views import fields, menu
from app.views.base import EntityView, FactView
from app.views.runs import LinkedText, RunFindings, RunForm, RunTable, RunTexts, RunView, account_link


class PenaltyRunForm(RunForm):
    """Which division to charge penalty, and for which days."""

    month = SelectField(_l("Up to the end of"))
    period_from = fields.day_field(
        _l("First day to count"),
        [InputRequired()],
        description=_l("For the first run of a division; a later one goes on where the last ended."),
    )


class PenaltyView(FactView):
    page = Page(_l("Penalties of bills"), {LOOK: roles.LEDGER_READERS}, menu.CLAIMS.at(30, "Penalties of bills"))
    datamodel = SQLAInterface(Penalty)
    list_columns = ["account", "bill", "penalty_run", "period_to", "amount_tiyin"]
    search_columns = ["period_to", "division", "created_at"]
    base_order = ("id", "desc")
    searched = ("account",)
    total_columns = ("amount_tiyin",)


class PenaltyHoldView(EntityView):
    page = Page(
        _l("Days without penalty"),
        {LOOK: roles.LEDGER_READERS, "can_add can_edit": roles.BILLING_STAFF},
        menu.CLAIMS.at(40, "Days without penalty"),
    )
    datamodel = SQLAInterface(PenaltyHold)
    list_columns = form_columns = ["account", "valid_from", "valid_to", "basis"]
    #: when they end may change: the next run makes good what was charged or not charged meanwhile
    fixed_columns = ("account", "valid_from", "basis")
    base_order = ("id", "desc")
    searched = ("account", "basis")
    division_of = "account"
    base_permissions = ["can_list", "can_show", "can_add", "can_edit"]


class PenaltyRunView(RunView):
    page = Page(
        _l("Penalty runs"),
        {LOOK: roles.LEDGER_READERS, "can_cancel can_open can_post": roles.BILLING_STAFF},
        menu.CLAIMS.at(20, "Penalty runs"),
    )
    datamodel = SQLAInterface(PenaltyRun)
    spec = service.RUN
    run_form = PenaltyRunForm
    texts = RunTexts(
        _l("Charge penalty"),
        _l("First comes a preview: totals and the largest charges. Nothing is charged before you say so."),
        _l("Charge penalty"),
    )
    refusals = {service.DaysNotOver: ("month", _l("These days were counted already, or are not over."))}
    list_columns = ["id", "division", "period_from", "period_to", "status", "accounts", "bills", "amount_tiyin", "created_at", "created_by"]
    base_permissions = ["can_list", "can_show", "can_open", "can_post", "can_cancel"]

    def prepared(self) -> Any:
        """Return the form; the first day of the last month stands in it."""
        form = super().prepared()
        if request.method == "GET":
            form.period_from.data = date.fromisoformat(form.month.choices[0][0])
        return form

    def opened(self, session: Session, form: Any) -> PenaltyRun:
        """Open the penalty run of the chosen days."""
        days = {"period_from": form.period_from.data, "period_to": months_after(form.first_day, 1)}
        return service.open_run(session, division_id=form.division.data, **days, today=clock.today())

    def findings(self, run: PenaltyRun) -> RunFindings:
        """Return the totals and the largest charges."""
        largest = run.preview.get("largest", [])
        record_disclosure("account", [account_id for _amount, account_id in largest])
        numbers = bills.account_numbers(db.session(), [account_id for _amount, account_id in largest])
        figures = [
            (_("Accounts"), labels.number(run.accounts)),
            (_("Bills"), labels.number(run.bills)),
            (_("Amount"), labels.money(run.amount_tiyin)),
        ]
        charges = RunTable(
            _("The largest charges"),
            [(_("Account"), False), (_("Amount"), True)],
            [(account_link(account_id, numbers.get(account_id)), LinkedText(labels.money(amount))) for amount, account_id in largest],
        )
        days = {"start": labels.day(run.period_from), "end": labels.day(run.period_to)}
        return RunFindings(
            _("Penalty run of %(division)s, %(start)s – %(end)s", division=run.division.shown_name, **days),
            [(label, LinkedText(value)) for label, value in figures],
            [charges] if largest else [],
            posting=_("Charge %(count)s accounts %(sum)s?", count=run.accounts, sum=labels.money(run.amount_tiyin)),
        )
