"""Bill runs: open, preview, post a chunk."""

from datetime import date
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from app.domain import billing, ledger, payments
from app.domain.billing import LINE_KINDS, PARKING, REASONS, Bills, Outcome, Policy, RunStatus
from app.domain.calendar import month_start, months_after
from app.domain.ledger import DocumentKind, Entries, LedgerAccount
from app.domain.metering import Quality
from app.domain.values import Integers
from app.models.billing import BillException, BillRun
from app.queries import administration as parameters
from app.queries import billing as queries
from app.queries import ledger as ledger_queries
from app.queries.administration import nodes
from app.queries.billing import Chunk
from app.queries.tariffs import Prices
from app.services import bulk
from app.services import ledger as ledger_service
from app.services.ledger import Books

CHUNK = 1000


class MonthNotOver(Exception):
    """A month cannot be billed before its last day."""


class AlreadyOpen(Exception):
    """The division's month has a bill run under way; the text is its id."""


class NotPreviewed(Exception):
    """Only a previewed bill run can be posted or cancelled."""


class Totals(NamedTuple):
    """Counts and sums of some bills."""

    bills: int = 0
    parked: int = 0
    quantity_milli: int = 0
    amount_tiyin: int = 0
    vat_tiyin: int = 0


def open_run(session: Session, *, division_id: int, month: date, today: date) -> BillRun:
    """Open the billing of a division for a month.

    :raises MonthNotOver: if the month is not over
    :raises AlreadyOpen: if a run for it is under way
    """
    month = month_start(month)
    if months_after(month, 1) > today:
        raise MonthNotOver
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('bill_run'), :division_id)"), {"division_id": division_id})
    under_way = session.scalar(
        select(BillRun.id).where(
            BillRun.division_id == division_id,
            BillRun.billing_month == month,
            BillRun.status.in_([RunStatus.PREVIEWING, RunStatus.PREVIEWED, RunStatus.POSTING]),
        )
    )
    if under_way:
        raise AlreadyOpen(str(under_way))
    run = BillRun(division_id=division_id, billing_month=month)
    session.add(run)
    session.flush()
    return run


def policy_on(session: Session, day: date) -> Policy:
    """Return the operating parameters of billing in force on a day."""
    return Policy(
        closing_from_day=parameters.value_on(session, "metering.closing_from_day", day),
        estimation_hours_per_day=parameters.value_on(session, "metering.estimation_hours_per_day", day),
        high_times=parameters.value_on(session, "metering.high_times", day),
    )


def compute(chunk: Chunk, prices: Prices, *, month: date, policy: Policy) -> Outcome:
    """Return the bills of a chunk."""
    return billing.build(
        chunk.accounts,
        chunk.readings,
        chunk.estimated_lines,
        prices.table,
        month=queries.month_number(month),
        policy=policy,
    )


class Preview(NamedTuple):
    """What a bill run would post."""

    totals: Totals
    by_block: dict[str, list[int]]  #: block → [quantity_milli, amount_tiyin]
    by_reason: dict[str, int]
    #: (account id, amount before, amount now) of the largest changes
    changes: list[list[int]]


def empty_preview() -> Preview:
    """Return the preview of nothing."""
    return Preview(Totals(), {}, {}, [])


def preview_chunk(session: Session, run: BillRun, chunk: Chunk, prices: Prices, policy: Policy, so_far: Preview) -> Preview:
    """Add a chunk to a preview and note its exceptions; no bill is written."""
    outcome = compute(chunk, prices, month=run.billing_month, policy=policy)
    _note_exceptions(session, run, chunk, outcome)
    by_block = dict(so_far.by_block)
    for block in np.unique(outcome.lines.block_no).tolist():
        of_block = outcome.lines.block_no == block
        before = by_block.get(str(block), [0, 0])
        sums = (int(outcome.lines.quantity_milli[of_block].sum()), int(outcome.lines.amount_tiyin[of_block].sum()))
        by_block[str(block)] = [before[0] + sums[0], before[1] + sums[1]]
    reasons, counts = np.unique(outcome.found.reason, return_counts=True)
    by_reason = dict(so_far.by_reason)
    for reason, count in zip(reasons.tolist(), counts.tolist(), strict=True):
        by_reason[REASONS[reason]] = by_reason.get(REASONS[reason], 0) + count
    return Preview(
        _add(so_far.totals, outcome),
        by_block,
        by_reason,
        _largest_changes(session, run.billing_month, chunk, outcome.bills, so_far.changes),
    )


