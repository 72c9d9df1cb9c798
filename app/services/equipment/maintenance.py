"""Maintenance: works are planned, ordered from a brigade, carried out with materials and hours, put off or cancelled.

Each step is a record that keeps what the work was before; a counter-record takes the last one back.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.administration import ApprovalKind, ApprovalStatus
from app.domain.administration.translations import catalog_text
from app.domain.equipment import DeviceState
from app.domain.equipment.maintenance import (
    MaintenanceEvent,
    MaintenanceFault,
    MaintenanceRefused,
    MaintenanceStatus,
    next_status,
)
from app.models.equipment import Device
from app.models.maintenance import MaintenanceOrder, MaintenancePlan, MaintenanceRecord, MaintenanceWork, MaterialUse
from app.models.reference import Brigade
from app.queries import equipment as devices
from app.queries import maintenance as queries
from app.services.equipment.plans import YearPlanSpec, approval_of
from app.services.once import added

PLAN = YearPlanSpec(
    MaintenancePlan,
    queries.INSERT_PLANNED,
    ApprovalKind.MAINTENANCE_PLAN,
    catalog_text("Plan of works"),
    catalog_text("approve plans of works on devices"),
    "MaintenancePlanView.show",
)
APPROVAL = approval_of(PLAN)


class WorkOrderRequest(NamedTuple):
    """Works that a brigade is to carry out on a day."""

    division_id: int
    brigade_id: int
    work_on: date
    work_ids: Sequence[int]
    note: str = ""


class CarriedOut(NamedTuple):
    """What a brigade did.

    :ivar hours_milli: thousandths of an hour, of all who worked
    :ivar materials: material → how much of it, in thousandths of its unit
    :ivar stock_place_id: the warehouse or brigade the materials came from
    :ivar stored_file_id: a photograph that is kept already
    """

    done_on: date
    hours_milli: int
    remark: str = ""
    materials: Mapping[int, int] = {}
    stock_place_id: int | None = None
    stored_file_id: int | None = None


def plan_one(session: Session, serial: str, kind_id: int, *, term_on: date, reason: str, today: date) -> MaintenanceWork:
    """Plan a work that stands in no plan of a year.

    :raises MaintenanceRefused: if the device is not found or not installed, the kind of work is none of its kind, or one waits already
    """
    found = devices.devices_by_serial(session, serial) or devices.device_listed(session, serial)
    if len(found) != 1 or found[0].state != DeviceState.INSTALLED:
        raise MaintenanceRefused(MaintenanceFault.NOT_INSTALLED, serial, column="serial_number")
    device = session.execute(select(Device).where(Device.id == found[0].id).with_for_update(of=Device)).scalar_one()
    if not queries.kind_fits(session, kind_id, device.id):
        raise MaintenanceRefused(MaintenanceFault.OTHER_KIND, str(device), column="maintenance_kind")
    if term_on < today:
        raise MaintenanceRefused(MaintenanceFault.DAY_IS_OVER, column="term_on")
    if waiting := queries.open_work(session, device.id, kind_id):
        raise MaintenanceRefused(MaintenanceFault.PLANNED_ALREADY, f"№ {waiting}", column="serial_number")
    work = MaintenanceWork(division_id=device.division_id, device_id=device.id, maintenance_kind_id=kind_id, term_on=term_on, reason=reason)
    return added(session, work)


def order_works(session: Session, request: WorkOrderRequest, *, today: date) -> MaintenanceOrder:
    """Order works from a brigade of their division.

    :raises MaintenanceRefused: if there is none, one is another division's, not approved, or does not wait, or the day is over
    """
    brigade = session.get(Brigade, request.brigade_id)
    if brigade is None or brigade.division_id != request.division_id:
        raise MaintenanceRefused(MaintenanceFault.OTHER_BRIGADE, column="brigade")
    if request.work_on < today:
        raise MaintenanceRefused(MaintenanceFault.DAY_IS_OVER, column="work_on")
    if not request.work_ids:
        raise MaintenanceRefused(MaintenanceFault.NO_WORKS, column="works")
    order = added(
        session,
        MaintenanceOrder(division_id=request.division_id, brigade_id=brigade.id, work_on=request.work_on, note=request.note),
    )
    for work_id in sorted(request.work_ids):
        work = _locked(session, work_id)
        if work.division_id != order.division_id:
            raise MaintenanceRefused(MaintenanceFault.OTHER_DIVISION, str(work.device), column="works")
        if work.maintenance_plan is not None and work.maintenance_plan.status != ApprovalStatus.APPROVED:
            raise MaintenanceRefused(MaintenanceFault.NOT_APPROVED, str(work.maintenance_plan), column="works")
        _step(session, work, MaintenanceEvent.ORDER, today, maintenance_order_id=order.id)
    return order


def carry_out(session: Session, work_id: int, done: CarriedOut, *, today: date) -> MaintenanceRecord:
    """Record that a brigade carried an ordered work out.

    :raises MaintenanceRefused: if it is not ordered, the day is of the future, no hours are said, or a material has no quantity
    """
    work = _locked(session, work_id)
    _check_day(session, work, done.done_on, today)
    if done.hours_milli <= 0:
        raise MaintenanceRefused(MaintenanceFault.NO_HOURS, column="hours_milli")
    if any(quantity <= 0 for quantity in done.materials.values()):
        raise MaintenanceRefused(MaintenanceFault.NO_QUANTITY)
    record = _step(
        session, work, MaintenanceEvent.CARRY_OUT, done.done_on, reason=done.remark, hours_milli=done.hours_milli,
        maintenance_order_id=work.maintenance_order_id, stored_file_id=done.stored_file_id,
    )  # fmt: skip
    session.add_all(
        MaterialUse(
            division_id=work.division_id, maintenance_record_id=record.id, material_id=material_id, quantity_milli=quantity,
            stock_place_id=done.stock_place_id,
        )
        for material_id, quantity in done.materials.items()
    )  # fmt: skip
    session.flush()
    return record


def postpone(session: Session, work_id: int, *, to: date, reason: str, today: date) -> MaintenanceRecord:
    """Put a work off to a later day; one that was ordered leaves its order.

    :raises MaintenanceRefused: if it does not wait, or the day is not later than the one it was due on
    """
    work = _locked(session, work_id)
    if to <= work.term_on or to < today:
        raise MaintenanceRefused(MaintenanceFault.NOT_LATER, f"{work.term_on:%d.%m.%Y}", column="term_on")
    return _step(session, work, MaintenanceEvent.POSTPONE, today, reason=reason, term_on=to)


def cancel(session: Session, work_id: int, *, reason: str, today: date) -> MaintenanceRecord:
    """Cancel a work that waits.

    :raises MaintenanceRefused: if it does not wait
    """
    return _step(session, _locked(session, work_id), MaintenanceEvent.CANCEL, today, reason=reason)


def undo(session: Session, record_id: int, *, reason: str, today: date) -> MaintenanceRecord:
    """Take the last step of a work back by a counter-record: the work stands as it stood before.

    :raises MaintenanceRefused: if it is not the last one that stands
    """
    undone = session.get_one(MaintenanceRecord, record_id)
    work = _locked(session, undone.maintenance_work_id)
    if queries.last_step(session, work.id) != undone.id:
        raise MaintenanceRefused(MaintenanceFault.NOT_LAST)
    counter = MaintenanceRecord(
        division_id=work.division_id, maintenance_work_id=work.id, event=undone.event, record_on=today, reason=reason,
        before=_state(work), reverses_id=undone.id,
    )  # fmt: skip
    work.status = MaintenanceStatus(undone.before["status"])
    work.term_on = date.fromisoformat(undone.before["term_on"])
    work.maintenance_order_id = undone.before["maintenance_order_id"]
    return added(session, counter)


def withdraw_order(session: Session, order_id: int, *, reason: str, today: date) -> int:
    """Take an order back: those of its works that still wait for the brigade are planned as before; return how many.

    :raises MaintenanceRefused: if none of its works waits
    """
    waiting = select(MaintenanceWork.id).where(
        MaintenanceWork.maintenance_order_id == order_id, MaintenanceWork.status == MaintenanceStatus.ORDERED
    )
    works = session.scalars(waiting.order_by(MaintenanceWork.id)).all()
    if not works:
        raise MaintenanceRefused(MaintenanceFault.NO_WORKS)
    for work_id in works:
        last = queries.last_step(session, work_id)
        assert last is not None
        undo(session, last, reason=reason, today=today)
    return len(works)


def _locked(session: Session, work_id: int) -> MaintenanceWork:
    work = session.execute(select(MaintenanceWork).where(MaintenanceWork.id == work_id).with_for_update(of=MaintenanceWork))
    return work.scalar_one()


def _check_day(session: Session, work: MaintenanceWork, on: date, today: date) -> None:
    last = queries.last_step(session, work.id)
    ordered_on = session.get_one(MaintenanceRecord, last).record_on if last else on
    if on > today:
        raise MaintenanceRefused(MaintenanceFault.FUTURE_DAY, column="done_on")
    if on < ordered_on:
        raise MaintenanceRefused(MaintenanceFault.BEFORE_LAST_STEP, f"{ordered_on:%d.%m.%Y}", column="done_on")


def _state(work: MaintenanceWork) -> dict[str, Any]:
    """Return what a counter-record gives back to a work, as JSON."""
    return {"status": str(work.status), "term_on": work.term_on.isoformat(), "maintenance_order_id": work.maintenance_order_id}


def _step(session: Session, work: MaintenanceWork, event: MaintenanceEvent, on: date, **told: Any) -> MaintenanceRecord:
    """Let a work take a step and record it."""
    status, before = next_status(MaintenanceStatus(work.status), event), _state(work)
    record = MaintenanceRecord(division_id=work.division_id, maintenance_work_id=work.id, event=event, record_on=on, before=before, **told)
    work.status, work.term_on = status, told.get("term_on") or work.term_on
    if status not in (MaintenanceStatus.ORDERED, MaintenanceStatus.DONE):
        work.maintenance_order_id = None
    elif event == MaintenanceEvent.ORDER:
        work.maintenance_order_id = told["maintenance_order_id"]
    return added(session, record)
