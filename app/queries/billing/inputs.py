"""What a bill run reads, as arrays."""

from datetime import date
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy.orm import Session

from app.domain.billing import (
    COMPONENTS,
    LINE_KINDS,
    Accounts,
    BillingRules,
    BillLines,
    EarlierTariffs,
    LineKind,
    Readings,
    months_since_epoch,
)
from app.domain.billing.records import distinct, month_with
from app.domain.calendar import NO_END, day_number, day_of, months_after
from app.domain.tariffs import ZONES
from app.domain.values import Integers
from app.queries import arrays
from app.queries.billing.history import recent_history
from app.queries.billing.rules import rules_of
from app.queries.live import charged, live
from app.queries.records import fetch_one
from app.queries.tariffs import Prices

DAYS = "- DATE '1970-01-01'"
MONTHS = "(extract(year FROM {0})::int - 1970) * 12 + extract(month FROM {0})::int - 1"

#: Accounts of a division's subtree not billed for the month, a division after the other, behind an account: a step reads no
#: more than it takes, however many are left.
_TO_BILL = """
    WITH behind AS (SELECT id, division_id FROM account WHERE id = :after)
    SELECT c.id FROM division d
    CROSS JOIN LATERAL (
        SELECT a.id FROM account a LEFT JOIN account_position p ON p.account_id = a.id
        WHERE a.division_id = d.id AND a.id > coalesce((SELECT id FROM behind WHERE division_id = d.id), 0)
          AND (p.billed_month IS NULL OR p.billed_month < :month)
        ORDER BY a.id LIMIT :limit
    ) c
    WHERE starts_with(d.path, (SELECT path FROM division WHERE id = :division_id))
      AND d.id >= coalesce((SELECT division_id FROM behind), 0)
    ORDER BY d.id, c.id LIMIT :limit
"""
#: A day no account knows: it was never billed, or has no such day.
NEVER = -(10**6)
_POSITIONS = f"""
    SELECT account_id, coalesce(actual_to {DAYS}, {NEVER}), coalesce(billed_to {DAYS}, {NEVER}),
           coalesce({MONTHS.format("billed_month")}, {NEVER}), debt_tiyin, advance_tiyin
    FROM account_position WHERE account_id = ANY(:ids) ORDER BY account_id
"""
#: Accounts with charges that no bill asked for yet.
_OWED = f"""
    SELECT c.account_id FROM billable_charge c
    WHERE c.account_id = ANY(:ids) AND c.period_from < :month_to
      AND NOT {charged("c")}
    GROUP BY c.account_id HAVING sum(c.amount_tiyin) <> 0
"""
_DIVISIONS = "SELECT id, division_id FROM account WHERE id = ANY(:ids) ORDER BY id"
_SUPPLIES = f"""
    SELECT account_id, service_point_id, tariff_group_id, valid_from {DAYS}, coalesce(valid_to {DAYS}, {NO_END}), begins_anew::int
    FROM supply WHERE account_id = ANY(:ids) AND valid_from < :month_to ORDER BY account_id, valid_from
"""
_POINTS = """
    SELECT sp.id, sp.resource_id, r.quantum_milli, sp.capacity_milli
    FROM service_point sp JOIN resource r ON r.id = sp.resource_id WHERE sp.id = ANY(:ids) ORDER BY sp.id
"""