def begin_preview(session: Session, run_id: int) -> BillRun:
    """Return a run to preview, its exceptions forgotten; a preview that was interrupted begins anew.

    :raises NotPreviewed: if the run is past its preview
    """
    run = run_of(session, run_id)
    if run.status != RunStatus.PREVIEWING:
        raise NotPreviewed
    session.execute(delete(BillException).where(BillException.bill_run_id == run.id))
    return run


def run_of(session: Session, run_id: int) -> BillRun:
    """Return a bill run."""
    return session.execute(select(BillRun).where(BillRun.id == run_id)).scalar_one()


def finish_preview(session: Session, run: BillRun, preview: Preview) -> None:
    """Keep what the preview found; the run can now be posted."""
    numbers = queries.account_numbers(session, [change[0] for change in preview.changes])
    run.preview = {
        "by_block": preview.by_block,
        "by_reason": preview.by_reason,
        "changes": [[numbers[account], before, now, account] for account, before, now in preview.changes],
    }
    _set_totals(run, preview.totals)
    run.status = RunStatus.PREVIEWED
    session.flush()


def begin_posting(session: Session, run_id: int) -> BillRun:
    """Turn a previewed run into one that is being posted, its totals counting from zero.

    :raises NotPreviewed: if it is in another state
    """
    run = _locked(session, run_id)
    if run.status != RunStatus.PREVIEWED:
        raise NotPreviewed
    run.status, run.reference_release = RunStatus.POSTING, nodes.release(session)
    _set_totals(run, Totals())
    session.execute(delete(BillException).where(BillException.bill_run_id == run.id))
    session.flush()
    return run


def cancel_run(session: Session, run_id: int) -> BillRun:
    """Give up a run that posted nothing.

    :raises NotPreviewed: if it is being posted or over
    """
    run = _locked(session, run_id)
    if run.status not in {RunStatus.PREVIEWING, RunStatus.PREVIEWED}:
        raise NotPreviewed
    run.status = RunStatus.CANCELLED
    session.flush()
    return run


def close_run(session: Session, run_id: int, status: RunStatus) -> None:
    """Record how a run ended."""
    session.execute(update(BillRun).where(BillRun.id == run_id).values(status=status))


def post_chunk(
    session: Session, run: BillRun, prices: Prices, policy: Policy, *, after: int, due_on: date, posted_on: date, most: int = CHUNK
) -> tuple[int, int]:
    """Post the bills of the next accounts: bills, lines, consumption, entries and balances, all or nothing.

    :return: the id of the last account looked at (0: none left), and how many accounts that were
    """
    window: dict[str, Any] = {"division_id": run.division_id, "month": run.billing_month}
    wanted = queries.chunk(session, prices, after=after, most=most, **window)
    ids = wanted.accounts.id
    if not len(ids):
        return 0, 0
    ledger_service.lock_positions(session, ids)
    # Read again under the lock: a payment may have come in, or another run may have billed some of them.
    chunk = queries.chunk(session, prices, only=ids.tolist(), most=most, **window)
    outcome = compute(chunk, prices, month=run.billing_month, policy=policy)
    _note_exceptions(session, run, chunk, outcome)
    bill_ids = bulk.reserve_ids(session, "bill", len(outcome.bills.account))
    _write_bills(session, run, chunk, outcome, bill_ids, due_on=due_on, issued_on=posted_on)
    _write_lines(session, chunk, outcome, bill_ids)
    _write_consumption(session, chunk, outcome, bill_ids)
    _settle(session, run, chunk, outcome.bills, bill_ids, due_on=due_on, posted_on=posted_on)
    _advance_positions(session, run, chunk, outcome.bills)
    done = _add(_totals_of(run), outcome)
    _set_totals(run, done)
    session.flush()
    return int(ids[-1]), len(ids)


def _note_exceptions(session: Session, run: BillRun, chunk: Chunk, outcome: Outcome) -> None:
    account, reason = outcome.found
    bulk.copy(
        session,
        "bill_exception",
        {
            "division_id": chunk.division_id[account],
            "bill_run_id": run.id,
            "account_id": chunk.accounts.id[account],
            "reason": [REASONS[index] for index in reason.tolist()],
            "parked": [REASONS[index] in PARKING for index in reason.tolist()],
        },
        len(account),
    )


