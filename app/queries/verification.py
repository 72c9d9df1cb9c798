"""How long verifications hold, which devices are to be verified, and which consumers are to be told."""

from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.queries.movements import DEVICES
from app.queries.names import shown
from app.queries.records import fetch_all, fetch_one, fetch_optional

#: The division and those below it.
BELOW = "SELECT b.id FROM division b JOIN division d ON d.id = :division AND starts_with(b.path, d.path)"
#: The consumer whose meter it is: of the supply at the device's place on a day.
_SUPPLIED = """supply s JOIN account a ON a.id = s.account_id JOIN consumer c ON c.id = a.consumer_id"""
_HERE = "s.service_point_id = d.service_point_id AND s.valid_from <= :today AND (s.valid_to IS NULL OR s.valid_to > :today)"


def interval_months(session: Session, device_id: int, issued_on: date, today: date) -> int | None:
    """Return how many months a verification holds that was certified on a day; None: no interval is known.

    What serves nobody yet may come to anybody, so the shorter interval is counted. The class of the passport goes before ``*``.
    """
    statement = f"""
        SELECT min(months) FROM (
            SELECT DISTINCT ON (v.consumer_kind) v.interval_months AS months
            FROM device d JOIN device_model k ON k.id = d.model_id
            JOIN verification_interval v ON v.device_kind_id = k.device_kind_id AND v.valid_from <= :issued
            WHERE d.id = :device AND coalesce(v.retired_on > :issued, true)
              AND v.accuracy_class IN ('*', coalesce(
                  d.passport ->> 'active_class', d.passport ->> 'accuracy_class', k.passport ->> 'active_class',
                  k.passport ->> 'accuracy_class', '*'))
              AND v.consumer_kind = coalesce(
                  (SELECT c.kind FROM {_SUPPLIED} WHERE {_HERE} ORDER BY s.id LIMIT 1), v.consumer_kind)
            ORDER BY v.consumer_kind, v.accuracy_class = '*', v.valid_from DESC
        ) found
        """
    return fetch_optional(session, statement, int, device=device_id, issued=issued_on, today=today)


def last_issued_on(session: Session, device_id: int) -> date | None:
    """Return when the last certificate of a device that stands was issued; None: none is recorded."""
    statement = f"""
        SELECT coalesce(CAST(m.details ->> 'issued_on' AS date), m.moved_on) FROM movement m
        WHERE m.device_id = :device AND m.event = 'VERIFY' AND {DEVICES.stands("m")} ORDER BY m.step_no DESC LIMIT 1
        """
    return fetch_optional(session, statement, date, device=device_id)


def sent_from(session: Session, device_id: int) -> int | None:
    """Return the warehouse a device at a metrology body was sent from."""
    statement = f"""
        SELECT m.from_stock_place_id FROM movement m JOIN device d ON d.id = m.device_id AND d.place_kind = 'METROLOGY'
        WHERE m.device_id = :device AND {DEVICES.stands("m")} ORDER BY m.step_no DESC LIMIT 1
        """
    return fetch_optional(session, statement, int, device=device_id)


#: Devices in use or in store whose verification ends in a period, and that no plan which stands has with that day.
_TO_PLAN = f"""
    FROM device d JOIN device_model k ON k.id = d.model_id JOIN device_kind n ON n.id = k.device_kind_id AND n.is_verified
    WHERE d.division_id IN ({BELOW}) AND d.verified_to >= :start AND d.verified_to < :end
      AND d.state IS NOT NULL AND d.state NOT IN ('LOST', 'WRITTEN_OFF', 'REJECTED', 'EVIDENCE_HOLD')
      AND NOT EXISTS (
          SELECT 1 FROM planned_verification l JOIN verification_plan p ON p.id = l.verification_plan_id
          WHERE l.device_id = d.id AND l.ends_on = d.verified_to AND p.status IN ('PENDING', 'APPROVED'))
"""
INSERT_PLANNED = f"""
    INSERT INTO planned_verification (division_id, verification_plan_id, device_id, ends_on)
    SELECT d.division_id, :plan, d.id, d.verified_to {_TO_PLAN} ORDER BY d.verified_to, d.id
"""


