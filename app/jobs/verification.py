"""Files of certificates, and the notices of verifications that end, as jobs."""

from collections.abc import Generator, Iterator
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock
from app.domain.administration import JobKind, JobStatus, job_status_of
from app.domain.administration.translations import catalog_text
from app.gateways.certificates_file import parse_certificates
from app.jobs.runner import JobSpec, JobStep, log_refused, read_upload
from app.queries import administration as stored
from app.queries import verification as queries
from app.queries.administration import JobRecord
from app.services import administration
from app.services.equipment import verification as service

#: Notices that are written in one transaction.
_NOTICES = 200


def record(session: Session, job: JobRecord) -> Generator[JobStep, None, JobStatus]:
    """Record the certificates of a file; each refused row is named in the log, and a file read twice records once."""
    rows = read_upload(session, job, parse_certificates)
    file = stored.stored_file(session, int(job.parameters["file_id"]))
    checkpoint: dict[str, Any] = {"done": 0, "recorded": 0, "rejected": 0, "seen": {}, **job.checkpoint}
    while some := rows[checkpoint["done"] : checkpoint["done"] + service.ROWS]:
        seen = {int(device): row for device, row in checkpoint["seen"].items()}
        recorded, refused = service.record_certificates(session, some, reason=file[0][:300] if file else "", today=clock.today(), seen=seen)
        for row in refused:
            log_refused(session, job, row)
        checkpoint = {
            "done": checkpoint["done"] + len(some),
            "recorded": checkpoint["recorded"] + recorded,
            "rejected": checkpoint["rejected"] + len(refused),
            "seen": {str(device): row for device, row in seen.items()},
        }
        yield JobStep(checkpoint["done"], len(rows) + 1, checkpoint)
    done, rejected = checkpoint["recorded"], checkpoint["rejected"]
    message = catalog_text("%(rows)s certificates recorded, %(rejected)s rows rejected")
    administration.log_job(session, job.id, message, rows=done, rejected=rejected)
    yield JobStep(len(rows), len(rows), checkpoint)
    return job_status_of(done=done, left_out=rejected)


def tell(session: Session, job: JobRecord) -> Iterator[JobStep]:
    """Write the consumers whose meters' verification ends soon, each once and in the consumer's language."""
    today = clock.today()
    days = int(stored.value_on(session, "equipment.verification_notice_days", today))
    after, told, silent = (int(job.checkpoint.get(name, 0)) for name in ("after", "told", "silent"))
    while found := queries.ending(session, today, today + timedelta(days=days), after=after, limit=_NOTICES):
        once = list({each.planned_id: each for each in reversed(found)}.values())
        reached = service.write_notices(session, once, now=clock.now(), today=today)
        told, silent, after = told + reached, silent + len(once) - reached, found[-1].planned_id
        yield JobStep(told, told + 1, {"after": after, "told": told, "silent": silent})
    message = catalog_text("%(told)s consumers told that a verification ends, %(silent)s have no telephone or want no message")
    administration.log_job(session, job.id, message, told=told, silent=silent)
    yield JobStep(told, told, {"after": after, "told": told, "silent": silent})


JOBS = (
    JobSpec(JobKind.CERTIFICATE_IMPORT, _l("Loading of certificates"), record, ("can_load", "VerificationPlanView")),
    JobSpec(
        JobKind.VERIFICATION_NOTICES,
        _l("Notices of verifications"),
        tell,
        ("can_draw_up", "VerificationPlanView"),
        daily_at="schedule.verification_hour",
    ),
)
