"""The work list of what bill runs found about accounts: estimates, unusual energy, accounts without a bill."""

from typing import Any

from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, inspect
from sqlalchemy.orm import aliased
from sqlalchemy.sql.util import ClauseAdapter

from app import labels
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.models.billing import BillException
from app.views import menu
from app.views.base import FactView
from app.views.billing.holds import days_since
from app.views.lists.selection import bulk_act


class BillExceptionView(FactView):
    page = Page(
        _l("Exceptions"),
        {LOOK: roles.BILLING_READERS, "settle_exceptions take_exceptions": roles.BILLING_STAFF},
        menu.BILLING.at(30, "Bill exceptions"),
    )
    datamodel = SQLAInterface(BillException)
    list_columns = ["account", "consumer_name", "phone", "reasons", "waits_since", "debt_tiyin", "owner", "status"]
    show_columns = ["account", "consumer_name", "phone", "reason", "parked", "bill_run", "created_at", "debt_tiyin", "owner", "status"]
    search_columns = ["account", "reason", "status", "owner", "division", "bill_run"]
    base_order = ("id", "desc")
    searched = ("account",)
    read_along = ("account.consumer", "position", "bill_run", "of_consumer")
    formatters_columns = {"waits_since": days_since, "reasons": lambda reasons: "; ".join(labels.member(each) for each in reasons)}

    take_exceptions = bulk_act("take_exceptions", _l("Take up"), None, "fa-hand-paper-o")
    settle_exceptions = bulk_act("settle_exceptions", _l("Settled"), _l("Do the chosen exceptions need nothing more?"), "fa-check")

    def rows_asked(self, filters: Any) -> Any:
        """Return the query for the newest of each consumer's exceptions that stand alike, among those asked for: a row is a consumer."""
        rows, later = super().rows_asked(filters), aliased(BillException)
        asked = [] if rows.whereclause is None else [ClauseAdapter(inspect(later).selectable).traverse(rows.whereclause)]
        same = (later.account_id == BillException.account_id, later.status == BillException.status, later.id > BillException.id)
        return rows.filter(~exists().where(*same, *asked))
