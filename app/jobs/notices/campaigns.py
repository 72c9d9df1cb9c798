"""Campaigns of messages as jobs: their preview, and the writing of their messages to the outbox."""

from collections.abc import Iterator

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock
from app.domain.administration import JobKind
from app.domain.administration.translations import catalog_text
from app.domain.runs import RunEvent
from app.jobs.runner import JobStep
from app.jobs.runs import run_job
from app.queries.administration import JobRecord
from app.queries.notices import campaigns as queries
from app.services import administration, runs
from app.services.links import terms_of
from app.services.notices import campaigns as service


def preview(session: Session, record: JobRecord) -> Iterator[JobStep]:
    """Count what a campaign would send; nothing is written but the preview."""
    campaign = runs.run_of(session, service.RUN, record.subject_id or 0)
    wanted = service.audience_of(campaign, clock.today())
    total = queries.count_audience(session, wanted)
    found, after, done = service.PreviewTotals(), 0, 0
    while window := queries.audience(session, wanted, after=after, limit=service.WINDOW):
        found = service.preview_window(session, campaign, window, found, terms_of(current_app.config), now=clock.now())
        after, done = window[-1].account_id, done + len(window)
        # A preview is cheap and starts anew after an interruption, so it keeps no checkpoint.
        yield JobStep(min(done, total), total + 1, {})
    service.finish_preview(session, campaign, found)
    message = catalog_text("%(messages)s SMS of %(parts)s parts to %(accounts)s consumers")
    administration.log_job(session, record.id, message, messages=found.messages, parts=found.parts, accounts=found.accounts)
    yield JobStep(total, total, {})


def send(session: Session, record: JobRecord) -> Iterator[JobStep]:
    """Write the messages of a campaign to the outbox, from its checkpoint on; nobody is told twice."""
    checkpoint = record.checkpoint
    campaign = runs.run_of(session, service.RUN, record.subject_id or 0)
    wanted = service.audience_of(campaign, clock.today())
    if not checkpoint:
        runs.advance(session, service.RUN, campaign.id, RunEvent.POST)
        checkpoint = {"after": 0, "done": 0, "total": queries.count_audience(session, wanted)}
        yield JobStep(0, max(checkpoint["total"], 1), checkpoint)
    after, done, total = (int(checkpoint[name]) for name in ("after", "done", "total"))
    while window := queries.audience(session, wanted, after=after, limit=service.WINDOW):
        service.write_window(session, campaign, window, terms_of(current_app.config), now=clock.now())
        after, done = window[-1].account_id, done + len(window)
        yield JobStep(done, max(total, done) + 1, {"after": after, "done": done, "total": total})
    runs.close_run(session, service.RUN, campaign.id, RunEvent.CLOSE)
    administration.log_job(session, record.id, catalog_text("%(told)s consumers are told"), told=campaign.told)
    yield JobStep(done, done, {"after": after, "done": done, "total": total})


JOBS = (
    run_job(service.RUN, JobKind.CAMPAIGN_PREVIEW, _l("Preview of a campaign"), preview, view="CampaignView"),
    run_job(service.RUN, JobKind.CAMPAIGN_SENDING, _l("Sending of a campaign"), send, view="CampaignView"),
)
