"""What a bill run read, as it was when it posted its bills.

A bill names the readings it was made of; besides them it saw the readings that were recorded before it and not replaced by
then. Where an account stood follows from the bills before it that had not been taken back; what an office has changed since
(the connected capacity) is in the audit trail.
"""

from datetime import date
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy.orm import Session

from app.domain.billing import COMPONENTS, LINE_KINDS, QUALITIES, Accounts, EarlierTariffs
from app.domain.billing.records import distinct, month_with
from app.domain.billing.replay import Posted, ReplayTable, columns_of
from app.domain.calendar import NO_END, months_after
from app.domain.metering import Quality
from app.domain.tariffs import ZONES
from app.domain.values import Integers
from app.queries import arrays
from app.queries.billing.history import history_in, history_of
from app.queries.billing.inputs import (
    BY_PERIOD,
    DAYS,
    ESTIMATED_LINE,
    MONTHS,
    NEVER,
    OF_ITS_ENERGY,
    Chunk,
    chained,
    earlier_tariffs,
    estimated_in,
    readings_in,
    readings_of,
    tariffs_of,
)
from app.queries.billing.rules import (
    BENEFIT_COLUMNS,
    BENEFIT_HELD,
    BENEFIT_VERSIONS,
    Statements,
    benefit_stretches,
    kept_to,
    rules_of,
)
from app.queries.live import live
from app.queries.records import fetch_all
from app.queries.tariffs import Prices

_PLACE = "array_position(CAST(:{0}s AS text[]), {1}::text) - 1"
_WORDS = {"kinds": [*LINE_KINDS], "components": [*COMPONENTS], "zones": [*ZONES], "qualitys": [*QUALITIES]}
#: A bill ``p`` that stood when bill ``w`` was posted.
_STOOD = """p.account_id = w.account_id AND p.id < w.id AND p.billing_month < w.billing_month AND p.cancels_id IS NULL
    AND NOT EXISTS (SELECT 1 FROM bill c WHERE c.cancels_id = p.id AND c.billing_month = p.billing_month AND c.id < w.id)"""
_OF_BILLS = "FROM bill w JOIN unnest(CAST(:bills AS bigint[]), CAST(:since AS int[])) AS u (id, since) USING (id)"

_RUNS = f"""
    SELECT DISTINCT b.bill_run_id AS run_id, b.issued_on, u.policy FROM bill b JOIN bill_run u ON u.id = b.bill_run_id
    JOIN division d ON d.id = b.division_id AND starts_with(d.path, (SELECT path FROM division WHERE id = :division_id))
    WHERE b.billing_month = :month AND {live("b")} ORDER BY b.bill_run_id, b.issued_on
"""


def _as_it_was(table: str, row: str, column: str, since: str, now: str) -> str:
    """Return the SQL of a column as it was at a moment: what the first change after it found, by the audit trail, else as it is now."""
    return f"""coalesce((
        SELECT coalesce(e.before ->> '{column}', '') FROM audit_entry e
        WHERE e.table_name = '{table}' AND e.row_id = {row} AND e.operation = 'UPDATE' AND e.happened_at > {since}
        ORDER BY e.happened_at, e.id LIMIT 1), coalesce({now}::text, ''))"""


