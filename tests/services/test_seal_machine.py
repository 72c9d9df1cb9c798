"""Random documents and acts of seals: the stock is the replay of movements, and a seal is in one place at a time."""

from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.equipment import DocumentStatus, EquipmentDocumentKind, MovementRefused
from app.domain.seals import SealedPart, SealPlace, SealRefused, SealState
from app.models.equipment import EquipmentDocument
from app.models.seals import Seal
from app.queries import seals as queries
from app.queries.ledger.proofs import drifts
from app.services import equipment, seals
from app.services.seals import SealCause, SealWork
from tests.builders import make_district, make_home
from tests.services.equipment_scenario import RECEIVED, TODAY, Stores, draw_seals, make_stores

NUMBERS = ("S-1", "S-2", "S-3", "S-4")
KINDS = [kind for kind in EquipmentDocumentKind if kind.name.endswith("_SEALS") and kind != EquipmentDocumentKind.WRITE_OFF_SEALS]
#: The state of a seal, and the warehouse, brigade or meter it is at.
Standing = tuple[SealState, str | None]
Chosen = st.sets(st.sampled_from(NUMBERS), min_size=1, max_size=3)
#: Where each kind of document can lead, and whether that is the brigade.
PLACES = {
    EquipmentDocumentKind.RECEIVE_SEALS: False,
    EquipmentDocumentKind.ISSUE_SEALS: True,
    EquipmentDocumentKind.RETURN_SEALS: False,
    EquipmentDocumentKind.FIND_SEALS: False,
}


class SealMachine(RuleBasedStateMachine):
    """Documents and work on two meters drawn at random, of which many are refused; what was done is kept beside, in the simplest way."""

    session: ClassVar[Session]
    stores: ClassVar[Stores]
    meters: ClassVar[tuple[int, int]]

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = self.session.begin_nested()
        self.known: dict[str, Standing] = {}
        self.done: list[tuple[EquipmentDocument, dict[str, Standing]]] = []

    def teardown(self) -> None:
        found = [each for each in drifts(self.session) if "seal" in each.rule]
        self.savepoint.rollback()
        self.session.expire_all()
        assert found == []

    @rule(kind=st.sampled_from(KINDS), numbers=Chosen)
    def draw(self, kind: EquipmentDocumentKind, numbers: set[str]) -> None:
        place = None
        if kind in PLACES:
            place = (self.stores.brigade if PLACES[kind] else self.stores.warehouse).stock_place_id
        before = dict(self.known)
        states = {
            EquipmentDocumentKind.ISSUE_SEALS: SealState.ISSUED, EquipmentDocumentKind.TAKE_OFF_SEALS: SealState.REMOVED,
            EquipmentDocumentKind.LOSE_SEALS: SealState.LOST,
        }  # fmt: skip
        begins = {
            EquipmentDocumentKind.ISSUE_SEALS: {SealState.IN_STORE}, EquipmentDocumentKind.RETURN_SEALS: {SealState.ISSUED},
            EquipmentDocumentKind.TAKE_OFF_SEALS: {SealState.APPLIED, SealState.BROKEN}, EquipmentDocumentKind.FIND_SEALS: {SealState.LOST},
            EquipmentDocumentKind.LOSE_SEALS: {SealState.IN_STORE, SealState.ISSUED},
        }  # fmt: skip
        if kind == EquipmentDocumentKind.RECEIVE_SEALS:
            moved = {number for number in numbers if number not in self.known}
            is_allowed = bool(moved)
        else:
            moved = numbers
            is_allowed = all(number in self.known and self.known[number][0] in begins[kind] for number in numbers)
        try:
            document = draw_seals(self.session, self.stores, kind, *sorted(numbers), stock_place_id=place)
        except MovementRefused:
            assert not is_allowed
            return
        assert is_allowed
        self.known |= {number: (states.get(kind, SealState.IN_STORE), f"kept by {place}" if place else None) for number in moved}
        self.done.append((document, before))

    @rule(
        number=st.sampled_from(NUMBERS),
        meter=st.integers(0, 1),
        of_brigade=st.booleans(),
        does=st.sampled_from(["apply", "break", "take off"]),
    )
    def work(self, number: str, meter: int, of_brigade: bool, does: str) -> None:
        device, keeper = self.meters[meter], (self.stores.brigade if of_brigade else self.stores.warehouse).stock_place_id
        doing = SealWork(self.stores.division.id, RECEIVED, TODAY, SealCause())
        place, state = SealPlace(device_id=device, sealed_part=SealedPart.TERMINAL_COVER), self.known.get(number)
        there, kept = f"on {device}", f"kept by {keeper}"
        try:
            with self.session.begin_nested():
                if does == "apply":
                    seals.apply(self.session, doing, [number], place, keeper_id=keeper)
                elif does == "break":
                    seals.find_broken(self.session, doing, [number], place)
                else:
                    seals.take_off(self.session, doing, [number], place)
        except SealRefused:
            if does == "apply":
                assert state not in ((SealState.IN_STORE, kept), (SealState.ISSUED, kept), (SealState.APPLIED, there))
            else:
                assert state is not None
                assert state[1] != there
            return
        end = {"apply": SealState.APPLIED, "break": SealState.BROKEN, "take off": SealState.REMOVED}[does]
        self.known[number] = (end, None if does == "take off" else there)
        # What documents did before cannot be undone past this.
        self.done.clear()

    @rule()
    def undo_last(self) -> None:
        standing = [(document, before) for document, before in self.done if document.status == DocumentStatus.DONE]
        if not standing:
            return
        document, before = standing[-1]
        wanted = equipment.reversal_of(document, reason="undo", reference=f"seals undo {document.id}")
        equipment.submit(self.session, wanted, today=TODAY)
        self.known = dict(before)

    @invariant()
    def seals_are_as_they_were_left_and_in_one_place(self) -> None:
        found = {
            each.number: (
                each.state,
                f"kept by {each.stock_place_id}" if each.stock_place_id else f"on {each.device_id}" if each.device_id else None,
            )
            for each in self.session.scalars(select(Seal).where(Seal.number.in_(NUMBERS), Seal.state.is_not(None)))
        }
        assert found == self.known

    @invariant()
    def stock_is_the_replay(self) -> None:
        places = (self.stores.warehouse.stock_place_id or 0, self.stores.brigade.stock_place_id or 0)
        replayed = [(each.number, f"kept by {place}") for place in places for each in queries.stock(self.session, place, TODAY)]
        kept = [(number, place) for number, (_state, place) in self.known.items() if place and place.startswith("kept")]
        assert sorted(replayed) == sorted(kept)


@pytest.fixture
def machine(session: Session) -> type[SealMachine]:
    division = make_district(session)
    homes = [make_home(session, division, number) for number in (1, 2)]
    meter = text("SELECT meter_id FROM meter_installation WHERE id = :id")
    first, second = (int(session.scalar(meter, {"id": home.installation_id}) or 0) for home in homes)
    SealMachine.session, SealMachine.stores, SealMachine.meters = session, make_stores(session, division), (first, second)
    return SealMachine


def test_stock_is_the_replay_of_random_documents_of_seals(machine: type[SealMachine]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15, stateful_step_count=25, deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture],
        ),
    )  # fmt: skip
