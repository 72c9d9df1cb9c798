"""Divisions, jobs and operating parameters."""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.administration import PARAMETERS, DivisionLevel, JobStatus
from app.models.administration import Division, JobEvent, JobRun, OperatingParameter, StoredFile


class JobRecord(NamedTuple):
    """A job as its page shows it."""

    id: int
    kind: str
    status: str
    division_id: int
    subject_id: int | None
    parameters: dict[str, Any]
    checkpoint: dict[str, Any]
    done: int
    total: int
    cancel_requested: bool
    started_at: datetime | None
    finished_at: datetime | None
    error: str | None
    created_by: str


class DivisionRecord(NamedTuple):
    """A division and its place in the tree."""

    id: int
    parent_id: int | None
    level: DivisionLevel
    code: str
    branch_code: str | None
    name: str
    path: str


def value_on(session: Session, code: str, day: date) -> int:
    """Return an operating parameter in force on a day, or its default if the office never set it."""
    value = session.scalar(
        select(OperatingParameter.value)
        .where(OperatingParameter.code == code, OperatingParameter.valid_from <= day)
        .order_by(OperatingParameter.valid_from.desc())
        .limit(1)
    )
    return PARAMETERS[code].default if value is None else int(value)


_DIVISION = (Division.id, Division.parent_id, Division.level, Division.code, Division.branch_code, Division.name, Division.path)


def divisions(session: Session) -> list[DivisionRecord]:
    """Return all divisions in the order of the tree."""
    return [DivisionRecord(*row) for row in session.execute(select(*_DIVISION).order_by(Division.path))]


def division_by_code(session: Session, code: str) -> DivisionRecord | None:
    """Return a division by its SOATO code."""
    row = session.execute(select(*_DIVISION).where(Division.code == code)).one_or_none()
    return DivisionRecord(*row) if row else None


def divisions_of_user(session: Session, user_id: int, on: date) -> list[DivisionRecord]:
    """Return the divisions a user may work in, subtrees included, in the order of the tree."""
    statement = text(
        """
        SELECT DISTINCT d.id, d.parent_id, d.level, d.code, d.branch_code, d.name, d.path
        FROM division_access a JOIN division top ON top.id = a.division_id JOIN division d ON starts_with(d.path, top.path)
        WHERE a.user_id = :user_id AND a.valid_from <= :on AND (a.valid_to IS NULL OR a.valid_to > :on)
        ORDER BY d.path
        """
    )
    return [DivisionRecord(*row) for row in session.execute(statement, {"user_id": user_id, "on": on})]


def job(session: Session, job_id: int) -> JobRecord | None:
    """Return a job, or None if it is not there (or not the reader's)."""
    fields = [getattr(JobRun, field) for field in JobRecord._fields]
    row = session.execute(select(*fields).where(JobRun.id == job_id)).one_or_none()
    return JobRecord(*row) if row else None


def latest_job_of(session: Session, subject_id: int, kinds: list[str]) -> JobRecord | None:
    """Return the newest job about a subject."""
    fields = [getattr(JobRun, field) for field in JobRecord._fields]
    newest = select(*fields).where(JobRun.subject_id == subject_id, JobRun.kind.in_(kinds)).order_by(JobRun.id.desc()).limit(1)
    row = session.execute(newest).one_or_none()
    return JobRecord(*row) if row else None


def job_log(session: Session, job_id: int, *, most: int = 200) -> list[tuple[datetime, str]]:
    """Return the last lines of a job's log, oldest first."""
    newest = select(JobEvent.happened_at, JobEvent.message).where(JobEvent.job_run_id == job_id).order_by(JobEvent.id.desc()).limit(most)
    return [(row.happened_at, row.message) for row in session.execute(newest)][::-1]


def unattended_jobs(session: Session, *, silent_since: datetime) -> list[int]:
    """Return jobs nobody works on: queued, or running without a sign of life since then and not locked by a worker."""
    statement = text(
        """
        SELECT j.id FROM job_run j
        WHERE j.status IN ('QUEUED', 'RUNNING') AND coalesce(j.seen_at, j.created_at) < :since
          AND NOT EXISTS (
            SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' AND l.database = (
                SELECT oid FROM pg_database WHERE datname = current_database()
            ) AND l.objsubid = 1 AND (l.classid::bigint << 32 | l.objid::bigint) = j.id
        )
        ORDER BY j.id
        """
    )
    return [row[0] for row in session.execute(statement, {"since": silent_since})]


def stored_file(session: Session, file_id: int) -> tuple[str, str, bytes] | None:
    """Return a file's name, media type and content, or None if it is not there (or not the reader's)."""
    fields = (StoredFile.name, StoredFile.media_type, StoredFile.content)
    row = session.execute(select(*fields).where(StoredFile.id == file_id)).one_or_none()
    return (row[0], row[1], row[2]) if row else None


def job_counts(session: Session) -> dict[str, int]:
    """Return how many jobs are in each state."""
    rows = session.execute(text("SELECT status, count(*) FROM job_run GROUP BY status"))
    return {str(JobStatus(row[0])): int(row[1]) for row in rows}
