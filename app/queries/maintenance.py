"""Works on devices: which are to be planned, which wait, and what happened to each."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.equipment.maintenance import MaintenanceEvent, MaintenanceStatus
from app.queries.movements import DEVICES, stands
from app.queries.names import shown
from app.queries.records import Choice, fetch_all, fetch_one, fetch_optional
from app.queries.verification import BELOW

#: Tells of a record (``r``) whether it neither takes another back nor was taken back.
RECORD_STANDS = stands("r", "maintenance_record")
#: Works of installed devices that fall due in a year and that no plan of the year which stands has. Counted from the last work of the
#: kind, else from the day the device was installed; what is late when the year begins is due on its first day.
INSERT_PLANNED = f"""
    INSERT INTO maintenance_work (division_id, maintenance_plan_id, device_id, maintenance_kind_id, term_on)
    SELECT d.division_id, :plan, d.id, k.id, CAST(due.at AS date)
    FROM device d JOIN device_model m ON m.id = d.model_id
    JOIN maintenance_kind k ON k.device_kind_id = m.device_kind_id AND coalesce(k.retired_on > :start, true)
    CROSS JOIN LATERAL (
        SELECT make_interval(months => coalesce(k.interval_months, 0), hours => coalesce(k.interval_hours, 0)) AS step,
               CAST(coalesce(
                   (SELECT max(r.record_on) FROM maintenance_work w JOIN maintenance_record r ON r.maintenance_work_id = w.id
                    WHERE w.device_id = d.id AND w.maintenance_kind_id = k.id AND r.event = 'CARRY_OUT' AND {RECORD_STANDS}),
                   (SELECT v.moved_on FROM movement v
                    WHERE v.device_id = d.id AND v.event IN ('INSTALL', 'TAKE_OVER') AND {DEVICES.stands("v")}
                    ORDER BY v.step_no DESC LIMIT 1),
                   d.moved_on) AS timestamp) AS last_at
    ) since
    CROSS JOIN LATERAL generate_series(
        greatest(since.last_at + since.step, CAST(:start AS timestamp)), CAST(:end AS timestamp) - interval '1 day', since.step) due (at)
    WHERE d.division_id IN ({BELOW}) AND d.state = 'INSTALLED'
      AND NOT EXISTS (
          SELECT 1 FROM maintenance_work w JOIN maintenance_plan p ON p.id = w.maintenance_plan_id
          WHERE w.device_id = d.id AND w.maintenance_kind_id = k.id AND w.term_on >= :start AND w.term_on < :end
            AND p.status IN ('PENDING', 'APPROVED'))
    ORDER BY 5, d.id, k.id
"""


class WorksPlanState(NamedTuple):
    """How far a plan of works is."""

    works: int
    done: int
    late: int
    cancelled: int


def plan_state(session: Session, plan_id: int, *, today: date) -> WorksPlanState:
    """Return how far a plan is."""
    statement = """
        SELECT count(*) AS works, count(*) FILTER (WHERE status = 'DONE') AS done,
               count(*) FILTER (WHERE status IN ('PLANNED', 'ORDERED') AND term_on < :today) AS late,
               count(*) FILTER (WHERE status = 'CANCELLED') AS cancelled
        FROM maintenance_work WHERE maintenance_plan_id = :plan
        """
    return fetch_one(session, statement, WorksPlanState, plan=plan_id, today=today)


class WorksPlanMonth(NamedTuple):
    """Works of a kind that a plan has in a month, by division."""

    division: str
    month: date
    kind: str
    works: int
    norm_hours_milli: int
    done: int


def plan_months(session: Session, plan_id: int) -> list[WorksPlanMonth]:
    """Return the works of a plan by division, month and kind."""
    statement = f"""
        SELECT {shown("v")} AS division, CAST(date_trunc('month', w.term_on) AS date) AS month, {shown("k")} AS kind, count(*) AS works,
               sum(k.norm_hours_milli)::bigint AS norm_hours_milli, count(*) FILTER (WHERE w.status = 'DONE') AS done
        FROM maintenance_work w JOIN maintenance_kind k ON k.id = w.maintenance_kind_id JOIN division v ON v.id = w.division_id
        WHERE w.maintenance_plan_id = :plan GROUP BY v.id, 2, k.id ORDER BY 1, 2, 3, k.id
        """
    return fetch_all(session, statement, WorksPlanMonth, plan=plan_id)


class ListedWork(NamedTuple):
    """A work as lists of papers and forms have it."""

    id: int
    term_on: date
    kind: str
    device: str
    address: str
    status: MaintenanceStatus
    norm_hours_milli: int


_LISTED = f"""
    SELECT w.id, w.term_on, {shown("k")} AS kind, concat_ws(' ', m.name, d.serial_number) AS device,
           coalesce(concat_ws(', ', st.name, sp.house || coalesce('-' || sp.flat, '')), '') AS address, w.status, k.norm_hours_milli
    FROM maintenance_work w JOIN maintenance_kind k ON k.id = w.maintenance_kind_id
    JOIN device d ON d.id = w.device_id JOIN device_model m ON m.id = d.model_id
    LEFT JOIN service_point sp ON sp.id = d.service_point_id LEFT JOIN street st ON st.id = sp.street_id