def readings_of(rows: str, *, first: str = "", more: str = "", verified_to: str = "s.verified_to") -> str:
    """Return the SQL of readings with their registers and meters; what readings share is looked up once, not for each.

    ``OFFSET 0`` keeps every step a look-up by key, however large the tables are: a chunk costs the same in every country.

    :param rows: the FROM and WHERE of readings ``r``
    :param first: what they are read from, as further named queries
    :param more: further columns ``, … AS …`` of a reading, for ``verified_to`` to use
    :param verified_to: how the end of a meter's verification follows from a reading ``r`` and its series ``s``
    """
    return f"""
    WITH {first} read AS MATERIALIZED (
        SELECT r.id, r.account_id, r.meter_installation_id, r.register_id, r.read_on, r.dial_milli{more} {rows}
    ), series AS MATERIALIZED (
        SELECT k.meter_installation_id, k.register_id, (1000 * 10 ^ g.digits)::bigint AS capacity,
               i.ct_primary::bigint * i.vt_primary AS numerator, i.ct_secondary::bigint * i.vt_secondary AS denominator,
               array_position(CAST(:zones AS text[]), g.code::text) - 1 AS zone, coalesce(m.verified_to {DAYS}, {NO_END}) AS verified_to,
               i.meter_id, m.verified_to AS verified_on
        FROM (SELECT DISTINCT meter_installation_id, register_id FROM read) k
        CROSS JOIN LATERAL (SELECT g.code, g.digits FROM register g WHERE g.id = k.register_id AND g.code = ANY(:zones) OFFSET 0) g
        CROSS JOIN LATERAL (SELECT i.* FROM meter_installation i WHERE i.id = k.meter_installation_id OFFSET 0) i
        CROSS JOIN LATERAL (SELECT m.verified_to FROM device m WHERE m.id = i.meter_id OFFSET 0) m
    )
    SELECT r.id, r.account_id, r.meter_installation_id, r.register_id, r.read_on {DAYS}, r.dial_milli,
           s.capacity, s.numerator, s.denominator, s.zone, {verified_to}
    FROM read r JOIN series s USING (meter_installation_id, register_id)
    ORDER BY r.account_id, r.meter_installation_id, r.register_id, r.read_on, r.id
    """


#: What a reading tells itself, and those of accounts that were read lately; of the few others each is looked up for itself.
_OF_READING = f"r.id, r.account_id, r.meter_installation_id, r.register_id, r.read_on {DAYS}, r.dial_milli"
#: A reading ``r`` is one, and not the withdrawal of another.
COUNTS = "r.kind <> 'WITHDRAWAL'"
_LATELY = f"SELECT {_OF_READING} FROM reading r WHERE r.account_id = ANY(:ids) AND r.read_on BETWEEN :oldest AND :month_to AND {COUNTS}"
_LONG_AGO = f"""
    SELECT {_OF_READING} FROM unnest(CAST(:ids AS bigint[]), CAST(:since AS int[])) AS w (account_id, since)
    CROSS JOIN LATERAL (
        SELECT * FROM reading r
        WHERE r.account_id = w.account_id AND r.read_on >= DATE '1970-01-01' + w.since AND r.read_on <= :month_to AND {COUNTS} OFFSET 0
    ) r
"""
_REPLACED = "SELECT replaces_id FROM reading WHERE replaces_id = ANY(:ids)"
_REGISTERS = """
    SELECT id, (1000 * 10 ^ digits)::bigint, array_position(CAST(:zones AS text[]), code::text) - 1
    FROM register WHERE id = ANY(:ids) AND code = ANY(:zones) ORDER BY id
"""
_INSTALLATIONS = """
    SELECT id, ct_primary::bigint * vt_primary, ct_secondary::bigint * vt_secondary, meter_id
    FROM meter_installation WHERE id = ANY(:ids) ORDER BY id
"""
_METERS = f"SELECT id, coalesce(verified_to {DAYS}, {NO_END}) FROM device WHERE id = ANY(:ids) ORDER BY id"
#: Days before the end of the month after which an account counts as read lately.
_LATELY_DAYS = 62


#: What is read of each line ``l`` of an estimated bill, which lines, and in which order.
ESTIMATED_LINE = f"""l.account_id, {MONTHS.format("l.for_month")}, l.period_from {DAYS}, l.period_to {DAYS},
           coalesce(l.tariff_version_id, 0), l.block_no, l.quantity_milli, l.rate * 10000, l.amount_tiyin, l.vat_tiyin,
           array_position(CAST(:components AS text[]), l.component::text) - 1, array_position(CAST(:zones AS text[]), l.zone::text) - 1,
           coalesce(l.benefit_id, 0), coalesce(l.prepaid_id, 0)"""
