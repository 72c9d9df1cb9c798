"""Money: receipts, tenders, contracts, and what may not be taken."""

from typing import Any

from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import lazy_gettext as _l

from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.payments import payment_number
from app.models.payments import Payment, PaymentBlock, Tender
from app.views import menu
from app.views.base import EntityView, FactView
from app.views.payments.batches import PaymentControlView
from app.views.payments.cashier import CashierView, shown_receipt
from app.views.payments.contracts import PaymentContractView
from app.views.payments.files import PaymentFileLayoutView, SuspenseView
from app.views.payments.held import HeldRowView
from app.views.payments.reconciliation import ReconciliationRowView, ReconciliationView


class PaymentView(FactView):
    page = Page(_l("Payments"), {LOOK: roles.PAYMENT_READERS}, menu.PAYMENTS.at(20, "Payments list"))
    datamodel = SQLAInterface(Payment)
    list_columns = ["id", "received_on", "account", "division", "channel", "amount_tiyin", "reference", "created_by"]
    show_columns = [*list_columns, "reason", "created_at"]
    search_columns = ["received_on", "division", "channel", "reference", "created_by"]
    base_order = ("received_on", "desc")
    searched = ("id", "reference", "account")
    total_columns = ("amount_tiyin",)
    reversals_subtract = True
    #: a reference begins with the contract it came by
    formatters_columns = {"reference": lambda reference: payment_number(reference.partition(":")[2] or reference)}

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show a payment as its receipt, with the way to its account and its reversal."""
        return self.render_template("cashier_receipt.html", **shown_receipt(int(pk) if pk.isdecimal() else 0))


class TenderView(FactView):
    page = Page(_l("Tenders"), {LOOK: roles.CORRECTION_READERS}, menu.PAYMENTS.at(30, "Tenders"))
    datamodel = SQLAInterface(Tender)
    list_columns = ["id", "payment_contract", "reference", "account", "account_number", "amount_tiyin", "status", "received_on", "waiting"]
    show_columns = [*list_columns, "payment_control", "payer", "phone", "purpose", "created_at"]
    search_columns = ["payment_contract", "reference", "account_number", "status", "received_on", "division"]
    base_order = ("id", "desc")
    searched = ("id", "reference", "account")
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
    searched = ("account", "creditor", "basis")


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
)
