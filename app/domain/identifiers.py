"""Identifiers printed on Uzbek papers: compact form and validity.

Each check answers with the compact form, or raises ``InvalidIdentifier`` with the reason. Marking a valid number as
invalid is worse than the reverse, so what is not published is not checked.

Sources: STIR — Cabinet of Ministers resolution no. 130 of 1997 (control digit unpublished, not checked); JSHSHIR (PINFL)
— structure and control digit as documented by public validators, weights 7-3-1; settlement account and MFO — published
requisites (the key digit is not established, not checked); telephone — national numbering, +998 and nine digits.
"""

import re
from datetime import date
from enum import StrEnum

from app.domain import readers

_PINFL_WEIGHTS = (7, 3, 1)
_CENTURIES = {"1": "18", "2": "18", "3": "19", "4": "19", "5": "20", "6": "20"}
_SEPARATORS = re.compile(r"[\s\u00a0().\-]+")


class Reason(StrEnum):
    """Why an identifier is refused."""

    LENGTH = "LENGTH"
    DIGITS = "DIGITS"
    PREFIX = "PREFIX"
    BIRTH_DATE = "BIRTH_DATE"
    CONTROL_DIGIT = "CONTROL_DIGIT"


class InvalidIdentifier(ValueError):
    """An identifier breaks a published rule.

    :ivar reason: which rule
    """

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def compact(number: str) -> str:
    """Return the number without blanks, hyphens, dots and brackets, and without what spreadsheets add to it."""
    try:
        return _SEPARATORS.sub("", readers.code(number))
    except readers.Misread:
        return number


def pinfl(number: str) -> str:
    """Return a personal number (JSHSHIR, 14 digits): sex and century, birth date, area, serial, control digit.

    >>> pinfl("3010119900 1232")
    '30101199001232'

    :raises InvalidIdentifier: if length, digits, birth date or control digit are wrong
    """
    digits = _digits(number, 14)
    if digits[0] not in _CENTURIES:
        raise InvalidIdentifier(Reason.PREFIX)
    try:
        date.fromisoformat(f"{_CENTURIES[digits[0]]}{digits[5:7]}-{digits[3:5]}-{digits[1:3]}")
    except ValueError:
        raise InvalidIdentifier(Reason.BIRTH_DATE) from None
    if pinfl_control_digit(digits[:13]) != digits[13]:
        raise InvalidIdentifier(Reason.CONTROL_DIGIT)
    return digits


def pinfl_control_digit(first_thirteen: str) -> str:
    """Return the control digit: the sum of the digits weighted 7, 3, 1 and so on, modulo 10."""
    return str(sum(int(digit) * _PINFL_WEIGHTS[place % 3] for place, digit in enumerate(first_thirteen)) % 10)


def stir(number: str) -> str:
    """Return a taxpayer number (STIR, 9 digits, the first 2 to 7); its control digit is not published.

    :raises InvalidIdentifier: if length, digits or the first digit are wrong
    """
    digits = _digits(number, 9)
    if digits[0] not in "234567":
        raise InvalidIdentifier(Reason.PREFIX)
    return digits


def mfo(number: str) -> str:
    """Return a bank code (MFO, 5 digits).

    :raises InvalidIdentifier: if length or digits are wrong
    """
    return _digits(number, 5)


def bank_account(number: str) -> str:
    """Return a settlement account (20 digits: balance account 5, currency 3, key 1, client 8, serial 3).

    :raises InvalidIdentifier: if length or digits are wrong
    """
    return _digits(number, 20)


def vat_registration(number: str) -> str:
    """Return a VAT registration code (12 digits).

    :raises InvalidIdentifier: if length or digits are wrong
    """
    return _digits(number, 12)


def phone(number: str) -> str:
    """Return a telephone number as +998 and nine digits.

    >>> phone("90 123-45-67")
    '+998901234567'

    :raises InvalidIdentifier: if it is not nine digits after an optional +998
    """
    digits = compact(number).removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        raise InvalidIdentifier(Reason.DIGITS)
    if len(digits) == 12 and digits.startswith("998"):
        digits = digits[3:]
    if len(digits) == 12:
        raise InvalidIdentifier(Reason.PREFIX)
    if len(digits) != 9:
        raise InvalidIdentifier(Reason.LENGTH)
    return f"+998{digits}"


def account_number(number: str) -> str:
    """Return an account number as ``readers.account_number`` reads it.

    :raises InvalidIdentifier: if length or digits are wrong
    """
    try:
        return readers.account_number(number)
    except readers.Misread:
        raise InvalidIdentifier(Reason.LENGTH if compact(number).isdecimal() else Reason.DIGITS) from None


def soato(code: str) -> str:
    """Return a code of the state classifier of territories: 4 digits for a region, 7 or 10 for what lies below.

    :raises InvalidIdentifier: if length, digits or the country prefix are wrong
    """
    digits = compact(code)
    if not (digits.isascii() and digits.isdigit()):
        raise InvalidIdentifier(Reason.DIGITS)
    if len(digits) not in (4, 7, 10):
        raise InvalidIdentifier(Reason.LENGTH)
    if not digits.startswith("17"):
        raise InvalidIdentifier(Reason.PREFIX)
    return digits


def _digits(number: str, length: int) -> str:
    digits = compact(number)
    if not (digits.isascii() and digits.isdigit()):
        raise InvalidIdentifier(Reason.DIGITS)
    if len(digits) != length:
        raise InvalidIdentifier(Reason.LENGTH)
    return digits
