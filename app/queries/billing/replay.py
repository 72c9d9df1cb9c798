"""What a bill run read, as it was when it posted its bills.

A bill names the readings it was made of; besides them it saw the readings that were recorded before it and not replaced by
then. Where an account stood follows from the bills before it that had not been taken back; what an office has changed since
(the connected capacity) is in the audit trail.
"""

from datetime import date
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.billing import LINE_KINDS, Accounts, LineKind, Lines, Readings
from app.domain.calendar import NO_END, months_after
from app.domain.metering import Quality
from app.domain.replay import Posted, Table, columns_of
from app.domain.values import Integers
from app.queries import arrays
from app.queries.billing.inputs import Chunk
from app.queries.tariffs import Prices

_DAYS = "- DATE '1970-01-01'"
_MONTHS = "(extract(year FROM {0})::int - 1970) * 12 + extract(month FROM {0})::int - 1"
_KIND = "array_position(ARRAY[" + ", ".join(f"'{kind}'" for kind in LINE_KINDS) + "], l.kind::text) - 1"
_LIVE = "b.cancels_id IS NULL AND NOT EXISTS (SELECT 1 FROM bill c WHERE c.cancels_id = b.id)"
#: A bill ``p`` that stood when bill ``w`` was posted.
_STOOD = """p.account_id = w.account_id AND p.id < w.id AND p.billing_month < w.billing_month AND p.cancels_id IS NULL
    AND NOT EXISTS (SELECT 1 FROM bill c WHERE c.cancels_id = p.id AND c.id < w.id)"""
_OF_BILLS = "FROM bill w JOIN unnest(CAST(:bills AS bigint[]), CAST(:since AS int[])) AS u (id, since) USING (id)"

_RUNS = f"""
    SELECT DISTINCT b.bill_run_id, b.issued_on FROM bill b
    JOIN division d ON d.id = b.division_id AND starts_with(d.path, (SELECT path FROM division WHERE id = :division_id))
    WHERE b.billing_month = :month AND {_LIVE} ORDER BY b.bill_run_id, b.issued_on
"""

#: The live bills of a run with the account as it stood before; in the order of account.
_ACCOUNTS = f"""
    SELECT w.id, w.account_id, w.division_id, sp.resource_id, s.tariff_group_id, r.quantum_milli,
           coalesce(actual.period_to, first.period_from, s.valid_from) {_DAYS}, coalesce(last.period_to, s.valid_from) {_DAYS},
           {_MONTHS.format("coalesce((last.billing_month + interval '1 month')::date, s.valid_from)")},
           CASE WHEN s.valid_to >= w.period_to THEN s.valid_to {_DAYS} ELSE {NO_END} END,
           coalesce((SELECT (e.before ->> 'capacity_milli')::bigint FROM audit_entry e
                     WHERE e.table_name = 'service_point' AND e.row_id = sp.id AND e.operation = 'UPDATE'
                       AND e.happened_at > w.created_at AND e.before ? 'capacity_milli'
                     ORDER BY e.happened_at, e.id LIMIT 1), sp.capacity_milli),
           w.period_from {_DAYS}, w.period_to {_DAYS}, (w.quality = '{Quality.ACTUAL}')::int, w.quantity_milli, w.amount_tiyin, w.vat_tiyin
    FROM (
        SELECT b.* FROM bill b
        JOIN division d ON d.id = b.division_id AND starts_with(d.path, (SELECT path FROM division WHERE id = :division_id))
        WHERE b.bill_run_id = :run_id AND b.issued_on = :issued_on AND b.billing_month = :month AND b.id > :after AND {_LIVE}
        ORDER BY b.id LIMIT :most
    ) w
    JOIN LATERAL (
        SELECT * FROM supply s WHERE s.account_id = w.account_id AND s.valid_from < :month_to AND s.created_at <= w.created_at
        ORDER BY s.valid_from DESC LIMIT 1
    ) s ON true
    JOIN service_point sp ON sp.id = s.service_point_id
    JOIN resource r ON r.id = sp.resource_id
    LEFT JOIN LATERAL (
        SELECT p.period_to, p.billing_month FROM bill p WHERE {_STOOD} ORDER BY p.billing_month DESC, p.id DESC LIMIT 1
    ) last ON true
    LEFT JOIN LATERAL (
        SELECT p.period_to FROM bill p WHERE {_STOOD} AND p.quality = '{Quality.ACTUAL}' ORDER BY p.billing_month DESC, p.id DESC LIMIT 1
    ) actual ON true
    LEFT JOIN LATERAL (SELECT p.period_from FROM bill p WHERE {_STOOD} ORDER BY p.billing_month, p.id LIMIT 1) first ON true
    ORDER BY w.account_id
"""

