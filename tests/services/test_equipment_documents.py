"""Documents of equipment: what each does, who signs, what is refused, and what undoes it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.equipment import DeviceEvent, DeviceState, DocumentStatus, MovementRefusal, MovementRefused
from app.models.equipment import Device, DeviceModel, EquipmentDocument
from app.queries import equipment as queries
from app.services import administration, equipment
from app.services.equipment import DocumentRequest
from tests.builders import make_district, make_home
from tests.services.equipment_scenario import CERTIFICATE, NOW, RECEIVED, TODAY, Stores, make_stores, receive, receive_seals

Draw = Callable[..., EquipmentDocument]


@pytest.fixture
def stores(session: Session) -> Stores:
    made = make_stores(session, make_district(session))
    make_home(session, made.division)
    return made


@pytest.fixture
def draw(session: Session, stores: Stores) -> Draw:
    def drawn(kind: DeviceEvent, *lines: str, to: int | None = None, key: str = "", **parameters: Any) -> EquipmentDocument:
        given = {"devices": [line.split(";") for line in lines], **parameters}
        wanted = DocumentRequest(kind, stores.division.id, RECEIVED, "17", "plan", given, key or f"{kind} {lines} {to}", stock_place_id=to)
        return equipment.submit(session, wanted, today=TODAY)

    return drawn


def device(session: Session, serial: str) -> Device:
    return session.scalars(select(Device).where(Device.serial_number == serial)).one()


def model(session: Session) -> int:
    return session.scalars(select(DeviceModel.id).where(DeviceModel.device_kind_id == 1)).first() or 0


def model_name(session: Session) -> str:
    return str(session.get_one(DeviceModel, model(session)))


def received(session: Session, draw: Draw, stores: Stores, *lines: str, **more: Any) -> EquipmentDocument:
    return draw(DeviceEvent.RECEIVE, *lines, to=stores.warehouse.stock_place_id, model_id=model(session), made_in_year=2025, **more)


def sign_as(session: Session, actor: str, document: EquipmentDocument) -> EquipmentDocument:
    session.execute(text("SELECT set_config('app.actor', :actor, true)"), {"actor": actor})
    return equipment.sign(session, document.id, today=TODAY, now=NOW)


def refused(call: Callable[[], Any], session: Session) -> MovementRefused:
    with pytest.raises(MovementRefused) as found, session.begin_nested():
        call()
    return found.value


def test_receipt_adds_devices_with_their_registers_once(session: Session, draw: Draw, stores: Stores) -> None:
    first = received(session, draw, stores, "R-1", "R-2", registers=["DAY", "NIGHT"], digits=6)
    again = received(session, draw, stores, "R-1", "R-2", registers=["DAY", "NIGHT"], digits=6)

    assert first.id == again.id
    assert (first.status, [row["serial_number"] for row in first.result["devices"]]) == (DocumentStatus.DONE, ["R-1", "R-2"])
    codes = text("SELECT code FROM register WHERE meter_id = :id ORDER BY code")
    assert session.scalars(codes, {"id": device(session, "R-1").id}).all() == ["DAY", "NIGHT"]


def test_number_that_is_there_is_refused_by_name_until_a_second_person_signs(session: Session, draw: Draw, stores: Stores) -> None:
    received(session, draw, stores, "R-1")

    taken = refused(lambda: received(session, draw, stores, "r 1", key="again"), session)
    waits = received(session, draw, stores, "r 1", key="on purpose", is_double=True)
    own = refused(lambda: equipment.sign(session, waits.id, today=TODAY, now=NOW), session)
    before = len(queries.devices_by_serial(session, "R1"))
    done = sign_as(session, "second", waits)

    assert (taken.refusal, "R-1" in taken.detail) == (MovementRefusal.SERIAL_TAKEN, True)
    assert (own.refusal, before) == (MovementRefusal.SIGNED_ALREADY, 1)
    assert (done.status, len(queries.devices_by_serial(session, "R1"))) == (DocumentStatus.DONE, 2)


def test_number_of_another_model_and_of_another_division_is_named(session: Session, draw: Draw, stores: Stores) -> None:
    far = make_stores(session, make_district(session, "1726998"))
    receive(session, far, "F-1")
    received(session, draw, stores, "R-1")
    other = DeviceModel(name="Another", resource_id=session.get_one(DeviceModel, model(session)).resource_id)
    session.add(other)
    session.flush()
    session.execute(text("SELECT set_config('app.divisions', :ids, true)"), {"ids": f"{{{stores.division.id}}}"})
    session.execute(text("SET LOCAL ROLE pcb_web"))

    taken = {
        serial: refused(
            lambda each=serial: draw(
                DeviceEvent.RECEIVE, each, to=stores.warehouse.stock_place_id, key=f"other {each}", model_id=other.id
            ),
            session,
        ).detail
        for serial in ("f1", "R 1")
    }  # fmt: skip
    waits = draw(DeviceEvent.RECEIVE, "f1", to=stores.warehouse.stock_place_id, key="twice", model_id=other.id, is_double=True)

    assert taken == {"f1": f"{model_name(session)} F-1 ({far.division.name})", "R 1": f"{model_name(session)} R-1 ({stores.division.name})"}
    assert (waits.status, waits.signatures_needed) == (DocumentStatus.REQUESTED, 2)
    assert sign_as(session, "second", waits).status == DocumentStatus.DONE


def test_device_goes_from_receipt_to_write_off_by_three_signatures(session: Session, draw: Draw, stores: Stores) -> None:
    warehouse, brigade = stores.warehouse.stock_place_id, stores.brigade.stock_place_id
    received(session, draw, stores, "R-1")
    draw(DeviceEvent.VERIFY, "R-1", **CERTIFICATE)
    receive_seals(session, stores, "P-7", "P-8")
    draw(DeviceEvent.SEAL, "R-1;P-7;P-8")
    draw(DeviceEvent.ISSUE, "R-1", to=brigade)
    draw(DeviceEvent.RETURN, "R-1", to=warehouse)
    draw(DeviceEvent.LOSE, "R-1")
    draw(DeviceEvent.FIND, "R-1", to=warehouse)
    draw(DeviceEvent.REPAIR, "R-1")
    draw(DeviceEvent.SEND_TO_METROLOGY, "R-1")
    draw(DeviceEvent.REJECT, "R-1", to=warehouse)
    document = draw(DeviceEvent.WRITE_OFF, "R-1")
    second = sign_as(session, "second", document).status
    by_two = refused(lambda: sign_as(session, "second", document), session)
    state_before = device(session, "R-1").state
    third = sign_as(session, "third", document).status

    assert (second, by_two.refusal, state_before) == (DocumentStatus.REQUESTED, MovementRefusal.SIGNED_ALREADY, DeviceState.REJECTED)
    assert (third, device(session, "R-1").state) == (DocumentStatus.DONE, DeviceState.WRITTEN_OFF)


def test_user_who_may_be_one_person_with_a_signer_does_not_sign(session: Session, draw: Draw, stores: Stores) -> None:
    user = text(
        "INSERT INTO ab_user (id, first_name, last_name, username, email, active) "
        "VALUES (nextval('ab_user_id_seq'), 'T', 'T', CAST(:name AS varchar), CAST(:name AS varchar) || '@x', true) RETURNING id"
    )
    ids = {name: int(session.scalar(user, {"name": name}) or 0) for name in ("second", "third")}
    administration.mark_given(session, ids["third"], by="second", now=NOW)
    administration.mark_chosen(session, ids["third"])
    received(session, draw, stores, "R-1")
    draw(DeviceEvent.LOSE, "R-1")
    draw(DeviceEvent.FIND, "R-1", to=stores.warehouse.stock_place_id)
    draw(DeviceEvent.REPAIR, "R-1")
    document = draw(DeviceEvent.WRITE_OFF, "R-1")
    sign_as(session, "second", document)

    same = refused(lambda: sign_as(session, "third", document), session)

    assert (same.refusal, document.status, len(queries.signers(session, document.id))) == (
        MovementRefusal.SAME_PERSON,
        DocumentStatus.REQUESTED,
        2,
    )


def test_inventory_draws_up_documents_of_what_differs_and_its_counter_document_undoes_them(
    session: Session, draw: Draw, stores: Stores
) -> None:
    receive(session, stores, "A-1")
    receive(session, stores, "A-2")
    lost = receive(session, stores, "A-3")
    equipment.move(session, lost.id, DeviceEvent.LOSE, on=RECEIVED, today=TODAY)
    place = stores.warehouse.stock_place_id or 0

    counted = draw(DeviceEvent.COUNT, "A-1", "A-3", "Z-9", to=place)
    after = {each.serial_number for each in queries.stock(session, place, TODAY)}
    equipment.submit(session, equipment.reversal_of(counted, reason="counted wrong", reference="undo"), today=TODAY)

    assert counted.result["missing"] == [f"{device(session, 'A-2').model} A-2"]
    assert counted.result["unknown"] == ["Z-9"]
    assert len(queries.differences(session, counted.id)) == 2
    assert after == {"A-1", "A-3"}
    assert {each.serial_number for each in queries.stock(session, place, TODAY)} == {"A-1", "A-2"}
    assert counted.status == DocumentStatus.REVERSED


def test_counter_document_undoes_a_receipt_and_the_device_can_be_received_again(session: Session, draw: Draw, stores: Stores) -> None:
    document = received(session, draw, stores, "R-1")
    draw(DeviceEvent.VERIFY, "R-1", **CERTIFICATE)
    later = refused(
        lambda: equipment.submit(session, equipment.reversal_of(document, reason="wrong", reference="u1"), today=TODAY), session
    )
    verification = session.scalars(select(EquipmentDocument).where(EquipmentDocument.kind == DeviceEvent.VERIFY)).one()
    equipment.submit(session, equipment.reversal_of(verification, reason="wrong", reference="u2"), today=TODAY)
    equipment.submit(session, equipment.reversal_of(document, reason="wrong", reference="u3"), today=TODAY)
    gone = device(session, "R-1").state

    again = received(session, draw, stores, "R-1", key="again")

    assert (later.refusal, gone) == (MovementRefusal.NOT_LAST, None)
    assert (again.status, device(session, "R-1").state) == (DocumentStatus.DONE, DeviceState.IN_STORE_NEW)


@pytest.mark.parametrize(
    ("kind", "lines", "more", "expected"),
    [
        (DeviceEvent.ISSUE, (), {}, MovementRefusal.NO_DEVICE),
        (DeviceEvent.SEAL, ("X-404",), {}, MovementRefusal.UNKNOWN_DEVICE),
        (DeviceEvent.REPAIR, ("R-1", "r1"), {}, MovementRefusal.WRITTEN_TWICE),
        (DeviceEvent.RECEIVE, ("R-5",), {}, MovementRefusal.NO_MODEL),
        (DeviceEvent.INSTALL, ("R-1",), {"account_number": "1"}, MovementRefusal.BY_AN_ACT),
        (DeviceEvent.COUNT, ("R-1",), {}, MovementRefusal.NO_PLACE),
        (DeviceEvent.SEND, ("R-1",), {}, MovementRefusal.NO_PLACE),
        (DeviceEvent.VERIFY, ("R-1",), {"certificate_number": "9"}, MovementRefusal.NO_CERTIFICATE),
    ],
)
def test_document_that_cannot_be_performed_leaves_nothing(
    session: Session, draw: Draw, stores: Stores, kind: DeviceEvent, lines: tuple[str, ...], more: dict[str, Any], expected: MovementRefusal
) -> None:
    received(session, draw, stores, "R-1")
    count = text("SELECT count(*) FROM equipment_document")
    before = session.scalar(count)

    assert refused(lambda: draw(kind, *lines, **more), session).refusal == expected
    assert session.scalar(count) == before


def test_preview_tells_what_would_be_done_and_how_many_sign(session: Session, stores: Stores) -> None:
    made = receive(session, stores, "R-1")
    wanted = DocumentRequest(DeviceEvent.LOSE, stores.division.id, RECEIVED, "1", "missing", {"devices": [["R-1"]]}, "p")

    found = equipment.preview(session, wanted, today=TODAY)

    assert (found["signatures_needed"], found["devices"][0]["after"]) == (1, DeviceState.LOST)
    session.expire_all()
    assert made.state == DeviceState.IN_STORE_NEW
