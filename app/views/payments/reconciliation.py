"""Days of providers beside ours: what is equal, what only one has, what is in doubt, and what people decided."""

from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from app import clock, labels
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.payments.reconciliation import Decision, StatementSource, TransactionVerdict
from app.extensions import db, record_disclosure, set_change_reason, transaction
from app.gateways.statement_file import STATEMENTS
from app.jobs import runner
from app.models.payments.reconciliation import Reconciliation, ReconciliationRow
from app.queries.payments import reconciliation as queries
from app.services.payments import reconciliation as service
from app.views import fields, menu
from app.views.administration import my_divisions
from app.views.base import FactView
from app.views.uploads import FileForm, LoadsFiles

#: Transactions of a day that its page shows.
SHOWN_ROWS = 500


class StatementForm(FileForm):
    """A statement of a provider, or of the bank about what a provider paid out."""

    contract = SelectField(labels.COLUMN_LABELS["payment_contract"], coerce=int)
    source = fields.enum_field(
        labels.COLUMN_LABELS["source"],
        StatementSource,
        [InputRequired()],
        description=_l(
            "Of the provider: a row a transaction. Of the bank: a row what it received for a day, under a number of its own, the moment "
            "being the day that is paid for."
        ),
    )


class ComparisonForm(FlaskForm):
    """Which day of which provider to compare."""

    contract = SelectField(labels.COLUMN_LABELS["payment_contract"], coerce=int)
    day = fields.day_field(labels.COLUMN_LABELS["business_day"], [InputRequired()])


class TransactionDecisionForm(FlaskForm):
    """What was found out about a transaction."""

    decision = fields.enum_field(labels.COLUMN_LABELS["decision"], Decision, [InputRequired()])
    remark = StringField(labels.COLUMN_LABELS["remark"], [DataRequired(), Length(min=5, max=300)])


class ReconciliationView(LoadsFiles, FactView):
    page = Page(
        _l("Reconciliation with providers"),
        {LOOK: roles.CORRECTION_READERS, "can_load can_reconcile": roles.BILLING_STAFF},
        menu.PAYMENTS.at(80, "Reconciliations"),
    )
    datamodel = SQLAInterface(Reconciliation)
    list_template = "reconciliations.html"
    list_columns = [
        "payment_contract", "business_day", "equal_rows", "equal_tiyin", "only_theirs_rows", "only_theirs_tiyin",
        "only_ours_rows", "only_ours_tiyin", "in_doubt_rows", "in_doubt_tiyin", "compared_at",
    ]  # fmt: skip
    search_columns = ["payment_contract", "business_day"]
    base_order = ("id", "desc")
    total_columns = ("equal_tiyin", "only_theirs_tiyin", "only_ours_tiyin", "in_doubt_tiyin")
    base_permissions = ["can_list", "can_show", "can_load", "can_reconcile"]
    file_spec = STATEMENTS

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show a day: the three sums, the bank's, and the transactions of a verdict or all that differ."""
        found = self.datamodel.get(int(pk), self._base_filters) if pk.isdecimal() and len(pk) < 19 else None
        verdict = request.args.get("verdict") or None
        if found is None or verdict not in {None, *TransactionVerdict}:
            abort(404)
        session, key = db.session(), (found.payment_contract_id, found.business_day)
        rows = queries.day_rows(session, *key, verdict=verdict, limit=SHOWN_ROWS)
        if verdict == TransactionVerdict.EQUAL:
            rows += queries.equal_rows(session, *key, limit=SHOWN_ROWS)
        record_disclosure("account", {row.account_id for row in rows})
        counts = [(each, getattr(found, f"{each.lower()}_rows"), getattr(found, f"{each.lower()}_tiyin")) for each in TransactionVerdict]
        form = ComparisonForm(formdata=None)
        return self.render_template(
            "reconciliation.html",
            found=found,
            rows=rows,
            counts=counts,
            chosen=verdict,
            limit=SHOWN_ROWS,
            form=form,
            control_id=queries.day_control(session, *key),
        )

    @expose("/load", methods=["GET", "POST"])
    @has_access
    def load(self) -> Any:
        """Take in a statement and compare its days."""
        division_id, form = _company(), StatementForm()
        form.contract.choices = queries.provider_contracts(db.session())
        if division_id is None or request.method == "GET" or not form.validate():
            return self.file_page(form) if division_id else _not_here()
        with transaction() as session:
            stored = form.stored(session, division_id)
            job_id = service.start_load(session, form.contract.data, file_id=stored.id, source=form.source.data)
        runner.enqueue(job_id)
        return redirect(url_for("JobView.show", pk=job_id))

    @expose("/reconcile", methods=["GET", "POST"])
    @has_access
    def reconcile(self) -> Any:
        """Compare a day."""
        division_id, form = _company(), ComparisonForm()
        form.contract.choices = queries.provider_contracts(db.session())
        if division_id is None:
            return _not_here()
        if not form.validate_on_submit():
            return self.render_template("reconciliation_start.html", form=form)
        if form.day.data > clock.today():
            flash(_("This day has not come yet."), "danger")
            return self.render_template("reconciliation_start.html", form=form)
        with transaction() as session:
            job_id = service.start_comparison(session, form.contract.data, form.day.data)
        runner.enqueue(job_id)
        return redirect(url_for("JobView.show", pk=job_id))


