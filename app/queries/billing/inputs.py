"""What a bill run reads, as arrays."""

from datetime import date
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.billing import COMPONENTS, LINE_KINDS, Accounts, LineKind, Lines, Readings, Rules, months_since_epoch
from app.domain.calendar import NO_END, months_after
from app.domain.tariffs import ZONES
from app.domain.values import Integers
from app.queries import arrays
from app.queries.billing.rules import LIVE, rules_of
from app.queries.tariffs import Prices

_DAYS = "- DATE '1970-01-01'"
_MONTHS = "(extract(year FROM {0})::int - 1970) * 12 + extract(month FROM {0})::int - 1"

#: Accounts of a division's subtree that have a supply and no bill for the month, in the order of id.
_ACCOUNTS = f"""
    SELECT a.id, a.division_id, sp.resource_id, s.tariff_group_id, r.quantum_milli,
           coalesce(p.actual_to, s.valid_from) {_DAYS}, coalesce(p.billed_to, s.valid_from) {_DAYS},
           {_MONTHS.format("coalesce((p.billed_month + interval '1 month')::date, s.valid_from)")},
           coalesce(s.valid_to {_DAYS}, {NO_END}), sp.capacity_milli, coalesce(p.debt_tiyin, 0), coalesce(p.advance_tiyin, 0),
           s.valid_from {_DAYS}
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
    SELECT r.id, r.account_id, r.meter_installation_id, r.register_id, r.read_on {_DAYS}, r.dial_milli, 1000 * 10 ^ g.digits,
           i.ct_primary::bigint * i.vt_primary, i.ct_secondary::bigint * i.vt_secondary,
           array_position(CAST(:zones AS text[]), g.code::text) - 1, coalesce(m.verified_to {_DAYS}, {NO_END})
    FROM reading r
    JOIN unnest(CAST(:ids AS bigint[]), CAST(:since AS int[])) AS w (account_id, since) USING (account_id)
    JOIN register g ON g.id = r.register_id AND g.code = ANY(:zones)
    JOIN meter_installation i ON i.id = r.meter_installation_id
    JOIN meter m ON m.id = i.meter_id
    WHERE r.read_on >= DATE '1970-01-01' + w.since AND r.read_on <= :month_to
      AND NOT EXISTS (SELECT 1 FROM reading n WHERE n.replaces_id = r.id)
    ORDER BY r.account_id, r.meter_installation_id, r.register_id, r.read_on, r.id
"""

_HISTORY = f"""
    SELECT account_id,
           coalesce(sum(quantity) FILTER (WHERE place <= 3), 0), coalesce(sum(period_to - period_from) FILTER (WHERE place <= 3), 0),
           count(*) FILTER (WHERE place <= 3),
           coalesce(sum(quantity) FILTER (WHERE period_from < :last_year_to AND period_to > :last_year_from), 0),
           coalesce(sum(period_to - period_from) FILTER (WHERE period_from < :last_year_to AND period_to > :last_year_from), 0)
    FROM (
        SELECT account_id, sum(quantity_milli) AS quantity, period_from, period_to,
               row_number() OVER (PARTITION BY account_id ORDER BY period_to DESC, period_from DESC) AS place
        FROM (
            SELECT c.account_id, c.quantity_milli, c.period_from, c.period_to
            FROM consumption c JOIN bill b ON b.id = c.bill_id AND {LIVE}
            WHERE c.account_id = ANY(:ids) AND c.quality = 'ACTUAL'
        ) c GROUP BY account_id, period_from, period_to
    ) p GROUP BY account_id ORDER BY account_id
"""

