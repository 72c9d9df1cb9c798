"""The address that a mobile app of consumers calls: the services of the portal, by a token of each device. See ``docs/consumer-api.md``."""

from app.api.consumer import applications, information, legal, metering, money, sign_in, users
from app.api.consumer.calls import PREFIX, blueprint, error, limit_calls
from app.api.consumer.described import INTERFACE

__all__ = [
    "INTERFACE",
    "PREFIX",
    "applications",
    "blueprint",
    "error",
    "information",
    "legal",
    "limit_calls",
    "metering",
    "money",
    "sign_in",
    "users",
]
