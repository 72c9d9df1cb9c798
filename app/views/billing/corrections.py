"""Wrong bills taken back and billed again, credit and debit notes: previewed, then done once."""

from datetime import date
from typing import Any
from uuid import uuid4

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from app import clock, labels
from app.domain.administration import JobKind, roles
from app.domain.administration.pages import LOOK, Page
from app.domain.billing.corrections import AdjustmentKind, CorrectionKind
from app.domain.calendar import latest_months, months_after
from app.extensions import db, record_disclosure, set_change_reason, transaction
from app.jobs import runner
from app.models.administration import Approval
from app.models.billing import BillableCharge
from app.models.billing.corrections import Adjustment, BillCorrection
from app.queries import accounts, administration
from app.queries.billing import corrections as queries
from app.services.billing import adjustments, corrections, withdrawals
from app.views import fields, menu
from app.views.base import FactView

MONTHS_BACK = 36


class BillCorrectionForm(FlaskForm):
    """From which month on bills are taken back, what becomes of them, and why."""

    since = SelectField(_l("From the bill of"))
    kind = fields.enum_field(labels.COLUMN_LABELS["kind"], CorrectionKind)
    reason = StringField(labels.COLUMN_LABELS["reason"], [DataRequired(), Length(max=300)])
    reference = HiddenField(validators=[InputRequired(), Length(max=80)])


class ManyForm(BillCorrectionForm):
    """The same for all accounts of a division, or those of a tariff group."""

    division = fields.division_field()
    tariff_group = SelectField(labels.COLUMN_LABELS["tariff_group"], coerce=int)


class NoteForm(FlaskForm):
    """Which way, how much, VAT included, and the document that says so."""

    kind = fields.enum_field(labels.COLUMN_LABELS["kind"], AdjustmentKind)
    amount_tiyin = fields.money_field(_l("Sum, VAT included"), [InputRequired()])
    basis = StringField(labels.COLUMN_LABELS["basis"], [DataRequired(), Length(max=300)])
    reference = HiddenField(validators=[InputRequired(), Length(max=80)])


class BasisForm(FlaskForm):
    """The document by which a credit note is reversed."""

    basis = StringField(labels.COLUMN_LABELS["basis"], [DataRequired(), Length(max=300)])


