"""Files of dictionaries as jobs, and changes put in force on their day."""

from collections.abc import Generator
from datetime import date
from functools import partial

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock
from app.domain.administration import JobKind, JobStatus, job_status_of
from app.domain.reference import DICTIONARIES
from app.extensions import transaction
from app.gateways.reference_file import parse_dictionary
from app.jobs.runner import JobSpec, JobStep, read_upload
from app.queries.administration import JobRecord
from app.services import reference as service

#: A file of benefits without their limits is refused, lest it lifts all of them.
OPTIONAL = ("valid_to", "mahalla")


def load(session: Session, record: JobRecord) -> Generator[JobStep, None, JobStatus]:
    """Put the good rows of a dictionary's file into the inbox as one request; the others are listed with their faults."""
    wanted = record.parameters
    rows = read_upload(session, record, partial(parse_dictionary, columns=DICTIONARIES[wanted["table"]].columns, optional=OPTIONAL))
    today = clock.today()
    found = service.read(
        session, wanted["table"], rows, valid_from=date.fromisoformat(wanted["valid_from"]), today=today, divisions=set(wanted["divisions"])
    )
    assert len(found.drafts) + found.equal + len(found.rejected) == len(rows)
    approval_id = None
    if found.drafts:
        request = service.propose(
            session, found.drafts, subject=wanted["subject"], basis=wanted["basis"], today=today, made_by=record.created_by
        )
        approval_id = request.id
    result = {"taken": len(found.drafts), "equal": found.equal, "rejected": [list(row) for row in found.rejected], "approval": approval_id}
    yield JobStep(len(rows), len(rows), {"import": result})
    return job_status_of(done=len(found.drafts) + found.equal, left_out=len(found.rejected))


def put_in_force() -> None:
    """Write the approved changes whose day has come."""
    with transaction() as session:
        service.put_in_force(session, today=clock.today(), now=clock.now())


JOBS = (JobSpec(JobKind.REFERENCE_IMPORT, _l("Import of a dictionary"), load, ("can_load", "DictionaryView")),)
