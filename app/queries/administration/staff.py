"""What users may do and where, on a day; the people of a division and who stands in for whom."""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.models.administration import DivisionAccess
from app.queries.names import shown
from app.queries.records import Choice, fetch_all, fetch_one

#: Roles given to users, directly or by their groups; absent ones lend theirs to whoever stands in for them.
_ROLES_OF = """
    SELECT role_id FROM ab_user_role WHERE user_id IN ({users})
    UNION SELECT gr.role_id FROM ab_user_group ug JOIN ab_group_role gr USING (group_id) WHERE ug.user_id IN ({users})
"""
_OWN = "SELECT CAST(:user_id AS bigint)"
_WITH_ABSENT = f"{_OWN} UNION SELECT absent_users(:user_id, :on)"
#: The roles of a user on a day: his own, his groups', and those of whom he stands in for.
ROLES_ON_A_DAY = f"SELECT role_id FROM ({_ROLES_OF.format(users=_WITH_ABSENT)}) r WHERE role_id IS NOT NULL"


class DivisionAccessRecord(NamedTuple):
    """Somebody's access to a division on a day: by which grant, and in whose place if it is not his own."""

    user_id: int
    username: str
    name: str
    division: str
    valid_from: date
    valid_to: date | None
    basis: str | None
    instead_of: str | None


class GrantRecord(NamedTuple):
    """A grant of a user, past, present or to come."""

    id: int
    division: str
    valid_from: date
    valid_to: date | None
    basis: str | None


class DepartmentRecord(NamedTuple):
    """A department as the structure shows it."""

    id: int
    parent_id: int | None
    code: str
    name: str


class PersonRecord(NamedTuple):
    """A person of a department, and who stands in for him today."""

    id: int
    department_id: int
    name: str
    post: str
    phone: str | None
    username: str | None
    substitute: str | None
    absent_to: date | None


class Permission(NamedTuple):
    """What one may do, and on which page."""

    permission: str
    view: str


class _Grant(NamedTuple):
    division_id: int
    valid_to: date | None


def permissions_of_user(session: Session, user_id: int, on: date) -> frozenset[Permission]:
    """Return all that a user may do on a day as pairs of permission and view: by his roles, groups and substitutions."""
    statement = f"""
        SELECT DISTINCT p.name AS permission, v.name AS view FROM ({_ROLES_OF.format(users=_WITH_ABSENT)}) r
        JOIN ab_permission_view_role pr USING (role_id)
        JOIN ab_permission_view pv ON pv.id = pr.permission_view_id
        JOIN ab_permission p ON p.id = pv.permission_id JOIN ab_view_menu v ON v.id = pv.view_menu_id
    """
    return frozenset(fetch_all(session, statement, Permission, user_id=user_id, on=on))


def role_ids_of_user(session: Session, user_id: int, on: date) -> list[int]:
    """Return the roles a user has on a day: his own, his groups', and those of whom he stands in for."""
    return fetch_all(session, f"{ROLES_ON_A_DAY} ORDER BY role_id", int, user_id=user_id, on=on)


def own_roles(session: Session, user_id: int) -> list[str]:
    """Return the names of the roles that are a user's own, directly or by his groups."""
    statement = f"SELECT ab_role.name FROM ({_ROLES_OF.format(users=_OWN)}) r JOIN ab_role ON ab_role.id = role_id ORDER BY ab_role.name"
    return fetch_all(session, statement, str, user_id=user_id)


def roles_of_groups(session: Session, group_ids: Collection[int]) -> list[str]:
    """Return the names of the roles that groups give to their members."""
    statement = (
        "SELECT DISTINCT r.name FROM ab_group_role gr JOIN ab_role r ON r.id = gr.role_id WHERE gr.group_id = ANY(:ids) ORDER BY r.name"
    )
    return fetch_all(session, statement, str, ids=list(group_ids))


