"""Bills taken back and billed again: facts stay, further bills reverse them.

A bill is taken back by a further bill that names it, with every amount negated. What was set against it becomes an
advance, which goes to the debts that are left, the oldest first. The account then stands where its newest remaining bill
left it, so the ordinary engine bills the months again, in order: the same readings, tariffs and parameters give the same
bill. A bill that is billed again keeps the day it was to be paid by, and so its place among the debts.

Entries of a cancellation count for the month of the bill, or for the first open month where that one is closed.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain import ledger
from app.domain.billing import LineKind
from app.domain.billing.corrections import CorrectionKind
from app.domain.calendar import day_number, month_start
from app.domain.ledger import DocumentKind, Entries
from app.domain.runs import RunStatus
from app.domain.settlement import BillAmounts
from app.domain.values import Integers, sums_by
from app.models.billing import Bill, BillLine, BillRun
from app.models.billing.corrections import BillCorrection
from app.queries import ledger as ledger_queries
from app.queries import tariffs
from app.queries.billing import corrections as queries
from app.queries.billing import live
from app.queries.billing.corrections import BilledMonth, LiveBills, MonthAmount
from app.services import bulk
from app.services import ledger as ledger_service
from app.services.billing.posting import post_accounts
from app.services.billing.runs import policy_on
from app.services.ledger import PostingAccounts
from app.services.once import added, once


class NothingToCancel(Exception):
    """No bill of the account stands in the wanted months."""


class ConflictingCorrection(Exception):
    """The form's key was used for another correction; the text is that one's id."""


class CorrectionRequest(NamedTuple):
    """What to correct, from which month on, and why."""

    division_id: int
    since: date
    kind: CorrectionKind
    reason: str
    #: idempotency key
    reference: str
    account_id: int | None = None
    tariff_group_id: int | None = None


class MonthDifference(NamedTuple):
    """What a correction makes of a month; None: no bill."""

    month: date
    before: MonthAmount | None
    after: MonthAmount | None

    @property
    def change_tiyin(self) -> int:
        """What the consumer owes more (or, negative, less)."""
        return (self.after.amount_tiyin if self.after else 0) - (self.before.amount_tiyin if self.before else 0)


def open_correction(session: Session, wanted: CorrectionRequest) -> BillCorrection:
    """Record a correction before anything is corrected; a repeat returns the first.

    :raises ConflictingCorrection: if the reference was used for another one
    """
    fields = wanted._asdict()
    fields["since_month"] = month_start(fields.pop("since"))
    return once(
        session,
        ("bill_correction", wanted.reference),
        find=select(BillCorrection).where(BillCorrection.reference == wanted.reference),
        contents=fields,
        conflict=ConflictingCorrection,
        make=lambda: added(session, BillCorrection(**fields)),
    )


def is_open(session: Session, wanted: CorrectionRequest) -> bool:
    """Return whether a correction was recorded with the reference before."""
    return session.scalar(select(BillCorrection.id).where(BillCorrection.reference == wanted.reference)) is not None


def correct_account(session: Session, wanted: CorrectionRequest, *, today: date) -> BillCorrection:
    """Take back an account's bills from a month on, newest first, and bill the months again in order; once a reference.

    :raises NothingToCancel: if no bill stands there
    :raises ConflictingCorrection: if the reference was used for another one
    """
    assert wanted.account_id is not None
    ids = np.array([wanted.account_id], dtype=np.int64)
    ledger_service.lock_positions(session, ids)
    correction = open_correction(session, wanted)
    if session.scalar(select(BillRun.id).where(BillRun.correction_id == correction.id).limit(1)):
        return correction
    if not correct_accounts(session, correction, ids, today=today):
        raise NothingToCancel
    return correction


def preview(session: Session, wanted: CorrectionRequest, *, today: date) -> list[MonthDifference]:
    """Return what a correction of one account would change, month by month; nothing of it stays.

    :raises NothingToCancel: if no bill stands there
    """
    assert wanted.account_id is not None
    since = month_start(wanted.since)
    before = {row.month: row for row in queries.month_amounts(session, wanted.account_id, since=since)}
    with session.begin_nested() as tried:
        correct_account(session, wanted, today=today)
        after = {row.month: row for row in queries.month_amounts(session, wanted.account_id, since=since)}
        tried.rollback()
    return [MonthDifference(month, before.get(month), after.get(month)) for month in sorted({*before, *after})]


def correction_of(session: Session, correction_id: int) -> BillCorrection:
    """Return a correction."""
    return session.execute(select(BillCorrection).where(BillCorrection.id == correction_id)).scalar_one()


def correct_accounts(session: Session, correction: BillCorrection, ids: Integers, *, today: date) -> int:
    """Take back the bills of some accounts and, if wanted, bill the months again; return how many bills were taken back.

    :param ids: ascending
    """
    taken = take_back(session, correction, ids, today=today)
    if correction.kind == CorrectionKind.REBILL:
        bill_months_again(session, correction, taken.months, today=today)
    session.flush()
    return taken.bills


class TakenBack(NamedTuple):
    """Bills that were taken back: how many, and how to bill their months again, the oldest first."""

    bills: int
    months: list[BilledMonth]


def take_back(session: Session, correction: BillCorrection, ids: Integers, *, today: date) -> TakenBack:
    """Take back the bills of some accounts from the correction's month on, the newest first.

    :param ids: ascending
    """
    ledger_service.lock_positions(session, ids)
    months = queries.billed_months(session, ids.tolist(), since=correction.since_month)
    bills = queries.live_bills(session, ids, since=correction.since_month)
    if not len(bills.id):
        return TakenBack(0, [])
    runs = {month: _run(session, correction, month) for month in sorted(set(bills.month))}
    _cancel(session, ids, bills, runs, on=today)
    return TakenBack(len(bills.id), months)


def bill_months_again(session: Session, correction: BillCorrection, months: Sequence[BilledMonth], *, today: date) -> None:
    """Bill months as they were billed: due on the same days, with the operating parameters of the day each was billed first.

    :param months: the oldest first
    """
    for each in months:
        _bill_again(session, _run(session, correction, each.month), each, today=today)


def _run(session: Session, correction: BillCorrection, month: date) -> BillRun:
    """Return the bill run that holds a correction's bills of a month."""
    run = session.scalar(select(BillRun).where(BillRun.correction_id == correction.id, BillRun.billing_month == month))
    if run is None:
        run = BillRun(division_id=correction.division_id, billing_month=month, status=RunStatus.POSTED, correction_id=correction.id)
        run.bills = run.parked = run.quantity_milli = run.amount_tiyin = run.vat_tiyin = 0
        session.add(run)
        session.flush()
    return run


