"""The cashier's screen: account, Enter, sum, Enter, receipt; no mouse. Its shift is opened with change and counted blind."""

from typing import Any
from uuid import uuid4

from flask import Response, abort, flash, g, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from app import clock, labels
from app.documents import downloads
from app.documents import payments as receipts
from app.domain.administration import roles
from app.domain.administration.nodes import WORKS_ON_ITS_NODE
from app.domain.administration.pages import Page
from app.domain.documents import PrintedKind
from app.domain.payments import PaymentMove
from app.domain.payments.cash import CashLimits, CashQuestion, questions
from app.domain.payments.channels import Channel
from app.domain.values import TIYIN_PER_SOM
from app.extensions import db, record_disclosure, set_change_reason, transaction
from app.queries import accounts, administration, ledger
from app.queries import payments as queries
from app.queries.administration import nodes
from app.queries.payments import cash
from app.services import documents as papers
from app.services import payments as service
from app.services.payments import moves
from app.views import menu
from app.views.accounts.search import find, offered
from app.views.fields import money_field
from app.views.refusals import PLACE_WORDS

#: Receipts of the shift that the screen shows.
LAST_RECEIPTS = 8


class MoneyForm(FlaskForm):
    """The sum a consumer pays, and a key that makes a second Enter harmless."""

    amount_tiyin = money_field(labels.COLUMN_LABELS["amount_tiyin"], [InputRequired()])
    reference = HiddenField(validators=[InputRequired(), Length(max=80)])
    #: the sum that was asked about, and whether it is right
    asked = HiddenField()
    confirmed = BooleanField()

    @property
    def is_confirmed(self) -> bool:
        """Return whether the question was about this sum and was answered yes."""
        return bool(self.confirmed.data) and self.asked.data == str(self.amount_tiyin.data)


class FloatForm(FlaskForm):
    """Change in the till when a shift begins."""

    float_tiyin = money_field(labels.COLUMN_LABELS["float_tiyin"], [InputRequired()])


class MoveForm(FlaskForm):
    """What becomes of a payment that does not belong where it was credited, and why."""

    move = SelectField(_l("What is to be done"))
    account_number = StringField(_l("Account it belongs to"), [Length(max=32)])
    reason = StringField(labels.COLUMN_LABELS["reason"], [DataRequired(), Length(min=5, max=300)])