OF_ITS_ENERGY = "l.kind = 'CHARGE' AND l.charge_id IS NULL"
BY_PERIOD = "ORDER BY l.account_id, l.for_month, l.period_from, l.line_no"

_ESTIMATED = f"""
    SELECT {ESTIMATED_LINE}
    FROM unnest(CAST(:ids AS bigint[]), CAST(:since AS int[])) AS w (account_id, since)
    CROSS JOIN LATERAL (
        SELECT b.id, b.billing_month FROM bill b
        WHERE b.account_id = w.account_id AND b.quality = 'ESTIMATED' AND b.period_from >= DATE '1970-01-01' + w.since AND {live("b")}
        OFFSET 0
    ) b
    CROSS JOIN LATERAL (
        SELECT * FROM bill_line l WHERE l.bill_id = b.id AND l.billing_month = b.billing_month AND {OF_ITS_ENERGY} OFFSET 0
    ) l
    {BY_PERIOD}
"""


class Chunk(NamedTuple):
    """The input of a bill run for some accounts."""

    accounts: Accounts
    division_id: Integers
    debt_tiyin: Integers
    advance_tiyin: Integers
    readings: Readings
    estimated_lines: BillLines
    rules: BillingRules


def to_bill(session: Session, *, division_id: int, month: date, after: int, limit: int) -> Integers:
    """Return the next accounts of a division's subtree that were not billed for a month, a division after the other.

    :param after: the last account of the step before; 0: begin
    """
    return arrays.columns(session, _TO_BILL, 1, division_id=division_id, month=month, after=after, limit=limit)[0]


def chunk(session: Session, prices: Prices, *, ids: Integers, month: date, lock: bool = False) -> Chunk:
    """Return those of some accounts that have something to bill for a month, and all that their bills are made of.

    :param ids: ascending
    :param lock: lock the accounts' positions; what is read then stays so to the end of the transaction
    """
    month_to = months_after(month, 1)
    ids, actual_to, billed_to, first_unbilled, debt, advance, supply, before = _standing(session, ids, month, lock=lock)
    points = arrays.columns(session, _POINTS, 4, ids=distinct(np.append(supply[1], before[1])))
    resource, quantum, capacity = (column[arrays.positions(points[0], supply[1])] for column in points[1:])
    _, _, group, start, supply_end, _ = supply
    (divisions,) = arrays.columns(session, _DIVISIONS, 2, ids=ids)[1:]
    history, history_days, history_periods, last_year, last_year_days, zeros = recent_history(session, ids, month)
    accounts = Accounts(
        id=ids,
        tariff=tariffs_of(prices, resource, group),
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
        zeros_before=zeros,
    )
    readings = _readings(session, ids, actual_to, month_to)
    # Only what was billed behind the last reading is estimated.
    late = billed_to > actual_to
    estimated = estimated_in(session, _ESTIMATED, ids, {"ids": ids[late], "since": actual_to[late]})
    earlier = earlier_tariffs(prices, ids, before, points[1][arrays.positions(points[0], before[1])])
    rules = rules_of(session, prices, ids, month_to=month_to)._replace(earlier=earlier)
    return Chunk(accounts, divisions, debt, advance, readings, estimated, rules)


def chained(supply: Integers, billed_to: Integers) -> tuple[Integers, Integers]:
    """Return the supply each account is billed for next, and those it followed; it begins where the first of them does.

    Supplies without a day between are one, unless one begins anew (for another consumer): then the one before is billed to its end
    first. What is billed next is the first that was not billed to its end, else the last.

    :param supply: account, service point, tariff group, first day, end, whether it begins anew: a row each, by account and day
    :param billed_to: the day the account of each row was billed to
    """
    place = np.arange(supply.shape[1])
    same = supply[0, 1:] == supply[0, :-1]
    follows = np.append(False, same & (supply[4, :-1] == supply[3, 1:]) & (supply[5, 1:] == 0))[: len(place)]
    first = np.maximum.accumulate(np.where(follows, 0, place))
    last = np.flatnonzero(np.append(~follows[1:], True)[: len(place)])
    unbilled = last[supply[4, last] > billed_to[last]]
    latest = np.flatnonzero(np.append(~same, True)[: len(place)])
    candidates = np.append(unbilled, latest)
    _, chosen = np.unique(supply[0, candidates], return_index=True)
    present = candidates[chosen]
    owner = np.minimum(np.searchsorted(present, place), max(len(present) - 1, 0))
    before = place[(place < present[owner]) & (place >= first[present[owner]])] if len(present) else place
    found = supply[:, present]
    found[3] = supply[3, first[present]]
    return found, supply[:, before]


