"""Penalty runs and files of subsidies as jobs."""

from collections.abc import Generator, Iterator, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock
from app.domain.administration import JobKind, JobStatus, job_status_of
from app.domain.administration.translations import catalog_text
from app.domain.runs import RunEvent
from app.gateways.subsidies_file import SubsidyLine, parse_subsidies
from app.jobs.runner import Failed, JobSpec, JobStep, log_refused, read_upload
from app.jobs.runs import run_job
from app.queries import claims as queries
from app.queries.administration import JobRecord
from app.services import administration, runs
from app.services import claims as service
from app.services.administration import approvals
from app.services.claims import penalties, subsidies


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
    """Grant the subsidies of a file, or ask a second person; each refused row is named in the log, and a file read twice grants once."""
    rows = read_upload(session, record, parse_subsidies)
    file = _file_of(record)
    checkpoint: dict[str, Any] = {"done": 0, "granted": 0, "rejected": 0, **record.checkpoint}
    if "left_tiyin" not in checkpoint and "approval" not in checkpoint:
        checkpoint |= _begin(session, record, file, rows)
        yield JobStep(len(rows) if "approval" in checkpoint else checkpoint["done"], len(rows) + ("approval" not in checkpoint), checkpoint)
    if "approval" in checkpoint:
        return job_status_of(done=len(rows) - checkpoint["rejected"], left_out=checkpoint["rejected"])
    while some := rows[checkpoint["done"] : checkpoint["done"] + subsidies.ROWS]:
        checkpoint = _grant_some(session, record, file, some, checkpoint)
        yield JobStep(checkpoint["done"], len(rows) + 1, checkpoint)
    granted, rejected = checkpoint["granted"], checkpoint["rejected"]
    administration.log_job(
        session, record.id, catalog_text("%(rows)s subsidies granted, %(rejected)s rows rejected"), rows=granted, rejected=rejected
    )
    yield JobStep(len(rows), len(rows), checkpoint)
    return job_status_of(done=len(rows) - rejected, left_out=rejected)


def _file_of(record: JobRecord) -> subsidies.SubsidyFile:
    given = record.parameters
    return subsidies.SubsidyFile(record.id, record.division_id, int(given["file_id"]), str(given["programme"]), record.created_by)


def _begin(session: Session, record: JobRecord, file: subsidies.SubsidyFile, rows: Sequence[SubsidyLine]) -> dict[str, Any]:
    """Return up to what sum the file may be granted now, or the request that waits for a second person."""
    if approval_id := record.parameters.get("approval_id"):
        return {"left_tiyin": subsidies.approved(session, int(approval_id), file).contents["amount_tiyin"]}
    found = subsidies.sums_of(session, rows, division_id=file.division_id, programme=file.programme)
    request = subsidies.ask_if_needed(session, file, found, today=clock.today())
    if request is None:
        return {"left_tiyin": found.amount_tiyin}
    for row in found.refused:
        log_refused(session, record, row)
    message = catalog_text(
        "Nothing was granted yet: %(rows)s subsidies of %(amount_tiyin)s wait for a second person, %(rejected)s rows rejected."
    )
    refused = len(found.refused)
    administration.log_job(session, record.id, message, rows=found.rows, amount_tiyin=found.amount_tiyin, rejected=refused)
    return {"approval": request.id, "rejected": refused}


def _grant_some(
    session: Session, record: JobRecord, file: subsidies.SubsidyFile, rows: Sequence[SubsidyLine], checkpoint: dict[str, Any]
) -> dict[str, Any]:
    """Grant rows within the sum that may be granted, and return the checkpoint behind them.

    :raises Failed: if they come to more, because what was refused at first became good meanwhile
    """
    if approval_id := record.parameters.get("approval_id"):
        request = subsidies.approved(session, int(approval_id), file)
        approvals.name_both(session, request.created_by, request.decided_by or "")
    found = service.grant_subsidies(session, rows, division_id=file.division_id, programme=file.programme)
    if found.amount_tiyin > checkpoint["left_tiyin"]:
        raise Failed(catalog_text("The file comes to more by now than was agreed to; the rest of it was not granted."))
    for row in found.refused:
        log_refused(session, record, row)
    return checkpoint | {
        "done": checkpoint["done"] + len(rows),
        "granted": checkpoint["granted"] + found.rows,
        "rejected": checkpoint["rejected"] + len(found.refused),
        "left_tiyin": checkpoint["left_tiyin"] - found.amount_tiyin,
    }


JOBS = (
    run_job(penalties.RUN, JobKind.PENALTY_PREVIEW, _l("Preview of penalty"), preview, view="PenaltyRunView"),
    run_job(penalties.RUN, JobKind.PENALTY_ACCRUAL, _l("Posting of penalty"), accrue, view="PenaltyRunView"),
    JobSpec(JobKind.SUBSIDY_IMPORT, _l("Import of subsidies"), grant, ("can_load", "SubsidyView")),
)
