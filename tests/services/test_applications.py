"""Applications are filed once, moved on by departments, and done by the very acts the screens make."""

import re
from collections.abc import Callable
from datetime import date
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.accounts.attachments import AttachmentRefused
from app.domain.acts import ActKind, ActRefused, ActRequest
from app.domain.applications import (
    ApplicationRefusal,
    ApplicationStatus,
    ApplicationWay,
    FileGiven,
)
from app.domain.billing.corrections import CorrectionKind
from app.domain.supply import OffReason
from app.models.applications import ApplicationKind, ApplicationStage, ApplicationTerm, ConsumerApplication, SpecialDay
from app.models.reference import Benefit
from app.queries import applications as queries
from app.services import acts, applications
from app.services.administration import approvals
from app.services.applications import StepTaken, fees, kinds, works
from app.services.billing import withdrawals
from app.services.billing.corrections import CorrectionRequest
from tests.builders import bill_month
from tests.services.act_scenario import FEB, MARCH, NOW, TODAY
from tests.services.application_scenario import _E, _R, _S, BASIS, PDF, Desk

_numbers = count(1)


def kind_of(session: Session, code: str) -> ApplicationKind:
    return session.execute(select(ApplicationKind).where(ApplicationKind.code == code)).scalar_one()


# Filing


def test_application_is_filed_with_its_term_and_department(desk: Desk) -> None:
    found = desk.file("METER_EXCHANGE", cause="OLD")

    assert (found.status, found.filed_on, found.term_on) == (_S.RECEIVED, TODAY, date(2026, 4, 27))
    assert [each.event for each in queries.steps(desk.session, found.id)] == [_E.FILE]


def test_repeat_with_the_same_key_returns_the_first(desk: Desk) -> None:
    request = desk.request("METER_EXCHANGE", cause="OLD")

    first, second = (applications.file(desk.session, request, today=TODAY, now=NOW).id for _ in range(2))

    assert first == second
    other = request._replace(applicant_name="Somebody else")
    assert desk.refused(lambda: applications.file(desk.session, other, today=TODAY, now=NOW)) == _R.OTHER_CONTENTS


def test_second_application_for_the_same_thing_is_refused_while_one_is_open(desk: Desk) -> None:
    first = desk.file("METER_EXCHANGE", cause="OLD")

    assert desk.refused(lambda: desk.file("METER_EXCHANGE", cause="BROKEN")) == _R.OPEN_ALREADY
    desk.step(first, _E.REFUSE, "no grounds")
    assert desk.file("METER_EXCHANGE", cause="BROKEN").status == _S.RECEIVED


def test_second_new_connection_of_a_telephone_is_refused_for_the_same_place_only(desk: Desk) -> None:
    place = {"address": "Navoiy 1", "capacity": "5", "purpose": "HOME", "files": 1, "account_id": None}
    desk.file("NEW_CONNECTION", **place)

    assert desk.refused(lambda: desk.file("NEW_CONNECTION", **place)) == _R.OPEN_ALREADY
    assert desk.file("NEW_CONNECTION", **(place | {"address": "Navoiy 2"})).account_id is None


