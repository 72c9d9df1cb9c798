"""Alerts are looked at by the scheduler; a crossing is told to those who may see the figure that day."""

from collections.abc import Sequence
from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock, labels
from app.documents.indicators import INDICATORS, measure
from app.documents.indicators.figures import value_text
from app.domain.alerts import AlertComparison
from app.domain.calendar import month_start
from app.domain.indicators import total
from app.domain.reports.schedules import refusal
from app.extensions import db, transaction
from app.jobs.notices import page_address, tell
from app.queries import administration, alerts
from app.queries.administration import DivisionRecord
from app.queries.reports import schedules
from app.services import alerts as service


class Crossed(NamedTuple):
    """A figure that crossed a threshold just now."""

    alert_id: int
    indicator: str
    division: str
    comparison: AlertComparison
    threshold: int
    value: int


def look_at_all() -> int:
    """Look at each alert, tell what crossed its threshold, and return how many did; each alert is a transaction."""
    watched, count = alerts.watched(db.session()), 0
    divisions = administration.divisions(db.session()) if watched else []
    for each in watched:
        with transaction() as session:
            value = figure(session, each.indicator, each.division_id, divisions)
            found = service.look(session, each.id, value, now=clock.now())
            if found is not None and value is not None:
                told = Crossed(found.id, found.indicator, str(found.division), found.comparison, found.threshold, value)
                receivers = [user for user in found.receiver_ids if _may_know(session, user, found.indicator, found.division_id)]
                tell(session, receivers, lambda told=told: _words(told))  # type: ignore[misc]
                count += 1
    return count


def figure(session: Session, name: str, division_id: int, divisions: Sequence[DivisionRecord]) -> int | None:
    """Return an indicator of a division with all below it as it is counted now, in its unit; None: it is not known.

    :param divisions: all there are
    """
    spec, today = INDICATORS.get(name), clock.today()
    if spec is None:
        return None
    top = next(each for each in divisions if each.id == division_id)
    inside = [each.id for each in divisions if each.path.startswith(top.path)]
    found = measure(session, [spec], inside, [division_id] * len(inside), month=month_start(today), today=today)
    return total(found[name].values()).value(spec.unit)


def _may_know(session: Session, user_id: int, name: str, division_id: int) -> bool:
    """Return whether a receiver works in the division today and may ask for the report behind the figure."""
    today, mine = clock.today(), administration.division_ids_of_user(session, user_id, clock.today())
    rights = administration.permissions_of_user(session, user_id, today)
    reader = schedules.receiver(session, user_id, today)
    may_see = INDICATORS[name].report.permission in rights
    return refusal(reader, may_see=may_see, works_there=division_id in mine, works_anywhere=bool(mine)) is None


def _words(found: Crossed) -> tuple[str, str]:
    spec = INDICATORS[found.indicator]
    address = page_address(f"/alertview/show/{found.alert_id}")
    message = _(
        "%(figure)s, %(division)s: %(value)s. The threshold is: %(comparison)s %(threshold)s. %(address)s",
        figure=spec.title, division=found.division, value=value_text(found.value, spec.unit),
        comparison=labels.member_of(AlertComparison, found.comparison), threshold=value_text(found.threshold, spec.unit), address=address,
    )  # fmt: skip
    return _("Alert: %(figure)s, %(division)s", figure=spec.title, division=found.division), message
