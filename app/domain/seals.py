"""The life of seals: in which states they are, what leads from one to another, how their numbers are written and counted.

A seal is in one place: a warehouse or a brigade keeps it, or it is applied to a device or, where none stands, to a place of supply.
Source: shared facts "losses and metering", 6.2; the guards that need other rows are in ``services.seals``.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

#: Seals of one document.
MOST_SEALS = 200_000
LONGEST_NUMBER = 32


class SealState(StrEnum):
    """In what state a seal is."""

    IN_STORE = "IN_STORE"
    ISSUED = "ISSUED"
    APPLIED = "APPLIED"
    BROKEN = "BROKEN"  # found broken where it was applied
    REMOVED = "REMOVED"  # taken off and destroyed
    LOST = "LOST"
    SPOILED = "SPOILED"  # written off


class SealEvent(StrEnum):
    """What happens to a seal."""

    RECEIVE = "RECEIVE"
    TAKE_OVER = "TAKE_OVER"  # it was on its device before the register knew it
    ISSUE = "ISSUE"
    RETURN = "RETURN"
    APPLY = "APPLY"
    BREAK = "BREAK"
    TAKE_OFF = "TAKE_OFF"
    LOSE = "LOSE"
    FIND = "FIND"
    WRITE_OFF = "WRITE_OFF"


_S, _E = SealState, SealEvent
#: Kept by a warehouse or a brigade.
KEPT = (_S.IN_STORE, _S.ISSUED)
#: On a device or at a place of supply.
ON_PLACE = (_S.APPLIED, _S.BROKEN)

#: The life of a seal; None: nothing of it is recorded yet. What is not listed does not happen. An event leads to one state.
TRANSITIONS: Mapping[tuple[SealState | None, SealEvent], SealState] = {
    (None, _E.RECEIVE): _S.IN_STORE,
    (None, _E.TAKE_OVER): _S.APPLIED,
    (_S.IN_STORE, _E.ISSUE): _S.ISSUED,
    (_S.ISSUED, _E.RETURN): _S.IN_STORE,
    **{(state, _E.APPLY): _S.APPLIED for state in KEPT},
    (_S.APPLIED, _E.BREAK): _S.BROKEN,
    **{(state, _E.TAKE_OFF): _S.REMOVED for state in ON_PLACE},
    **{(state, _E.LOSE): _S.LOST for state in KEPT},
    (_S.LOST, _E.FIND): _S.IN_STORE,
    **{(state, _E.WRITE_OFF): _S.SPOILED for state in KEPT},
}


class SealedPart(StrEnum):
    """What of a device or a place of supply a seal locks."""

    TERMINAL_COVER = "TERMINAL_COVER"
    CASING = "CASING"
    CABINET = "CABINET"
    TRANSFORMER_CIRCUITS = "TRANSFORMER_CIRCUITS"
    SWITCH = "SWITCH"  # where the supply was cut


#: What is opened when a meter is taken off; its casing stays sealed.
OPENED_AT_REMOVAL = (SealedPart.TERMINAL_COVER, SealedPart.CABINET, SealedPart.TRANSFORMER_CIRCUITS, SealedPart.SWITCH)


class SealPlace(NamedTuple):
    """Where a seal is.

    :ivar stock_place_id: of a warehouse or brigade that keeps it
    :ivar device_id: of the device it is on
    :ivar service_point_id: of the place of supply it is at, where no device stands
    """

    stock_place_id: int | None = None
    device_id: int | None = None
    service_point_id: int | None = None
    sealed_part: SealedPart | None = None


NOWHERE = SealPlace()


class InspectionCause(StrEnum):
    """What opened an inspection."""

    BROKEN_SEAL = "BROKEN_SEAL"
    TAMPER_EVENT = "TAMPER_EVENT"  # the device told it
    NO_USE = "NO_USE"  # nothing was used for several months


class InspectionStatus(StrEnum):
    """Where an inspection stands."""

    OPEN = "OPEN"
    ENDED = "ENDED"
    WITHDRAWN = "WITHDRAWN"  # what opened it was taken back


class SealRefusal(StrEnum):
    """Why a seal is not moved."""

    UNKNOWN = "UNKNOWN"
    USED = "USED"
    OTHER_KEEPER = "OTHER_KEEPER"
    OTHER_DIVISION = "OTHER_DIVISION"
    NOT_POSSIBLE = "NOT_POSSIBLE"
    NOT_ON_IT = "NOT_ON_IT"
    FUTURE_DAY = "FUTURE_DAY"
    LATER_MOVEMENT = "LATER_MOVEMENT"
    NOT_LAST = "NOT_LAST"
    NO_KEEPER = "NO_KEEPER"
    NO_PLACE = "NO_PLACE"
    NO_SEAL = "NO_SEAL"
    NO_KIND = "NO_KIND"
    WRITTEN_TWICE = "WRITTEN_TWICE"
    BAD_NUMBER = "BAD_NUMBER"
    BAD_RANGE = "BAD_RANGE"
    TOO_MANY = "TOO_MANY"
    ALL_DOUBLES = "ALL_DOUBLES"
    ENDED = "ENDED"


class SealRefused(Exception):
    """A seal is not moved; ``detail`` names the seal, and where it is or how it stands.

    :param column: the field of the form it is about; None: the document or act as a whole
    """

    def __init__(self, refusal: SealRefusal, detail: str = "", *, column: str | None = None) -> None:
        super().__init__(refusal, detail)
        self.refusal, self.detail, self.column = refusal, detail, column


class SealRange(NamedTuple):
    """Seals with consecutive numbers: ``first`` to ``last``, in ``width`` digits behind a series.

    A number without digits at its end has a width of nothing.
    """

    series: str
    first: int
    last: int
    width: int

    @property
    def seals(self) -> int:
        """How many seals it has."""
        return self.last - self.first + 1

    def __str__(self) -> str:
        begin, end = (f"{self.series}{number:0{self.width}d}" if self.width else self.series for number in (self.first, self.last))
        return begin if self.seals == 1 else f"{begin} – {end}"


_NUMBER = re.compile(r"(?P<series>.*?)(?P<digits>[0-9]{0,12})", re.DOTALL)
_BETWEEN = re.compile(r"\s*(?:\.\.|…|–|—|;|\t|\s-\s)\s*")
_SEPARATOR = re.compile(r"[\s,;]+")


def numbers_in(written: str | None) -> list[str]:
    """Return the numbers of seals that stand in a text one after another, each once.

    >>> numbers_in("P-1, P-2 P-1")
    ['P-1', 'P-2']
    """
    return list(dict.fromkeys(each for each in _SEPARATOR.split(written or "") if each))


def key_of(number: str) -> str:
    """Return what a number is known by: without blanks, dashes, case and leading zeros, as ``device_serial`` of the database.

    >>> key_of(" np-007 "), key_of("00012")
    ('NP007', '12')
    """
    return "".join(letter for letter in number.upper() if letter.isalnum()).lstrip("0")


def read_range(line: str) -> SealRange:
    """Return the seals that a line names: a number, or the first and the last with dots or a long dash between.

    >>> str(read_range("NP-0001 .. NP-0100")), read_range("NP-0001 .. NP-0100").seals
    ('NP-0001 – NP-0100', 100)

    :raises SealRefused: if it is no number, or the two do not make a range
    """
    first, *others = (_split(part) for part in _BETWEEN.split(line.strip()))
    if not others:
        return first
    last = others[0]
    if len(others) > 1 or not first.width or (first.series, first.width) != (last.series, last.width) or last.first < first.first:
        raise SealRefused(SealRefusal.BAD_RANGE, line[:80], column="seals")
    return first._replace(last=last.last)


def read_ranges(lines: Iterable[str]) -> list[SealRange]:
    """Return the seals that lines name.

    :raises SealRefused: if one is no number or range, there is none, or there are more than a document takes
    """
    found = [read_range(line) for line in lines if line.strip()]
    if not found:
        raise SealRefused(SealRefusal.NO_SEAL, column="seals")
    if sum(each.seals for each in found) > MOST_SEALS:
        raise SealRefused(SealRefusal.TOO_MANY, str(MOST_SEALS), column="seals")
    return found


def ranges_of(numbers: Sequence[str]) -> list[SealRange]:
    """Return numbers, sorted, as ranges.

    >>> [str(each) for each in ranges_of(["P-3", "P-1", "P-2", "X"])]
    ['P-1 – P-3', 'X']
    """
    return list(_joined(sorted(_split(number) for number in numbers)))


def _joined(seals: Iterable[SealRange]) -> Iterator[SealRange]:
    present: SealRange | None = None
    for each in seals:
        if present and each.width and (present.series, present.width) == (each.series, each.width) and present.last + 1 == each.first:
            present = present._replace(last=each.last)
            continue
        if present:
            yield present
        present = each
    if present:
        yield present


def _split(number: str) -> SealRange:
    """Return a number as a range of one.

    :raises SealRefused: if it is empty or too long
    """
    number = number.strip()
    found = _NUMBER.fullmatch(number)
    if found is None or not key_of(number) or len(number) > LONGEST_NUMBER or "\0" in number:
        raise SealRefused(SealRefusal.BAD_NUMBER, number[:80], column="seals")
    digits = found["digits"]
    return SealRange(found["series"], int(digits or 0), int(digits or 0), len(digits))
