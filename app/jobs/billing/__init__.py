"""Bill runs as jobs: preview and posting, a chunk of accounts a step."""

from collections.abc import Iterator

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock
from app.domain.administration import JobKind
from app.domain.administration.translations import catalog_text
from app.domain.calendar import months_after
from app.domain.ledger.proofs import CheckCause
from app.domain.runs import RunEvent
from app.jobs.ledger import DIFFERS_AFTER, found_in_snapshot, keep
from app.jobs.runner import JobStep
from app.jobs.runs import run_job
from app.queries import administration as parameters
from app.queries import billing as queries
from app.queries import tariffs
from app.queries.administration import JobRecord
from app.queries.ledger import BilledDivision
from app.services import administration, billing, runs
from app.services.billing import exceptions, telling
from app.services.links import terms_of


def preview(session: Session, record: JobRecord) -> Iterator[JobStep]:
    """Compute what a run would post; nothing is written but the preview and its exceptions."""
    run = billing.begin_preview(session, record.subject_id or 0)
    prices, policy = tariffs.prices(session), billing.policy_on(session, clock.today())
    total = queries.count_to_bill(session, division_id=run.division_id, month=run.billing_month)
    found = billing.empty_preview()
    for found, done in billing.preview_steps(session, run, prices, policy):  # noqa: B007 - the last one is what was found
        # A preview is cheap and starts anew after an interruption, so it keeps no checkpoint.
        yield JobStep(min(done, total), total, {})
    billing.finish_preview(session, run, found)
    administration.log_job(
        session, record.id, catalog_text("%(bills)s bills, %(parked)s parked"), bills=found.totals.bills, parked=found.totals.parked
    )
    yield JobStep(total, total, {})


def post(session: Session, record: JobRecord) -> Iterator[JobStep]:
    """Post a previewed run, from its checkpoint on; an account is billed once a month however often this runs."""
    checkpoint = record.checkpoint
    if not checkpoint:
        run = billing.begin_posting(session, record.subject_id or 0)
        total = queries.count_to_bill(session, division_id=run.division_id, month=run.billing_month)
        yield JobStep(0, total, {"after": 0, "done": 0, "total": total})
        checkpoint = {"after": 0, "done": 0, "total": total}
    run = runs.run_of(session, billing.RUN, record.subject_id or 0)
    prices, policy = tariffs.prices(session), billing.policy_on(session, clock.today())
    due_day = parameters.value_on(session, "billing.due_day", clock.today())
    due_on = months_after(run.billing_month, 1).replace(day=due_day)
    after, done, total = (int(checkpoint[name]) for name in ("after", "done", "total"))
    limit = int(record.parameters.get("chunk", billing.CHUNK))
    while True:
        after, count = billing.post_chunk(session, run, prices, policy, after=after, due_on=due_on, posted_on=clock.today(), limit=limit)
        if not count:
            break
        done += count
        yield JobStep(done, max(total, done + 1), {"after": after, "done": done, "total": total})
    runs.close_run(session, billing.RUN, run.id, RunEvent.CLOSE)
    exceptions.settle_billed(session, run.division_id)
    administration.log_job(
        session, record.id, catalog_text("%(bills)s bills posted, %(parked)s accounts parked"), bills=run.bills, parked=run.parked
    )
    links = terms_of(current_app.config)
    place = {"after": after, "done": done, "total": total, "told_after": int(checkpoint.get("told_after", 0))}
    yield JobStep(done, done, place)
    while (told := telling.tell_billed(session, run, links, after=place["told_after"], now=clock.now()))[0]:
        place["told_after"] = told[0]
        yield JobStep(done, done, place)
    billed = BilledDivision(run.division_id, run.billing_month)
    found = found_in_snapshot(session, billed)
    keep(session, CheckCause.BILL_RUN, found, division_id=billed.division_id)
    if found:
        administration.log_job(session, record.id, DIFFERS_AFTER, count=len(found))


JOBS = (
    run_job(billing.RUN, JobKind.BILL_PREVIEW, _l("Preview of a bill run"), preview, view="BillRunView"),
    run_job(billing.RUN, JobKind.BILL_POST, _l("Posting of a bill run"), post, view="BillRunView"),
)