#: The live bills of a run with the account as it stood before; in the order of account.
_ACCOUNTS = f"""
    SELECT w.id, w.account_id, w.division_id, sp.resource_id, s.tariff_group_id,
           {_as_it_was("resource", "r.id", "quantum_milli", "w.created_at", "r.quantum_milli")}::bigint,
           coalesce(coalesce(actual.period_to, first.period_from) {DAYS}, {NEVER}), coalesce(last.period_to {DAYS}, {NEVER}),
           coalesce({MONTHS.format("(last.billing_month + interval '1 month')::date")}, {NEVER}),
           {_as_it_was("service_point", "sp.id", "capacity_milli", "w.created_at", "sp.capacity_milli")}::bigint,
           w.period_from {DAYS}, w.period_to {DAYS}, (w.quality = '{Quality.ACTUAL}')::int, w.quantity_milli, w.amount_tiyin, w.vat_tiyin
    FROM (
        SELECT b.* FROM bill b
        JOIN division d ON d.id = b.division_id AND starts_with(d.path, (SELECT path FROM division WHERE id = :division_id))
        WHERE b.bill_run_id = :run_id AND b.issued_on = :issued_on AND b.billing_month = :month AND b.id > :after AND {live("b")}
        ORDER BY b.id LIMIT :limit
    ) w
    JOIN LATERAL (
        SELECT * FROM supply s WHERE s.account_id = w.account_id AND s.valid_from < :month_to AND s.created_at <= w.created_at
          AND NOT EXISTS (
              SELECT 1 FROM supply x WHERE x.account_id = s.account_id AND x.valid_from BETWEEN w.period_to AND s.valid_from
              AND (x.begins_anew OR NOT EXISTS (SELECT 1 FROM supply y WHERE y.account_id = x.account_id AND y.valid_to = x.valid_from)))
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

#: The supplies an account had when its bill was posted; an end that was set later does not shorten the last one.
_SUPPLIES = f"""
    SELECT s.account_id, s.service_point_id, s.tariff_group_id, s.valid_from {DAYS},
           CASE WHEN lead(s.id) OVER (PARTITION BY s.account_id ORDER BY s.valid_from) IS NOT NULL OR s.valid_to >= w.period_to
                THEN coalesce(s.valid_to {DAYS}, {NO_END}) ELSE {NO_END} END, s.begins_anew::int
    FROM bill w JOIN supply s ON s.account_id = w.account_id AND s.valid_from < :month_to AND s.created_at <= w.created_at
    WHERE w.id = ANY(:bills) ORDER BY 1, 4
"""
_RESOURCES = "SELECT id, resource_id FROM service_point WHERE id = ANY(:ids) ORDER BY id"

_VERIFIED = (
    f"coalesce(nullif({_as_it_was('device', 's.meter_id', 'verified_to', 'r.posted_at', 's.verified_on')}, '')::date {DAYS}, {NO_END})"
)

_READINGS = readings_of(
    """
    FROM w JOIN reading r ON r.account_id = w.account_id
    WHERE r.read_on >= DATE '1970-01-01' + w.since AND r.read_on <= :month_to AND r.kind <> 'WITHDRAWAL'
      AND (r.id IN (SELECT id FROM named) OR r.created_at < w.created_at
           AND NOT EXISTS (SELECT 1 FROM reading n WHERE n.replaces_id = r.id AND n.created_at <= w.created_at))
    """,
    first=f"""
    w AS MATERIALIZED (SELECT w.id, w.account_id, w.created_at, u.since {_OF_BILLS}),
    named AS MATERIALIZED (
        SELECT earlier_reading_id AS id FROM consumption WHERE bill_id = ANY(:bills)
        UNION SELECT later_reading_id FROM consumption WHERE bill_id = ANY(:bills)
    ),""",
    more=", w.created_at AS posted_at",
    verified_to=_VERIFIED,
)

_HISTORY = history_of(
    f"{_OF_BILLS} JOIN consumption c ON c.account_id = w.account_id "
    f"JOIN bill p ON p.id = c.bill_id AND p.billing_month = c.billing_month AND {_STOOD} WHERE true"
)

_ESTIMATED = f"""
    SELECT {ESTIMATED_LINE}
    {_OF_BILLS}
    JOIN bill p ON p.quality = '{Quality.ESTIMATED}' AND p.period_from >= DATE '1970-01-01' + u.since AND {_STOOD}
    JOIN bill_line l ON l.bill_id = p.id AND l.billing_month = p.billing_month AND {OF_ITS_ENERGY}
    {BY_PERIOD}
"""

_LINES = f"""
    SELECT l.account_id, {_PLACE.format("kind", "l.kind")}, {MONTHS.format("l.for_month")}, l.period_from {DAYS}, l.period_to {DAYS},
           coalesce(l.tariff_version_id, 0), l.block_no, l.quantity_milli, l.rate * 10000, l.amount_tiyin, l.vat_tiyin,
           {_PLACE.format("component", "l.component")}, {_PLACE.format("zone", "l.zone")},
           coalesce(l.charge_id, 0), coalesce(l.benefit_id, 0), coalesce(l.prepaid_id, 0)
    FROM bill_line l WHERE l.bill_id = ANY(:bills) ORDER BY l.account_id, l.line_no
