"""Consumption in the portal: by month, and by day where the meter sends profiles."""

from datetime import date, timedelta
from typing import Any, NamedTuple

from flask import render_template
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from app import clock
from app.documents import monitoring
from app.documents.monitoring import MonthRow
from app.domain.calendar import latest_months, months_after
from app.extensions import db
from app.portal.base import PortalPage, blueprint, consumers_only, current_card, current_holding, in_navigation
from app.queries import billing
from app.queries.accounts import account_installations
from app.queries.holdings import Holding
from app.queries.metering import devices

MONTHS, DAYS = 24, 31

in_navigation(PortalPage("consumption", lazy_gettext("Consumption"), 40))


class DayOfEnergy(NamedTuple):
    """The energy of a day, as the meter sent it."""

    day: date
    quantity_milli: int
    #: how long the meter sent nothing
    gap_minutes: int


@blueprint.get("/consumption")
@consumers_only
def consumption() -> Any:
    """Show the energy of each month, and of the last days if a meter of the account sends profiles."""
    database, card = db.session(), current_card()
    held = current_holding()
    since = latest_months(clock.today(), MONTHS)[-1]
    return render_template(
        "portal/consumption.html",
        card=card,
        rows=rows_of(database, card.id, since, held),
        days=_days(database, card.id, clock.today(), held),
    )


def rows_of(session: Session, account_id: int, since: date, held: Holding) -> list[MonthRow]:
    """Return the energy of the months from one on, beside the same months a year before."""
    return monitoring.consumption_rows(billing.consumption_by_month(session, account_id, since=months_after(since, -12), held=held), since)


def _days(session: Session, account_id: int, today: date, held: Holding) -> list[DayOfEnergy]:
    """Return the last days of the register that counts the whole of the meter installed now."""
    meters = [each.meter_id for each in account_installations(session, account_id) if each.valid_to is None or each.valid_to > today]
    found = [each for each in devices.profiled_registers(session, meters) if each.register == "TOTAL"]
    if not found:
        return []
    until = found[0].last_day + timedelta(days=1)
    days = devices.profile_days(session, found[0].register_id, since=max(until - timedelta(days=DAYS), held.since), until=until)
    return [DayOfEnergy(each.day, sum(each.quantities_milli), each.gap_minutes) for each in days]
