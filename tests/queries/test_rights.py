"""Who may do what and where on a day: by roles, groups and the places of absent people, as the statements behind the pages tell it."""

from datetime import date, timedelta
from typing import NamedTuple

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.administration import ApprovalKind
from app.models.administration import Division, StaffMember, Substitution
from app.queries.administration import approvals, rights, staff
from app.queries.administration.divisions import (
    division_by_code,
    divisions_here,
    divisions_of_scope,
    divisions_of_user,
    works_everywhere,
)
from app.queries.administration.rights import EffectivePlace, EffectiveRight
from app.queries.administration.staff import Permission
from app.services.administration import approvals as approval_service
from tests.services.people_scenario import Company, add_department, add_grant, add_person, add_user, company, role_id

FIRST, LAST = date(2026, 5, 4), date(2026, 5, 8)
BEFORE, AFTER = FIRST - timedelta(days=1), LAST + timedelta(days=1)


class People(NamedTuple):
    """Anna takes money in the district and stands in for Boris of elsewhere, who reads meters, from the first day to the last.

    Her group lets her print; Karim's access to the region ended on the first day and begins again after the last.
    """

    places: Company
    anna: int
    boris: int
    karim: int


@pytest.fixture
def people(session: Session) -> People:
    places = company(session)
    anna, boris, karim = add_user(session, "anna", "Cashing"), add_user(session, "boris", "Reading"), add_user(session, "karim")
    for role, permission, view in (("Cashing", "can_take", "Till"), ("Reading", "can_read", "Meters"), ("Printing", "can_print", "Papers")):
        allow(session, role, permission, view)
    join(session, anna, "Papers' group", "Printing")
    add_grant(session, anna, places.district)
    add_grant(session, boris, places.elsewhere)
    add_grant(session, karim, places.region, valid_to=FIRST)
    add_grant(session, karim, places.region, valid_from=AFTER)
    here, there = add_department(session, places.district, "D1"), add_department(session, places.elsewhere, "E1")
    absent, substitute = add_person(session, there, "Boris", boris), add_person(session, here, "Anna", anna)
    stand_in(session, absent, substitute)
    return People(places, anna, boris, karim)


def stand_in(session: Session, absent: StaffMember, substitute: StaffMember) -> None:
    """Let one stand in for another from the first day to the last."""
    made = Substitution(
        division_id=absent.division_id, absent_id=absent.id, substitute_id=substitute.id, valid_from=FIRST, valid_to=AFTER, basis="Order 9"
    )
    session.add(made)
    session.flush()


def allow(session: Session, role: str, permission: str, view: str) -> None:
    """Let a role do something on a page."""
    insert = """
        WITH p AS (INSERT INTO ab_permission (id, name) VALUES (nextval('ab_permission_id_seq'), :permission) RETURNING id),
             v AS (INSERT INTO ab_view_menu (id, name) VALUES (nextval('ab_view_menu_id_seq'), :view) RETURNING id),
             pv AS (INSERT INTO ab_permission_view (id, permission_id, view_menu_id)
                    SELECT nextval('ab_permission_view_id_seq'), p.id, v.id FROM p, v RETURNING id)
        INSERT INTO ab_permission_view_role (id, permission_view_id, role_id)
        SELECT nextval('ab_permission_view_role_id_seq'), pv.id, :role_id FROM pv
        """
    session.execute(text(insert), {"permission": permission, "view": view, "role_id": role_id(session, role)})


def join(session: Session, user_id: int, group: str, role: str) -> int:
    """Let a user be of a new group that has a role; return the group."""
    insert = text("INSERT INTO ab_group (id, name, label) VALUES (nextval('ab_group_id_seq'), :name, :name) RETURNING id")
    group_id: int = session.execute(insert, {"name": group}).scalar_one()
    for table, column, value in (("ab_user_group", "user_id", user_id), ("ab_group_role", "role_id", role_id(session, role))):
        session.execute(
            text(f"INSERT INTO {table} (id, group_id, {column}) VALUES (nextval('{table}_id_seq'), :group_id, :value)"),
            {"group_id": group_id, "value": value},
        )
    return group_id


OWN = [Permission("can_print", "Papers"), Permission("can_take", "Till")]
LENT = [Permission("can_read", "Meters")]


@pytest.mark.parametrize(("on", "expected"), [(BEFORE, OWN), (FIRST, OWN + LENT), (LAST, OWN + LENT), (AFTER, OWN)])
def test_who_stands_in_for_somebody_has_his_rights_on_those_days(
    session: Session, people: People, on: date, expected: list[Permission]
) -> None:
    assert staff.permissions_of_user(session, people.anna, on) == set(expected)
    assert staff.permissions_of_user(session, people.boris, on) == set(LENT)
    assert staff.permissions_of_user(session, people.karim, on) == set()
    assert {(each.permission, each.view) for each in rights.effective_rights(session, people.anna, on)} == set(expected)


def test_each_right_is_told_with_the_role_and_the_way_it_comes(session: Session, people: People) -> None:
    assert rights.effective_rights(session, people.anna, FIRST) == [
        EffectiveRight("can_read", "Meters", "Reading", "SUBSTITUTION", "boris"),
        EffectiveRight("can_print", "Papers", "Printing", "GROUP", "Papers' group"),
        EffectiveRight("can_take", "Till", "Cashing", "OWN", ""),
    ]


def test_roles_of_groups_are_told_once_each(session: Session, people: People) -> None:
    given = {"A": "Printing", "B": "Printing", "C": "Cashing"}
    groups = [join(session, people.boris, group, role) for group, role in given.items()]

    assert staff.roles_of_groups(session, groups) == ["Cashing", "Printing"]
    assert staff.roles_of_groups(session, groups[:1]) == ["Printing"]
    assert staff.roles_of_groups(session, []) == []


