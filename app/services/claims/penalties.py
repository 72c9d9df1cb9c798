"""Penalty runs: previewed, then posted by windows of accounts; each charges what the penalty of bills rose by.

No lock is needed: a run charges days that are over, payments of today change only days that come, and what is booked for an
earlier day afterwards is made good by the next run, because each counts every bill from its first day.
"""

import json
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain import claims
from app.domain.administration import JobKind
from app.domain.billing import Component
from app.domain.calendar import day_number, day_of
from app.domain.claims import Accrued, PenaltyTerms
from app.domain.runs import RunEvent, RunStatus
from app.domain.values import Integers, check_amounts, sums_by
from app.models.claims import PenaltyRun
from app.queries import claims as queries
from app.queries.claims import Late, PenaltyWindow
from app.services import bulk, runs
from app.services.runs import RunAlreadyOpen, RunSpec

#: Accounts a step, late or not.
WINDOW = 5000
#: Charges a preview names.
LARGEST = 20
#: Penalty runs among the kinds of runs.
RUN = RunSpec(PenaltyRun, JobKind.PENALTY_PREVIEW, JobKind.PENALTY_ACCRUAL, one_open=("division_id",))


_CHARGES = text(
    f"""
    INSERT INTO billable_charge (id, division_id, account_id, component, period_from, period_to, amount_tiyin, basis, derivation)
    SELECT id, :division_id, account_id, '{Component.PENALTY}', :period_from, :period_to, amount_tiyin, basis, derivation
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS u (id bigint, account_id bigint, amount_tiyin bigint, basis text, derivation jsonb)
    """
)


_PENALTIES = text(
    """
    INSERT INTO penalty (division_id, account_id, bill_id, penalty_run_id, charge_id, period_to, amount_tiyin)
    SELECT :division_id, account_id, bill_id, :run_id, nullif(charge_id, 0), :period_to, amount
    FROM unnest(CAST(:account AS bigint[]), CAST(:bill AS bigint[]), CAST(:charge AS bigint[]), CAST(:amount AS bigint[]))
        AS u (account_id, bill_id, charge_id, amount)
    """
)


class DaysNotOver(Exception):
    """A penalty run would count a day that is not over, or no day."""


class PenaltyRules(NamedTuple):
    """What a run charges by."""

    terms: PenaltyTerms
    #: documents of the rates, by kind of consumer
    sources: tuple[str, ...]
    #: the first day the division counts
    since: date


class Rise(NamedTuple):
    """What the penalty of some bills rose by, with all it was computed from."""

    late: Late
    accrued: Accrued
    #: by bill
    rise_tiyin: Integers


class PenaltyRunTotals(NamedTuple):
    """What a preview found so far."""

    accounts: int = 0
    bills: int = 0
    amount_tiyin: int = 0
    #: (amount, account id), the largest first
    largest: tuple[tuple[int, int], ...] = ()


def open_run(session: Session, *, division_id: int, period_from: date, period_to: date, today: date) -> PenaltyRun:
    """Open a penalty run; it begins where the division's last one ended, whatever day is asked for.

    :param period_from: first day to count if the division never had a run
    :raises RunAlreadyOpen: if one is under way
    :raises DaysNotOver: if the last day is not over, or nothing is left to count
    """
    start = queries.posted_to(session, division_id) or period_from
    if not start < period_to <= today:
        raise DaysNotOver
    return runs.open_run(session, RUN, PenaltyRun(division_id=division_id, period_from=start, period_to=period_to))