def earlier_tariffs(prices: Prices, ids: Integers, before: Integers, resource: Integers) -> EarlierTariffs:
    """Return the tariffs of supplies before the present ones.

    :param before: as ``chained`` gives them
    """
    return EarlierTariffs(arrays.positions(ids, before[0]), before[3], before[4], tariffs_of(prices, resource, before[2]))


def _standing(session: Session, ids: Integers, month: date, *, lock: bool) -> tuple[Integers, ...]:
    """Return the accounts that have something to bill for a month, and how they stand.

    :return: id, day up to which energy is actual, day billed to, first month without a bill, debt, advance, latest supply, and those before
    """
    never = np.full((3, len(ids)), NEVER, dtype=np.int64)
    standing = np.concatenate((never, np.zeros((2, len(ids)), dtype=np.int64)))
    account, *position = arrays.columns(session, _POSITIONS + (" FOR UPDATE" if lock else ""), 6, ids=ids)
    standing[:, arrays.positions(ids, account)] = position
    supply = np.stack(arrays.columns(session, _SUPPLIES, 6, ids=ids, month_to=months_after(month, 1)))
    supply, before = chained(supply, standing[1, arrays.positions(ids, supply[0])])
    place = arrays.positions(ids, supply[0])
    actual_to, billed_to, billed_month, debt, advance = standing[:, place]
    start, end = supply[3], supply[4]
    # Days without a supply are nobody's: one that begins later than the account was billed to begins anew.
    known = billed_to >= start
    actual_to = np.where(known, actual_to, NEVER)
    late = known & (actual_to > NEVER) & (actual_to < billed_to)
    ended = known & (billed_to >= end)
    owed = np.isin(supply[0], arrays.columns(session, _OWED, 1, ids=supply[0, ended], month_to=months_after(month, 1))[0])
    wanted = (billed_month < month_number(month)) & ((end > np.where(known, billed_to, start)) | late | (ended & owed))
    if lock:
        wanted &= np.isin(supply[0], account)
    first = np.where(billed_month > NEVER, billed_month + 1, month_with(start))
    actual_to, billed_to = np.where(actual_to > NEVER, actual_to, start), np.where(known, billed_to, start)
    found = (supply[0], actual_to, billed_to, first, debt, advance)
    return (*(column[wanted] for column in found), supply[:, wanted], before[:, np.isin(before[0], supply[0, wanted])])


def _readings(session: Session, ids: Integers, since: Integers, month_to: date) -> Readings:
    """Return the readings of accounts from a day of each on.

    Each table is asked once, by the keys the one before gave; what belongs together is found here, which costs less than a join.
    """
    lately = since >= day_number(month_to) - _LATELY_DAYS
    oldest = day_of(int(since[lately].min())) if lately.any() else month_to
    read = np.concatenate(
        (
            arrays.columns(session, _LATELY, 6, ids=ids[lately], oldest=oldest, month_to=month_to),
            arrays.columns(session, _LONG_AGO, 6, ids=ids[~lately], since=since[~lately], month_to=month_to),
        ),
        axis=1,
    )
    read = read[:, read[4] >= since[arrays.positions(ids, read[1])]]
    registers = arrays.columns(session, _REGISTERS, 3, ids=distinct(read[3]), zones=[*ZONES])
    (replaced,) = arrays.columns(session, _REPLACED, 1, ids=read[0])
    read = read[:, np.isin(read[3], registers[0]) & ~np.isin(read[0], replaced)]
    reading, account, installation, register, day, dial = read = read[:, np.lexsort((read[0], read[4], read[3], read[2], read[1]))]
    installations = arrays.columns(session, _INSTALLATIONS, 4, ids=distinct(installation))
    _, capacity, zone = (column[arrays.positions(registers[0], register)] for column in registers)
    _, numerator, denominator, meter = (column[arrays.positions(installations[0], installation)] for column in installations)
    meters = arrays.columns(session, _METERS, 2, ids=distinct(meter))
    verified_to = meters[1][arrays.positions(meters[0], meter)]
    return _in_series(
        reading, arrays.positions(ids, account), installation, register, day, dial, capacity, numerator, denominator, zone, verified_to
    )


