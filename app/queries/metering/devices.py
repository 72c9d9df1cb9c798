"""Registers in use by the number of their device, and what devices sent that waits."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

import numpy as np
from sqlalchemy.orm import Session

from app.domain.metering import NEVER_OFF, RegisterCode
from app.domain.values import Flags, Integers
from app.queries import arrays
from app.queries.accounts import CAPACITY, OFF_SINCE
from app.queries.billing import live
from app.queries.records import fetch_all

_CODES = [code.value for code in RegisterCode]
_FAR = 900_000


class InstalledRegisters(NamedTuple):
    """Registers of devices during an installation and supply, sorted by device, register and first day; arrays, days are day numbers.

    :ivar device: place of the serial number in the list that was asked for
    :ivar code: place of the register among the members of ``RegisterCode``
    """

    device: Integers
    code: Integers
    valid_from: Integers
    valid_to: Integers
    installation_id: Integers
    register_id: Integers
    account_id: Integers
    division_id: Integers
    capacity_milli: Integers
    decimals: Integers
    multiplier_numerator: Integers
    multiplier_denominator: Integers
    quantum_milli: Integers
    capacity_milli_per_hour: Integers
    off_day: Integers


class NamedDevices(NamedTuple):
    """Devices found by their serial numbers; arrays.

    :ivar place: of the number in the list that was asked for
    :ivar is_inside: it belongs to the division that asks, or to one below
    """

    place: Integers
    device_id: Integers
    is_inside: Flags


#: Each is looked up by its key, however many there are and whatever the statistics say.
_DEVICES = """
    SELECT k.place - 1, m.id, m.division_id FROM devices_known(CAST(:keys AS text[])) k
    CROSS JOIN LATERAL (SELECT d.id, d.division_id FROM device d WHERE d.id = k.id OFFSET 0) m
    ORDER BY k.place
"""
#: ``= ANY (ARRAY[…])`` keeps to the trees of keys: those of periods, which forbid overlaps, take four times as long.
_INSTALLED = f"""
    SELECT k.place, array_position(CAST(:codes AS text[]), g.code::text) - 1 AS code,
           greatest(i.valid_from, s.valid_from) - DATE '1970-01-01' AS valid_from,
           coalesce(least(i.valid_to, s.valid_to) - DATE '1970-01-01', {_FAR}) AS valid_to,
           i.id, g.id, a.id, a.division_id, (1000 * 10 ^ g.digits)::bigint, g.decimals, i.ct_primary::bigint * i.vt_primary,
           i.ct_secondary::bigint * i.vt_secondary, r.quantum_milli, {CAPACITY},
           coalesce({OFF_SINCE} - DATE '1970-01-01', {NEVER_OFF})
    FROM unnest(CAST(:places AS bigint[]), CAST(:devices AS bigint[])) k (place, device_id)
    CROSS JOIN LATERAL (SELECT * FROM meter_installation x WHERE x.meter_id = ANY (ARRAY[k.device_id]) OFFSET 0) i
    CROSS JOIN LATERAL (
        SELECT x.account_id, x.valid_from, x.valid_to FROM supply x WHERE x.service_point_id = ANY (ARRAY[i.service_point_id])
            AND x.valid_from < coalesce(i.valid_to, 'infinity') AND i.valid_from < coalesce(x.valid_to, 'infinity')
        OFFSET 0
    ) s
    CROSS JOIN LATERAL (SELECT x.id, x.division_id FROM account x WHERE x.id = s.account_id OFFSET 0) a
    CROSS JOIN LATERAL (SELECT x.resource_id, x.capacity_milli FROM service_point x WHERE x.id = i.service_point_id OFFSET 0) sp
    JOIN resource r ON r.id = sp.resource_id
    CROSS JOIN LATERAL (SELECT * FROM register x WHERE x.meter_id = k.device_id OFFSET 0) g
    WHERE a.division_id = ANY(CAST(:divisions AS bigint[]))