@pytest.mark.parametrize(
    ("kind", "given", "refusal"),
    [
        ("METER_EXCHANGE", {"cause": "OLD", "is_owner": False}, _R.NOT_YOURS),
        ("METER_EXCHANGE", {"cause": "NONE"}, _R.WRONG_FIELDS),
        ("METER_EXCHANGE", {}, _R.WRONG_FIELDS),
        ("METER_EXCHANGE", {"cause": "OLD", "unknown": "1"}, _R.WRONG_FIELDS),
        ("METER_EXCHANGE", {"cause": "OLD", "account_id": None}, _R.NO_ACCOUNT),
        ("METER_EXCHANGE", {"cause": "OLD", "account_id": 10**15}, _R.NO_ACCOUNT),
        ("METER_EXCHANGE", {"cause": "OLD", "files": 30}, _R.TOO_MANY_DOCUMENTS),
        ("OWNER_CHANGE", {"name": "Olimov"}, _R.TOO_FEW_DOCUMENTS),
        ("OWNER_CHANGE", {"name": "Olimov", "phone": "12", "files": 1}, _R.WRONG_FIELDS),
        ("MOVE_IN", {}, _R.ACCOUNT_OPEN),
        ("RECALCULATION", {"since": "2026-13-01", "reason": "x"}, _R.WRONG_FIELDS),
        ("DATA_CORRECTION", {}, _R.WRONG_FIELDS),
        ("BENEFIT", {"benefit": "NOBODY", "files": 1}, _R.WRONG_FIELDS),
        ("INSTALMENT", {"months": 6, "reason": "x"}, _R.INACTIVE_KIND),
        ("NOTHING", {}, _R.UNKNOWN_KIND),
        ("COMPLAINT", {"about": "light", "account_id": None, "caller": None}, _R.NO_APPLICANT),
    ],
)
def test_what_cannot_be_filed_is_refused(desk: Desk, kind: str, given: dict[str, Any], refusal: ApplicationRefusal) -> None:
    assert desk.refused(lambda: desk.file(kind, **given)) == refusal
    assert desk.session.scalar(text("SELECT count(*) FROM application")) == 0


def test_closed_account_files_nothing_but_a_return(desk: Desk) -> None:
    desk.office.perform()

    assert desk.refused(lambda: desk.file("METER_EXCHANGE", cause="OLD")) == _R.ACCOUNT_CLOSED
    assert desk.file("MOVE_IN").status == _S.RECEIVED


def test_kind_of_the_office_is_not_filed_elsewhere(desk: Desk) -> None:
    kind_of(desk.session, "COMPLAINT").filing_right = "STAFF"
    desk.session.flush()

    assert desk.refused(lambda: desk.file("COMPLAINT", about="light")) == _R.STAFF_ONLY
    assert desk.file("COMPLAINT", about="light", way=ApplicationWay.OFFICE).way == ApplicationWay.OFFICE


def test_file_that_is_no_paper_is_refused(desk: Desk) -> None:
    program = desk.request("COMPLAINT", about="light")._replace(files=[FileGiven("a.pdf", b"%PDF-1.4 /JavaScript ")])

    with pytest.raises(AttachmentRefused):
        applications.file(desk.session, program, today=TODAY, now=NOW)


def test_file_above_the_size_of_its_kind_is_refused(desk: Desk) -> None:
    large = desk.request("COMPLAINT", about="light")._replace(files=[FileGiven("a.pdf", PDF + b" " * 5121 * 1024)])

    assert desk.refused(lambda: applications.file(desk.session, large, today=TODAY, now=NOW)) == _R.DOCUMENT_TOO_LARGE


# Terms


@pytest.mark.parametrize(
    ("filed", "days", "term"),
    [
        (date(2026, 12, 28), 3, date(2027, 1, 4)),  # 31 December is moved, 1 January is a holiday, then a weekend
        (date(2026, 12, 11), 1, date(2026, 12, 12)),  # a Saturday that is worked for 31 December
        (date(2026, 12, 7), 1, date(2026, 12, 9)),  # 8 December is a holiday
    ],
)
def test_term_counts_working_days(session: Session, filed: date, days: int, term: date) -> None:
    assert kinds.term_of(session, filed, days) == term


def test_special_day_of_the_office_goes_before_the_calendar(session: Session) -> None:
    session.add_all(
        [
            SpecialDay(day=date(2027, 1, 4), is_working=False, source="decree"),
            SpecialDay(day=date(2027, 1, 3), is_working=True, source="decree"),
        ]
    )
    session.flush()

    assert kinds.term_of(session, date(2026, 12, 30), 1) == date(2027, 1, 3)
    assert kinds.term_of(session, date(2026, 12, 30), 2) == date(2027, 1, 5)


