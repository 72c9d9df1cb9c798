"""Shadow runs as jobs."""

from collections.abc import Iterator

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.administration import JobKind, JobStatus
from app.domain.billing import shadow as domain
from app.domain.billing.shadow import ShadowStatus
from app.jobs.runner import JobSpec, JobStep
from app.queries.administration import JobRecord
from app.queries.billing import shadow as queries
from app.services import administration
from app.services.billing import shadow as service


def compare(session: Session, record: JobRecord) -> Iterator[JobStep]:
    """Compute a posted month with proposed prices; nothing is written but what it found."""
    run_id = record.subject_id or 0
    run = service.run_of(session, run_id)
    total = queries.count_posted(session, division_id=run.division_id, month=run.billing_month)
    found = domain.nothing()
    # Cheap, so it starts anew after an interruption and keeps no checkpoint.
    for done, found in service.compare(session, run):  # noqa: B007 - the last is kept
        yield JobStep(done, max(done, total) + 1, {})
    service.finish(session, run, found)
    administration.log_job(
        session, record.id, "%(bills)s bills compared, %(left_out)s cannot be priced", bills=found.bills, left_out=found.left_out
    )
    yield JobStep(total, total, {})


def _end_run(session: Session, record: JobRecord, status: JobStatus) -> None:
    ended = ShadowStatus.CANCELLED if status == JobStatus.CANCELLED else ShadowStatus.FAILED
    service.close_run(session, record.subject_id or 0, ended)


JOBS = (
    JobSpec(
        JobKind.SHADOW_RUN, _l("Shadow run"), compare, ("can_try_prices", "ShadowRunView"), on_failure=_end_run, page="ShadowRunView.show"
    ),
)
