"""The inbox of what waits for a second person."""

from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError

from app import clock, labels
from app.domain.acts import ActRefused
from app.domain.administration import ApprovalKind, ApprovalStatus, roles
from app.domain.administration.pages import Page
from app.domain.payments import PaymentMove
from app.extensions import appbuilder, db, transaction
from app.models.administration import Approval
from app.queries import administration as queries
from app.queries import reference
from app.services import payments
from app.services.administration import SettingChanged
from app.services.administration import approvals as service
from app.services.billing import adjustments, corrections
from app.services.claims import ChargeAlreadyReversed
from app.services.ledger.periods import NotNewest
from app.services.payments import suspense
from app.services.reference import ChangedMeanwhile
from app.services.tariffs import PricesAlreadyBilled
from app.views import menu
from app.views.administration.company import differing
from app.views.base import FactView
from app.views.lists import show_numbers
from app.views.refusals import explained
from app.views.values import ValueFormatter

#: Why a decision may come too late.
_REFUSALS: dict[type[Exception], Any] = {
    service.AlreadyDecided: _l("This was decided already."),
    ChangedMeanwhile: _l("The row was changed after this was drafted. Refuse it, and have it drafted again."),
    PricesAlreadyBilled: _l("Bills were made with this version. End it and add a further version instead."),
    ChargeAlreadyReversed: _l("This charge was taken back already, or takes another one back."),
    corrections.NothingToCancel: _l("No bill stands from this month on."),
    corrections.ConflictingCorrection: _l("This form was used for another correction already. Begin anew."),
    adjustments.NoteAlreadyReversed: _l("This credit note was reversed already, or reverses another one."),
    payments.PaymentAlreadyReversed: _l("This payment was reversed already, or is itself a reversal."),
    suspense.NotInSuspense: _l("The money is not in suspense any more: it found its account, or went back."),
    payments.ShiftCounted: _l("The shift of who asked was counted. Cash goes out of his next one, once this one is closed."),
    SettingChanged: _l("The row was changed after this was drafted. Refuse it, and have it drafted again."),
    NotNewest: _l("Only the newest closed month can be reopened."),
}


def may_decide(kind: ApprovalKind) -> bool:
    """Tell whether the user's role decides about a kind of request."""
    return bool(appbuilder.sm.has_access(f"can_approve_{kind.lower()}", "ApprovalView"))


def waiting_for_me() -> int:
    """Return how many requests of others the user may decide."""
    kinds = [kind for kind in ApprovalKind if may_decide(kind)]
    return queries.pending_count(db.session(), kinds=kinds, not_by=g.user.username) if kinds else 0


