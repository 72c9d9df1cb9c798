"""The books: entries, balances, debts."""

from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import lazy_gettext as _l

from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.models.ledger import AccountBalance, LedgerEntry
from app.views import menu
from app.views.base import FactView
from app.views.ledger.checks import BooksView
from app.views.ledger.debts import DebtorView, DebtsByAgeView, DebtView
from app.views.ledger.periods import PeriodsView


class LedgerEntryView(FactView):
    page = Page(_l("Entries"), {LOOK: roles.LEDGER_READERS}, menu.LEDGER.at(10, "Entries"))
    datamodel = SQLAInterface(LedgerEntry)
    list_columns = ["id", "posted_on", "account", "debit", "credit", "amount_tiyin", "document_kind", "document_id"]
    show_columns = [*list_columns, "division", "billing_month", "created_at", "created_by"]
    base_order = ("id", "desc")
    searched = ("id", "account")


class AccountBalanceView(FactView):
    page = Page(_l("Balances by month"), {LOOK: roles.LEDGER_READERS}, menu.LEDGER.at(20, "Ledger balances"))
    datamodel = SQLAInterface(AccountBalance)
    list_columns = [
        "account",
        "billing_month",
        "division",
        "opening_tiyin",
        "charged_tiyin",
        "adjusted_tiyin",
        "paid_tiyin",
        "closing_tiyin",
    ]
    search_columns = ["division", "billing_month"]
    base_order = ("billing_month", "desc")
    searched = ("account",)
    total_columns = ("charged_tiyin", "adjusted_tiyin", "paid_tiyin")


#: The pages of this area.
VIEWS = (
    PeriodsView,
    LedgerEntryView,
    AccountBalanceView,
    BooksView,
    DebtsByAgeView,
    DebtorView,
    DebtView,
)
