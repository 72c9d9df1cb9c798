"""Pages for everybody, without a login: tariffs, how to pay, terms of the services, offices, the standard of information disclosure."""

from typing import Any

from flask import render_template
from flask_babel import lazy_gettext

from app import clock, labels
from app.domain.payments.channels import CHANNELS, Channel
from app.extensions import db
from app.portal.base import PublicPage, blueprint, for_everybody, signed_in, work_everywhere, work_in
from app.queries import administration as parameters
from app.queries import applications as of_applications
from app.queries import outages as of_outages
from app.queries import portal as queries
from app.queries import tariffs as of_tariffs
from app.queries.payments import contracts as payment_contracts
from app.services import applications

for_everybody(
    PublicPage("tariffs", lazy_gettext("Tariffs")),
    PublicPage("calculator", lazy_gettext("What does it cost?")),
    PublicPage("how_to_pay", lazy_gettext("How to pay")),
    PublicPage("terms", lazy_gettext("Terms of the services")),
    PublicPage("outages", lazy_gettext("Planned outages")),
    PublicPage("contacts_", lazy_gettext("Contacts")),
    PublicPage("disclosure", lazy_gettext("Disclosure of information")),
)

#: What the standard of information disclosure wants to be told: the page, what stands there, and when it is renewed.
_DISCLOSED = (
    (
        "tariffs",
        lazy_gettext("Prices of each group of consumers, with the document they stand in"),
        lazy_gettext("on the day new ones hold"),
    ),
    ("calculator", lazy_gettext("What an amount of energy costs"), lazy_gettext("on the day new prices hold")),
    (
        "terms",
        lazy_gettext("Contract, bills, penalty, disconnection; term and fee of each application"),
        lazy_gettext("as soon as they change"),
    ),
    ("connections", lazy_gettext("How a new connection is asked for, and how it stands"), lazy_gettext("with each step")),
    ("how_to_pay", lazy_gettext("Ways to pay, and by which day"), lazy_gettext("as soon as they change")),
    ("outages", lazy_gettext("Planned interruptions: where, from when to when, why"), lazy_gettext("as soon as they are planned")),
    ("contacts_", lazy_gettext("Offices of the districts: address and telephone"), lazy_gettext("as soon as they change")),
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
    return render_template(
        "portal/how_to_pay.html", channels=[each for each in CHANNELS if each in there and each != Channel.CASHIER], due_day=int(day)
    )


@blueprint.get("/terms")
def terms() -> Any:
    """Show the terms of each service: what it is, what is needed, how long it takes, what it costs."""
    session, today = db.session(), clock.today()
    due_day, advance_day = (parameters.value_on(session, code, today) for code in ("billing.due_day", "contracts.advance_day"))
    return render_template(
        "portal/terms.html", today=today, due_day=due_day, advance_day=advance_day, value=_value,
        kinds=applications.offered(session, today), routes=of_applications.routes(session, today),
    )  # fmt: skip


def _value(code: str) -> str:
    """Return an operating parameter of today with its unit."""
    return labels.parameter_value(code, parameters.value_on(db.session(), code, clock.today()))


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
    return render_template("portal/disclosure.html", disclosed=_DISCLOSED)