def _bill_again(session: Session, run: BillRun, billed: BilledMonth, *, today: date) -> None:
    policy = policy_on(session, billed.first_issued_on)
    ids = np.array(billed.account_ids, dtype=np.int64)
    post_accounts(session, run, tariffs.prices(session), policy, ids, due_on=billed.due_on, posted_on=today)


def _cancel(session: Session, ids: Integers, bills: LiveBills, runs: dict[date, BillRun], *, on: date) -> None:
    """Take bills back, set free what was set against them, and let it go to the debts that are left."""
    _, advance = ledger_service.lock_positions(session, ids)
    owner = np.searchsorted(ids, bills.account_id)
    books = PostingAccounts(ids, ledger_queries.divisions_of(session, ids))
    new_ids = bulk.reserve_ids(session, "bill", len(bills.id))
    _write_bills(session, bills, new_ids, [runs[month].id for month in bills.month], on)
    _write_lines(session, bills, new_ids)
    month_day = np.array([day_number(month) for month in bills.month], dtype=np.int64)
    set_against = BillAmounts(owner, bills.id, bills.due_day, bills.allocated_tiyin, month_day)
    released = ledger_service.release_bills(session, books, set_against, on=on)
    # Free money: the advance, what was set against these bills, less what their credits gave.
    pool = advance + sums_by(owner, bills.allocated_tiyin + np.minimum(bills.amount_tiyin, 0), len(ids))
    moved = ledger.joined(released, ledger_service.settle(session, books, pool, on=on))
    posted = []
    for month in sorted(set(bills.month)):
        mine = np.array([each == month for each in bills.month])
        posted.append((month, _negated(bills, new_ids, owner, mine, day_number(month)), np.unique(owner[mine])))
    posted.append((min(bills.month), moved, np.unique(moved.account)))
    ledger_service.post_months(session, books, posted, posted_on=on)
    _restore_position(session, ids)


