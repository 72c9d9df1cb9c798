"""Rows of payment files held for a person: the list, and a payment file's held rows beside their twins, with the decision about them."""

from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from app import clock, labels
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.payments import HeldDecision, HeldStatus
from app.extensions import db, set_change_reason, transaction
from app.jobs import runner
from app.models.payments import PaymentControl
from app.models.payments.files import HeldRow
from app.queries import payments as queries
from app.services.payments import held
from app.views import menu
from app.views.base import FactView


class HeldDecisionForm(FlaskForm):
    """How it is known what the rows are."""

    basis = StringField(labels.COLUMN_LABELS["basis"], [DataRequired(), Length(min=5, max=300)])


class HeldRowView(FactView):
    """Rows that may be the same payment as a row of another file, or are dated in the future."""

    page = Page(
        _l("Rows held"),
        {LOOK: roles.CORRECTION_READERS, "can_decide": roles.BILLING_STAFF, "can_rows_of": roles.CORRECTION_READERS},
        menu.PAYMENTS.at(50, "Held rows"),
    )
    datamodel = SQLAInterface(HeldRow)
    list_columns = [
        "status", "payment_control", "row_no", "reason", "account_number", "payer", "amount_tiyin", "paid_on", "twin_file", "twin_row_no",
        "twin_on", "twin_loaded_by",
    ]  # fmt: skip
    search_columns = ["status", "reason", "payment_contract", "account_number", "payer", "paid_on", "twin_file", "division"]
    base_order = ("id", "desc")
    searched = ("account_number", "payer", "twin_file")
    total_columns = ("amount_tiyin",)
    base_permissions = ["can_list", "can_show", "can_rows_of", "can_decide"]

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show a held row among those of its payment file."""
        found = self.found(pk)
        return redirect(url_for("HeldRowView.rows_of", control_id=found.payment_control_id, _anchor=f"row-{found.id}"))

    @expose("/of/<int:control_id>", methods=["GET"])
    @has_access
    def rows_of(self, control_id: int) -> Any:
        """Show the held rows of a payment file, each beside the row it may repeat, and what can be decided."""
        control = self._control(control_id)
        rows = queries.held_rows(db.session(), control.id)
        waiting = [row for row in rows if row.status == HeldStatus.WAITING]
        return self.render_template(
            "held_rows.html",
            control=control,
            rows=rows,
            twins=queries.held_twins(db.session(), control.id),
            waiting=waiting,
            may_repeat=any(row.twin_control_id for row in waiting),
            may_reject=any(row.reason == "FUTURE" for row in waiting),
            form=HeldDecisionForm(),
        )

    @expose("/decide/<int:control_id>", methods=["POST"])
    @has_access
    def decide(self, control_id: int) -> Any:
        """Decide about marked rows of a payment file, or about all that wait."""
        control, form = self._control(control_id), HeldDecisionForm()
        decision = request.form.get("decision", "")
        ids = [int(each) for each in request.form.getlist("row") if each.isdecimal() and len(each) < 19]
        back = redirect(url_for("HeldRowView.rows_of", control_id=control.id))
        if not form.validate_on_submit() or decision not in {*HeldDecision} or not (ids or "all" in request.form):
            flash(_("Mark rows, or all of them, and write how you know what they are."), "danger")
            return back
        set_change_reason(form.basis.data)
        wish = held.DecisionRequest(control.id, HeldDecision(decision), form.basis.data, None if "all" in request.form else ids)
        try:
            with transaction() as session:
                asked = held.decide(session, wish, by=g.user.username, today=clock.today())
        except held.NothingHeld:
            flash(_("None of these rows waits for such a decision."), "warning")
            return back
        if asked.job_id is None:
            flash(_("Asked. It is done when another person agrees."), "success")
            return redirect(url_for("ApprovalView.show", pk=asked.approval_id))
        runner.enqueue(asked.job_id)
        return redirect(url_for("JobView.show", pk=asked.job_id))

    def _init_titles(self) -> None:
        super()._init_titles()
        self.list_title = self.title = _l("Rows held")

    @staticmethod
    def _control(control_id: int) -> PaymentControl:
        found = db.session().get(PaymentControl, control_id) if control_id < 10**18 else None
        if found is None:
            abort(404)
        return found
