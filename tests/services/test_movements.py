"""Devices are moved by one service: its guards, its replay, and what undoing leaves."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.equipment import DeviceEvent, DevicePlace, DeviceState, MovementRefusal, MovementRefused, PlaceKind
from app.models.equipment import Device
from app.queries import equipment as queries
from app.queries.ledger.proofs import drifts
from app.services import equipment
from tests.builders import make_district, make_home
from tests.services.equipment_scenario import (
    CERTIFICATE,
    RECEIVED,
    TODAY,
    Stores,
    history,
    issued,
    make_device,
    make_stores,
    ready,
    receive,
    receive_seals,
)

DAY = date(2026, 3, 10)


@pytest.fixture
def stores(session: Session) -> Stores:
    return make_stores(session, make_district(session))


def refusal(session: Session, device_id: int, event: DeviceEvent, **more: Any) -> MovementRefusal:
    with pytest.raises(MovementRefused) as refused, session.begin_nested():
        equipment.move(session, device_id, event, **({"on": DAY, "today": TODAY} | more))
    return refused.value.refusal


def test_meter_goes_from_receipt_to_its_point_and_back_to_the_store(session: Session, stores: Stores) -> None:
    home = make_home(session, stores.division)
    free = make_home(session, stores.division, 2)
    session.execute(text("UPDATE meter_installation SET valid_to = '2026-03-05' WHERE id = :id"), {"id": free.installation_id})
    device = issued(session, stores)
    point = DevicePlace(PlaceKind.SERVICE_POINT, service_point_id=free.service_point_id)

    equipment.move(
        session,
        device.id,
        DeviceEvent.INSTALL,
        on=DAY,
        today=TODAY,
        to=point,
    )
    there = (device.state, device.place_kind, device.service_point_id)
    equipment.move(session, device.id, DeviceEvent.REMOVE, on=DAY, today=TODAY, to=stores.brigade)
    equipment.move(session, device.id, DeviceEvent.STORE, on=DAY, today=TODAY, to=stores.warehouse)

    assert home.service_point_id != free.service_point_id
    assert there == (DeviceState.INSTALLED, PlaceKind.SERVICE_POINT, free.service_point_id)
    assert (device.state, device.stock_place_id) == (DeviceState.IN_STORE_USED, stores.warehouse.stock_place_id)
    assert [each.step_no for each in history(session, device)] == list(range(1, 8))
    assert [drift for drift in drifts(session) if "device" in drift.rule or "movement" in drift.rule] == []


@pytest.mark.parametrize(
    ("begin", "event", "more", "expected"),
    [
        (make_device, DeviceEvent.SEAL, {}, MovementRefusal.NOT_POSSIBLE),
        (receive, DeviceEvent.RECEIVE, {}, MovementRefusal.NOT_POSSIBLE),
        (receive, DeviceEvent.LOSE, {"on": date(2026, 4, 1)}, MovementRefusal.FUTURE_DAY),
        (receive, DeviceEvent.LOSE, {"on": date(2026, 2, 28)}, MovementRefusal.LATER_MOVEMENT),
        (receive, DeviceEvent.VERIFY, {}, MovementRefusal.NO_CERTIFICATE),
        (receive, DeviceEvent.VERIFY, {"details": CERTIFICATE | {"verified_to": "2026-03-10"}}, MovementRefusal.EXPIRED_CERTIFICATE),
        (receive, DeviceEvent.ISSUE, {"to": "brigade"}, MovementRefusal.NOT_READY),
        (receive, DeviceEvent.INSTALL, {"to": "point"}, MovementRefusal.NOT_READY),
        (ready, DeviceEvent.INSTALL, {"to": "point"}, MovementRefusal.NOT_READY),
        (issued, DeviceEvent.INSTALL, {"to": "point"}, MovementRefusal.POINT_TAKEN),
        (issued, DeviceEvent.INSTALL, {}, MovementRefusal.NO_PLACE),
        (ready, DeviceEvent.ISSUE, {"to": "warehouse"}, MovementRefusal.WRONG_PLACE),
        (ready, DeviceEvent.ISSUE, {}, MovementRefusal.NO_PLACE),
        (receive, DeviceEvent.VERIFY, {"details": CERTIFICATE | {"certificate_number": ""}}, MovementRefusal.NO_CERTIFICATE),
        (ready, DeviceEvent.SEND, {}, MovementRefusal.NO_PLACE),
        (ready, DeviceEvent.SEND, {"to": "own division"}, MovementRefusal.SAME_DIVISION),
    ],
)
def test_what_a_guard_does_not_allow_is_refused(
    session: Session, stores: Stores, begin: Callable[..., Any], event: DeviceEvent, more: dict[str, Any], expected: MovementRefusal
) -> None:
    home = make_home(session, stores.division)
    device = begin(session, stores.division if begin is make_device else stores)
    places = {
        "brigade": stores.brigade, "warehouse": stores.warehouse,
        "point": DevicePlace(PlaceKind.SERVICE_POINT, service_point_id=home.service_point_id),
        "own division": DevicePlace(PlaceKind.TRANSIT, division_id=stores.division.id),
    }  # fmt: skip

    assert refusal(session, device.id, event, **more | ({"to": places[more["to"]]} if "to" in more else {})) == expected


def test_verification_that_ended_is_refused_on_the_day_of_installation(session: Session, stores: Stores) -> None:
    home = make_home(session, stores.division)
    session.execute(text("UPDATE meter_installation SET valid_to = '2026-03-05' WHERE id = :id"), {"id": home.installation_id})
    device = receive(session, stores)
    equipment.move(session, device.id, DeviceEvent.VERIFY, on=RECEIVED, today=TODAY, details=CERTIFICATE | {"verified_to": "2026-03-10"})
    receive_seals(session, stores, "P-1")
    equipment.move(session, device.id, DeviceEvent.SEAL, on=RECEIVED, today=TODAY, details={"seals": ["P-1"]})
    equipment.move(session, device.id, DeviceEvent.ISSUE, on=RECEIVED, today=TODAY, to=stores.brigade)
    point = DevicePlace(PlaceKind.SERVICE_POINT, service_point_id=home.service_point_id)

    assert refusal(session, device.id, DeviceEvent.INSTALL, to=point) == MovementRefusal.NOT_VERIFIED
    equipment.move(session, device.id, DeviceEvent.INSTALL, on=date(2026, 3, 9), today=TODAY, to=point)


def test_certificate_older_than_the_one_that_is_known_is_refused(session: Session, stores: Stores) -> None:
    home = make_home(session, stores.division)
    equipment.take_over(session, stores.division.id)
    meter = session.execute(text("SELECT meter_id FROM meter_installation WHERE id = :id"), {"id": home.installation_id}).scalar_one()
    equipment.move(session, meter, DeviceEvent.VERIFY, on=DAY, today=TODAY, details=CERTIFICATE)

    older = CERTIFICATE | {"verified_to": "2033-01-01"}

    assert refusal(session, meter, DeviceEvent.VERIFY, details=older) == MovementRefusal.OLDER_CERTIFICATE


def test_brigade_gets_no_more_than_its_limit(session: Session) -> None:
    stores = make_stores(session, make_district(session), most_devices=1)
    issued(session, stores, "N-1")
    second = ready(session, stores, "N-2")

    assert refusal(session, second.id, DeviceEvent.ISSUE, to=stores.brigade) == MovementRefusal.PLACE_FULL


def test_seal_stands_on_one_device(session: Session, stores: Stores) -> None:
    ready(session, stores, "N-1")
    second = receive(session, stores, "N-2")
    equipment.move(session, second.id, DeviceEvent.VERIFY, on=RECEIVED, today=TODAY, details=CERTIFICATE)

    assert refusal(session, second.id, DeviceEvent.SEAL) == MovementRefusal.NO_SEAL
    receive_seals(session, stores, "P-9")
    assert refusal(session, second.id, DeviceEvent.SEAL, details={"seals": ["P-9", "P-1"]}) == MovementRefusal.SEAL_REFUSED


def test_setting_and_taking_over_let_meters_be_installed_without_seals(session: Session, stores: Stores) -> None:
    home = make_home(session, stores.division)
    equipment.take_over(session, stores.division.id)
    taken = session.execute(text("SELECT meter_id FROM meter_installation WHERE id = :id"), {"id": home.installation_id}).scalar_one()
    session.execute(text("UPDATE meter_installation SET valid_to = '2026-03-05' WHERE id = :id"), {"id": home.installation_id})
    point = DevicePlace(PlaceKind.SERVICE_POINT, service_point_id=home.service_point_id)
    equipment.move(session, taken, DeviceEvent.REMOVE, on=date(2026, 3, 5), today=TODAY, to=stores.warehouse)
    equipment.move(session, taken, DeviceEvent.STORE, on=DAY, today=TODAY, to=stores.warehouse)
    cabinet = receive(session, stores, "CAB-1", kind_id=6)

    assert equipment.move(session, taken, DeviceEvent.INSTALL, on=DAY, today=TODAY, to=point).to_state == DeviceState.INSTALLED
    assert equipment.move(session, cabinet.id, DeviceEvent.INSTALL, on=DAY, today=TODAY, to=point).to_state == DeviceState.INSTALLED


def test_undoing_the_last_movement_leaves_the_device_as_it_was_on_every_day(session: Session, stores: Stores) -> None:
    device = receive(session, stores)
    verified = equipment.move(session, device.id, DeviceEvent.VERIFY, on=DAY, today=TODAY, details=CERTIFICATE)

    with pytest.raises(MovementRefused), session.begin_nested():
        equipment.undo(session, next(history(session, device)))
    equipment.undo(session, verified)

    assert (device.state, device.moved_on, device.verified_to) == (DeviceState.IN_STORE_NEW, RECEIVED, None)
    assert [row.state for row in queries.stock(session, stores.warehouse.stock_place_id or 0, TODAY)] == [DeviceState.IN_STORE_NEW]
    again = equipment.move(session, device.id, DeviceEvent.VERIFY, on=date(2026, 3, 5), today=TODAY, details=CERTIFICATE)
    assert again.from_state == DeviceState.IN_STORE_NEW


def test_stock_of_a_day_is_what_movements_up_to_it_left_there(session: Session, stores: Stores) -> None:
    device = ready(session, stores)
    equipment.move(session, device.id, DeviceEvent.ISSUE, on=DAY, today=TODAY, to=stores.brigade)
    warehouse, brigade = stores.warehouse.stock_place_id or 0, stores.brigade.stock_place_id or 0

    found = [
        [len(queries.stock(session, place, day)) for place in (warehouse, brigade)] for day in (date(2026, 2, 28), RECEIVED, DAY, TODAY)
    ]

    assert found == [[0, 0], [1, 0], [0, 1], [0, 1]]


def test_device_sent_to_another_division_belongs_there_and_is_taken_by_it(session: Session, stores: Stores) -> None:
    receiver = make_stores(session, make_district(session, "1726997"))
    device = ready(session, stores)
    session.execute(text("SELECT set_config('app.divisions', :ids, true)"), {"ids": f"{{{stores.division.id}}}"})

    equipment.move(
        session, device.id, DeviceEvent.SEND, on=DAY, today=TODAY, to=DevicePlace(PlaceKind.TRANSIT, division_id=receiver.division.id)
    )
    sent = (device.division_id, device.place_kind, device.state)
    equipment.move(session, device.id, DeviceEvent.TAKE, on=DAY, today=TODAY, to=receiver.warehouse)

    assert sent == (receiver.division.id, PlaceKind.TRANSIT, DeviceState.SEALED_READY)
    assert (device.stock_place_id, device.state) == (receiver.warehouse.stock_place_id, DeviceState.SEALED_READY)
    assert [each.division_id for each in history(session, device)][-2:] == [stores.division.id, receiver.division.id]
    assert [drift for drift in drifts(session) if "device" in drift.rule or "movement" in drift.rule] == []


def test_meter_that_served_goes_to_another_division_and_is_still_read_where_it_served(session: Session, stores: Stores) -> None:
    home = make_home(session, stores.division)
    receiver = make_stores(session, make_district(session, "1726997"))
    equipment.take_over(session, stores.division.id)
    meter_id = session.execute(text("SELECT meter_id FROM meter_installation WHERE id = :id"), {"id": home.installation_id}).scalar_one()
    device = session.get_one(Device, meter_id)
    session.execute(text("UPDATE meter_installation SET valid_to = :day WHERE id = :id"), {"day": DAY, "id": home.installation_id})
    step = partial(equipment.move, session, meter_id, on=DAY, today=TODAY)
    step(DeviceEvent.REMOVE, to=stores.brigade)
    step(DeviceEvent.STORE, to=stores.warehouse)
    session.execute(text("SELECT set_config('app.divisions', :ids, true)"), {"ids": f"{{{stores.division.id}}}"})

    step(DeviceEvent.SEND, to=DevicePlace(PlaceKind.TRANSIT, division_id=receiver.division.id))
    taken = step(DeviceEvent.TAKE, to=receiver.warehouse)
    equipment.undo(session, taken)
    assert [drift for drift in drifts(session) if "device" in drift.rule or "movement" in drift.rule] == []
    step(DeviceEvent.TAKE, to=receiver.warehouse)

    assert (device.division_id, device.former_division_ids) == (receiver.division.id, [stores.division.id])
    assert [drift for drift in drifts(session) if "device" in drift.rule or "movement" in drift.rule] == []
    seen = "SELECT count(*) FROM register g JOIN device d ON d.id = g.meter_id WHERE d.id = :id"
    session.execute(text("SET LOCAL ROLE pcb_web"))
    for division, registers, movements, changed in ((stores.division, 1, 4, 0), (receiver.division, 1, 3, 1)):
        session.execute(text("SELECT set_config('app.divisions', :ids, true)"), {"ids": f"{{{division.id}}}"})
        assert session.execute(text(seen), {"id": meter_id}).scalar_one() == registers
        assert session.execute(text("SELECT count(*) FROM movement WHERE device_id = :id"), {"id": meter_id}).scalar_one() == movements
        change: Any = session.execute(text("UPDATE device SET made_in_year = 2020 WHERE id = :id"), {"id": meter_id})
        assert change.rowcount == changed


@pytest.mark.parametrize("step", [1, 2, 3])
def test_deleted_movement_turns_the_proof_red(session: Session, stores: Stores, step: int) -> None:
    device = ready(session, stores)
    session.execute(text("SET LOCAL ROLE pcb_owner"))
    session.execute(text("ALTER TABLE movement DISABLE TRIGGER movement_is_fact"))

    session.execute(text("DELETE FROM movement WHERE device_id = :id AND step_no = :step"), {"id": device.id, "step": step})

    assert f"device {device.id}" in {drift.row for drift in drifts(session)}
