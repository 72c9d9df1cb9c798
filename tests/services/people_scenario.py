"""People of a company for tests of rights: users with roles and grants, departments, staff members."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.models.administration import Department, Division, DivisionAccess, Post, StaffMember
from tests.builders import make_district

LONG_AGO = date(2020, 1, 1)


class Company(NamedTuple):
    """The company, a region, a district of it, and a district of elsewhere."""

    root: Division
    region: Division
    district: Division
    elsewhere: Division


def company(session: Session) -> Company:
    """Return divisions on three levels."""
    root = session.scalars(select(Division).where(Division.parent_id.is_(None))).one()
    district, elsewhere = make_district(session), make_district(session, "1718999")
    return Company(root, session.get_one(Division, district.parent_id), district, elsewhere)


def add_user(session: Session, name: str, *roles: str) -> int:
    """Add a user with roles; return his number."""
    insert = text(
        "INSERT INTO ab_user (id, first_name, last_name, username, email, active) "
        "VALUES (nextval('ab_user_id_seq'), 'T', 'T', CAST(:name AS varchar), CAST(:name AS varchar) || '@x', true) RETURNING id"
    )
    user_id: int = session.execute(insert, {"name": name}).scalar_one()
    for role in roles:
        give = "INSERT INTO ab_user_role (id, user_id, role_id) VALUES (nextval('ab_user_role_id_seq'), :user_id, :role_id)"
        session.execute(text(give), {"user_id": user_id, "role_id": role_id(session, role)})
    return user_id


def role_id(session: Session, name: str) -> int:
    """Return a role's number; one that is not there yet is made."""
    found = session.scalar(text("SELECT id FROM ab_role WHERE name = :name"), {"name": name})
    insert = "INSERT INTO ab_role (id, name) VALUES (nextval('ab_role_id_seq'), :name) RETURNING id"
    return found or session.execute(text(insert), {"name": name}).scalar_one()


def add_grant(
    session: Session, user_id: int, division: Division, valid_from: date = LONG_AGO, valid_to: date | None = None
) -> DivisionAccess:
    """Let a user work in a division."""
    access = DivisionAccess(user_id=user_id, division_id=division.id, valid_from=valid_from, valid_to=valid_to, basis="Order 1")
    session.add(access)
    session.flush()
    return access


def add_department(session: Session, division: Division, code: str, parent: Department | None = None) -> Department:
    """Add a department."""
    made = Department(division_id=division.id, code=code, name=f"Department {code}", valid_from=LONG_AGO, parent_id=parent and parent.id)
    session.add(made)
    session.flush()
    session.refresh(made)
    return made


def add_person(session: Session, department: Department, name: str, user_id: int | None = None) -> StaffMember:
    """Appoint a person, who may have a user."""
    post = session.scalars(select(Post).where(Post.code == "TEST")).one_or_none() or Post(code="TEST", name="Tester")
    session.add(post)
    session.flush()
    made = StaffMember(
        division_id=department.division_id, department_id=department.id, post_id=post.id, user_id=user_id, name=name,
        personnel_number=f"T-{name}", valid_from=LONG_AGO,
    )  # fmt: skip
    session.add(made)
    session.flush()
    session.refresh(made)
    return made
