"""Registries of payments as jobs: a file is taken whole, in one transaction, or refused whole."""

import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app import clock
from app.domain.administration import JobKind, JobStatus, job_status_of
from app.extensions import db
from app.gateways import registries
from app.jobs.runner import ENDINGS, Refused, Step, job, readable
from app.queries import administration as files
from app.queries.administration import JobRecord
from app.services import administration
from app.services.payments import registries as service


@job(JobKind.REGISTRY_LOAD)
def load(session: Session, record: JobRecord) -> Generator[Step, None, JobStatus]:
    """Load a registry; what it says is credited by whoever credits all other tenders."""
    control = service.control_of(session, record.subject_id or 0)
    if control.received:
        return _status_of(control)
    profile = service.profile_of(session, control)
    stored = files.stored_file(session, control.stored_file_id or 0)
    assert stored is not None
    with tempfile.NamedTemporaryFile(prefix="registry-") as file:
        file.write(stored[2])
        file.flush()
        with _refused(), registries.reading(Path(file.name), profile) as registry, Session(db.engine) as beside:
            outcome = service.load(session, control, registry, now=clock.now(), today=clock.today(), beside=beside)
    administration.log_job(
        session,
        record.id,
        "%(received)s rows: %(accepted)s accepted, %(suspense)s in suspense, %(repeated)s repeated, %(rejected)s rejected",
        **outcome._asdict(),
    )  # fmt: skip
    yield Step(outcome.received, outcome.received, {})
    return _status_of(control)


def _status_of(control: Any) -> JobStatus:
    """Return how the loading of a file ended, from the counts of its control; a repeated row is known already."""
    return job_status_of(done=control.received - control.rejected, left_out=control.rejected)


@contextmanager
def _refused() -> Iterator[None]:
    """Refuse a registry that cannot be read, or that holds something else than it tells."""
    try:
        with readable():
            yield
    except service.TotalsDiffer as differ:
        if differ.declared.count not in {None, differ.found.count}:
            message = "The file tells of %(declared)s rows and holds %(found)s: nothing of it was taken."
            raise Refused(message, declared=differ.declared.count or 0, found=differ.found.count or 0) from differ
        message = "The file tells of %(declared_tiyin)s and holds %(found_tiyin)s: nothing of it was taken."
        raise Refused(message, declared_tiyin=differ.declared.sum_tiyin or 0, found_tiyin=differ.found.sum_tiyin or 0) from differ


def _refuse(session: Session, record: JobRecord, _status: JobStatus) -> None:
    service.refuse(session, record.subject_id or 0)


ENDINGS[JobKind.REGISTRY_LOAD] = _refuse