def test_term_stands_still_while_the_consumer_is_asked(desk: Desk) -> None:
    found = desk.file("METER_EXCHANGE", cause="OLD")
    before = found.term_on
    desk.step(found, _E.TAKE)

    desk.step(found, _E.RETURN, "Which meter?")
    desk.step(found, _E.ANSWER, "The old one", on=date(2026, 4, 23))

    assert (before, found.term_on) == (date(2026, 4, 27), date(2026, 4, 30))


# Steps


def test_steps_that_do_not_fit_are_refused(desk: Desk) -> None:
    found = desk.file("METER_EXCHANGE", cause="OLD")

    for event in (_E.RETURN, _E.ACCEPT, _E.FINISH, _E.ANSWER, _E.REOPEN):
        assert desk.refused(lambda event=event: desk.step(found, event, "words")) == _R.NOT_POSSIBLE  # type: ignore[misc]
    assert desk.refused(lambda: desk.step(found, _E.REFUSE)) == _R.NO_REASON
    assert desk.refused(lambda: desk.step(found, _E.PASS_ON)) == _R.NO_NEXT_STAGE


def test_application_in_work_is_a_task_that_ends_with_it(desk: Desk) -> None:
    found = desk.file("METER_EXCHANGE", cause="OLD")

    desk.step(found, _E.TAKE)

    task = "SELECT assignee_id, status, term_on, page FROM task WHERE id = :id"
    row = desk.session.execute(text(task), {"id": found.task_id}).one()
    assert tuple(row) == (desk.user_id, "GIVEN", found.term_on, f"/applications/show/{found.id}")
    desk.step(found, _E.REFUSE, "no grounds")
    assert desk.session.execute(text(task), {"id": found.task_id}).one().status == "DONE"


def test_new_connection_goes_through_three_stages_each_with_its_paper(desk: Desk) -> None:
    found = desk.file("NEW_CONNECTION", address="Navoiy 1", capacity="5", purpose="HOME", files=1, account_id=None)
    desk.step(found, _E.TAKE)

    assert desk.refused(lambda: desk.step(found, _E.ACCEPT)) == _R.STAGE_LEFT
    desk.step(found, _E.PASS_ON)
    desk.step(found, _E.TAKE)
    assert desk.refused(lambda: desk.step(found, _E.PASS_ON)) == _R.NO_PAPER
    desk.step(found, _E.PASS_ON, files=1)
    desk.step(found, _E.TAKE)
    desk.step(found, _E.RETURN, "Read the offer.", files=1)
    desk.step(found, _E.ANSWER, "I agree.")
    desk.step(found, _E.ACCEPT)

    assert (found.status, found.stage) == (_S.ACCEPTED, 3)
    assert [each.event for each in queries.files(desk.session, found.id)] == [_E.FILE, _E.PASS_ON, _E.RETURN]


def test_late_application_is_told_of_once_a_term(desk: Desk) -> None:
    found = desk.file("METER_EXCHANGE", cause="OLD")

    assert not applications.escalate(desk.session, today=found.term_on, now=NOW)
    late = [applications.escalate(desk.session, today=date(2026, 4, 28), now=NOW) for _ in range(2)]

    assert [[each.application_id for each in some] for some in late] == [[found.id], []]


def test_consumer_is_told_of_steps(desk: Desk) -> None:
    desk.session.execute(
        text("UPDATE consumer SET phone = '+998901112233' WHERE id = (SELECT consumer_id FROM account WHERE id = :id)"),
        {"id": desk.office.home.account_id},
    )
    found = desk.file("METER_EXCHANGE", cause="OLD")
    desk.step(found, _E.TAKE)
    desk.step(found, _E.REFUSE, "no grounds")

    told = desk.session.scalars(text("SELECT DISTINCT text FROM notice WHERE kind = 'APPLICATION_STEP' ORDER BY text")).all()
    assert told == [f"Ariza {found.id}: qabul qilindi.", f"Ariza {found.id}: rad etildi, sababi shaxsiy kabinetda."]


