"""By which ways messages go now, and which may: quiet hours, the day's budget of a number, and the key in a gateway's addresses."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, time
from typing import NamedTuple

from app.domain.calendar import TASHKENT
from app.domain.notices.kinds import Urgency


class Way(NamedTuple):
    """What messages of a channel go by.

    :ivar most: the most messages in one call
    :ivar contract_id: None for what goes by no contract
    """

    provider: str
    most: int = 1
    contract_id: int | None = None
    part_price_tiyin: int = 0


class SendingRules(NamedTuple):
    """What may go now.

    :ivar least_urgent: messages less urgent wait
    :ivar day_began_at: since when the SMS of a number are counted
    :ivar number_budget: the most SMS a number gets in a day, without codes and answers
    """

    least_urgent: Urgency
    day_began_at: datetime
    number_budget: int


def rules_at(now: datetime, parameters: Mapping[str, int]) -> SendingRules:
    """Return what may go at a moment, by the operating parameters of messages.

    >>> from datetime import UTC
    >>> rules_at(datetime(2026, 12, 1, 18, 0, tzinfo=UTC), {"notices.quiet_from_hour": 21, "notices.quiet_to_hour": 8,
    ...     "notices.number_budget_day": 5}).least_urgent.name
    'ANSWER'
    """
    local = now.astimezone(TASHKENT)
    is_quiet = is_quiet_hour(local.hour, parameters["notices.quiet_from_hour"], parameters["notices.quiet_to_hour"])
    midnight = datetime.combine(local.date(), time(), TASHKENT)
    return SendingRules(Urgency.ANSWER if is_quiet else Urgency.MASS, midnight, parameters["notices.number_budget_day"])


def is_quiet_hour(hour: int, begins: int, ends: int) -> bool:
    """Tell whether an hour is quiet; hours that begin and end alike are none.

    >>> [is_quiet_hour(hour, 21, 8) for hour in (20, 21, 7, 8)], is_quiet_hour(3, 0, 0)
    ([False, True, True, False], False)
    """
    return begins <= hour < ends if begins <= ends else hour >= begins or hour < ends


def address_key(secret: str, contract_id: int) -> str:
    """Return what the addresses that a gateway calls end with: the contract's number and a word that only we can make."""
    word = hmac.new(secret.encode(), f"message-contract-{contract_id}".encode(), hashlib.sha256).hexdigest()
    return f"{contract_id}-{word[:40]}"


def contract_of_key(secret: str, key: str) -> int | None:
    """Return the number of the contract a gateway's address names, or None if the word is not ours.

    >>> contract_of_key("s", address_key("s", 7)), contract_of_key("s", "7-0"), contract_of_key("s", "x")
    (7, None, None)
    """
    number = key.partition("-")[0]
    if not (number.isascii() and number.isdecimal() and len(number) <= 18):
        return None
    return int(number) if hmac.compare_digest(address_key(secret, int(number)).encode(), key.encode(errors="replace")) else None
