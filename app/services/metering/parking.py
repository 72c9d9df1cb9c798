"""Readings of devices that are not known: kept with a summary a device, and posted when the device is registered and installed."""

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.metering import REGISTERS, ParkedReason, ParkedStatus, ReadingSource
from app.domain.values import Flags, Integers
from app.gateways.device_data import DeviceRows
from app.models.metering import ReadingImport
from app.models.metering.devices import ParkedDevice
from app.queries.records import fetch_one


class NotWaiting(Exception):
    """What is parked for the device was posted or discarded."""


_DEVICES = text(
    """
    INSERT INTO parked_device AS p (division_id, serial_key, serial_number, parked_reason, first_on, last_on)
    SELECT :division_id, device_serial(k.serial), min(k.serial), max(k.reason), DATE '1970-01-01' + min(k.day)::int,
           DATE '1970-01-01' + max(k.day)::int
    FROM unnest(CAST(:serials AS text[]), CAST(:reasons AS text[]), CAST(:days AS bigint[])) k (serial, reason, day)
    GROUP BY 2 ORDER BY 2
    ON CONFLICT (division_id, serial_key) DO UPDATE SET
        first_on = least(p.first_on, excluded.first_on), last_on = greatest(p.last_on, excluded.last_on),
        parked_reason = excluded.parked_reason, status = 'WAITING'
    """
)
_READINGS = text(
    """
    WITH added AS (
        INSERT INTO parked_reading AS r (
            division_id, parked_device_id, reading_import_id, row_no, register, read_on, dial_milli, decimals, is_reliable, source
        )
        SELECT :division_id, p.id, :import_id, k.row_no, k.register, DATE '1970-01-01' + k.day::int, k.dial, k.decimals, k.is_reliable = 1,
               :source
        FROM unnest(
            CAST(:serials AS text[]), CAST(:row_nos AS bigint[]), CAST(:registers AS text[]), CAST(:days AS bigint[]),
            CAST(:dials AS bigint[]), CAST(:decimals AS bigint[]), CAST(:reliable AS bigint[])
        ) k (serial, row_no, register, day, dial, decimals, is_reliable)
        JOIN parked_device p ON p.division_id = :division_id AND p.serial_key = device_serial(k.serial)
        ORDER BY k.row_no
        ON CONFLICT (parked_device_id, register, read_on, dial_milli) DO NOTHING
        RETURNING r.parked_device_id
    )
    UPDATE parked_device p SET readings = p.readings + c.count
    FROM (SELECT parked_device_id, count(*) AS count FROM added GROUP BY 1) c WHERE p.id = c.parked_device_id
    """
)


def park(session: Session, target: ReadingImport, rows: DeviceRows, chosen: Integers, *, is_known: Flags, source: ReadingSource) -> None:
    """Keep readings whose device is not known, or installed nowhere; one that was parked before is not parked twice.

    :param chosen: their places among the rows
    :param is_known: of each of them: whether there is such a device
    """
    if not len(chosen):
        return
    serials = [rows.serial[place] for place in chosen.tolist()]
    names = [*REGISTERS, ""]
    days = rows.day[chosen].tolist()
    reasons = [ParkedReason.NOT_INSTALLED if known else ParkedReason.UNKNOWN_DEVICE for known in is_known.tolist()]
    session.execute(_DEVICES, {"division_id": target.division_id, "serials": serials, "reasons": reasons, "days": days})
    given = {
        "division_id": target.division_id, "import_id": target.id, "source": source, "serials": serials, "days": days,
        "row_nos": rows.row_no[chosen].tolist(), "registers": [names[code] for code in rows.register[chosen].tolist()],
        "dials": rows.dial_milli[chosen].tolist(), "decimals": rows.decimals[chosen].tolist(),
        "reliable": rows.is_reliable[chosen].tolist(),
    }  # fmt: skip
    session.execute(_READINGS, given)


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
