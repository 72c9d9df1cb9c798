"""Readings of devices that are not known: kept with a summary a device, and posted when the device is registered and installed."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.metering import REGISTERS, ParkedStatus, ReadingSource
from app.domain.values import Flags, Integers
from app.gateways.device_data import DeviceRows
from app.models.metering import ReadingImport
from app.models.metering.devices import ParkedDevice
from app.queries import arrays
from app.queries.records import fetch_one


class NotWaiting(Exception):
    """What is parked for the device was posted or discarded."""


_DEVICES = text(
    """
    INSERT INTO parked_device AS p (division_id, serial_key, serial_number, parked_reason, first_on, last_on)
    SELECT :division_id, k.key, k.serial, CASE WHEN k.known = 1 THEN 'NOT_INSTALLED' ELSE 'UNKNOWN_DEVICE' END,
           DATE '1970-01-01' + k.first::int, DATE '1970-01-01' + k.last::int
    FROM unnest(
        CAST(:keys AS text[]), CAST(:serials AS text[]), CAST(:known AS bigint[]), CAST(:firsts AS bigint[]), CAST(:lasts AS bigint[])
    ) k (key, serial, known, first, last)
    ORDER BY k.key
    ON CONFLICT (division_id, serial_key) DO UPDATE SET
        first_on = least(p.first_on, excluded.first_on), last_on = greatest(p.last_on, excluded.last_on),
        parked_reason = excluded.parked_reason, status = 'WAITING'
    """
)
_IDS = """
    SELECT p.id FROM unnest(CAST(:keys AS text[])) WITH ORDINALITY k (key, place)
    CROSS JOIN LATERAL (SELECT x.id FROM parked_device x WHERE x.division_id = :division_id AND x.serial_key = k.key OFFSET 0) p
    ORDER BY k.place
"""
_READINGS = text(
    """
    WITH added AS (
        INSERT INTO parked_reading AS r (
            division_id, parked_device_id, reading_import_id, row_no, register, read_on, dial_milli, decimals, is_reliable, source
        )
        SELECT :division_id, k.device, :import_id, k.row_no, coalesce((CAST(:codes AS text[]))[k.register + 1], ''),
               DATE '1970-01-01' + k.day::int, k.dial, k.decimals, k.is_reliable = 1, :source
        FROM unnest(
            CAST(:devices AS bigint[]), CAST(:row_nos AS bigint[]), CAST(:registers AS bigint[]), CAST(:days AS bigint[]),
            CAST(:dials AS bigint[]), CAST(:decimals AS bigint[]), CAST(:reliable AS bigint[])
        ) k (device, row_no, register, day, dial, decimals, is_reliable)
        ORDER BY k.row_no
        ON CONFLICT (parked_device_id, register, read_on, dial_milli) DO NOTHING
        RETURNING r.parked_device_id
    )
    UPDATE parked_device p SET readings = p.readings + c.count
    FROM (SELECT parked_device_id, count(*) AS count FROM added GROUP BY 1) c WHERE p.id = c.parked_device_id
    """
)


class UnknownDevices(NamedTuple):
    """Devices that readings name: what each is compared by, its number as it was written, and whether there is such a device at all."""

    key: Sequence[str]
    serial: Sequence[str]
    is_known: Flags


def park(
    session: Session, target: ReadingImport, rows: DeviceRows, chosen: Integers, *, devices: UnknownDevices, device: Integers,
    source: ReadingSource,
) -> None:  # fmt: skip
    """Keep readings whose device is not known, or installed nowhere; one that was parked before is not parked twice.

    :param chosen: their places among the rows
    :param device: of each of them, the place of its device
    """
    if not len(chosen):
        return
    used, at = np.unique(device, return_inverse=True)
    keys = [devices.key[place] for place in used.tolist()]
    first, last = np.full(len(used), np.iinfo(np.int64).max), np.full(len(used), -1)
    np.minimum.at(first, at, rows.day[chosen])
    np.maximum.at(last, at, rows.day[chosen])
    given = {"division_id": target.division_id, "keys": keys, "known": devices.is_known[used].astype(np.int64)}
    serials = [devices.serial[place] for place in used.tolist()]
    session.execute(_DEVICES, {**given, "serials": serials, "firsts": first, "lasts": last})
    (ids,) = arrays.columns(session, _IDS, 1, division_id=target.division_id, keys=arrays.texts(keys))
    readings = {
        "devices": ids[at], "row_nos": rows.row_no[chosen], "registers": rows.register[chosen], "days": rows.day[chosen],
        "dials": rows.dial_milli[chosen], "decimals": rows.decimals[chosen], "reliable": rows.is_reliable[chosen],
    }  # fmt: skip
    fixed = {"division_id": target.division_id, "import_id": target.id, "source": source, "codes": list(REGISTERS)}
    session.execute(_READINGS, {**fixed, **readings})


def discard(session: Session, parked_device_id: int) -> int:
    """Put aside what is parked for a device that is not ours; return how many readings that were.

    :raises NotWaiting: if nothing waits
    """
    found = session.execute(select(ParkedDevice).where(ParkedDevice.id == parked_device_id).with_for_update()).scalar_one()
    if found.status != ParkedStatus.WAITING:
        raise NotWaiting
    count = fetch_one(session, "SELECT count(*) FROM parked_reading WHERE parked_device_id = :id AND status = 'WAITING'", int, id=found.id)
    session.execute(
        text("UPDATE parked_reading SET status = 'DISCARDED' WHERE parked_device_id = :id AND status = 'WAITING'"), {"id": found.id}
    )
    found.status, found.readings = ParkedStatus.DISCARDED, 0
    session.flush()
    return count