"""

_CONSUMPTIONS = f"""
    SELECT account_id, period_from {DAYS}, period_to {DAYS}, quantity_milli, coalesce(earlier_reading_id, 0),
           coalesce(later_reading_id, 0), rolled_over::int, {_PLACE.format("zone", "zone")}, {_PLACE.format("quality", "quality")}
    FROM consumption WHERE bill_id = ANY(:bills) ORDER BY account_id, id
"""

#: What a benefit gave as was known when bill ``w`` was posted; what it gave first is known ever since. A version that another one of
#: its day took the place of is kept nowhere but in the audit trail.
_SAID = f"""
    SELECT s.benefit_id, s.valid_from, CASE WHEN s.is_last THEN t.percent ELSE s.percent END AS percent,
           CASE WHEN s.is_last THEN t.limit_milli ELSE s.limit_milli END AS limit_milli
    FROM (
        SELECT s.*, s.valid_from = max(s.valid_from) OVER () AS is_last FROM said s
        WHERE s.benefit_id = a.benefit_id AND (s.recorded_at <= w.created_at OR NOT EXISTS (
            SELECT 1 FROM said f WHERE f.benefit_id = s.benefit_id AND f.valid_from < s.valid_from))
    ) s
    CROSS JOIN LATERAL (
        SELECT {_as_it_was("benefit", "b.id", "percent", "w.created_at", "b.percent")} AS percent,
               nullif({_as_it_was("benefit", "b.id", "limit_milli", "w.created_at", "b.limit_milli")}, '') AS limit_milli
        FROM benefit b WHERE b.id = a.benefit_id
    ) t
"""
_W = "JOIN bill w ON w.id = ANY(:bills) AND w.account_id = {0}.account_id"
#: The rules of accounts as they were when the bills were posted.
_RULES = Statements(
    terms=f"""
        SELECT array_position(CAST(:kinds AS text[]), t.kind::text) - 1, t.account_id, t.valid_from {DAYS},
               coalesce(t.valid_to {DAYS}, {NO_END}), t.value_milli, t.id
        FROM supply_term t {_W.format("t")} WHERE t.account_id = ANY(:ids) AND t.created_at <= w.created_at ORDER BY 1, 2, 3
    """,
    passports=f"""
        SELECT t.id, coalesce(t.passport, '{{}}') AS passport FROM supply_term t {_W.format("t")}
        WHERE t.account_id = ANY(:ids) AND t.kind = 'LOSS_BOUNDARY' AND t.created_at <= w.created_at ORDER BY t.id
    """,
    benefits=f"""
        WITH {BENEFIT_VERSIONS}
        SELECT {BENEFIT_COLUMNS}
        FROM account_benefit a {_W.format("a")}
        CROSS JOIN LATERAL ({benefit_stretches(_SAID)}) d
        WHERE a.account_id = ANY(:ids) AND a.created_at <= w.created_at AND {BENEFIT_HELD} ORDER BY 1, 2, 6
    """,
    charges=f"""
        SELECT c.account_id, c.id, {_PLACE.format("component", "c.component")}, c.period_from {DAYS},
               c.period_to {DAYS}, c.quantity_milli, c.amount_tiyin, c.vat_tiyin
        FROM bill_line l JOIN billable_charge c ON c.id = l.charge_id
        WHERE l.bill_id = ANY(:bills) AND c.account_id = ANY(:ids) ORDER BY 1, 2
    """,
    prepaid=f"""
        SELECT v.account_id, v.id, v.tariff_version_id, v.valid_from {DAYS}, {kept_to("v", "x.created_at <= w.created_at")} {DAYS},
               v.quantity_milli - coalesce((
                   SELECT sum(l.quantity_milli) FROM bill_line l JOIN bill p ON p.id = l.bill_id AND p.billing_month = l.billing_month
                   WHERE l.prepaid_id = v.id AND l.component = 'ENERGY' AND {_STOOD}
               ), 0)
        FROM prepaid_volume v {_W.format("v")} WHERE v.account_id = ANY(:ids) AND v.created_at <= w.created_at ORDER BY 1, 4, 2
    """,
    zone_history=f"""
        SELECT x.account_id, {_PLACE.format("zone", "x.zone")}, sum(x.quantity_milli)
        FROM consumption x {_W.format("x")} JOIN bill p ON p.id = x.bill_id AND p.billing_month = x.billing_month AND {_STOOD}
        WHERE x.account_id = ANY(:ids) AND x.quality = 'ACTUAL' AND x.zone <> 'TOTAL' GROUP BY 1, 2
    """,
)

#: Bills that are not the sum of their lines.
_SUMS = """
    SELECT b.account_id, b.id AS bill_id, b.amount_tiyin, l.amount_tiyin AS lines_tiyin, b.vat_tiyin, l.vat_tiyin AS lines_vat_tiyin
    FROM bill b JOIN LATERAL (
        SELECT coalesce(sum(l.amount_tiyin), 0)::bigint AS amount_tiyin, coalesce(sum(l.vat_tiyin), 0)::bigint AS vat_tiyin
        FROM bill_line l WHERE l.bill_id = b.id AND l.billing_month = b.billing_month
    ) l ON true
    WHERE b.id = ANY(:bills) AND (b.amount_tiyin, b.vat_tiyin) <> (l.amount_tiyin, l.vat_tiyin) ORDER BY b.id
