"""Who may be one person with whom: four eyes are two people, not two names."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import clock
from app.domain.administration import ApprovalKind
from app.models.administration import OperatingParameter
from app.services import administration
from app.services.administration import approvals
from tests.builders import make_district

NAMES = ("root", "asker", "decider", "second", "far")


@pytest.fixture
def users(session: Session) -> dict[str, int]:
    """Users whose passwords nobody gave."""
    insert = text(
        "INSERT INTO ab_user (id, first_name, last_name, username, email, active) "
        "VALUES (nextval('ab_user_id_seq'), 'T', 'T', CAST(:name AS varchar), CAST(:name AS varchar) || '@x', true) RETURNING id"
    )
    return {name: session.execute(insert, {"name": name}).scalar_one() for name in NAMES}


def give(session: Session, users: dict[str, int], pairs: tuple[tuple[str, str], ...]) -> None:
    for giver, taker in pairs:
        administration.mark_given(session, users[taker], by=giver, now=clock.now())
        administration.mark_chosen(session, users[taker])


@pytest.mark.parametrize(
    ("given", "is_refused"),
    [
        ((), False),
        ((("root", "asker"),), False),
        ((("asker", "decider"),), True),
        ((("decider", "asker"),), True),
        ((("root", "asker"), ("root", "decider")), True),
        ((("root", "asker"), ("far", "decider")), False),
        ((("asker", "second"), ("second", "decider")), True),
        ((("asker", "second"), ("second", "far"), ("far", "decider")), True),
        ((("second", "asker"), ("root", "second"), ("root", "far"), ("far", "decider")), True),
        ((("operator", "asker"), ("operator", "decider")), False),
        ((("asker", "second"), ("far", "decider")), False),
    ],
)
def test_whoever_gave_a_password_counts_as_who_has_it(
    session: Session, users: dict[str, int], given: tuple[tuple[str, str], ...], is_refused: bool
) -> None:
    give(session, users, given)
    now = clock.now()

    assert approvals.may_be_same(session, "asker", "decider", today=now.date(), now=now) == is_refused
    assert approvals.may_be_same(session, "decider", "asker", today=now.date(), now=now) == is_refused


def test_password_given_long_ago_counts_no_more_at_the_exact_day(session: Session, users: dict[str, int]) -> None:
    give(session, users, (("asker", "decider"),))
    given_at = session.execute(
        text("SELECT max(happened_at) FROM audit_entry WHERE table_name = 'given_password' AND operation = 'INSERT'")
    ).scalar_one()
    after = given_at + timedelta(days=14)

    assert approvals.may_be_same(session, "asker", "decider", today=after.date(), now=after - timedelta(microseconds=1))
    assert not approvals.may_be_same(session, "asker", "decider", today=after.date(), now=after)


def test_office_sets_for_how_long_a_given_password_counts(session: Session, users: dict[str, int]) -> None:
    give(session, users, (("asker", "decider"),))
    now = clock.now() + timedelta(seconds=1)
    session.add(OperatingParameter(code="access.given_password_days", value="0", source="order 1", valid_from=now.date()))
    session.flush()

    assert not approvals.may_be_same(session, "asker", "decider", today=now.date(), now=now)


def test_request_is_neither_granted_nor_refused_by_a_user_of_who_asked(session: Session, users: dict[str, int]) -> None:
    division = make_district(session)
    asked = approvals.ask(session, ApprovalKind.TRANSLATION, division_id=division.id, subject="word", contents={}, made_by="asker")
    give(session, users, (("asker", "decider"),))
    now = clock.now()

    for grant in (True, False):
        with pytest.raises(approvals.SamePerson):
            approvals.decide(session, asked.id, grant=grant, by="decider", remark="r", today=now.date(), now=now)
    decided = approvals.decide(session, asked.id, grant=False, by="far", remark="r", today=now.date(), now=now)

    assert decided.status == "REFUSED"
