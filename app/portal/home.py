"""The first page of an account in the portal: what is to be paid, what is overdue, and what became of it lately."""

from datetime import timedelta
from typing import Any

from flask import render_template
from flask_babel import lazy_gettext

from app import clock
from app.domain.calendar import latest_months
from app.extensions import db
from app.portal.base import PortalPage, blueprint, consumers_only, current_card, current_holding, in_navigation
from app.portal.consumption import rows_of
from app.queries import billing, outages, payments
from app.queries.accounts import details
from app.queries.payments import tenders_on_their_way

#: Rows of each kind on the first page; the others are a page further.
SHOWN = 3
MONTHS = 12
#: What a provider announced longer ago and never took is no longer shown.
ANNOUNCED = timedelta(days=3)

in_navigation(PortalPage("home", lazy_gettext("Start"), 0))


@blueprint.get("/home")
@consumers_only
def home() -> Any:
    """Show the balance first, then the latest bills and payments and the year's consumption."""
    database, card, today = db.session(), current_card(), clock.today()
    held = current_holding()
    return render_template(
        "portal/home.html",
        card=card,
        due=details.due(database, card.id, today),
        creditor=details.creditor(database, card.id, today),
        on_their_way=tenders_on_their_way(database, card.id, since=clock.now() - ANNOUNCED, held=held),
        bills=[(bill, bill.state(today)) for bill in billing.account_bills(database, card.id, held=held, limit=SHOWN)],
        payments=payments.account_payments(database, card.id, held=held, limit=SHOWN),
        outages=outages.of_account(database, card.id, now=clock.now()),
        rows=rows_of(database, card.id, latest_months(today, MONTHS)[-1], held),
    )
