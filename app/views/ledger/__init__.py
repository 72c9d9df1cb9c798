"""The books: entries, balances, debts."""

from flask_appbuilder.models.sqla.interface import SQLAInterface

from app.models.ledger import AccountBalance, Debt, LedgerEntry
from app.views.base import FactView


class LedgerEntryView(FactView):
    datamodel = SQLAInterface(LedgerEntry)
    list_columns = ["id", "posted_on", "account", "debit", "credit", "amount_tiyin", "document_kind", "document_id"]
    show_columns = [*list_columns, "division", "billing_month", "created_at", "created_by"]
    base_order = ("id", "desc")
    order_columns = ["id", "posted_on"]


class AccountBalanceView(FactView):
    datamodel = SQLAInterface(AccountBalance)
    list_columns = ["account", "billing_month", "division", "opening_tiyin", "charged_tiyin", "paid_tiyin", "closing_tiyin"]
    search_columns = ["division", "billing_month"]
    base_order = ("account_id", "asc")
    order_columns = ["billing_month", "opening_tiyin", "charged_tiyin", "paid_tiyin", "closing_tiyin"]


class DebtView(FactView):
    datamodel = SQLAInterface(Debt)
    list_columns = ["account", "division", "due_on", "remaining_tiyin"]
    base_order = ("bill_id", "asc")
    order_columns = ["due_on", "remaining_tiyin"]