def readings_in(session: Session, statement: str, ids: Integers, month_to: date, window: dict[str, Any]) -> Readings:
    """Return the readings a statement of ``readings_of`` selects."""
    reading, account, installation, register, *rest = arrays.columns(session, statement, 11, zones=[*ZONES], month_to=month_to, **window)
    return _in_series(reading, arrays.positions(ids, account), installation, register, *rest)


def _in_series(reading: Integers, account: Integers, installation: Integers, register: Integers, *rest: Integers) -> Readings:
    """Return readings, in the order of their series, with the series numbered."""
    changes = (installation[1:] != installation[:-1]) | (register[1:] != register[:-1])
    series = np.append(np.zeros(min(len(reading), 1), dtype=np.int64), np.cumsum(changes))
    return Readings(reading, account, series, *rest)


def next_revisions(session: Session, ids: Integers, month: date) -> Integers:
    """Return for each account how many bills of the month were taken back: the number of the next one.

    :param ids: ascending
    """
    statement = (
        "SELECT account_id, count(*) FROM bill "
        "WHERE cancels_id IS NOT NULL AND account_id = ANY(:ids) AND billing_month = :month GROUP BY account_id"
    )
    account, count = arrays.columns(session, statement, 2, ids=ids, month=month)
    result: Integers = np.zeros(len(ids), dtype=np.int64)
    result[arrays.positions(ids, account)] = count
    return result


def month_number(month: date) -> int:
    """Return a billing month as the engine counts it."""
    return months_since_epoch(month.year, month.month)


def tariffs_of(prices: Prices, resource: Integers, group: Integers) -> Integers:
    """Return the place of each account's tariff in the price table; -1: none."""
    pairs, inverse = np.unique(np.stack([resource, group]), axis=1, return_inverse=True)
    places = [prices.places.get((first, second), -1) for first, second in pairs.T.tolist()]
    return np.array(places, dtype=np.int64)[inverse]


def estimated_in(session: Session, statement: str, ids: Integers, window: dict[str, Any]) -> BillLines:
    """Return the lines of estimated bills a statement of ``ESTIMATED_LINE`` selects."""
    account, months, from_day, to_day, version, block, quantity, rate, amount, vat, component, zone, benefit, prepaid = arrays.columns(
        session, statement, 14, components=[*COMPONENTS], zones=[*ZONES], **window
    )
    index = arrays.positions(ids, account)
    none = np.zeros(len(account), dtype=np.int64)
    kind, days = none + LINE_KINDS.index(LineKind.CHARGE), to_day - from_day
    return BillLines(
        index, kind, months, from_day, to_day, days, version, block, quantity, rate, amount, vat, component, zone, none, benefit, prepaid
    )


def count_to_bill(session: Session, *, division_id: int, month: date) -> int:
    """Return how many accounts of a division were not billed for a month or a later one; those without a supply count too."""
    statement = """
        SELECT count(*) FROM account a
        JOIN division d ON d.id = a.division_id AND starts_with(d.path, (SELECT path FROM division WHERE id = :division_id))
        LEFT JOIN account_position p ON p.account_id = a.id
        WHERE p.billed_month IS NULL OR p.billed_month < :month
        """
    return fetch_one(session, statement, int, division_id=division_id, month=month)