def _negated(bills: LiveBills, new_ids: Integers, owner: Integers, chosen: Integers, month_day: int) -> Entries:
    """Return the entries that reverse what bills charged or gave back."""
    return ledger.bill_entries(
        DocumentKind.BILL_CANCELLATION,
        account=owner[chosen],
        document=new_ids[chosen],
        month_day=month_day,
        amount_tiyin=bills.amount_tiyin[chosen],
        vat_tiyin=bills.vat_tiyin[chosen],
        sign=-1,
    )


_NEGATED = ("quantity_milli", "amount_tiyin", "vat_tiyin")


def _write_bills(session: Session, bills: LiveBills, new_ids: Integers, run_ids: list[int], on: date) -> None:
    given = {"id": "u.new_id", "bill_run_id": "u.run_id", "cancels_id": "b.id", "issued_on": "CAST(:on AS date)"}
    left_out = {"public_id", "created_at", "created_by"}
    columns = [column.name for column in Bill.__table__.columns if column.name not in left_out]
    chosen = [given.get(name, f"-b.{name}" if name in _NEGATED else f"b.{name}") for name in columns]
    session.execute(
        text(
            f"INSERT INTO bill ({', '.join(columns)}) SELECT {', '.join(chosen)} FROM bill b "
            "JOIN unnest(CAST(:old AS bigint[]), CAST(:new AS bigint[]), CAST(:run AS bigint[])) AS u (old_id, new_id, run_id) "
            "ON u.old_id = b.id"
        ),
        {"old": bills.id.tolist(), "new": new_ids.tolist(), "run": run_ids, "on": on},
    )


def _write_lines(session: Session, bills: LiveBills, new_ids: Integers) -> None:
    given = {"bill_id": "u.new_id", "kind": f"'{LineKind.REVERSAL}'"}
    columns = [f'"{column.name}"' for column in BillLine.__table__.columns]
    chosen = [given.get(name.strip('"'), f"-l.{name}" if name.strip('"') in _NEGATED else f"l.{name}") for name in columns]
    session.execute(
        text(
            f"INSERT INTO bill_line ({', '.join(columns)}) SELECT {', '.join(chosen)} FROM bill_line l "
            "JOIN unnest(CAST(:old AS bigint[]), CAST(:new AS bigint[])) AS u (old_id, new_id) ON u.old_id = l.bill_id"
        ),
        {"old": bills.id.tolist(), "new": new_ids.tolist()},
    )


def _restore_position(session: Session, ids: Integers) -> None:
    """Let accounts stand where their newest bill left them: billed to, actual to, last month; never billed if none is left."""
    session.execute(
        text(
            f"""
            UPDATE account_position p
            SET billed_to = n.period_to, billed_month = n.billing_month, actual_to = coalesce(a.period_to, f.period_from)
            FROM unnest(CAST(:ids AS bigint[])) AS u (id)
            LEFT JOIN LATERAL (
                SELECT b.period_to, b.billing_month FROM bill b WHERE b.account_id = u.id AND {live("b")}
                ORDER BY b.billing_month DESC LIMIT 1
            ) n ON true
            LEFT JOIN LATERAL (
                SELECT b.period_to FROM bill b WHERE b.account_id = u.id AND b.quality = 'ACTUAL' AND {live("b")}
                ORDER BY b.billing_month DESC LIMIT 1
            ) a ON true
            LEFT JOIN LATERAL (
                SELECT b.period_from FROM bill b WHERE b.account_id = u.id AND {live("b")} ORDER BY b.billing_month LIMIT 1
            ) f ON true
            WHERE p.account_id = u.id
            """
        ),
        {"ids": ids.tolist()},
    )
