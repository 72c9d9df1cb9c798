"""Shadow runs: a posted month computed again with proposed prices; nothing is posted."""

from collections.abc import Iterator
from datetime import date

import numpy as np
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.domain.administration import JobKind
from app.domain.billing import policy_of, shadow
from app.domain.billing import replay as tables
from app.domain.billing.shadow import Comparison
from app.domain.calendar import day_number, month_start
from app.domain.runs import RunEvent, RunStatus
from app.domain.tariffs import blocks_of, blocks_text
from app.models.billing.shadow import ShadowResult, ShadowRun
from app.models.tariffs import Tariff
from app.queries import locks, tariffs
from app.queries.administration import whole_company
from app.queries.billing import replay as queries
from app.queries.billing import shadow as shadow_queries
from app.queries.locks import Lock
from app.services import runs
from app.services.billing.runs import compute, policy_on
from app.services.runs import RunSpec

CHUNK = 4000
#: Drafts of one request whose effect is computed; a file may have hundreds.
MAX_EFFECTS = 10
#: Shadow runs among the kinds of runs; they post nothing.
RUN = RunSpec(ShadowRun, JobKind.SHADOW_RUN)


def open_run(session: Session, *, division_id: int, month: date, tariff_id: int, blocks: str, change_id: int | None = None) -> ShadowRun:
    """Open a shadow run of a division's posted month.

    :param blocks: the proposed steps of the tariff
    :param change_id: the draft whose effect it tells
    :raises NotBlocks: if the text does not give steps
    """
    proposed = blocks_text(blocks_of(blocks))
    run = ShadowRun(division_id=division_id, billing_month=month, tariff_id=tariff_id, blocks=proposed, change_id=change_id)
    return runs.open_run(session, RUN, run)


def start_effects(session: Session, approval_id: int, *, today: date) -> list[int]:
    """Start to compute the last full month of the company with the prices of each draft of a request; return the jobs.

    A draft whose effect is known, or being computed, is left out; so is all where no month was posted.
    """
    locks.acquire(session, Lock.KEY, ShadowRun.__tablename__, approval_id)
    month, started = shadow_queries.last_posted_month(session, before=month_start(today)), list[int]()
    for draft in shadow_queries.drafts(session, approval_id)[:MAX_EFFECTS] if month else ():
        known = effect_of(session, draft.id)
        if known is None or known.status in (RunStatus.FAILED, RunStatus.CANCELLED):
            run = open_run(
                session,
                division_id=whole_company(session),
                month=month or date.min,
                tariff_id=draft.tariff_id,
                blocks=draft.blocks or "",
                change_id=draft.id,
            )
            started.append(runs.start_preview(session, RUN, run))
    return started


def effect_of(session: Session, change_id: int) -> ShadowRun | None:
    """Return the newest run that tells the effect of a draft."""
    return session.scalar(select(ShadowRun).where(ShadowRun.change_id == change_id).order_by(ShadowRun.id.desc()).limit(1))


def compare(session: Session, run: ShadowRun, *, limit: int = CHUNK) -> Iterator[tuple[int, Comparison]]:
    """Compute the live bills of a run's month with the proposed blocks in force from its first day, chunk by chunk.

    What a bill takes back or corrects of months before keeps the prices of then.

    :return: after each chunk how many bills were read, and the comparison so far
    """
    month, division_id = run.billing_month, run.division_id
    proposal = tariffs.Proposal(run.tariff_id, day_number(month), blocks_of(run.blocks))
    prices = tariffs.prices(session, proposal)
    tariff = session.get_one(Tariff, run.tariff_id)
    place, found, read = prices.places[tariff.resource_id, tariff.tariff_group_id], shadow.nothing(), 0
    for posted_run in queries.posted_runs(session, division_id=division_id, month=month):
        policy = policy_of(posted_run.policy) if posted_run.policy else policy_on(session, posted_run.issued_on)
        after = 0
        while True:
            posted = queries.as_posted(session, prices, posted_run, division_id=division_id, month=month, after=after, limit=limit)
            if not len(posted.bill_id):
                break
            outcome = compute(posted.chunk, prices, month=month, policy=policy)
            built = np.zeros(len(posted.bill_id), dtype=bool)
            built[outcome.bills.account] = True
            found = shadow.compared(
                account_id=posted.chunk.accounts.id,
                division_id=posted.chunk.division_id,
                wanted=posted.chunk.accounts.tariff == place,
                built=built,
                stored=posted.stored.lines,
                proposed=tables.computed(outcome).lines,
                running=found,
            )
            after, read = int(posted.bill_id.max()), read + len(posted.bill_id)
            yield read, found


def finish(session: Session, run: ShadowRun, found: Comparison) -> None:
    """Keep what a run found."""
    group_id = session.get_one(Tariff, run.tariff_id).tariff_group_id
    rows = [
        {
            "shadow_run_id": run.id, "division_id": division_id, "tariff_group_id": group_id, "component": component, "zone": zone,
            "block_no": block_no, "bills": sums[0], "quantity_now_milli": sums[1], "quantity_proposed_milli": sums[2],
            "amount_now_tiyin": sums[3], "amount_proposed_tiyin": sums[4],
        }
        for (division_id, component, zone, block_no), sums in sorted(found.steps.items())
    ]  # fmt: skip
    if rows:
        session.execute(insert(ShadowResult), rows)
    run.bills, run.left_out, run.largest = found.bills, found.left_out, found.largest
    run.amount_now_tiyin = sum(sums[3] for sums in found.steps.values())
    run.amount_proposed_tiyin = sum(sums[4] for sums in found.steps.values())
    runs.advance(session, RUN, run.id, RunEvent.PREVIEW)