def charge_account(session: Session, account_id: int, division_id: int, *, left_on: date, to: date) -> PenaltyRun | None:
    """Charge an account, locked by the caller, what the penalty of its bills rose by since the district's last run.

    The district's runs count on from there. A district that never charged penalty charges none here.

    :param left_on: the first day the owner does not have it any more; the charge is one of his days
    :param to: exclusive
    :return: None if nothing is charged
    :raises RunAlreadyOpen: if a run of the district is being posted just now; the text is its id
    """
    posted_to = queries.posted_to(session, division_id)
    if posted_to is None:
        return None
    since = min(posted_to, left_on - timedelta(days=1))
    posting = select(PenaltyRun.id).where(PenaltyRun.division_id == division_id, PenaltyRun.status == RunStatus.POSTING)
    if under_way := session.scalar(posting.limit(1)):
        raise RunAlreadyOpen(str(under_way))
    run = PenaltyRun(division_id=division_id, period_from=since, period_to=to, status=RunStatus.POSTED, account_id=account_id)
    with session.begin_nested() as attempt:
        session.add(run)
        session.flush()
        post_window(session, run, rules_of(session, run), PenaltyWindow([account_id]))
        if run.bills:
            return run
        attempt.rollback()
    return None


def rules_of(session: Session, run: PenaltyRun) -> PenaltyRules:
    """Return what a run charges by."""
    since = queries.counted_from(session, run.division_id) or run.period_from
    return PenaltyRules(queries.terms(session), queries.rate_sources(session, run.period_from), since)


def rise(session: Session, run: PenaltyRun, rules: PenaltyRules, window: PenaltyWindow) -> Rise:
    """Return what the penalty of a window's bills rose by; bills whose penalty did not change are left out of the sums.

    An account that was charged alone up to a later day is left to the next run.
    """
    ahead = queries.charged_beyond(session, window, run.period_to)
    late = queries.late_bills(
        session, PenaltyWindow([each for each in window.ids if each not in ahead]), since=run.period_from, to=run.period_to
    )
    accrued = claims.accrue(late.histories, rules.terms, since_day=day_number(rules.since), to_day=day_number(run.period_to))
    # What somebody took back is not given back again when less turns out to be owed.
    risen = np.maximum(accrued.total_tiyin - late.charged_tiyin, np.minimum(-late.standing_tiyin, 0))
    return Rise(late, accrued, risen)


def preview_window(
    session: Session, run: PenaltyRun, rules: PenaltyRules, window: PenaltyWindow, found: PenaltyRunTotals
) -> PenaltyRunTotals:
    """Add what a window would be charged to a preview; nothing is written."""
    risen = rise(session, run, rules, window)
    amount = _by_account(risen)
    largest = np.argsort(-amount, kind="stable")[:LARGEST]
    listed = [*found.largest, *zip(amount[largest].tolist(), risen.late.account_id[largest].tolist(), strict=True)]
    return PenaltyRunTotals(
        found.accounts + int((amount != 0).sum()),
        found.bills + int((risen.rise_tiyin != 0).sum()),
        found.amount_tiyin + int(amount.sum()),
        tuple(sorted((pair for pair in listed if pair[0] > 0), key=lambda pair: (-pair[0], pair[1]))[:LARGEST]),
    )


def finish_preview(session: Session, run: PenaltyRun, found: PenaltyRunTotals) -> None:
    """Store a preview; the run can be posted."""
    run.accounts, run.bills, run.amount_tiyin = found.accounts, found.bills, found.amount_tiyin
    run.preview = {"largest": [list(pair) for pair in found.largest]}
    runs.advance(session, RUN, run.id, RunEvent.PREVIEW)


def begin_posting(session: Session, run_id: int) -> PenaltyRun:
    """Start posting a previewed run.

    :raises RunNotReady: if it is not previewed
    """
    run = runs.advance(session, RUN, run_id, RunEvent.POST)
    run.accounts, run.bills, run.amount_tiyin = 0, 0, 0
    session.flush()
    return run


