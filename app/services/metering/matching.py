"""Readings of devices matched with registers in use: set-wise, and for a long file a part ahead of the one that is written."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import cycle
from typing import NamedTuple

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.metering import ReadingSource, Thresholds
from app.domain.values import Flags, Integers
from app.gateways.device_data import DeviceRows
from app.queries.metering import devices as queries
from app.queries.metering.devices import InstalledRegisters
from app.queries.metering.latest import LatestReadings, latest_readings
from app.services.metering.judging import limits_on

SOURCES = tuple(ReadingSource)


class MatchedRows(NamedTuple):
    """Readings with the registers of their devices, whose accounts are locked, and what is known of those.

    :ivar device: of each reading, the place of its device among those that were looked up
    :ivar keys: by device: what its number is compared by
    :ivar is_known: by device: whether there is such a device, installed or not
    :ivar holder: the session whose transaction holds the accounts
    """

    rows: DeviceRows
    device: Integers
    keys: Sequence[str]
    is_known: Flags
    installed: InstalledRegisters
    latest: LatestReadings
    limits: Thresholds
    holder: Session


def match(session: Session, rows: DeviceRows, *, division_id: int, today: date) -> MatchedRows:
    """Find the registers that readings are of; their accounts stay locked to the end of the transaction."""
    # No key is looked up twice, so what the database remembers of look-ups only costs.
    session.execute(text("SELECT set_config('enable_memoize', 'off', true)"))
    limits = limits_on(session, today)
    places: dict[str, int] = {}
    place = np.array([places.setdefault(key, len(places)) for key in queries.serial_keys(session, rows.serials)], dtype=np.int64)
    named = queries.named_devices(session, list(places), division_id)
    installed = queries.installed_registers(session, named, division_id)
    latest = latest_readings(session, installed, sources=SOURCES, zeros=limits.zeros_wanted - 1)
    is_known = np.zeros(len(places), dtype=bool)
    is_known[named.place[named.is_inside]] = True
    is_known[installed.device] = True
    return MatchedRows(rows, place[rows.device], list(places), is_known, installed, latest, limits, session)


def match_ahead(chunks: Iterator[DeviceRows], besides: Sequence[Session], *, division_id: int, today: date) -> Iterator[MatchedRows]:
    """Yield each part of a file matched, while the next one is matched in another session.

    A part's accounts stay locked by the session that matched it until the next part is asked for, so whoever asks commits first what he
    wrote of it. A part that reads accounts of the one before waits for that.

    :param besides: two sessions, which write nothing
    """
    turns = cycle(besides)

    def next_part() -> MatchedRows | None:
        rows, beside = next(chunks, None), next(turns)
        return None if rows is None else match(beside, rows, division_id=division_id, today=today)

    with ThreadPoolExecutor(1) as maker:
        coming = maker.submit(next_part)
        while matched := coming.result():
            coming = maker.submit(next_part)
            try:
                yield matched
            finally:
                matched.holder.rollback()
