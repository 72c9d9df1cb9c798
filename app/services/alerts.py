"""Alerts are looked at: a crossing is recorded once, and a return."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.alerts import AlertEvent, event_of
from app.models.alerts import Alert, AlertCrossing


def look(session: Session, alert_id: int, value: int | None, *, now: datetime) -> Alert | None:
    """Record whether a figure crossed the threshold of an alert or came back, and return the alert if it crossed just now.

    Whoever looks at the same moment waits for nothing and records nothing.
    """
    found = session.scalar(select(Alert).where(Alert.id == alert_id).with_for_update(skip_locked=True))
    if found is None or found.is_paused:
        return None
    event = event_of(found.comparison, found.threshold, value, is_crossed=found.is_crossed)
    if event is None:
        return None
    found.is_crossed, found.crossed_at = event == AlertEvent.CROSSED, now
    session.add(AlertCrossing(division_id=found.division_id, alert_id=found.id, event=event, value=value))
    session.flush()
    return found if event == AlertEvent.CROSSED else None


def set_paused(session: Session, alert_id: int, *, paused: bool) -> None:
    """Pause an alert, or let it go on as one whose figure was never seen beyond the threshold."""
    found = session.execute(select(Alert).where(Alert.id == alert_id).with_for_update()).scalar_one()
    found.is_paused, found.is_crossed = paused, False
    session.flush()