def post_window(session: Session, run: PenaltyRun, rules: PenaltyRules, window: PenaltyWindow) -> None:
    """Charge a window's accounts what their penalty rose by, one charge an account; a repeat charges nothing."""
    risen = rise(session, run, rules, window)
    amount = _by_account(risen)
    check_amounts(amount)
    charged = np.flatnonzero(amount)
    charge_ids = bulk.reserve_ids(session, "billable_charge", len(charged)) if len(charged) else charged
    of_account = np.zeros(len(amount), dtype=np.int64)
    of_account[charged] = charge_ids
    _write_charges(session, run, rules, risen, charged, charge_ids, amount[charged])
    bills = np.flatnonzero(risen.rise_tiyin)
    _write_penalties(session, run, risen, bills, of_account)
    run.accounts += len(charged)
    run.bills += len(bills)
    run.amount_tiyin += int(amount.sum())
    session.flush()


def _by_account(risen: Rise) -> Integers:
    return sums_by(risen.late.histories.account, risen.rise_tiyin, len(risen.late.account_id))


def _write_charges(
    session: Session, run: PenaltyRun, rules: PenaltyRules, risen: Rise, charged: Integers, charge_ids: Integers, amount: Integers
) -> None:
    if not len(charged):
        return
    told = _derivations(run, risen)
    kind = dict(zip(risen.late.histories.account.tolist(), risen.late.histories.kind.tolist(), strict=True))
    rows = [
        {
            "id": charge_id,
            "account_id": int(risen.late.account_id[account]),
            "amount_tiyin": tiyin,
            "basis": rules.sources[kind[account]][:300],
            "derivation": told[account],
        }
        for account, charge_id, tiyin in zip(charged.tolist(), charge_ids.tolist(), amount.tolist(), strict=True)
    ]
    days = {"period_from": run.period_from, "period_to": run.period_to}
    session.execute(_CHARGES, {"division_id": run.division_id, **days, "rows": json.dumps(rows)})


def _write_penalties(session: Session, run: PenaltyRun, risen: Rise, bills: Integers, charge_of_account: Integers) -> None:
    if not len(bills):
        return
    account = risen.late.histories.account[bills]
    session.execute(
        _PENALTIES,
        {
            "division_id": run.division_id,
            "run_id": run.id,
            "period_to": run.period_to,
            "account": risen.late.account_id[account].tolist(),
            "bill": risen.late.bill_id[bills].tolist(),
            "charge": charge_of_account[account].tolist(),
            "amount": risen.rise_tiyin[bills].tolist(),
        },
    )


def _derivations(run: PenaltyRun, risen: Rise) -> dict[int, dict[str, Any]]:
    """Return for each account what its charge can be computed again from: its bills, their days, bases and rates."""
    pieces = risen.accrued.pieces
    start = np.searchsorted(pieces.bill, np.arange(len(risen.rise_tiyin)), "left").tolist()
    end = np.searchsorted(pieces.bill, np.arange(len(risen.rise_tiyin)), "right").tolist()
    rows = np.stack([pieces.from_day, pieces.to_day, pieces.base_tiyin, pieces.rate_e6], axis=1).tolist()
    told: dict[int, dict[str, Any]] = {}
    columns = (
        risen.late.bill_id,
        risen.late.billing_month_day,
        risen.accrued.total_tiyin - risen.rise_tiyin,
        risen.accrued.total_tiyin,
        risen.accrued.cap_tiyin,
    )
    bills = np.stack(columns, axis=1).tolist()
    for place in np.flatnonzero(risen.rise_tiyin).tolist():
        bill, month, before, total, cap = bills[place]
        account = int(risen.late.histories.account[place])
        entry = {
            "bill_id": bill, "billing_month": day_of(month).isoformat(), "before_tiyin": before, "total_tiyin": total, "cap_tiyin": cap,
            "pieces": [[str(day_of(first)), str(day_of(last)), base, rate] for first, last, base, rate in rows[start[place] : end[place]]],
        }  # fmt: skip
        told.setdefault(account, {"penalty_run_id": run.id, "bills": []})["bills"].append(entry)
    return told
