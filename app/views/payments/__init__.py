"""Money: the cashier's screen, receipts, reversals, tenders, contracts."""

from typing import Any
from uuid import uuid4

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from app import clock, labels
from app.documents import downloads
from app.documents import payments as receipts
from app.domain import identifiers
from app.domain.administration import roles
from app.domain.administration.nodes import WORKS_ON_ITS_NODE
from app.domain.administration.pages import LOOK, Page
from app.domain.documents import PrintedKind
from app.domain.payments import PaymentMove, payment_number
from app.domain.payments.channels import Channel
from app.domain.values import TIYIN_PER_SOM
from app.extensions import db, record_disclosure, set_change_reason, transaction
from app.models.payments import Allocation, Payment, PaymentBlock, Tender
from app.queries import accounts, administration, ledger
from app.queries import payments as queries
from app.queries.administration import nodes
from app.services import documents as papers
from app.services import payments as service
from app.services.payments import moves
from app.views import menu
from app.views.base import EntityView, FactView
from app.views.fields import money_field
from app.views.payments.batches import PaymentControlView
from app.views.payments.contracts import PaymentContractView
from app.views.payments.files import PaymentFileLayoutView, SuspenseView
from app.views.payments.held import HeldRowView
from app.views.payments.reconciliation import ReconciliationRowView, ReconciliationView
from app.views.refusals import PLACE_WORDS


class MoneyForm(FlaskForm):
    """The sum a consumer pays, and a key that makes a second Enter harmless."""

    amount_tiyin = money_field(labels.COLUMN_LABELS["amount_tiyin"], [InputRequired()])
    reference = HiddenField(validators=[InputRequired(), Length(max=80)])
    confirmed = BooleanField()


class MoveForm(FlaskForm):
    """What becomes of a payment that does not belong where it was credited, and why."""

    move = SelectField(_l("What is to be done"))
    account_number = StringField(_l("Account it belongs to"), [Length(max=32)])
    reason = StringField(labels.COLUMN_LABELS["reason"], [DataRequired(), Length(min=5, max=300)])


