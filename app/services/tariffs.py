"""Tariffs that bills were made with stay as they are."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.billing import RunStatus
from app.domain.calendar import month_start
from app.models.billing import BillRun


class AlreadyBilled(Exception):
    """Bills were posted for a month in which the version is in force; a further version changes the price."""


def check_unbilled(session: Session, valid_from: date) -> None:
    """Refuse to touch the price of a version that bills may have been made with.

    :raises AlreadyBilled: if a bill run was posted for its first month or a later one
    """
    posted = (RunStatus.POSTED, RunStatus.POSTING)
    later = select(BillRun.id).where(BillRun.status.in_(posted), BillRun.billing_month >= month_start(valid_from)).limit(1)
    if session.scalar(later):
        raise AlreadyBilled
