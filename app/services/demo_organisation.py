"""A believable office for the demo: a department a division, a post and a person a user."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.administration import Department, Division, Post, StaffMember

DEPARTMENT = "Abonentlar bilan ishlash boʻlimi"


def appoint(session: Session, *, user_id: int, name: str, title: str, code: str, since: date) -> None:
    """Put a user into a post of his division's department, unless he is in one already."""
    if session.scalar(select(StaffMember.id).where(StaffMember.user_id == user_id)):
        return
    division_id = session.scalars(select(Division.id).where(Division.code == code)).one()
    department = session.scalar(select(Department).where(Department.division_id == division_id))
    if department is None:
        department = Department(division_id=division_id, code="01", name=DEPARTMENT, valid_from=since)
    post = session.scalar(select(Post).where(Post.code == title.upper())) or Post(code=title.upper(), name=title)
    session.add_all([department, post])
    session.flush()
    session.add(
        StaffMember(
            division_id=division_id,
            department_id=department.id,
            post_id=post.id,
            user_id=user_id,
            name=name,
            personnel_number=f"{user_id:05}",
            valid_from=since,
        )
    )
    session.flush()
