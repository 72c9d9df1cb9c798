"""What people type to find an account: a number or its end, a telephone, a meter, words of a name and of an address."""

import re
from typing import NamedTuple

from app.domain.transliteration import beginnings, fold

#: Fewer digits than this are no part of a number, but a house or a word.
FEWEST_DIGITS = 4
MOST_WORDS = 8
_PHONE_DIGITS, _LONGEST_SERIAL = 9, 32
_NUMBER = re.compile(r"[+№#]?[0-9 ().\-/+]+")
_HOUSE_LETTER = re.compile(r"(?<=[0-9]) ([a-z])(?= |$)")
#: What an address calls its parts, in any language; it stands in no name.
_PARTS = frozenset(
    fold("koʻcha koʻchasi koʻchesi ulitsa ul uy uyi dom kv kvartira xonadon mahalla mahallasi mfy мфй улица ул уй дом кв квартира").split()
)


class SearchWord(NamedTuple):
    """A word that was typed."""

    #: as a tsquery asks for it; a number is asked for whole, a word by its beginning
    asked: str
    #: the number itself, of a house or a flat; empty: it is no number
    number: str


class AccountSearch(NamedTuple):
    """What was typed into a search box."""

    #: digits, if a number was typed; empty: words
    digits: str
    words: tuple[SearchWord, ...]
    #: letters and digits alone, as numbers of meters are compared
    part: str

    @property
    def serial(self) -> str:
        """Return the part where it may be of a meter's number; empty: it cannot be."""
        is_number = FEWEST_DIGITS <= len(self.part) <= _LONGEST_SERIAL and any(letter.isdigit() for letter in self.part)
        return self.part if is_number else ""

    @property
    def phone(self) -> str:
        """Return the end of the telephone number the digits may be, 9 if it is whole; empty: they can be none."""
        digits = self.digits
        if len(digits) == 12 and digits.startswith("998"):
            digits = digits[3:]
        elif len(digits) == 10 and digits.startswith("8"):
            digits = digits[1:]
        return digits if FEWEST_DIGITS <= len(digits) <= _PHONE_DIGITS else ""

    def phone_for(self, *, personal: bool) -> str:
        """Return the end of a telephone number to search for; one typed in full, if the reader may not read personal data."""
        return self.phone if personal or len(self.phone) == _PHONE_DIGITS else ""


def parse(typed: str) -> AccountSearch:
    """Return what a text asks for; nothing can be found by one without letters and digits.

    >>> parse("+998 (90) 123-45-67").phone, parse("45-67").digits, parse("Навоий 12-а").words[1].number
    ('901234567', '4567', '12a')
    """
    text = " ".join(typed.split())
    digits = "".join(re.findall("[0-9]", text)) if _NUMBER.fullmatch(text) else ""
    part = re.sub(r"[\W_]", "", text).upper()
    if len(digits) >= FEWEST_DIGITS:
        return AccountSearch(digits, (), part)
    return AccountSearch("", words(text), part)


def words(text: str) -> tuple[SearchWord, ...]:
    """Return the words of a text without those that name parts of an address, unless it has no others."""
    folded = _HOUSE_LETTER.sub(r"\1", fold(text)).split()[:MOST_WORDS]
    return tuple(map(_word, [word for word in folded if word not in _PARTS] or folded))


def matches(words: tuple[SearchWord, ...], joined: str = " & ") -> str:
    """Return the tsquery of some words; with `` | `` any of them is enough."""
    return joined.join(word.asked for word in words)


def _word(word: str) -> SearchWord:
    if word[0].isdigit():
        return SearchWord(word, word)
    return SearchWord("(" + " | ".join(f"{each}:*" for each in beginnings(word) if each) + ")", "")
