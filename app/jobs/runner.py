"""How a job runs: taken under a lock, step by step, each step a transaction with its checkpoint.

The truth about a job is its row. The queue holds its id; an entry that is lost is put back by ``requeue_stalled``. A worker that is
killed loses its lock with its connection, so the next one goes on from the last checkpoint.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

from flask import current_app
from redis import RedisError
from rq import Queue
from rq.exceptions import DuplicateJobError
from rq.job import Job
from sqlalchemy.orm import Session

from app import clock
from app.domain.administration import JobKind, JobStatus
from app.domain.administration.privacy import scrubbed
from app.domain.administration.translations import catalog_text
from app.domain.reference import RefusedRow
from app.extensions import HOST, Scope, db, queue, set_scope, transaction
from app.gateways.tables import Unreadable
from app.queries import administration as queries
from app.queries import locks
from app.queries.administration import JobRecord
from app.queries.locks import Lock
from app.services import administration as service
from app.services.administration import maintenance


class JobStep(NamedTuple):
    """How far a job is after a step; the step's transaction is committed with it."""

    done: int
    total: int
    checkpoint: dict[str, object]


Rows = TypeVar("Rows")
#: A generator may return how its job ended; one that returns nothing did all of it.
JobFunction = Callable[[Session, JobRecord], Generator[JobStep, None, JobStatus | None]]
#: Called when a job is cancelled, fails or is given what it must refuse, in the transaction of its end.
FailureFunction = Callable[[Session, JobRecord, JobStatus], None]


class JobSpec(NamedTuple):
    """A kind of job, declared once beside its work.

    :param label: what people call it
    :param permission: permission and page: who has it starts the job, stops another one's and reads its files
    :param page: the endpoint of the page of what a job is about, which takes the number of the subject; None: the job has no other page
    :param daily_at: the operating parameter with the hour of Tashkent from which on the scheduler starts a job each day
    """

    kind: JobKind
    label: Any
    work: JobFunction
    permission: tuple[str, str]
    on_failure: FailureFunction | None = None
    page: str | None = None
    daily_at: str | None = None


def spec_of(kind: str) -> JobSpec:
    """Return how a kind of job is declared."""
    found: JobSpec = current_app.extensions["jobs"][JobKind(kind)]
    return found


#: Said of a file that cannot be read.
FURTHER_SHEETS = catalog_text("Only one sheet was read. Others are filled too: %(sheets)s")
FILE_REFUSED = catalog_text("The file was refused. %(problem)s %(detail)s")


#: Said of a row of a file that was not taken: with its column or without, what stands there, and the row that says the same.
_REFUSED_ROWS = {
    (False, False, False): catalog_text("Row %(row)s: %(reason)s"),
    (False, True, False): catalog_text("Row %(row)s, “%(value)s”: %(reason)s"),
    (True, False, False): catalog_text("Row %(row)s, %(column)s: %(reason)s"),
    (True, True, False): catalog_text("Row %(row)s, %(column)s, “%(value)s”: %(reason)s"),
    (True, True, True): catalog_text("Row %(row)s, %(column)s, “%(value)s”: %(reason)s The first is row %(twin)s."),
}


class Cancelled(Exception):
    """Somebody asked the job to stop."""


class JobRefused(Exception):
    """What a job was given is refused; that is its result, and no fault of the program.

    :param message: why, as a message of the catalogs
    :param parameters: what stands in its places
    """

    status = JobStatus.REFUSED

    def __init__(self, message: str, **parameters: str | int) -> None:
        self.message, self.parameters = message, parameters
        super().__init__(_filled(message, parameters))


def _filled(message: str, parameters: Mapping[str, str | int]) -> str:
    """Return a message in English; the detail of a file's refusal is a message too."""
    if not parameters:
        return message
    detail = str(parameters.get("detail", ""))
    return message % {**parameters, "detail": detail % parameters if "%" in detail else detail}


class Failed(JobRefused):
    """What a job checked does not hold, or nothing of its work could be done."""

    status = JobStatus.FAILED


@contextmanager
def readable() -> Iterator[None]:
    """Refuse a file that cannot be read."""
    try:
        yield
    except Unreadable as unreadable:
        raise JobRefused(FILE_REFUSED, **file_refusal(unreadable)) from unreadable


def file_refusal(unreadable: Unreadable) -> dict[str, str | int]:
    """Return what stands in the places of ``FILE_REFUSED``."""
    return {**unreadable.parameters, "problem": unreadable.problem.value, "detail": unreadable.message}


def log_unread(session: Session, record: JobRecord, sheets: Sequence[str]) -> None:
    """Add a line to a job's log about the filled sheets of a workbook that were not read; a job that goes on said it before."""
    if sheets and not record.checkpoint:
        service.log_job(session, record.id, FURTHER_SHEETS, sheets=", ".join(sheets))


def log_refused(session: Session, record: JobRecord, row: RefusedRow) -> None:
    """Add a line to a job's log about a row of a file that was not taken."""
    about = {"row": row.row_no, "column": row.column, "reason": row.fault.value, "value": row.value, "twin": row.twin or 0}
    service.log_job(session, record.id, _REFUSED_ROWS[bool(row.column), bool(row.value), bool(row.twin)], **about)