# Works


def _rows(session: Session, account_id: int) -> dict[str, list[Any]]:
    """Return what acts leave about an account, without ids and moments."""
    statements = {
        "act": "SELECT kind, effective_on, reason, parameters, status, account_id, consumer_id, result -> 'details', result -> 'bills' "
        "FROM act ORDER BY id",
        "consumer": "SELECT c.* FROM consumer c JOIN account a ON a.consumer_id = c.id WHERE a.id = :id",
        "order": "SELECT kind, status, off_reason, ordered_on, term_on, note, brigade_id, service_point_id FROM supply_order ORDER BY id",
        "benefit": "SELECT benefit_id, valid_from, valid_to FROM account_benefit WHERE account_id = :id ORDER BY id",
        "bill": "SELECT billing_month, amount_tiyin, quantity_milli, cancels_id IS NULL FROM bill WHERE account_id = :id ORDER BY id",
        "correction": "SELECT kind, since_month, reason, account_id FROM bill_correction ORDER BY id",
        "entry": "SELECT debit, credit, amount_tiyin, posted_on FROM ledger_entry WHERE account_id = :id ORDER BY id",
    }
    return {
        name: [tuple(row) for row in session.execute(text(statement), {"id": account_id} if ":id" in statement else {})]
        for name, statement in statements.items()
    }


def _without_new_ids(rows: list[Any]) -> str:
    """Return rows as a text in which numbers of documents that each run gives anew do not differ."""
    return re.sub(r"'(id|number|bill_id|cancels_id|order_number)'(:|,) [0-9]+", r"'\1'\2 0", str(rows))


def _act(desk: Desk, kind: ActKind, given: dict[str, Any], **subject: int) -> None:
    home = desk.office.home
    request = ActRequest(
        kind, home.division_id, TODAY, BASIS, given, f"screen {next(_numbers)}", **(subject or {"account_id": home.account_id})
    )
    acts.submit(desk.session, request, today=TODAY)


def _grant(desk: Desk) -> None:
    benefit = desk.session.execute(select(Benefit).order_by(Benefit.id)).scalars().first()
    assert benefit is not None
    _act(desk, ActKind.CHANGE_BENEFIT, {"benefit_id": benefit.id, "is_granted": True})


def _disconnect(desk: Desk) -> None:
    given = {"order_id": None, "term_on": TODAY.isoformat(), "brigade_id": None, "note": "repair", "off_reason": OffReason.REQUEST.value}
    _act(desk, ActKind.ORDER_DISCONNECTION, given)


def _reconnect(desk: Desk) -> None:
    _act(desk, ActKind.ORDER_RECONNECTION, {"order_id": None, "term_on": TODAY.isoformat(), "brigade_id": None, "note": ""})


def _correct(desk: Desk) -> None:
    row = desk.session.execute(
        text("SELECT c.id, c.name, c.pinfl, c.phone, c.language FROM consumer c JOIN account a ON a.consumer_id = c.id WHERE a.id = :id"),
        {"id": desk.office.home.account_id},
    ).one()
    given = {"name": "Karimova Nargiza", "pinfl": row.pinfl, "phone": "+998935557788", "language": row.language}
    _act(desk, ActKind.CORRECT_IDENTITY, given, consumer_id=row.id)


def _bill_again(desk: Desk) -> None:
    home = desk.office.home
    wanted = CorrectionRequest(home.division_id, FEB, CorrectionKind.REBILL, BASIS, "screen", account_id=home.account_id)
    withdrawals.submit(desk.session, wanted, today=TODAY)


def _benefit_code(session: Session) -> str:
    return str(session.scalar(select(Benefit.code).order_by(Benefit.id).limit(1)))


