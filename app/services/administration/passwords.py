"""What a password of the staff must be, on every path that sets one, and whose choice it is."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.domain.administration.access import PasswordProblem, password_problem
from app.gateways.common_passwords import common_passwords
from app.models.administration import GivenPassword


class WeakPassword(Exception):
    """A password is refused."""

    def __init__(self, problem: PasswordProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


def check_password(password: str, *, username: str) -> None:
    """Refuse a password that is too short or too easily guessed.

    :raises WeakPassword: with the problem
    """
    problem = password_problem(password, username=username, common=common_passwords())
    if problem is not None:
        raise WeakPassword(problem)


def mark_given(session: Session, user_id: int, *, by: str, now: datetime) -> None:
    """Record that a user's password is one that somebody else gave, so that he must choose his own."""
    given = {"given_at": now, "given_by": by[:64]}
    statement = insert(GivenPassword).values(user_id=user_id, **given)
    session.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=given))


def mark_chosen(session: Session, user_id: int) -> None:
    """Record that a user's password is his own."""
    session.execute(delete(GivenPassword).where(GivenPassword.user_id == user_id))