def _write_bills(
    session: Session, run: BillRun, chunk: Chunk, outcome: Outcome, bill_ids: Integers, *, due_on: date, issued_on: date
) -> None:
    bills = outcome.bills
    bulk.copy(
        session,
        "bill",
        {
            "id": bill_ids,
            "division_id": chunk.division_id[bills.account],
            "account_id": chunk.accounts.id[bills.account],
            "bill_run_id": run.id,
            "billing_month": run.billing_month,
            "period_from": bulk.dates(bills.from_day),
            "period_to": bulk.dates(bills.to_day),
            "quality": [Quality.ACTUAL if actual else Quality.ESTIMATED for actual in bills.actual.tolist()],
            "quantity_milli": bills.quantity_milli,
            "amount_tiyin": bills.amount_tiyin,
            "vat_tiyin": bills.vat_tiyin,
            "issued_on": issued_on,
            "due_on": due_on,
        },
        len(bill_ids),
    )


def _write_lines(session: Session, chunk: Chunk, outcome: Outcome, bill_ids: Integers) -> None:
    lines = outcome.lines
    bill = np.searchsorted(outcome.bills.account, lines.account)
    line_no = np.arange(len(lines.account)) - np.searchsorted(lines.account, lines.account, "left") + 1
    bulk.copy(
        session,
        "bill_line",
        {
            "bill_id": bill_ids[bill],
            "line_no": line_no,
            "division_id": chunk.division_id[lines.account],
            "account_id": chunk.accounts.id[lines.account],
            "kind": [LINE_KINDS[index] for index in lines.kind.tolist()],
            "for_month": bulk.months(lines.month),
            "period_from": bulk.dates(lines.from_day),
            "period_to": bulk.dates(lines.to_day),
            "tariff_version_id": lines.version_id,
            "block_no": lines.block_no,
            "quantity_milli": lines.quantity_milli,
            "rate": [f"{rate // 10_000}.{rate % 10_000:04d}" for rate in lines.rate_e4.tolist()],
            "amount_tiyin": lines.amount_tiyin,
            "vat_tiyin": lines.vat_tiyin,
        },
        len(lines.account),
    )


def _write_consumption(session: Session, chunk: Chunk, outcome: Outcome, bill_ids: Integers) -> None:
    taken = outcome.consumptions
    bulk.copy(
        session,
        "consumption",
        {
            "division_id": chunk.division_id[taken.account],
            "account_id": chunk.accounts.id[taken.account],
            "bill_id": bill_ids[np.searchsorted(outcome.bills.account, taken.account)],
            "period_from": bulk.dates(taken.from_day),
            "period_to": bulk.dates(taken.to_day),
            "quantity_milli": taken.quantity_milli,
            "quality": [Quality.ACTUAL if actual else Quality.ESTIMATED for actual in taken.actual.tolist()],
            "earlier_reading_id": [reading or None for reading in taken.earlier_reading_id.tolist()],
            "later_reading_id": [reading or None for reading in taken.later_reading_id.tolist()],
            "rolled_over": taken.rolled_over,
        },
        len(taken.account),
    )


def _settle(session: Session, run: BillRun, chunk: Chunk, bills: Bills, bill_ids: Integers, *, due_on: date, posted_on: date) -> None:
    """Post what the bills charge or give back, and set advances against debts, the oldest first."""
    ids = chunk.accounts.id
    pool = chunk.advance_tiyin.copy()
    np.add.at(pool, bills.account, np.maximum(-bills.amount_tiyin, 0))
    old = ledger_queries.open_debts(session, ids)
    charged = bills.amount_tiyin > 0
    owner = np.concatenate([np.searchsorted(ids, old.account_id), bills.account[charged]])
    debt = np.concatenate([old.remaining_tiyin, bills.amount_tiyin[charged]])
    document = np.concatenate([old.bill_id, bill_ids[charged]])
    order = np.argsort(owner, kind="stable")
    owner, debt, document = owner[order], debt[order], document[order]
    parts, _ = payments.allocate(pool, owner, debt)
    used = parts > 0
    _write_debts(session, chunk, bills, bill_ids, due_on)
    ledger_service.reduce_debts(session, document[used], parts[used])
    _write_allocations(session, chunk, owner[used], document[used], parts[used], posted_on)
    advance_use = ledger.entries(
        DocumentKind.ADVANCE_USE,
        LedgerAccount.ADVANCE,
        LedgerAccount.RECEIVABLE,
        account=owner[used],
        document=document[used],
        amount_tiyin=parts[used],
    )
    posted = ledger.joined(*_charges(bills, bill_ids), advance_use)
    ledger_service.post(session, Books(ids, chunk.division_id), posted, month=run.billing_month, posted_on=posted_on)


