"""Shadow runs as jobs."""

from collections.abc import Iterator

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.administration import JobKind
from app.domain.administration.translations import catalog_text
from app.domain.billing import shadow as domain
from app.jobs.runner import JobStep
from app.jobs.runs import run_job
from app.queries.administration import JobRecord
from app.queries.billing import shadow as queries
from app.services import administration, runs
from app.services.billing import shadow as service


def compare(session: Session, record: JobRecord) -> Iterator[JobStep]:
    """Compute a posted month with proposed prices; nothing is written but what it found."""
    run = runs.run_of(session, service.RUN, record.subject_id or 0)
    total = queries.count_posted(session, division_id=run.division_id, month=run.billing_month)
    found = domain.nothing()
    # Cheap, so it starts anew after an interruption and keeps no checkpoint.
    for done, found in service.compare(session, run):  # noqa: B007 - the last is kept
        yield JobStep(done, max(done, total) + 1, {})
    service.finish(session, run, found)
    administration.log_job(
        session,
        record.id,
        catalog_text("%(bills)s bills compared, %(left_out)s cannot be priced"),
        bills=found.bills,
        left_out=found.left_out,
    )
    yield JobStep(total, total, {})


JOBS = (run_job(service.RUN, JobKind.SHADOW_RUN, _l("Shadow run"), compare, view="ShadowRunView"),)
