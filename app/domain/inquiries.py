"""Messages that consumers send to our short number: which command one is, with words misspelt and in any of our scripts."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from app.domain.transliteration import to_latin


class InquiryCommand(StrEnum):
    """What a message asks for."""

    BALANCE = "BALANCE"
    READING = "READING"
    PAY = "PAY"
    APPLICATION = "APPLICATION"
    HELP = "HELP"
    STOP = "STOP"
    START = "START"
    #: no word of ours
    UNCLEAR = "UNCLEAR"


class InquiryOutcome(StrEnum):
    """What became of a message."""

    ANSWERED = "ANSWERED"
    #: the number is no consumer's: nothing is told
    UNKNOWN_NUMBER = "UNKNOWN_NUMBER"
    #: the day's answers of the number are spent
    TOO_MANY = "TOO_MANY"


class InquiryAnswer(StrEnum):
    """What is answered."""

    BALANCE = "BALANCE"
    READING_TAKEN = "READING_TAKEN"
    READING_HELD = "READING_HELD"
    READING_ODD = "READING_ODD"
    READING_REFUSED = "READING_REFUSED"
    READING_IN_PORTAL = "READING_IN_PORTAL"
    PAY = "PAY"
    APPLICATION = "APPLICATION"
    APPLICATION_EMPTY = "APPLICATION_EMPTY"
    APPLICATION_REFUSED = "APPLICATION_REFUSED"
    HELP = "HELP"
    STOPPED = "STOPPED"
    STARTED = "STARTED"
    #: the number is of several accounts, and none of them was named
    NAME_ACCOUNT = "NAME_ACCOUNT"


class ReadInquiry(NamedTuple):
    """A message, read.

    :ivar account: the digits that can be the number of an account; empty: none
    :ivar figures: other figures, in their order
    :ivar rest: what follows the command, as it was written
    :ivar is_sure: the sender says that an odd reading is right
    """

    command: InquiryCommand
    account: str
    figures: tuple[str, ...]
    rest: str
    is_sure: bool


#: Words of each command in plain Latin letters; those of Cyrillic are read by ``plain``.
_WORDS: Mapping[InquiryCommand, tuple[str, ...]] = {
    InquiryCommand.BALANCE: ("balans", "balance", "qarz", "dolg", "qarzim", "saldo"),
    InquiryCommand.READING: ("korsatkich", "hisoblagich", "reading", "pokazaniya", "pokazanie", "schetchik"),
    InquiryCommand.PAY: ("tolov", "tolash", "pay", "oplata", "oplatit"),
    InquiryCommand.APPLICATION: ("ariza", "arza", "shikoyat", "zayavlenie", "jaloba"),
    InquiryCommand.HELP: ("yordam", "jardem", "help", "pomosh", "pomoshch"),
    InquiryCommand.STOP: ("stop", "toxta", "otpiska"),
    InquiryCommand.START: ("start", "boshla", "podpiska"),
}
#: Russian letters that Uzbek lacks.
_RUSSIAN = str.maketrans({"щ": "sh", "ы": "i", "ь": ""})
_SURE = frozenset({"ha", "xa", "da", "yes"})
_ACCOUNT_DIGITS = (12, 13)


def read(text: str) -> ReadInquiry:
    """Return what a message asks for; a word may be misspelt by one letter, a long one by two.

    >>> read("Balanc 262801234567").command.value, read("БАЛАНС").command.value, read("кўрсаткич 1234,5 ҳа").figures
    ('BALANCE', 'BALANCE', ('1234,5',))
    """
    first, _blank, rest = text.strip().partition(" ")
    words = rest.split()
    numbers = [word for word in words if word.replace(",", "").replace(".", "").isdecimal()]
    accounts = [word for word in numbers if word.isascii() and len(word) in _ACCOUNT_DIGITS and word.isdecimal()]
    figures = tuple(word for word in numbers if word not in accounts)
    is_sure = any(plain(word) in _SURE for word in words)
    return ReadInquiry(command_of(first), accounts[0] if accounts else "", figures, rest.strip(), is_sure)


def command_of(word: str) -> InquiryCommand:
    """Return the command a word is nearest to, if it is near enough to one alone.

    >>> [str(command_of(word)) for word in ("to'lov", "TOLOOV", "стоп", "st0p", "starrt", "хисоблагич", "?", "tok")]
    ['PAY', 'PAY', 'STOP', 'STOP', 'START', 'READING', 'HELP', 'UNCLEAR']
    """
    typed = plain(word)
    if typed in {"", "?"}:
        return InquiryCommand.HELP
    near = {command: min(distance(typed, known) for known in words) for command, words in _WORDS.items()}
    least = min(near.values())
    found = [command for command, steps in near.items() if steps == least]
    return found[0] if len(found) == 1 and least <= _misspellings(len(typed)) else InquiryCommand.UNCLEAR


def _misspellings(letters: int) -> int:
    return 0 if letters < 4 else 1 if letters < 7 else 2


def plain(word: str) -> str:
    """Return a word in small plain Latin letters, whatever script and marks it was written with.

    >>> plain("Тўлов!"), plain("KOʻRSATKICH"), plain("показания")
    ('tolov', 'korsatkich', 'pokazaniya')
    """
    latin = to_latin(word.lower().translate(_RUSSIAN)).lower()
    return "".join(sign for sign in latin if sign.isascii() and (sign.isalnum() or sign == "?"))


def distance(one: str, other: str) -> int:
    """Return how many letters are to be put in, left out, changed or swapped with the next to make one word of the other.

    >>> distance("balans", "balanc"), distance("tolov", "tolvo"), distance("stop", "start")
    (1, 1, 3)
    """
    rows = [list(range(len(other) + 1))]
    for place, letter in enumerate(one, 1):
        row = [place]
        for column, known in enumerate(other, 1):
            best = min(rows[-1][column] + 1, row[-1] + 1, rows[-1][column - 1] + (letter != known))
            if place > 1 and column > 1 and letter == other[column - 2] and one[place - 2] == known:
                best = min(best, rows[-2][column - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]