def _cut(desk: Desk) -> None:
    """Let the supply be off, as a brigade left it."""
    _disconnect(desk)
    order = desk.session.scalar(text("SELECT max(id) FROM supply_order"))
    given = {"order_id": order, "hour": "10:00", "brigade_id": None, "consent": "SIGNED", "witness_1": "", "witness_2": ""}
    home = desk.office.home
    request = ActRequest(ActKind.DISCONNECT, home.division_id, TODAY, "cut", given, "cut", account_id=home.account_id)
    acts.submit(desk.session, request, today=TODAY)


#: Kind → what comes before, what its application holds, how many papers, and the act as its screen submits it.
DIRECT: dict[str, tuple[Callable[[Desk], None] | None, dict[str, Any], int, Callable[[Desk], None]]] = {
    "BENEFIT": (None, {}, 1, _grant),
    "DISCONNECTION": (None, {"note": "repair"}, 0, _disconnect),
    "RECONNECTION": (_cut, {}, 0, _reconnect),
    "DATA_CORRECTION": (None, {"name": "Karimova Nargiza", "phone": "93 555-77-88"}, 0, _correct),
    "RECALCULATION": (None, {"since": "2026-02-11", "reason": "the reading is wrong"}, 0, _bill_again),
}


@pytest.mark.parametrize("kind", DIRECT)
def test_acceptance_makes_the_rows_of_the_screens_act(desk: Desk, kind: str) -> None:
    before, given, papers, screen = DIRECT[kind]
    if before:
        before(desk)
    if kind == "BENEFIT":
        given = given | {"benefit": _benefit_code(desk.session)}
    account_id = desk.office.home.account_id
    with desk.session.begin_nested() as attempt:
        screen(desk)
        expected = _rows(desk.session, account_id)
        attempt.rollback()
    desk.session.expire_all()

    found, document = desk.accept(desk.file(kind, files=papers, **given))

    made = _rows(desk.session, account_id)
    assert {name: _without_new_ids(rows) for name, rows in made.items()} == {
        name: _without_new_ids(rows) for name, rows in expected.items()
    }
    assert (found.status, found.ended_on) == (_S.DONE, TODAY)
    assert document is not None
    assert document.state == "DONE"


def test_every_kind_that_is_switched_on_has_a_work_with_a_test(session: Session) -> None:
    on_pages = {"NEW_CONNECTION", "METER_EXCHANGE", "VERIFICATION", "OWNER_CHANGE", "MOVE_OUT", "MOVE_IN"}

    assert {each.code for each in kinds.offered(session, TODAY)} == {*DIRECT, *on_pages, "COMPLAINT"}


def test_kind_without_a_work_cannot_be_switched_on(session: Session) -> None:
    kind_of(session, "INSTALMENT").is_active = True

    with pytest.raises(IntegrityError, match="application_kind_work_there"):
        session.flush()


def test_act_that_is_refused_leaves_the_application_in_work(desk: Desk) -> None:
    found = desk.file("DATA_CORRECTION", name="Karimova Nargiza")
    desk.accept(found)
    again = desk.file("DATA_CORRECTION", name="Karimova Nargiza")
    desk.step(again, _E.TAKE)

    with pytest.raises(ActRefused), desk.session.begin_nested():
        applications.accept(desk.session, again.id, StepTaken(_E.ACCEPT), basis=BASIS, today=TODAY, now=NOW)

    desk.session.expire_all()
    assert desk.session.get_one(ConsumerApplication, again.id).status == _S.TAKEN


@pytest.mark.parametrize(("is_granted", "ends"), [(True, _S.DONE), (False, _S.TAKEN)])
def test_second_person_decides_about_an_accepted_application(desk: Desk, is_granted: bool, ends: ApplicationStatus) -> None:
    desk.session.execute(
        text("INSERT INTO operating_parameter (code, value, valid_from, source) VALUES ('acts.limit_som', 1, '2026-01-01', 'test')")
    )
    bill_month(desk.session, desk.office.home.division_id, MARCH)
    found = desk.file("MOVE_OUT")
    desk.accept(found)
    works.attach(desk.session, found.id, desk.office.perform().reference, today=TODAY, now=NOW)
    waits = desk.session.scalar(text("SELECT id FROM approval WHERE status = 'PENDING'"))
    assert found.status == _S.ACCEPTED

    approvals.decide(desk.session, int(waits or 0), grant=is_granted, by="another", remark="x", today=TODAY, now=NOW)
    applications.follow_all(desk.session, today=TODAY, now=NOW)

    assert found.status == ends