_READINGS = f"""
    WITH w AS MATERIALIZED (SELECT w.id, w.account_id, w.created_at, u.since {_OF_BILLS}),
    named AS MATERIALIZED (
        SELECT earlier_reading_id AS id FROM consumption WHERE bill_id = ANY(:bills)
        UNION SELECT later_reading_id FROM consumption WHERE bill_id = ANY(:bills)
    )
    SELECT r.id, r.account_id, r.meter_installation_id, r.read_on {_DAYS}, r.dial_milli, 1000 * 10 ^ g.digits,
           i.ct_primary::bigint * i.vt_primary, i.ct_secondary::bigint * i.vt_secondary
    FROM w JOIN reading r ON r.account_id = w.account_id
    JOIN register g ON g.id = r.register_id AND g.code = 'TOTAL'
    JOIN meter_installation i ON i.id = r.meter_installation_id
    WHERE r.read_on >= DATE '1970-01-01' + w.since AND r.read_on <= :month_to
      AND (r.id IN (SELECT id FROM named) OR r.created_at < w.created_at
           AND NOT EXISTS (SELECT 1 FROM reading n WHERE n.replaces_id = r.id AND n.created_at < w.created_at))
    ORDER BY r.account_id, r.meter_installation_id, r.read_on, r.id
"""

_HISTORY = f"""
    SELECT account_id, sum(quantity_milli), sum(period_to - period_from) FROM (
        SELECT w.account_id, x.quantity_milli, x.period_from, x.period_to,
               row_number() OVER (PARTITION BY w.account_id ORDER BY x.period_to DESC, x.id DESC) AS place
        {_OF_BILLS}
        JOIN consumption x ON x.account_id = w.account_id AND x.quality = '{Quality.ACTUAL}'
        JOIN bill p ON p.id = x.bill_id AND {_STOOD}
    ) c WHERE place <= 3 GROUP BY account_id ORDER BY account_id
"""

_ESTIMATED = f"""
    SELECT l.account_id, {_MONTHS.format("l.for_month")}, l.period_from {_DAYS}, l.period_to {_DAYS}, l.tariff_version_id,
           l.block_no, l.quantity_milli, l.rate * 10000, l.amount_tiyin, l.vat_tiyin
    {_OF_BILLS}
    JOIN bill p ON p.quality = '{Quality.ESTIMATED}' AND p.period_from >= DATE '1970-01-01' + u.since AND {_STOOD}
    JOIN bill_line l ON l.bill_id = p.id AND l.kind = '{LineKind.CHARGE}' AND l.charge_id IS NULL
    ORDER BY l.account_id, l.for_month, l.period_from, l.block_no
"""

_LINES = f"""
    SELECT l.account_id, {_KIND}, {_MONTHS.format("l.for_month")}, l.period_from {_DAYS}, l.period_to {_DAYS},
           coalesce(l.tariff_version_id, 0), l.block_no, l.quantity_milli, l.rate * 10000, l.amount_tiyin, l.vat_tiyin
    FROM bill_line l WHERE l.bill_id = ANY(:bills) AND l.charge_id IS NULL ORDER BY l.account_id, l.line_no
"""

_CONSUMPTIONS = f"""
    SELECT account_id, period_from {_DAYS}, period_to {_DAYS}, quantity_milli, coalesce(earlier_reading_id, 0),
           coalesce(later_reading_id, 0), rolled_over::int, (quality = '{Quality.ACTUAL}')::int
    FROM consumption WHERE bill_id = ANY(:bills) ORDER BY account_id, period_from, id
"""

#: Lines that another document gave a bill, which differ from it.
_CHARGES = """
    SELECT l.account_id, l.bill_id, l.line_no, l.amount_tiyin, k.amount_tiyin, l.vat_tiyin, k.vat_tiyin
    FROM bill_line l JOIN billable_charge k ON k.id = l.charge_id
    WHERE l.bill_id = ANY(:bills) AND l.kind = 'CHARGE' AND (l.amount_tiyin, l.vat_tiyin) <> (k.amount_tiyin, k.vat_tiyin)
    ORDER BY l.bill_id, l.line_no
"""

