"""Moments as payment channels write them: UTC+5 at all times, no zone in the text.

Tashkent kept other hours before 1992, so the zone of the calendar is not used here.
"""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

UTC_PLUS_5 = timezone(timedelta(hours=5))
ISO_LIKE = "%Y-%m-%d %H:%M:%S"
DOTTED = "%d.%m.%Y %H:%M:%S"


def decode(value: Any, *patterns: str) -> datetime | None:
    """Return the moment a text names, in UTC, or None if it fits no pattern to the letter.

    >>> read("2026-09-22 11:06:00", ISO_LIKE)
    datetime.datetime(2026, 9, 22, 6, 6, tzinfo=datetime.timezone.utc)
    """
    for pattern in patterns:
        try:
            local = datetime.strptime(value, pattern).replace(tzinfo=UTC_PLUS_5)
        except (TypeError, ValueError):
            continue
        # strptime is lenient with digits of other scripts, missing zeros and blanks.
        if local.strftime(pattern) == value:
            return local.astimezone(UTC)
    return None


def encode(moment: datetime) -> str:
    """Return a moment as ``YYYY-MM-DD HH:mm:ss`` in UTC+5; parts of a second are cut off.

    >>> written(datetime(2026, 9, 22, 6, 6, tzinfo=UTC))
    '2026-09-22 11:06:00'
    """
    assert moment.tzinfo is not None, moment
    return moment.astimezone(UTC_PLUS_5).strftime(ISO_LIKE)
