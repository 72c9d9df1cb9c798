"""Maintenance: plans of a year by what falls due, orders to brigades, works done, put off, cancelled, and each step taken back."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app import clock
from app.domain.equipment.maintenance import (
    TRANSITIONS,
    MaintenanceEvent,
    MaintenanceFault,
    MaintenanceRefused,
    MaintenanceStatus,
    next_status,
)
from app.models.administration import Approval
from app.models.maintenance import MaintenanceKind, MaintenancePlan, MaintenanceWork, Material, MaterialNorm, MaterialUse
from app.models.reference import Brigade
from app.queries import maintenance as queries
from app.services import equipment
from app.services.administration import approvals
from app.services.equipment import maintenance, plans
from app.services.equipment.maintenance import CarriedOut, WorkOrderRequest
from tests.builders import Home, make_district, make_home
from tests.services.equipment_scenario import TODAY, Stores, make_stores


class Yard(NamedTuple):
    """A division with a brigade, two installed meters and a kind of work with a norm of a material."""

    session: Session
    stores: Stores
    homes: tuple[Home, Home]
    kind: MaintenanceKind
    material: Material
    brigade_id: int

    def works(self, plan: MaintenancePlan) -> list[MaintenanceWork]:
        found = select(MaintenanceWork).where(MaintenanceWork.maintenance_plan_id == plan.id).order_by(MaintenanceWork.id)
        return list(self.session.scalars(found))

    def plan(self, year: int = 2026, *, approved: bool = True) -> MaintenancePlan:
        made: MaintenancePlan = plans.draw_up(
            self.session, maintenance.PLAN, plans.YearPlanRequest(self.stores.division.id, year, "Order 17")
        )
        asked = self.session.scalars(select(Approval).where(Approval.subject_id == made.id, Approval.kind == "MAINTENANCE_PLAN")).one()
        if approved:
            approvals.decide(self.session, asked.id, grant=True, by="supervisor", remark=None, today=TODAY, now=clock.now())
        return made

    def order(self, works: list[MaintenanceWork], *, on: date = TODAY) -> Any:
        wanted = WorkOrderRequest(self.stores.division.id, self.brigade_id, on, [each.id for each in works])
        return maintenance.order_works(self.session, wanted, today=on)


@pytest.fixture
def yard(session: Session) -> Yard:
    stores = make_stores(session, make_district(session))
    homes = make_home(session, stores.division), make_home(session, stores.division, 2)
    equipment.take_over(session, stores.division.id)
    kind = MaintenanceKind(code="LOOK", name="Koʻrik", device_kind_id=1, interval_months=6, norm_hours_milli=1500, source="order")
    material = Material(code="WIRE", name="Sim", unit="m")
    session.add_all([kind, material])
    session.flush()
    session.add(MaterialNorm(maintenance_kind_id=kind.id, material_id=material.id, quantity_milli=2000))
    session.flush()
    brigade_id = session.scalars(select(Brigade.id).where(Brigade.division_id == stores.division.id)).one()
    return Yard(session, stores, homes, kind, material, brigade_id)


def refusal(session: Session, step: Any) -> MaintenanceFault:
    with pytest.raises(MaintenanceRefused) as refused, session.begin_nested():
        step()
    return refused.value.fault


@pytest.mark.parametrize("status", MaintenanceStatus)
@pytest.mark.parametrize("event", MaintenanceEvent)
def test_step_that_is_not_listed_is_refused(status: MaintenanceStatus, event: MaintenanceEvent) -> None:
    if (status, event) in TRANSITIONS:
        assert next_status(status, event) == TRANSITIONS[status, event]
    else:
        with pytest.raises(MaintenanceRefused):
            next_status(status, event)


def test_plan_has_each_work_of_the_year_counted_from_the_installation(yard: Yard) -> None:
    since = yard.session.execute(text("SELECT DISTINCT moved_on FROM movement WHERE event = 'TAKE_OVER'")).scalars().all()

    works = yard.works(yard.plan(2027))

    assert len(since) == 1
    assert len({each.device_id for each in works}) == 2
    for device in {each.device_id for each in works}:
        terms = [each.term_on for each in works if each.device_id == device]
        assert terms == sorted(terms)
        assert terms[0] == date(2027, 1, 1)  # late when the year begins
        assert terms[1] == date(2027, 7, 1)


def test_plan_is_counted_from_the_last_work_and_leaves_out_what_is_planned(yard: Yard) -> None:
    yard.kind.interval_months = 12
    yard.session.flush()
    work = maintenance.plan_one(yard.session, yard.homes[0].serial, yard.kind.id, term_on=TODAY, reason="Sparks", today=TODAY)
    yard.order([work])
    maintenance.carry_out(yard.session, work.id, CarriedOut(TODAY, 1000), today=TODAY)

    works = yard.works(yard.plan(2027))

    assert {each.device_id == work.device_id: each.term_on for each in works} == {True: date(2027, 3, 31), False: date(2027, 1, 1)}
    with pytest.raises(plans.NothingToPlan), yard.session.begin_nested():
        yard.plan(2027)


def test_work_of_hours_is_due_so_many_hours_of_service_later(yard: Yard) -> None:
    yard.kind.interval_months, yard.kind.interval_hours = None, 24 * 100
    yard.session.flush()
    first = yard.works(yard.plan(2026))
    yard.order(first[:1])
    maintenance.carry_out(yard.session, first[0].id, CarriedOut(TODAY, 1000), today=TODAY)

    last = [each for each in yard.works(yard.plan(2027)) if each.device_id == first[0].device_id]

    assert [(b.term_on - a.term_on).days for a, b in pairwise(last)] == [100] * (len(last) - 1)


def test_works_of_a_plan_that_is_not_approved_are_not_ordered(yard: Yard) -> None:
    works = yard.works(yard.plan(approved=False))

    assert refusal(yard.session, lambda: yard.order(works[:1])) == MaintenanceFault.NOT_APPROVED
    assert queries.works_to_order(yard.session, yard.stores.division.id, until=date(2026, 12, 31), kind_id=None, limit=9) == []


def test_work_is_ordered_done_with_hours_and_materials_and_each_step_is_taken_back(yard: Yard) -> None:
    work = yard.works(yard.plan())[0]
    order = yard.order([work])
    used = {yard.material.id: 2500}
    place = yard.stores.warehouse.stock_place_id

    record = maintenance.carry_out(yard.session, work.id, CarriedOut(TODAY, 1250, "Clean", used, place), today=TODAY)

    assert (work.status, work.maintenance_order_id) == (MaintenanceStatus.DONE, order.id)
    assert yard.session.scalars(select(MaterialUse.quantity_milli)).all() == [2500]
    assert [(each.event, each.hours_milli) for each in queries.steps_of(yard.session, work.id)] == [("ORDER", None), ("CARRY_OUT", 1250)]
    counter = maintenance.undo(yard.session, record.id, reason="Another device", today=TODAY)
    assert (work.status, counter.reverses_id) == (MaintenanceStatus.ORDERED, record.id)
    assert maintenance.withdraw_order(yard.session, order.id, reason="Rain", today=TODAY) == 1
    assert (work.status, work.maintenance_order_id) == (MaintenanceStatus.PLANNED, None)
    assert (
        refusal(yard.session, lambda: maintenance.undo(yard.session, record.id, reason="Twice", today=TODAY)) == MaintenanceFault.NOT_LAST
    )
    assert refusal(yard.session, lambda: maintenance.withdraw_order(yard.session, order.id, reason="Twice", today=TODAY)) == (
        MaintenanceFault.NO_WORKS
    )


def test_work_is_put_off_to_a_later_day_and_leaves_its_order(yard: Yard) -> None:
    work = yard.works(yard.plan())[0]
    yard.order([work])
    before, later = work.term_on, max(work.term_on, TODAY) + timedelta(days=10)

    record = maintenance.postpone(yard.session, work.id, to=later, reason="Snow", today=TODAY)

    assert (work.status, work.term_on, work.maintenance_order_id) == (MaintenanceStatus.PLANNED, later, None)
    assert refusal(yard.session, lambda: maintenance.postpone(yard.session, work.id, to=later, reason="Snow", today=TODAY)) == (
        MaintenanceFault.NOT_LATER
    )
    maintenance.undo(yard.session, record.id, reason="Sun", today=TODAY)
    assert (work.status, work.term_on) == (MaintenanceStatus.ORDERED, before)


def test_cancelled_work_is_not_done(yard: Yard) -> None:
    work = yard.works(yard.plan())[0]
    maintenance.cancel(yard.session, work.id, reason="Pulled down", today=TODAY)

    assert refusal(yard.session, lambda: yard.order([work])) == MaintenanceFault.NOT_POSSIBLE
    assert refusal(yard.session, lambda: maintenance.carry_out(yard.session, work.id, CarriedOut(TODAY, 1), today=TODAY)) == (
        MaintenanceFault.NOT_POSSIBLE
    )


@pytest.mark.parametrize(
    ("done", "expected"),
    [
        (CarriedOut(TODAY + timedelta(days=1), 1000), MaintenanceFault.FUTURE_DAY),
        (CarriedOut(TODAY - timedelta(days=1), 1000), MaintenanceFault.BEFORE_LAST_STEP),
        (CarriedOut(TODAY, 0), MaintenanceFault.NO_HOURS),
        (CarriedOut(TODAY, 1000, "", {1: 0}), MaintenanceFault.NO_QUANTITY),
    ],
)
def test_work_that_cannot_have_been_done_so_is_refused(yard: Yard, done: CarriedOut, expected: MaintenanceFault) -> None:
    work = yard.works(yard.plan())[0]
    yard.order([work])

    assert refusal(yard.session, lambda: maintenance.carry_out(yard.session, work.id, done, today=TODAY)) == expected


def test_order_names_works_of_its_division_and_a_brigade_of_it(yard: Yard) -> None:
    works, division_id = yard.works(yard.plan()), yard.stores.division.id
    other = make_stores(yard.session, make_district(yard.session, "1726998"))
    foreign = yard.session.scalars(select(Brigade.id).where(Brigade.division_id == other.division.id)).one()

    def order(**more: Any) -> Any:
        given = {"division_id": division_id, "brigade_id": yard.brigade_id, "work_on": TODAY, "work_ids": [works[0].id]} | more
        return maintenance.order_works(yard.session, WorkOrderRequest(**given), today=TODAY)

    assert refusal(yard.session, lambda: order(brigade_id=foreign)) == MaintenanceFault.OTHER_BRIGADE
    assert refusal(yard.session, lambda: order(division_id=other.division.id, brigade_id=foreign)) == MaintenanceFault.OTHER_DIVISION
    assert refusal(yard.session, lambda: order(work_on=TODAY - timedelta(days=1))) == MaintenanceFault.DAY_IS_OVER
    assert refusal(yard.session, lambda: order(work_ids=[])) == MaintenanceFault.NO_WORKS


def test_work_outside_the_plans_is_planned_for_an_installed_device_once(yard: Yard) -> None:
    serial = yard.homes[0].serial

    def plan(number: str, kind_id: int = yard.kind.id, term_on: date = TODAY) -> MaintenanceWork:
        return maintenance.plan_one(yard.session, number, kind_id, term_on=term_on, reason="Sparks", today=TODAY)

    other = MaintenanceKind(code="LINE", name="Liniya", device_kind_id=5, interval_months=6, norm_hours_milli=1, source="order")
    yard.session.add(other)
    yard.session.flush()
    work = plan(serial)

    assert (work.maintenance_plan_id, work.status, work.division_id) == (None, MaintenanceStatus.PLANNED, yard.stores.division.id)
    assert refusal(yard.session, lambda: plan(serial)) == MaintenanceFault.PLANNED_ALREADY
    assert refusal(yard.session, lambda: plan("X-404")) == MaintenanceFault.NOT_INSTALLED
    assert refusal(yard.session, lambda: plan(serial, other.id)) == MaintenanceFault.OTHER_KIND
    assert refusal(yard.session, lambda: plan(serial, term_on=TODAY - timedelta(days=1))) == MaintenanceFault.DAY_IS_OVER
    assert yard.order([work]).id == work.maintenance_order_id


@pytest.mark.parametrize("change", ["UPDATE maintenance_record SET hours_milli = 1", "DELETE FROM maintenance_record"])
def test_records_of_works_are_not_changed(yard: Yard, change: str) -> None:
    yard.order(yard.works(yard.plan())[:1])

    with pytest.raises(DBAPIError, match="maintenance_record"):
        yard.session.execute(text(change))