def _write_debts(session: Session, chunk: Chunk, bills: Bills, bill_ids: Integers, due_on: date) -> None:
    charged = bills.amount_tiyin > 0
    bulk.copy(
        session,
        "debt",
        {
            "bill_id": bill_ids[charged],
            "account_id": chunk.accounts.id[bills.account[charged]],
            "division_id": chunk.division_id[bills.account[charged]],
            "due_on": due_on,
            "remaining_tiyin": bills.amount_tiyin[charged],
        },
        int(charged.sum()),
    )


def _write_allocations(session: Session, chunk: Chunk, owner: Integers, bill_ids: Integers, parts: Integers, on: date) -> None:
    bulk.copy(
        session,
        "allocation",
        {
            "division_id": chunk.division_id[owner],
            "account_id": chunk.accounts.id[owner],
            "bill_id": bill_ids,
            "amount_tiyin": parts,
            "allocated_on": on,
        },
        len(parts),
    )


def _charges(bills: Bills, bill_ids: Integers) -> list[Entries]:
    """Return the entries of bills: what is charged is owed, what is given back is an advance."""
    result = []
    for side, chosen in ((LedgerAccount.RECEIVABLE, bills.amount_tiyin >= 0), (LedgerAccount.ADVANCE, bills.amount_tiyin < 0)):
        target = {"account": bills.account[chosen], "document": bill_ids[chosen]}
        vat = bills.vat_tiyin[chosen]
        net = bills.amount_tiyin[chosen] - vat
        result.append(ledger.entries(DocumentKind.BILL, side, LedgerAccount.REVENUE, amount_tiyin=net, **target))
        result.append(ledger.entries(DocumentKind.BILL, side, LedgerAccount.VAT, amount_tiyin=vat, **target))
    return result


def _advance_positions(session: Session, run: BillRun, chunk: Chunk, bills: Bills) -> None:
    session.execute(
        text(
            """
            UPDATE account_position p
            SET billed_to = DATE '1970-01-01' + b.day, billed_month = :month,
                actual_to = CASE WHEN b.actual THEN DATE '1970-01-01' + b.day ELSE coalesce(p.actual_to, b.first) END
            FROM (SELECT account_id, day, actual, DATE '1970-01-01' + first AS first FROM unnest(
                CAST(:account AS bigint[]), CAST(:day AS int[]), CAST(:actual AS bool[]), CAST(:first AS int[])
            ) AS u (account_id, day, actual, first)) b
            WHERE p.account_id = b.account_id
            """
        ),
        {
            "account": chunk.accounts.id[bills.account].tolist(),
            "day": bills.to_day.tolist(),
            "actual": bills.actual.tolist(),
            "first": chunk.accounts.actual_to[bills.account].tolist(),
            "month": run.billing_month,
        },
    )


def _largest_changes(session: Session, month: date, chunk: Chunk, bills: Bills, so_far: list[list[int]]) -> list[list[int]]:
    ids = chunk.accounts.id[bills.account].tolist()
    before = queries.bill_of_month_before(session, ids, month)
    changes = [[account, before.get(account, 0), now] for account, now in zip(ids, bills.amount_tiyin.tolist(), strict=True)]
    return sorted(so_far + changes, key=lambda change: (-abs(change[2] - change[1]), change[0]))[:20]


def _add(totals: Totals, outcome: Outcome) -> Totals:
    parking = [REASONS.index(reason) for reason in PARKING]
    parked = len(np.unique(outcome.found.account[np.isin(outcome.found.reason, parking)]))
    bills = outcome.bills
    return Totals(
        totals.bills + len(bills.account),
        totals.parked + parked,
        totals.quantity_milli + int(bills.quantity_milli.sum()),
        totals.amount_tiyin + int(bills.amount_tiyin.sum()),
        totals.vat_tiyin + int(bills.vat_tiyin.sum()),
    )


def _totals_of(run: BillRun) -> Totals:
    return Totals(run.bills, run.parked, run.quantity_milli, run.amount_tiyin, run.vat_tiyin)


def _set_totals(run: BillRun, totals: Totals) -> None:
    run.bills, run.parked, run.quantity_milli, run.amount_tiyin, run.vat_tiyin = totals


def _locked(session: Session, run_id: int) -> BillRun:
    return session.execute(select(BillRun).where(BillRun.id == run_id).with_for_update()).scalar_one()
