"""Meters where an act finds them: those that serve a place, those a number names, and the energy bills took from each."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.queries.live import live
from app.queries.records import fetch_all, fetch_optional


class SuppliedPlace(NamedTuple):
    """The place an account is supplied at on a day."""

    service_point_id: int
    valid_from: date


def place_on(session: Session, account_id: int, day: date) -> SuppliedPlace | None:
    """Return the place an account is supplied at on a day, or None."""
    statement = """
        SELECT service_point_id, valid_from FROM supply
        WHERE account_id = :id AND valid_from <= :day AND coalesce(valid_to > :day, true) ORDER BY valid_from DESC LIMIT 1
        """
    return fetch_optional(session, statement, SuppliedPlace, id=account_id, day=day)


class ServingMeter(NamedTuple):
    """A meter that serves a place on a day."""

    id: int  #: of the installation
    meter_id: int
    serial_number: str
    model: str
    valid_from: date
    valid_to: date | None
    ct_primary: int
    ct_secondary: int
    vt_primary: int
    vt_secondary: int


def meters_at(session: Session, service_point_id: int, day: date) -> list[ServingMeter]:
    """Return the meters that serve a place on a day and were there before it, the first installed first."""
    statement = """
        SELECT i.id, i.meter_id, m.serial_number, k.name AS model, i.valid_from, i.valid_to,
               i.ct_primary, i.ct_secondary, i.vt_primary, i.vt_secondary
        FROM meter_installation i JOIN device m ON m.id = i.meter_id JOIN device_model k ON k.id = m.model_id
        WHERE i.service_point_id = :point AND i.valid_from < :day AND coalesce(i.valid_to > :day, true) ORDER BY i.valid_from, i.id
        """
    return fetch_all(session, statement, ServingMeter, point=service_point_id, day=day)


class NamedMeter(NamedTuple):
    """A meter with a number, however it is written."""

    id: int
    serial_number: str
    model_id: int
    model: str
    division_id: int
    division: str
    verified_to: date | None


def meters_named(session: Session, serial_number: str) -> list[NamedMeter]:
    """Return the meters with a number; several only where one number stood twice before that was refused."""
    statement = """
        SELECT m.id, m.serial_number, m.model_id, k.name AS model, m.division_id, d.name AS division, m.verified_to
        FROM device m JOIN device_model k ON k.id = m.model_id JOIN division d ON d.id = m.division_id
        WHERE m.id = ANY (ARRAY(SELECT device_ids(:number))) ORDER BY m.id
        """
    return fetch_all(session, statement, NamedMeter, number=serial_number)


class MeterRegister(NamedTuple):
    """A register of a meter."""

    id: int
    code: str
    digits: int
    decimals: int


def registers_of(session: Session, meter_id: int) -> list[MeterRegister]:
    """Return the registers of a meter."""
    return fetch_all(
        session, "SELECT id, code, digits, decimals FROM register WHERE meter_id = :id ORDER BY id", MeterRegister, id=meter_id
    )


def place_of_meter(session: Session, meter_id: int, day: date) -> str | None:
    """Return where a meter serves on a day or later, or None: the account of the place and its address."""
    statement = """
        SELECT concat_ws(', ', (SELECT a.number FROM supply s JOIN account a ON a.id = s.account_id
                                WHERE s.service_point_id = p.id ORDER BY s.valid_from DESC LIMIT 1),
                         st.name, p.house || coalesce('-' || p.flat, ''))
        FROM meter_installation i JOIN service_point p ON p.id = i.service_point_id LEFT JOIN street st ON st.id = p.street_id
        WHERE i.meter_id = :id AND daterange(i.valid_from, i.valid_to) && daterange(:day, NULL) ORDER BY i.valid_from LIMIT 1
        """
    return fetch_optional(session, statement, str, id=meter_id, day=day)


def meter_in_the_way(session: Session, service_point_id: int, day: date, codes: Sequence[str]) -> str | None:
    """Return the number of a meter that counts one of some registers at a place on a day or later, or None."""
    statement = """
        SELECT m.serial_number FROM meter_installation i JOIN device m ON m.id = i.meter_id
        WHERE i.service_point_id = :point AND daterange(i.valid_from, i.valid_to) && daterange(:day, NULL)
          AND EXISTS (SELECT FROM register g WHERE g.meter_id = m.id AND g.code = ANY(:codes)) ORDER BY i.valid_from, i.id LIMIT 1
        """
    return fetch_optional(session, statement, str, point=service_point_id, day=day, codes=list(codes))


def later_readings(session: Session, installation_id: int, day: date) -> list[int]:
    """Return the readings of a meter at a place from a day on that stand, those of that day left out."""
    statement = """
        SELECT r.id FROM reading r
        WHERE r.meter_installation_id = :id AND r.read_on > :day AND r.kind <> 'WITHDRAWAL'
          AND NOT EXISTS (SELECT FROM reading n WHERE n.replaces_id = r.id) ORDER BY r.read_on, r.id
        """
    return fetch_all(session, statement, int, id=installation_id, day=day)


class ReadMeter(NamedTuple):
    """Which meter a reading is of."""

    reading_id: int
    serial_number: str


def meters_read(session: Session, reading_ids: Sequence[int]) -> dict[int, str]:
    """Return the number of the meter that each reading is of."""
    statement = """
        SELECT r.id AS reading_id, m.serial_number FROM reading r
        JOIN meter_installation i ON i.id = r.meter_installation_id JOIN device m ON m.id = i.meter_id WHERE r.id = ANY(:ids)
        """
    return dict(fetch_all(session, statement, ReadMeter, ids=list(reading_ids)))


class BilledSpan(NamedTuple):
    """Energy of a bill in a span, as a meter counted it or as it was estimated."""

    bill_id: int
    month: date
    bill_quantity_milli: int
    bill_amount_tiyin: int
    later_reading_id: int | None
    zone: str
    period_from: date
    period_to: date
    quantity_milli: int
    quality: str


def billed_spans(session: Session, account_id: int, since: date, until: date) -> list[BilledSpan]:
    """Return the energy of an account's bills that stand and cover days of a period, the end left out."""
    statement = f"""
        SELECT b.id AS bill_id, b.billing_month AS month, b.quantity_milli AS bill_quantity_milli, b.amount_tiyin AS bill_amount_tiyin,
               c.later_reading_id, c.zone, c.period_from, c.period_to, c.quantity_milli, c.quality
        FROM bill b JOIN consumption c ON c.bill_id = b.id AND c.billing_month = b.billing_month
        WHERE b.account_id = :id AND b.period_from < :until AND b.period_to > :since AND {live("b")}
        ORDER BY b.billing_month, c.period_from, c.zone, c.id
        """
    return fetch_all(session, statement, BilledSpan, id=account_id, since=since, until=until)


