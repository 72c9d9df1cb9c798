"""Penalty runs and files of subsidies as jobs."""

from collections.abc import Generator, Iterator

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.administration import JobKind, JobStatus, job_status_of
from app.domain.administration.translations import catalog_text
from app.domain.runs import RunEvent
from app.gateways.subsidies_file import parse_subsidies
from app.jobs.runner import JobSpec, JobStep, log_refused, read_upload
from app.jobs.runs import run_job
from app.queries import claims as queries
from app.queries.administration import JobRecord
from app.services import administration, runs
from app.services import claims as service
from app.services.claims import penalties

#: Rows of a file of subsidies a step.
ROWS = 500


def preview(session: Session, record: JobRecord) -> Iterator[JobStep]:
    """Compute what a penalty run would charge; nothing is written but the preview."""
    run = runs.run_of(session, penalties.RUN, record.subject_id or 0)
    rules, total = penalties.rules_of(session, run), queries.count_accounts(session, run.division_id)
    found, after, done = penalties.PenaltyRunTotals(), 0, 0
    while window := queries.window(session, division_id=run.division_id, after=after, limit=penalties.WINDOW):
        found = penalties.preview_window(session, run, rules, window, found)
        after, done = window.last_id, done + len(window.ids)
        # A preview is cheap and starts anew after an interruption, so it keeps no checkpoint.
        yield JobStep(min(done, total), total + 1, {})
    penalties.finish_preview(session, run, found)
    administration.log_job(
        session,
        record.id,
        catalog_text("%(accounts)s accounts and %(bills)s bills bear penalty"),
        accounts=found.accounts,
        bills=found.bills,
    )
    yield JobStep(total, total, {})


def accrue(session: Session, record: JobRecord) -> Iterator[JobStep]:
    """Post a previewed penalty run, from its checkpoint on; a day is charged once however often this runs."""
    checkpoint = record.checkpoint
    if not checkpoint:
        run = penalties.begin_posting(session, record.subject_id or 0)
        checkpoint = {"after": 0, "done": 0, "total": queries.count_accounts(session, run.division_id)}
        yield JobStep(0, max(checkpoint["total"], 1), checkpoint)
    run = runs.run_of(session, penalties.RUN, record.subject_id or 0)
    rules = penalties.rules_of(session, run)
    after, done, total = (int(checkpoint[name]) for name in ("after", "done", "total"))
    limit = int(record.parameters.get("chunk", penalties.WINDOW))
    while window := queries.window(session, division_id=run.division_id, after=after, limit=limit):
        penalties.post_window(session, run, rules, window)
        after, done = window.last_id, done + len(window.ids)
        yield JobStep(done, max(total, done) + 1, {"after": after, "done": done, "total": total})
    runs.close_run(session, penalties.RUN, run.id, RunEvent.CLOSE)
    administration.log_job(
        session,
        record.id,
        catalog_text("%(accounts)s accounts were charged penalty for %(bills)s bills"),
        accounts=run.accounts,
        bills=run.bills,
    )
    yield JobStep(done, done, {"after": after, "done": done, "total": total})


def grant(session: Session, record: JobRecord) -> Generator[JobStep, None, JobStatus]:
    """Grant the subsidies of a file; each refused row is named in the log, and a file read twice grants once."""
    rows = read_upload(session, record, parse_subsidies)
    programme = str(record.parameters["programme"])
    done, granted, rejected = (int(record.checkpoint.get(name, 0)) for name in ("done", "granted", "rejected"))
    while some := rows[done : done + ROWS]:
        good, refused = service.grant_subsidies(session, some, division_id=record.division_id, programme=programme)
        done, granted, rejected = done + len(some), granted + good, rejected + len(refused)
        for row in refused:
            log_refused(session, record, row)
        yield JobStep(done, len(rows) + 1, {"done": done, "granted": granted, "rejected": rejected})
    administration.log_job(
        session, record.id, catalog_text("%(rows)s subsidies granted, %(rejected)s rows rejected"), rows=granted, rejected=rejected
    )
    yield JobStep(len(rows), len(rows), {"done": done, "granted": granted, "rejected": rejected})
    return job_status_of(done=len(rows) - rejected, left_out=rejected)


JOBS = (
    run_job(penalties.RUN, JobKind.PENALTY_PREVIEW, _l("Preview of penalty"), preview, view="PenaltyRunView"),
    run_job(penalties.RUN, JobKind.PENALTY_ACCRUAL, _l("Posting of penalty"), accrue, view="PenaltyRunView"),
    JobSpec(JobKind.SUBSIDY_IMPORT, _l("Import of subsidies"), grant, ("can_load", "SubsidyView")),
)
