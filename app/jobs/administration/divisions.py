"""A file of districts as a job."""

from collections.abc import Generator

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.administration import JobKind, JobStatus, job_status_of
from app.domain.administration.translations import catalog_text
from app.gateways.divisions_file import parse_districts
from app.jobs.runner import JobSpec, JobStep, log_refused, read_upload
from app.queries.administration import JobRecord
from app.services import administration as service


def load(session: Session, record: JobRecord) -> Generator[JobStep, None, JobStatus]:
    """Add or rename the districts of a file; each refused row is named in the log."""
    rows = read_upload(session, record, parse_districts)
    accepted, rejected = service.import_districts(session, rows)
    assert accepted + len(rejected) == len(rows)
    for row in rejected:
        log_refused(session, record, row)
    counts = {"rows": len(rows), "districts": accepted, "rejected": len(rejected)}
    service.log_job(session, record.id, catalog_text("%(rows)s rows, %(districts)s districts taken, %(rejected)s rejected"), **counts)
    yield JobStep(len(rows), len(rows), {})
    return job_status_of(done=accepted, left_out=len(rejected))


JOBS = (JobSpec(JobKind.DIVISION_IMPORT, _l("Import of districts"), load, ("can_load", "DivisionFileView")),)
