"""Jobs, their logs and stored files."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Column, select
from sqlalchemy.orm import Session

from app.domain.administration import FINISHED, JobKind
from app.models.administration import JobEvent, JobRun, StoredFile
from app.models.columns import metadata
from app.queries.locks import Lock, is_held
from app.queries.records import fetch_all


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


def is_under_way(session: Session, subject_id: int, kind: JobKind) -> bool:
    """Tell whether a job of a kind about a subject waits or works."""
    newest = latest_job_of(session, subject_id, [kind])
    return newest is not None and newest.status not in FINISHED


def job_log(session: Session, job_id: int, *, limit: int = 200) -> list[tuple[datetime, str, dict[str, Any]]]:
    """Return the last lines of a job's log, oldest first: when, which message, and what stands in its places."""
    fields = (JobEvent.happened_at, JobEvent.message, JobEvent.parameters)
    newest = select(*fields).where(JobEvent.job_run_id == job_id).order_by(JobEvent.id.desc()).limit(limit)
    return [(row.happened_at, row.message, row.parameters) for row in session.execute(newest)][::-1]


def unattended_jobs(session: Session, *, silent_since: datetime) -> list[int]:
    """Return jobs nobody works on: queued, or running without a heartbeat since then and not locked by a worker."""
    statement = f"""
        SELECT j.id FROM job_run j
        WHERE j.status IN ('QUEUED', 'RUNNING') AND coalesce(j.seen_at, j.created_at) < :since
          AND NOT {is_held(Lock.JOB, "j.id::text")}
        ORDER BY j.id
        """
    return fetch_all(session, statement, int, since=silent_since)


def stored_file(session: Session, file_id: int) -> tuple[str, str, bytes] | None:
    """Return a file's name, media type and content, or None if it is not there (or not the reader's)."""
    fields = (StoredFile.name, StoredFile.media_type, StoredFile.content)
    row = session.execute(select(*fields).where(StoredFile.id == file_id)).one_or_none()
    return (row[0], row[1], row[2]) if row else None


class FileUses(NamedTuple):
    """What a stored file is of: who brought or made it, the tables whose rows refer to it, the jobs that read or wrote it."""

    created_by: str
    tables: frozenset[str]
    jobs: frozenset[JobKind]


def file_uses(session: Session, file_id: int) -> FileUses | None:
    """Return what a stored file is of, or None if it is not there (or not the reader's)."""
    made_by = session.scalar(select(StoredFile.created_by).where(StoredFile.id == file_id))
    if made_by is None:
        return None
    tables = [column.table for column in file_columns() if session.scalar(select(1).where(column == file_id).limit(1))]
    kinds = """
        SELECT DISTINCT kind FROM job_run
        WHERE parameters -> 'file_id' = to_jsonb(CAST(:id AS bigint))
           OR checkpoint -> 'files' @> jsonb_build_array(jsonb_build_array(CAST(:id AS bigint)))
        """
    jobs = frozenset(map(JobKind, fetch_all(session, kinds, str, id=file_id)))
    return FileUses(made_by, frozenset(table.name for table in tables), jobs)


def file_columns() -> list[Column[Any]]:
    """Return the columns of all tables that refer to a stored file."""
    columns = [column for table in metadata.sorted_tables for column in table.columns]
    return [column for column in columns if any(key.target_fullname == "stored_file.id" for key in column.foreign_keys)]


class _StatusCount(NamedTuple):
    status: str
    jobs: int


def job_counts(session: Session) -> dict[str, int]:
    """Return how many jobs are in each state."""
    return dict(fetch_all(session, "SELECT status, count(*) AS jobs FROM job_run GROUP BY status", _StatusCount))
