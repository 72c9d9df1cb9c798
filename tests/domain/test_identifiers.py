"""Identifiers: published vectors pass, what breaks a published rule is refused with the reason."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import identifiers
from app.domain.identifiers import InvalidIdentifier, Reason

PINFLS = ("30101199001232", "51507200500140", "43105198502608")


def refusal(check: Callable[[str], str], number: str) -> Reason:
    with pytest.raises(InvalidIdentifier) as refused:
        check(number)
    assert str(refused.value) == refused.value.reason
    return refused.value.reason


@pytest.mark.parametrize("number", PINFLS)
def test_valid_personal_numbers_pass(number: str):
    assert identifiers.pinfl(number) == number


@pytest.mark.parametrize("number", [valid[:-1] + last for valid in PINFLS for last in "0123456789" if last != valid[-1]])
def test_a_personal_number_with_another_last_digit_is_refused(number: str):
    assert refusal(identifiers.pinfl, number) is Reason.CONTROL_DIGIT


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("", Reason.DIGITS),
        ("3010119900123", Reason.LENGTH),
        ("301011990012320", Reason.LENGTH),
        ("3010119900123X", Reason.DIGITS),
        ("٣0101199001232", Reason.DIGITS),
        ("00101199001232", Reason.PREFIX),
        ("70101199001232", Reason.PREFIX),
        ("33202199001232", Reason.BIRTH_DATE),  # 32 February
        ("33002199001232", Reason.BIRTH_DATE),  # 30 February
        ("30113199001232", Reason.BIRTH_DATE),  # month 13
        ("30001199001232", Reason.BIRTH_DATE),  # day 0
        ("32902010012320", Reason.BIRTH_DATE),  # 29 February 1901
    ],
)
def test_a_broken_personal_number_is_refused_with_the_reason(number: str, reason: Reason):
    assert refusal(identifiers.pinfl, number) is reason


def test_the_leap_day_of_a_leap_year_is_a_birth_date():
    first_thirteen = "5290220041234"

    assert identifiers.pinfl(first_thirteen + identifiers.pinfl_control_digit(first_thirteen))


@given(st.text("0123456789", min_size=13, max_size=13), st.integers(0, 12), st.integers(1, 9))
def test_the_control_digit_notices_every_wrong_digit(first: str, place: int, change: int):
    wrong = first[:place] + str((int(first[place]) + change) % 10) + first[place + 1 :]

    assert identifiers.pinfl_control_digit(wrong) != identifiers.pinfl_control_digit(first)


@pytest.mark.parametrize(
    ("check", "written", "compact"),
    [
        (identifiers.pinfl, "3010119900 1232", "30101199001232"),
        (identifiers.stir, "200 523 364", "200523364"),
        (identifiers.stir, "301234567", "301234567"),
        (identifiers.stir, "712345678", "712345678"),
        (identifiers.mfo, "00014", "00014"),
        (identifiers.mfo, " 00-444 ", "00444"),
        (identifiers.bank_account, "20208000504933144001", "20208000504933144001"),
        (identifiers.bank_account, "2020 8000 5049 3314 4001", "20208000504933144001"),
        (identifiers.bank_account, "20210000000000000000", "20210000000000000000"),
        (identifiers.vat_registration, "326020012345", "326020012345"),
        (identifiers.account_number, "004010012345", "004010012345"),
        (identifiers.account_number, "00401 001234-56", "0040100123456"),
        (identifiers.soato, "1726", "1726"),
        (identifiers.soato, "1726262", "1726262"),
        (identifiers.soato, "1726262500", "1726262500"),
        (identifiers.phone, "+998901234567", "+998901234567"),
        (identifiers.phone, "998901234567", "+998901234567"),
        (identifiers.phone, "901234567", "+998901234567"),
        (identifiers.phone, "+998 (90) 123-45-67", "+998901234567"),
        (identifiers.phone, "90\u00a0123.45.67", "+998901234567"),
        (identifiers.phone, "20 123 45 67", "+998201234567"),
        (identifiers.phone, "33 123 45 67", "+998331234567"),
        (identifiers.phone, "55 123 45 67", "+998551234567"),
        (identifiers.phone, "77 123 45 67", "+998771234567"),
    ],
)
def test_a_valid_number_is_returned_compact(check: Callable[[str], str], written: str, compact: str):
    assert check(written) == compact


@pytest.mark.parametrize(
    ("check", "number", "reason"),
    [
        (identifiers.stir, "20052336", Reason.LENGTH),
        (identifiers.stir, "2005233640", Reason.LENGTH),
        (identifiers.stir, "20052336A", Reason.DIGITS),
        (identifiers.stir, "100523364", Reason.PREFIX),
        (identifiers.stir, "800523364", Reason.PREFIX),
        (identifiers.stir, "000523364", Reason.PREFIX),
        (identifiers.mfo, "0014", Reason.LENGTH),
        (identifiers.mfo, "000014", Reason.LENGTH),
        (identifiers.mfo, "O0014", Reason.DIGITS),
        (identifiers.bank_account, "2020800050493314400", Reason.LENGTH),
        (identifiers.bank_account, "202080005049331440011", Reason.LENGTH),
        (identifiers.bank_account, "UZ208000504933144001", Reason.DIGITS),
        (identifiers.vat_registration, "32602001234", Reason.LENGTH),
        (identifiers.vat_registration, "32602001234X", Reason.DIGITS),
        (identifiers.account_number, "00401001234", Reason.LENGTH),
        (identifiers.account_number, "00401001234567", Reason.LENGTH),
        (identifiers.account_number, "00401A012345", Reason.DIGITS),
        (identifiers.account_number, "", Reason.DIGITS),
        (identifiers.soato, "1826", Reason.PREFIX),
        (identifiers.soato, "17262", Reason.LENGTH),
        (identifiers.soato, "17A6", Reason.DIGITS),
        (identifiers.phone, "", Reason.DIGITS),
        (identifiers.phone, "+", Reason.DIGITS),
        (identifiers.phone, "90123456", Reason.LENGTH),
        (identifiers.phone, "9012345678", Reason.LENGTH),
        (identifiers.phone, "+9989012345678", Reason.LENGTH),
        (identifiers.phone, "+997901234567", Reason.PREFIX),
        (identifiers.phone, "+79001234567", Reason.LENGTH),
        (identifiers.phone, "90 123 45 6o", Reason.DIGITS),
    ],
)
def test_a_broken_number_is_refused_with_the_reason(check: Callable[[str], str], number: str, reason: Reason):
    assert refusal(check, number) is reason


@pytest.mark.parametrize("key", "0123456789")
def test_a_settlement_account_is_never_refused_for_its_key_digit(key: str):
    number = "20208000" + key + "04933144001"

    assert identifiers.bank_account(number) == number


@pytest.mark.parametrize("last", "0123456789")
def test_a_taxpayer_number_is_never_refused_for_its_last_digit(last: str):
    assert identifiers.stir("20052336" + last) == "20052336" + last


@given(st.text("0123456789", min_size=9, max_size=9))
def test_a_telephone_number_is_the_same_with_and_without_the_country(nine: str):
    assert identifiers.phone(nine) == identifiers.phone("998" + nine) == identifiers.phone("+998" + nine) == "+998" + nine


@given(st.text())
def test_whatever_a_person_types_is_refused_or_a_telephone_number(text: str):
    try:
        number = identifiers.phone(text)
    except InvalidIdentifier:
        return

    assert number.isascii()
    assert number.startswith("+998")
    assert len(number) == 13