def _charges(desk: Desk) -> list[tuple[Any, ...]]:
    statement = "SELECT account_id, component, amount_tiyin, vat_tiyin > 0, basis FROM billable_charge ORDER BY id"
    return [tuple(row) for row in desk.session.execute(text(statement))]


def _cost(desk: Desk, code: str, fee_tiyin: int) -> None:
    term = desk.session.execute(select(ApplicationTerm).where(ApplicationTerm.application_kind_id == kind_of(desk.session, code).id))
    term.scalars().first().fee_tiyin = fee_tiyin  # type: ignore[union-attr]
    desk.session.flush()


def test_fee_is_charged_once_when_the_application_is_done(desk: Desk) -> None:
    _cost(desk, "DISCONNECTION", 4_000_000)

    found, _ = desk.accept(desk.file("DISCONNECTION"))
    again = fees.charge(desk.session, found, today=TODAY)

    account_id = desk.office.home.account_id
    basis = f"{found.application_kind} № {found.id}, {found.filed_on:%d.%m.%Y}"
    assert _charges(desk) == [(account_id, "ADJUSTMENT", 4_000_000, True, basis)]
    assert queries.fee(desk.session, found.id) == (4_000_000, again.id if again else None)


def test_fee_of_what_is_refused_or_ends_the_account_is_not_charged(desk: Desk) -> None:
    for kind in ("METER_EXCHANGE", "MOVE_OUT"):
        _cost(desk, kind, 4_000_000)
    refused = desk.file("METER_EXCHANGE", cause="OLD")
    desk.step(refused, _E.REFUSE, "no grounds")
    closed = desk.file("MOVE_OUT")
    desk.accept(closed)
    works.attach(desk.session, closed.id, desk.office.perform().reference, today=TODAY, now=NOW)

    assert closed.status == _S.DONE
    assert [queries.fee(desk.session, each.id) for each in (refused, closed)] == [(4_000_000, None)] * 2
    assert _charges(desk) == []


def test_foreign_act_does_not_close_an_application(desk: Desk) -> None:
    found = desk.file("MOVE_OUT")
    desk.accept(found)
    _disconnect(desk)
    reference = str(desk.session.scalar(text("SELECT reference FROM act ORDER BY id DESC LIMIT 1")))

    assert desk.refused(lambda: works.attach(desk.session, found.id, reference, today=TODAY, now=NOW)) == _R.NOT_ITS_WORK


def test_act_of_the_page_closes_its_application(desk: Desk) -> None:
    found = desk.file("MOVE_OUT")
    desk.accept(found)
    act = desk.office.perform()

    works.attach(desk.session, found.id, act.reference, today=TODAY, now=NOW)

    assert (found.status, found.work_reference) == (_S.DONE, act.reference)


def test_complaint_is_done_by_an_answer(desk: Desk) -> None:
    found = desk.file("COMPLAINT", about="The light is dim.")
    desk.accept(found)

    assert desk.refused(lambda: desk.step(found, _E.FINISH)) == _R.NO_REASON
    desk.step(found, _E.FINISH, "The transformer was changed.")
    assert found.status == _S.DONE


def test_stage_without_a_department_of_the_division_is_anybodys(desk: Desk) -> None:
    stages = desk.session.scalars(select(ApplicationStage.department_code)).all()

    assert "METERS" in stages
    assert desk.file("METER_EXCHANGE", cause="OLD").department_id is None
