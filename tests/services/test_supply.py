"""Supplies cut and restored: orders, records, events of devices, hours off, and taking all that back."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from app.documents.reports import REPORTS
from app.domain.acts import ActKind, ActRefusal, ActRefused
from app.domain.calendar import TASHKENT, Period
from app.domain.supply import OffReason, SupplyFault, SupplyOrderKind, SupplyRefused, SupplyState
from app.models.acts import Act
from app.models.supply import PointState
from app.queries import supply as queries
from app.queries.reports import ReportRequest
from app.services import acts, supply
from app.services.supply import OrderRequest, SwitchEvent
from tests.services.act_scenario import DAY, TODAY, Office, refused

NOW = datetime(2026, 4, 20, 12, tzinfo=UTC)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=TASHKENT)


def order(office: Office, kind: ActKind = ActKind.ORDER_DISCONNECTION, on: date = DAY, **given: Any) -> Act:
    wanted = {"off_reason": "DEBT", "term_on": "2026-03-20", "note": "", "order_id": None, "brigade_id": None} | given
    return office.perform(kind, on=on, dial=None, **wanted)


def order_of(act: Act) -> int:
    return int(act.result["undo"]["order_id"])


def record(office: Office, kind: ActKind, number: int, on: date = DAY, hour: str = "10:00", dial: int | None = None, **given: Any) -> Act:
    wanted = {"order_id": number, "hour": hour, "seal_number": "", "consent": "SIGNED", "witness_1": "", "witness_2": ""} | given
    return office.perform(kind, on=on, dial=dial, **wanted)


def cut(office: Office, **given: Any) -> Act:
    return record(office, ActKind.DISCONNECT, order_of(order(office)), **given)


def told(office: Office, state: SupplyState, moment: datetime, reference: str) -> PointState | None:
    return supply.switch_by_device(office.session, SwitchEvent(office.home.service_point_id, state, moment, reference), now=NOW)


def states(office: Office) -> list[tuple[Any, ...]]:
    return [
        (str(each.state), str(each.source), each.begins_at, each.ends_at)
        for each in queries.intervals(office.session, office.home.service_point_id)
    ]


def status(office: Office, number: int) -> str:
    return str(office.session.scalar(text("SELECT status FROM supply_order WHERE id = :id"), {"id": number}))


def test_supply_is_cut_by_the_record_of_an_order_and_restored_by_another(office: Office) -> None:
    number = order_of(order(office))
    assert status(office, number) == "ISSUED"

    made = record(office, ActKind.DISCONNECT, number, dial=1800)
    standing = queries.standing(office.session, office.home.service_point_id)
    assert standing
    assert (standing.supply_state, standing.off_reason, standing.begins_at) == (SupplyState.OFF, OffReason.DEBT, at(16, 10))
    assert (standing.supply_order_id, standing.act_id, status(office, number)) == (number, made.id, "DONE")
    dial = office.session.execute(text("SELECT dial_milli, source FROM reading WHERE read_on = :day"), {"day": DAY}).one()
    assert tuple(dial) == (1_800_000, "CONTROLLER")

    again = order_of(order(office, ActKind.ORDER_RECONNECTION, on=date(2026, 3, 18)))
    record(office, ActKind.RECONNECT, again, on=date(2026, 3, 18), hour="16:30")
    assert states(office) == [("OFF", "RECORD", at(16, 10), at(18, 16, 30)), ("ON", "RECORD", at(18, 16, 30), None)]
    assert queries.hours_off(office.session, [office.home.service_point_id], at(17, 0), at(19, 0)) == {office.home.service_point_id: 40_500}


def test_counter_acts_take_records_readings_and_orders_back(office: Office) -> None:
    issued = order(office)
    number = order_of(issued)
    made = record(office, ActKind.DISCONNECT, number, dial=1800)
    refused(ActRefusal.LATER_ACT, lambda: office.undo(issued))

    office.undo(made)
    assert (states(office), status(office, number)) == ([], "ISSUED")
    assert office.session.scalar(text("SELECT count(*) FROM reading WHERE kind = 'WITHDRAWAL'")) == 1

    office.undo(issued)
    assert status(office, number) == "WITHDRAWN"
    assert status(office, order_of(order(office))) == "ISSUED"


def test_order_that_is_not_carried_out_leaves_the_supply_and_waits_again_when_the_record_is_undone(office: Office) -> None:
    number = order_of(order(office))
    made = office.perform(
        ActKind.REFUSE_SUPPLY_ORDER, dial=None, order_id=number, consent="ACCESS_REFUSED", witness_1="Aliyev A.", witness_2="Karimov B."
    )

    assert (status(office, number), states(office)) == ("REFUSED", [])
    assert ["witness_2", "Karimov B."] in made.result["details"]
    office.undo(made)
    assert status(office, number) == "ISSUED"


@pytest.mark.parametrize("witnesses", [("", ""), ("Aliyev A.", ""), ("Aliyev A.", " aliyev a. ")])
@pytest.mark.parametrize("consent", ["ACCESS_REFUSED", "SIGNATURE_REFUSED"])
def test_without_the_consumers_signature_two_different_witnesses_sign(office: Office, consent: str, witnesses: tuple[str, str]) -> None:
    number = order_of(order(office))

    refused(
        ActRefusal.WITNESSES,
        lambda: record(office, ActKind.DISCONNECT, number, consent=consent, witness_1=witnesses[0], witness_2=witnesses[1]),
    )
    assert (status(office, number), states(office)) == ("ISSUED", [])


def test_what_does_not_fit_is_refused(office: Office) -> None:
    refused(ActRefusal.SUPPLY_IS_ON, lambda: order(office, ActKind.ORDER_RECONNECTION))
    refused(ActRefusal.ORDER_TERM, lambda: order(office, term_on="2026-03-15"))
    refused(ActRefusal.NO_ORDER, lambda: record(office, ActKind.DISCONNECT, 0))
    number = order_of(order(office))
    refused(ActRefusal.ORDER_OPEN, lambda: order(office))
    refused(ActRefusal.BEFORE_ORDER, lambda: record(office, ActKind.DISCONNECT, number, on=date(2026, 3, 15)))
    refused(ActRefusal.FUTURE_DAY, lambda: record(office, ActKind.DISCONNECT, number, on=date(2026, 4, 21)))
    refused(ActRefusal.NO_ORDER, lambda: record(office, ActKind.RECONNECT, number))
    refused(ActRefusal.READING_REFUSED, lambda: record(office, ActKind.DISCONNECT, number, dial=1000))
    record(office, ActKind.DISCONNECT, number)
    refused(ActRefusal.SUPPLY_IS_OFF, lambda: order(office))
    refused(ActRefusal.ORDER_STATUS, lambda: record(office, ActKind.DISCONNECT, number, hour="11:00"))
    back = order_of(order(office, ActKind.ORDER_RECONNECTION))
    refused(ActRefusal.LATER_STATE, lambda: record(office, ActKind.RECONNECT, back, hour="09:59"))


def test_draft_is_issued_by_the_act_that_names_it_or_withdrawn(office: Office) -> None:
    wanted = OrderRequest(office.home.account_id, SupplyOrderKind.DISCONNECTION, OffReason.SAFETY, DAY, DAY, "pole 4")
    draft = supply.draft_order(office.session, wanted)
    refused(ActRefusal.NO_ORDER, lambda: record(office, ActKind.DISCONNECT, draft.id))

    issued = order(office, order_id=draft.id, off_reason="SAFETY", term_on="2026-03-17", note="pole 5")

    assert (order_of(issued), draft.note, draft.term_on, draft.issued_act_id) == (draft.id, "pole 5", date(2026, 3, 17), issued.id)
    with pytest.raises(SupplyRefused):
        supply.withdraw_draft(office.session, draft.id)
    office.undo(issued)
    another = supply.draft_order(office.session, wanted)
    supply.withdraw_draft(office.session, another.id)
    assert (status(office, draft.id), status(office, another.id)) == ("WITHDRAWN", "WITHDRAWN")


def test_event_of_a_device_is_recorded_once_and_another_under_its_reference_is_refused(office: Office) -> None:
    first = told(office, SupplyState.OFF, at(16, 8), "HE-1")

    assert told(office, SupplyState.OFF, at(16, 8), "HE-1") is first
    assert told(office, SupplyState.OFF, at(16, 9), "HE-2") is None
    assert states(office) == [("OFF", "DEVICE", at(16, 8), None)]
    for event, fault in (
        ((SupplyState.ON, at(16, 8), "HE-1"), SupplyFault.OTHER_CONTENTS),
        ((SupplyState.ON, at(16, 8), "HE-3"), SupplyFault.LATER_STATE),
        ((SupplyState.ON, datetime(2026, 4, 21, tzinfo=UTC), "HE-4"), SupplyFault.FUTURE_MOMENT),
    ):
        with pytest.raises(SupplyRefused) as caught:
            told(office, *event)
        assert caught.value.fault == fault


def test_event_that_comes_late_lasts_until_the_next_state(office: Office) -> None:
    cut(office)
    again = order_of(order(office, ActKind.ORDER_RECONNECTION, on=date(2026, 3, 18)))
    record(office, ActKind.RECONNECT, again, on=date(2026, 3, 18))

    told(office, SupplyState.OFF, at(16, 9), "late 1")
    told(office, SupplyState.ON, at(17, 9), "late 2")

    assert states(office) == [
        ("OFF", "DEVICE", at(16, 9), at(16, 10)), ("OFF", "RECORD", at(16, 10), at(17, 9)), ("ON", "DEVICE", at(17, 9), at(18, 10)),
        ("ON", "RECORD", at(18, 10), None),
    ]  # fmt: skip


def test_record_takes_the_place_of_what_the_device_told_of_the_same_switch_and_gives_it_back(office: Office) -> None:
    told(office, SupplyState.OFF, at(16, 10, 1), "HE-1")

    made = cut(office)
    assert states(office) == [("OFF", "RECORD", at(16, 10), None)]

    office.undo(made)
    assert states(office) == [("OFF", "DEVICE", at(16, 10, 1), None)]


def test_record_that_a_device_contradicted_since_is_not_undone(office: Office) -> None:
    made = cut(office)
    told(office, SupplyState.ON, at(17, 9), "HE-1")

    refused(ActRefusal.CHANGED_MEANWHILE, lambda: office.undo(made))


def test_report_counts_a_supply_off_for_another_reason_once(office: Office) -> None:
    told(office, SupplyState.OFF, at(16, 9), "HE-1")
    cut(office)
    again = order_of(order(office, ActKind.ORDER_RECONNECTION, on=date(2026, 3, 18)))
    record(office, ActKind.RECONNECT, again, on=date(2026, 3, 18))

    def rows(first: int, end: int) -> list[tuple[Any, ...]]:
        days = Period(date(2026, 3, first), date(2026, 3, end))
        asked = ReportRequest([office.home.division_id], [office.home.division_id], days)
        return [tuple(row)[1:] for row in REPORTS["supplies_switched"].rows(office.session, asked)]

    assert [row[:5] for row in rows(16, 17)] == [("DEBT", "RECORD", 0, 0, 1), ("DEVICE", "DEVICE", 1, 0, 0)]
    assert [row[:5] for row in rows(17, 20)] == [("DEBT", "RECORD", 0, 1, 0)]
    for first, end in ((16, 17), (17, 20), (16, 20)):
        point = office.home.service_point_id
        assert sum(row[5] for row in rows(first, end)) == queries.hours_off(office.session, [point], at(first, 0), at(end, 0))[point]


@pytest.fixture
def web(office: Office) -> Session:
    cut(office)
    office.session.execute(text("SELECT set_config('app.divisions', :ids, true)"), {"ids": f"{{{office.home.division_id}}}"})
    office.session.execute(text("SET LOCAL ROLE pcb_web"))
    return office.session


@pytest.mark.parametrize(
    "change", ["UPDATE point_state SET begins_at = now()", "UPDATE point_state SET supply_state = 'ON'", "DELETE FROM point_state"]
)
def test_what_was_recorded_is_not_changed_behind_the_services(web: Session, change: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), web.begin_nested():
        web.execute(text(change))


def test_states_of_a_point_cannot_overlap_and_two_orders_cannot_wait(office: Office) -> None:
    cut(office)
    order(office, ActKind.ORDER_RECONNECTION)

    for table, columns, values in (
        ("point_state", "supply_state, begins_at, ends_at, state_source", "'ON', begins_at, begins_at + interval '1 hour', 'DEVICE'"),
        ("supply_order", "kind, off_reason, ordered_on, term_on", "kind, off_reason, ordered_on, term_on"),
    ):
        same, only = "division_id, account_id, service_point_id", "WHERE status = 'ISSUED'" if table == "supply_order" else ""
        with pytest.raises(IntegrityError), office.session.begin_nested():
            office.session.execute(text(f"INSERT INTO {table} ({same}, {columns}) SELECT {same}, {values} FROM {table} {only}"))


def test_preview_of_an_order_leaves_nothing(office: Office) -> None:
    given = {"off_reason": "DEBT", "term_on": "2026-03-20", "note": "", "order_id": None, "brigade_id": None}
    found = acts.preview(office.session, office.request(ActKind.ORDER_DISCONNECTION, dial=None, **given), today=TODAY)

    assert ["order_status", "ISSUED"] in found["details"]
    assert queries.open_order(office.session, office.home.service_point_id) is None
    with pytest.raises(ActRefused):
        record(office, ActKind.DISCONNECT, 1)


def messages(office: Office) -> list[tuple[str, str, str]]:
    rows = office.session.execute(text("SELECT kind, channel, status FROM notice ORDER BY id"))
    return [(row.kind, row.channel, row.status) for row in rows]


def test_counter_act_withdraws_the_message_of_its_act_that_waits(office: Office) -> None:
    made = record(office, ActKind.DISCONNECT, order_of(order(office, on=TODAY, term_on="2026-04-25")), on=TODAY)
    assert messages(office) == [("DISCONNECTION", "SMS", "QUEUED"), ("DISCONNECTION", "PORTAL", "SENT")]

    office.undo(made)

    assert messages(office) == [("DISCONNECTION", "SMS", "WITHDRAWN"), ("DISCONNECTION", "PORTAL", "SENT")]


def test_consumer_is_told_once_of_what_a_device_did_and_a_brigade_records(office: Office) -> None:
    told(office, SupplyState.OFF, datetime(2026, 4, 20, 9, tzinfo=TASHKENT), "event 1")
    told(office, SupplyState.OFF, datetime(2026, 4, 20, 9, 5, tzinfo=TASHKENT), "event 2")
    assert [kind for kind, channel, _ in messages(office) if channel == "SMS"] == ["DISCONNECTION"]

    record(office, ActKind.DISCONNECT, order_of(order(office, on=TODAY, term_on="2026-04-25")), on=TODAY, hour="10:00")
    assert [kind for kind, channel, _ in messages(office) if channel == "SMS"] == ["DISCONNECTION"]

    told(office, SupplyState.ON, datetime(2026, 4, 20, 16, tzinfo=TASHKENT), "event 3")
    assert [kind for kind, channel, _ in messages(office) if channel == "SMS"] == ["DISCONNECTION", "RECONNECTION"]


def test_switch_of_a_device_that_is_heard_of_late_is_not_told(office: Office) -> None:
    told(office, SupplyState.OFF, at(16, 9), "late event")

    assert messages(office) == []
