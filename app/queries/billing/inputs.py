"""What a bill run reads, as arrays."""

from datetime import date
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.billing import LINE_KINDS, Accounts, LineKind, Lines, Readings, months_since_epoch
from app.domain.calendar import NO_END, months_after
from app.domain.values import Integers
from app.queries import arrays
from app.queries.tariffs import Prices

_DAYS = "- DATE '1970-01-01'"
_MONTHS = "(extract(year FROM {0})::int - 1970) * 12 + extract(month FROM {0})::int - 1"


def live(bill: str) -> str:
    """Return the SQL that tells whether a bill (by its alias) stands: it neither takes back another nor was taken back."""
    return f"{bill}.cancels_id IS NULL AND NOT EXISTS (SELECT 1 FROM bill live WHERE live.cancels_id = {bill}.id)"


#: Accounts of a division's subtree that have a supply and no bill for the month, in the order of id.
_ACCOUNTS = f"""
    SELECT a.id, a.division_id, sp.resource_id, s.tariff_group_id, r.quantum_milli,
           coalesce(p.actual_to, s.valid_from) {_DAYS}, coalesce(p.billed_to, s.valid_from) {_DAYS},
           {_MONTHS.format("coalesce((p.billed_month + interval '1 month')::date, s.valid_from)")},
           coalesce(s.valid_to {_DAYS}, {NO_END}), sp.capacity_milli, coalesce(p.debt_tiyin, 0), coalesce(p.advance_tiyin, 0)
    FROM account a
    JOIN division d ON d.id = a.division_id AND starts_with(d.path, (SELECT path FROM division WHERE id = :division_id))
    JOIN LATERAL (
        SELECT * FROM supply s WHERE s.account_id = a.id AND s.valid_from < :month_to ORDER BY s.valid_from DESC LIMIT 1
    ) s ON true
    JOIN service_point sp ON sp.id = s.service_point_id
    JOIN resource r ON r.id = sp.resource_id
    LEFT JOIN account_position p ON p.account_id = a.id
    WHERE a.id > :after AND (CAST(:only AS bigint[]) IS NULL OR a.id = ANY(:only))
      AND (p.billed_month IS NULL OR p.billed_month < :month)
      AND (s.valid_to IS NULL OR s.valid_to > coalesce(p.billed_to, s.valid_from) OR p.actual_to < p.billed_to)
    ORDER BY a.id LIMIT :most
"""

_READINGS = f"""
    SELECT r.id, r.account_id, r.meter_installation_id, r.read_on {_DAYS}, r.dial_milli, 1000 * 10 ^ g.digits,
           i.ct_primary::bigint * i.vt_primary, i.ct_secondary::bigint * i.vt_secondary
    FROM reading r
    JOIN unnest(CAST(:ids AS bigint[]), CAST(:since AS int[])) AS w (account_id, since) USING (account_id)
    JOIN register g ON g.id = r.register_id AND g.code = 'TOTAL'
    JOIN meter_installation i ON i.id = r.meter_installation_id
    WHERE r.read_on >= DATE '1970-01-01' + w.since AND r.read_on <= :month_to
      AND NOT EXISTS (SELECT 1 FROM reading n WHERE n.replaces_id = r.id)
    ORDER BY r.account_id, r.meter_installation_id, r.read_on, r.id
"""

_HISTORY = """
    SELECT account_id, sum(quantity_milli), sum(period_to - period_from) FROM (
        SELECT account_id, quantity_milli, period_from, period_to,
               row_number() OVER (PARTITION BY account_id ORDER BY period_to DESC, id DESC) AS place
        FROM consumption c WHERE account_id = ANY(:ids) AND quality = 'ACTUAL'
          AND NOT EXISTS (SELECT 1 FROM bill live WHERE live.cancels_id = c.bill_id)
    ) c WHERE place <= 3 GROUP BY account_id ORDER BY account_id
"""