class BillCorrectionView(FactView):
    page = Page(
        _l("Corrections of bills"),
        {LOOK: roles.CORRECTION_READERS, "can_correct_bills can_correct_many": roles.BILLING_STAFF},
        menu.BILLING.at(50, "Bill corrections"),
    )
    datamodel = SQLAInterface(BillCorrection)
    list_template = "bill_corrections.html"
    list_columns = ["id", "division", "account", "tariff_group", "kind", "since_month", "reason", "created_at", "created_by"]
    search_columns = ["kind", "since_month", "division"]
    base_order = ("id", "desc")
    searched = ("account",)
    base_permissions = ["can_list", "can_show", "can_correct_bills", "can_correct_many"]

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show a correction with the bills it took back and those that took their place."""
        found = self.found(pk)
        if found.account_id:
            record_disclosure("account", [found.account_id])
        return self.render_template(
            "bill_correction.html",
            correction=found,
            months=queries.months_of_correction(db.session(), found.id),
            bills=queries.bills_of_correction(db.session(), found.id),
            job=administration.latest_job_of(db.session(), found.id, [JobKind.BILL_CORRECTION]),
        )

    @expose("/correct/<int:account_id>", methods=["GET", "POST"])
    @has_access
    def correct_bills(self, account_id: int) -> Any:
        """Show what a correction would change month by month, then do it."""
        card = accounts.card(db.session(), account_id)
        if card is None:
            abort(404)
        record_disclosure("account", [card.id])
        form, changes, needs_second = BillCorrectionForm(), list[corrections.MonthDifference](), False
        stand = queries.month_amounts(db.session(), card.id, since=months_after(clock.today(), -MONTHS_BACK))
        form.since.choices = [(row.month.isoformat(), labels.month(row.month)) for row in reversed(stand)]
        if request.method == "GET":
            form.reference.data = uuid4().hex
        elif form.validate():
            wanted = corrections.CorrectionRequest(card.division_id, *_fields(form), account_id=card.id)
            try:
                if request.form.get("step") == "do":
                    return self._correct(wanted)
                changes = corrections.preview(db.session(), wanted, today=clock.today())
                needs_second = withdrawals.needs_second(db.session(), wanted, changes, today=clock.today())
            except corrections.NothingToCancel:
                form.since.errors = [_("No bill stands from this month on.")]
            except corrections.ConflictingCorrection:
                form.since.errors = [_("This form was used for another correction already. Begin anew.")]
            finally:
                db.session.rollback()
        closed = withdrawals.closed_months(db.session(), card.division_id, [each.month for each in changes])
        return self.render_template("bill_correct.html", form=form, card=card, changes=changes, closed=closed, needs_second=needs_second)

    def _correct(self, wanted: corrections.CorrectionRequest) -> Any:
        set_change_reason(wanted.reason)
        with transaction() as session:
            made = withdrawals.submit(session, wanted, today=clock.today())
            made_id, asked = made.id, isinstance(made, Approval)
        if asked:
            return self._asked(made_id)
        flash(_("The bills were taken back by further ones."), "success")
        return redirect(url_for("BillCorrectionView.show", pk=made_id))

    def _asked(self, approval_id: int) -> Any:
        flash(_("A second person decides about this."), "info")
        return redirect(url_for("ApprovalView.show", pk=approval_id))

    @expose("/many", methods=["GET", "POST"])
    @has_access
    def correct_many(self) -> Any:
        """Count what a correction of many accounts would take back, then start its job."""
        form, count, needs_second = ManyForm(), None, False
        form.tariff_group.choices = [(0, _("All")), *queries.tariff_groups(db.session())]
        months = latest_months(months_after(clock.today(), -1), MONTHS_BACK)
        form.since.choices = [(month.isoformat(), labels.month(month)) for month in months]
        if request.method == "GET":
            form.reference.data = uuid4().hex
        elif form.validate():
            wanted = corrections.CorrectionRequest(form.division.data, *_fields(form), tariff_group_id=form.tariff_group.data or None)
            if request.form.get("step") == "do":
                return self._start(wanted)
            count = queries.bills_to_correct(
                db.session(), division_id=wanted.division_id, tariff_group_id=wanted.tariff_group_id, since=wanted.since
            )
            needs_second = withdrawals.needs_second_for_many(db.session(), wanted, today=clock.today())
        return self.render_template("bill_correct_many.html", form=form, count=count, needs_second=needs_second)

    def _start(self, wanted: corrections.CorrectionRequest) -> Any:
        set_change_reason(wanted.reason)
        try:
            with transaction() as session:
                made = withdrawals.submit_many(session, wanted, today=clock.today())
                made_id = made if isinstance(made, int) else made.id
        except corrections.ConflictingCorrection:
            flash(_("This form was used for another correction already. Begin anew."), "danger")
            return redirect(url_for("BillCorrectionView.correct_many"))
        if not isinstance(made, int):
            return self._asked(made_id)
        runner.enqueue(made_id)
        return redirect(url_for("JobView.show", pk=made_id))


class AdjustmentView(FactView):
    page = Page(
        _l("Credit notes"),
        {LOOK: roles.CORRECTION_READERS, "can_note can_take_again": roles.BILLING_STAFF},
        menu.BILLING.at(60, "Adjustments"),
    )
    datamodel = SQLAInterface(Adjustment)
    list_columns = ["id", "account", "posted_on", "amount_tiyin", "vat_tiyin", "basis", "reverses_id", "created_at", "created_by"]
    search_columns = ["posted_on", "basis", "division"]
    base_order = ("id", "desc")
    searched = ("account",)
    total_columns = ("amount_tiyin", "vat_tiyin")
    reversals_subtract = True
    base_permissions = ["can_list", "can_show", "can_note", "can_take_again"]

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show a credit note and what it was set against."""
        note = self._note(pk)
        uses, undone_by = (read(db.session(), note.id) for read in (queries.adjustment_uses, queries.adjustment_undone_by))
        return self.render_template("adjustment.html", note=note, uses=uses, undone_by=undone_by)

    @expose("/note/<int:account_id>", methods=["GET", "POST"])
    @has_access
    def note(self, account_id: int) -> Any:
        """Ask for a note, show what it would change, and write it; a large one waits for a second person."""
        card = accounts.card(db.session(), account_id)
        if card is None:
            abort(404)
        record_disclosure("account", [card.id])
        form, vat_tiyin = NoteForm(), None
        if request.method == "GET":
            form.reference.data = uuid4().hex
        elif form.validate() and self._is_sum(form):
            wish = adjustments.NoteRequest(form.kind.data, card.id, form.amount_tiyin.data, form.basis.data, form.reference.data)
            if request.form.get("step") == "do":
                return self._adjust(wish)
            vat_tiyin = adjustments.vat_of(db.session(), wish.amount_tiyin, clock.today())
        return self.render_template("adjustment_note.html", form=form, card=card, vat_tiyin=vat_tiyin)

    @expose("/undo/<pk>", methods=["GET", "POST"])
    @has_access
    def take_again(self, pk: str) -> Any:
        """Reverse a credit note by a further one; a large one waits for a second person."""
        note, form = self._note(pk), BasisForm()
        if not form.validate_on_submit():
            return self.render_template("adjustment_undo.html", form=form, note=note)
        set_change_reason(form.basis.data)
        try:
            with transaction() as session:
                asked = isinstance(adjustments.reverse_note(session, note.id, basis=form.basis.data, today=clock.today()), Approval)
        except adjustments.NoteAlreadyReversed:
            flash(_("This credit note was reversed already, or reverses another one."), "warning")
        else:
            flash(_("A second person decides about this.") if asked else _("The credit note was undone by a further one."), "success")
        return redirect(url_for("AdjustmentView.show", pk=pk))

    def _adjust(self, wish: adjustments.NoteRequest) -> Any:
        set_change_reason(wish.basis)
        try:
            with transaction() as session:
                made = adjustments.adjust(session, wish, today=clock.today())
                page = {Approval: "ApprovalView.show", BillableCharge: "BillableChargeView.show"}.get(type(made), "AdjustmentView.show")
                made_id = made.id
        except adjustments.ConflictingNote:
            flash(_("This form was used for another sum already. Begin anew."), "danger")
            return redirect(url_for("AdjustmentView.note", account_id=wish.account_id))
        flash(_("A second person decides about this.") if page == "ApprovalView.show" else _("The note was written."), "success")
        return redirect(url_for(page, pk=made_id))

    def _is_sum(self, form: NoteForm) -> bool:
        if form.amount_tiyin.data <= 0:
            form.amount_tiyin.errors = [_("The sum must be more than nothing.")]
        return not form.amount_tiyin.errors

    def _note(self, pk: str) -> Adjustment:
        found = self.found(pk)
        record_disclosure("account", [found.account_id])
        return found


def _fields(form: BillCorrectionForm) -> tuple[date, CorrectionKind, str, str]:
    return date.fromisoformat(form.since.data), form.kind.data, form.reason.data, form.reference.data
