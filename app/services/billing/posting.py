"""Posting the bills of some accounts: bills, lines, consumption, entries and balances, all or nothing."""

from datetime import date

import numpy as np
from sqlalchemy.orm import Session

from app.domain import ledger, settlement
from app.domain.billing import COMPONENTS, LINE_KINDS, QUALITIES, BillingOutcome, Bills, Policy
from app.domain.calendar import day_number
from app.domain.ledger import DocumentKind
from app.domain.metering import Quality
from app.domain.settlement import BillAmounts
from app.domain.tariffs import ZONES
from app.domain.values import Integers
from app.models.billing import BillRun
from app.queries import billing as queries
from app.queries import ledger as ledger_queries
from app.queries.billing import Chunk
from app.queries.tariffs import Prices
from app.services import bulk
from app.services import ledger as ledger_service
from app.services.billing.holds import hold_back
from app.services.billing.runs import CHUNK, add, compute, keep_policy, note_exceptions, set_totals, totals_of
from app.services.ledger import BilledUpTo, PostingAccounts, totals

_QUALITIES = (Quality.ESTIMATED, Quality.ACTUAL)


def post_chunk(
    session: Session, run: BillRun, prices: Prices, policy: Policy, *, after: int, due_on: date, posted_on: date, limit: int = CHUNK
) -> tuple[int, int]:
    """Post the bills of the next accounts: bills, lines, consumption, entries and balances, all or nothing.

    :return: the id of the last account looked at (0: none left), and how many accounts that were
    """
    if not after:
        ledger_service.open_positions(session, run.division_id)
    next_ids = queries.to_bill(session, division_id=run.division_id, month=run.billing_month, after=after, limit=limit)
    if not len(next_ids):
        return 0, 0
    # What another run billed, or a payment changed, while this one waited for its locks is read behind them.
    chunk = queries.chunk(session, prices, ids=np.sort(next_ids), month=run.billing_month, lock=True)
    keep_policy(run, policy)
    outcome = hold_back(session, run, chunk, compute(chunk, prices, month=run.billing_month, policy=policy), policy)
    _post(session, run, chunk, outcome, due_on=due_on, posted_on=posted_on)
    return int(next_ids[-1]), len(next_ids)


def post_accounts(session: Session, run: BillRun, prices: Prices, policy: Policy, ids: Integers, *, due_on: date, posted_on: date) -> None:
    """Post the bills of these accounts, as far as they have something to bill in the run's month; none is held back.

    :param ids: ascending
    """
    ledger_service.lock_positions(session, ids)
    chunk = queries.chunk(session, prices, ids=ids, month=run.billing_month, lock=True)
    keep_policy(run, policy)
    outcome = compute(chunk, prices, month=run.billing_month, policy=policy)
    _post(session, run, chunk, outcome, due_on=due_on, posted_on=posted_on)


def _post(session: Session, run: BillRun, chunk: Chunk, outcome: BillingOutcome, *, due_on: date, posted_on: date) -> None:
    note_exceptions(session, run, chunk, outcome)
    bill_ids = bulk.reserve_ids(session, "bill", len(outcome.bills.account))
    _write_bills(session, run, chunk, outcome, bill_ids, due_on=due_on, issued_on=posted_on)
    _write_lines(session, chunk, outcome, bill_ids, month=run.billing_month)
    _write_consumption(session, chunk, outcome, bill_ids, month=run.billing_month)
    _settle(session, run, chunk, outcome.bills, bill_ids, due_on=due_on, posted_on=posted_on)
    set_totals(run, add(totals_of(run), outcome))
    session.flush()


def _write_bills(
    session: Session, run: BillRun, chunk: Chunk, outcome: BillingOutcome, bill_ids: Integers, *, due_on: date, issued_on: date
) -> None:
    bills = outcome.bills
    bulk.copy(
        session,
        "bill",
        {
            "id": bill_ids,
            "public_id": bulk.uuids(session, len(bill_ids)),
            "division_id": chunk.division_id[bills.account],
            "account_id": chunk.accounts.id[bills.account],
            "bill_run_id": run.id,
            "billing_month": run.billing_month,
            "period_from": bulk.dates(bills.from_day),
            "period_to": bulk.dates(bills.to_day),
            "quality": bulk.Coded(_QUALITIES, bills.actual.astype(np.int64)),
            "quantity_milli": bills.quantity_milli,
            "amount_tiyin": bills.amount_tiyin,
            "vat_tiyin": bills.vat_tiyin,
            "issued_on": issued_on,
            "due_on": due_on,
            "revision": queries.next_revisions(session, chunk.accounts.id, run.billing_month)[bills.account],
        },
        len(bill_ids),
    )


