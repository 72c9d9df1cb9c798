"""The portal of consumers: what its users may do with an account, how an access ends, and what a link is for."""

from collections.abc import Iterable
from enum import StrEnum


class PortalRight(StrEnum):
    """What a user of the portal may do with an account."""

    #: see the account: bills, payments, consumption, meters
    VIEW = "VIEW"
    #: open a payment
    PAY = "PAY"
    #: send readings
    READ = "READ"
    #: file applications
    APPLY = "APPLY"
    #: get tax invoices and statements, agree with a statement or object to it
    DOCUMENTS = "DOCUMENTS"
    #: let others in, and change the telephone and the language
    MANAGE = "MANAGE"


#: Rights of who proved to have the account's telephone.
ALL_RIGHTS = tuple(PortalRight)


class AccessEnd(StrEnum):
    """Why a user lost an account in the portal."""

    #: by himself
    LEFT = "LEFT"
    #: by who has the right MANAGE
    REMOVED = "REMOVED"
    #: by the staff
    STAFF = "STAFF"
    #: the user did not sign in for so long that the telephone may be another person's
    LAPSED = "LAPSED"


class LinkPurpose(StrEnum):
    """The one act that a link allows without a login."""

    PAY = "PAY"
    READING = "READING"
    PHONE = "PHONE"


class ReadingFate(StrEnum):
    """What became of a reading that a consumer sent."""

    TAKEN = "TAKEN"
    #: the office decides about it
    WAITING = "WAITING"
    #: the office asks to read the meter again, with a reason
    ASKED_AGAIN = "ASKED_AGAIN"
    #: another value was recorded in its place, by an inspector or the office
    REPLACED = "REPLACED"
    #: left out; the bill rests on an estimate
    ESTIMATED = "ESTIMATED"


#: Links that are used up by their act.
USED_ONCE = frozenset({LinkPurpose.READING, LinkPurpose.PHONE})


def ordered(rights: Iterable[str]) -> list[PortalRight]:
    """Return rights in their order, each once; the right to see comes with any other.

    >>> [str(right) for right in ordered(["PAY"])]
    ['VIEW', 'PAY']
    """
    chosen = {PortalRight(right) for right in rights} | {PortalRight.VIEW}
    return [right for right in PortalRight if right in chosen]
