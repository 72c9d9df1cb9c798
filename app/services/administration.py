"""Divisions, stored files, operating parameters and the life of a job."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.domain import identifiers
from app.domain.administration import CHILD_LEVEL, FINISHED, PARAMETERS, DivisionLevel, JobKind, JobStatus
from app.models.administration import Division, JobEvent, JobRun, OperatingParameter, StoredFile
from app.queries import administration as queries

_LONGEST_NAME = 200


class UnknownParent(Exception):
    """A division's parent is not there, or is not one level above."""


class UnknownParameter(Exception):
    """No operating parameter has this code."""


class OutOfRange(Exception):
    """An operating parameter's value is beyond its limits; the text names them."""


class DivisionRow(NamedTuple):
    """A row of a file of districts."""

    row_no: int
    code: str
    region_code: str
    name: str
    name_uz_cyrl: str
    name_ru: str


class Rejected(NamedTuple):
    """A row that was refused: where, which column, and why."""

    row_no: int
    column: str
    reason: str


def place_division(session: Session, division: Division) -> None:
    """Check a division's code and level and compute its path from its parent's.

    :raises InvalidIdentifier: if the code is no SOATO code
    :raises UnknownParent: if the parent is not one level above
    """
    division.code = identifiers.soato(division.code)
    parent = division.parent or (session.get(Division, division.parent_id) if division.parent_id else None)
    if parent is None or CHILD_LEVEL.get(parent.level) != DivisionLevel(division.level):
        raise UnknownParent
    division.path = f"{parent.path}{division.code}/"
    if division.level == DivisionLevel.DISTRICT and not division.branch_code:
        usual = division.code[2:7].ljust(5, "0")
        taken = session.scalar(select(Division.id).where(Division.branch_code == usual))
        division.branch_code = None if taken else usual


def import_districts(session: Session, rows: Iterable[DivisionRow]) -> tuple[int, list[Rejected]]:
    """Add or rename districts from a file; return how many were taken, and the rows that were not."""
    accepted, rejected = 0, []
    regions = {division.code: division for division in queries.divisions(session) if division.level == DivisionLevel.REGION}
    for row in rows:
        try:
            code = identifiers.soato(row.code)
        except identifiers.InvalidIdentifier as error:
            rejected.append(Rejected(row.row_no, "code", error.reason))
            continue
        region = regions.get(row.region_code.strip() or code[:4])
        if region is None or len(code) == 4:
            rejected.append(Rejected(row.row_no, "region", "UNKNOWN_REGION"))
        elif not row.name.strip():
            rejected.append(Rejected(row.row_no, "name", "EMPTY"))
        elif max(map(len, (row.name, row.name_uz_cyrl, row.name_ru))) > _LONGEST_NAME:
            rejected.append(Rejected(row.row_no, "name", "TOO_LONG"))
        else:
            _put_district(session, region, code, row)
            accepted += 1
    session.flush()
    return accepted, rejected


def _put_district(session: Session, region: queries.DivisionRecord, code: str, row: DivisionRow) -> None:
    district = session.scalar(select(Division).where(Division.code == code))
    if district is None:
        district = Division(level=DivisionLevel.DISTRICT, code=code, parent_id=region.id)
        session.add(district)
    district.name, district.name_uz_cyrl, district.name_ru = row.name.strip(), row.name_uz_cyrl or None, row.name_ru or None
    with session.no_autoflush:
        place_division(session, district)
    session.flush()


def store_file(session: Session, *, division_id: int, name: str, media_type: str, content: bytes) -> StoredFile:
    """Keep a file under its own name; where it came from is its row's business."""
    stored = StoredFile(
        division_id=division_id,
        name=name[:200],
        media_type=media_type[:100],
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
    )
    session.add(stored)
    session.flush()
    return stored


def check_parameter(parameter: OperatingParameter) -> None:
    """Refuse an operating parameter that nobody reads, or whose value is no number in its range.

    :raises UnknownParameter: if no parameter has the code
    :raises OutOfRange: if the value is not a whole number in range
    """
    known = PARAMETERS.get(parameter.code)
    if known is None:
        raise UnknownParameter(parameter.code)
    value = str(parameter.value).strip()
    if not value.isdecimal() or not known.lowest <= int(value) <= known.highest:
        raise OutOfRange(f"{known.lowest}–{known.highest}")


def start_job(
    session: Session, kind: JobKind, *, division_id: int, subject_id: int | None = None, parameters: dict[str, Any] | None = None
) -> int:
    """Ask for a job in the transaction of what it is about; a worker takes it up after the commit."""
    job = JobRun(kind=kind, division_id=division_id, subject_id=subject_id, parameters=parameters or {})
    session.add(job)
    session.flush()
    return job.id


def take_job(session: Session, job_id: int, *, now: datetime) -> queries.JobRecord | None:
    """Mark a job as running, unless it is over; the caller holds its lock."""
    job = session.get(JobRun, job_id)
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


def log_job(session: Session, job_id: int, message: str) -> None:
    """Add a line to a job's log."""
    session.add(JobEvent(job_run_id=job_id, message=message))
    session.flush()


def request_cancel(session: Session, job_id: int) -> bool:
    """Ask a job to stop at its next step; tell whether it could still hear that."""
    done = session.execute(
        update(JobRun).where(JobRun.id == job_id, JobRun.status.not_in(FINISHED)).values(cancel_requested=True).returning(JobRun.id)
    )
    return done.one_or_none() is not None


def cancel_requested(session: Session, job_id: int) -> bool:
    """Tell whether somebody asked the job to stop."""
    return bool(session.scalar(select(JobRun.cancel_requested).where(JobRun.id == job_id)))
