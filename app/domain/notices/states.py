"""Messages: their states, what gateways and their receipts tell, and when a message is tried again."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple


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
    #: surely not sent: the receiver or the sender did not want it any more
    WITHDRAWN = "WITHDRAWN"
    #: the gateway says that the telephone got it, or the receiver opened it in the portal
    DELIVERED = "DELIVERED"
    #: the gateway took it and says that the telephone did not get it
    UNDELIVERED = "UNDELIVERED"


class NoticeChannel(StrEnum):
    """Which way a message goes."""

    SMS = "SMS"
    EMAIL = "EMAIL"
    #: shown in the portal; no gateway is needed
    PORTAL = "PORTAL"


class MessageGateway(StrEnum):
    """Whose protocol a contract about messages speaks."""

    ESKIZ = "ESKIZ"
    PLAYMOBILE = "PLAYMOBILE"


class ReceiptMeaning(StrEnum):
    """What a gateway's receipt says of a message."""

    DELIVERED = "DELIVERED"
    UNDELIVERED = "UNDELIVERED"
    #: on its way; nothing is known yet
    UNDER_WAY = "UNDER_WAY"
    #: no word of the gateway's protocol
    UNREADABLE = "UNREADABLE"


class ReceiptUse(StrEnum):
    """What was done with a receipt."""

    APPLIED = "APPLIED"
    #: it tells nothing that is not known, or came after a later one
    IGNORED = "IGNORED"
    #: no message of ours, or of another contract
    UNKNOWN = "UNKNOWN"


class LeftOut(StrEnum):
    """Why a consumer gets no SMS."""

    NOT_WANTED = "NOT_WANTED"
    NO_TELEPHONE = "NO_TELEPHONE"
    STOPPED = "STOPPED"
    #: another account of the campaign has the same number
    SAME_NUMBER = "SAME_NUMBER"


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


#: States from which a person may send a message again.
SENDABLE_AGAIN = frozenset({NoticeStatus.FAILED, NoticeStatus.IN_DOUBT, NoticeStatus.EXPIRED, NoticeStatus.UNDELIVERED})
#: States in which a gateway may still tell more; in the others a receipt is of no message that left.
_RECEIPTED = {
    ReceiptMeaning.DELIVERED: (NoticeStatus.SENDING, NoticeStatus.SENT, NoticeStatus.IN_DOUBT, NoticeStatus.UNDELIVERED),
    ReceiptMeaning.UNDELIVERED: (NoticeStatus.SENDING, NoticeStatus.SENT, NoticeStatus.IN_DOUBT),
}

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


def status_by_receipt(status: NoticeStatus, meaning: ReceiptMeaning) -> NoticeStatus | None:
    """Return the state of a message after a receipt, or None if the receipt changes nothing.

    Receipts come in any order and more than once; that a telephone got the message is final, and proves that it was sent.

    >>> str(status_by_receipt(NoticeStatus.IN_DOUBT, ReceiptMeaning.DELIVERED))
    'DELIVERED'
    >>> status_by_receipt(NoticeStatus.DELIVERED, ReceiptMeaning.UNDELIVERED)
    """
    return NoticeStatus(meaning) if status in _RECEIPTED.get(meaning, ()) else None
