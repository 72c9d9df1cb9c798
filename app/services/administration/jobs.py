"""Stored files and the life of a job."""

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.domain.administration import FINISHED, JobKind, JobStatus
from app.models.administration import JobEvent, JobRun, StoredFile
from app.queries import administration as queries
from app.queries import locks
from app.queries.locks import Lock
from app.queries.records import fetch_optional


def store_file(session: Session, *, division_id: int, name: str, media_type: str, content: bytes, by: str | None = None) -> StoredFile:
    """Keep a file under its own name; where it came from is its row's business.

    :param by: whose file it is, where a job makes it for somebody
    """
    stored = StoredFile(
        division_id=division_id,
        name=name[:200],
        media_type=media_type[:100],
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        **({"created_by": by} if by else {}),
    )
    session.add(stored)
    session.flush()
    return stored


def start_job(
    session: Session, kind: JobKind, *, division_id: int, subject_id: int | None = None, parameters: dict[str, Any] | None = None
) -> int:
    """Ask for a job in the transaction of what it is about; a worker takes it up after the commit."""
    job = JobRun(kind=kind, division_id=division_id, subject_id=subject_id, parameters=parameters or {})
    session.add(job)
    session.flush()
    return job.id


def start_daily(session: Session, kind: JobKind, *, since: datetime) -> int | None:
    """Ask for a job of the whole company unless one of its kind was asked for since a moment; return it if it is new."""
    locks.acquire(session, Lock.DAILY_JOBS)
    known = select(JobRun.id).where(JobRun.kind == kind, JobRun.created_at >= since).limit(1)
    top = fetch_optional(session, "SELECT id FROM division WHERE parent_id IS NULL ORDER BY id LIMIT 1", int)
    if top is None or session.scalar(known) is not None:
        return None
    return start_job(session, kind, division_id=top)


def take_job(session: Session, job_id: int, *, now: datetime) -> queries.JobRecord | None:
    """Mark a job as running, unless it is over; the caller holds its lock."""
    job = session.get(JobRun, job_id, with_for_update=True)
    if job is None or job.status in FINISHED:
        return None
    job.status, job.seen_at, job.started_at, job.attempts = JobStatus.RUNNING, now, job.started_at or now, job.attempts + 1
    session.flush()
    return queries.job(session, job_id)


def checkpoint_job(
    session: Session, job_id: int, *, now: datetime, done: int, total: int, checkpoint: dict[str, Any] | None = None
) -> None:
    """Record how far a job is, in the transaction of the work itself."""
    values: dict[str, Any] = {"done": done, "total": total, "seen_at": now}
    if checkpoint is not None:
        values["checkpoint"] = checkpoint
    session.execute(update(JobRun).where(JobRun.id == job_id).values(values))


def finish_job(session: Session, job_id: int, status: JobStatus, *, now: datetime, error: str | None = None) -> None:
    """Record how a job ended."""
    session.execute(update(JobRun).where(JobRun.id == job_id).values(status=status, finished_at=now, seen_at=now, error=error))


def log_job(session: Session, job_id: int, message: str, **parameters: str | int) -> None:
    """Add a line to a job's log: a message of the catalogs and what stands in its places; it is translated where it is shown."""
    session.add(JobEvent(job_run_id=job_id, message=message, parameters=parameters))
    session.flush()


def cancel_queued(session: Session, job_id: int, *, now: datetime) -> queries.JobRecord | None:
    """Cancel a job that no worker has begun; None if one has, or if it is over or not the caller's."""
    job = session.get(JobRun, job_id, with_for_update=True)
    if job is None or job.status != JobStatus.QUEUED:
        return None
    job.status, job.finished_at, job.cancel_requested = JobStatus.CANCELLED, now, True
    session.flush()
    return queries.job(session, job_id)


def request_cancel(session: Session, job_id: int) -> bool:
    """Ask a job to stop at its next step; return whether it was still running."""
    done = session.execute(
        update(JobRun).where(JobRun.id == job_id, JobRun.status.not_in(FINISHED)).values(cancel_requested=True).returning(JobRun.id)
    )
    return done.one_or_none() is not None


def cancel_requested(session: Session, job_id: int) -> bool:
    """Tell whether somebody asked the job to stop."""
    return bool(session.scalar(select(JobRun.cancel_requested).where(JobRun.id == job_id)))
