"""The jobs of runs: a preview and a posting, which leave a run in a state that tells the truth however they end."""

from typing import Any

from sqlalchemy.orm import Session

from app.domain.administration import JobKind, JobStatus
from app.domain.runs import RunEvent
from app.jobs.runner import FailureFunction, JobFunction, JobSpec
from app.queries.administration import JobRecord
from app.services import runs
from app.services.runs import RunSpec


def run_job(spec: RunSpec[Any], kind: JobKind, label: Any, work: JobFunction, *, view: str) -> JobSpec:
    """Return the declaration of a job of a kind of run.

    :param view: the page of these runs
    """
    permission = "can_post" if kind == spec.posting else "can_open"
    return JobSpec(kind, label, work, (permission, view), on_failure=_ending(spec), page=f"{view}.show")


def _ending(spec: RunSpec[Any]) -> FailureFunction:
    def end(session: Session, record: JobRecord, status: JobStatus) -> None:
        runs.close_run(session, spec, record.subject_id or 0, RunEvent.STOP if status == JobStatus.CANCELLED else RunEvent.FAIL)

    return end
