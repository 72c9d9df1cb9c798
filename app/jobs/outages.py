"""Consumers are told of planned outages, and of those cancelled, as a job."""

from collections.abc import Iterator

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock
from app.domain.administration import JobKind
from app.domain.administration.translations import catalog_text
from app.domain.outages import OutageStatus
from app.jobs.runner import JobSpec, JobStep
from app.queries import outages as queries
from app.queries.administration import JobRecord
from app.services import administration
from app.services import outages as service


def tell(session: Session, record: JobRecord) -> Iterator[JobStep]:
    """Tell whom an outage concerns, some at a time; who was told is not told again after an interruption."""
    outage_id, status = record.subject_id or 0, OutageStatus(record.parameters["status"])
    total = queries.count_concerned(session, outage_id)
    after, done, told = (int(record.checkpoint.get(name, 0)) for name in ("after", "done", "told"))
    while True:
        after, reached = service.tell(session, outage_id, status, after=after, now=clock.now())
        if not after:
            break
        done, told = min(done + service.ROWS, total), told + reached
        yield JobStep(done, total + 1, {"after": after, "done": done, "told": told})
    message = catalog_text("%(told)s of %(total)s consumers told of the outage")
    administration.log_job(session, record.id, message, told=told, total=total)
    yield JobStep(total, total, {"after": after, "done": total, "told": told})


JOBS = (
    JobSpec(
        JobKind.OUTAGE_NOTICES,
        _l("Messages about a planned outage"),
        tell,
        ("can_plan_outages", "PlannedOutageView"),
        page="PlannedOutageView.show",
    ),
)