def _not_here() -> Any:
    """Lead back who may not work in the whole company."""
    flash(_("Days of providers belong to the whole company: they are compared by who may work in all of it."), "warning")
    return redirect(url_for("ReconciliationView.list"))


def _company() -> int | None:
    """Return the division of the whole company, if the user may work in it."""
    return next((each.id for each in my_divisions() if each.parent_id is None), None)


class ReconciliationRowView(FactView):
    page = Page(
        _l("Transactions that differ"),
        {LOOK: roles.CORRECTION_READERS, "can_decide": roles.BILLING_STAFF},
        menu.PAYMENTS.at(90, "Reconciliation rows"),
    )
    datamodel = SQLAInterface(ReconciliationRow)
    list_columns = ["payment_contract", "business_day", "reference", "verdict", "doubt_reason", "theirs_tiyin", "ours_tiyin",
        "ledger_tiyin", "status", "next_ask_at"]  # fmt: skip
    search_columns = ["payment_contract", "business_day", "reference", "verdict", "doubt_reason", "status"]
    base_order = ("id", "desc")
    searched = ("reference",)
    total_columns = ("theirs_tiyin", "ours_tiyin", "ledger_tiyin")
    base_permissions = ["can_list", "can_show", "can_decide"]

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show a transaction as each of the three has it, and what can be decided."""
        return self._page(self._row(pk), TransactionDecisionForm())

    @expose("/decide/<pk>", methods=["POST"])
    @has_access
    def decide(self, pk: str) -> Any:
        """Record what was found out about a transaction."""
        row, form = self._row(pk), TransactionDecisionForm()
        if not form.validate_on_submit():
            return self._page(row, form)
        set_change_reason(form.remark.data or "")
        try:
            with transaction() as session:
                service.decide(session, row.id, form.decision.data, by=g.user.username, remark=form.remark.data or "", now=clock.now())
        except service.DecisionRefused:
            flash(_("This transaction is equal: there is nothing to decide."), "warning")
        else:
            flash(_("The decision was recorded."), "success")
        return redirect(url_for("ReconciliationRowView.show", pk=pk))

    def _page(self, row: Any, form: TransactionDecisionForm) -> Any:
        return self.render_template("reconciliation_row.html", row=row, form=form)

    def _row(self, pk: str) -> Any:
        row = queries.row(db.session(), int(pk)) if pk.isdecimal() and len(pk) < 19 else None
        if row is None:
            abort(404)
        record_disclosure("account", [row.account_id])
        return row
