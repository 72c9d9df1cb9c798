"""Penalty runs of a division."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.runs import RunStatus
from app.models.claims import PenaltyRun
from app.queries.claims.penalties import PenaltyWindow

_OF_ALL = (PenaltyRun.status == RunStatus.POSTED, PenaltyRun.account_id.is_(None))


def posted_to(session: Session, division_id: int) -> date | None:
    """Return the day up to which a division's penalty is posted; None: never."""
    statement = select(func.max(PenaltyRun.period_to)).where(PenaltyRun.division_id == division_id, *_OF_ALL)
    return session.scalar(statement)


def charged_beyond(session: Session, wanted: PenaltyWindow, day: date) -> set[int]:
    """Return the accounts of a window that were charged alone up to a later day."""
    alone = select(PenaltyRun.account_id).where(PenaltyRun.account_id.in_(wanted.ids), PenaltyRun.period_to > day)
    return {account_id for account_id in session.scalars(alone) if account_id is not None}


def counted_from(session: Session, division_id: int) -> date | None:
    """Return the first day a division's posted penalty counts; None: nothing is posted."""
    statement = select(func.min(PenaltyRun.period_from)).where(PenaltyRun.division_id == division_id, *_OF_ALL)
    return session.scalar(statement)
