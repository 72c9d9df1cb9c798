"""Attempts to send messages."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.notices import NoticeAttempt
from app.queries.locks import Lock, is_held
from app.queries.records import fetch_all


class AttemptRecord(NamedTuple):
    """One handing of a message to a gateway; without an outcome it is under way."""

    number: int
    provider: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    problem: str | None
    detail: str | None


def attempts(session: Session, notice_id: int) -> list[AttemptRecord]:
    """Return the attempts to send a message, oldest first."""
    fields = [getattr(NoticeAttempt, field) for field in AttemptRecord._fields]
    rows = session.execute(select(*fields).where(NoticeAttempt.notice_id == notice_id).order_by(NoticeAttempt.number))
    return [AttemptRecord(*row) for row in rows]


class OpenAttempt(NamedTuple):
    """An attempt that is not complete."""

    id: int
    notice_id: int
    number: int


def abandoned_attempts(session: Session, job_id: int | None) -> list[OpenAttempt]:
    """Return the attempts that no worker will complete: of jobs whose lock nobody holds, and of a job the caller has taken over."""
    statement = f"""
        SELECT t.id, t.notice_id, t.number FROM notice_attempt t
        WHERE t.outcome IS NULL AND (t.job_run_id = :job_id OR NOT {is_held(Lock.JOB, "t.job_run_id::text")})
        ORDER BY t.id
        """
    return fetch_all(session, statement, OpenAttempt, job_id=job_id)
