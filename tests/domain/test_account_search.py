"""What a text typed into the search for accounts asks for: a number, a telephone, a meter, words."""

import pytest

from app.domain.accounts import search
from app.domain.accounts.search import parse


@pytest.mark.parametrize(
    ("typed", "digits"),
    [("4567", "4567"), ("456", ""), ("26 999-0000001", "269990000001"), ("№ 4567", "4567"), ("4567a", ""), ("uy 4567", ""), ("", "")],
)
def test_number_is_four_digits_or_more_with_nothing_else(typed: str, digits: str) -> None:
    assert parse(typed).digits == digits
    assert bool(parse(typed).words) == bool(typed and not digits)


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("901234567", "901234567"),
        ("+998 90 123-45-67", "901234567"),
        ("998901234567", "901234567"),
        ("8 (90) 123-45-67", "901234567"),
        ("890123456", "890123456"),
        ("9012345678", ""),
        ("89012345678", ""),
        ("997901234567", ""),
        ("4567", "4567"),
        ("456", ""),
    ],
)
def test_digits_may_be_the_end_of_a_telephone_number(typed: str, phone: str) -> None:
    asked = parse(typed)

    assert asked.phone == phone
    assert asked.phone_for(personal=True) == phone
    assert asked.phone_for(personal=False) == (phone if len(phone) == 9 else "")


@pytest.mark.parametrize(
    ("typed", "serial"), [("ab-12 34", "AB1234"), ("123", ""), ("abcd", ""), ("1" * 32, "1" * 32), ("1" * 33, ""), ("_1_2_3_4", "1234")]
)
def test_letters_and_digits_may_be_of_a_meter_if_they_are_neither_few_nor_many(typed: str, serial: str) -> None:
    assert parse(typed).serial == serial


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("Anvar 12", ["(anvar:*)", "12"]),
        ("Anvar koʻchasi 12 uy", ["(anvar:*)", "12"]),
        ("12 a", ["12a"]),
        ("12 ab", ["12", "(ab:*)"]),
    ],
)
def test_words_are_asked_for_by_their_beginnings_and_numbers_whole(typed: str, asked: list[str]) -> None:
    words = search.words(typed)

    assert [word.asked for word in words] == asked
    assert [word.number for word in words] == [each if each[0].isdigit() else "" for each in asked]
    assert search.matches(words) == " & ".join(asked)
    assert search.matches(words, " | ") == " | ".join(asked)


def test_words_that_name_parts_of_an_address_are_asked_for_if_there_are_no_others() -> None:
    assert [word.asked[:4] for word in search.words("kv dom")] == ["(kv:", "(dom"]


def test_no_more_than_eight_words_are_asked_for() -> None:
    assert len(search.words(" ".join("abcdefghij"))) == 8
