"""What money received is counted by: shifts, payment files, providers' days; counted, closed by another person, sent as files."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from app import clock, labels
from app.documents import tables
from app.domain.administration import ApprovalKind, JobKind, roles
from app.domain.administration.pages import LOOK, Page
from app.domain.payments import ControlKind, ControlStatus, HeldStatus, payment_number
from app.domain.payments.cash import DENOMINATIONS, counted
from app.domain.payments.files import LEFT_OUT, PaymentRowProblem
from app.extensions import appbuilder, db, record_disclosure, transaction
from app.models.payments import PaymentControl
from app.queries import administration
from app.queries import payments as queries
from app.services import payments as service
from app.views import menu
from app.views.administration.approvals import may_decide
from app.views.base import FactView
from app.views.fields import money_field

#: What rows of a payment file become, in the order of the page.
PARTS = ("accepted", "suspense", "held", "repeated", "rejected", "left_out")
LARGEST_PAYMENT_FILE = 200_000


class CountForm(FlaskForm):
    """What was counted."""

    counted_tiyin = money_field(labels.COLUMN_LABELS["counted_tiyin"], [InputRequired()])


class CashCountForm(FlaskForm):
    """Cash that was counted: pieces of each note and coin, which the request holds beside, and what is none of them."""

    counted_tiyin = money_field(_l("Other coins"), [Optional()])

    def pieces(self) -> dict[int, int]:
        """Return how many pieces of each denomination were typed.

        :raises ValueError: if something is no whole number
        """
        found = {}
        for som in DENOMINATIONS:
            typed = "".join(request.form.get(f"pieces_{som}", "").split())
            if not re.fullmatch("[0-9]{0,7}", typed):
                raise ValueError(typed)
            found[som] = int(typed or 0)
        return found


class DifferenceForm(FlaskForm):
    """Why cash is over or short."""

    difference_reason = StringField(labels.COLUMN_LABELS["difference_reason"], [DataRequired(), Length(min=5, max=300)])


class PaymentControlView(FactView):
    page = Page(
        _l("Collection batches"),
        {
            LOOK: (roles.CASHIER, roles.BILLING_OPERATOR, roles.SUPERVISOR, roles.AUDITOR),
            "can_count": (roles.CASHIER, roles.BILLING_OPERATOR, roles.SUPERVISOR),
            "can_close": roles.BILLING_STAFF,
            "can_rows": roles.CORRECTION_READERS,
        },
        menu.PAYMENTS.at(40, "Payment controls"),
    )
    datamodel = SQLAInterface(PaymentControl)
    list_columns = ["id", "kind", "business_day", "payment_contract", "cashier", "name", "tenders", "received_tiyin",
        "counted_tiyin", "status"]  # fmt: skip
    #: what a list and its file can show beside
    show_columns = [*list_columns, "division", "held", "held_tiyin", "rejected", "rejected_tiyin", "left_out", "left_out_tiyin", "received",
        "rows_tiyin", *(f"{part}{end}" for part in PARTS for end in ("", "_tiyin")),
        "declared_rows", "declared_tiyin", "counted_by", "closed_by"]  # fmt: skip
    label_columns = {"left_out": _l("Rows left out")}
    search_columns = ["kind", "business_day", "payment_contract", "cashier", "division", "status"]
    base_order = ("id", "desc")
    searched = ("id", "cashier", "name")
    base_permissions = ["can_list", "can_show", "can_count", "can_close", "can_rows"]

    def values_of(self, rows: Sequence[PaymentControl], columns: Sequence[str]) -> Sequence[dict[str, Any]]:
        """Return what is under an open control now; the row learns it when it is counted."""
        return [values | _sums_now(row) for row, values in zip(rows, super().values_of(rows, columns), strict=True)]

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show what a control should hold beside what was counted, its tenders and its entries; of a till only once it is counted."""
        control = self._control(pk)
        session = db.session()
        sums = queries.sums(session, control.id)
        commission = service.commission(session, control, sums.received_tiyin)
        problems = queries.payment_file_problems(session, control.id) if control.rejected or control.left_out else []
        return self.render_template(
            "payment_control.html",
            control=control,
            sums=sums,
            commission_tiyin=commission,
            expected_tiyin=service.expected(control, sums.received_tiyin, commission),
            is_blind=control.kind == ControlKind.SHIFT and control.status == ControlStatus.OPEN,
            denominations=DENOMINATIONS,
            pieces=sorted(((int(som), pieces) for som, pieces in control.denominations.items()), reverse=True),
            pieces_tiyin=counted({int(som): pieces for som, pieces in control.denominations.items()}, 0),
            may_count_again=control.kind != ControlKind.SHIFT or control.counted_by != g.user.username,
            difference_form=DifferenceForm(),
            tenders=queries.control_tenders(session, control.id),
            entries=queries.control_entries(session, control.id),
            parts=_parts(control),
            problems=[row for row in problems if row.problem not in LEFT_OUT],
            left_out=[row for row in problems if row.problem in LEFT_OUT],
            refusal=_refusal(session, control) if control.status == ControlStatus.REFUSED else None,
            form=CashCountForm() if control.kind == ControlKind.SHIFT else CountForm(),
            kind=labels.member(control.kind),
            status=labels.badge(control.status, ControlStatus),
        )

    @expose("/rows/<pk>.<any(csv,xlsx):kind>")
    @has_access
    def rows(self, pk: str, kind: str) -> Any:
        """Send all rows of a payment file, and what became of each, as CSV or XLSX."""
        control = self._control(pk)
        found = queries.payment_file_rows(db.session(), control.id, limit=LARGEST_PAYMENT_FILE)
        record_disclosure("account", sorted({row.account_id for row in found if row.account_id}))
        names = ("row_no", "status", "reference", "account_number", "amount_tiyin", "paid_on", "value", "twin_file", "twin_row_no")
        header = [tables.headline(name, str(labels.COLUMN_LABELS[name])) for name in names]
        cells = (
            [
                row.row_no, str(_became(row.became)), payment_number(row.reference or ""), row.account_number or "",
                _som(row.amount_tiyin), row.paid_on, row.value or "", row.twin_file or "", row.twin_row_no,
            ]
            for row in found
        )  # fmt: skip
        return tables.sent(kind, str(self.title), f"payment-file-{control.id}", header, cells)

    @expose("/count/<pk>", methods=["POST"])
    @has_access
    def count(self, pk: str) -> Any:
        """Record what was counted."""
        control = self._control(pk)
        if not _may_count(control):
            flash(_("Cash is counted by its cashier, or by who decides about the cashier's payments."), "warning")
            return redirect(url_for("PaymentControlView.show", pk=pk))
        found = _counted(control)
        if found is None:
            flash(_("Write the sum you counted, such as 1 250 000,00."), "danger")
            return redirect(url_for("PaymentControlView.show", pk=pk))
        pieces, counted_tiyin = found
        try:
            with transaction() as session:
                service.count(session, control.id, counted_tiyin=counted_tiyin, by=g.user.username, today=clock.today(), pieces=pieces)
        except service.CountedAlready:
            flash(_("You counted this till. Another person may count it again."), "warning")
        except service.NotOver:
            flash(_("The day is not over: it can be counted from tomorrow on."), "warning")
        except service.BelowZero:
            flash(_("Less than nothing cannot be counted here."), "danger")
        except service.NotCounted:
            flash(_("A closed control does not change."), "warning")
        return redirect(url_for("PaymentControlView.show", pk=pk))

    @expose("/explain/<pk>", methods=["POST"])
    @has_access
    @permission_name("count")
    def explain(self, pk: str) -> Any:
        """Record why cash is over or short."""
        control, form = self._control(pk), DifferenceForm()
        if not _may_count(control):
            flash(_("Cash is counted by its cashier, or by who decides about the cashier's payments."), "warning")
            return redirect(url_for("PaymentControlView.show", pk=pk))
        if not form.validate_on_submit():
            flash(_("Say in a few words why the cash differs."), "danger")
            return redirect(url_for("PaymentControlView.show", pk=pk))
        try:
            with transaction() as session:
                service.explain_difference(session, control.id, reason=form.difference_reason.data.strip())
        except service.NotCounted:
            flash(_("A closed control does not change."), "warning")
        return redirect(url_for("PaymentControlView.show", pk=pk))

    @expose("/close/<pk>", methods=["POST"])
    @has_access
    def close(self, pk: str) -> Any:
        """Close a counted control for good."""
        control = self._control(pk)
        try:
            with transaction() as session:
                service.close(session, control.id, by=g.user.username, now=clock.now(), today=clock.today())
        except service.RowsHeld:
            flash(_("Decide about the rows held first: a closed payment file does not change."), "warning")
        except service.DifferenceUnexplained:
            flash(_("The cash counted differs from what was received: the reason must be written first."), "warning")
        except service.SameCashier:
            flash(_("Who counted does not close: ask another person."), "warning")
        except service.NotCounted:
            flash(_("It must be counted first, and can be closed once."), "warning")
        else:
            flash(_("Closed. What was over or short is posted."), "success")
        return redirect(url_for("PaymentControlView.show", pk=pk))

    def _control(self, pk: str) -> PaymentControl:
        return self.found(pk)


