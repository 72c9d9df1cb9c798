"""The only place that asks what time it is.

Billing thinks in days of Asia/Tashkent (UTC+5, no daylight saving); moments are aware and in UTC.
"""

from datetime import UTC, date, datetime

from app.domain.calendar import TASHKENT


def now() -> datetime:
    """Return this moment."""
    return datetime.now(UTC)


def now_ms() -> int:
    """Return this moment in milliseconds since 1970-01-01 UTC, as payment providers count."""
    return ms(now())


def ms(moment: datetime) -> int:
    """Return a moment in milliseconds since 1970-01-01 UTC."""
    return int(moment.timestamp() * 1000)


def today() -> date:
    """Return the day it is in Tashkent."""
    return day(now())


def day(moment: datetime) -> date:
    """Return the day a moment belongs to in Tashkent."""
    return moment.astimezone(TASHKENT).date()