"""
_LOCKED = "SELECT a.id FROM account a WHERE a.id = ANY(CAST(:accounts AS bigint[])) ORDER BY a.id FOR NO KEY UPDATE"
_BELOW = "SELECT d.id FROM division d WHERE starts_with(d.path, (SELECT path FROM division WHERE id = CAST(:division_id AS bigint)))"


def serial_keys(session: Session, serials: Sequence[str]) -> list[str]:
    """Return what serial numbers are compared by: letters and digits, without case and leading zeros."""
    keys = [serial.upper().lstrip("0") if serial.isalnum() and serial.isascii() else None for serial in serials]
    unusual = [serial for serial, key in zip(serials, keys, strict=True) if key is None]
    statement = "SELECT device_serial(k.serial) FROM unnest(CAST(:serials AS text[])) WITH ORDINALITY k (serial, place) ORDER BY k.place"
    found = iter(fetch_all(session, statement, str, serials=unusual) if unusual else ())
    return [next(found) if key is None else key for key in keys]


def named_devices(session: Session, keys: Sequence[str], division_id: int) -> NamedDevices:
    """Return the devices of serial numbers, wherever they are.

    :param keys: as ``serial_keys`` returns them
    """
    places, devices, homes = arrays.columns(session, _DEVICES, 3, keys=arrays.texts(keys))
    (divisions,) = arrays.columns(session, _BELOW, 1, division_id=division_id)
    return NamedDevices(places, devices, np.isin(homes, divisions))


def installed_registers(session: Session, named: NamedDevices, division_id: int) -> InstalledRegisters:
    """Return the registers of devices, of accounts in a division and below, which are locked in the order of their ids."""
    (divisions,) = arrays.columns(session, _BELOW, 1, division_id=division_id)
    given = {"places": named.place, "devices": named.device_id, "codes": _CODES, "divisions": divisions}
    found = InstalledRegisters(*arrays.columns(session, _INSTALLED, len(InstalledRegisters._fields), **given))
    arrays.columns(session, _LOCKED, 1, accounts=np.unique(found.account_id))
    order = np.lexsort((found.installation_id, found.valid_from, found.code, found.device))
    return InstalledRegisters(*(column[order] for column in found))


class ParkedRow(NamedTuple):
    """A parked reading of a device that is known by now."""

    id: int
    parked_device_id: int
    reading_import_id: int
    row_no: int
    serial_number: str
    register: str
    read_on: date
    dial_milli: int
    decimals: int
    is_reliable: bool
    source: str


def parked_rows(session: Session, division_id: int, *, device_id: int | None, after: int, limit: int) -> list[ParkedRow]:
    """Return the next waiting readings whose device is installed by now, in a division and below.

    :param device_id: of one parked device; None: of all
    :param after: id of the last reading that was looked at
    """
    statement = """
        SELECT r.id, r.parked_device_id, r.reading_import_id, r.row_no, p.serial_number, r.register, r.read_on, r.dial_milli, r.decimals,
               r.is_reliable, r.source
        FROM parked_device p JOIN division d ON d.id = p.division_id
        JOIN parked_reading r ON r.parked_device_id = p.id AND r.status = 'WAITING'
        WHERE starts_with(d.path, (SELECT path FROM division WHERE id = :division_id)) AND p.status = 'WAITING'
          AND (CAST(:device_id AS bigint) IS NULL OR p.id = :device_id) AND r.id > :after
          AND EXISTS (SELECT FROM devices_known(ARRAY[p.serial_key::text]) k JOIN device m ON m.id = k.id
                      JOIN meter_installation i ON i.meter_id = m.id)
        ORDER BY r.id LIMIT :limit
        """
    return fetch_all(session, statement, ParkedRow, division_id=division_id, device_id=device_id, after=after, limit=limit)


class WaitingReading(NamedTuple):
    """A doubtful reading as the page that decides shows it."""

    id: int
    division_id: int
    account_id: int
    account_number: str
    serial_number: str
    register: str
    register_id: int
    unit: str
    read_on: date
    dial_milli: int
    quantity_milli: int | None
    source: str
    doubt: str
    status: str
    basis: str
    decided_by: str | None
    decided_at: datetime | None
    last_on: date | None
    last_milli: int | None
    other_source: str | None
    other_milli: int | None
    created_at: datetime


def doubtful(session: Session, doubtful_id: int) -> WaitingReading | None:
    """Return a doubtful reading with the reading before it, and the one it conflicts with."""
    statement = """
        SELECT q.id, q.division_id, q.account_id, a.number AS account_number, m.serial_number, g.code AS register, q.register_id,
               r.unit, q.read_on, q.dial_milli, q.quantity_milli, q.source, q.doubt, q.status, q.basis, q.decided_by, q.decided_at,
               last.read_on AS last_on, last.dial_milli AS last_milli, o.source AS other_source, o.dial_milli AS other_milli, q.created_at
        FROM doubtful_reading q JOIN account a ON a.id = q.account_id
        JOIN meter_installation i ON i.id = q.meter_installation_id JOIN device m ON m.id = i.meter_id
        JOIN service_point sp ON sp.id = i.service_point_id JOIN resource r ON r.id = sp.resource_id
        JOIN register g ON g.id = q.register_id
        LEFT JOIN reading o ON o.id = q.other_reading_id
        LEFT JOIN LATERAL (
            SELECT x.read_on, x.dial_milli FROM reading x
            WHERE x.meter_installation_id = q.meter_installation_id AND x.register_id = q.register_id AND x.account_id = q.account_id
              AND x.read_on < q.read_on AND x.kind <> 'WITHDRAWAL' AND NOT EXISTS (SELECT FROM reading n WHERE n.replaces_id = x.id)
            ORDER BY x.read_on DESC, x.id DESC LIMIT 1
        ) last ON true
        WHERE q.id = :id
        """
    found = fetch_all(session, statement, WaitingReading, id=doubtful_id)
    return found[0] if found else None


def waiting_ids(session: Session, *, after: int = 0, limit: int = 50) -> list[int]:
    """Return the next doubtful readings that wait, the oldest first."""
    statement = "SELECT id FROM doubtful_reading WHERE status = 'WAITING' AND id > :after ORDER BY id LIMIT :limit"
    return fetch_all(session, statement, int, after=after, limit=limit)


class MonthOfEnergy(NamedTuple):
    """Energy billed for a month, by how it came about."""

    month: date
    quantity_milli: int
    quality: str


def energy_by_month(session: Session, account_id: int, zone: str, *, since: date) -> list[MonthOfEnergy]:
    """Return the billed energy of an account's register by month, from a month on.

    :param zone: the register; the whole counter sums up all that bills rest on
    """
    statement = f"""
        SELECT c.billing_month AS month, sum(c.quantity_milli)::bigint AS quantity_milli,
               CASE WHEN bool_and(c.quality = 'ACTUAL') THEN 'ACTUAL' ELSE 'ESTIMATED' END AS quality
        FROM consumption c JOIN bill b ON b.id = c.bill_id AND b.billing_month = c.billing_month AND {live("b")}
        WHERE c.account_id = :account_id AND c.billing_month >= :since AND c.quality IN ('ACTUAL', 'ESTIMATED')
          AND (c.zone = :zone OR :zone = 'TOTAL' AND c.zone NOT IN ('REACTIVE', 'DEMAND'))
        GROUP BY c.billing_month ORDER BY c.billing_month
        """
    return fetch_all(session, statement, MonthOfEnergy, account_id=account_id, zone=zone, since=since)


class ProfileDay(NamedTuple):
    """The last version of a day of a register's profile."""

    day: date
    version: int
    step_minutes: int
    quantities_milli: list[int]
    qualities: str
    gap_minutes: int