def _write_lines(session: Session, chunk: Chunk, outcome: BillingOutcome, bill_ids: Integers, *, month: date) -> None:
    lines = outcome.lines
    bill = np.searchsorted(outcome.bills.account, lines.account)
    line_no = np.arange(len(lines.account)) - np.searchsorted(lines.account, lines.account, "left") + 1
    bulk.copy(
        session,
        "bill_line",
        {
            "bill_id": bill_ids[bill],
            "billing_month": month,
            "line_no": line_no,
            "division_id": chunk.division_id[lines.account],
            "account_id": chunk.accounts.id[lines.account],
            "kind": bulk.Coded(LINE_KINDS, lines.kind),
            "for_month": bulk.months(lines.month),
            "period_from": bulk.dates(lines.from_day),
            "period_to": bulk.dates(lines.to_day),
            "component": bulk.Coded(COMPONENTS, lines.component),
            "zone": bulk.Coded(ZONES, lines.zone),
            "tariff_version_id": _or_none(lines.version_id),
            "charge_id": _or_none(lines.charge_id),
            "benefit_id": _or_none(lines.benefit_id),
            "prepaid_id": _or_none(lines.prepaid_id),
            "block_no": lines.block_no,
            "quantity_milli": lines.quantity_milli,
            "rate": _rates(lines.rate_e4),
            "amount_tiyin": lines.amount_tiyin,
            "vat_tiyin": lines.vat_tiyin,
        },
        len(lines.account),
    )


def _rates(rate_e4: Integers) -> bulk.Coded:
    """Return rates as decimals; a tariff has few, and a discount's is below nothing."""
    known, codes = np.unique(rate_e4, return_inverse=True)
    return bulk.Coded([f"{'-' if rate < 0 else ''}{abs(rate) // 10_000}.{abs(rate) % 10_000:04d}" for rate in known.tolist()], codes)


def _or_none(ids: Integers) -> bulk.Sparse:
    """Return ids, with nothing in place of zero."""
    return bulk.Sparse(ids, ids > 0)


def _write_consumption(session: Session, chunk: Chunk, outcome: BillingOutcome, bill_ids: Integers, *, month: date) -> None:
    taken = outcome.consumptions
    numerator, denominator = _multipliers(chunk, taken.later_reading_id)
    bulk.copy(
        session,
        "consumption",
        {
            "division_id": chunk.division_id[taken.account],
            "account_id": chunk.accounts.id[taken.account],
            "bill_id": bill_ids[np.searchsorted(outcome.bills.account, taken.account)],
            "billing_month": month,
            "period_from": bulk.dates(taken.from_day),
            "period_to": bulk.dates(taken.to_day),
            "quantity_milli": taken.quantity_milli,
            "zone": bulk.Coded(ZONES, taken.zone),
            "quality": bulk.Coded(QUALITIES, taken.quality),
            "earlier_reading_id": _or_none(taken.earlier_reading_id),
            "later_reading_id": _or_none(taken.later_reading_id),
            "rolled_over": taken.rolled_over,
            "multiplier_numerator": _or_none(numerator),
            "multiplier_denominator": _or_none(denominator),
        },
        len(taken.account),
    )


def _multipliers(chunk: Chunk, reading_ids: Integers) -> tuple[Integers, Integers]:
    """Return what a unit of the dial counted for at readings, as fractions; zero: no reading."""
    read = chunk.readings
    numerator, denominator = np.zeros((2, len(reading_ids)), dtype=np.int64)
    named = reading_ids > 0
    order = np.argsort(read.id)
    place = order[np.searchsorted(read.id, reading_ids[named], sorter=order)]
    numerator[named], denominator[named] = read.multiplier_numerator[place], read.multiplier_denominator[place]
    return numerator, denominator


def _settle(session: Session, run: BillRun, chunk: Chunk, bills: Bills, bill_ids: Integers, *, due_on: date, posted_on: date) -> None:
    """Post what the bills charge or give back, and set advances against debts, the oldest first."""
    ids = chunk.accounts.id
    books = PostingAccounts(ids, chunk.division_id, chunk.debt_tiyin - chunk.advance_tiyin)
    pool = chunk.advance_tiyin.copy()
    np.add.at(pool, bills.account, np.maximum(-bills.amount_tiyin, 0))
    charged = bills.amount_tiyin > 0
    due_day = np.full(int(charged.sum()), day_number(due_on))
    month_day = day_number(run.billing_month)
    new = BillAmounts(bills.account[charged], bill_ids[charged], due_day, bills.amount_tiyin[charged], np.full_like(due_day, month_day))
    debts = settlement.joined(ledger_queries.open_debts(session, ids), new)
    _write_debts(session, chunk, new, due_on, month=run.billing_month)
    advance_use = ledger_service.settle(session, books, pool, on=posted_on, debts=debts)
    charges = ledger.bill_entries(
        DocumentKind.BILL, account=bills.account, document=bill_ids, month_day=month_day, amount_tiyin=bills.amount_tiyin,
        vat_tiyin=bills.vat_tiyin,
    )  # fmt: skip
    posted = ledger.joined(charges, advance_use)
    reached = BilledUpTo(bills.account, bills.to_day, bills.actual, chunk.accounts.actual_to[bills.account], run.billing_month)
    ledger_service.post(session, books, posted, month=run.billing_month, posted_on=posted_on, billed=reached)


def _write_debts(session: Session, chunk: Chunk, new: BillAmounts, due_on: date, *, month: date) -> None:
    bulk.copy(
        session,
        "debt",
        {
            "bill_id": new.bill_id,
            "billing_month": month,
            "account_id": chunk.accounts.id[new.account],
            "division_id": chunk.division_id[new.account],
            "due_on": due_on,
            "remaining_tiyin": new.amount_tiyin,
        },
        len(new.bill_id),
    )
    totals.add_debts(session, chunk.accounts.id[new.account], chunk.division_id[new.account], new.amount_tiyin, due_on=due_on)