_ESTIMATED = f"""
    SELECT l.account_id, {_MONTHS.format("l.for_month")}, l.period_from {_DAYS}, l.period_to {_DAYS}, l.tariff_version_id,
           l.block_no, l.quantity_milli, l.rate * 10000, l.amount_tiyin, l.vat_tiyin
    FROM bill b
    JOIN unnest(CAST(:ids AS bigint[]), CAST(:since AS int[])) AS w (account_id, since) USING (account_id)
    JOIN bill_line l ON l.bill_id = b.id AND l.kind = 'CHARGE'
    WHERE b.quality = 'ESTIMATED' AND b.period_from >= DATE '1970-01-01' + w.since AND {live("b")}
    ORDER BY l.account_id, l.for_month, l.period_from, l.block_no
"""


class Chunk(NamedTuple):
    """The input of a bill run for some accounts."""

    accounts: Accounts
    division_id: Integers
    debt_tiyin: Integers
    advance_tiyin: Integers
    readings: Readings
    estimated_lines: Lines


def chunk(
    session: Session,
    prices: Prices,
    *,
    division_id: int,
    month: date,
    after: int = 0,
    most: int = 1000,
    only: list[int] | None = None,
) -> Chunk:
    """Return the next accounts to bill and all that their bills are made of.

    :param after: id of the last account of the chunk before
    :param only: these accounts and no others
    """
    month_to = months_after(month, 1)
    found = arrays.columns(
        session, text(_ACCOUNTS), 12, division_id=division_id, month=month, month_to=month_to, after=after, most=most, only=only
    )
    ids, divisions, resource, group, quantum, actual_to, billed_to, first_unbilled, supply_end, capacity, debt, advance = found
    window = {"ids": ids.tolist(), "since": actual_to.tolist()}
    tariff = [prices.places.get(pair, -1) for pair in zip(resource.tolist(), group.tolist(), strict=True)]
    history, history_days = _history(session, ids)
    accounts = Accounts(
        id=ids,
        tariff=np.array(tariff, dtype=np.int64),
        quantum_milli=quantum,
        actual_to=actual_to,
        billed_to=billed_to,
        first_unbilled=first_unbilled,
        supply_end=supply_end,
        capacity_milli=capacity,
        history_milli=history,
        history_days=history_days,
    )
    readings = arrays.columns(session, text(_READINGS), 8, month_to=month_to, **window)
    readings[1] = arrays.positions(ids, readings[1])
    return Chunk(accounts, divisions, debt, advance, Readings(*readings), _estimated_lines(session, ids, window))


def next_revisions(session: Session, ids: Integers, month: date) -> Integers:
    """Return for each account how many bills of the month were taken back: the number of the next one.

    :param ids: ascending
    """
    statement = text(
        "SELECT account_id, count(*) FROM bill "
        "WHERE cancels_id IS NOT NULL AND account_id = ANY(:ids) AND billing_month = :month GROUP BY account_id"
    )
    account, count = arrays.columns(session, statement, 2, ids=ids.tolist(), month=month)
    result: Integers = np.zeros(len(ids), dtype=np.int64)
    result[arrays.positions(ids, account)] = count
    return result


def month_number(month: date) -> int:
    """Return a billing month as the engine counts it."""
    return months_since_epoch(month.year, month.month)


def _history(session: Session, ids: Integers) -> tuple[Integers, Integers]:
    account, quantity, days = arrays.columns(session, text(_HISTORY), 3, ids=ids.tolist())
    history, history_days = np.zeros((2, len(ids)), dtype=np.int64)
    at = arrays.positions(ids, account)
    history[at], history_days[at] = quantity, days
    return history, history_days


def _estimated_lines(session: Session, ids: Integers, window: dict[str, Any]) -> Lines:
    account, months, from_day, to_day, version, block, quantity, rate, amount, vat = arrays.columns(session, text(_ESTIMATED), 10, **window)
    kind = np.full(len(account), LINE_KINDS.index(LineKind.CHARGE))
    index = arrays.positions(ids, account)
    return Lines(index, kind, months, from_day, to_day, to_day - from_day, version, block, quantity, rate, amount, vat)


def count_to_bill(session: Session, *, division_id: int, month: date) -> int:
    """Return how many accounts of a division have no bill for the month yet."""
    parameters = {
        "division_id": division_id, "month": month, "month_to": months_after(month, 1), "after": 0, "most": 2**31 - 1, "only": None,
    }  # fmt: skip
    return int(session.scalar(text(f"SELECT count(*) FROM ({_ACCOUNTS}) a"), parameters) or 0)
