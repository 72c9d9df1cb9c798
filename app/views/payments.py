"""Money: the cashier's screen, receipts, reversals, tenders, contracts."""

from typing import Any
from uuid import uuid4

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import InputRequired, Length

from app import clock, labels
from app.documents import downloads, receipts
from app.domain.payments import Channel
from app.domain.values import TIYIN_PER_SOM
from app.extensions import db, explain, show, transaction
from app.models.payments import Allocation, Payment, PaymentContract, Tender
from app.queries import accounts, administration
from app.queries import payments as queries
from app.services import payments as service
from app.views.base import EntityView, FactView
from app.views.fields import money_field


class MoneyForm(FlaskForm):
    """The sum a consumer pays, and a key that makes a second Enter harmless."""

    amount_tiyin = money_field(labels.COLUMN_LABELS["amount_tiyin"], [InputRequired()])
    reference = HiddenField(validators=[InputRequired(), Length(max=80)])
    confirmed = BooleanField()


class ReversalForm(FlaskForm):
    """Why a payment is undone."""

    reason = StringField(labels.COLUMN_LABELS["reason"], [InputRequired(), Length(min=5, max=300)])


class CashierView(BaseView):
    """Account, Enter, sum, Enter: receipt. No mouse."""

    route_base = "/cashier"
    default_view = "find"

    @expose("/")
    @has_access
    def find(self) -> Any:
        """Ask for an account number."""
        number = "".join(request.args.get("account", "").split())
        if number:
            card = accounts.card_by_number(db.session(), number) if number.isdecimal() else None
            if card is not None:
                return redirect(url_for("CashierView.take", account_id=card.id))
            flash(_("There is no account %(number)s in your divisions. Check the number.", number=number[:20]), "danger")
        count, total = queries.taken_today(db.session(), g.user.username, clock.today())
        return self.render_template("cashier_find.html", number=number, count=count, total_tiyin=total)

    @expose("/take/<int:account_id>", methods=["GET", "POST"])
    @has_access
    def take(self, account_id: int) -> Any:
        """Ask for the sum and book it; a large sum is asked about twice, a repeat books nothing."""
        session = db.session()
        card = accounts.card(session, account_id)
        if card is None:
            abort(404)
        show("account", [card.id])
        show("consumer", [card.consumer_id])
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
        money = service.Money(Channel.CASHIER, form.reference.data, card.id, form.amount_tiyin.data)
        try:
            with transaction() as session:
                payment_id = service.book(session, money, received_on=clock.today())
        except service.ConflictingRepeat:
            flash(_("This form was used for another sum already. Begin anew."), "danger")
            return redirect(url_for("CashierView.take", account_id=card.id))
        return redirect(url_for("CashierView.receipt", payment_id=payment_id))

    @expose("/receipt/<int:payment_id>")
    @has_access
    def receipt(self, payment_id: int) -> Any:
        """Show a receipt; it can be printed again at any time."""
        receipt = _receipt(payment_id)
        return self.render_template("cashier_receipt.html", receipt=receipt, channel=labels.member_of(Channel, receipt.channel))

    @expose("/receipt/<int:payment_id>.pdf")
    @has_access
    def receipt_pdf(self, payment_id: int) -> Any:
        """Send a receipt as PDF."""
        receipt = _receipt(payment_id)
        return downloads.inline(receipts.receipt_pdf(receipt), f"receipt-{receipt.id}.pdf", "application/pdf")

    @expose("/reverse/<int:payment_id>", methods=["GET", "POST"])
    @has_access
    def reverse(self, payment_id: int) -> Any:
        """Undo a payment by a further one, with a reason; show first what will change."""
        receipt = _receipt(payment_id)
        form = ReversalForm()
        if not form.validate_on_submit():
            from_advance = min(receipt.amount_tiyin, receipt.advance_tiyin)
            return self.render_template("payment_reverse.html", form=form, receipt=receipt, from_advance=from_advance)
        explain(form.reason.data or "")
        try:
            with transaction() as session:
                service.reverse(session, payment_id, reference=f"reversal:{payment_id}", reason=form.reason.data, reversed_on=clock.today())
        except service.AlreadyReversed:
            flash(_("This payment was reversed already, or is itself a reversal."), "warning")
        else:
            flash(_("The payment was reversed by a further one."), "success")
        return redirect(url_for("AccountView.show", pk=receipt.account_id))


def _receipt(payment_id: int) -> queries.Receipt:
    """Return what a receipt shows, and write down whose it is."""
    receipt = queries.receipt(db.session(), payment_id)
    if receipt is None:
        abort(404)
    show("account", [receipt.account_id])
    return receipt


class PaymentView(FactView):
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
        receipt = _receipt(int(pk) if pk.isdecimal() else 0)
        return self.render_template("cashier_receipt.html", receipt=receipt, channel=labels.member_of(Channel, receipt.channel))


class AllocationView(FactView):
    datamodel = SQLAInterface(Allocation)
    list_columns = ["id", "bill", "amount_tiyin", "created_at"]
    base_order = ("id", "desc")


class TenderView(FactView):
    datamodel = SQLAInterface(Tender)
    list_columns = ["id", "payment_contract", "reference", "account", "amount_tiyin", "status", "created_at"]
    base_order = ("id", "desc")


class PaymentContractView(EntityView):
    datamodel = SQLAInterface(PaymentContract)
    list_columns = ["channel", "name", "merchant_number", "smallest_tiyin", "largest_tiyin", "is_active"]
    form_columns = ["channel", "name", "merchant_number", "key_sha256", "smallest_tiyin", "largest_tiyin", "is_active"]
    base_order = ("id", "asc")
