"""Rounds, what phones send about their points, and what staff make of it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from app.domain.acts import ActKind, ActRefusal
from app.domain.field_work import FieldFault, FieldRefused, RoundReason, read_act
from app.domain.seals import SealRefusal, SealRefused
from app.models.field_work import FieldProposal, FieldRound
from app.queries import seals as queries
from app.services import acts, metering
from app.services import field_work as service
from app.services.field_work import Received, RoundPlan
from tests.services.act_scenario import DAY, TODAY, Office, refused
from tests.services.meter_scenario import Fitter, provided

NOW = datetime(2026, 4, 20, 9, tzinfo=UTC)


class Walk(NamedTuple):
    """A round of an inspector that leads to one account."""

    office: Office
    session: Session
    round: FieldRound
    inspector_id: int
    point_id: int

    def sent(self, number: int = 1, kind: str = "READING", **given: Any) -> dict[str, Any]:
        dials = {str(self.office.home.register_id): "1800"} if kind == "READING" else {}
        return {
            "uuid": str(UUID(int=number)),
            "point": self.point_id,
            "kind": kind,
            "done_at": "2026-04-20T08:00:00Z",
            "dials": dials,
        } | given

    def send(self, sent: dict[str, Any], *, at: datetime = NOW, by: int | None = None, clock: timedelta = timedelta()) -> Received:
        act = read_act(sent)
        return service.receive(
            self.session,
            act,
            inspector_id=by or self.inspector_id,
            sent_at=at + clock,
            received_at=at,
            photo=b"jpeg" if "photo" in sent else None,
        )

    def proposed(self, **given: Any) -> FieldProposal:
        return self.send(self.sent(**given)).proposal

    def readings(self) -> list[tuple[Any, ...]]:
        rows = self.session.execute(text("SELECT read_on, dial_milli / 1000, source FROM reading WHERE read_on > '2026-03-15' ORDER BY id"))
        return [tuple(row) for row in rows]


@pytest.fixture
def walk(office: Office) -> Walk:
    session = office.session
    users = session.scalars(text("SELECT id FROM ab_user ORDER BY id")).all()
    if not users:
        users = [
            session.scalar(
                text(
                    "INSERT INTO ab_user (id, first_name, last_name, username, active, email) "
                    "VALUES (nextval('ab_user_id_seq'), 'Bahodir', 'Ergashev', 'walker', true, 'walker@example.uz') RETURNING id"
                )
            )
        ]
    plan = RoundPlan(office.home.division_id, None, users[0], RoundReason.READING, TODAY, "Navoiy")
    made = service.plan_round(session, plan, today=TODAY)
    point_id = session.scalar(text("SELECT id FROM round_point WHERE field_round_id = :id"), {"id": made.id})
    assert point_id is not None
    return Walk(office, session, made, users[0], point_id)


def faulty(fault: FieldFault, attempt: Any) -> None:
    with pytest.raises(FieldRefused) as caught:
        attempt()
    assert caught.value.fault == fault


def test_reading_is_only_proposed_until_staff_accept_it(walk: Walk) -> None:
    proposal = walk.proposed()
    assert (proposal.status, walk.readings()) == ("WAITING", [])

    service.accept(walk.session, proposal.id, sure=False, by="operator", now=NOW)

    assert walk.readings() == [(TODAY, 1800, "CONTROLLER")]
    assert (proposal.status, proposal.decided_by, proposal.readings_count) == ("ACCEPTED", "operator", 1)
    faulty(FieldFault.DECIDED, lambda: service.accept(walk.session, proposal.id, sure=False, by="operator", now=NOW))
    faulty(FieldFault.DECIDED, lambda: service.refuse(walk.session, proposal.id, reason="late", by="operator", now=NOW))


def test_whoever_proposed_does_not_accept_and_registers_that_are_not_there_are_refused(walk: Walk) -> None:
    proposal, strange = walk.proposed(), walk.proposed(number=2, dials={"999999999": "5"})
    me = proposal.inspector.username

    faulty(FieldFault.OWN_PROPOSAL, lambda: service.accept(walk.session, proposal.id, sure=True, by=me, now=NOW))
    faulty(FieldFault.MALFORMED, lambda: service.accept(walk.session, strange.id, sure=True, by="operator", now=NOW))
    assert walk.readings() == []


def test_proposal_is_refused_with_a_reason(walk: Walk) -> None:
    proposal = walk.proposed()
    faulty(FieldFault.NO_REASON, lambda: service.refuse(walk.session, proposal.id, reason=" ", by="operator", now=NOW))

    service.refuse(walk.session, proposal.id, reason="another meter", by="operator", now=NOW)

    assert (proposal.status, proposal.remark, walk.readings()) == ("REFUSED", "another meter", [])


def test_act_is_kept_once_and_another_under_its_uuid_is_refused(walk: Walk) -> None:
    first = walk.send(walk.sent(photo="aaaa"))

    again = walk.send(walk.sent(photo="aaaa"), at=NOW + timedelta(hours=1))

    assert (first.is_repeat, again.is_repeat, again.proposal.id, again.proposal.received_at) == (False, True, first.proposal.id, NOW)
    assert walk.session.scalar(text("SELECT count(*) FROM stored_file WHERE name LIKE '%.jpg'")) == 1
    for other in (walk.sent(), walk.sent(photo="bbbb"), walk.sent(remark="dog"), walk.sent(done_at="2026-04-20T08:00:01Z")):
        faulty(FieldFault.OTHER_CONTENTS, lambda other=other: walk.send(other))  # type: ignore[misc]


def test_point_of_another_inspector_and_one_that_is_not_there_are_refused(walk: Walk) -> None:
    faulty(FieldFault.FOREIGN_POINT, lambda: walk.send(walk.sent(), by=walk.inspector_id + 1000))
    faulty(FieldFault.FOREIGN_POINT, lambda: walk.send(walk.sent(point=walk.point_id + 1000)))
    faulty(FieldFault.TOO_OLD, lambda: walk.send(walk.sent(done_at="2026-01-20T08:00:00Z")))


def test_point_that_was_read_already_is_told(walk: Walk) -> None:
    assert not walk.proposed().is_read_already
    service.accept(walk.session, walk.proposed().id, sure=False, by="operator", now=NOW)

    late = walk.proposed(number=2)

    assert late.is_read_already
    with pytest.raises(metering.ReadingRefused):
        service.accept(walk.session, late.id, sure=True, by="operator", now=NOW)


@pytest.mark.parametrize("days", [-1, 1])
def test_clock_off_by_a_day_is_told_and_the_reading_bears_the_servers_day(walk: Walk, days: int) -> None:
    clock = timedelta(days=days)
    sent = walk.sent(done_at=(NOW - timedelta(hours=1) + clock).isoformat())

    proposal = walk.send(sent, clock=clock).proposal
    service.accept(walk.session, proposal.id, sure=False, by="operator", now=NOW)

    assert (proposal.is_clock_off, proposal.done_at, proposal.received_at) == (True, NOW - timedelta(hours=1) + clock, NOW)
    assert walk.readings() == [(TODAY, 1800, "CONTROLLER")]


def test_odd_dial_asks_whoever_accepts_unless_the_inspector_read_it_twice(walk: Walk) -> None:
    high = {str(walk.office.home.register_id): "9000"}
    proposal, twice = walk.proposed(dials=high), walk.proposed(number=2, dials=high, sure=True)
    with pytest.raises(metering.Doubtful):
        service.accept(walk.session, proposal.id, sure=False, by="operator", now=NOW)

    service.accept(walk.session, twice.id, sure=False, by="operator", now=NOW)

    assert walk.readings() == [(TODAY, 9000, "CONTROLLER")]


def ordered(walk: Walk) -> Walk:
    """Issue an order about the account and plan the round that leads to it."""
    given = {"off_reason": "DEBT", "term_on": "2026-04-25", "note": "", "order_id": None, "brigade_id": None}
    walk.office.perform(ActKind.ORDER_DISCONNECTION, on=DAY, dial=None, **given)
    plan = RoundPlan(walk.office.home.division_id, None, walk.inspector_id, RoundReason.DISCONNECTION, TODAY, "Orders")
    made = service.plan_round(walk.session, plan, today=TODAY)
    point_id = walk.session.scalar(text("SELECT id FROM round_point WHERE field_round_id = :id"), {"id": made.id})
    return walk._replace(round=made, point_id=int(point_id or 0))


def test_order_done_is_recorded_by_the_act_of_the_office_when_it_is_accepted(walk: Walk) -> None:
    plan = RoundPlan(walk.office.home.division_id, None, walk.inspector_id, RoundReason.DISCONNECTION, TODAY, "Orders")
    faulty(FieldFault.NO_POINTS, lambda: service.plan_round(walk.session, plan, today=TODAY))
    walk = ordered(walk)
    dials = {str(walk.office.home.register_id): "1800"}
    given = {"kind": "ORDER_DONE", "hour": "12:30", "dials": dials}
    unsigned = walk.proposed(number=1, consent="ACCESS_REFUSED", **given)
    refused(ActRefusal.WITNESSES, lambda: service.accept(walk.session, unsigned.id, sure=False, by="operator", now=NOW))
    faulty(
        FieldFault.FUTURE_HOUR,
        lambda: service.accept(walk.session, walk.proposed(number=2, **given | {"hour": "23:00"}).id, sure=False, by="o", now=NOW),
    )

    proposal = walk.proposed(number=3, consent="ACCESS_REFUSED", witness_1="Aliyev", witness_2="Karimova", **given)
    service.accept(walk.session, proposal.id, sure=False, by="operator", now=NOW)

    act = acts.act_of(walk.session, proposal.act_id or 0)
    assert (act.kind, act.effective_on, act.status) == (ActKind.DISCONNECT, TODAY, "DONE")
    state = walk.session.execute(text("SELECT supply_state, begins_at FROM point_state")).one()
    assert tuple(state) == ("OFF", datetime(2026, 4, 20, 7, 30, tzinfo=UTC))
    assert walk.readings() == [(TODAY, 1800, "CONTROLLER")]


def test_order_that_was_not_carried_out_and_a_visit_are_accepted(walk: Walk) -> None:
    walk = ordered(walk)
    visit = walk.proposed(number=1, kind="VISIT", remark="nobody at home")
    service.accept(walk.session, visit.id, sure=False, by="operator", now=NOW)
    assert (visit.status, visit.act_id) == ("ACCEPTED", None)

    proposal = walk.proposed(number=2, kind="ORDER_REFUSED", consent="ACCESS_REFUSED", witness_1="Aliyev", witness_2="Karimova")
    service.accept(walk.session, proposal.id, sure=False, by="operator", now=NOW)

    assert walk.session.scalar(text("SELECT status FROM supply_order")) == "REFUSED"


def test_round_of_a_day_that_is_over_is_refused(walk: Walk) -> None:
    plan = RoundPlan(walk.office.home.division_id, None, walk.inspector_id, RoundReason.INSPECTION, date(2026, 4, 19), "x")

    faulty(FieldFault.DAY_IS_OVER, lambda: service.plan_round(walk.session, plan, today=TODAY))


def test_points_without_a_meter_are_those_of_an_installation(walk: Walk) -> None:
    plan = RoundPlan(walk.office.home.division_id, None, walk.inspector_id, RoundReason.INSTALLATION, TODAY, "No meter")
    faulty(FieldFault.NO_POINTS, lambda: service.plan_round(walk.session, plan, today=TODAY))
    walk.session.execute(text("UPDATE meter_installation SET valid_to = '2026-04-20'"))

    assert service.plan_round(walk.session, plan, today=TODAY).title == "No meter"


@pytest.mark.parametrize(
    "change", ["UPDATE field_proposal SET contents = '{}'", "DELETE FROM field_proposal", "UPDATE round_point SET place = 2"]
)
def test_what_phones_sent_is_not_changed(walk: Walk, change: str) -> None:
    walk.proposed()
    walk.session.execute(text("SET LOCAL ROLE pcb_web"))

    with pytest.raises(ProgrammingError, match="permission denied"), walk.session.begin_nested():
        walk.session.execute(text(change))


def test_seal_of_the_brigade_is_applied_when_a_proposal_is_accepted_and_a_broken_one_opens_an_inspection(walk: Walk) -> None:
    fitter = Fitter(walk.session, walk.office.home)
    provided(fitter, "A-1", "A-2")
    division_id, brigade_id = walk.office.home.division_id, fitter.brigade_id()
    plan = RoundPlan(division_id, None, walk.inspector_id, RoundReason.READING, TODAY, "Seals", None, brigade_id)
    made = service.plan_round(walk.session, plan, today=TODAY)
    point_id = walk.session.scalar(text("SELECT id FROM round_point WHERE field_round_id = :id"), {"id": made.id})
    walk = walk._replace(round=made, point_id=int(point_id or 0))
    good = walk.proposed(number=1, kind="VISIT", seal="A-1", sealed_part="CASING", broken=["OLD-1"])
    same, strange = walk.proposed(number=2, kind="VISIT", seal="A-1"), walk.proposed(number=3, kind="VISIT", seal="Q-1")
    before = [service.seal_fault(walk.session, each) for each in (good, same)]

    service.accept(walk.session, good.id, sure=False, by="operator", now=NOW)

    applied = queries.seals_numbered(walk.session, ["A-1", "OLD-1"])
    assert [(each.state, each.sealed_part) for _number, each in sorted(applied.items())] == [("APPLIED", "CASING"), ("BROKEN", "CASING")]
    opened = walk.session.execute(text("SELECT field_proposal_id, account_id, status FROM inspection")).one()
    assert tuple(opened) == (good.id, walk.office.home.account_id, "OPEN")
    later = service.seal_fault(walk.session, strange)
    assert before == [None, None]
    assert later
    assert later.refusal == SealRefusal.UNKNOWN
    with pytest.raises(SealRefused):
        service.accept(walk.session, strange.id, sure=False, by="operator", now=NOW)