class ApprovalView(FactView):
    page = Page(
        _l("Approvals"),
        {
            "can_show": (
                roles.CASHIER,
                roles.INSPECTOR,
                roles.LAWYER,
                roles.BILLING_OPERATOR,
                roles.SUPERVISOR,
                roles.RNI_EDITOR,
                roles.TRANSLATOR,
                roles.AUDITOR,
                roles.ADMINISTRATOR,
            ),
            "can_withdraw": (
                roles.CASHIER,
                roles.INSPECTOR,
                roles.BILLING_OPERATOR,
                roles.SUPERVISOR,
                roles.RNI_EDITOR,
                roles.TRANSLATOR,
                roles.ADMINISTRATOR,
            ),
            "can_list": (
                roles.INSPECTOR,
                roles.LAWYER,
                roles.BILLING_OPERATOR,
                roles.SUPERVISOR,
                roles.RNI_EDITOR,
                roles.AUDITOR,
                roles.ADMINISTRATOR,
            ),
            "can_approve_charge_reversal can_approve_inspection_record": (roles.LAWYER, roles.SUPERVISOR),
            "can_decide can_inbox": (roles.LAWYER, roles.SUPERVISOR, roles.RNI_EDITOR, roles.TRANSLATOR, roles.ADMINISTRATOR),
            "can_approve_act can_approve_adjustment can_approve_bill_correction can_approve_held_decision "
            "can_approve_payment_move can_approve_period_reopen can_approve_tender_transfer": (roles.SUPERVISOR,),
            "can_approve_company_setting": roles.MANAGERS,
            "can_approve_reference_change": (roles.SUPERVISOR, roles.RNI_EDITOR, roles.ADMINISTRATOR),
            "can_approve_translation": (roles.SUPERVISOR, roles.RNI_EDITOR, roles.TRANSLATOR, roles.ADMINISTRATOR),
        },
        menu.ADMINISTRATION.at(10, "Approvals"),
    )
    datamodel = SQLAInterface(Approval)
    list_template = "approvals.html"
    list_columns = ["id", "kind", "subject", "division", "status", "created_by", "created_at", "decided_by", "decided_at"]
    base_order = ("id", "desc")
    base_permissions = [
        "can_list",
        "can_show",
        "can_inbox",
        "can_decide",
        "can_withdraw",
        *(f"can_approve_{kind.lower()}" for kind in ApprovalKind),
    ]

    @expose("/inbox")
    @has_access
    def inbox(self) -> Any:
        """Show what the user may decide now, oldest first."""
        kinds = [kind for kind in ApprovalKind if may_decide(kind)]
        rows = queries.pending_approvals(db.session(), kinds=kinds, not_by=g.user.username)
        show_numbers(row.subject for row in rows)
        return self.render_template("inbox.html", rows=[(row, self._topic(row)) for row in rows])

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show a request with everything it would change."""
        found, words = self._request(pk), ValueFormatter()
        changes = [(change, words) for change in reference.changes_of(db.session(), found.id)]
        mine = found.created_by == g.user.username
        pending = found.status == ApprovalStatus.PENDING
        return self.render_template(
            "approval.html",
            approval=found,
            topic=self._topic(found),
            changes=changes,
            subject_url=_subject_url(found),
            move=_move_of(found),
            differing=differing(found),
            held=found.contents if found.kind == ApprovalKind.HELD_DECISION else None,
            note_kind=found.contents.get("kind") if found.kind == ApprovalKind.ADJUSTMENT else None,
            may_withdraw=pending and mine,
            may_decide=pending and not mine and may_decide(ApprovalKind(found.kind)),
        )

    @expose("/decide/<pk>", methods=["POST"])
    @has_access
    def decide(self, pk: str) -> Any:
        """Grant or refuse a request of somebody else's."""
        found, grant = self._request(pk), request.form.get("decision") == "approve"
        if not may_decide(ApprovalKind(found.kind)) or found.created_by == g.user.username:
            abort(403)
        remark = request.form.get("remark", "").strip()
        if not grant and not remark:
            flash(_("Say why it is refused."), "warning")
            return redirect(url_for("ApprovalView.show", pk=pk))
        try:
            with transaction() as session:
                service.decide(session, found.id, grant=grant, by=g.user.username, remark=remark, today=clock.today(), now=clock.now())
        except tuple(_REFUSALS) as refusal:
            flash(str(_REFUSALS[type(refusal)]), "warning")
        except ActRefused as refusal:
            flash(labels.act_refusal(refusal), "warning")
        except (IntegrityError, DataError, ProgrammingError) as error:
            flash(str(explained(error)), "danger")
        else:
            flash(_("Approved.") if grant else _("Refused."), "success")
            return redirect(url_for("ApprovalView.inbox"))
        return redirect(url_for("ApprovalView.show", pk=pk))

    @expose("/withdraw/<pk>", methods=["POST"])
    @has_access
    def withdraw(self, pk: str) -> Any:
        """Take one's own request back."""
        found = self._request(pk)
        try:
            with transaction() as session:
                service.withdraw(session, found.id, by=g.user.username, today=clock.today(), now=clock.now())
        except service.NotYours:
            abort(403)
        except service.AlreadyDecided:
            flash(_("This was decided already."), "warning")
        else:
            flash(_("Withdrawn."), "success")
        return redirect(url_for("ApprovalView.show", pk=pk))

    def _request(self, pk: str) -> Approval:
        found = self.datamodel.get(int(pk), self._base_filters) if pk.isdecimal() and len(pk) < 19 else None
        if found is None or not (self._sees_all() or found.created_by == g.user.username or may_decide(ApprovalKind(found.kind))):
            abort(404)
        return found

    def _sees_all(self) -> bool:
        """Tell whether the user looks at requests he neither made nor decides."""
        return bool(self.appbuilder.sm.has_access("can_list", "ApprovalView"))

    def _topic(self, found: Approval) -> Any:
        """Return the dictionary a request is about, else its kind."""
        return labels.TITLES.get(found.contents.get("table", ""), labels.member_of(ApprovalKind, found.kind))


#: The page of what a kind of request is about.
_SUBJECT_PAGES = {
    ApprovalKind.INSPECTION_RECORD: "InspectionRecordView.show",
    ApprovalKind.CHARGE_REVERSAL: "BillableChargeView.show",
    ApprovalKind.ADJUSTMENT: "AdjustmentView.show",
    ApprovalKind.TENDER_TRANSFER: "TenderView.show",
    ApprovalKind.PAYMENT_MOVE: "PaymentView.show",
    ApprovalKind.ACT: "AccountActView.show",
}


def _move_of(found: Approval) -> str | None:
    """Return what is to become of money, as a member of ``PaymentMove``."""
    if found.kind == ApprovalKind.TENDER_TRANSFER and found.contents["account_id"] is None:
        return PaymentMove.REFUND
    return found.contents.get("move")


def _subject_url(found: Approval) -> str | None:
    if found.kind == ApprovalKind.HELD_DECISION:
        return url_for("HeldRowView.rows_of", control_id=found.subject_id)
    if found.kind == ApprovalKind.PERIOD_REOPEN:
        return url_for("PeriodsView.month", division_id=found.division_id, month=found.contents["billing_month"])
    if found.kind in {ApprovalKind.ADJUSTMENT, ApprovalKind.BILL_CORRECTION} and found.subject_id is None:
        account_id = found.contents["account_id"]
        return url_for("AccountView.show", pk=account_id) if account_id else url_for("DivisionView.show", pk=found.division_id)
    page = _SUBJECT_PAGES.get(ApprovalKind(found.kind))
    return url_for(page, pk=found.subject_id) if page else None
