"""Who may give which rights to whom, asked of the service itself; and where people and departments stand."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from app.models.administration import Department, DivisionAccess, StaffMember, Substitution
from app.queries.administration import staff as queries
from app.services.administration import staff
from tests.services.people_scenario import LONG_AGO, Company, add_department, add_grant, add_person, add_user, company

TODAY = date(2026, 5, 1)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


@pytest.fixture
def places(session: Session) -> Company:
    return company(session)


@pytest.fixture
def people(session: Session, places: Company) -> dict[str, int]:
    """An owner of the system and a chief of the whole company, a chief of the region, a clerk of the district, one of elsewhere."""
    people = {
        "owner": add_user(session, "owner", "Admin"),
        "director": add_user(session, "director", "Administrator"),
        "chief": add_user(session, "chief", "Administrator"),
        "clerk": add_user(session, "clerk", "Cashier"),
        "far": add_user(session, "far", "Cashier"),
        "new": add_user(session, "new"),
    }
    for name, place in (
        ("owner", places.root), ("director", places.root), ("chief", places.region), ("clerk", places.district), ("far", places.elsewhere)
    ):  # fmt: skip
        add_grant(session, people[name], place)
    return people


def outcome(call: object, *arguments: object, **named: object) -> str:
    """Return the name of the refusal, or nothing."""
    try:
        call(*arguments, **named)  # type: ignore[operator]
    except (staff.OwnRights, staff.RoleAbove, staff.BeyondOwnDivisions) as refused:
        return type(refused).__name__
    return ""


@pytest.mark.parametrize(
    ("giver", "role", "may"),
    [
        ("owner", "Admin", True), ("owner", "Cashier", True), ("owner", "Public", False), ("director", "Admin", False),
        ("director", "Administrator", True), ("new", "Cashier", True), ("director", "Public", False),
    ],
)  # fmt: skip
def test_highest_role_is_given_by_its_holders_and_that_of_strangers_by_nobody(
    session: Session, people: dict[str, int], giver: str, role: str, may: bool
) -> None:
    assert staff.may_give(session, people[giver], role) is may


@pytest.mark.parametrize(
    ("giver", "user", "roles", "refused"),
    [
        ("chief", "clerk", ["Cashier"], ""),
        ("chief", "chief", ["Cashier"], "OwnRights"),
        ("chief", "far", ["Cashier"], "BeyondOwnDivisions"),
        ("chief", "director", [], "BeyondOwnDivisions"),
        ("director", "owner", [], "RoleAbove"),
        ("director", "clerk", ["Admin"], "RoleAbove"),
        ("owner", "clerk", ["Admin"], ""),
        ("director", "far", ["Cashier"], ""),
        ("chief", "new", ["Cashier"], "BeyondOwnDivisions"),
        ("director", "new", ["Cashier"], ""),
        ("chief", None, ["Cashier"], ""),
        ("chief", None, ["Admin"], "RoleAbove"),
    ],
)
def test_rights_are_given_within_ones_own(
    session: Session, people: dict[str, int], giver: str, user: str | None, roles: list[str], refused: str
) -> None:
    user_id = people[user] if user else None

    assert outcome(staff.check_giver, session, giver_id=people[giver], user_id=user_id, roles=roles, today=TODAY) == refused


def test_user_whose_access_is_over_stays_with_those_of_his_last_divisions(
    session: Session, people: dict[str, int], places: Company
) -> None:
    former = add_user(session, "former", "Cashier")
    add_grant(session, former, places.elsewhere, valid_to=TODAY)
    access = DivisionAccess(user_id=former, division_id=places.district.id, valid_from=TODAY)
    session.add(access)
    session.flush()
    session.refresh(access)
    session.delete(access)
    session.flush()

    assert outcome(staff.check_giver, session, giver_id=people["chief"], user_id=former, roles=(), today=TODAY) == "BeyondOwnDivisions"
    assert outcome(staff.check_giver, session, giver_id=people["director"], user_id=former, roles=(), today=TODAY) == ""


@pytest.mark.parametrize(
    ("giver", "names", "refused"),
    [
        ("chief", ["region", "district"], ""),
        ("chief", ["district", "elsewhere"], "BeyondOwnDivisions"),
        ("chief", [], ""),
        ("clerk", ["region"], "BeyondOwnDivisions"),
        ("director", ["root", "elsewhere"], ""),
    ],
)
def test_divisions_are_disposed_of_by_who_works_in_them(
    session: Session, people: dict[str, int], places: Company, giver: str, names: list[str], refused: str
) -> None:
    ids = [getattr(places, name).id for name in names]

    assert outcome(staff.check_divisions, session, giver_id=people[giver], division_ids=ids, today=TODAY) == refused


def test_whole_company_is_disposed_of_by_who_works_in_all_of_it(session: Session, people: dict[str, int]) -> None:
    refused = {name: outcome(staff.check_everywhere, session, giver_id=people[name], today=TODAY) for name in ("director", "chief", "new")}

    assert refused == {"director": "", "chief": "BeyondOwnDivisions", "new": "BeyondOwnDivisions"}


@pytest.mark.parametrize(
    ("giver", "user", "place", "refused"),
    [
        ("chief", "clerk", "region", ""),
        ("chief", "chief", "district", "OwnRights"),
        ("director", "owner", "district", "RoleAbove"),
        ("chief", "clerk", "elsewhere", "BeyondOwnDivisions"),
        ("chief", "far", "district", ""),
        ("chief", "new", "district", ""),
    ],
)
def test_access_is_given_within_ones_own(
    session: Session, people: dict[str, int], places: Company, giver: str, user: str, place: str, refused: str
) -> None:
    access = (
        add_grant(session, people[user], getattr(places, place), valid_from=TOMORROW) if user != "clerk" or place != "district" else None
    )
    assert access is not None
    session.refresh(access)

    assert outcome(staff.check_access, session, access, giver_id=people[giver], today=TODAY) == refused


def test_former_user_of_elsewhere_is_not_taken_over_by_giving_him_access_here(
    session: Session, people: dict[str, int], places: Company
) -> None:
    former = add_user(session, "former", "Cashier")
    add_grant(session, former, places.elsewhere, valid_to=TODAY)
    asked = add_grant(session, former, places.district, valid_from=date(2019, 1, 1), valid_to=date(2019, 2, 1))
    session.refresh(asked)

    assert outcome(staff.check_access, session, asked, giver_id=people["chief"], today=TODAY) == "BeyondOwnDivisions"
    assert outcome(staff.check_access, session, asked, giver_id=people["director"], today=TODAY) == ""


def test_granted_divisions_are_worked_in_with_all_below_them_on_those_days(
    session: Session, people: dict[str, int], places: Company
) -> None:
    wanted = [places.region.id, places.elsewhere.id]

    staff.grant(session, user_id=people["new"], division_ids=wanted, valid_from=TODAY, valid_to=TOMORROW, basis="Order 7")

    seen = {day: queries.division_ids_of_user(session, people["new"], day) for day in (YESTERDAY, TODAY, TOMORROW)}
    assert seen[TODAY] >= {places.region.id, places.district.id, places.elsewhere.id}
    assert places.root.id not in seen[TODAY]
    assert (seen[YESTERDAY], seen[TOMORROW]) == (frozenset(), frozenset())
    assert {each.basis for each in queries.grants_of_user(session, people["new"])} == {"Order 7"}


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "left"),
    [
        (LONG_AGO, None, (LONG_AGO, TODAY)),
        (LONG_AGO, TOMORROW, (LONG_AGO, TODAY)),
        (LONG_AGO, TODAY, (LONG_AGO, TODAY)),
        (LONG_AGO, YESTERDAY, (LONG_AGO, YESTERDAY)),
        (YESTERDAY, None, (YESTERDAY, TODAY)),
        (TODAY, None, None),
        (TOMORROW, None, None),
    ],
)
def test_ended_access_ends_with_yesterday_or_never_was(
    session: Session, people: dict[str, int], places: Company, valid_from: date, valid_to: date | None, left: tuple[date, date] | None
) -> None:
    access = add_grant(session, people["new"], places.district, valid_from, valid_to)

    staff.end_access(session, access.id, today=TODAY)
    session.expire_all()

    found = session.get(DivisionAccess, access.id)
    assert (found and (found.valid_from, found.valid_to)) == left


def test_department_stands_in_a_tree_of_its_own_division(session: Session, places: Company) -> None:
    top = add_department(session, places.region, "90")
    middle = add_department(session, places.region, "91", top)
    bottom = add_department(session, places.region, "92", middle)
    other = add_department(session, places.elsewhere, "90")

    staff.place_department(session, bottom)
    with session.no_autoflush:
        top.parent = bottom
        with pytest.raises(staff.Circle):
            staff.place_department(session, top)
        top.parent = top
        with pytest.raises(staff.Circle):
            staff.place_department(session, top)
        top.parent = other
        with pytest.raises(staff.DepartmentElsewhere):
            staff.place_department(session, top)
        top.parent = None
        staff.place_department(session, top)
        fresh = Department(division=places.region, code="93", name="New", valid_from=LONG_AGO, parent=bottom)
        staff.place_department(session, fresh)


@pytest.mark.parametrize(
    ("giver", "before", "after", "refused"),
    [
        ("chief", None, "clerk", ""),
        ("chief", "clerk", None, ""),
        ("chief", "clerk", "clerk", ""),
        ("chief", "far", "far", ""),
        ("chief", None, None, ""),
        ("chief", None, "chief", "OwnRights"),
        ("chief", "chief", None, "OwnRights"),
        ("director", None, "owner", "RoleAbove"),
        ("chief", "far", "clerk", "BeyondOwnDivisions"),
        ("chief", "clerk", "far", "BeyondOwnDivisions"),
    ],
)
def test_user_is_tied_to_a_person_by_who_may_dispose_of_him(
    session: Session, people: dict[str, int], places: Company, giver: str, before: str | None, after: str | None, refused: str
) -> None:
    member = add_person(session, add_department(session, places.district, "90"), "somebody", people[after] if after else None)
    before_id = people[before] if before else None

    assert outcome(staff.check_staff_user, session, member, before_id=before_id, giver_id=people[giver], today=TODAY) == refused


def substitution(session: Session, absent: StaffMember, substitute: StaffMember, first: date, last: date) -> Substitution:
    made = Substitution(
        division_id=absent.division_id, absent_id=absent.id, substitute_id=substitute.id, valid_from=first, valid_to=last, basis="Order 9"
    )
    session.add(made)
    session.flush()
    session.refresh(made)
    return made


@pytest.mark.parametrize(
    ("giver", "absent", "substitute", "refused"),
    [
        ("chief", "clerk", "new", ""),
        ("chief", "clerk", "chief", "OwnRights"),
        ("director", "owner", "clerk", "RoleAbove"),
        ("chief", "far", "clerk", "BeyondOwnDivisions"),
        ("chief", None, "clerk", ""),
    ],
)
def test_substitution_lends_what_its_giver_may_give(
    session: Session, people: dict[str, int], places: Company, giver: str, absent: str | None, substitute: str, refused: str
) -> None:
    department = add_department(session, places.district, "90")
    away = add_person(session, department, "away", people[absent] if absent else None)
    made = substitution(session, away, add_person(session, department, "stand-in", people[substitute]), TODAY, TOMORROW)

    assert outcome(staff.check_substitution, session, made, giver_id=people[giver], today=TODAY) == refused


def test_lent_rights_hold_on_the_days_of_the_substitution_and_are_not_lent_on(
    session: Session, people: dict[str, int], places: Company
) -> None:
    department = add_department(session, places.district, "90")
    clerk, chief, new = (add_person(session, department, name, people[name]) for name in ("clerk", "chief", "new"))
    substitution(session, chief, clerk, TODAY, TOMORROW)
    substitution(session, clerk, new, TODAY, TOMORROW)

    held = {day: len(queries.role_ids_of_user(session, people["clerk"], day)) for day in (YESTERDAY, TODAY, TOMORROW)}

    assert held == {YESTERDAY: 1, TODAY: 2, TOMORROW: 1}
    assert len(queries.role_ids_of_user(session, people["new"], TODAY)) == 1
    assert queries.own_roles(session, people["clerk"]) == ["Cashier"]
    assert places.region.id in queries.division_ids_of_user(session, people["clerk"], TODAY)
    assert places.region.id not in queries.division_ids_of_user(session, people["new"], TODAY)
    assert {(each.name, each.substitute, each.absent_to) for each in queries.people_of(session, places.district.id, TODAY)} == {
        ("chief", "clerk", TOMORROW), ("clerk", "new", TOMORROW), ("new", None, None),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("first", "last", "left"),
    [
        (LONG_AGO, TOMORROW, TODAY), (LONG_AGO, TODAY, TODAY), (LONG_AGO, YESTERDAY, YESTERDAY), (YESTERDAY, TOMORROW, TODAY),
        (TODAY, TOMORROW, None), (TOMORROW, TOMORROW + timedelta(days=9), None),
    ],
)  # fmt: skip
def test_ended_substitution_ends_with_yesterday_or_never_was(
    session: Session, people: dict[str, int], places: Company, first: date, last: date, left: date | None
) -> None:
    department = add_department(session, places.district, "90")
    made = substitution(session, add_person(session, department, "a", people["clerk"]), add_person(session, department, "b"), first, last)

    staff.end_substitution(session, made.id, today=TODAY)
    session.expire_all()

    found = session.get(Substitution, made.id)
    assert (found and found.valid_to) == left
