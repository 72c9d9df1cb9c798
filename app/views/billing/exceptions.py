"""The work list of what bill runs found about accounts: estimates, unusual energy, accounts without a bill."""

from typing import Any

from flask import flash, g
from flask_appbuilder import action
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.extensions import transaction
from app.models.billing import BillException
from app.services.billing import exceptions as service
from app.views import menu
from app.views.base import FactView
from app.views.billing.holds import age


class BillExceptionView(FactView):
    page = Page(
        _l("Exceptions"),
        {LOOK: roles.BILLING_READERS, "settle_exceptions take_exceptions": roles.BILLING_STAFF},
        menu.BILLING.at(30, "Bill exceptions"),
    )
    datamodel = SQLAInterface(BillException)
    list_columns = ["account", "consumer_name", "phone", "reason", "parked", "created_at", "debt_tiyin", "owner", "status", "bill_run"]
    search_columns = ["account", "reason", "status", "owner", "division", "bill_run"]
    base_order = ("id", "desc")
    searched = ("account", "owner")
    formatters_columns = {"created_at": age}

    @action("take_exceptions", _l("Take up"), None, "fa-hand-paper-o", single=False)
    def take_exceptions(self, items: list[BillException]) -> Any:
        """Become the one who looks at the chosen exceptions."""
        with transaction() as session:
            count = service.assign(session, [item.id for item in items], owner=g.user.username)
        flash(_("%(count)s exceptions are assigned to you.", count=count), "info")
        return self.back()

    @action("settle_exceptions", _l("Settled"), _l("Do the chosen exceptions need nothing more?"), "fa-check", single=False)
    def settle_exceptions(self, items: list[BillException]) -> Any:
        """Say that the chosen exceptions need nothing more."""
        with transaction() as session:
            count = service.settle(session, [item.id for item in items], by=g.user.username)
        flash(_("%(count)s exceptions are settled.", count=count), "success")
        return self.back()
