"""Seals: moved by documents and acts; what is refused, what undoing leaves, and what a broken one opens."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.acts import ActKind, ActRefusal, ActRefused
from app.domain.equipment import DocumentStatus, EquipmentDocumentKind, MovementRefusal, MovementRefused
from app.domain.seals import TRANSITIONS, InspectionStatus, SealedPart, SealEvent, SealPlace, SealRefusal, SealRefused, SealState
from app.models.seals import Inspection, Seal, SealMovement
from app.queries import seals as queries
from app.queries.ledger.proofs import drifts
from app.services import equipment, seals
from app.services.seals import SealCause, SealWork
from tests.builders import make_district, make_home
from tests.services.equipment_scenario import NOW, RECEIVED, TODAY, Stores, draw_seals, make_stores, receive_seals
from tests.services.meter_scenario import Fitter, provided

DAY = RECEIVED


@pytest.fixture
def stores(session: Session) -> Stores:
    return make_stores(session, make_district(session))


def seal(session: Session, number: str) -> Seal:
    return session.scalars(select(Seal).where(Seal.number == number)).one()


def meter_of(session: Session, stores: Stores, number: int = 1) -> int:
    """Return the meter of a home."""
    home = make_home(session, stores.division, number)
    return int(session.scalar(text("SELECT meter_id FROM meter_installation WHERE id = :id"), {"id": home.installation_id}) or 0)


def work(session: Session, stores: Stores) -> SealWork:
    document = draw_seals(
        session, stores, EquipmentDocumentKind.RECEIVE_SEALS, f"W-{id(object())}", stock_place_id=stores.warehouse.stock_place_id
    )
    return SealWork(stores.division.id, DAY, TODAY, SealCause(equipment_document_id=document.id))


def on(meter: int, part: SealedPart = SealedPart.TERMINAL_COVER) -> SealPlace:
    return SealPlace(device_id=meter, sealed_part=part)


def refused(call: Any, session: Session) -> tuple[SealRefusal, str]:
    with pytest.raises(SealRefused) as found, session.begin_nested():
        call()
    return found.value.refusal, found.value.detail


def proof(session: Session) -> list[str]:
    return [each.rule for each in drifts(session) if "seal" in each.rule]


#: How a seal comes to each state.
WAYS: dict[SealState | None, tuple[SealEvent, ...]] = {
    None: (),
    SealState.IN_STORE: (SealEvent.RECEIVE,),
    SealState.ISSUED: (SealEvent.RECEIVE, SealEvent.ISSUE),
    SealState.APPLIED: (SealEvent.RECEIVE, SealEvent.ISSUE, SealEvent.APPLY),
    SealState.BROKEN: (SealEvent.TAKE_OVER, SealEvent.BREAK),
    SealState.REMOVED: (SealEvent.TAKE_OVER, SealEvent.TAKE_OFF),
    SealState.LOST: (SealEvent.RECEIVE, SealEvent.LOSE),
    SealState.SPOILED: (SealEvent.RECEIVE, SealEvent.WRITE_OFF),
}


@pytest.mark.parametrize("state", WAYS)
def test_listed_steps_happen_and_all_others_are_refused(session: Session, stores: Stores, state: SealState | None) -> None:
    meter, cause = meter_of(session, stores), work(session, stores).cause
    warehouse, brigade = (SealPlace(stock_place_id=each.stock_place_id) for each in (stores.warehouse, stores.brigade))
    places = {
        SealEvent.RECEIVE: warehouse, SealEvent.ISSUE: brigade, SealEvent.RETURN: warehouse, SealEvent.FIND: warehouse,
        SealEvent.APPLY: on(meter), SealEvent.TAKE_OVER: on(meter),
    }  # fmt: skip
    made = Seal(division_id=stores.division.id, seal_kind_id=1, number="X-1", number_key="X1")
    session.add(made)
    session.flush()

    def step(event: SealEvent) -> None:
        seals.move(session, [made.id], event, on=DAY, today=TODAY, cause=cause, to=places.get(event, SealPlace()))

    for event in WAYS[state]:
        step(event)
    assert made.state == state
    for event in SealEvent:
        with session.begin_nested() as attempt:
            if (state, event) in TRANSITIONS:
                step(event)
                assert made.state == TRANSITIONS[state, event]
            else:
                assert refused(lambda each=event: step(each), session)[0] == SealRefusal.NOT_POSSIBLE
            attempt.rollback()
        session.expire(made)
    assert proof(session) == []


def test_receipt_leaves_numbers_out_that_stand_already_and_tells_them(session: Session, stores: Stores) -> None:
    receive_seals(session, stores, "NP-0002", "np 0005")

    document = draw_seals(
        session,
        stores,
        EquipmentDocumentKind.RECEIVE_SEALS,
        "NP-0001 .. NP-0006",
        "NP-0006",
        stock_place_id=stores.warehouse.stock_place_id,
    )
    done = document.result["seals"]
    nothing = pytest.raises(MovementRefused)
    with nothing as all_there:
        draw_seals(session, stores, EquipmentDocumentKind.RECEIVE_SEALS, "NP-0001", stock_place_id=stores.warehouse.stock_place_id)

    assert (done["seals_count"], done["doubles_count"], [each["number"] for each in done["doubles"]]) == (4, 3, ["NP-0002", "np 0005"])
    assert (all_there.value.refusal, all_there.value.detail) == (MovementRefusal.SEAL_REFUSED, "ALL_DOUBLES NP-0001")
    kept = queries.stock(session, stores.warehouse.stock_place_id or 0, TODAY)
    assert [each.number for each in kept] == ["NP-0001", "NP-0002", "NP-0003", "NP-0004", "NP-0006", "np 0005"]


def test_many_seals_are_received_and_issued_by_few_statements(session: Session, stores: Stores) -> None:
    receive_seals(session, stores, "M-000001 .. M-020000", at_brigade=True)

    trail = "SELECT table_name, count(*), max(after ->> 'rows') FROM audit_entry WHERE table_name IN ('seal', 'seal_movement') GROUP BY 1"
    rows = {table: (int(entries), rows) for table, entries, rows in session.execute(text(trail))}
    assert rows["seal_movement"] == (2, "20000")
    assert len(queries.stock(session, stores.brigade.stock_place_id or 0, TODAY)) == 20_000


def test_documents_return_lose_find_and_write_off_by_three(session: Session, stores: Stores) -> None:
    receive_seals(session, stores, "A-1 .. A-4", at_brigade=True)
    draw_seals(session, stores, EquipmentDocumentKind.RETURN_SEALS, "A-1 .. A-3", stock_place_id=stores.warehouse.stock_place_id)
    draw_seals(session, stores, EquipmentDocumentKind.LOSE_SEALS, "A-2")
    draw_seals(session, stores, EquipmentDocumentKind.FIND_SEALS, "A-2", stock_place_id=stores.warehouse.stock_place_id)
    waits = draw_seals(session, stores, EquipmentDocumentKind.WRITE_OFF_SEALS, "A-3")
    before = seal(session, "A-3").state
    for signer in ("second", "third"):
        session.execute(text("SELECT set_config('app.actor', :actor, true)"), {"actor": signer})
        equipment.sign(session, waits.id, today=TODAY, now=NOW)

    assert (before, waits.status) == (SealState.IN_STORE, DocumentStatus.DONE)
    assert [seal(session, f"A-{each}").state for each in (1, 2, 3, 4)] == ["IN_STORE", "IN_STORE", "SPOILED", "ISSUED"]
    assert proof(session) == []


@pytest.mark.parametrize(
    ("kind", "lines", "to", "expected"),
    [
        (EquipmentDocumentKind.ISSUE_SEALS, ["Q-9"], "brigade", "SEAL_REFUSED UNKNOWN Q-9"),
        (EquipmentDocumentKind.ISSUE_SEALS, ["A-1", "a1"], "brigade", "SEAL_REFUSED WRITTEN_TWICE "),
        (EquipmentDocumentKind.ISSUE_SEALS, ["A-1"], "warehouse", "NO_PLACE "),
        (EquipmentDocumentKind.RECEIVE_SEALS, ["Q-1"], None, "NO_PLACE "),
        (EquipmentDocumentKind.RETURN_SEALS, ["A-1"], "warehouse", "SEAL_REFUSED NOT_POSSIBLE A-1: IN_STORE"),
        (EquipmentDocumentKind.LOSE_SEALS, [], None, "SEAL_REFUSED NO_SEAL "),
    ],
)
def test_document_of_seals_that_cannot_be_performed_leaves_nothing(
    session: Session, stores: Stores, kind: EquipmentDocumentKind, lines: list[str], to: str | None, expected: str
) -> None:
    receive_seals(session, stores, "A-1")
    before = session.scalar(text("SELECT count(*) FROM equipment_document"))
    place = {"brigade": stores.brigade.stock_place_id, "warehouse": stores.warehouse.stock_place_id, None: None}[to]

    with pytest.raises(MovementRefused) as found, session.begin_nested():
        draw_seals(session, stores, kind, *lines, stock_place_id=place)

    assert f"{found.value.refusal} {found.value.detail}" == expected
    assert session.scalar(text("SELECT count(*) FROM equipment_document")) == before


def test_seal_is_applied_once_and_by_whoever_keeps_it(session: Session, stores: Stores) -> None:
    meter, other = meter_of(session, stores), meter_of(session, stores, 2)
    receive_seals(session, stores, "A-1", "A-2", at_brigade=True)
    receive_seals(session, stores, "A-3")
    doing, keeper = work(session, stores), stores.brigade.stock_place_id

    def apply(number: str, to: int = meter, keeper_id: int | None = keeper) -> Any:
        return seals.apply(session, doing, [number], on(to), keeper_id=keeper_id)

    apply("a 1")
    assert (seal(session, "A-1").state, seal(session, "A-1").device_id) == (SealState.APPLIED, meter)
    assert refused(lambda: apply("A-1", other), session)[0] == SealRefusal.USED
    assert refused(lambda: apply("A-3"), session) == (SealRefusal.OTHER_KEEPER, "A-3: Store")
    assert refused(lambda: apply("Q-1"), session) == (SealRefusal.UNKNOWN, "Q-1")
    assert refused(lambda: apply("A-2", keeper_id=None), session)[0] == SealRefusal.NO_KEEPER
    apply("A-1")  # it is there already: nothing happens
    assert len(queries.history(session, seal(session, "A-1").id)) == 3


def test_setting_lets_unknown_numbers_be_entered_and_those_of_verification_come_by_themselves(session: Session, stores: Stores) -> None:
    meter, doing = meter_of(session, stores), work(session, stores)
    seals.apply(session, doing, ["V-1"], on(meter, SealedPart.CASING), keeper_id=None, of_verification=True)
    setting = "INSERT INTO operating_parameter (code, valid_from, value, source) VALUES (:name, '2026-01-01', '0', 'order')"
    session.execute(text(setting), {"name": "equipment.seals_from_register"})

    seals.apply(session, doing, ["U-1"], on(meter), keeper_id=None)

    assert {each.number: str(each.sealed_part) for each in queries.seals_on(session, device_id=meter)} == {
        "V-1": "CASING",
        "U-1": "TERMINAL_COVER",
    }
    assert seal(session, "V-1").seal_kind.code == "STATE_VERIFICATION"


def test_counter_document_undoes_a_receipt_unless_a_seal_went_on(session: Session, stores: Stores) -> None:
    document = draw_seals(
        session, stores, EquipmentDocumentKind.RECEIVE_SEALS, "A-1 .. A-3", stock_place_id=stores.warehouse.stock_place_id
    )
    issue = draw_seals(session, stores, EquipmentDocumentKind.ISSUE_SEALS, "A-2", stock_place_id=stores.brigade.stock_place_id)
    with pytest.raises(MovementRefused, match="NOT_LAST A-2"), session.begin_nested():
        equipment.submit(session, equipment.reversal_of(document, reason="wrong", reference="u1"), today=TODAY)

    equipment.submit(session, equipment.reversal_of(issue, reason="wrong", reference="u2"), today=TODAY)
    equipment.submit(session, equipment.reversal_of(document, reason="wrong", reference="u3"), today=TODAY)

    assert [seal(session, f"A-{each}").state for each in (1, 2, 3)] == [None, None, None]
    assert proof(session) == []
    receive_seals(session, stores, "A-1")
    assert seal(session, "A-1").state == SealState.IN_STORE


def test_deleted_movement_of_a_seal_turns_the_proof_red(session: Session, stores: Stores) -> None:
    receive_seals(session, stores, "A-1", at_brigade=True)
    assert proof(session) == []

    session.execute(text("SET LOCAL ROLE pcb_owner"))
    session.execute(text("ALTER TABLE seal_movement DISABLE TRIGGER seal_movement_is_fact"))
    session.execute(text("DELETE FROM seal_movement WHERE event = 'ISSUE'"))

    assert proof(session) == ["state and place of a seal = its movements"]


def test_broken_seal_opens_an_inspection_once_and_a_reason_ends_it(session: Session, stores: Stores) -> None:
    meter, doing = meter_of(session, stores), work(session, stores)
    receive_seals(session, stores, "A-1", at_brigade=True)
    seals.apply(session, doing, ["A-1"], on(meter), keeper_id=stores.brigade.stock_place_id)

    for _ in range(2):
        seals.find_broken(session, doing, ["A-1", "OLD-7"], on(meter))

    opened = session.scalars(select(Inspection).order_by(Inspection.seal_id)).all()
    assert [(each.seal and each.seal.number, each.device_id, each.status) for each in opened] == [
        ("A-1", meter, "OPEN"),
        ("OLD-7", meter, "OPEN"),
    ]
    assert all(each.account_id for each in opened)
    other = meter_of(session, stores, 2)
    assert refused(lambda: seals.find_broken(session, doing, ["A-1"], on(other)), session)[0] == SealRefusal.NOT_ON_IT
    assert refused(lambda: seals.inspections.end(session, opened[0].id, on=TODAY), session)[0] == SealRefusal.ENDED
    ended = seals.inspections.end(session, opened[0].id, on=TODAY, conclusion="struck by a truck")
    assert (ended.status, ended.ended_on) == (InspectionStatus.ENDED, TODAY)


def test_event_of_a_device_opens_one_inspection_and_leaves_the_seal(session: Session, stores: Stores) -> None:
    meter, doing = meter_of(session, stores), work(session, stores)
    receive_seals(session, stores, "A-1", at_brigade=True)
    seals.apply(session, doing, ["A-1"], on(meter), keeper_id=stores.brigade.stock_place_id)
    moment = datetime(2026, 3, 20, 6, tzinfo=UTC)

    first = seals.inspections.open_for_event(session, meter, event_id=None, at=moment)  # type: ignore[arg-type]
    again = seals.inspections.open_for_event(session, meter, event_id=None, at=moment)  # type: ignore[arg-type]

    assert first
    assert (first.seal and first.seal.number, first.device_id, again) == ("A-1", meter, None)
    assert seal(session, "A-1").state == SealState.APPLIED


@pytest.fixture
def fitter(session: Session) -> Fitter:
    return Fitter(session, make_home(session, make_district(session)))


def test_exchange_seals_the_new_meter_takes_the_old_seals_off_and_its_counter_act_undoes_both(fitter: Fitter) -> None:
    session, day = fitter.session, DAY.replace(month=1, day=16)
    provided(fitter, "A-1", "A-2")
    first = fitter.exchange(day, 1100, "NEW", 0, seals="A-1", seals_removed="OLD-1")
    details = dict(map(tuple, first.result["details"]))
    new = queries.seals_numbered(session, ["A-1"])["A-1"].device_id

    second = fitter.exchange(day.replace(day=20), 50, "NEWER", 0, seals="A-2", seals_broken="A-1")
    told = dict(map(tuple, second.result["details"]))
    opened = session.scalars(select(Inspection)).one()

    assert (details["seals"], details["seals_removed"]) == ("A-1", ["OLD-1"])
    assert (told["seals_removed"], told["seals_broken"], opened.device_id, opened.act_id) == (["A-1"], ["A-1"], new, second.id)
    assert queries.seals_numbered(session, ["A-1"])["A-1"].state == SealState.REMOVED
    fitter.undo(second)
    assert (queries.seals_numbered(session, ["A-1"])["A-1"].device_id, opened.status) == (new, InspectionStatus.WITHDRAWN)
    assert queries.seals_numbered(session, ["A-2"])["A-2"].state == SealState.IN_STORE
    assert proof(session) == []


@pytest.mark.parametrize(
    ("numbers", "more", "detail", "column"),
    [
        ("Q-1", {}, "UNKNOWN Q-1", "seals"),
        ("A-9", {}, "OTHER_KEEPER A-9: Other", "seals"),
        ("A-1", {"seals_broken": "A-2"}, "NOT_ON_IT A-2: Brigade 1", "seals_broken"),
        ("A-1", {"seals_removed": "A-2"}, "NOT_ON_IT A-2: Brigade 1", "seals_removed"),
    ],
)
def test_act_with_a_seal_that_is_not_the_brigades_is_refused_beside_its_field(
    fitter: Fitter, numbers: str, more: dict[str, str], detail: str, column: str
) -> None:
    session, day = fitter.session, DAY.replace(month=1, day=16)
    provided(fitter, "A-1", "A-2")
    session.execute(
        text("INSERT INTO stock_place (division_id, kind, name, keeper) VALUES (:id, 'WAREHOUSE', 'Other', 'x')"),
        {"id": fitter.home.division_id},
    )
    other = int(session.scalar(text("SELECT id FROM stock_place WHERE name = 'Other'")) or 0)
    made = Seal(division_id=fitter.home.division_id, seal_kind_id=1, number="A-9", number_key="A9")
    session.add(made)
    session.flush()
    place = SealPlace(stock_place_id=other)
    seals.move(session, [made.id], SealEvent.RECEIVE, on=DAY.replace(month=1), today=fitter.today, cause=SealCause(), to=place)

    with pytest.raises(ActRefused) as caught:
        fitter.exchange(day, 1100, "NEW", 0, seals=numbers, **more)

    assert (caught.value.refusal, caught.value.detail, caught.value.column) == (ActRefusal.SEAL_REFUSED, detail, column)
    assert session.scalar(select(SealMovement.id).where(SealMovement.event == SealEvent.APPLY)) is None


def test_removal_seals_the_place_that_has_no_meter(fitter: Fitter) -> None:
    provided(fitter, "A-1")

    act = fitter.perform(ActKind.REMOVE_METER, DAY.replace(month=1, day=16), **fitter.closing(1100), seals="A-1")

    there = queries.seals_on(fitter.session, service_point_id=fitter.home.service_point_id)
    assert [(each.number, str(each.sealed_part)) for each in there] == [("A-1", "SWITCH")]
    fitter.undo(act)
    assert queries.seals_on(fitter.session, service_point_id=fitter.home.service_point_id) == []