def _sums_now(control: PaymentControl) -> dict[str, Any]:
    if control.status != ControlStatus.OPEN or control.kind == ControlKind.PAYMENT_FILE:
        return {}
    # Who counts a till does not know before what should be in it.
    hidden = {"received_tiyin": None} if control.kind == ControlKind.SHIFT else {}
    return queries.sums(db.session(), control.id)._asdict() | hidden


def _may_count(control: PaymentControl) -> bool:
    """Return whether the user counts a control: a till its cashier or who decides about the cashier's payments, others anybody."""
    return control.kind != ControlKind.SHIFT or control.cashier == g.user.username or may_decide(ApprovalKind.PAYMENT_MOVE)


def _counted(control: PaymentControl) -> tuple[dict[int, int], int] | None:
    """Return the pieces and the sum that were typed; None: nothing, or what is no sum."""
    if control.kind != ControlKind.SHIFT:
        whole = CountForm()
        return ({}, whole.counted_tiyin.data) if whole.validate_on_submit() else None
    form = CashCountForm()
    if not form.validate_on_submit():
        return None
    try:
        pieces = form.pieces()
    except ValueError:
        return None
    if form.counted_tiyin.data is None and not any(request.form.get(f"pieces_{som}", "").strip() for som in DENOMINATIONS):
        return None
    return pieces, counted(pieces, form.counted_tiyin.data or 0)


