"""Payment files as jobs: a file is taken whole, in one transaction, or refused whole."""

import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock
from app.domain.administration import JobKind, JobStatus, job_status_of
from app.domain.administration.translations import catalog_text
from app.extensions import db
from app.gateways import payment_files
from app.jobs.runner import JobRefused, JobSpec, JobStep, log_unread, readable
from app.queries import administration as files
from app.queries.administration import JobRecord
from app.queries.payments import payment_file_problems
from app.services import administration
from app.services.payments import files as service
from app.services.payments import held
from app.services.payments.controls import lock

#: Rows not taken or left out that are named in the log; the page of the payment file has more, its export all of them.
NAMED_ROWS = 50


def load(session: Session, record: JobRecord) -> Generator[JobStep, None, JobStatus]:
    """Load a payment file; what it says is credited by whoever credits all other tenders."""
    control = lock(session, record.subject_id or 0)
    if control.received:
        return _status_of(control)
    profile = service.profile_of(session, control)
    stored = files.stored_file(session, control.stored_file_id or 0)
    assert stored is not None
    with tempfile.NamedTemporaryFile(prefix="payment-file-") as file:
        file.write(stored[2])
        file.flush()
        with _refused(), payment_files.reading(Path(file.name), profile) as payment_file, Session(db.engine) as beside:
            outcome = service.load(session, control, payment_file, now=clock.now(), today=clock.today(), beside=beside)
    log_unread(session, record, payment_file.summary.unread_sheets)
    _tell(session, record, outcome)
    yield JobStep(outcome.received, outcome.received, {})
    return _status_of(control)


def _status_of(control: Any) -> JobStatus:
    """Return how the loading of a file ended, from the counts of its control; what is held is not done yet."""
    status = job_status_of(done=control.received - control.rejected, left_out=control.rejected)
    return JobStatus.PARTLY if status == JobStatus.DONE and control.held else status


#: What became of the rows, in the order of the page.
_PARTS = {
    "accepted": catalog_text("%(rows)s rows accepted: %(sum_tiyin)s"),
    "suspense": catalog_text("%(rows)s rows in suspense: %(sum_tiyin)s"),
    "held": catalog_text("%(rows)s rows held for a person: %(sum_tiyin)s"),
    "rejected": catalog_text("%(rows)s rows rejected: %(sum_tiyin)s"),
    "left_out": catalog_text("%(rows)s rows left out: %(sum_tiyin)s"),
}


def _tell(session: Session, record: JobRecord, outcome: service.FileOutcome) -> None:
    """Tell all that became of a payment file, and what it declared."""
    message = catalog_text("%(rows)s rows received: %(sum_tiyin)s")
    administration.log_job(session, record.id, message, rows=outcome.received, sum_tiyin=outcome.rows_tiyin)
    if outcome.declared_tiyin is not None:
        administration.log_job(
            session, record.id, catalog_text("The file declares %(sum_tiyin)s, as was received."), sum_tiyin=outcome.declared_tiyin
        )
    became = outcome.taken._asdict()
    for name, message in _PARTS.items():
        if became[name]:
            administration.log_job(session, record.id, message, rows=became[name], sum_tiyin=became[f"{name}_tiyin"])
    for row in payment_file_problems(session, record.subject_id or 0, limit=NAMED_ROWS):
        message = catalog_text("Row %(row)s: %(row_problem)s %(value)s")
        administration.log_job(session, record.id, message, row=row.row_no, row_problem=row.problem, value=row.value or "")


@contextmanager
def _refused() -> Iterator[None]:
    """Refuse a payment file that cannot be read, or that holds something else than it tells."""
    try:
        with readable():
            yield
    except service.TotalsDiffer as differ:
        if differ.declared.count not in {None, differ.found.count}:
            message = catalog_text("The file tells of %(declared)s rows and holds %(found)s: nothing of it was taken.")
            raise JobRefused(message, declared=differ.declared.count or 0, found=differ.found.count or 0) from differ
        message = catalog_text("The file tells of %(declared_tiyin)s and holds %(found_tiyin)s: nothing of it was taken.")
        raise JobRefused(message, declared_tiyin=differ.declared.sum_tiyin or 0, found_tiyin=differ.found.sum_tiyin or 0) from differ


def _refuse(session: Session, record: JobRecord, _status: JobStatus) -> None:
    service.refuse(session, record.subject_id or 0)


def decide(session: Session, record: JobRecord) -> Iterator[JobStep]:
    """Do what was decided about rows that were held."""
    rows = held.perform(session, record.id, record.subject_id or 0, dict(record.parameters), now=clock.now(), today=clock.today())
    administration.log_job(session, record.id, catalog_text("%(rows)s rows decided about"), rows=rows)
    yield JobStep(rows, rows, {})


def _let_wait(session: Session, record: JobRecord, _status: JobStatus) -> None:
    held.free(session, "job_run_id", record.id)


JOBS = (
    JobSpec(
        JobKind.PAYMENT_FILE_LOAD,
        _l("Loading of a payment file"),
        load,
        ("can_load", "PaymentFileLayoutView"),
        on_failure=_refuse,
        page="PaymentControlView.show",
    ),
    JobSpec(
        JobKind.HELD_DECISION,
        _l("Decision about rows held"),
        decide,
        ("can_approve_held_decision", "ApprovalView"),
        on_failure=_let_wait,
        page="PaymentControlView.show",
    ),
)
