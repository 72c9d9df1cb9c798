"""Alerts, and when their figures crossed the threshold."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.alerts import AlertEvent
from app.queries.records import fetch_all


class WatchedFigure(NamedTuple):
    """A figure of a division that is watched."""

    id: int
    division_id: int
    indicator: str


class CrossingRecord(NamedTuple):
    """A crossing, or a return."""

    created_at: datetime
    event: AlertEvent
    value: int


def watched(session: Session) -> list[WatchedFigure]:
    """Return the alerts that are not paused."""
    return fetch_all(session, "SELECT id, division_id, indicator FROM alert WHERE NOT is_paused ORDER BY id", WatchedFigure)


def crossings(session: Session, alert_id: int, *, limit: int) -> list[CrossingRecord]:
    """Return the last crossings of an alert, the newest first."""
    statement = "SELECT created_at, event, value FROM alert_crossing WHERE alert_id = :id ORDER BY id DESC LIMIT :limit"
    return fetch_all(session, statement, CrossingRecord, id=alert_id, limit=limit)
