"""Posting the bills of some accounts: bills, lines, consumption, entries and balances, all or nothing."""

from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain import ledger, payments
from app.domain.billing import COMPONENTS, LINE_KINDS, QUALITIES, Bills, Outcome, Policy
from app.domain.ledger import DocumentKind, Entries, LedgerAccount
from app.domain.metering import Quality
from app.domain.tariffs import ZONES
from app.domain.values import Integers
from app.models.billing import BillRun
from app.queries import billing as queries
from app.queries import ledger as ledger_queries
from app.queries.billing import Chunk
from app.queries.tariffs import Prices
from app.services import bulk
from app.services import ledger as ledger_service
from app.services.billing.runs import add, compute, keep_policy, note_exceptions, set_totals, totals_of
from app.services.ledger import Books

CHUNK = 1000


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
    keep_policy(run, policy)
    outcome = compute(chunk, prices, month=run.billing_month, policy=policy)
    note_exceptions(session, run, chunk, outcome)
    bill_ids = bulk.reserve_ids(session, "bill", len(outcome.bills.account))
    _write_bills(session, run, chunk, outcome, bill_ids, due_on=due_on, issued_on=posted_on)
    _write_lines(session, chunk, outcome, bill_ids)
    _write_consumption(session, chunk, outcome, bill_ids)
    _settle(session, run, chunk, outcome.bills, bill_ids, due_on=due_on, posted_on=posted_on)
    _advance_positions(session, run, chunk, outcome.bills)
    done = add(totals_of(run), outcome)
    set_totals(run, done)
    session.flush()
    return int(ids[-1]), len(ids)


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
            "component": [COMPONENTS[index] for index in lines.component.tolist()],
            "zone": [ZONES[index] for index in lines.zone.tolist()],
            "tariff_version_id": _or_none(lines.version_id),
            "charge_id": _or_none(lines.charge_id),
            "benefit_id": _or_none(lines.benefit_id),
            "prepaid_id": _or_none(lines.prepaid_id),
            "block_no": lines.block_no,
            "quantity_milli": lines.quantity_milli,
            "rate": [_rate(rate) for rate in lines.rate_e4.tolist()],
            "amount_tiyin": lines.amount_tiyin,
            "vat_tiyin": lines.vat_tiyin,
        },
        len(lines.account),
    )


def _rate(rate_e4: int) -> str:
    """Return a rate as the database reads it; a discount's is below nothing."""
    sign, rate = "-" if rate_e4 < 0 else "", abs(rate_e4)
    return f"{sign}{rate // 10_000}.{rate % 10_000:04d}"


def _or_none(ids: Integers) -> list[int | None]:
    """Return ids, with nothing in place of zero."""
    return [each or None for each in ids.tolist()]


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
            "zone": [ZONES[index] for index in taken.zone.tolist()],
            "quality": [QUALITIES[index] for index in taken.quality.tolist()],
            "earlier_reading_id": _or_none(taken.earlier_reading_id),
            "later_reading_id": _or_none(taken.later_reading_id),
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
