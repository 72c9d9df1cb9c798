"""Who may give which rights to whom, and where people stand."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.models.administration import Department, DivisionAccess, StaffMember, Substitution
from app.queries import administration as queries

#: The role that may do everything, and give everything.
SUPERUSER = "Admin"
#: The role of those who are not logged in; nobody is given it.
PUBLIC = "Public"


class OwnRights(Exception):
    """Nobody changes what he himself may do."""


class RoleAbove(Exception):
    """A role only those give who hold it."""


class BeyondOwnDivisions(Exception):
    """What is given or taken lies outside the divisions of whoever does it."""


class Circle(Exception):
    """A department would lie inside itself."""


class DepartmentElsewhere(Exception):
    """A department's parent belongs to another division."""


def may_give(session: Session, giver_id: int, role: str) -> bool:
    """Tell whether a user may give a role; one delegated by a substitution is never passed on."""
    return role != PUBLIC and (role != SUPERUSER or SUPERUSER in queries.own_roles(session, giver_id))


def check_giver(session: Session, *, giver_id: int, user_id: int | None, roles: Collection[str], today: date) -> None:
    """Refuse that a user gives another one these roles, or changes anything about him.

    :param user_id: who receives the rights; None for a user who is not there yet
    :raises OwnRights: if he is the giver himself
    :raises RoleAbove: if the other has, or would have, a role the giver may not give
    :raises BeyondOwnDivisions: if the other works, or is to work, in a division where the giver does not
    """
    if user_id == giver_id:
        raise OwnRights
    held = queries.own_roles(session, user_id) if user_id else []
    for role in {*roles, *held}:
        if not may_give(session, giver_id, role):
            raise RoleAbove(role)
    if user_id:
        _check_places(session, giver_id=giver_id, user_id=user_id, today=today)


def _check_places(session: Session, *, giver_id: int, user_id: int, today: date) -> None:
    """Refuse to dispose of a user of elsewhere: by every grant that is not over, or by his past ones if none is left.

    Who never had any is nobody's in particular; for him the giver must work everywhere.
    """
    places = queries.places_of_user(session, user_id, today)
    if places:
        check_divisions(session, giver_id=giver_id, division_ids=places, today=today)
    else:
        check_everywhere(session, giver_id=giver_id, today=today)


def check_divisions(session: Session, *, giver_id: int, division_ids: Collection[int], today: date) -> None:
    """Refuse that a user disposes of divisions he does not work in.

    :raises BeyondOwnDivisions: if one of them is not his
    """
    if not set(division_ids) <= queries.division_ids_of_user(session, giver_id, today):
        raise BeyondOwnDivisions


def check_everywhere(session: Session, *, giver_id: int, today: date) -> None:
    """Refuse that a user changes what holds in the whole company, unless he works in all of it.

    :raises BeyondOwnDivisions: if a division is not his
    """
    check_divisions(session, giver_id=giver_id, division_ids=[each.id for each in queries.divisions(session)], today=today)


def check_access(session: Session, access: DivisionAccess, *, giver_id: int, today: date) -> None:
    """Refuse a grant, or a change of one, by somebody who may not give it.

    :raises OwnRights: if it is the giver's own
    :raises RoleAbove: if the user holds a role the giver may not give
    :raises BeyondOwnDivisions: if the division is not the giver's
    """
    user_id, division_id = access.user.id, access.division.id
    if user_id == giver_id:
        raise OwnRights
    for role in queries.own_roles(session, user_id):
        if not may_give(session, giver_id, role):
            raise RoleAbove(role)
    check_divisions(session, giver_id=giver_id, division_ids=[division_id], today=today)
    if not queries.has_grant_left(session, user_id, today):
        # Else whoever gives a former user of elsewhere access could then set his password and work under his name.
        _check_places(session, giver_id=giver_id, user_id=user_id, today=today)


def grant(session: Session, *, user_id: int, division_ids: Collection[int], valid_from: date, valid_to: date | None, basis: str) -> None:
    """Let a user work in divisions and all below them."""
    for division_id in division_ids:
        session.add(DivisionAccess(user_id=user_id, division_id=division_id, valid_from=valid_from, valid_to=valid_to, basis=basis))
    session.flush()


def end_access(session: Session, access_id: int, *, today: date) -> None:
    """End a grant with yesterday as its last day; one that has not begun before today goes altogether."""
    access = session.get_one(DivisionAccess, access_id)
    if access.valid_from >= today:
        session.execute(delete(DivisionAccess).where(DivisionAccess.id == access_id))
    elif access.valid_to is None or access.valid_to > today:
        access.valid_to = today
    session.flush()


def place_department(session: Session, department: Department) -> None:
    """Refuse a department whose parent is in another division or below it.

    :raises DepartmentElsewhere: if the parent belongs to another division
    :raises Circle: if the parent lies inside the department
    """
    above = department.parent
    while above is not None:
        if above.division_id != department.division.id:
            raise DepartmentElsewhere
        if department.id is not None and above.id == department.id:
            raise Circle
        above = session.get(Department, above.parent_id) if above.parent_id else None


def check_staff_user(session: Session, member: StaffMember, *, before_id: int | None, giver_id: int, today: date) -> None:
    """Refuse to tie a user to a person, or untie him, where that could lend rights the giver may not give.

    :param before_id: the user the person had before
    :raises OwnRights: if it is the giver's own user
    :raises RoleAbove: if the user holds a role the giver may not give
    :raises BeyondOwnDivisions: if the user works in divisions that are not the giver's
    """
    after_id = member.user.id if member.user else None
    for user_id in {before_id, after_id} - {None} if before_id != after_id else ():
        check_giver(session, giver_id=giver_id, user_id=user_id, roles=(), today=today)


def check_substitution(session: Session, substitution: Substitution, *, giver_id: int, today: date) -> None:
    """Refuse a substitution by somebody who may not give what it lends.

    :raises OwnRights: if the giver would stand in himself
    :raises RoleAbove: if the absent one holds a role the giver may not give
    :raises BeyondOwnDivisions: if the absent one works in divisions that are not the giver's
    """
    if substitution.substitute.user_id == giver_id:
        raise OwnRights
    absent_id = substitution.absent.user_id
    if absent_id is None:
        return
    for role in queries.own_roles(session, absent_id):
        if not may_give(session, giver_id, role):
            raise RoleAbove(role)
    _check_places(session, giver_id=giver_id, user_id=absent_id, today=today)


def end_substitution(session: Session, substitution_id: int, *, today: date) -> None:
    """End a substitution with yesterday as its last day; one that has not begun before today goes altogether."""
    substitution = session.get_one(Substitution, substitution_id)
    if substitution.valid_from >= today:
        session.execute(delete(Substitution).where(Substitution.id == substitution_id))
    else:
        substitution.valid_to = min(substitution.valid_to, today)
    session.flush()