def own_grants(session: Session, user_id: int, on: date) -> list[Choice]:
    """Return the divisions at the top of a user's own grants on a day, whoever asks: their numbers and names."""
    statement = f"""
        SELECT d.id, {shown("d")} AS name FROM grants_of_user(:user_id) a JOIN division d ON d.id = a.division_id
        WHERE a.valid_from <= :on AND (a.valid_to IS NULL OR a.valid_to > :on) ORDER BY d.path, d.id
        """
    return fetch_all(session, statement, Choice, user_id=user_id, on=on)


def places_of_user(session: Session, user_id: int, today: date) -> frozenset[int]:
    """Return the divisions of a user's grants that are not over, also of those to come; if all are over, of all he ever had."""
    rows = fetch_all(session, "SELECT division_id, valid_to FROM grants_of_user(:user_id)", _Grant, user_id=user_id)
    left = frozenset(division_id for division_id, valid_to in rows if valid_to is None or valid_to > today)
    return left or frozenset(division_id for division_id, _valid_to in rows)


def has_grant_left(session: Session, user_id: int, today: date) -> bool:
    """Tell whether a user has a grant that is not over."""
    statement = "SELECT EXISTS (SELECT FROM grants_of_user(:user_id) a WHERE a.valid_to IS NULL OR a.valid_to > :today)"
    return fetch_one(session, statement, bool, user_id=user_id, today=today)


def people_here(today: date) -> Select[int]:
    """Return the statement of users with a grant that is not over in the divisions of the transaction."""
    return select(DivisionAccess.user_id).where(DivisionAccess.valid_to.is_(None) | (DivisionAccess.valid_to > today))


def grants_of_user(session: Session, user_id: int) -> list[GrantRecord]:
    """Return the grants a user ever had in the divisions of the transaction, the newest first."""
    statement = f"""
        SELECT a.id, {shown("d")} AS division, a.valid_from, a.valid_to, a.basis
        FROM division_access a JOIN division d ON d.id = a.division_id
        WHERE a.user_id = :user_id ORDER BY a.valid_from DESC, a.id DESC
        """
    return fetch_all(session, statement, GrantRecord, user_id=user_id)


def division_ids_of_user(session: Session, user_id: int, on: date) -> frozenset[int]:
    """Return the divisions a user may work in on a day, subtrees and those of absent ones included."""
    return frozenset(fetch_all(session, "SELECT user_divisions(:user_id, :on)", int, user_id=user_id, on=on))


def access_on(session: Session, division_id: int, on: date) -> list[DivisionAccessRecord]:
    """Return who may work in a division of one's own on a day, by a grant there or above, or in the place of somebody absent."""
    statement = "SELECT * FROM access_on(:division_id, :on) ORDER BY username, valid_from, instead_of NULLS FIRST"
    return fetch_all(session, statement, DivisionAccessRecord, division_id=division_id, on=on)


def departments_of(session: Session, division_id: int, on: date) -> list[DepartmentRecord]:
    """Return a division's departments of a day, by code."""
    statement = f"""
        SELECT id, parent_id, code, {shown("department")} AS name FROM department
        WHERE division_id = :division_id AND valid_from <= :on AND (valid_to IS NULL OR valid_to > :on) ORDER BY code, id
        """
    return fetch_all(session, statement, DepartmentRecord, division_id=division_id, on=on)


def people_of(session: Session, division_id: int, on: date) -> list[PersonRecord]:
    """Return a division's people of a day, by name."""
    statement = f"""
        SELECT m.id, m.department_id, m.name, {shown("p")} AS post, m.phone, u.username, substitute.name AS substitute,
               s.valid_to AS absent_to
        FROM staff_member m JOIN post p ON p.id = m.post_id LEFT JOIN ab_user u ON u.id = m.user_id
        LEFT JOIN substitution s ON s.absent_id = m.id AND s.valid_from <= :on AND s.valid_to > :on
        LEFT JOIN staff_member substitute ON substitute.id = s.substitute_id
        WHERE m.division_id = :division_id AND m.valid_from <= :on AND (m.valid_to IS NULL OR m.valid_to > :on)
        ORDER BY m.name, m.id
        """
    return fetch_all(session, statement, PersonRecord, division_id=division_id, on=on)