class CashierView(BaseView):
    """Account, Enter, sum, Enter: receipt. No mouse."""

    page = Page(
        _l("Cashier"),
        {"can_find can_receipt can_receipt_pdf can_reverse can_take": (roles.CASHIER, roles.SUPERVISOR)},
        menu.PAYMENTS.at(10, "Cashier"),
    )
    route_base = "/cashier"
    default_view = "find"

    @expose("/")
    @has_access
    def find(self) -> Any:
        """Ask for an account number."""
        number = identifiers.compact(request.args.get("account", ""))
        if number:
            card = accounts.card_by_number(db.session(), number) if number.isdecimal() else None
            if card is None:
                flash(_("There is no account %(number)s in your divisions. Check the number.", number=number[:20]), "danger")
            elif nodes.is_written_elsewhere(db.session(), card.id):
                flash(PLACE_WORDS[WORKS_ON_ITS_NODE], "danger")
            else:
                return redirect(url_for("CashierView.take", account_id=card.id))
        shift = queries.open_shift(db.session(), g.user.username)
        return self.render_template("cashier_find.html", number=number, shift=shift)

    @expose("/take/<int:account_id>", methods=["GET", "POST"])
    @has_access
    def take(self, account_id: int) -> Any:
        """Ask for the sum and book it; a large sum is asked about twice, a repeat books nothing."""
        session = db.session()
        card = accounts.card(session, account_id)
        if card is None:
            abort(404)
        record_disclosure("account", [card.id])
        record_disclosure("consumer", [card.consumer_id])
        if nodes.is_written_elsewhere(session, account_id):
            return self.render_template("error.html", status=409, reason=PLACE_WORDS[WORKS_ON_ITS_NODE]), 409
        form = MoneyForm()
        ask = False
        if request.method == "GET":
            form.reference.data = uuid4().hex
        elif form.validate():
            limit = administration.value_on(session, "payments.confirm_above_som", clock.today()) * TIYIN_PER_SOM
            if (form.amount_tiyin.data or 0) <= 0:
                form.amount_tiyin.errors = [_("The sum must be more than nothing.")]
            elif form.amount_tiyin.data > limit and not form.confirmed.data:
                ask = True
            else:
                return self._book(form, card)
        return self.render_template("cashier_take.html", form=form, card=card, ask=ask)

    def _book(self, form: MoneyForm, card: accounts.Card) -> Any:
        try:
            with transaction() as session:
                payment_id = service.take_cash(session, _cash(form, card), cashier=_cashier(), now=clock.now(), today=clock.today())
        except service.ConflictingRepeat:
            flash(_("This form was used for another sum already. Begin anew."), "danger")
            return redirect(url_for("CashierView.take", account_id=card.id))
        except service.PaymentsBlocked:
            flash(_("No payment may be taken for this account until another debt is paid (law ЎРҚ-1044)."), "danger")
            return redirect(url_for("CashierView.take", account_id=card.id))
        except service.ShiftCounted as shift:
            flash(_("Your shift was counted. It must be closed before you take money again."), "warning")
            return redirect(url_for("PaymentControlView.show", pk=str(shift)))
        return redirect(url_for("CashierView.receipt", payment_id=payment_id))

    @expose("/receipt/<int:payment_id>")
    @has_access
    def receipt(self, payment_id: int) -> Any:
        """Show a receipt; it can be printed again at any time."""
        return self.render_template("cashier_receipt.html", **_shown(payment_id))

    @expose("/receipt/<int:payment_id>.pdf")
    @has_access
    def receipt_pdf(self, payment_id: int) -> Any:
        """Send a receipt as PDF."""
        receipt = _receipt(payment_id)
        with transaction() as session:
            copy_of = papers.record_print(session, PrintedKind.RECEIPT, receipt.id)
            content = receipts.receipt_pdf(session, receipt, copy_of=copy_of)
        return downloads.inline(content, f"receipt-{receipt.id}.pdf", "application/pdf")

    @expose("/reverse/<int:payment_id>", methods=["GET", "POST"])
    @has_access
    def reverse(self, payment_id: int) -> Any:
        """Ask a second person to move a payment or to give it back; show first what will change."""
        receipt = _receipt(payment_id)
        if receipt.reverses_id or receipt.reversed_by:
            flash(str(_REFUSALS[service.PaymentAlreadyReversed]), "warning")
            return redirect(url_for("CashierView.receipt", payment_id=payment_id))
        form = MoveForm()
        form.move.choices = [(move.value, labels.member(move)) for move in PaymentMove]
        if form.validate_on_submit():
            is_transfer = form.move.data == PaymentMove.TRANSFER
            account_id = queries.account_id_of(db.session(), "".join(form.account_number.data.split())) if is_transfer else None
            if not is_transfer or account_id is not None:
                return self._ask(receipt, form, account_id)
            form.account_number.errors = [_("There is no such account in your divisions. Check the number.")]
        from_advance = min(receipt.amount_tiyin, ledger.position(db.session(), receipt.account_id)[1])
        return self.render_template("payment_reverse.html", form=form, receipt=receipt, from_advance=from_advance)

    def _ask(self, receipt: queries.Receipt, form: MoveForm, account_id: int | None) -> Any:
        set_change_reason(form.reason.data or "")
        try:
            with transaction() as session:
                asked = moves.ask(session, receipt.id, PaymentMove(form.move.data), account_id=account_id, reason=form.reason.data or "")
        except tuple(_REFUSALS) as refusal:
            flash(str(_REFUSALS[type(refusal)]), "warning")
            return redirect(url_for("CashierView.receipt", payment_id=receipt.id))
        flash(_("Asked. It is done when another person agrees."), "success")
        return redirect(url_for("ApprovalView.show", pk=asked.id))


#: Why a payment cannot be moved.
_REFUSALS: dict[type[Exception], Any] = {
    service.PaymentAlreadyReversed: _l("This payment was reversed already, or is itself a reversal."),
    moves.AskedAlready: _l("A request about this payment waits for a decision already."),
    moves.SameAccount: _l("The payment is credited to this account already."),
    moves.NoTender: _l("This payment came before payments had accounts of their own: move it to an account, or give it back."),
}