class ZoneCharge(NamedTuple):
    """What a bill charges for the energy of a zone."""

    bill_id: int
    zone: str
    amount_tiyin: int


def zone_charges(session: Session, bill_ids: Sequence[int]) -> list[ZoneCharge]:
    """Return what bills charge for energy, by its zone."""
    statement = """
        SELECT l.bill_id, l.zone, sum(l.amount_tiyin)::bigint AS amount_tiyin FROM bill_line l
        WHERE l.bill_id = ANY(:ids) AND l.component = 'ENERGY' GROUP BY 1, 2 ORDER BY 1, 2
        """
    return fetch_all(session, statement, ZoneCharge, ids=list(bill_ids))


class Photo(NamedTuple):
    """A photograph of an act."""

    id: int
    act_id: int
    stored_file_id: int


def photos_of(session: Session, act_id: int) -> list[Photo]:
    """Return the photographs of an act."""
    return fetch_all(session, "SELECT id, act_id, stored_file_id FROM act_photo WHERE act_id = :id ORDER BY id", Photo, id=act_id)


def photo(session: Session, photo_id: int) -> Photo | None:
    """Return a photograph of an act, or None."""
    return fetch_optional(session, "SELECT id, act_id, stored_file_id FROM act_photo WHERE id = :id", Photo, id=photo_id)
