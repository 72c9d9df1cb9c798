"""Corrections of many accounts' bills as a job: some accounts a step."""

from collections.abc import Iterator

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock
from app.domain.administration import JobKind
from app.domain.administration.translations import catalog_text
from app.jobs.runner import JobSpec, JobStep
from app.queries.administration import JobRecord
from app.queries.billing import corrections as queries
from app.services import administration
from app.services.billing import corrections as service

CHUNK = 200


def correct(session: Session, record: JobRecord) -> Iterator[JobStep]:
    """Take the bills of a correction's accounts back and bill them again, from the checkpoint on; an account's months are one step."""
    correction = service.correction_of(session, record.subject_id or 0)
    running = record.checkpoint or {"after": 0, "done": 0, "bills": 0, "total": queries.count_to_correct(session, correction)}
    after, done, bills, total = (int(running[name]) for name in ("after", "done", "bills", "total"))
    limit = int(record.parameters.get("chunk", CHUNK))
    while len(ids := queries.accounts_to_correct(session, correction, after=after, limit=limit)):
        bills += service.correct_accounts(session, correction, ids, today=clock.today())
        after, done = int(ids[-1]), done + len(ids)
        yield JobStep(done, max(total, done + 1), {"after": after, "done": done, "bills": bills, "total": total})
    administration.log_job(
        session, record.id, catalog_text("%(bills)s bills of %(accounts)s accounts corrected"), bills=bills, accounts=done
    )
    yield JobStep(done, done, {"after": after, "done": done, "bills": bills, "total": total})


JOBS = (JobSpec(JobKind.BILL_CORRECTION, _l("Correction of bills"), correct, ("can_correct_many", "BillCorrectionView")),)
