"""Points for rounds, what an inspector takes along, and what phones proposed."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.field_work import ProposalKind, ProposalStatus, RoundReason
from app.domain.supply import SupplyOrderKind
from app.queries.names import full_name
from app.queries.records import Choice, fetch_all, fetch_optional


class PlannedPoint(NamedTuple):
    """A place that a round may lead to."""

    account_id: int
    service_point_id: int
    supply_order_id: int | None


_METERED = """
    EXISTS (SELECT FROM meter_installation i
            WHERE i.service_point_id = sp.id AND i.valid_from <= :on AND (i.valid_to IS NULL OR i.valid_to > :on))
"""
#: A brigade has an ordered work on a device of the point.
_TO_BE_WORKED_ON = """
    EXISTS (SELECT FROM device v JOIN maintenance_work w ON w.device_id = v.id AND w.status = 'ORDERED' WHERE v.service_point_id = sp.id)
"""
#: Without a street a round of inspections leads to the places whose inspection is open.
_TO_BE_INSPECTED = "EXISTS (SELECT FROM inspection n WHERE n.account_id = a.id AND n.status = 'OPEN')"


def points_for(
    session: Session, division_id: int, reason: RoundReason, *, street_id: int | None, on: date, limit: int
) -> list[PlannedPoint]:
    """Return the supplied points of a division that a reason leads to, street by street and house by house.

    :param street_id: of one street; None: of all
    """
    statement = f"""
        SELECT a.id AS account_id, sp.id AS service_point_id, o.id AS supply_order_id
        FROM account a JOIN supply s ON s.account_id = a.id AND s.valid_from <= :on AND (s.valid_to IS NULL OR s.valid_to > :on)
        JOIN service_point sp ON sp.id = s.service_point_id JOIN street st ON st.id = sp.street_id
        LEFT JOIN supply_order o ON o.service_point_id = sp.id AND o.account_id = a.id AND o.status = 'ISSUED'
        WHERE a.division_id = :division_id AND (CAST(:street_id AS bigint) IS NULL OR sp.street_id = CAST(:street_id AS bigint))
          AND a.status = 'OPEN'
          AND CASE CAST(:reason AS text) WHEN 'READING' THEN {_METERED} WHEN 'INSTALLATION' THEN NOT {_METERED}
                   WHEN 'DISCONNECTION' THEN o.id IS NOT NULL WHEN 'MAINTENANCE' THEN {_TO_BE_WORKED_ON}
                   WHEN 'INSPECTION' THEN CAST(:street_id AS bigint) IS NOT NULL OR {_TO_BE_INSPECTED} ELSE true END
        ORDER BY st.name, st.id, lpad(substring(sp.house FROM '^[0-9]+'), 6, '0') NULLS LAST, sp.house,
                 lpad(substring(sp.flat FROM '^[0-9]+'), 6, '0') NULLS FIRST, sp.flat, a.id LIMIT :limit
        """
    return fetch_all(session, statement, PlannedPoint, division_id=division_id, reason=reason, street_id=street_id, on=on, limit=limit)


class CarriedPoint(NamedTuple):
    """A point as an inspector takes it along."""

    id: int
    field_round_id: int
    round_reason: RoundReason
    round_on: date
    title: str
    place: int
    account_id: int
    service_point_id: int
    account_number: str
    consumer: str
    address: str
    supply_order_id: int | None
    order_kind: SupplyOrderKind | None
    term_on: date | None
    brigade_id: int | None
    proposal_status: ProposalStatus | None
    remark: str | None


def carried_points(session: Session, inspector_id: int, *, since: date, today: date, limit: int) -> list[CarriedPoint]:
    """Return the points of rounds from a day on, those of today first, with what became of the latest proposal about each."""
    statement = """
        SELECT p.id, p.field_round_id, r.round_reason, r.round_on, r.title, p.place, a.id AS account_id, p.service_point_id,
               a.number AS account_number, c.name AS consumer,
               concat_ws(', ', st.name, sp.house || coalesce('-' || sp.flat, '')) AS address,
               o.id AS supply_order_id, o.kind AS order_kind, o.term_on, coalesce(o.brigade_id, r.brigade_id) AS brigade_id,
               x.status AS proposal_status, x.remark
        FROM field_round r JOIN round_point p ON p.field_round_id = r.id JOIN account a ON a.id = p.account_id
        JOIN consumer c ON c.id = a.consumer_id JOIN service_point sp ON sp.id = p.service_point_id JOIN street st ON st.id = sp.street_id
        LEFT JOIN supply_order o ON o.id = p.supply_order_id AND o.status = 'ISSUED'
        LEFT JOIN LATERAL (SELECT status, remark FROM field_proposal x WHERE x.round_point_id = p.id ORDER BY x.id DESC LIMIT 1) x ON true
        WHERE r.inspector_id = :inspector_id AND r.round_on >= :since
        ORDER BY abs(r.round_on - CAST(:today AS date)), r.round_on, r.id, p.place, p.id LIMIT :limit
        """
    return fetch_all(session, statement, CarriedPoint, inspector_id=inspector_id, since=since, today=today, limit=limit)


class PointOfRound(NamedTuple):
    """A point that a phone names, and whose round it is."""

    id: int
    division_id: int
    account_id: int
    service_point_id: int
    inspector_id: int
    #: whose seals are applied: that of the order, else that of the round
    brigade_id: int | None


def point_of_round(session: Session, point_id: int) -> PointOfRound | None:
    """Return a point of a round."""
    statement = """
        SELECT p.id, p.division_id, p.account_id, p.service_point_id, r.inspector_id, coalesce(o.brigade_id, r.brigade_id) AS brigade_id
        FROM round_point p JOIN field_round r ON r.id = p.field_round_id LEFT JOIN supply_order o ON o.id = p.supply_order_id
        WHERE p.id = :id
        """
    return fetch_optional(session, statement, PointOfRound, id=point_id)


def is_read_since(session: Session, account_id: int, registers: Sequence[int], day: date) -> bool:
    """Return whether one of some registers was read for an account on a day or later."""
    statement = """
        SELECT 1 FROM reading r WHERE r.account_id = :account_id AND r.register_id = ANY (:registers) AND r.read_on >= :day
          AND NOT EXISTS (SELECT FROM reading n WHERE n.replaces_id = r.id) LIMIT 1
        """
    return fetch_optional(session, statement, int, account_id=account_id, registers=list(registers), day=day) is not None


class RoundPointState(NamedTuple):
    """A point of a round with the latest proposal about it."""

    place: int
    account_id: int
    service_point_id: int
    account_number: str
    address: str
    proposal_id: int | None
    proposal_kind: ProposalKind | None
    proposal_status: ProposalStatus | None
    happened_at: datetime | None


def points_of(session: Session, round_id: int) -> list[RoundPointState]:
    """Return the points of a round in their order."""
    statement = """
        SELECT p.place, p.account_id, p.service_point_id, a.number AS account_number,
               concat_ws(', ', st.name, sp.house || coalesce('-' || sp.flat, '')) AS address,
               x.id AS proposal_id, x.kind AS proposal_kind, x.status AS proposal_status, x.happened_at
        FROM round_point p JOIN account a ON a.id = p.account_id JOIN service_point sp ON sp.id = p.service_point_id
        JOIN street st ON st.id = sp.street_id
        LEFT JOIN LATERAL (
            SELECT id, kind, status, happened_at FROM field_proposal x WHERE x.round_point_id = p.id ORDER BY x.id DESC LIMIT 1
        ) x ON true
        WHERE p.field_round_id = :id ORDER BY p.place, p.id
        """
    return fetch_all(session, statement, RoundPointState, id=round_id)


def inspectors(session: Session, roles: Sequence[str]) -> list[Choice]:
    """Return the active users of some roles who work in the reader's divisions or above them, by name."""
    statement = f"""
        SELECT DISTINCT u.id, {full_name("u")} AS name FROM ab_user u
        JOIN ab_user_role x ON x.user_id = u.id JOIN ab_role g ON g.id = x.role_id AND g.name = ANY (:roles)
        WHERE u.active ORDER BY 2, 1
        """
    return fetch_all(session, statement, Choice, roles=list(roles))


class ProposedRegister(NamedTuple):
    """A register that a proposal read, with what it showed before."""

    register_id: int
    serial_number: str
    code: str
    last_on: date | None
    last_milli: int | None


def proposed_registers(session: Session, account_id: int, registers: Sequence[int]) -> list[ProposedRegister]:
    """Return some registers of an account with their latest readings."""
    statement = """
        SELECT g.id AS register_id, d.serial_number, g.code, last.read_on AS last_on, last.dial_milli AS last_milli
        FROM register g JOIN device d ON d.id = g.meter_id
        LEFT JOIN LATERAL (
            SELECT r.read_on, r.dial_milli FROM reading r WHERE r.account_id = :account_id AND r.register_id = g.id
              AND r.kind <> 'WITHDRAWAL' AND NOT EXISTS (SELECT FROM reading n WHERE n.replaces_id = r.id)
            ORDER BY r.read_on DESC, r.id DESC LIMIT 1
        ) last ON true
        WHERE g.id = ANY (:registers) ORDER BY d.serial_number, g.code, g.id
        """
    return fetch_all(session, statement, ProposedRegister, account_id=account_id, registers=list(registers))