"""


class PostedRun(NamedTuple):
    """A bill run that posted bills of a month on a day, and what it computed them with."""

    run_id: int
    issued_on: date
    policy: dict[str, int]


class AsPosted(NamedTuple):
    """Posted bills with the input they were computed from."""

    bill_id: Integers  #: in the order of the accounts
    chunk: Chunk
    stored: Posted


def posted_runs(session: Session, *, division_id: int, month: date) -> list[PostedRun]:
    """Return the runs that posted the live bills of a division's month."""
    return fetch_all(session, _RUNS, PostedRun, division_id=division_id, month=month)


class PostedMonth(NamedTuple):
    """A month with bills, and a division that stands above all others."""

    division_id: int
    billing_month: date


def posted_months(session: Session) -> list[PostedMonth]:
    """Return the months that have bills, oldest first, each with every division that stands above all others."""
    statement = (
        "SELECT d.id AS division_id, m.billing_month FROM (SELECT DISTINCT billing_month FROM division_turnover) m "
        "CROSS JOIN division d WHERE d.parent_id IS NULL ORDER BY m.billing_month, d.id"
    )
    return fetch_all(session, statement, PostedMonth)


class ReplayPosition(NamedTuple):
    """A division and a month with bills, and a bill behind which to begin."""

    division_id: int
    billing_month: date
    after: int


def random_places(session: Session, *, limit: int) -> list[ReplayPosition]:
    """Return divisions and months with bills in random order, each with a bill, at random, behind which to begin."""
    statement = """
        SELECT t.division_id, t.billing_month, coalesce(b.first - 1 + floor(random() * (b.last - b.first + 1) / 2)::bigint, 0) AS after
        FROM (SELECT * FROM division_turnover ORDER BY random() LIMIT :limit) t
        CROSS JOIN LATERAL (
            SELECT min(id) AS first, max(id) AS last FROM bill WHERE division_id = t.division_id AND billing_month = t.billing_month
        ) b
        WHERE b.first IS NOT NULL ORDER BY random()
        """
    return fetch_all(session, statement, ReplayPosition, limit=limit)


def as_posted(
    session: Session, prices: Prices, run: PostedRun, *, division_id: int, month: date, after: int = 0, limit: int = 1000
) -> AsPosted:
    """Return the next live bills of a run and what they were computed from.

    :param after: the highest id of the bills before
    """
    month_to = months_after(month, 1)
    found = arrays.columns(
        session, _ACCOUNTS, 16, run_id=run.run_id, issued_on=run.issued_on, division_id=division_id, month=month, month_to=month_to,
        after=after, limit=limit,
    )  # fmt: skip
    bill_id, ids, divisions, resource, group, quantum, actual_to, billed_to, first_unbilled, capacity = found[:10]
    start, supply_end, earlier = _supplied(session, prices, ids, bill_id, billed_to, month_to)
    known = billed_to >= start
    actual_to, billed_to = np.where(known & (actual_to > NEVER), actual_to, start), np.where(known, billed_to, start)
    first_unbilled = np.where(first_unbilled > NEVER, first_unbilled, month_with(start))
    window = {"bills": bill_id.tolist(), "since": actual_to.tolist()}
    *before, zeros, _ = history_in(session, _HISTORY, ids, month, window)
    accounts = Accounts(
        id=ids,
        tariff=tariffs_of(prices, resource, group),
        quantum_milli=quantum,
        actual_to=actual_to,
        billed_to=billed_to,
        first_unbilled=first_unbilled,
        supply_end=supply_end,
        capacity_milli=capacity,
        **dict(zip(Accounts._fields[8:13], before, strict=True)),
        supply_start=start,
        zeros_before=zeros,
    )
    none = np.zeros(len(ids), dtype=np.int64)
    rules = rules_of(session, prices, ids, _RULES, bills=window["bills"])._replace(earlier=earlier)
    readings = readings_in(session, _READINGS, ids, month_to, window)
    estimated = estimated_in(session, _ESTIMATED, ids, window)
    bills = dict(zip(("account", *columns_of()[0]), (np.arange(len(ids)), *found[10:16]), strict=True))
    chunk = Chunk(accounts, divisions, none, none, readings, estimated, rules)
    return AsPosted(bill_id, chunk, _stored(session, ids, bills, window))


