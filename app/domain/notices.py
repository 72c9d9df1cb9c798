"""Messages: kinds, states, how long they are worth sending, when they are tried again, and their length in SMS parts."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

_GSM_SAFE = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_APOSTROPHES = str.maketrans({"ʻ": "'", "ʼ": "'", "‘": "'", "’": "'", "`": "'"})


class NoticeStatus(StrEnum):
    """Where a message stands."""

    QUEUED = "QUEUED"
    #: a worker hands it to the gateway now, or died while it did
    SENDING = "SENDING"
    #: the gateway took it and gave it a number, or a person says that it was sent
    SENT = "SENT"
    #: surely not sent, and not tried again
    FAILED = "FAILED"
    #: perhaps sent: a person decides
    IN_DOUBT = "IN_DOUBT"
    #: surely not sent: its last moment came first
    EXPIRED = "EXPIRED"


class NoticeKind(StrEnum):
    """What a message is about."""

    PORTAL_CODE = "PORTAL_CODE"
    MESSAGE = "MESSAGE"
    REPORT = "REPORT"
    VERIFICATION = "VERIFICATION"
    STAFF_PASSWORD = "STAFF_PASSWORD"  # noqa: S105 - a word, no password


class NoticeChannel(StrEnum):
    """Which way a message goes."""

    SMS = "SMS"
    EMAIL = "EMAIL"


class DeliveryOutcome(StrEnum):
    """What is known after a message was handed to a gateway."""

    SENT = "SENT"
    #: surely not sent, and the same message would be refused again
    REFUSED = "REFUSED"
    #: surely not sent; it may be tried again
    NOT_SENT = "NOT_SENT"
    UNKNOWN = "UNKNOWN"


class DeliveryProblem(StrEnum):
    """Why a message was not sent, or is not known to be sent."""

    NO_CONNECTION = "NO_CONNECTION"
    WRONG_CREDENTIALS = "WRONG_CREDENTIALS"
    BUSY = "BUSY"
    REFUSED = "REFUSED"
    NO_ANSWER = "NO_ANSWER"
    UNREADABLE_ANSWER = "UNREADABLE_ANSWER"
    WORKER_ENDED = "WORKER_ENDED"


class Attachment(NamedTuple):
    """A file that goes with a letter."""

    name: str
    media_type: str
    content: bytes


class Outgoing(NamedTuple):
    """A message as a gateway gets it.

    :ivar address: +998 and nine digits, or an e-mail address
    :ivar subject: empty for an SMS
    :ivar reference: our number of the message, the same for each attempt
    """

    address: str
    subject: str
    text: str
    reference: str
    attachment: Attachment | None = None


class Delivery(NamedTuple):
    """What a gateway made of a message.

    :ivar reference: the provider's number of the message, if it was sent
    :ivar detail: the provider's own words
    """

    outcome: DeliveryOutcome
    reference: str = ""
    problem: DeliveryProblem | None = None
    detail: str = ""


#: How long a message is worth sending; a code of the portal as long as it opens anything, which is an operating parameter.
LIFETIMES: Mapping[NoticeKind, timedelta] = {
    NoticeKind.MESSAGE: timedelta(days=3),
    NoticeKind.REPORT: timedelta(days=3),
    NoticeKind.VERIFICATION: timedelta(days=14),
    NoticeKind.STAFF_PASSWORD: timedelta(days=1),
}

#: States from which a person may send a message again.
SENDABLE_AGAIN = frozenset({NoticeStatus.FAILED, NoticeStatus.IN_DOUBT, NoticeStatus.EXPIRED})

_FIRST_DELAY, _LONGEST_DELAY = timedelta(seconds=30), timedelta(hours=6)


def retry_delay(attempts: int) -> timedelta:
    """Return how long to wait after so many failed attempts: four times longer each time, at most six hours.

    >>> [str(retry_delay(number)) for number in (1, 2, 3, 9)]
    ['0:00:30', '0:02:00', '0:08:00', '6:00:00']
    """
    assert attempts >= 1
    return min(_FIRST_DELAY * (1 << 2 * min(attempts - 1, 9)), _LONGEST_DELAY)


def status_after(delivery: Delivery, *, attempts: int, now: datetime, expires_at: datetime) -> tuple[NoticeStatus, datetime]:
    """Return the state of a message after an attempt, and when it is tried again (or now).

    A message whose next attempt would come too late has failed: its reason is known, and waiting would not change it.
    """
    if delivery.outcome == DeliveryOutcome.NOT_SENT:
        due_at = now + retry_delay(attempts)
        return (NoticeStatus.QUEUED, due_at) if due_at < expires_at else (NoticeStatus.FAILED, now)
    ends = {
        DeliveryOutcome.SENT: NoticeStatus.SENT,
        DeliveryOutcome.REFUSED: NoticeStatus.FAILED,
        DeliveryOutcome.UNKNOWN: NoticeStatus.IN_DOUBT,
    }
    return ends[delivery.outcome], now


def sms_text(text: str) -> str:
    """Return the text with plain apostrophes, so that Uzbek Latin stays in the cheap alphabet of SMS.

    >>> sms_text("toʻlov")
    "to'lov"
    """
    return text.translate(_APOSTROPHES)


def sms_parts(text: str) -> int:
    """Return how many SMS a text takes: 160 or 153 plain characters a part, 70 or 67 with any other letter."""
    single, several = (160, 153) if set(text) <= _GSM_SAFE else (70, 67)
    return 1 if len(text) <= single else -(-len(text) // several)