def _shown(payment_id: int) -> dict[str, Any]:
    """Return what the page of a receipt shows, with the request about it that waits or was decided last."""
    receipt = _receipt(payment_id)
    session = db.session()
    debt, advance, _billed_to = ledger.position(session, receipt.account_id)
    return {
        "receipt": receipt,
        "channel": labels.member_of(Channel, receipt.channel),
        "balance": receipts.balance_of(session, receipt),
        "debt_tiyin": debt,
        "advance_tiyin": advance,
        "asked": queries.move_request(session, receipt.id),
    }


def _cash(form: MoneyForm, card: accounts.Card) -> service.Cash:
    return service.Cash(form.reference.data or "", card.number, form.amount_tiyin.data)


def _cashier() -> service.Cashier:
    """Return who takes money, and for which division: the highest the cashier works in that is written in this database."""
    return service.Cashier(g.user.username, nodes.highest_division_written_here(db.session()) or 0)


def _receipt(payment_id: int) -> queries.Receipt:
    """Return what a receipt shows, and write down whose it is."""
    receipt = queries.receipt(db.session(), payment_id)
    if receipt is None:
        abort(404)
    record_disclosure("account", [receipt.account_id])
    return receipt


class PaymentView(FactView):
    page = Page(_l("Payments"), {LOOK: roles.PAYMENT_READERS}, menu.PAYMENTS.at(20, "Payments list"))
    datamodel = SQLAInterface(Payment)
    list_columns = ["id", "received_on", "account", "division", "channel", "amount_tiyin", "reference", "created_by"]
    show_columns = [*list_columns, "reason", "created_at"]
    search_columns = ["received_on", "division", "channel", "reference", "created_by"]
    base_order = ("id", "desc")
    order_columns = ["id", "received_on", "amount_tiyin"]

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show a payment as its receipt, with the way to its account and its reversal."""
        return self.render_template("cashier_receipt.html", **_shown(int(pk) if pk.isdecimal() else 0))


class AllocationView(FactView):
    page = Page(labels.TITLES["allocation"], {LOOK: roles.PAYMENT_READERS}, under="PaymentView")
    datamodel = SQLAInterface(Allocation)
    list_columns = ["id", "bill", "amount_tiyin", "created_at"]
    base_order = ("id", "desc")


class TenderView(FactView):
    page = Page(_l("Tenders"), {LOOK: roles.CORRECTION_READERS}, menu.PAYMENTS.at(30, "Tenders"))
    datamodel = SQLAInterface(Tender)
    list_columns = ["id", "payment_contract", "reference", "account", "account_number", "amount_tiyin", "status", "received_on", "waiting"]
    show_columns = [*list_columns, "payment_control", "payer", "phone", "purpose", "created_at"]
    search_columns = ["payment_contract", "reference", "account_number", "status", "received_on", "division"]
    base_order = ("id", "desc")
    order_columns = ["id"]
    formatters_columns = {"reference": payment_number}


class PaymentBlockView(EntityView):
    page = Page(
        _l("Accounts that take no payments"),
        {LOOK: roles.CORRECTION_READERS, "can_add can_edit": roles.BILLING_STAFF},
        menu.PAYMENTS.at(100, "Payment blocks"),
    )
    datamodel = SQLAInterface(PaymentBlock)
    list_columns = ["account", "division", "creditor", "basis", "valid_from", "valid_to"]
    form_columns = ["account", "creditor", "basis", "valid_from", "valid_to"]
    base_order = ("id", "desc")


#: The pages of this area.
VIEWS = (
    CashierView,
    PaymentView,
    TenderView,
    PaymentControlView,
    HeldRowView,
    SuspenseView,
    PaymentFileLayoutView,
    ReconciliationView,
    ReconciliationRowView,
    PaymentBlockView,
    PaymentContractView,
    AllocationView,
)