class CashierView(BaseView):
    """Account, Enter, sum, Enter: receipt. No mouse."""

    page = Page(
        _l("Cash desk"),
        {"can_find can_receipt can_receipt_pdf can_reverse can_take": (roles.CASHIER, roles.SUPERVISOR)},
        menu.PAYMENTS.at(10, "Cashier"),
    )
    route_base = "/cashier"
    default_view = "find"

    @expose("/")
    @has_access
    def find(self) -> Any:
        """Ask for an account by whatever is known of it; a single one, or one whose number was typed, goes on to the sum."""
        found = find()
        if found.meant:
            if nodes.is_written_elsewhere(db.session(), found.meant.id):
                flash(PLACE_WORDS[WORKS_ON_ITS_NODE], "danger")
            else:
                return redirect(url_for("CashierView.take", account_id=found.meant.id))
        session = db.session()
        shift = queries.open_shift(session, g.user.username)
        last = queries.control_tenders(session, shift.id, limit=LAST_RECEIPTS) if shift else []
        record_disclosure("account", [tender.account_id for tender in last])
        return self.render_template("cashier_find.html", found=found, shift=shift, last=last, float_form=FloatForm())

    @expose("/offer")
    @has_access
    @permission_name("find")
    def offer(self) -> Response:
        """Answer with the first accounts that match what was typed so far."""
        return offered("CashierView.take", "account_id")

    @expose("/open", methods=["POST"])
    @has_access
    @permission_name("take")
    def open(self) -> Any:
        """Open a shift with the change that is in the till."""
        form = FloatForm()
        if not form.validate_on_submit() or form.float_tiyin.data < 0:
            flash(_("Write the change in the till, such as 200 000, or 0."), "danger")
            return redirect(url_for("CashierView.find"))
        cashier = _cashier()
        try:
            with transaction() as session:
                service.open_shift(
                    session, cashier=cashier.name, full_name=cashier.full_name, division_id=cashier.division_id,
                    float_tiyin=form.float_tiyin.data, today=clock.today(),
                )  # fmt: skip
        except service.ShiftOpen:
            flash(_("Your shift is open already."), "warning")
        return redirect(url_for("CashierView.find"))

    @expose("/take/<int:account_id>", methods=["GET", "POST"])
    @has_access
    def take(self, account_id: int) -> Any:
        """Ask for the sum and book it; a sum that may be a slip is asked about first, a repeat books nothing."""
        session = db.session()
        card = accounts.card(session, account_id)
        if card is None:
            abort(404)
        record_disclosure("account", [card.id])
        record_disclosure("consumer", [card.consumer_id])
        if nodes.is_written_elsewhere(session, account_id):
            return self.render_template("error.html", status=409, reason=PLACE_WORDS[WORKS_ON_ITS_NODE]), 409
        form, asked = MoneyForm(), []
        if request.method == "GET":
            form.reference.data = uuid4().hex
        elif form.validate():
            if (form.amount_tiyin.data or 0) <= 0:
                form.amount_tiyin.errors = [_("The sum must be more than nothing.")]
            else:
                asked = [] if form.is_confirmed or _is_repeat(form) else _questions(card, form.amount_tiyin.data)
                if not asked:
                    return self._book(form, card)
                form.asked.data, form.confirmed.data = str(form.amount_tiyin.data), False
        limits = _limits()
        return self.render_template("cashier_take.html", form=form, card=card, asked=asked, questions=CashQuestion, limits=limits)

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
        return self.render_template("cashier_receipt.html", **shown_receipt(payment_id))

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


def shown_receipt(payment_id: int) -> dict[str, Any]:
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


def _limits() -> CashLimits:
    """Return above what a cashier is asked today."""
    session, today = db.session(), clock.today()
    above_som = administration.value_on(session, "payments.confirm_above_som", today)
    return CashLimits(above_som * TIYIN_PER_SOM, administration.value_on(session, "payments.confirm_times_debt", today))


def _is_repeat(form: MoneyForm) -> bool:
    """Return whether this form was sent before: nothing is asked about what is booked."""
    session = db.session()
    return queries.tender(session, service.cash_contract(session), form.reference.data or "") is not None


def _questions(card: accounts.Card, amount_tiyin: int) -> list[CashQuestion]:
    """Return what the cashier is asked about a sum for an account."""
    session = db.session()
    minutes = administration.value_on(session, "payments.confirm_same_minutes", clock.today())
    since_ms = int(clock.now().timestamp() * 1000) - minutes * 60_000
    return questions(
        amount_tiyin,
        owed_tiyin=card.debt_tiyin or cash.last_bill_tiyin(session, card.id),
        limits=_limits(),
        was_taken_lately=minutes > 0 and cash.was_taken_lately(session, card.id, amount_tiyin, since_ms=since_ms),
    )


def _cash(form: MoneyForm, card: accounts.Card) -> service.Cash:
    return service.Cash(form.reference.data or "", card.number, form.amount_tiyin.data)


def _cashier() -> service.Cashier:
    """Return who takes money, and for which division: the highest the cashier works in that is written in this database."""
    return service.Cashier(g.user.username, nodes.highest_division_written_here(db.session()) or 0, g.user.get_full_name())


def _receipt(payment_id: int) -> queries.Receipt:
    """Return what a receipt shows, and write down whose it is."""
    receipt = queries.receipt(db.session(), payment_id)
    if receipt is None:
        abort(404)
    record_disclosure("account", [receipt.account_id])
    return receipt
