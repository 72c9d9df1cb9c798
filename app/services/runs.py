"""The life of runs: opened, previewed, posted, cancelled, closed. Areas declare their kinds with a ``RunSpec`` and add the work."""

from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.administration import JobKind
from app.domain.runs import OPEN, RunEvent, next_status
from app.models.runs import Run
from app.queries.administration import is_under_way
from app.services.administration import start_job

AnyRun = TypeVar("AnyRun", bound=Run)


class RunAlreadyOpen(Exception):
    """A run about the same is under way; the text is its id."""


class RunNotReady(Exception):
    """A run is in a state that does not allow the step."""


class RunSpec(NamedTuple, Generic[AnyRun]):
    """A kind of run, declared once beside its work.

    :param preview: the job that computes its preview
    :param posting: the job that posts it; None: nothing is posted
    :param one_open: columns of what only one run at a time may be about, the key of a unique index; empty: any number may be open
    """

    model: type[AnyRun]
    preview: JobKind
    posting: JobKind | None = None
    one_open: Sequence[str] = ()

    @property
    def jobs(self) -> list[JobKind]:
        """The kinds of jobs that work on such a run."""
        return [kind for kind in (self.preview, self.posting) if kind]


def open_run(session: Session, spec: RunSpec[AnyRun], run: AnyRun) -> AnyRun:
    """Store a new run.

    :raises RunAlreadyOpen: if one about the same is under way
    """
    same = [getattr(spec.model, column) == getattr(run, column) for column in spec.one_open]
    under_way = select(spec.model.id).where(*same, spec.model.status.in_(OPEN)).limit(1)
    if same and (first := session.scalar(under_way)):
        raise RunAlreadyOpen(str(first))
    try:
        with session.begin_nested():
            session.add(run)
            session.flush()
    except IntegrityError as error:
        # Either somebody opened one meanwhile, or another rule is broken.
        if same and (first := session.scalar(under_way)):
            raise RunAlreadyOpen(str(first)) from error
        raise
    return run


def run_of(session: Session, spec: RunSpec[AnyRun], run_id: int) -> AnyRun:
    """Return a run that must be there."""
    return session.execute(select(spec.model).where(spec.model.id == run_id)).scalar_one()


def start_preview(session: Session, spec: RunSpec[AnyRun], run: AnyRun) -> int:
    """Ask for the preview of a new run; return the job's id."""
    return start_job(session, spec.preview, division_id=run.division_id, subject_id=run.id)


def start_posting(session: Session, spec: RunSpec[AnyRun], run_id: int) -> int:
    """Ask for the posting of a previewed run, once however often it is asked for; return the job's id.

    :raises RunNotReady: if it is in another state, or its posting waits already
    """
    run = _locked(session, spec, run_id)
    if spec.posting is None or next_status(run.status, RunEvent.POST) is None or is_under_way(session, run_id, spec.posting):
        raise RunNotReady
    return start_job(session, spec.posting, division_id=run.division_id, subject_id=run_id)


def advance(session: Session, spec: RunSpec[AnyRun], run_id: int, event: RunEvent) -> AnyRun:
    """Take a run a step further, and return it locked.

    :raises RunNotReady: if its state does not allow the step, or it is of a division above
    """
    run = _locked(session, spec, run_id)
    status = next_status(run.status, event)
    if status is None:
        raise RunNotReady
    run.status = status
    session.flush()
    return run


def close_run(session: Session, spec: RunSpec[AnyRun], run_id: int, event: RunEvent) -> None:
    """Record how a run ended that was under way; one that is over stays as it is."""
    run = _locked(session, spec, run_id)
    run.status = next_status(run.status, event) or run.status
    session.flush()


def _locked(session: Session, spec: RunSpec[AnyRun], run_id: int) -> AnyRun:
    """Return a run locked; one of a division above is seen, and stays as it is."""
    run = session.execute(select(spec.model).where(spec.model.id == run_id).with_for_update()).scalar_one_or_none()
    if run is None:
        raise RunNotReady
    return run
