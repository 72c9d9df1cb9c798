"""The life of a tender, and what money is counted by.

A tender is a provider's word that it collected money; a payment is money booked.
"""

import re
from collections.abc import Mapping
from enum import StrEnum


class UnkeptCall(StrEnum):
    """Why a call at a provider's address is counted and not kept."""

    WITHOUT_KEY = "WITHOUT_KEY"
    TOO_MANY_WRONG_KEYS = "TOO_MANY_WRONG_KEYS"


class UnknownTransaction(StrEnum):
    """What PAYNET is told of a transaction we do not know: its specifications differ, so each contract says it."""

    STATE_3 = "STATE_3"
    NOT_FOUND = "NOT_FOUND"
    UNKNOWN_ERROR = "UNKNOWN_ERROR"


class Repeat(StrEnum):
    """What a provider is told that asks again for what was done: the first answer, or that it was done already."""

    SAME_ANSWER = "SAME_ANSWER"
    REFUSED = "REFUSED"


class ControlKind(StrEnum):
    """What money received is counted by."""

    SHIFT = "SHIFT"  # a cashier's
    PAYMENT_FILE = "PAYMENT_FILE"  # a file of a bank or of the post
    GATEWAY_DAY = "GATEWAY_DAY"  # what a provider sent in a day


class ControlAccount(StrEnum):
    """Accounts that money received moves between beside the accounts of consumers."""

    CASH = "CASH"
    PROVIDER = "PROVIDER"
    BANK = "BANK"
    SUSPENSE = "SUSPENSE"  # received, nobody knows yet for whom
    OVER_SHORT = "OVER_SHORT"  # what counting found too much (credit) or missing (debit)
    COMMISSION = "COMMISSION"


class ControlStatus(StrEnum):
    """Where a control stands."""

    OPEN = "OPEN"
    COUNTED = "COUNTED"
    CLOSED = "CLOSED"
    REFUSED = "REFUSED"  # a payment file nothing was taken of


class TenderStatus(StrEnum):
    """Where a tender stands."""

    CREATED = "CREATED"
    PERFORMED = "PERFORMED"
    CANCELLED = "CANCELLED"  # before it was performed
    REVERSED = "REVERSED"  # after it was performed


class PayingObstacle(StrEnum):
    """Why a payment cannot be opened at a provider from the portal, or only a part of it."""

    NO_CONTRACT = "NO_CONTRACT"
    STOPPED = "STOPPED"  # no new money is taken
    TOO_SMALL = "TOO_SMALL"
    TOO_LARGE = "TOO_LARGE"  # for one payment
    NO_LINK = "NO_LINK"  # nobody set up how its page is opened


class PaymentMove(StrEnum):
    """What becomes of a payment that does not belong where it was credited."""

    TRANSFER = "TRANSFER"  # to another account
    SUSPENSE = "SUSPENSE"  # until its account is found
    REFUND = "REFUND"  # to the payer, the way it came


class HeldReason(StrEnum):
    """Why a row of a payment file waits for a person."""

    OTHER_FILE = "OTHER_FILE"  # a row of another file has the same key
    SAME_FILE = "SAME_FILE"  # an earlier row has the same key, and the contract says that there is one
    FUTURE = "FUTURE"  # it is dated in the future


class HeldStatus(StrEnum):
    """Where a row that was held stands."""

    WAITING = "WAITING"
    ASKED = "ASKED"  # a second person has to agree
    ACCEPTED = "ACCEPTED"  # a payment of its own
    REPEATED = "REPEATED"  # the same payment as another row's
    REJECTED = "REJECTED"  # no payment


class HeldDecision(StrEnum):
    """What a person decides about a row that was held."""

    ACCEPT = "ACCEPT"  # it is a payment of its own
    REPEAT = "REPEAT"  # it is the payment of the other row
    REJECT = "REJECT"  # it is no payment


HELD_OUTCOMES: Mapping[HeldDecision, HeldStatus] = {
    HeldDecision.ACCEPT: HeldStatus.ACCEPTED,
    HeldDecision.REPEAT: HeldStatus.REPEATED,
    HeldDecision.REJECT: HeldStatus.REJECTED,
}


class TenderEvent(StrEnum):
    """What a provider asks to do with a tender."""

    PERFORM = "PERFORM"
    CANCEL = "CANCEL"
    EXPIRE = "EXPIRE"


#: Every step a tender may take; what is not listed is refused.
TRANSITIONS: Mapping[tuple[TenderStatus, TenderEvent], TenderStatus] = {
    (TenderStatus.CREATED, TenderEvent.PERFORM): TenderStatus.PERFORMED,
    (TenderStatus.CREATED, TenderEvent.CANCEL): TenderStatus.CANCELLED,
    (TenderStatus.CREATED, TenderEvent.EXPIRE): TenderStatus.CANCELLED,
    (TenderStatus.PERFORMED, TenderEvent.CANCEL): TenderStatus.REVERSED,
}


def next_status(status: TenderStatus, event: TenderEvent) -> TenderStatus | None:
    """Return where the event leads, or None if it is refused."""
    return TRANSITIONS.get((status, event))


def near_misses(number: str) -> list[str]:
    """Return the numbers that a slip of the finger makes of one: a digit changed, dropped, doubled or two exchanged.

    >>> [wrong for wrong in ("1243", "124", "12345", "1239") if "1234" in near_misses(wrong)], near_misses("x")
    (['1243', '124', '12345', '1239'], [])
    """
    if not (number.isascii() and number.isdecimal() and len(number) <= 32):
        return []
    parts = [(number[:place], number[place:]) for place in range(len(number) + 1)]
    exchanged = [head + tail[1] + tail[0] + tail[2:] for head, tail in parts if len(tail) > 1]
    dropped = [head + tail[1:] for head, tail in parts if tail]
    changed = [head + digit + tail[1:] for head, tail in parts if tail for digit in "0123456789"]
    added = [head + digit + tail for head, tail in parts for digit in "0123456789"]
    return sorted({*exchanged, *dropped, *changed, *added})


_KEY = re.compile(r"(?:(.*)~[0-9a-f]{20}|[0-9a-f]{32})-[0-9]+(?:\+[0-9]+)?", re.DOTALL)


def payment_number(reference: str) -> str:
    """Return the number in a file payment's reference; a reference of a provider's call is its number.

    >>> payment_number("17~0123456789abcdef0123-2"), payment_number("0123456789abcdef0123456789abcdef-1"), payment_number("B17")
    ('17', '', 'B17')
    """
    key = _KEY.fullmatch(reference)
    return (key[1] or "") if key else reference