class PlanState(NamedTuple):
    """How far a plan is."""

    devices: int
    #: whose consumers were told
    told: int
    #: that have a later certificate by now
    verified: int


def plan_state(session: Session, plan_id: int) -> PlanState:
    """Return how far a plan is."""
    statement = """
        SELECT count(*) AS devices, count(l.noticed_on) AS told, count(*) FILTER (WHERE d.verified_to > l.ends_on) AS verified
        FROM planned_verification l JOIN device d ON d.id = l.device_id WHERE l.verification_plan_id = :plan
        """
    return fetch_one(session, statement, PlanState, plan=plan_id)


class PlanMonth(NamedTuple):
    """Devices of a plan whose verification ends in a month, by division."""

    division: str
    month: date
    devices: int
    verified: int


def plan_months(session: Session, plan_id: int) -> list[PlanMonth]:
    """Return the devices of a plan by division and month."""
    statement = f"""
        SELECT {shown("v")} AS division, CAST(date_trunc('month', l.ends_on) AS date) AS month, count(*) AS devices,
               count(*) FILTER (WHERE d.verified_to > l.ends_on) AS verified
        FROM planned_verification l JOIN device d ON d.id = l.device_id JOIN division v ON v.id = l.division_id
        WHERE l.verification_plan_id = :plan GROUP BY v.id, 2 ORDER BY 1, 2
        """
    return fetch_all(session, statement, PlanMonth, plan=plan_id)


class PlannedRow(NamedTuple):
    """A device of a plan as its paper has it."""

    ends_on: date
    device: str
    address: str
    is_verified: bool


def planned_rows(session: Session, plan_id: int, *, limit: int) -> list[PlannedRow]:
    """Return the first devices of a plan, by the day their verification ends."""
    statement = """
        SELECT l.ends_on, concat_ws(' ', k.name, d.serial_number) AS device,
               coalesce(concat_ws(', ', st.name, sp.house || coalesce('-' || sp.flat, '')), '') AS address,
               coalesce(d.verified_to > l.ends_on, false) AS is_verified
        FROM planned_verification l JOIN device d ON d.id = l.device_id JOIN device_model k ON k.id = d.model_id
        LEFT JOIN service_point sp ON sp.id = d.service_point_id LEFT JOIN street st ON st.id = sp.street_id
        WHERE l.verification_plan_id = :plan ORDER BY l.ends_on, st.name, sp.house, l.id LIMIT :limit
        """
    return fetch_all(session, statement, PlannedRow, plan=plan_id, limit=limit)


class EndingVerification(NamedTuple):
    """A meter whose consumer is to be told that its verification ends."""

    planned_id: int
    account_id: int
    account_number: str
    language: str
    meter: str
    ends_on: date
    has_phone: bool


def ending(session: Session, today: date, last: date, *, after: int, limit: int) -> list[EndingVerification]:
    """Return meters of approved plans whose verification ends after today up to a day, whose consumers were not told yet.

    One that was verified or taken off meanwhile is left out.

    :param after: the last of those returned before
    """
    statement = f"""
        SELECT l.id AS planned_id, a.id AS account_id, a.number AS account_number, c.language, d.serial_number AS meter, l.ends_on,
               c.phone IS NOT NULL AS has_phone
        FROM planned_verification l JOIN verification_plan p ON p.id = l.verification_plan_id AND p.status = 'APPROVED'
        JOIN device d ON d.id = l.device_id AND d.verified_to = l.ends_on AND d.state = 'INSTALLED'
        JOIN ({_SUPPLIED}) ON {_HERE}
        WHERE l.noticed_on IS NULL AND l.ends_on > :today AND l.ends_on <= :last AND l.id > :after
        ORDER BY l.id, a.id LIMIT :limit
        """
    return fetch_all(session, statement, EndingVerification, today=today, last=last, after=after, limit=limit)