def _supplied(
    session: Session, prices: Prices, ids: Integers, bills: Integers, billed_to: Integers, month_to: date
) -> tuple[Integers, Integers, EarlierTariffs]:
    """Return the first day and the end of each account's supply as its bill saw it, and the tariffs before the last one."""
    rows = np.stack(arrays.columns(session, _SUPPLIES, 6, bills=bills.tolist(), month_to=month_to))
    supply, before = chained(rows, billed_to[arrays.positions(ids, rows[0])])
    points = arrays.columns(session, _RESOURCES, 2, ids=distinct(before[1]))
    resource = points[1][arrays.positions(points[0], before[1])]
    return supply[3], supply[4], earlier_tariffs(prices, ids, before, resource)


class MultiplierDrift(NamedTuple):
    """A bill counted with another multiplier than its meter installation has now; both times 1000."""

    account_id: int
    bill_id: int
    counted_e3: int
    installed_e3: int


def multipliers_that_differ(session: Session, bill_ids: list[int]) -> list[MultiplierDrift]:
    """Return bills whose energy was counted with another multiplier than its meter installation has now: both, times 1000."""
    statement = """
        SELECT DISTINCT c.account_id, c.bill_id, (1000 * c.multiplier_numerator / c.multiplier_denominator)::bigint AS counted_e3,
               (1000 * i.ct_primary::bigint * i.vt_primary / (i.ct_secondary * i.vt_secondary))::bigint AS installed_e3
        FROM consumption c JOIN reading r ON r.id = c.later_reading_id JOIN meter_installation i ON i.id = r.meter_installation_id
        WHERE c.bill_id = ANY(:bills) AND c.multiplier_numerator * i.ct_secondary * i.vt_secondary
              <> i.ct_primary::bigint * i.vt_primary * c.multiplier_denominator
        ORDER BY c.bill_id
        """
    return fetch_all(session, statement, MultiplierDrift, bills=bill_ids)


class SumDrift(NamedTuple):
    """A bill that differs from the sum of its lines."""

    account_id: int
    bill_id: int
    amount_tiyin: int
    lines_tiyin: int
    vat_tiyin: int
    lines_vat_tiyin: int


def sums_that_differ(session: Session, bill_ids: list[int]) -> list[SumDrift]:
    """Return bills that differ from the sum of their lines: both amounts and both VAT amounts."""
    return fetch_all(session, _SUMS, SumDrift, bills=bill_ids)


def _stored(session: Session, ids: Integers, bills: ReplayTable, window: dict[str, Any]) -> Posted:
    _, of_line, of_consumption = columns_of()
    lines = arrays.columns(session, _LINES, len(of_line) + 1, bills=window["bills"], **_only("kind", "component", "zone"))
    taken = arrays.columns(session, _CONSUMPTIONS, len(of_consumption) + 1, bills=window["bills"], **_only("quality", "zone"))
    for rows in (lines, taken):
        rows[0] = arrays.positions(ids, rows[0])
    return Posted(bills, dict(zip(("account", *of_line), lines, strict=True)), dict(zip(("account", *of_consumption), taken, strict=True)))


def _only(*words: str) -> dict[str, Any]:
    """Return the members of some enums, as the statements want them."""
    return {f"{word}s": _WORDS[f"{word}s"] for word in words}
