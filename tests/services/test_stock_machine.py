"""Random documents: the stock is the replay of movements, and a device is at one place at a time."""

from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.equipment import ROUTES, TRANSITIONS, DeviceEvent, DeviceState, DocumentStatus, MovementRefused, PlaceKind
from app.models.equipment import Device, DeviceModel, EquipmentDocument
from app.queries import equipment as queries
from app.queries.ledger.proofs import drifts
from app.services import equipment
from app.services.equipment import DocumentRequest
from tests.builders import make_district, make_home
from tests.services.equipment_scenario import NOW, RECEIVED, TODAY, Stores, make_stores, receive_seals

SERIALS = ("H-1", "H-2", "H-3")
EVENTS = sorted(set(DeviceEvent) - {DeviceEvent.TAKE_OVER, DeviceEvent.INSTALL, DeviceEvent.REMOVE, DeviceEvent.TAKE, DeviceEvent.SEND})

TO_A_PLACE = {event for event, route in ROUTES.items() if {PlaceKind.WAREHOUSE, PlaceKind.BRIGADE} & {*route.end}} | {DeviceEvent.COUNT}


class StockMachine(RuleBasedStateMachine):
    """Documents drawn at random, of which many are refused; what was done is kept beside, in the simplest way."""

    session: ClassVar[Session]
    stores: ClassVar[Stores]

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = self.session.begin_nested()
        self.states: dict[str, DeviceState | None] = dict.fromkeys(SERIALS)
        self.done: list[tuple[EquipmentDocument, dict[str, DeviceState | None]]] = []
        self.number = 0

    def teardown(self) -> None:
        found = [each for each in drifts(self.session) if "movement" in each.rule]
        self.savepoint.rollback()
        self.session.expire_all()
        assert found == []

    @rule(event=st.sampled_from(EVENTS), serial=st.sampled_from(SERIALS), at_brigade=st.booleans())
    def draw(self, event: DeviceEvent, serial: str, at_brigade: bool) -> None:
        self.number += 1
        place = (self.stores.brigade if at_brigade else self.stores.warehouse).stock_place_id
        given: dict[str, Any] = {"devices": [[serial, f"P{serial}"]], "certificate_number": "1", "verified_to": "2034-03-01"}
        if event == DeviceEvent.RECEIVE:
            given["model_id"] = self.session.scalars(select(DeviceModel.id).where(DeviceModel.device_kind_id == 1)).first()
        wanted = DocumentRequest(
            event, self.stores.division.id, RECEIVED, "", "random", given, f"machine {id(self)} {self.number}",
            stock_place_id=place if event in TO_A_PLACE else None,
        )  # fmt: skip
        before = dict(self.states)
        try:
            document = equipment.submit(self.session, wanted, today=TODAY)
            for signer in ("second", "third")[: document.signatures_needed - 1]:
                self.session.execute(text("SELECT set_config('app.actor', :actor, true)"), {"actor": signer})
                equipment.sign(self.session, document.id, today=TODAY, now=NOW)
        except MovementRefused:
            return
        finally:
            self.session.execute(text("SELECT set_config('app.actor', 'first', true)"))
        self._expect(event, serial)
        self.done.append((document, before))

    def _expect(self, event: DeviceEvent, serial: str) -> None:
        if event != DeviceEvent.COUNT:
            self.states[serial] = TRANSITIONS[self.states[serial], event]
            return
        # An inventory of one device loses all others of the place, and finds the one that was nowhere.
        for each in self.session.scalars(select(Device).where(Device.serial_number.in_(SERIALS))):
            self.states[each.serial_number] = DeviceState(each.state) if each.state else None

    @rule()
    def undo_last(self) -> None:
        standing = [(document, before) for document, before in self.done if document.status == DocumentStatus.DONE]
        if not standing or standing[-1][0].signatures_needed > 1:
            return
        self.number += 1
        document, before = standing[-1]
        wanted = equipment.reversal_of(document, reason="undo", reference=f"machine {id(self)} {self.number}")
        equipment.submit(self.session, wanted, today=TODAY)
        self.states = dict(before)

    @invariant()
    def devices_are_as_their_documents_leave_them(self) -> None:
        found = {each.serial_number: each.state for each in self.session.scalars(select(Device).where(Device.serial_number.in_(SERIALS)))}
        assert {serial: found.get(serial) for serial in SERIALS} == self.states

    @invariant()
    def stock_is_the_replay_and_a_device_is_at_one_place(self) -> None:
        places = (self.stores.warehouse.stock_place_id or 0, self.stores.brigade.stock_place_id or 0)
        replayed = [(each.device_id, place) for place in places for each in queries.stock(self.session, place, TODAY)]
        kept = self.session.execute(select(Device.id, Device.stock_place_id).where(Device.stock_place_id.in_(places))).all()
        assert sorted(replayed) == sorted((device_id, place or 0) for device_id, place in kept)
        assert len({device_id for device_id, _place in replayed}) == len(replayed)


@pytest.fixture
def machine(session: Session) -> type[StockMachine]:
    division = make_district(session)
    make_home(session, division)
    StockMachine.session, StockMachine.stores = session, make_stores(session, division)
    receive_seals(session, StockMachine.stores, *(f"P{serial}" for serial in SERIALS))
    session.execute(text("SELECT set_config('app.actor', 'first', true)"))
    return StockMachine


def test_stock_is_the_replay_of_random_documents(machine: type[StockMachine]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15, stateful_step_count=25, deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture],
        ),
    )  # fmt: skip
