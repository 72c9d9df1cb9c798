"""Penalty runs of a division."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.billing import RunStatus
from app.models.claims import PenaltyRun


def posted_to(session: Session, division_id: int) -> date | None:
    """Return the day up to which a division's penalty is posted; None: never."""
    statement = select(func.max(PenaltyRun.period_to)).where(PenaltyRun.division_id == division_id, PenaltyRun.status == RunStatus.POSTED)
    return session.scalar(statement)


def counted_from(session: Session, division_id: int) -> date | None:
    """Return the first day a division's posted penalty counts; None: nothing is posted."""
    statement = select(func.min(PenaltyRun.period_from)).where(PenaltyRun.division_id == division_id, PenaltyRun.status == RunStatus.POSTED)
    return session.scalar(statement)
