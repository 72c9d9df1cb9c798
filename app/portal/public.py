"""Pages for everybody, without a login: tariffs, how to pay, terms of the services, offices, the standard of information disclosure."""

from typing import Any

from flask import render_template
from flask_babel import lazy_gettext

from app import clock
from app.domain.payments.channels import CHANNELS
from app.extensions import db
from app.portal.base import PublicPage, blueprint, for_everybody, signed_in, work_everywhere, work_in
from app.queries import administration as parameters
from app.queries import outages as of_outages
from app.queries import portal as queries
from app.queries import tariffs as of_tariffs
from app.queries.payments import contracts as payment_contracts

for_everybody(
    PublicPage("tariffs", lazy_gettext("Tariffs")),
    PublicPage("calculator", lazy_gettext("What does it cost?")),
    PublicPage("how_to_pay", lazy_gettext("How to pay")),
    PublicPage("terms", lazy_gettext("Terms of the services")),
    PublicPage("outages", lazy_gettext("Planned outages")),
    PublicPage("contacts_", lazy_gettext("Contacts")),
    PublicPage("disclosure", lazy_gettext("Disclosure of information")),
)


@blueprint.get("/tariffs")
def tariffs() -> Any:
    """Show every tariff that is in force, with the document it stands in."""
    return render_template("portal/tariffs.html", steps=of_tariffs.in_force(db.session(), clock.today()))


@blueprint.get("/how-to-pay")
def how_to_pay() -> Any:
    """Show the ways to pay there are contracts for, and by which day."""
    there = {each.channel for each in payment_contracts(db.session()) if not each.is_stopped}
    day = parameters.value_on(db.session(), "billing.due_day", clock.today())
    return render_template("portal/how_to_pay.html", channels=[channel for channel in CHANNELS if channel in there], due_day=int(day))


@blueprint.get("/terms")
def terms() -> Any:
    """Show the terms of each service: what it is, what is needed, how long it takes, what it costs."""
    return render_template("portal/terms.html")


@blueprint.get("/outages")
def outages() -> Any:
    """Show the planned outages of all districts; nobody's data is among them."""
    here = signed_in()
    work_everywhere()
    coming = of_outages.coming(db.session(), now=clock.now())
    work_in(here)
    return render_template("portal/outages.html", outages=coming)


@blueprint.get("/contacts")
def contacts_() -> Any:
    """Show the offices of the districts."""
    return render_template("portal/contacts.html", offices=queries.contacts(db.session()))


@blueprint.get("/disclosure")
def disclosure() -> Any:
    """Show what the standard of information disclosure wants to be told, and where it stands."""
    return render_template("portal/disclosure.html")