@pytest.mark.parametrize(
    ("on", "anna", "karim"),
    [
        (BEFORE, ["district"], ["region"]),
        (FIRST, ["district", "elsewhere"], []),
        (LAST, ["district", "elsewhere"], []),
        (AFTER, ["district"], ["region"]),
    ],
)
def test_divisions_of_a_user_are_his_own_and_those_of_whom_he_stands_in_for(
    session: Session, people: People, on: date, anna: list[str], karim: list[str]
) -> None:
    names = {name: division.name for name, division in people.places._asdict().items()}

    def tops(user_id: int) -> list[str]:
        found = divisions_of_user(session, user_id, on)
        ids = {row.id for row in found}
        return [row.name for row in found if row.parent_id not in ids]

    assert sorted(tops(people.anna)) == sorted(names[name] for name in anna)
    assert tops(people.karim) == [names[name] for name in karim]
    assert [row.name for row in staff.own_grants(session, people.anna, on)] == [names["district"]]
    assert [row.name for row in staff.own_grants(session, people.karim, on)] == [names[name] for name in karim]
    expected = [EffectivePlace(names["district"], ""), *(EffectivePlace(names[name], "boris") for name in anna[1:])]
    assert rights.effective_places(session, people.anna, on) == expected


def test_region_reaches_every_district_below_it(session: Session, people: People) -> None:
    ids = {row.id for row in divisions_of_user(session, people.karim, BEFORE)}

    assert {people.places.region.id, people.places.district.id} <= ids
    assert not {people.places.root.id, people.places.elsewhere.id} & ids


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (BEFORE, [("anna", None), ("karim", None)]),
        (FIRST, [("anna", None)]),
        (AFTER, [("anna", None), ("karim", None)]),
    ],
)
def test_access_to_a_division_is_told_by_day(session: Session, people: People, on: date, expected: list[tuple[str, str | None]]) -> None:
    work_in(session, people.places.root, people.places.region, people.places.district)

    rows = staff.access_on(session, people.places.district.id, on)

    assert [(row.username, row.instead_of) for row in rows] == expected


def test_access_in_the_place_of_somebody_absent_names_him(session: Session, people: People) -> None:
    work_in(session, people.places.elsewhere)

    rows = staff.access_on(session, people.places.elsewhere.id, FIRST)

    assert [(row.username, row.instead_of) for row in rows] == [("anna", "Boris"), ("boris", None)]


def work_in(session: Session, *places: Division) -> None:
    """Let the transaction work in some divisions."""
    ids = ",".join(str(division.id) for division in places)
    session.execute(text("SELECT set_config('app.divisions', :ids, true)"), {"ids": f"{{{ids}}}"})


def test_transaction_works_in_the_divisions_it_was_given(session: Session, people: People) -> None:
    places = people.places
    work_in(session, places.district, places.region)

    assert [row.id for row in divisions_here(session)] == [places.region.id, places.district.id]
    assert divisions_of_scope(session) == sorted([places.region.id, places.district.id])
    assert works_everywhere(session) is False
    work_in(session, places.root)
    assert works_everywhere(session) is True


def test_people_of_the_divisions_are_those_whose_access_is_not_over(session: Session, people: People) -> None:
    def here(today: date) -> set[int]:
        return set(session.scalars(staff.people_here(today))) & {people.anna, people.boris, people.karim}

    session.execute(text("DELETE FROM division_access WHERE user_id = :id AND valid_from = :day"), {"id": people.karim, "day": AFTER})
    assert here(BEFORE) == {people.anna, people.boris, people.karim}
    assert here(FIRST) == {people.anna, people.boris}


def test_division_is_found_by_its_code(session: Session, people: People) -> None:
    found = division_by_code(session, people.places.district.code)

    assert found is not None
    assert (found.id, found.parent_id) == (people.places.district.id, people.places.region.id)
    assert division_by_code(session, "9999999") is None


def test_departments_of_a_division_are_those_of_the_day(session: Session, people: People) -> None:
    second = add_department(session, people.places.district, "D2")
    session.execute(text("UPDATE department SET valid_to = :day WHERE id = :id"), {"day": LAST, "id": second.id})

    assert [
        [row.code for row in staff.departments_of(session, people.places.district.id, on)] for on in (BEFORE, LAST)
    ] == [["D1", "D2"], ["D1"]]  # fmt: skip


def test_requests_wait_for_others_than_who_asked(session: Session, people: People) -> None:
    asked = {"first": ApprovalKind.PERIOD_REOPEN, "second": ApprovalKind.PERIOD_REOPEN, "third": ApprovalKind.PAYMENT_MOVE}
    for subject, kind in asked.items():
        approval_service.ask(session, kind, division_id=people.places.district.id, subject=subject, subject_id=1, basis="letter")
    session.execute(text("UPDATE approval SET created_by = 'anna'"))
    session.expire_all()

    def found(kinds: list[ApprovalKind], not_by: str, limit: int = 200) -> list[str]:
        return [each.subject for each in approvals.pending_approvals(session, kinds=kinds, not_by=not_by, limit=limit)]

    both = [ApprovalKind.PERIOD_REOPEN, ApprovalKind.PAYMENT_MOVE]
    assert found(both, "boris") == ["first", "second", "third"]
    assert found([ApprovalKind.PERIOD_REOPEN], "boris", limit=1) == ["first"]
    assert found(both, "anna") == []
    for kinds, not_by in ((both, "boris"), (both[:1], "boris"), ([], "boris"), (both, "anna")):
        assert approvals.pending_count(session, kinds=kinds, not_by=not_by) == len(found(kinds, not_by))
