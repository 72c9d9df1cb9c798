"""Who gets in: ends of sessions, and what a password must be.

Source: OWASP ASVS 5.0, 6.2 (length, lists, no composition rules, no rotation) and 6.2.11 (words of the place).
"""

import re
from collections.abc import Container
from enum import StrEnum

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 128

#: Words an attacker of this company tries first.
_PLACES = (
    "andijon andijan buxoro bukhara jizzax jizzakh qashqadaryo kashkadarya qarshi karshi navoiy navoi namangan samarqand samarkand "
    "surxondaryo surkhandarya termiz termez sirdaryo syrdarya guliston toshkent tashkent fargona fergana xorazm khorezm urganch urgench "
    "qoraqalpogiston karakalpakstan nukus ozbekiston uzbekistan respublikasi viloyati shahri tumani"
)
_COMPANY = "pc billing pcbilling het hudud hududiy elektr elektro energo energiya energy tarmoqlari tarmoq svet tok kassa abonent"
_LOCAL = sorted({*_PLACES.split(), *_COMPANY.split()}, key=len, reverse=True)


class SessionEnd(StrEnum):
    """Why a session ended."""

    LOGOUT = "LOGOUT"
    ENDED = "ENDED"
    PASSWORD = "PASSWORD"  # noqa: S105 - the reason, not a password
    RIGHTS = "RIGHTS"
    DEACTIVATED = "DEACTIVATED"
    EXPIRED = "EXPIRED"
    WRONG_CODES = "WRONG_CODES"


class PasswordProblem(StrEnum):
    """Why a password is refused."""

    TOO_SHORT = "TOO_SHORT"
    TOO_LONG = "TOO_LONG"
    COMMON = "COMMON"
    LOCAL_WORDS = "LOCAL_WORDS"


def password_problem(password: str, *, username: str, common: Container[str]) -> PasswordProblem | None:
    """Return why a password is refused, or None; any letters, signs and blanks are welcome.

    :param common: passwords everybody tries, in lower case

    >>> password_problem("Toshkent-2026!", username="aziz", common=())
    <PasswordProblem.LOCAL_WORDS: 'LOCAL_WORDS'>
    """
    if len(password) < SHORTEST_PASSWORD:
        return PasswordProblem.TOO_SHORT
    if len(password) > LONGEST_PASSWORD:
        return PasswordProblem.TOO_LONG
    bare = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", password.lower())
    if password.lower() in common or bare in common or len(set(password.lower())) < 4:
        return PasswordProblem.COMMON
    return PasswordProblem.LOCAL_WORDS if _is_made_of_local_words(password.lower(), username.lower()) else None


def _is_made_of_local_words(password: str, username: str) -> bool:
    """Tell whether nothing is left of a password without local words, the user's name, digits and signs."""
    letters = re.sub(r"[^\w]|[\d_]|ʻ|ʼ", "", password)
    own = [part for part in re.split(r"[\W\d_]+", username) if len(part) > 2]
    for word in [*sorted(own, key=len, reverse=True), *_LOCAL]:
        letters = letters.replace(word, "")
    return not letters
