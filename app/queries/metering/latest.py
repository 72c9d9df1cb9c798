"""What is known of many registers before their next readings: the latest reading, the usual energy, up to when bills are made."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from sqlalchemy.orm import Session

from app.domain.metering import RegisterCode
from app.domain.values import Integers
from app.queries import arrays
from app.queries.metering.devices import InstalledRegisters

_CODES = [code.value for code in RegisterCode]


class LatestReadings(NamedTuple):
    """What is known of each register: its latest reading, its usual energy, and up to when bills are made of readings; −1: never.

    :ivar source: place of the latest reading's source in the list that was given
    :ivar kind: of the latest reading: 1 the first of its meter, 2 the last, else 0
    """

    day: Integers
    dial_milli: Integers
    reading_id: Integers
    source: Integers
    kind: Integers
    history_milli: Integers
    history_days: Integers
    zeros_before: Integers
    actual_to: Integers


_LATEST = """
    SELECT coalesce(last.read_on - DATE '1970-01-01', -1), coalesce(last.dial_milli, 0), coalesce(last.id, 0),
           coalesce(array_position(CAST(:sources AS text[]), last.source::text) - 1, 0),
           CASE WHEN last.kind = 'INITIAL' THEN 1 WHEN last.kind = 'FINAL' THEN 2 ELSE 0 END,
           coalesce(p.actual_to - DATE '1970-01-01', -1)
    FROM unnest(CAST(:installations AS bigint[]), CAST(:registers AS bigint[]), CAST(:accounts AS bigint[]))
        WITH ORDINALITY k (installation_id, register_id, account_id, place)
    LEFT JOIN LATERAL (SELECT x.actual_to FROM account_position x WHERE x.account_id = k.account_id OFFSET 0) p ON true
    LEFT JOIN LATERAL (
        SELECT x.id, x.read_on, x.dial_milli, x.source, x.kind FROM reading x
        WHERE x.meter_installation_id = k.installation_id AND x.register_id = k.register_id AND x.account_id = k.account_id
          AND x.kind <> 'WITHDRAWAL' AND NOT EXISTS (SELECT FROM reading n WHERE n.replaces_id = x.id)
        ORDER BY x.read_on DESC, x.id DESC LIMIT 1
    ) last ON true
    ORDER BY k.place
"""
#: Rows of the latest periods of a register, the newest first; the whole counter adds up all zones.
_PERIODS = """
    SELECT k.place, c.period_from - DATE '1970-01-01', c.period_to - DATE '1970-01-01', c.quantity_milli
    FROM unnest(CAST(:places AS bigint[]), CAST(:accounts AS bigint[]), CAST(:register_codes AS bigint[]))
        k (place, account_id, code)
    CROSS JOIN LATERAL (
        SELECT x.period_from, x.period_to, x.quantity_milli FROM consumption x
        WHERE x.account_id = k.account_id AND x.quality = 'ACTUAL' AND (k.code = 0 OR x.zone = (CAST(:codes AS text[]))[k.code + 1])
        ORDER BY x.period_to DESC LIMIT :most
    ) c
"""
#: Periods that tell the usual energy of a register, and rows of a register that are read in the end.
_USUAL_PERIODS, _ALL = 3, 1 << 40


def latest_readings(session: Session, installed: InstalledRegisters, *, sources: Sequence[str], zeros: int) -> LatestReadings:
    """Return what is known of registers, in their order.

    :param zeros: months without energy in a row that are looked for before the reading
    """
    if not len(installed.device):
        return LatestReadings(*[installed.device] * len(LatestReadings._fields))
    given = {
        "installations": installed.installation_id, "registers": installed.register_id, "accounts": installed.account_id,
        "sources": list(sources),
    }  # fmt: skip
    day, dial_milli, reading_id, source, kind, actual_to = arrays.columns(session, _LATEST, 6, **given)
    return LatestReadings(day, dial_milli, reading_id, source, kind, *_usual_energy(session, installed, zeros), actual_to)


def _usual_energy(session: Session, installed: InstalledRegisters, zeros: int) -> tuple[Integers, Integers, Integers]:
    """Return of each register the energy and days of its latest actual periods, and ``zeros`` if so many of them were without energy.

    As many rows are read as there are periods where each has one; only registers of which that was too few are read in full.
    """
    wanted, count = max(_USUAL_PERIODS, zeros), len(installed.device)
    rows = _rows_of_periods(session, installed, np.arange(count), wanted)
    is_short = (np.bincount(rows[0], minlength=count) == wanted) & (np.bincount(_by_period(*rows).place, minlength=count) < wanted)
    if is_short.any():
        whole = _rows_of_periods(session, installed, np.flatnonzero(is_short), _ALL)
        rows = [np.concatenate([some[~is_short[rows[0]]], more]) for some, more in zip(rows, whole, strict=True)]
    found = _by_period(*rows)
    newer = _newer(found)
    milli, days, without = (np.zeros(count, np.int64) for _ in range(3))
    usual = newer < _USUAL_PERIODS
    np.add.at(milli, found.place[usual], found.quantity_milli[usual])
    np.add.at(days, found.place[usual], found.days[usual])
    np.add.at(without, found.place[(newer < zeros) & (found.quantity_milli == 0)], 1)
    return milli, days, np.where(without == zeros, zeros, 0)


def _rows_of_periods(session: Session, installed: InstalledRegisters, places: Integers, most: int) -> list[Integers]:
    given = {"places": places, "accounts": installed.account_id[places], "register_codes": installed.code[places]}
    return arrays.columns(session, _PERIODS, 4, **given, codes=_CODES, most=most)


class _Periods(NamedTuple):
    """Energy of registers by period, sorted by register, the newest period first."""

    place: Integers
    days: Integers
    quantity_milli: Integers


def _by_period(place: Integers, period_from: Integers, period_to: Integers, quantity_milli: Integers) -> _Periods:
    if not len(place):
        return _Periods(place, place, place)
    order = np.lexsort((-period_from, -period_to, place))
    table = np.stack([place, period_to, period_from])[:, order]
    begins = np.flatnonzero(np.concatenate([[True], (table[:, 1:] != table[:, :-1]).any(axis=0)]))
    place, period_to, period_from = table[:, begins]
    return _Periods(place, period_to - period_from, np.add.reduceat(quantity_milli[order], begins))


def _newer(periods: _Periods) -> Integers:
    """Return how many newer periods each period's register has."""
    place, counted = periods.place, np.arange(len(periods.place))
    begins = np.concatenate([[True], place[1:] != place[:-1]])[: len(place)]
    newer: Integers = counted - np.maximum.accumulate(np.where(begins, counted, 0))
    return newer


_BEFORE = """
    SELECT coalesce((
        SELECT b.dial_milli FROM reading r
        JOIN reading b ON b.meter_installation_id = r.meter_installation_id AND b.register_id = r.register_id
            AND b.account_id = r.account_id AND b.read_on < r.read_on AND b.kind <> 'WITHDRAWAL'
        WHERE r.id = k.id AND NOT EXISTS (SELECT FROM reading n WHERE n.replaces_id = b.id)
        ORDER BY b.read_on DESC, b.id DESC LIMIT 1
    ), -1)
    FROM unnest(CAST(:ids AS bigint[])) WITH ORDINALITY k (id, place) ORDER BY k.place
"""


def dials_before(session: Session, reading_ids: Integers) -> Integers:
    """Return what each reading's register showed at the reading before; −1: there is none."""
    (dials,) = arrays.columns(session, _BEFORE, 1, ids=reading_ids)
    return dials
