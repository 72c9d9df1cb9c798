"""What a bill run reads, as arrays; and bills with their lines, for people."""

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
        FROM consumption WHERE account_id = ANY(:ids) AND quality = 'ACTUAL'
    ) c WHERE place <= 3 GROUP BY account_id ORDER BY account_id
"""

_ESTIMATED = f"""
    SELECT l.account_id, {_MONTHS.format("l.for_month")}, l.period_from {_DAYS}, l.period_to {_DAYS}, l.tariff_version_id,
           l.block_no, l.quantity_milli, l.rate * 10000, l.amount_tiyin, l.vat_tiyin
    FROM bill b
    JOIN unnest(CAST(:ids AS bigint[]), CAST(:since AS int[])) AS w (account_id, since) USING (account_id)
    JOIN bill_line l ON l.bill_id = b.id AND l.kind = 'CHARGE'
    WHERE b.quality = 'ESTIMATED' AND b.period_from >= DATE '1970-01-01' + w.since
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


def bill_of_month_before(session: Session, ids: list[int], month: date) -> dict[int, int]:
    """Return each account's amount of the bill of the month before, in tiyin."""
    statement = text("SELECT account_id, amount_tiyin FROM bill WHERE account_id = ANY(:ids) AND billing_month = :month")
    rows = session.execute(statement, {"ids": ids, "month": months_after(month, -1)})
    return {row[0]: row[1] for row in rows}


def account_numbers(session: Session, ids: list[int]) -> dict[int, str]:
    """Return the numbers of accounts."""
    rows = session.execute(text("SELECT id, number FROM account WHERE id = ANY(:ids)"), {"ids": ids})
    return {row[0]: row[1] for row in rows}


class BillHead(NamedTuple):
    """A bill and whom it is for."""

    id: int
    public_id: str
    account_id: int
    account_number: str
    consumer_name: str
    consumer_kind: str
    language: str
    address: str
    division: str
    billing_month: date
    period_from: date
    period_to: date
    quality: str
    quantity_milli: int
    amount_tiyin: int
    vat_tiyin: int
    issued_on: date
    due_on: date
    unit: str
    opening_tiyin: int
    closing_tiyin: int
    paid_tiyin: int


class BillLineRow(NamedTuple):
    """A line of a bill with its derivation."""

    line_no: int
    kind: str
    for_month: date
    period_from: date
    period_to: date
    tariff: str
    source: str
    block_no: int
    quantity_milli: int
    rate: Any
    amount_tiyin: int
    vat_tiyin: int


class ConsumptionRow(NamedTuple):
    """The readings a bill is made of."""

    period_from: date
    period_to: date
    quantity_milli: int
    quality: str
    meter: str | None
    earlier_milli: int | None
    later_milli: int | None
    multiplier: Any
    rolled_over: bool


_HEAD = """
    SELECT b.id, b.public_id::text, b.account_id, a.number, c.name, c.kind, c.language,
           concat_ws(', ', st.name, sp.house || coalesce('-' || sp.flat, '')), d.name, b.billing_month, b.period_from, b.period_to,
           b.quality, b.quantity_milli, b.amount_tiyin, b.vat_tiyin, b.issued_on, b.due_on, r.unit, m.opening_tiyin, m.closing_tiyin,
           m.paid_tiyin
    FROM bill b
    JOIN account a ON a.id = b.account_id
    JOIN consumer c ON c.id = a.consumer_id
    JOIN division d ON d.id = b.division_id
    JOIN account_balance m ON m.account_id = b.account_id AND m.billing_month = b.billing_month
    JOIN LATERAL (SELECT * FROM supply s WHERE s.account_id = a.id AND s.valid_from < b.period_to
                  ORDER BY s.valid_from DESC LIMIT 1) s ON true
    JOIN service_point sp ON sp.id = s.service_point_id
    JOIN street st ON st.id = sp.street_id
    JOIN resource r ON r.id = sp.resource_id
"""


def bill_head(session: Session, bill_id: int) -> BillHead | None:
    """Return a bill by its id, or None if it is not there (or not the reader's)."""
    row = session.execute(text(f"{_HEAD} WHERE b.id = :id"), {"id": bill_id}).one_or_none()
    return BillHead(*row) if row else None


def bill_id_of(session: Session, public_id: str, account_id: int) -> int | None:
    """Return the id of an account's bill by what outsiders see of it."""
    statement = text("SELECT id FROM bill WHERE public_id = CAST(:public_id AS uuid) AND account_id = :account_id")
    found: int | None = session.scalar(statement, {"public_id": public_id, "account_id": account_id})
    return found


def bill_lines(session: Session, bill_id: int) -> list[BillLineRow]:
    """Return the lines of a bill."""
    statement = text(
        """
        SELECT l.line_no, l.kind, l.for_month, l.period_from, l.period_to, t.name, v.source, l.block_no, l.quantity_milli, l.rate,
               l.amount_tiyin, l.vat_tiyin
        FROM bill_line l JOIN tariff_version v ON v.id = l.tariff_version_id JOIN tariff t ON t.id = v.tariff_id
        WHERE l.bill_id = :bill_id ORDER BY l.line_no
        """
    )
    return [BillLineRow(*row) for row in session.execute(statement, {"bill_id": bill_id})]


def bill_consumption(session: Session, bill_id: int) -> list[ConsumptionRow]:
    """Return the energy a bill is made of, with its readings."""
    statement = text(
        """
        SELECT c.period_from, c.period_to, c.quantity_milli, c.quality, m.serial_number, e.dial_milli, l.dial_milli,
               i.ct_primary::numeric * i.vt_primary / (i.ct_secondary::numeric * i.vt_secondary), c.rolled_over
        FROM consumption c
        LEFT JOIN reading e ON e.id = c.earlier_reading_id
        LEFT JOIN reading l ON l.id = c.later_reading_id
        LEFT JOIN meter_installation i ON i.id = l.meter_installation_id
        LEFT JOIN meter m ON m.id = i.meter_id
        WHERE c.bill_id = :bill_id ORDER BY c.period_from, c.id
        """
    )
    return [ConsumptionRow(*row) for row in session.execute(statement, {"bill_id": bill_id})]


def account_bills(session: Session, account_id: int, *, most: int = 24) -> list[Any]:
    """Return an account's bills, newest first, each with what is still owed."""
    statement = text(
        """
        SELECT b.id, b.public_id::text AS public_id, b.billing_month, b.period_from, b.period_to, b.quality, b.quantity_milli,
               b.amount_tiyin, b.issued_on, b.due_on, coalesce(d.remaining_tiyin, 0) AS remaining_tiyin
        FROM bill b LEFT JOIN debt d ON d.bill_id = b.id
        WHERE b.account_id = :account_id ORDER BY b.billing_month DESC LIMIT :most
        """
    )
    return list(session.execute(statement, {"account_id": account_id, "most": most}))


def consumption_by_month(session: Session, account_id: int, *, since: date) -> list[Any]:
    """Return an account's energy and charges by the month the energy belongs to, corrections included."""
    statement = text(
        """
        SELECT for_month, sum(quantity_milli)::bigint AS quantity_milli, sum(amount_tiyin)::bigint AS amount_tiyin
        FROM bill_line WHERE bill_id IN (SELECT id FROM bill WHERE account_id = :account_id) AND for_month >= :since
        GROUP BY for_month ORDER BY for_month
        """
    )
    return list(session.execute(statement, {"account_id": account_id, "since": since}))