"""


def works_of_plan(session: Session, plan_id: int, *, limit: int) -> list[ListedWork]:
    """Return the first works of a plan, by the day they are due."""
    statement = f"{_LISTED} WHERE w.maintenance_plan_id = :plan ORDER BY w.term_on, w.id LIMIT :limit"
    return fetch_all(session, statement, ListedWork, plan=plan_id, limit=limit)


def works_of_order(session: Session, order_id: int) -> list[ListedWork]:
    """Return the works that an order named, those that left it since included."""
    statement = f"""{_LISTED}
        JOIN maintenance_record r ON r.maintenance_work_id = w.id AND r.maintenance_order_id = :order AND r.event = 'ORDER'
        WHERE r.reverses_id IS NULL ORDER BY st.name, sp.house, sp.flat, w.id
        """
    return fetch_all(session, statement, ListedWork, order=order_id)


def waiting_in(session: Session, order_id: int) -> int:
    """Return how many works of an order wait for its brigade."""
    return fetch_one(
        session, "SELECT count(*) FROM maintenance_work WHERE maintenance_order_id = :order AND status = 'ORDERED'", int, order=order_id
    )


def works_to_order(session: Session, division_id: int, *, until: date, kind_id: int | None, limit: int) -> list[ListedWork]:
    """Return works of a division that may be ordered, those that are due first: of approved plans, or of none."""
    statement = f"""{_LISTED}
        LEFT JOIN maintenance_plan p ON p.id = w.maintenance_plan_id
        WHERE w.division_id = :division AND w.status = 'PLANNED' AND w.term_on <= :until AND coalesce(p.status = 'APPROVED', true)
          AND (CAST(:kind AS bigint) IS NULL OR w.maintenance_kind_id = CAST(:kind AS bigint))
        ORDER BY w.term_on, st.name, sp.house, w.id LIMIT :limit
        """
    return fetch_all(session, statement, ListedWork, division=division_id, until=until, kind=kind_id, limit=limit)


class WorkStep(NamedTuple):
    """What happened to a work."""

    id: int
    event: MaintenanceEvent
    record_on: date
    reason: str
    hours_milli: int | None
    order_id: int | None
    brigade: str | None
    term_on: date | None
    stored_file_id: int | None
    reverses_id: int | None
    undone_id: int | None
    created_at: datetime
    created_by: str


def steps_of(session: Session, work_id: int) -> list[WorkStep]:
    """Return what happened to a work, in order."""
    statement = """
        SELECT r.id, r.event, r.record_on, r.reason, r.hours_milli, r.maintenance_order_id AS order_id, b.name AS brigade, r.term_on,
               r.stored_file_id, r.reverses_id, n.id AS undone_id, r.created_at, r.created_by
        FROM maintenance_record r LEFT JOIN maintenance_order o ON o.id = r.maintenance_order_id LEFT JOIN brigade b ON b.id = o.brigade_id
        LEFT JOIN maintenance_record n ON n.reverses_id = r.id
        WHERE r.maintenance_work_id = :work ORDER BY r.id
        """
    return fetch_all(session, statement, WorkStep, work=work_id)


class UsedMaterial(NamedTuple):
    """How much of a material a record says was used, and where it came from."""

    record_id: int
    name: str
    unit: str
    quantity_milli: int
    stock_place: str | None


def materials_used(session: Session, work_id: int) -> list[UsedMaterial]:
    """Return the materials that the records of a work name."""
    statement = f"""
        SELECT u.maintenance_record_id AS record_id, {shown("t")} AS name, t.unit, u.quantity_milli, p.name AS stock_place
        FROM maintenance_record r JOIN material_use u ON u.maintenance_record_id = r.id JOIN material t ON t.id = u.material_id
        LEFT JOIN stock_place p ON p.id = u.stock_place_id WHERE r.maintenance_work_id = :work ORDER BY u.id
        """
    return fetch_all(session, statement, UsedMaterial, work=work_id)


def last_step(session: Session, work_id: int) -> int | None:
    """Return the last record of a work that stands."""
    statement = f"SELECT r.id FROM maintenance_record r WHERE r.maintenance_work_id = :work AND {RECORD_STANDS} ORDER BY r.id DESC LIMIT 1"
    return fetch_optional(session, statement, int, work=work_id)


class NormedMaterial(NamedTuple):
    """A material that works may take, and how much of it the norm of a kind of work is."""

    id: int
    name: str
    unit: str
    norm_milli: int | None


def materials_of(session: Session, kind_id: int) -> list[NormedMaterial]:
    """Return the materials that are offered, those of the norm of a kind of work first."""
    statement = f"""
        SELECT t.id, {shown("t")} AS name, t.unit, n.quantity_milli AS norm_milli
        FROM material t LEFT JOIN material_norm n ON n.material_id = t.id AND n.maintenance_kind_id = :kind AND n.retired_on IS NULL
        WHERE t.retired_on IS NULL ORDER BY n.id IS NULL, 2, t.id
        """
    return fetch_all(session, statement, NormedMaterial, kind=kind_id)


def materials_for(session: Session, order_id: int) -> list[NormedMaterial]:
    """Return what the works of an order take by norm."""
    statement = f"""
        SELECT t.id, {shown("t")} AS name, t.unit, sum(n.quantity_milli)::bigint AS norm_milli
        FROM maintenance_record r JOIN maintenance_work w ON w.id = r.maintenance_work_id
        JOIN material_norm n ON n.maintenance_kind_id = w.maintenance_kind_id AND n.retired_on IS NULL
        JOIN material t ON t.id = n.material_id
        WHERE r.maintenance_order_id = :order AND r.event = 'ORDER' AND r.reverses_id IS NULL GROUP BY t.id ORDER BY 2, t.id
        """
    return fetch_all(session, statement, NormedMaterial, order=order_id)


def kinds(session: Session) -> list[Choice]:
    """Return the kinds of work that are offered."""
    return fetch_all(session, f"SELECT k.id, {shown('k')} AS name FROM maintenance_kind k WHERE k.retired_on IS NULL ORDER BY 2, 1", Choice)


def kind_fits(session: Session, kind_id: int, device_id: int) -> bool:
    """Return whether a kind of work is one of the kind that a device is of."""
    statement = """
        SELECT EXISTS (SELECT 1 FROM device d JOIN device_model m ON m.id = d.model_id
                       JOIN maintenance_kind k ON k.device_kind_id = m.device_kind_id WHERE d.id = :device AND k.id = :kind)
        """
    return fetch_one(session, statement, bool, device=device_id, kind=kind_id)


def open_work(session: Session, device_id: int, kind_id: int) -> int | None:
    """Return a work of a kind that waits for a device already."""
    statement = """
        SELECT id FROM maintenance_work WHERE device_id = :device AND maintenance_kind_id = :kind AND status IN ('PLANNED', 'ORDERED')
          AND maintenance_plan_id IS NULL ORDER BY id LIMIT 1
        """
    return fetch_optional(session, statement, int, device=device_id, kind=kind_id)


class WorkAtPoint(NamedTuple):
    """An ordered work on a device of a service point."""

    id: int
    service_point_id: int
    name: str


def works_at(session: Session, service_point_ids: Sequence[int]) -> list[WorkAtPoint]:
    """Return the ordered works at some points."""
    statement = f"""
        SELECT w.id, d.service_point_id, concat_ws(' · ', {shown("k")}, concat_ws(' ', m.name, d.serial_number)) AS name
        FROM maintenance_work w JOIN maintenance_kind k ON k.id = w.maintenance_kind_id
        JOIN device d ON d.id = w.device_id JOIN device_model m ON m.id = d.model_id
        WHERE d.service_point_id = ANY (:points) AND w.status = 'ORDERED' ORDER BY d.service_point_id, w.id
        """
    return fetch_all(session, statement, WorkAtPoint, points=list(service_point_ids))
