"""Bills that wait for a person: held back by runs, taken up, released, corrected or parked."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain import billing
from app.domain.billing import REASONS, TRANSITIONS, BillingOutcome, HoldEvent, HoldStatus, Policy
from app.domain.values import Flags, Integers
from app.models.billing import BillHold, BillRun
from app.queries.billing import Chunk
from app.queries.billing import holds as queries

_OPEN, _RELEASED, _PARKED = (queries.STATUSES.index(each) for each in (HoldStatus.OPEN, HoldStatus.RELEASED, HoldStatus.PARKED))


class HoldRefused(Exception):
    """The decision does not fit how the held bill stands, or there is no bill to release."""


def hold_back(session: Session, run: BillRun, chunk: Chunk, outcome: BillingOutcome, policy: Policy) -> BillingOutcome:
    """Return what may be posted, and put the rest before people; what was decided about a bill before holds.

    A bill that was released is held again if its amount has changed since.
    """
    ids = chunk.accounts.id
    reason = billing.reason_held(outcome, policy, len(ids))
    billed, amount, quantity = billing.amounts(outcome, len(ids))
    before = queries.decided(session, ids, run.billing_month)
    place = queries.places(ids, before.account_id)
    released, parked, opened = (np.zeros(len(ids), dtype=bool) for _ in range(3))
    released[place] = (before.status == _RELEASED) & (before.amount_tiyin == amount[place]) & billed[place]
    parked[place], opened[place] = before.status == _PARKED, before.status == _OPEN
    found = (reason >= 0) & ~released
    new = np.flatnonzero(found & ~parked)
    _write(session, run, chunk, new, reason, (billed, amount, quantity))
    if cleared := ids[opened & ~found].tolist():
        _clear(session, run, cleared)
    return billing.without(outcome, (found & billed) | (parked & billed))


def _write(
    session: Session,
    run: BillRun,
    chunk: Chunk,
    new: Integers,
    reason: Integers,
    figures: tuple[Flags, Integers, Integers],
) -> None:
    if not len(new):
        return
    billed, amount, quantity = figures
    session.execute(
        text(
            """
            INSERT INTO bill_hold (division_id, account_id, billing_month, bill_run_id, reason, amount_tiyin, quantity_milli)
            SELECT u.division_id, u.account_id, :month, :run, u.reason, u.amount, u.quantity
            FROM unnest(CAST(:divisions AS bigint[]), CAST(:accounts AS bigint[]), CAST(:reasons AS text[]), CAST(:amounts AS bigint[]),
                        CAST(:quantities AS bigint[])) AS u (division_id, account_id, reason, amount, quantity)
            ON CONFLICT (account_id, billing_month) DO UPDATE SET
                bill_run_id = excluded.bill_run_id, reason = excluded.reason, amount_tiyin = excluded.amount_tiyin,
                quantity_milli = excluded.quantity_milli, status = 'OPEN'
            """
        ),
        {
            "month": run.billing_month,
            "run": run.id,
            "divisions": chunk.division_id[new].tolist(),
            "accounts": chunk.accounts.id[new].tolist(),
            "reasons": [REASONS[index] for index in reason[new].tolist()],
            "amounts": [each if has else None for has, each in zip(billed[new].tolist(), amount[new].tolist(), strict=True)],
            "quantities": [each if has else None for has, each in zip(billed[new].tolist(), quantity[new].tolist(), strict=True)],
        },
    )


def _clear(session: Session, run: BillRun, account_ids: list[int]) -> None:
    """Close what waits no longer, because what it was held for is gone."""
    session.execute(
        text(
            "UPDATE bill_hold SET status = 'CORRECTED', bill_run_id = :run "
            "WHERE billing_month = :month AND account_id = ANY(:ids) AND status = 'OPEN'"
        ),
        {"run": run.id, "month": run.billing_month, "ids": account_ids},
    )


def assign(session: Session, hold_ids: Sequence[int], *, owner: str | None) -> int:
    """Let a person be the one who looks at held bills (None: nobody any more); return how many."""
    held = session.scalars(select(BillHold).where(BillHold.id.in_(hold_ids)).order_by(BillHold.id).with_for_update()).all()
    for each in held:
        each.owner = owner
    session.flush()
    return len(held)


def decide(session: Session, hold_ids: Sequence[int], event: HoldEvent, *, by: str, remark: str, now: datetime) -> int:
    """Decide about held bills, all or none; return how many.

    :raises HoldRefused: if a decision does not fit, or a bill is to be released that could not be made
    """
    held = session.scalars(select(BillHold).where(BillHold.id.in_(hold_ids)).order_by(BillHold.id).with_for_update()).all()
    for each in held:
        following = TRANSITIONS.get((HoldStatus(each.status), event))
        if following is None or (event == HoldEvent.RELEASE and each.amount_tiyin is None):
            raise HoldRefused(str(each.id))
        each.status, each.decided_by, each.decided_at, each.remark = following, by, now, remark[:300] or None
        each.owner = each.owner or by
    session.flush()
    return len(held)
