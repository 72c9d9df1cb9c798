"""What a password of the staff must be, on every path that sets one."""

from app.domain.access import PasswordProblem, password_problem
from app.gateways.common_passwords import common_passwords


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