def read_upload(session: Session, record: JobRecord, read: Callable[..., Rows]) -> Rows:
    """Return what a reader reads in a job's file, and log the sheets it left.

    :param read: given the content, the file's name and a list for the names of sheets
    :raises JobRefused: if the file cannot be read
    """
    stored = queries.stored_file(session, int(record.parameters["file_id"]))
    assert stored is not None
    sheets: list[str] = []
    with readable():
        rows = read(stored[2], stored[0], unread=sheets)
    log_unread(session, record, sheets)
    return rows


class QueuedJob(Job):  # type: ignore[misc]
    """What a worker takes from the queue: a job's number. Nothing else that stands there is called, whoever wrote it."""

    def restore(self, raw_data: Mapping[bytes, bytes]) -> None:
        """Take over what the queue holds, but for names of functions to call and addresses to tell afterwards."""
        super().restore({key: value for key, value in raw_data.items() if b"callback" not in key and key != b"webhooks"})

    @property
    def func(self) -> Callable[[int], None]:
        """Return the one function that workers call.

        :raises ValueError: if what stands in the queue is no number of a job
        """
        if [type(argument) for argument in self.args] != [int] or self.kwargs:
            raise ValueError("no number of a job")
        return perform_in_app


def enqueue(job_id: int) -> None:
    """Tell the workers about a job; if the queue is down, the schedule will."""
    try:
        _put(queue(), job_id)
    except RedisError:
        current_app.logger.warning("the queue is down; job %s waits for the schedule", job_id)


def requeue_stalled() -> list[int]:
    """Requeue jobs that nobody works on; return their ids."""
    waiting = queries.unattended_jobs(db.session(), silent_since=clock.now() - timedelta(seconds=5))
    db.session.remove()
    for job_id in waiting:
        _put(queue(), job_id)
    return waiting


def perform(job_id: int) -> None:
    """Do a job, unless another worker is at it or it is over; a failure is recorded and raised."""
    enter_worker(f"job:{job_id}")
    if maintenance.message(db.session()) is not None:
        # The schedule requeues it when it is over.
        db.session.remove()
        return
    with db.engine.connect() as lock:
        if not locks.try_to_acquire_for_connection(lock, Lock.JOB, job_id):
            return
        lock.commit()
        try:
            _perform(job_id)
        finally:
            locks.release(lock, Lock.JOB, job_id)
            lock.commit()
            db.session.remove()


def _perform(job_id: int) -> None:
    with transaction() as session:
        record = service.take_job(session, job_id, now=clock.now())
    if record is None:
        return
    try:
        _stop_if(asked=record.cancel_requested and not (record.total and record.done >= record.total))
        status = _steps(record)
    except Cancelled:
        _end(record, JobStatus.CANCELLED)
    except JobRefused as refused:
        _end(record, refused.status, refused.message, **refused.parameters)
    except BaseException as error:
        _end(record, JobStatus.FAILED, scrubbed(f"{type(error).__name__}: {error}")[:1000])
        raise
    else:
        _finish(record, status)


def _steps(record: JobRecord) -> JobStatus:
    """Run the work's steps, each committed with its checkpoint or not at all, and return how the job ended."""
    session = db.session()
    work = spec_of(record.kind).work(session, record)
    try:
        while True:
            try:
                step = next(work)
            except StopIteration as end:
                session.commit()
                return end.value or JobStatus.DONE
            service.checkpoint_job(session, record.id, now=clock.now(), done=step.done, total=step.total, checkpoint=dict(step.checkpoint))
            asked = service.cancel_requested(session, record.id)
            session.commit()
            _stop_if(asked=asked and step.done < step.total)
    except BaseException:
        session.rollback()
        raise
    finally:
        work.close()


def cancel(job_id: int) -> bool:
    """Ask a job to stop, and return whether it could still do so; one that no worker has begun is cancelled at once."""
    with transaction() as session:
        record = service.cancel_queued(session, job_id, now=clock.now())
        if record is not None:
            _clean_up(session, record, JobStatus.CANCELLED)
        return record is not None or service.request_cancel(session, job_id)


def _stop_if(*, asked: bool) -> None:
    if asked:
        raise Cancelled


def _finish(record: JobRecord, status: JobStatus) -> None:
    """Record how a job ended that went to its end."""
    with transaction() as session:
        service.finish_job(session, record.id, status, now=clock.now())


def _end(record: JobRecord, status: JobStatus, why: str | None = None, **parameters: str | int) -> None:
    """Record that a job did not go to its end, and do what its kind has to do then."""
    with transaction() as session:
        service.finish_job(session, record.id, status, now=clock.now(), error=why and _filled(why, parameters))
        if why:
            service.log_job(session, record.id, why, **parameters)
        _clean_up(session, record, status)


def _clean_up(session: Session, record: JobRecord, status: JobStatus) -> None:
    on_failure = spec_of(record.kind).on_failure
    if on_failure is not None:
        on_failure(session, record, status)


def _put(rq_queue: Queue, job_id: int) -> None:
    try:
        rq_queue.enqueue(perform_in_app, job_id, job_id=f"job-{job_id}", unique=True, result_ttl=0, failure_ttl=0, job_timeout=-1)
    except DuplicateJobError:
        return


def perform_in_app(job_id: int) -> None:
    """Do a job in the worker's application.

    A worker forks for each job while its own thread runs the schedule: the connections that come with the fork are the parent's, and are
    forgotten here without being closed.
    """
    db.engine.dispose(close=False)
    perform(job_id)


def enter_worker(actor: str) -> None:
    """Work as a part of the system, in all divisions."""
    set_scope(Scope(actor=actor, today=clock.today(), address=HOST, everywhere=True))