_LABELS = labels.COLUMN_LABELS | {"left_out": _l("Rows left out")}


def _parts(control: PaymentControl) -> list[tuple[Any, int | None, int | None, str]]:
    """Return what a payment file received, what became of it, and what it declared, each with its sum and a page of it."""
    links = {"suspense": ("SuspenseView.list", {}), "held": ("HeldRowView.rows_of", {"control_id": control.id})}
    result = [(_LABELS["received"], control.received, control.rows_tiyin, "")]
    for part in PARTS:
        page, given = links.get(part, ("", {}))
        link = url_for(page, **given) if page and appbuilder.sm.has_access(f"can_{page.split('.')[1]}", page.split(".")[0]) else ""
        result.append((_LABELS[part], getattr(control, part), getattr(control, f"{part}_tiyin"), link))
    if control.declared_rows is not None or control.declared_tiyin is not None:
        result.append((_("The file declares"), control.declared_rows, control.declared_tiyin, ""))
    return result


def _became(word: str) -> Any:
    """Return what became of a row in words: where it stands, or its problem."""
    if word == "SUSPENSE":
        return labels.COLUMN_LABELS["suspense"]
    return labels.member_of(HeldStatus if word in {*HeldStatus} else PaymentRowProblem, word)


def _som(amount_tiyin: int | None) -> Decimal | None:
    return None if amount_tiyin is None else Decimal(amount_tiyin).scaleb(-2)


def _refusal(session: Session, control: PaymentControl) -> str:
    """Return why nothing of a payment file was taken."""
    job = administration.latest_job_of(session, control.id, [JobKind.PAYMENT_FILE_LOAD])
    lines = administration.job_log(session, job.id, limit=1) if job else []
    return "".join(labels.job_message(message, places) for _happened_at, message, places in lines)