_LAST_VERSION = "NOT EXISTS (SELECT FROM interval_day n WHERE n.register_id = d.register_id AND n.day = d.day AND n.version > d.version)"


def profile_days(session: Session, register_id: int, *, since: date, until: date) -> list[ProfileDay]:
    """Return a register's profile by day, the last version of each.

    :param until: the first day no longer asked for
    """
    statement = f"""
        SELECT d.day, d.version, d.step_minutes, d.quantities_milli, d.qualities, d.gap_minutes FROM interval_day d
        WHERE d.register_id = :register_id AND d.day >= :since AND d.day < :until AND {_LAST_VERSION} ORDER BY d.day
        """
    return fetch_all(session, statement, ProfileDay, register_id=register_id, since=since, until=until)


class ProfiledRegister(NamedTuple):
    """A register with profiles."""

    register_id: int
    register: str
    device_id: int
    serial_number: str
    last_day: date
    unit: str


_PROFILED = """
    SELECT g.id AS register_id, g.code AS register, m.id AS device_id, m.serial_number, x.last_day, r.unit
    FROM register g JOIN device m ON m.id = g.meter_id
    JOIN device_model o ON o.id = m.model_id JOIN resource r ON r.id = o.resource_id
    JOIN LATERAL (SELECT max(d.day) AS last_day FROM interval_day d WHERE d.register_id = g.id) x ON x.last_day IS NOT NULL
"""