#: Bills that are not the sum of their lines.
_SUMS = """
    SELECT b.account_id, b.id, b.amount_tiyin, l.amount_tiyin, b.vat_tiyin, l.vat_tiyin
    FROM bill b JOIN LATERAL (
        SELECT coalesce(sum(l.amount_tiyin), 0)::bigint AS amount_tiyin, coalesce(sum(l.vat_tiyin), 0)::bigint AS vat_tiyin
        FROM bill_line l WHERE l.bill_id = b.id
    ) l ON true
    WHERE b.id = ANY(:bills) AND (b.amount_tiyin, b.vat_tiyin) <> (l.amount_tiyin, l.vat_tiyin) ORDER BY b.id
"""


class PostedRun(NamedTuple):
    """A bill run that posted bills of a month on a day."""

    run_id: int
    issued_on: date


class AsPosted(NamedTuple):
    """Posted bills with the input they were computed from."""

    bill_id: Integers  #: in the order of the accounts
    chunk: Chunk
    stored: Posted


def posted_runs(session: Session, *, division_id: int, month: date) -> list[PostedRun]:
    """Return the runs that posted the live bills of a division's month."""
    return [PostedRun(*row) for row in session.execute(text(_RUNS), {"division_id": division_id, "month": month})]


def as_posted(
    session: Session, prices: Prices, run: PostedRun, *, division_id: int, month: date, after: int = 0, most: int = 1000
) -> AsPosted:
    """Return the next live bills of a run and what they were computed from.

    :param after: the highest id of the bills before
    """
    month_to = months_after(month, 1)
    found = arrays.columns(
        session, text(_ACCOUNTS), 17, **run._asdict(), division_id=division_id, month=month, month_to=month_to, after=after, most=most
    )
    bill_id, ids, divisions, resource, group, quantum, actual_to, billed_to, first_unbilled, supply_end, capacity = found[:11]
    window = {"bills": bill_id.tolist(), "since": actual_to.tolist()}
    tariff = [prices.places.get(pair, -1) for pair in zip(resource.tolist(), group.tolist(), strict=True)]
    history, history_days = _history(session, ids, window)
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
    none = np.zeros(len(ids), dtype=np.int64)
    chunk = Chunk(accounts, divisions, none, none, Readings(*readings), _estimated_lines(session, ids, window))
    bills = dict(zip(("account", *columns_of()[0]), (np.arange(len(ids)), *found[11:]), strict=True))
    return AsPosted(bill_id, chunk, _stored(session, ids, bills, window))


def charges_that_differ(session: Session, bill_ids: list[int]) -> list[Any]:
    """Return the lines of bills that differ from the charge they stand for: both amounts and both VAT amounts."""
    return list(session.execute(text(_CHARGES), {"bills": bill_ids}))


def sums_that_differ(session: Session, bill_ids: list[int]) -> list[Any]:
    """Return bills that differ from the sum of their lines: both amounts and both VAT amounts."""
    return list(session.execute(text(_SUMS), {"bills": bill_ids}))


def _stored(session: Session, ids: Integers, bills: Table, window: dict[str, Any]) -> Posted:
    _, of_line, of_consumption = columns_of()
    lines = arrays.columns(session, text(_LINES), len(of_line) + 1, bills=window["bills"])
    taken = arrays.columns(session, text(_CONSUMPTIONS), len(of_consumption) + 1, bills=window["bills"])
    for rows in (lines, taken):
        rows[0] = arrays.positions(ids, rows[0])
    return Posted(bills, dict(zip(("account", *of_line), lines, strict=True)), dict(zip(("account", *of_consumption), taken, strict=True)))


def _history(session: Session, ids: Integers, window: dict[str, Any]) -> tuple[Integers, Integers]:
    account, quantity, days = arrays.columns(session, text(_HISTORY), 3, **window)
    history, history_days = np.zeros((2, len(ids)), dtype=np.int64)
    at = arrays.positions(ids, account)
    history[at], history_days[at] = quantity, days
    return history, history_days


def _estimated_lines(session: Session, ids: Integers, window: dict[str, Any]) -> Lines:
    account, months, from_day, to_day, version, block, quantity, rate, amount, vat = arrays.columns(session, text(_ESTIMATED), 10, **window)
    kind = np.full(len(account), LINE_KINDS.index(LineKind.CHARGE))
    index = arrays.positions(ids, account)
    return Lines(index, kind, months, from_day, to_day, to_day - from_day, version, block, quantity, rate, amount, vat)