_ESTIMATED = f"""
    SELECT l.account_id, {_MONTHS.format("l.for_month")}, l.period_from {_DAYS}, l.period_to {_DAYS}, l.tariff_version_id,
           l.block_no, l.quantity_milli, l.rate * 10000, l.amount_tiyin, l.vat_tiyin,
           array_position(CAST(:components AS text[]), l.component::text) - 1, array_position(CAST(:zones AS text[]), l.zone::text) - 1,
           coalesce(l.benefit_id, 0), coalesce(l.prepaid_id, 0)
    FROM bill b
    JOIN unnest(CAST(:ids AS bigint[]), CAST(:since AS int[])) AS w (account_id, since) USING (account_id)
    JOIN bill_line l ON l.bill_id = b.id AND l.kind = 'CHARGE' AND l.charge_id IS NULL
    WHERE b.quality = 'ESTIMATED' AND b.period_from >= DATE '1970-01-01' + w.since AND {LIVE}
    ORDER BY l.account_id, l.for_month, l.period_from, l.line_no
"""


class Chunk(NamedTuple):
    """The input of a bill run for some accounts."""

    accounts: Accounts
    division_id: Integers
    debt_tiyin: Integers
    advance_tiyin: Integers
    readings: Readings
    estimated_lines: Lines
    rules: Rules


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
        session, text(_ACCOUNTS), 13, division_id=division_id, month=month, month_to=month_to, after=after, most=most, only=only
    )
    ids, divisions, resource, group, quantum, actual_to, billed_to, first_unbilled, supply_end, capacity, debt, advance, start = found
    window = {"ids": ids.tolist(), "since": actual_to.tolist()}
    tariff = [prices.places.get(pair, -1) for pair in zip(resource.tolist(), group.tolist(), strict=True)]
    history, history_days, history_periods, last_year, last_year_days = _history(session, ids, month)
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
        history_periods=history_periods,
        last_year_milli=last_year,
        last_year_days=last_year_days,
        supply_start=start,
    )
    readings = _readings(session, ids, month_to, window)
    estimated = _estimated_lines(session, ids, window)
    return Chunk(accounts, divisions, debt, advance, readings, estimated, rules_of(session, prices, ids))


def _readings(session: Session, ids: Integers, month_to: date, window: dict[str, Any]) -> Readings:
    reading, account, installation, register, *rest = arrays.columns(
        session, text(_READINGS), 11, zones=[*ZONES], month_to=month_to, **window
    )
    changes = (installation[1:] != installation[:-1]) | (register[1:] != register[:-1])
    series = np.append(np.zeros(min(len(reading), 1), dtype=np.int64), np.cumsum(changes))
    return Readings(reading, arrays.positions(ids, account), series, *rest)


def month_number(month: date) -> int:
    """Return a billing month as the engine counts it."""
    return months_since_epoch(month.year, month.month)


def _history(session: Session, ids: Integers, month: date) -> Integers:
    """Return what to estimate from: energy, days and number of the latest actual periods, energy and days a year before."""
    year = {"last_year_from": months_after(month, -12), "last_year_to": months_after(month, -11)}
    account, *found = arrays.columns(session, text(_HISTORY), 6, ids=ids.tolist(), **year)
    history = np.zeros((5, len(ids)), dtype=np.int64)
    history[:, arrays.positions(ids, account)] = found
    return history


def _estimated_lines(session: Session, ids: Integers, window: dict[str, Any]) -> Lines:
    account, months, from_day, to_day, version, block, quantity, rate, amount, vat, component, zone, benefit, prepaid = arrays.columns(
        session, text(_ESTIMATED), 14, components=[*COMPONENTS], zones=[*ZONES], **window
    )
    index = arrays.positions(ids, account)
    none = np.zeros(len(account), dtype=np.int64)
    kind, days = none + LINE_KINDS.index(LineKind.CHARGE), to_day - from_day
    return Lines(
        index, kind, months, from_day, to_day, days, version, block, quantity, rate, amount, vat, component, zone, none, benefit, prepaid
    )


def count_to_bill(session: Session, *, division_id: int, month: date) -> int:
    """Return how many accounts of a division have no bill for the month yet."""
    parameters = {
        "division_id": division_id, "month": month, "month_to": months_after(month, 1), "after": 0, "most": 2**31 - 1, "only": None,
    }  # fmt: skip
    return int(session.scalar(text(f"SELECT count(*) FROM ({_ACCOUNTS}) a"), parameters) or 0)
