"""Bills in the portal: how each was counted, and its paper."""

from typing import Any

from flask import abort, render_template
from flask_babel import lazy_gettext

from app import clock
from app.documents import downloads
from app.documents.billing import bills as documents
from app.domain.billing.explanation import explain
from app.domain.documents import PrintedKind
from app.extensions import db, transaction
from app.portal.base import PortalPage, blueprint, consumers_only, current, current_card, current_holding, in_navigation, page_of
from app.queries import billing
from app.services import documents as papers

in_navigation(PortalPage("bills", lazy_gettext("Your bills"), 20))


@blueprint.get("/bills")
@consumers_only
def bills() -> Any:
    """Show all bills, a page at a time."""
    page = page_of(
        lambda limit, skipped: billing.account_bills(
            db.session(), current().account_id, held=current_holding(), limit=limit, skipped=skipped
        )
    )
    today = clock.today()
    return render_template("portal/bills.html", card=current_card(), page=page, bills=[(each, each.state(today)) for each in page.rows])


@blueprint.get("/bills/<uuid:public_id>")
@consumers_only
def bill(public_id: Any) -> Any:
    """Show how a bill was counted."""
    head = _bill(str(public_id))
    database = db.session()
    lines, consumption = billing.bill_lines(database, head.id), billing.bill_consumption(database, head.id)
    explanation = explain(lines, consumption)
    standing = billing.account_bill(database, head.id)
    assert standing is not None
    return render_template(
        "portal/bill.html", bill=head, lines=lines, consumption=billing.bill_readings(database, head.id), explanation=explanation,
        remaining_tiyin=standing.remaining_tiyin, state=standing.state(clock.today()),
    )  # fmt: skip


@blueprint.get("/bills/<uuid:public_id>.pdf")
@consumers_only
def bill_pdf(public_id: Any) -> Any:
    """Send a bill as PDF."""
    head = _bill(str(public_id))
    with transaction() as database:
        copy_of = papers.record_print(database, PrintedKind.BILL, head.id)
        content = documents.bill_pdf(database, head, copy_of=copy_of)
    return downloads.inline(content, documents.file_name(head), "application/pdf")


def _bill(public_id: str) -> billing.BillHead:
    database = db.session()
    bill_id = billing.bill_id_of(database, public_id, current().account_id, current_holding())
    head = billing.bill_head(database, bill_id) if bill_id else None
    if head is None:
        abort(404)
    return head
