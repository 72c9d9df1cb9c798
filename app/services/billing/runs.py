"""Bill runs: what they preview, and the counts they keep."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import numpy as np
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.domain import billing
from app.domain.administration import JobKind
from app.domain.billing import COMPONENTS, PARKING, POLICY_PARAMETERS, REASONS, BillingOutcome, Bills, Component, Policy
from app.domain.calendar import month_start, months_after
from app.domain.runs import RunEvent, RunStatus
from app.domain.values import Flags
from app.models.billing import BillException, BillRun
from app.queries import administration as parameters
from app.queries import billing as queries
from app.queries.administration import nodes
from app.queries.billing import Chunk
from app.queries.tariffs import Prices
from app.services import bulk, runs
from app.services.billing.holds import hold_back
from app.services.runs import RunNotReady, RunSpec

#: Accounts of a step: enough that what a statement costs does not count, few enough that they fit in some ten megabytes.
CHUNK = 10_000
#: Bill runs among the kinds of runs.
RUN = RunSpec(BillRun, JobKind.BILL_PREVIEW, JobKind.BILL_POST, one_open=("division_id", "billing_month"))


class MonthNotOver(Exception):
    """A month cannot be billed before its last day."""


class BillRunTotals(NamedTuple):
    """Counts and sums of some bills."""

    bills: int = 0
    parked: int = 0
    quantity_milli: int = 0
    amount_tiyin: int = 0
    vat_tiyin: int = 0


def open_run(session: Session, *, division_id: int, month: date, today: date) -> BillRun:
    """Open the billing of a division for a month.

    :raises MonthNotOver: if the month is not over
    :raises RunAlreadyOpen: if a run for it is under way
    """
    month = month_start(month)
    if months_after(month, 1) > today:
        raise MonthNotOver
    return runs.open_run(session, RUN, BillRun(division_id=division_id, billing_month=month))


def policy_on(session: Session, day: date) -> Policy:
    """Return the operating parameters of billing in force on a day."""
    return Policy(*parameters.values_of(session, POLICY_PARAMETERS, day).values())


def keep_policy(run: BillRun, policy: Policy) -> None:
    """Let a run remember what its bills are computed with, so that they can be computed again."""
    if run.policy != policy._asdict():
        run.policy = policy._asdict()


def compute(chunk: Chunk, prices: Prices, *, month: date, policy: Policy) -> BillingOutcome:
    """Return the bills of a chunk."""
    return billing.build(
        chunk.accounts,
        chunk.readings,
        chunk.estimated_lines,
        prices.table,
        month=queries.month_number(month),
        policy=policy,
        rules=chunk.rules,
    )


class Preview(NamedTuple):
    """What a bill run would post."""

    totals: BillRunTotals
    by_block: dict[str, list[int]]  #: block → [quantity_milli, amount_tiyin]
    by_reason: dict[str, int]
    #: (account id, amount before, amount now) of the largest changes
    changes: list[list[int]]


def empty_preview() -> Preview:
    """Return the preview of nothing."""
    return Preview(BillRunTotals(), {}, {}, [])


def preview_steps(session: Session, run: BillRun, prices: Prices, policy: Policy) -> Iterator[tuple[Preview, int]]:
    """Compute what a run would post, some accounts a step; yield what was found so far, and how many accounts were looked at."""
    found, after, done = empty_preview(), 0, 0
    while True:
        ids = queries.to_bill(session, division_id=run.division_id, month=run.billing_month, after=after, limit=CHUNK)
        if not len(ids):
            return
        chunk = queries.chunk(session, prices, ids=np.sort(ids), month=run.billing_month)
        found = preview_chunk(session, run, chunk, prices, policy, found)
        after, done = int(ids[-1]), done + len(ids)
        yield found, done


def preview_chunk(session: Session, run: BillRun, chunk: Chunk, prices: Prices, policy: Policy, running: Preview) -> Preview:
    """Add a chunk to a preview and note its exceptions; no bill is written."""
    keep_policy(run, policy)
    outcome = hold_back(session, run, chunk, compute(chunk, prices, month=run.billing_month, policy=policy), policy)
    note_exceptions(session, run, chunk, outcome)
    by_block = dict(running.by_block)
    energy = outcome.lines.component == COMPONENTS.index(Component.ENERGY)
    for block in np.unique(outcome.lines.block_no[energy]).tolist():
        of_block = energy & (outcome.lines.block_no == block)
        before = by_block.get(str(block), [0, 0])
        sums = (int(outcome.lines.quantity_milli[of_block].sum()), int(outcome.lines.amount_tiyin[of_block].sum()))
        by_block[str(block)] = [before[0] + sums[0], before[1] + sums[1]]
    reasons, counts = np.unique(outcome.found.reason, return_counts=True)
    by_reason = dict(running.by_reason)
    for reason, count in zip(reasons.tolist(), counts.tolist(), strict=True):
        by_reason[REASONS[reason]] = by_reason.get(REASONS[reason], 0) + count
    return Preview(
        add(running.totals, outcome),
        by_block,
        by_reason,
        _largest_changes(session, run.billing_month, chunk, outcome.bills, running.changes),
    )


def begin_preview(session: Session, run_id: int) -> BillRun:
    """Return a run to preview, its exceptions forgotten; a preview that was interrupted begins anew.

    :raises RunNotReady: if the run is past its preview
    """
    run = runs.run_of(session, RUN, run_id)
    if run.status != RunStatus.PREVIEWING:
        raise RunNotReady
    session.execute(delete(BillException).where(BillException.bill_run_id == run.id))
    return run


def finish_preview(session: Session, run: BillRun, preview: Preview) -> None:
    """Keep what the preview found; the run can now be posted."""
    numbers = queries.account_numbers(session, [change[0] for change in preview.changes])
    run.preview = {
        "by_block": preview.by_block,
        "by_reason": preview.by_reason,
        "changes": [[numbers[account], before, now, account] for account, before, now in preview.changes],
    }
    set_totals(run, preview.totals)
    runs.advance(session, RUN, run.id, RunEvent.PREVIEW)


def begin_posting(session: Session, run_id: int) -> BillRun:
    """Turn a previewed run into one that is being posted, its totals counting from zero.

    :raises RunNotReady: if it is in another state
    """
    run = runs.advance(session, RUN, run_id, RunEvent.POST)
    run.reference_release = nodes.release(session)
    set_totals(run, BillRunTotals())
    session.execute(delete(BillException).where(BillException.bill_run_id == run.id))
    session.flush()
    return run


def note_exceptions(session: Session, run: BillRun, chunk: Chunk, outcome: BillingOutcome) -> None:
    """Keep what was found about the accounts of a chunk."""
    account, reason = outcome.found
    bulk.copy(
        session,
        "bill_exception",
        {
            "division_id": chunk.division_id[account],
            "bill_run_id": run.id,
            "account_id": chunk.accounts.id[account],
            "reason": bulk.Coded(REASONS, reason),
            "parked": _parked(outcome),
        },
        len(account),
    )


def _largest_changes(session: Session, month: date, chunk: Chunk, bills: Bills, running: list[list[int]]) -> list[list[int]]:
    ids = chunk.accounts.id[bills.account].tolist()
    before = queries.bill_of_month_before(session, ids, month)
    changes = [[account, before.get(account, 0), now] for account, now in zip(ids, bills.amount_tiyin.tolist(), strict=True)]
    return sorted(running + changes, key=lambda change: (-abs(change[2] - change[1]), change[0]))[:20]


def add(totals: BillRunTotals, outcome: BillingOutcome) -> BillRunTotals:
    """Return totals with the bills of a chunk added."""
    parked = len(np.unique(np.append(outcome.found.account[_parked(outcome)], outcome.held)))
    bills = outcome.bills
    return BillRunTotals(
        totals.bills + len(bills.account),
        totals.parked + parked,
        totals.quantity_milli + int(bills.quantity_milli.sum()),
        totals.amount_tiyin + int(bills.amount_tiyin.sum()),
        totals.vat_tiyin + int(bills.vat_tiyin.sum()),
    )


def _parked(outcome: BillingOutcome) -> Flags:
    """Tell which exceptions are about an account that gets no bill."""
    parking = [REASONS.index(reason) for reason in PARKING]
    parked: Flags = np.isin(outcome.found.reason, parking) | np.isin(outcome.found.account, outcome.held)
    return parked


def totals_of(run: BillRun) -> BillRunTotals:
    """Return what a run has counted so far."""
    return BillRunTotals(run.bills, run.parked, run.quantity_milli, run.amount_tiyin, run.vat_tiyin)


def set_totals(run: BillRun, totals: BillRunTotals) -> None:
    """Let a run count so much."""
    run.bills, run.parked, run.quantity_milli, run.amount_tiyin, run.vat_tiyin = totals