def profiled_register(session: Session, register_id: int) -> ProfiledRegister | None:
    """Return a register that has profiles."""
    found = fetch_all(session, f"{_PROFILED} WHERE g.id = :register_id", ProfiledRegister, register_id=register_id)
    return found[0] if found else None


def profiled_registers(session: Session, device_ids: Sequence[int]) -> list[ProfiledRegister]:
    """Return the registers of devices that have profiles."""
    return fetch_all(session, f"{_PROFILED} WHERE g.meter_id = ANY(:ids) ORDER BY g.id", ProfiledRegister, ids=list(device_ids))


def latest_version(session: Session, register_id: int, day: date) -> int:
    """Return the number of the last version of a day of a register's profile; 0: there is none."""
    statement = "SELECT coalesce(max(version), 0) FROM interval_day WHERE register_id = :register_id AND day = :day"
    return int(fetch_all(session, statement, int, register_id=register_id, day=day)[0])


class WaitingAround(NamedTuple):
    """The doubtful readings that wait before and after one, and how many wait in all, up to a thousand."""

    before: int | None
    after: int | None
    waiting: int


def waiting_around(session: Session, doubtful_id: int) -> WaitingAround:
    """Return what waits around a doubtful reading."""
    statement = """
        SELECT (SELECT max(id) FROM doubtful_reading WHERE status = 'WAITING' AND id < :id) AS before,
               (SELECT min(id) FROM doubtful_reading WHERE status = 'WAITING' AND id > :id) AS after,
               (SELECT count(*) FROM (SELECT FROM doubtful_reading WHERE status = 'WAITING' LIMIT 1000) q) AS waiting
        """
    return fetch_all(session, statement, WaitingAround, id=doubtful_id)[0]


class ReadingOfParked(NamedTuple):
    """A parked reading as the card of its device shows it."""

    id: int
    read_on: date
    register: str
    dial_milli: int
    source: str
    status: str
    reading_import_id: int


def readings_of_parked(session: Session, parked_device_id: int, *, limit: int) -> list[ReadingOfParked]:
    """Return what is parked for a device, the newest first."""
    statement = """
        SELECT id, read_on, register, dial_milli, source, status, reading_import_id FROM parked_reading
        WHERE parked_device_id = :id ORDER BY read_on DESC, id DESC LIMIT :limit
        """
    return fetch_all(session, statement, ReadingOfParked, id=parked_device_id, limit=limit)
