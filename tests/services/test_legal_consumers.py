"""Legal consumers: what a month ahead costs and what is used of its limit, and their answers to reconciliation statements."""

from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.documents import Agreement
from app.models.administration import Division
from app.models.documents import AccountStatement, StatementAnswer
from app.models.tasks import Task
from app.queries import legal_consumers as queries
from app.services import legal_consumers as service
from app.services.legal_consumers import StatementReply
from tests.builders import SINCE, make_district, make_home, read
from tests.services.contract_scenario import TODAY, signed
from tests.services.legal_accounts import make_legal
from tests.services.people_scenario import add_grant, add_user

OBJECTION = StatementReply(Agreement.OBJECTED, "Karimov Anvar", "Our payment of 3 March is missing")
AGREEMENT = StatementReply(Agreement.AGREED, "Karimov Anvar")


def statement_of(session: Session, account_id: int, division_id: int) -> int:
    months = {"period_from": date(2026, 2, 1), "period_to": date(2026, 3, 1)}
    made = AccountStatement(division_id=division_id, account_id=account_id, contents={"closing_tiyin": 5}, **months)
    session.add(made)
    session.flush()
    return made.id


@pytest.fixture
def statement_id(session: Session) -> int:
    home = make_home(session, make_district(session))
    return statement_of(session, home.account_id, home.division_id)


def answer(session: Session, statement_id: int, reply: StatementReply) -> int:
    return service.answer_statement(session, statement_id, reply, title_in=lambda language: f"Objection, {language}", today=TODAY)


def test_agreement_is_kept_with_day_and_person_and_there_is_no_further_answer(session: Session, statement_id: int) -> None:
    kept = session.get_one(StatementAnswer, answer(session, statement_id, AGREEMENT))

    assert (kept.agreement, kept.answered_on, kept.person, kept.task_id) == (Agreement.AGREED, TODAY, "Karimov Anvar", None)
    assert answer(session, statement_id, AGREEMENT) == kept.id
    with pytest.raises(service.AlreadyAgreed):
        answer(session, statement_id, OBJECTION)


def test_objection_needs_words_and_the_newest_answer_counts(session: Session, statement_id: int) -> None:
    with pytest.raises(service.NoObjection):
        answer(session, statement_id, OBJECTION._replace(objection=" "))
    answer(session, statement_id, OBJECTION)
    answer(session, statement_id, AGREEMENT)

    account_id = session.scalar(select(AccountStatement.account_id).where(AccountStatement.id == statement_id))
    row = queries.statement(session, account_id or 0, statement_id)
    assert row is not None
    assert (row.agreement, row.objection, row.closing_tiyin) == (Agreement.AGREED, "", 5)


def test_objection_becomes_a_task_of_the_nearest_operator(session: Session, statement_id: int) -> None:
    district = session.get_one(AccountStatement, statement_id).division
    top = session.scalars(select(Division).where(Division.parent_id.is_(None))).one()
    far, near, chief = (add_user(session, name, role) for name, role in (
        ("far", "Billing operator"), ("near", "Billing operator"), ("chief", "Supervisor"),
    ))  # fmt: skip
    for user_id, place in ((far, top), (near, district), (chief, top)):
        add_grant(session, user_id, place)

    kept = session.get_one(StatementAnswer, answer(session, statement_id, OBJECTION))

    task = session.get_one(Task, kept.task_id)
    assert (task.assignee_id, task.giver_id, task.title, task.division_id) == (near, chief, "Objection, None", district.id)
    assert (task.term_on - TODAY).days == 10
    assert answer(session, statement_id, OBJECTION) == kept.id
    assert session.scalar(text("SELECT count(*) FROM task")) == 1


def test_statement_of_another_account_is_not_found(session: Session, statement_id: int) -> None:
    other = make_home(session, make_district(session, "1726998"))

    assert queries.statement(session, other.account_id, statement_id) is None


def test_limit_use_and_advance_of_a_month(session: Session) -> None:
    (legal,) = make_legal(session)
    signed(session, [legal], limit=5_000_000)
    place = session.execute(
        text(
            "SELECT i.id, i.service_point_id, g.id FROM supply s JOIN meter_installation i USING (service_point_id) "
            "JOIN register g ON g.meter_id = i.meter_id WHERE s.account_id = :id"
        ),
        {"id": legal.id},
    ).one()
    home = make_home(session, make_district(session, "1726998"))._replace(
        account_id=legal.id, division_id=legal.division_id, installation_id=place[0], service_point_id=place[1], register_id=place[2]
    )
    for day, dial in ((date(2026, 2, 28), 1200), (date(2026, 3, 10), 1500), (date(2026, 3, 14), 1650)):
        read(session, home, day, dial)

    found = service.month_of(session, legal.id, advance_tiyin=1_000, today=TODAY)

    assert (found.limit_milli, found.used.quantity_milli, found.used.read_on) == (5_000_000, 450_000, date(2026, 3, 14))
    assert found.advance is not None
    assert found.advance.by == date(2026, 3, 10)
    assert found.advance.due_tiyin > 1_000
    assert found.advance.left_tiyin == found.advance.due_tiyin - 1_000


def test_account_without_a_contract_has_no_limit_and_nothing_to_pay_ahead(session: Session) -> None:
    home = make_home(session, make_district(session), since=SINCE)

    found = service.month_of(session, home.account_id, advance_tiyin=0, today=TODAY)

    assert (found.limit_milli, found.advance) == (None, None)
