"""What a password must be: long, not everybody's, and not only words an attacker of this company tries first."""

import pytest

from app.domain.administration.access import PasswordProblem, password_problem
from app.gateways.common_passwords import common_passwords


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("a" * 11, PasswordProblem.TOO_SHORT),
        ("x7-" * 43, PasswordProblem.TOO_LONG),
        ("123456789qwe", PasswordProblem.COMMON),
        ("SonyEricsson", PasswordProblem.COMMON),
        ("password-2026!", PasswordProblem.COMMON),
        ("abababababab", PasswordProblem.COMMON),
        ("Toshkent-2026!", PasswordProblem.LOCAL_WORDS),
        ("Oʻzbekiston1991", PasswordProblem.LOCAL_WORDS),
        ("aziz.karimov.aziz", PasswordProblem.LOCAL_WORDS),
        ("pcbillingtoshkent", PasswordProblem.LOCAL_WORDS),
        ("x7-" * 42 + "ab", None),
        ("kechqurun choy ichamiz", None),
        ("тихая река на рассвете", None),
        ("Toshkentda yomg'ir", None),
        ("v8)kQ!2mZr#t", None),
    ],
)
def test_password_is_judged_by_length_lists_and_local_words_alone(password: str, problem: PasswordProblem | None) -> None:
    assert password_problem(password, username="aziz.karimov", common=common_passwords()) == problem


@pytest.mark.parametrize(
    ("username", "problem"), [("ali.karimov", PasswordProblem.LOCAL_WORDS), ("al.karimov", None)], ids=["three letters", "two letters"]
)
def test_part_of_a_user_s_name_counts_from_three_letters(username: str, problem: PasswordProblem | None) -> None:
    part = username.partition(".")[0]

    assert password_problem(f"karimov-{part}-2026", username=username, common=frozenset()) == problem
